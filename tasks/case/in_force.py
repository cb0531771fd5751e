"""The letter of a case that holds: issued, and neither replaced nor withdrawn.

Which issue stands is for `rounds.py`; this reads its words, where the chain vouches for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import takewhile
from typing import NamedTuple

from letters.letter import Letter
from tasks.case.case import Case, CaseDamaged
from tasks.case.rounds import Rounds


class InForce(NamedTuple):
    """The revision that holds, and its words."""

    revision: int
    letter: Letter
    first_dated: date
    """Of the letter as it was issued first: a correction may bear a day of its own."""


def letter_in_force(case: Case) -> InForce | None:
    """Read the letter that a case issued, if it did and has not withdrawn it.

    One that is held back has not been issued. Raises CaseDamaged where it isn't the one
    that its chain names.
    """
    rounds = case.rounds()
    issue = rounds.in_force()
    if issue is None or rounds.hold_of(issue.revision) is not None:
        return None
    letter = _issued(case, issue.revision)
    if _is_withdrawal(letter):
        return None
    return InForce(issue.revision, letter, _first_dated(case, rounds) or letter.date)


def is_withdrawn(case: Case) -> bool:
    """Whether a case's letter was issued and then withdrawn. Raises CaseDamaged."""
    issue = case.rounds().in_force()
    return issue is not None and _is_withdrawal(_issued(case, issue.revision))


def first_dated(case: Case) -> date | None:
    """Tell the day of a case's letter as it was issued first; None before. Raises CaseDamaged."""
    return _first_dated(case, case.rounds())


def letters_before(case: Case, revision: int) -> list[Letter]:
    """Read the letters that a case issued before a revision, in order. Raises CaseDamaged."""
    earlier = takewhile(lambda one: one < revision, _revisions_sent(case, case.rounds()))
    return [_issued(case, one) for one in earlier]


def _first_dated(case: Case, rounds: Rounds) -> date | None:
    first = next(_revisions_sent(case, rounds), None)
    return None if first is None else _issued(case, first).date


def _revisions_sent(case: Case, rounds: Rounds) -> Iterator[int]:
    return (
        issue.revision
        for issue in rounds.issues
        # What was held until its date no longer fitted was never sent.
        if case.has_manifest(issue.revision)
        and rounds.hold_of(issue.revision) is None
        and rounds.replaced_by(issue.revision) != "new-date"
    )


def _issued(case: Case, revision: int) -> Letter:
    name = f"r{revision}/letter.json"
    data = case.find_vouched(name)
    if data is None:
        raise CaseDamaged(
            "The letter isn't the one that was issued: its areas can't be told.",
            where=case.key(name),
            remedy=f"Run `letters verify {case.reference}` to see what was altered.",
        )
    return Letter.model_validate_json(data)


def _is_withdrawal(letter: Letter) -> bool:
    return letter.replaces is not None and letter.replaces.kind == "withdrawal"
