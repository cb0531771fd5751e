"""What a revision's sign-offs are called in its case.

The decision of a letter's only signatory is `signoff.json`, that of one of several
`signoff-<k>.json` with the signatory's number; an approval that had to be confirmed is
followed by its confirmations, numbered on.
"""

from __future__ import annotations

from letters.decisions import Part

SIGN_OFF_NAME = r"(signoff(-[1-9]\d*)?|confirmation(-[1-9]\d*){1,2})\.json"
"""What every sign-off within a revision's folder is called."""


def sign_off_name(revision: int, signatory: int | None) -> str:
    """Name the decision for a signatory; None for the only one."""
    return f"r{revision}/signoff{_of(signatory)}.json"


def confirmation_name(revision: int, signatory: int | None, number: int) -> str:
    """Name a confirmation of an approval: from 1, the latest counts."""
    return f"r{revision}/confirmation{_of(signatory)}-{number}.json"


def names_of(revision: int, part: Part) -> list[str]:
    """Name the sign-offs of a part, the decision first."""
    later = range(1, len(part.sign_offs))
    names = [confirmation_name(revision, part.number, number) for number in later]
    return [sign_off_name(revision, part.number), *names] if part.sign_offs else []


def _of(signatory: int | None) -> str:
    return "" if signatory is None else f"-{signatory}"
