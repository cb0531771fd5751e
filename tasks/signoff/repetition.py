"""What was noted a moment ago: whoever has a link can repeat a request without end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tasks.case.case import Case

QUIET = timedelta(minutes=10)


def was_noted_lately(case: Case, event: str, detail: dict[str, Any]) -> bool:
    """Whether the case's chain holds this very event, of the last ten minutes."""
    now = case.office.clock()
    for entry in reversed(case.chain.entries()):
        if now - datetime.fromisoformat(entry.at) > QUIET:
            return False
        if entry.event == event and entry.detail == detail:
            return True
    return False
