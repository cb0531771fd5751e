"""Telling the runs that wait in Prefect that there is something to go on with."""

from __future__ import annotations

import os

from flows.engine import embedded_prefect, is_running
from letters.errors import LettersError
from tasks.case.office import Office


def wake_runs(office: Office, reference: str) -> int:
    """Resume the runs that wait for a decision on this letter; return how many.

    Joins the office's Prefect if it runs, and starts none: where none runs, nothing
    waits there. What can't be told now is found by housekeeping.
    """
    home = office.root / "prefect"
    if not (is_running(home) or os.environ.get("PREFECT_API_URL")):
        return 0
    try:
        with embedded_prefect(home, announce=lambda _: None):
            from flows.resuming import resume_decided

            return resume_decided(office, reference)
    except LettersError:
        return 0
