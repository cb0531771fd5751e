"""Which letters are open, by the ledger alone: no case is read.

A letter is open from the entry that opened its case to the one that closed it, and again
from an order to change it until that is closed.
"""

from __future__ import annotations

from datetime import datetime

from tasks.case.ledger import ledger_of
from tasks.case.office import Office

_OPENS = {"opened": True, "changed": True, "closed": False}


def open_references(office: Office) -> list[str]:
    """List the letters that were opened and not closed since."""
    is_open: dict[str, bool] = {}
    for entry in ledger_of(office).entries():
        if entry.event in _OPENS:
            is_open[entry.detail["reference"]] = _OPENS[entry.event]
    return sorted(reference for reference, still in is_open.items() if still)


def references_closed_since(office: Office, since: datetime) -> list[str]:
    """List the letters that were closed at `since` or later, and are closed."""
    closed_at: dict[str, datetime] = {}
    for entry in ledger_of(office).entries():
        if entry.event == "closed":
            closed_at[entry.detail["reference"]] = datetime.fromisoformat(entry.at)
    still_open = set(open_references(office))
    return sorted(
        reference
        for reference, at in closed_at.items()
        if at >= since and reference not in still_open
    )
