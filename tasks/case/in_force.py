"""The letter of a case that holds: issued, and neither replaced nor withdrawn.

Which issue stands is for `rounds.py`; this reads its words, where the chain vouches for them.
"""

from __future__ import annotations

from typing import NamedTuple

from letters.letter import Letter
from tasks.case.case import Case, CaseDamaged


class InForce(NamedTuple):
    """The revision that holds, and its words."""

    revision: int
    letter: Letter


def letter_in_force(case: Case) -> InForce | None:
    """Read the letter that a case issued, if it did and has not withdrawn it.

    Raises CaseDamaged where it isn't the one that its chain names.
    """
    issue = case.rounds().in_force()
    if issue is None:
        return None
    name = f"r{issue.revision}/letter.json"
    data = case.find_vouched(name)
    if data is None:
        raise CaseDamaged(
            "The letter isn't the one that was issued: its areas can't be told.",
            where=case.key(name),
            remedy=f"Run `letters verify {case.reference}` to see what was altered.",
        )
    letter = Letter.model_validate_json(data)
    is_withdrawn = letter.replaces is not None and letter.replaces.kind == "withdrawal"
    return None if is_withdrawn else InForce(issue.revision, letter)
