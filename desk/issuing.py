"""Issuing from the command line: the flow on the office's own Prefect, step by step in view.

Without a deployment a flow can't be suspended: it runs to the pack and ends
AwaitingSignOff; the decision is recorded; the same flow run again goes on.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from desk.failures import Exit
from flows.engine import embedded_prefect
from letters.audit import AuditEntry
from letters.case import State
from letters.delivery import DOUBTFUL
from tasks.case.case import Case
from tasks.case.office import Office


class Run(NamedTuple):
    """How one run of the flow ended: Prefect's name for it, and what it said."""

    name: str
    message: str


@contextmanager
def issuing(office: Office, *, announce: Callable[[str], None]) -> Iterator[Callable[[str], Run]]:
    """Start or join the office's Prefect and yield the function that runs the flow once.

    The function takes the SHA-256 under which the draft was taken in. Raises
    EngineUnavailable.
    """
    os.environ["LETTERS_OFFICE"] = str(office.root)
    office.store.sweep(office.clock())
    with embedded_prefect(office.root / "prefect", announce=announce):
        # Prefect takes seconds to import and reads its settings then: only now, and only here.
        from flows.dead_runs import mark_dead_runs_crashed
        from flows.issue_letter import one_client, run_once
        from flows.kept_runs import keep_runs_at_hand
        from flows.troubles import Troubles

        for dead in mark_dead_runs_crashed():
            announce(f"The run {dead.name} had died; it is marked Crashed.")
        with one_client():
            try:
                yield lambda draft_sha256: Run(*run_once(draft_sha256))
            finally:
                # A run can't record its own end, and there may be nobody else to do it.
                troubles = Troubles()
                with troubles.met("recording the run"):
                    keep_runs_at_hand(office, troubles)
                for trouble in troubles.told:
                    announce(f"Not recorded yet: {trouble}. `letters housekeep` tries again.")


def exit_code(case: Case | None, run: Run) -> Exit:
    """Tell how `letters issue` ends: by the case where there is one, else by the run."""
    if run.name == "Blocked":
        return Exit.BLOCKED
    if run.name in {"AwaitingSignOff", "Returned", "Refused", "Superseded", "Held"}:
        return Exit.WAITING
    if case is None:
        return Exit.FAILED
    if run.name == "Issued" or case.closed() is not None:
        return Exit.DONE
    revision = case.revisions()[-1]
    if case.state(revision) is State.ISSUED and any(
        state in DOUBTFUL for state in case.delivery_states(revision).values()
    ):
        return Exit.IN_DOUBT
    return Exit.FAILED


def waits_for(case: Case, revision: int) -> list[str]:
    """Name the sample inspectors who could sign here and now, of the signatories still missing."""
    missing = (part.name for part in case.decisions(revision).missing)
    found = (case.office.register.inspector_named(name) for name in missing)
    return [inspector.id for inspector in found if inspector is not None and inspector.sample]


class ProgressHandler(logging.Handler):
    """Prints a line for each step's beginning, failure and end, as the case's chain tells it."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._say = say
        self._last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Print what a step wrote into the chain."""
        entry: AuditEntry | None = getattr(record, "letters_entry", None)
        if entry is None:
            return
        detail = entry.detail
        step = " ".join(filter(None, (entry.step, detail.get("recipient"))))
        attempt = f" (attempt {entry.attempt} of {entry.of})" if entry.attempt > 1 else ""
        match entry.event:
            case "completed" if (line := f"✓ {step}{attempt}") != self._last:
                self._last = line
                self._say(line)
            case "outcome":
                self._last = f"✓ {entry.step}"
                self._say(f"✓ {step}: {detail['result']}")
            case "failed":
                again = detail.get("again_in_ms")
                then = f"; again in {again / 1000:.0f} s" if again is not None else ""
                self._say(f"✗ {step}{attempt}: {detail['message']}{then}")
            case "blocked":
                self._last = f"✓ {entry.step}"
                self._say(f"✗ {entry.step}: blocked")
            case "refused":
                self._say(f"✗ {entry.step}: refused, {detail['code']}")


@contextmanager
def progress(say: Callable[[str], None]) -> Iterator[None]:
    """Show the steps while they run."""
    handler = ProgressHandler(say)
    log = logging.getLogger("tasks")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
