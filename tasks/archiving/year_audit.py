"""What the archive tells of a year's letters, for a report that anyone can make again.

Reads the cases and the ledger, nothing else: no register, no Prefect, no clock. The same
archive gives the same rows. A case of which anything told here isn't as its chain names
it becomes a damaged row, and is in no figure; what else may be wrong with an archive
only `letters verify` finds. What is told of one letter is for `year_letter.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from letters.errors import LettersError, TransientError
from letters.year import DISPOSED, DamagedRow, YearAudit
from tasks.archiving.year_ledger import YearLedger, read_year_ledger, year_of
from tasks.archiving.year_letter import END_OF_TIME, LetterTold, tell_letter, without_addresses
from tasks.case.case import Case, CaseDamaged
from tasks.case.office import Office

T = TypeVar("T")


def audit_year(office: Office, year: int) -> YearAudit:
    """Read all letters of a year, by the first day of their inspection.

    The ledger is read from the year's beginning on. Raises the errors of a store that can't
    be reached, and of a ledger that isn't whole: by it the report says as of when it speaks.
    """
    office = as_archived(office)
    ledger = read_year_ledger(office, year)
    lying = (key.split("/")[3] for key in office.store.list(f"cases/{year:04d}/"))
    names = {*lying, *ledger.letters}
    told: list[LetterTold] = []
    damaged: list[DamagedRow] = []
    for reference in sorted(name for name in names if year_of(name) == year):
        one = told_or_damaged(Case(office, reference), tell_letter, ledger)
        if isinstance(one, DamagedRow):
            damaged.append(one)
        elif one is not None:
            told.append(one)
    return YearAudit(
        year=year,
        as_of=ledger.as_of,
        letters=tuple(one.letter for one in told),
        decisions=tuple(row for one in told for row in one.decisions),
        steps=tuple(row for one in told for row in one.steps),
        damaged=tuple(damaged),
    )


def as_archived(office: Office) -> Office:
    """Return an office, to be read only, that tells the same of its cases at every moment."""
    # Chains opened with that clock must not be shared with what writes to them.
    return replace(office, clock=lambda: END_OF_TIME, _chains=type(office._chains)())


def told_or_damaged(
    case: Case, tell: Callable[[Case], T | None], ledger: YearLedger
) -> T | DamagedRow | None:
    """Tell of a letter, or why it can't be told of; None where there is none yet.

    A certificate of disposal excuses that something is gone, and nothing else. Raises the
    errors of a store that can't be reached.
    """
    reference = case.reference
    try:
        return tell(case)
    except TransientError:
        raise
    except LettersError as error:
        is_gone = (
            isinstance(error, CaseDamaged)
            and error.where in case.recorded()
            and not case.store.exists(error.where)
        )
        number = ledger.certificate_of(case.office, reference) if is_gone else None
        if number is None:
            return _damaged(reference, error.code, error.message, error.where)
        said = f"Disposed of, wholly or in part: certificate {number}."
        return _damaged(reference, DISPOSED, said)
    except (ValueError, KeyError, TypeError) as error:
        # Its chain names what lies there, and yet no step of this product wrote it.
        said = f"Something of it can't be read ({type(error).__name__})."
        return _damaged(reference, "case-damaged", said)


def _damaged(reference: str, code: str, message: str, where: str = "") -> DamagedRow:
    return DamagedRow(
        reference=reference, code=code, message=without_addresses(message), where=where
    )
