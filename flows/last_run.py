"""How a letter's last run ended in Prefect, by the histories that its case keeps.

Owns when that is still news. Imports no Prefect.
"""

from __future__ import annotations

from datetime import datetime

from letters.deadline import day_of
from letters.letter import day_in_words
from letters.standing import shortened
from tasks.archiving.runs import STEP as KEEPING
from tasks.archiving.runs import RunState, kept_runs
from tasks.case.case import Case


def last_run_trouble(case: Case) -> str:
    """Tell how the last run ended, if badly and nothing came after it."""
    ends = [(history.states[-1], history) for history in kept_runs(case) if history.states]
    if not ends:
        return ""
    state, _ = max(ends, key=lambda end: datetime.fromisoformat(end[0].timestamp))
    ended = datetime.fromisoformat(state.timestamp)
    later = [
        entry
        for entry in case.chain.entries()
        if entry.step != KEEPING and datetime.fromisoformat(entry.at) > ended
    ]
    return "" if later or state.type not in ("FAILED", "CRASHED") else _ended_badly(state)


def _ended_badly(state: RunState) -> str:
    said = shortened((state.message or "").strip().partition("\n")[0])
    return f"Its last run ended {state.name} on {_day(state)}{': ' + said if said else '.'}"


def _day(state: RunState) -> str:
    return day_in_words(day_of(datetime.fromisoformat(state.timestamp)))
