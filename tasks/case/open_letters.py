"""Which letters are open, by the ledger alone: no case is read.

A letter is open from the entry that opened its case to the one that closed it, and again
from an order to change it until that is closed.
"""

from __future__ import annotations

from datetime import datetime

from tasks.case.ledger import ledger_of
from tasks.case.office import Office

_OPENING = ("opened", "changed")


def open_references(office: Office) -> list[str]:
    """List the letters that were opened and not closed since."""
    latest = ledger_of(office).latest_of(*_OPENING, "closed")
    return sorted(reference for reference, last in latest.items() if last.event in _OPENING)


def references_closed_since(office: Office, since: datetime) -> list[str]:
    """List the letters that were closed at `since` or later, and are closed."""
    latest = ledger_of(office).latest_of(*_OPENING, "closed")
    return sorted(
        reference
        for reference, last in latest.items()
        if last.event == "closed" and datetime.fromisoformat(last.at) >= since
    )
