"""What the ledger tells of a year's letters: which there are, and what became of them lately.

Reads the ledger from the year's beginning, or from where a summary of the year before
says that it was read: never what came before that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from letters.audit import AuditEntry
from letters.canonical import sha256_hex
from letters.errors import UsageError
from letters.letter import Frozen
from letters.reference import Reference
from letters.review import DisposedBy
from letters.year import AsOf
from tasks.archiving.anchors import SENT, STAMPED
from tasks.archiving.certificates import COMPLETED, DISPOSED, PROPOSED
from tasks.archiving.review.keep import REVIEWED
from tasks.archiving.runs import NAME as RUN_NAME
from tasks.case.ledger import ledger_of
from tasks.case.office import Office

LEEWAY = timedelta(days=31)
"""How much earlier than its year a letter may be drafted, and clocks of machines may differ."""

NO_CHANGE = frozenset({PROPOSED, DISPOSED, COMPLETED})
"""Entries about a letter that change nothing of what was told of it."""


class YearLedger(Frozen):
    """What the ledger told, as far as it was read."""

    year: int
    after: int
    """The last entry that was not read."""
    as_of: AsOf
    letters: tuple[str, ...] = ()
    """The year's, in order."""
    ahead: tuple[str, ...] = ()
    """Those of later years."""
    touched: dict[str, int]
    """Letters of the year and of earlier ones, each with the last entry that changed it."""
    disposed: dict[str, DisposedBy]
    """Letters of which something was disposed of, those of later years among them."""
    reviewed: dict[int, str]
    """Years of which a summary was kept, each with the hash of the last."""

    def certificate_of(self, office: Office, reference: str) -> int | None:
        """Find the number of the certificate by which something of a letter went."""
        by = self.disposed.get(reference)
        data = None if by is None else office.store.find(by.key)
        is_so = by is not None and data is not None and sha256_hex(data) == by.sha256
        return by.number if by is not None and is_so else None


def read_year_ledger(
    office: Office,
    year: int,
    *,
    since: AsOf | None = None,
    ahead: Iterable[str] = (),
    disposed_before: Mapping[str, DisposedBy] | None = None,
) -> YearLedger:
    """Read what the ledger tells of a year, to its end.

    `since` is where it was read to for an earlier year; `ahead` and `disposed_before` are what
    it told then of later ones. Raises ChainBroken where it isn't whole, or another than was
    read then.
    """
    ledger = ledger_of(office)
    if since is None:
        begins = datetime(year, 1, 1, tzinfo=UTC) - LEEWAY
        after = ledger.last_before(begins)
        part = ledger.part_after(after)
    else:
        after = since.seq
        part = ledger.part_after(after, since.head)
    names, touched, sent = set(ahead), dict[str, int](), []
    disposed, reviewed = dict(disposed_before or {}), dict[int, str]()
    for entry in part.entries:
        if entry.event == REVIEWED:
            reviewed[int(entry.detail["year"])] = str(entry.detail["sha256"])
        name = str(entry.detail.get("reference", ""))
        if year_of(name) is not None:
            names.add(name)
            if entry.event == DISPOSED:
                disposed[name] = _certificate(entry)
            if _is_change(entry):
                touched[name] = entry.seq
        is_accepted = entry.event == SENT and entry.detail.get("result") == "accepted"
        if entry.event == STAMPED or is_accepted:
            sent.append(entry.at)
    anchored_at = max(sent, default=None if since is None else since.anchored_at)
    return YearLedger(
        year=year,
        after=after,
        as_of=AsOf(
            seq=part.seq, head=part.sha256 if part.seq else "", at=part.at, anchored_at=anchored_at
        ),
        letters=tuple(sorted(name for name in names if year_of(name) == year)),
        ahead=tuple(sorted(name for name in names if (year_of(name) or 0) > year)),
        touched={name: seq for name, seq in touched.items() if (year_of(name) or 0) <= year},
        disposed=disposed,
        reviewed=reviewed,
    )


def year_of(name: str) -> int | None:
    """Tell to which year a letter belongs; None for what is no reference."""
    try:
        return int(Reference.parse(name).year)
    except UsageError:
        return None


def _is_change(entry: AuditEntry) -> bool:
    """Whether an entry about a letter may change what is told of it; a run's history doesn't."""
    is_history = re.search(rf"/{RUN_NAME}$", str(entry.detail.get("object")))
    return entry.event not in NO_CHANGE and is_history is None


def _certificate(entry: AuditEntry) -> DisposedBy:
    return DisposedBy(
        number=int(entry.detail["number"]),
        key=str(entry.detail["object"]),
        sha256=str(entry.detail["sha256"]),
    )
