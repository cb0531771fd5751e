"""Who gets the letter: its addressees and copies, found in the register.

A draft names people, never addresses. A holder counts only where role and
printed name both agree with the register. What a recipient is, is
`letters.recipient`'s.
"""

from __future__ import annotations

from collections.abc import Iterable

from letters.letter import Addressee, Authority
from letters.problem import Problem
from letters.reading import CopyLine
from letters.recipient import Recipient, normalised_address
from letters.register import Register


def find_recipients(
    addressees: Iterable[Addressee],
    copies: Iterable[CopyLine],
    *,
    register: Register,
    authority: Authority,
) -> tuple[tuple[Recipient, ...], tuple[Problem, ...]]:
    """Find everyone's address, addressees first; what can't be written to is a problem."""
    recipients: list[Recipient] = []
    problems: list[Problem] = []
    holder_of: dict[str, str] = {}
    posts = (
        *((f"addressees/{n}", a.role, a.name) for n, a in enumerate(addressees, start=1)),
        *((f"copies/{n}", c.role, c.name) for n, c in enumerate(copies, start=1)),
    )
    for place, role, name in posts:
        contact = register.contact(authority.code, role, name)
        if not role or not name:
            problems.append(
                Problem(
                    code="recipient-unclear",
                    place=place,
                    message=(
                        "The draft doesn't say who this is. Give the role and the name that "
                        "contacts.csv has."
                    ),
                )
            )
        elif contact is None:
            problems.append(_not_in_register(place, role, name, register, authority))
        elif contact.email is None:
            row = _row(contact.authority, role, name, "")
            problems.append(
                Problem(
                    code="recipient-without-address",
                    place=place,
                    message=(
                        f"The register has no e-mail address for {name}. In contacts.csv, fill in "
                        f"the column email of the row: {row}"
                    ),
                )
            )
        elif (address := normalised_address(contact.email)) in holder_of:
            problems.append(
                Problem(
                    code="recipient-twice",
                    place=place,
                    message=(
                        f"{name} has the same e-mail address in contacts.csv as "
                        f"{holder_of[address]}, and would get the letter twice. Correct the "
                        "address, or take one of the two out of the draft."
                    ),
                )
            )
        else:
            holder_of[address] = name
            taken = {recipient.id for recipient in recipients}
            recipients.append(
                Recipient(id=unused(role, taken), role=role, name=name, email=contact.email)
            )
    return tuple(recipients), tuple(problems)


def unused(slug: str, taken: Iterable[str]) -> str:
    """Return `slug`, or the first of `slug-2`, `slug-3` … that is not taken."""
    taken = set(taken)
    if slug not in taken:
        return slug
    number = 2
    while f"{slug}-{number}" in taken:
        number += 1
    return f"{slug}-{number}"


def _not_in_register(
    place: str, role: str, name: str, register: Register, authority: Authority
) -> Problem:
    holders = [c.name for c in register.contacts_for(authority.code) if c.role == role]
    known = (
        f"there it is held by {' and '.join(holders)}" if holders else "there it isn't held at all"
    )
    return Problem(
        code="recipient-not-in-register",
        place=place,
        message=(
            f"“{name}” doesn't hold the post “{role}” for {authority.name} in the register; "
            f"{known}. Correct the name in the draft, letter for letter, or add to contacts.csv "
            f"the row: {_row(authority.code, role, name, '<e-mail address>')}"
        ),
    )


def _row(*cells: str) -> str:
    """Write a row as it stands in contacts.csv (RFC 4180: commas and quotes are quoted)."""
    quoted = (f'"{c.replace(chr(34), chr(34) * 2)}"' if set(c) & set(',"') else c for c in cells)
    return ",".join(quoted)
