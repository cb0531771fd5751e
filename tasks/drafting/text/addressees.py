"""Who a letter in plain text is written to: names, posts and addresses.

Names and roles are asked of the register; a role it doesn't tell is the kind's, where the
post says it or the kind has no other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from letters.kind import Kind
from letters.letter import Addressee, Authority
from letters.register import Register
from tasks.drafting.text.head import Group
from tasks.drafting.text.layout import Layout
from tasks.drafting.text.lines import SourceLine
from tasks.drafting.text.notes import Notes
from tasks.drafting.text.words import begins_with, plain, positions_of

_DIRECTOR = "director"


class _Person(NamedTuple):
    """The lines of one addressee as they stand, the name's apart."""

    name: str
    others: tuple[str, ...]
    is_unclear: bool
    """Whether the name doesn't stand first."""
    lines: tuple[SourceLine, ...]


def read_addressees(
    groups: Sequence[Group],
    *,
    register: Register,
    authority: Authority | None,
    kind: Kind | None,
    layout: Layout,
    notes: Notes,
) -> tuple[Addressee, ...]:
    """Read each addressee's name, post and address."""
    contacts = register.contacts_for(authority.code) if authority else register.contacts
    role_of = {plain(contact.name): contact.role for contact in contacts}
    roles = kind.addressee_roles if kind and kind.addressee_roles else (_DIRECTOR,)
    if len(groups) == 1 and _is_list_of_people(groups[0]):
        people = _listed(groups[0], [contact.name for contact in contacts], layout)
        if any(plain(person.name) not in role_of for person in people):
            notes.doubt(
                "addressees-run-together",
                "addressees",
                read=" / ".join(line.text for line in groups[0]),
                proposed=" // ".join(" / ".join((each.name, *each.others)) for each in people),
            )
    else:
        people = [_person(group, role_of, roles) for group in groups]
    return tuple(
        _addressee(person, f"addressees/{number}", role_of, roles, notes)
        for number, person in enumerate(people, start=1)
    )


def _addressee(
    person: _Person, place: str, role_of: Mapping[str, str], roles: Sequence[str], notes: Notes
) -> Addressee:
    notes.stood(place, person.lines)
    if person.is_unclear:
        notes.doubt(
            "addressee-unclear",
            place,
            read=" / ".join(line.text for line in person.lines),
            proposed=f"The name is {person.name}, and stands first.",
        )
    role = role_of.get(plain(person.name), "")
    if not role:
        told = _role_said(person.others, roles) or (roles[0] if len(roles) == 1 else "")
        role = told or roles[0]
        notes.doubt(
            "addressee-role-inferred" if told else "addressee-role-unknown",
            place,
            read=" / ".join((person.name, *person.others[:1])),
            proposed=f"The {role.replace('-', ' ')}: the register doesn't know the name.",
        )
    return Addressee(role=role, name=person.name, lines=person.others)


def _person(group: Group, role_of: Mapping[str, str], roles: Sequence[str]) -> _Person:
    """Find the name in an address: the register's, else the first line that says no post."""
    texts = [line.text for line in group]
    at = next((n for n, text in enumerate(texts) if plain(text) in role_of), None)
    if at is None:
        at = next((n for n, text in enumerate(texts) if not _role_said([text], roles)), 0)
    return _Person(texts[at], tuple(texts[:at] + texts[at + 1 :]), at > 0, group)


def _is_list_of_people(lines: Sequence[SourceLine]) -> bool:
    """Whether most lines are `Name, post, organisation`."""
    with_comma = sum("," in line.text for line in lines)
    return "," in lines[0].text and with_comma > max(2, 0.7 * len(lines))


def _listed(lines: Sequence[SourceLine], known: Sequence[str], layout: Layout) -> list[_Person]:
    """Read a list of one person a line, wrapped lines joined."""
    people: list[list[SourceLine]] = []
    for line in lines:
        is_known = any(begins_with(line.text, name) for name in known)
        goes_on = bool(people) and not layout.breaks_early(people[-1][-1], line)
        if goes_on and not is_known and "," not in line.text:
            people[-1].append(line)
        else:
            people.append([line])
    found = []
    for person in people:
        text = " ".join(line.text for line in person)
        name = max((each for each in known if begins_with(text, each)), key=len, default="")
        end = len(name) or len(text.partition(",")[0])
        post = text[end:].strip(" ,")
        found.append(_Person(text[:end], (post,) if post else (), False, tuple(person)))
    return found


def _role_said(texts: Sequence[str], roles: Sequence[str]) -> str:
    """Find the role of the kind that a post names, the longest where it names several."""
    said = [
        role
        for role in roles
        for text in texts
        if positions_of(role.replace("-", " "), plain(text))
    ]
    return max(said, key=len, default="")
