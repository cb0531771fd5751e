"""Picking up letters whose run crashed after the inspector had approved them.

A process that is killed is nobody's decision: the approved letter gets a new run of
the office's deployment. What failed, was refused or was cancelled is left to a
person. How runs ended, Prefect knows; what is still to be done, the case. Imports
Prefect.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound

from flows.kept_runs import FLOW, LetterRevision, letter_of, pages_of_runs
from flows.recording import PAGE
from flows.troubles import Troubles
from letters.case import State
from tasks.case.case import Case
from tasks.case.ledger import is_finished
from tasks.case.office import Office

DEPLOYMENT = f"{FLOW}/office"
"""As `flows.deployments` names it."""

TIMES_A_DAY = 3
CRASHED_WITHIN = timedelta(days=30)
"""An office that stood still for longer has its letters run again by a person."""

APPROVED = frozenset({State.SIGNED, State.ARCHIVED, State.ISSUED})


def pick_up_crashed(office: Office, troubles: Troubles) -> tuple[str, ...]:
    """Start a run for each approved letter whose last run crashed; return the letters.

    At most three times a day for each revision: after that it is a trouble. Nothing
    where the office has no deployment.
    """
    picked_up = []
    with get_client(sync_client=True) as client:
        for letter, crashed in _crashed(office, client).items():
            with troubles.met(f"picking up {letter}"):
                if not _is_left_undone(office, client, letter, crashed):
                    continue
                deployment_id = _deployment_id(client)
                if deployment_id is None:
                    break
                tag = f"picked-up:{letter.reference}-r{letter.revision}"
                if _times_in_a_day(office, client, letter, tag) >= TIMES_A_DAY:
                    troubles.note(
                        f"picking up {letter}",
                        f"it crashed again in {TIMES_A_DAY} runs within a day;"
                        " read their logs, then run it again by hand",
                    )
                    continue
                client.create_flow_run_from_deployment(
                    deployment_id,
                    parameters={"draft": crashed.parameters["draft"]},
                    name=str(letter),
                    tags=[letter.reference, tag],
                    # Two who look at once make one run.
                    idempotency_key=f"picked-up:{crashed.id}:{crashed.state_id}",
                )
                picked_up.append(str(letter))
    return tuple(picked_up)


def _crashed(office: Office, client: SyncPrefectClient) -> dict[LetterRevision, FlowRun]:
    """Find the latest crashed run of each revision that has one."""
    since = office.clock() - CRASHED_WITHIN
    crashed: dict[LetterRevision, FlowRun] = {}
    for page in pages_of_runs(client, StateType.CRASHED):
        for run in page:
            if run.end_time is None or run.end_time < since:
                return crashed
            letter = letter_of(office, run)
            if letter is not None:
                crashed.setdefault(letter, run)
    return crashed


def _is_left_undone(
    office: Office, client: SyncPrefectClient, letter: LetterRevision, crashed: FlowRun
) -> bool:
    """Whether the letter is approved and not issued to its end, and no other run came after."""
    case = Case(office, letter.reference)
    if case.state(letter.revision) not in APPROVED or crashed.end_time is None:
        return False
    others = (
        run
        for page in pages_of_runs(client, *StateType, tag=letter.reference)
        for run in page
        if run.id != crashed.id and letter_of(office, run) == letter
    )
    # A run that hasn't ended, suspended ones included, has no such time.
    if any(run.end_time is None or run.end_time > crashed.end_time for run in others):
        return False
    return not is_finished(case, letter.revision)


def _deployment_id(client: SyncPrefectClient) -> UUID | None:
    try:
        return client.read_deployment_by_name(DEPLOYMENT).id
    except ObjectNotFound:
        return None


def _times_in_a_day(
    office: Office, client: SyncPrefectClient, letter: LetterRevision, tag: str
) -> int:
    since = office.clock() - timedelta(days=1)
    runs = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            tags=FlowRunFilterTags(all_=[tag]),
            expected_start_time=FlowRunFilterExpectedStartTime(after_=since),
        ),
        limit=PAGE,
    )
    return sum(letter_of(office, run) == letter for run in runs)
