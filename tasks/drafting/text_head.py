"""The head of a letter in plain text: letterhead, date, addressees, salutation.

The letterhead is the office's own and printed from its settings: what the draft
has of it is set aside. Who the addressees are is asked of the register.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from letters.dates import looks_like_day, parse_day
from letters.kind import Kind
from letters.letter import Addressee, Authority
from letters.register import Register
from tasks.drafting.text_lines import Block, Layout, SourceLine, blocks_of
from tasks.drafting.text_notes import Notes
from tasks.drafting.text_words import near_word, plain

SALUTATION = re.compile(r"Dear\b.{0,200}")

_CONTACT = re.compile(
    r"\S@\S|\bwww\.|\bTextphone\b|\b(?:T|F|Tel|Telephone|Fax)[.:]? ?[+(]?\d{3}", re.IGNORECASE
)
_COLUMNS = re.compile(r"\S+(?: \S+)*")
_LETTERHEAD_WORD = re.compile(r"[^\W\d_]{8,30}")
_MOST_LETTERHEAD_LINES = 40
_SHORTEST_ADDRESS_LINES = 3


class Head(NamedTuple):
    """What stands before the subject; each group of lines is one addressee's, or several'."""

    date: str
    groups: tuple[tuple[SourceLine, ...], ...]
    salutation: str
    letterhead: tuple[SourceLine, ...]


def find_salutation(lines: Sequence[SourceLine]) -> int | None:
    """Find the line that greets."""
    return next((n for n, line in enumerate(lines) if SALUTATION.fullmatch(line.text)), None)


def read_head(lines: Sequence[SourceLine], salutation: str, notes: Notes) -> Head:
    """Read the lines before the salutation."""
    at = next((n for n, line in enumerate(lines) if looks_like_day(line.text)), None)
    date = lines[at].text if at is not None else ""
    if date and parse_day(date) is None:
        notes.doubt("date-unclear", "date", read=date, proposed="The letter's date, as it stands.")
    before = blocks_of(lines if at is None else lines[:at])
    after = blocks_of(() if at is None else lines[at + 1 :])
    last = max((n for n, block in enumerate(before) if _is_letterhead(block)), default=-1)
    letterhead = [line for block in before[: last + 1] for line in block.lines]
    rest = before[last + 1 :]
    if rest and after:
        if sum(len(block.lines) for block in after) >= _SHORTEST_ADDRESS_LINES:
            letterhead += [line for block in rest for line in block.lines]
            rest = []
        else:
            lines_of_both = tuple(line for block in (*rest, *after) for line in block.lines)
            notes.doubt(
                "addressee-unclear",
                "addressees/1",
                read=" / ".join(line.text for line in lines_of_both),
                proposed="One address: lines above and below the date.",
            )
            rest, after = [Block(lines_of_both, is_after_gap=False)], []
    groups = [_without_contact_lines(block, notes) for block in (*rest, *after)]
    for line in letterhead:
        notes.leave(line.number, line.text)
    return Head(date, tuple(group for group in groups if group), salutation, tuple(letterhead))


def doubt_letterhead(
    letterhead: Sequence[SourceLine], vocabulary: frozenset[str], notes: Notes
) -> None:
    """Note what was set aside as the letterhead, and what is wrong with it."""
    if not letterhead:
        return
    notes.doubt(
        "letterhead-removed",
        "letterhead",
        read=" / ".join(line.text for line in letterhead),
        proposed="The office's own letterhead is printed instead.",
    )
    for line in letterhead:
        if not line.has_columns and len(_CONTACT.findall(line.text)) > 2:
            notes.doubt(
                "letterhead-run-together",
                "letterhead",
                read=line.text,
                proposed="Several lines of the letterhead, run together in the source.",
            )
    for line in letterhead[:_MOST_LETTERHEAD_LINES]:
        for match in _LETTERHEAD_WORD.finditer(line.text):
            if known := near_word(match[0], vocabulary):
                notes.doubt(
                    "letterhead-misspelt",
                    "letterhead",
                    read=line.text,
                    proposed=f"“{match[0]}” may be meant as “{known}”: nothing was corrected.",
                )


def _is_letterhead(block: Block) -> bool:
    return any(_CONTACT.search(line.text) for line in block.lines)


def _without_contact_lines(block: Block, notes: Notes) -> tuple[SourceLine, ...]:
    kept = []
    for line in block.lines:
        if _CONTACT.search(line.text):
            notes.leave(line.number, line.text)
            notes.doubt(
                "contact-line-removed",
                "addressees",
                read=line.text,
                proposed="Left out: a letter carries no telephone numbers or e-mail addresses.",
            )
        else:
            kept.append(line)
    return tuple(kept)


def read_addressees(
    head: Head,
    *,
    register: Register,
    authority: Authority | None,
    kind: Kind | None,
    layout: Layout,
    notes: Notes,
) -> tuple[Addressee, ...]:
    """Read each addressee's name, post and address; the register knows the roles."""
    groups = [tuple(line.text for line in group) for group in head.groups]
    if len(groups) == 1 and _is_list_of_people(groups[0]):
        people = _people(head.groups[0], layout)
        groups = [tuple(part.strip() for part in person.split(",", 1)) for person in people]
        notes.doubt(
            "addressees-run-together",
            "addressees",
            read=" / ".join(people),
            proposed=f"{len(people)} addressees, one a line, the post below the name.",
        )
    contacts = register.contacts_for(authority.code) if authority else register.contacts
    roles = {plain(contact.name): contact.role for contact in contacts}
    default = kind.addressee_roles[0] if kind and kind.addressee_roles else "director"
    addressees = []
    for number, group in enumerate(groups, start=1):
        place = f"addressees/{number}"
        at = next((n for n, line in enumerate(group) if plain(line) in roles), None)
        if at is None:
            notes.doubt(
                "addressee-role-unknown",
                place,
                read=" / ".join(group[:2]),
                proposed=f"The {default.replace('-', ' ')}: the register doesn't know the name.",
            )
        elif at > 0:
            notes.doubt(
                "addressee-unclear",
                place,
                read=" / ".join(group),
                proposed=f"The name is {group[at]}, and stands first.",
            )
        name = group[at or 0]
        lines = tuple(line for n, line in enumerate(group) if n != (at or 0) and line)
        role = roles.get(plain(name), default)
        addressees.append(Addressee(role=role, name=name, lines=lines))
    return tuple(addressees)


def _is_list_of_people(lines: Sequence[str]) -> bool:
    """Whether most lines are `Name, post, organisation`."""
    return "," in lines[0] and sum("," in line for line in lines) > max(2, 0.7 * len(lines))


def _people(lines: Sequence[SourceLine], layout: Layout) -> list[str]:
    people: list[str] = []
    for number, line in enumerate(lines):
        if people and "," not in line.text and not layout.breaks_early(lines[number - 1], line):
            people[-1] = f"{people[-1]} {line.text}"
        else:
            people.append(line.text)
    return people
