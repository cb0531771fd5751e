"""What the archive tells of a year's letters, for a report that anyone can make again.

Reads the cases and the ledger, nothing else: no register, no Prefect, no clock. The same
archive gives the same rows. A case of which anything told here isn't as its chain names
it becomes a damaged row, and is in no figure; what else may be wrong with an archive
only `letters verify` finds. What is told of one letter is for `year_letter.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from letters.audit import AuditEntry
from letters.errors import LettersError, TransientError, UsageError
from letters.reference import Reference
from letters.year import DISPOSED, AsOf, DamagedRow, YearAudit
from tasks.archiving.anchors import SENT, STAMPED
from tasks.archiving.certificates import certificates
from tasks.archiving.year_letter import END_OF_TIME, LetterTold, tell_letter, without_addresses
from tasks.case.case import Case
from tasks.case.chain import Chain
from tasks.case.ledger import ledger_of
from tasks.case.office import Office


def audit_year(office: Office, year: int) -> YearAudit:
    """Read all letters of a year, by the first day of their inspection.

    Raises the errors of a store that can't be reached, and of a ledger that isn't whole: by
    it the report says as of when it speaks.
    """
    office = _as_archived(office)
    ledger = ledger_of(office)
    ledger.require_whole()
    entries = ledger.entries()
    told: list[LetterTold] = []
    damaged: list[DamagedRow] = []
    disposed = {each.proposal.of: each for each in certificates(office)}
    for reference in _references(office, entries, year):
        try:
            one = tell_letter(Case(office, reference))
        except TransientError:
            raise
        except LettersError as error:
            if reference in disposed:
                said = f"Disposed of, wholly or in part: certificate {disposed[reference].number}."
                damaged.append(_damaged(reference, DISPOSED, said))
                continue
            damaged.append(_damaged(reference, error.code, error.message, error.where))
        except (ValueError, KeyError, TypeError) as error:
            # Its chain names what lies there, and yet no step of this product wrote it.
            said = f"Something of it can't be read ({type(error).__name__})."
            damaged.append(_damaged(reference, "case-damaged", said))
        else:
            told += () if one is None else (one,)
    return YearAudit(
        year=year,
        as_of=_as_of(ledger, entries),
        letters=tuple(one.letter for one in told),
        decisions=tuple(row for one in told for row in one.decisions),
        steps=tuple(row for one in told for row in one.steps),
        damaged=tuple(damaged),
    )


def _as_archived(office: Office) -> Office:
    """Return an office, to be read only, that tells the same of its cases at every moment."""
    # Chains opened with that clock must not be shared with what writes to them.
    return replace(office, clock=lambda: END_OF_TIME, _chains=type(office._chains)())


def _as_of(ledger: Chain, entries: list[AuditEntry]) -> AsOf:
    if not entries:
        return AsOf()
    seq, head = ledger.head()
    sent = [
        entry.at
        for entry in entries
        if entry.event == STAMPED
        or (entry.event == SENT and entry.detail.get("result") == "accepted")
    ]
    return AsOf(seq=seq, head=head, at=entries[-1].at, anchored_at=max(sent, default=None))


def _references(office: Office, ledger: Iterable[AuditEntry], year: int) -> list[str]:
    """Name the letters that lie in a year's folder, and those of which the ledger knows."""
    lying = (key.split("/")[3] for key in office.store.list(f"cases/{year:04d}/"))
    known = (str(entry.detail.get("reference", "")) for entry in ledger)
    return sorted(name for name in {*lying, *known} if _is_of(name, year))


def _is_of(name: str, year: int) -> bool:
    try:
        return Reference.parse(name).year == f"{year:04d}"
    except UsageError:
        return False


def _damaged(reference: str, code: str, message: str, where: str = "") -> DamagedRow:
    return DamagedRow(
        reference=reference, code=code, message=without_addresses(message), where=where
    )
