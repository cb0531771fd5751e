"""Who is written to, who gets a copy, who signs, and whether they are called rightly.

Whether the register has their posts and addresses is found while composing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from letters.kind import Kind
from letters.letter import Letter, day_in_words
from letters.printed_name import greeting_of, parse_name
from letters.problem import Problem
from letters.register import Register


def addressee_roles_missing(letter: Letter, kind: Kind) -> Iterator[Problem]:
    """Find posts that the kind addresses and the letter doesn't. Source: the kind's file."""
    present = {addressee.role for addressee in letter.addressees}
    for role in kind.addressee_roles:
        if role not in present:
            yield Problem(
                code="addressee-role-missing",
                place="addressees",
                message=f"The letter must be addressed to the {_post(role)}. Add the addressee.",
            )


def copy_roles_missing(letter: Letter, kind: Kind) -> Iterator[Problem]:
    """Find posts that get a copy but are not on the list. Source: the kind's file."""
    present = {copy.role for copy in letter.copies}
    for role in kind.copy_roles:
        if role not in present:
            yield Problem(
                code="copy-role-missing",
                place="copies",
                message=f"The {_post(role)} is not on the copy list. Add a line with role and "
                "name as contacts.csv has them.",
            )


def salutation_of_another(letter: Letter) -> Iterator[Problem]:
    """Find a salutation that greets someone else than the addressees.

    A title with another surname, or another title, is certainly wrong; a
    forename may be a short form, so that it only calls for a look. Source:
    English usage; published letters greet both by title and by forename.
    """
    addressees = [parse_name(addressee.name) for addressee in letter.addressees]
    expected = f"Dear {greeting_of([addressee.name for addressee in letter.addressees])}"
    dear, _, greeted = letter.salutation.strip().rstrip(",").partition(" ")
    names = [parse_name(name) for name in re.split(r",\s*|\s+and\s+", greeted) if name.strip()]
    titled = [name for name in names if name.titles]
    # Several may be greeted together: "Dear local partnership".
    by_forename = [] if len(addressees) > 1 else [name for name in names if not name.titles]
    if any(not any(a.is_greeted_as(name) for a in addressees) for name in titled):
        yield Problem(
            code="salutation-of-another",
            place="salutation",
            message=f"“{letter.salutation}” doesn't greet "
            f"{' and '.join(addressee.name for addressee in letter.addressees)}. "
            f"Expected: “{expected}”.",
        )
    elif (
        dear != "Dear"
        or not names
        or any(not set(name.words) <= set(addressees[0].words) for name in by_forename)
    ):
        yield Problem(
            code="salutation-unusual",
            place="salutation",
            message=f"See whether “{letter.salutation}” is meant. Expected: “{expected}”.",
            is_blocking=False,
        )


def signatories_unknown(letter: Letter, register: Register) -> Iterator[Problem]:
    """Find signatories who are no inspectors of the register, by exact printed name.

    Source: only an enrolled inspector can sign off (DESIGN.md §6).
    """
    for number, signatory in enumerate(letter.signatories, start=1):
        if register.inspector_named(signatory.name) is None:
            known = ", ".join(inspector.name for inspector in register.inspectors)
            yield Problem(
                code="signatory-unknown",
                place=f"signatories/{number}",
                message=f"The register has no inspector named “{signatory.name}” (it has: "
                f"{known or 'none'}). Correct the name, letter for letter, or add the inspector "
                "to inspectors.toml.",
            )


def signatory_titles(letter: Letter, kind: Kind) -> Iterator[Problem]:
    """Find titles that inspectors don't bear on the letter's day. Source: the kind's file.

    Inspectors are Her Majesty's until 8 September 2022, His Majesty's after.
    """
    if not kind.signatory_titles:
        return
    allowed = kind.titles_on(letter.date)
    for number, signatory in enumerate(letter.signatories, start=1):
        if signatory.title.replace("’", "'") not in (a.replace("’", "'") for a in allowed):
            yield Problem(
                code="signatory-title",
                place=f"signatories/{number}",
                message=f"On {day_in_words(letter.date)} {signatory.name} doesn't sign as "
                f"“{signatory.title}”. Write: {' or '.join(allowed) or 'see the kind file'}.",
            )


def _post(role: str) -> str:
    return f"{role.replace('-', ' ')} (role “{role}”)"
