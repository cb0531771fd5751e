"""The ended runs of letters, and the copying of their histories into the cases.

A run can't record its own end, so this is done afterwards: by housekeeping for all,
by `letters issue` for its own. What is kept, and where, is `tasks.archiving.runs`'s.

A run whose history is kept bears a tag that names the state in which it ended then,
so that another look finds the new ends of all runs by their rows alone. The tag only
saves work: the case knows what it holds. Imports Prefect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import TERMINAL_STATES, FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort

from flows.dead_runs import process_tag
from flows.history import run_history
from flows.recording import PAGE
from flows.troubles import Troubles
from tasks.archiving.runs import STEP, ends, has_ended, keep_run
from tasks.case.case import Case, open_case
from tasks.case.intake import Intake
from tasks.case.office import Office
from tasks.case.record import StepRun

FLOW = "issue-letter"

KEPT = "kept:"

SETTLING_SECONDS = 30
"""What another process told of its last steps may reach the database that late."""

_BOUND = re.compile(r"(?:.* )?(?:sha256:)?([0-9a-f]{64})")


class LetterRevision(NamedTuple):
    """What a run works on."""

    reference: str
    revision: int

    def __str__(self) -> str:
        return f"{self.reference} r{self.revision}"


class EndedRun(NamedTuple):
    """A run whose last end isn't known to be kept."""

    id: UUID
    name: str
    reference: str
    tag: str
    """What it is to bear when its history is kept."""


def keep_ended_runs(office: Office, troubles: Troubles, *, is_thorough: bool = False) -> int:
    """Copy the history of each ended run into its letter's case; return how many were new.

    The runs that ended last are looked at first, page by page, until all of a page are
    kept. A thorough look doesn't stop there, nor does it believe the tags: it finds what
    was lost. What ended only now is left for later.
    """
    with get_client(sync_client=True) as client:
        settled_by = office.clock() - timedelta(seconds=SETTLING_SECONDS)
        runs: list[EndedRun] = []
        for page in pages_of_runs(client, *TERMINAL_STATES):
            found = [*_unkept(office, page, settled_by=settled_by, is_thorough=is_thorough)]
            runs += [run for run in found if run is not None]
            if not found and not is_thorough:
                break
        # The oldest first: whoever is interrupted leaves the pages that are looked at first.
        return _keep(office, client, reversed(runs), troubles)


def keep_runs_at_hand(office: Office, troubles: Troubles) -> int:
    """Copy the histories of the letters on which this process worked; return how many were new.

    Those of its own runs, and those of runs that died before it.
    """
    with get_client(sync_client=True) as client:
        letters = {
            letter.reference
            for page in pages_of_runs(client, *TERMINAL_STATES, tag=process_tag())
            for run in page
            if (letter := letter_of(office, run)) is not None
        }
        settled_by = office.clock() - timedelta(seconds=SETTLING_SECONDS)
        runs = [
            run
            for reference in sorted(letters)
            for page in pages_of_runs(client, *TERMINAL_STATES, tag=reference)
            for run in _unkept(office, page, settled_by=settled_by)
            if run is not None
        ]
        return _keep(office, client, reversed(runs), troubles)


def pages_of_runs(
    client: SyncPrefectClient, *types: StateType, tag: str | None = None
) -> Iterator[list[FlowRun]]:
    """Read the runs of the flow in states of these types, those that ended last first."""
    wanted = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=sorted(types))),
        tags=None if tag is None else FlowRunFilterTags(all_=[tag]),
    )
    offset = 0
    while True:
        page = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[FLOW])),
            flow_run_filter=wanted,
            sort=FlowRunSort.END_TIME_DESC,
            limit=PAGE,
            offset=offset,
        )
        yield page
        offset += PAGE
        if len(page) < PAGE:
            return


def letter_of(office: Office, run: FlowRun) -> LetterRevision | None:
    """Tell which revision a run works on, by the draft that it is bound to.

    None for a run whose draft became no revision, or was never taken in here: it
    ended before it came so far, or is another office's.
    """
    bound = _BOUND.fullmatch(str(run.parameters.get("draft", "")).strip())
    became = None if bound is None else Intake(office, bound[1]).became()
    return None if became is None else LetterRevision(*became)


def kept_tag(run: FlowRun) -> str:
    """Return the tag of a run whose history is kept as it stands now."""
    # The first digits of such an id are the time.
    return f"{KEPT}{str(run.state_id)[-12:]}"


def _unkept(
    office: Office,
    page: Iterable[FlowRun],
    *,
    settled_by: datetime,
    is_thorough: bool = False,
) -> Iterator[EndedRun | None]:
    """Pick the runs whose last end isn't kept; None for each that isn't settled yet.

    What this process sent is waited for, whatever the time.
    """
    for run in page:
        tag = kept_tag(run)
        if tag in run.tags and not is_thorough:
            continue
        letter = letter_of(office, run)
        if letter is None or (tag in run.tags and _is_known(office, letter, run.id)):
            continue
        is_settled = run.end_time is None or run.end_time <= settled_by
        if is_settled or process_tag() in run.tags:
            yield EndedRun(run.id, run.name, letter.reference, tag)
        else:
            yield None


def _is_known(office: Office, letter: LetterRevision, run_id: UUID) -> bool:
    """Whether the case keeps a history of the run."""
    return Case(office, letter.reference).find_known(f"runs/{run_id}/1.json") is not None


def _keep(
    office: Office, client: SyncPrefectClient, runs: Iterable[EndedRun], troubles: Troubles
) -> int:
    kept = 0
    for run in runs:
        with troubles.met(f"history of {run.name} ({run.id})"):
            kept += _keep_one(office, client, run)
    return kept


def _keep_one(office: Office, client: SyncPrefectClient, run: EndedRun) -> bool:
    case = open_case(office, run.reference)
    history = run_history(run.id)
    if not has_ended(history):
        return False  # it was started again meanwhile
    number = ends(history)
    is_new = case.find_known(f"runs/{run.id}/{number}.json") is None
    # Without a note of failures in the case: one that lasts would add to it at each look.
    step = StepRun(case, STEP)
    keep_run(step, history, number)
    step.complete()
    tags = [tag for tag in client.read_flow_run(run.id).tags if not tag.startswith(KEPT)]
    client.update_flow_run(run.id, tags=[*tags, run.tag])
    return is_new
