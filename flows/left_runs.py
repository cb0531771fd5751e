"""Runs that a killed worker of this machine left: they go on, on whichever machine.

A worker notes at each run the process it was given (`infrastructure_pid`, written as
`flows.dead_runs` writes a process). Where that process is gone and the run still reads as if
it had one, it is scheduled again. Of other machines nothing can be told from here: their runs
are ended as Crashed by the automation that misses their heartbeats, and picked up by
housekeeping. Task runs that nobody ends any more are ended here. Imports Prefect.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import TERMINAL_STATES, FlowRun, State, StateType
from prefect.states import Cancelled, Crashed, Scheduled

from flows.dead_runs import PAGE, has_stood_long, is_process_living

LEFT = "Its worker was killed with it; it goes on."

UNRECORDED = "Prefect was not told how it ended. The letter's case has what it did."

RECORDED_SECONDS = 60
"""Within which Prefect has written down what a run told as it ended."""

UNFINISHED = TaskRunFilter(
    state=TaskRunFilterState(
        type=TaskRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING])
    )
)

NOTED_SECONDS = 30
"""Within which a run that was taken up names its new process."""

WITH_PROCESS = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


def take_up_left() -> tuple[str, ...]:
    """Schedule the runs again whose process on this machine is gone; return their names.

    A cancellation is brought to its end instead. A state must have stood for a while: a run
    that was just taken up names its former process until its new one has begun.
    """
    taken_up = []
    with get_client(sync_client=True) as client:
        for run in _with_process(client):
            if not has_stood_long(run, NOTED_SECONDS) or is_process_living(
                run.infrastructure_pid or ""
            ):
                continue
            end_task_runs(client, run)
            is_cancelled = run.state_type is StateType.CANCELLING
            state: State[Any] = Cancelled(message=LEFT) if is_cancelled else Scheduled(message=LEFT)
            client.set_flow_run_state(run.id, state, force=True)
            taken_up.append(run.name)
    return tuple(taken_up)


def end_task_runs(client: SyncPrefectClient, run: FlowRun) -> None:
    """Set the task runs to Crashed that died with a run's process: nobody else would."""
    for task_run in client.read_task_runs(
        flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run.id])),
        task_run_filter=UNFINISHED,
        limit=PAGE,
    ):
        client.set_task_run_state(task_run.id, Crashed(message=LEFT), force=True)


def end_forgotten_task_runs() -> int:
    """Set the task runs to Crashed whose flow run has ended without them; return how many.

    Their process died on a machine that didn't come back, or the message with their last state
    was lost on its way. What became of the letter, the case tells.
    """
    ended = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=sorted(TERMINAL_STATES))),
        end_time=FlowRunFilterEndTime(
            before_=datetime.now(UTC) - timedelta(seconds=RECORDED_SECONDS)
        ),
    )
    with get_client(sync_client=True) as client:
        forgotten = client.read_task_runs(
            flow_run_filter=ended, task_run_filter=UNFINISHED, limit=PAGE
        )
        for task_run in forgotten:
            state: State[Any] = Crashed(name="Unrecorded", message=UNRECORDED)
            client.set_task_run_state(task_run.id, state, force=True)
    return len(forgotten)


def _with_process(client: SyncPrefectClient) -> list[FlowRun]:
    wanted = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=WITH_PROCESS)))
    runs: list[FlowRun] = []
    while page := client.read_flow_runs(flow_run_filter=wanted, limit=PAGE, offset=len(runs)):
        runs += page
    return runs
