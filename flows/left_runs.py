"""Runs that a killed worker left: they go on, on whichever machine.

A worker notes at each run the process it was given (`infrastructure_pid`, written as
`flows.dead_runs` writes a process). Where that process was this machine's and is gone, and the
run still reads as if it had one, it is scheduled again. Of other machines nothing can be told
from here: what ran there is ended as Crashed by the automation that misses its heartbeats, and
picked up by housekeeping. What never began has no heartbeats to miss: a run that stays Pending
is scheduled again by whoever looks, unless its machine can look itself. Task runs that nobody
ends any more are ended here. Imports Prefect.

That a run is taken up while its process lives after all, or by two who look at once, costs
time and no letter. Prefect gives a Scheduled run to one worker: it refuses a second step to
Pending. And where two processes come to run, both ask the case what is left to do: what one has
stored the other finds, and each e-mail is claimed in the archive before it is handed over.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
    WorkerFilter,
    WorkerFilterStatus,
)
from prefect.client.schemas.objects import (
    TERMINAL_STATES,
    FlowRun,
    State,
    StateType,
    TaskRun,
    WorkerStatus,
)
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Crashed, Scheduled

from flows.dead_runs import (
    PAGE,
    has_stood_long,
    host_of,
    is_as_read,
    is_process_living,
    this_host,
)

LEFT = "Its worker was killed with it; it goes on."

PUT_BACK = "Its worker ended before it began; another begins it."

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

PENDING_SECONDS = 120
"""Within which a run that was taken up has begun.

From Pending on a worker asks the API some six times and forks a process: a second or two, and
by far less than a minute on a busy server. And a worker that was killed is no longer ONLINE
after 90 seconds, three heartbeats that it missed.
"""

WITH_PROCESS = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


def take_up_left() -> tuple[str, ...]:
    """Schedule the runs again that nobody goes on with; return their names.

    Those whose process on this machine is gone, and those of our deployments that were taken
    up and never began. A cancellation is brought to its end instead. A state must have stood
    for a while: a run that was just taken up names its former process, or none, until its new
    one has begun.
    """
    taken_up = []
    with get_client(sync_client=True) as client:
        surroundings = _Surroundings(client)
        for run in _with_process(client):
            if not _is_left(run, surroundings):
                continue
            # Read before the run is given away: later ones are those of its new process.
            task_runs = _unfinished_task_runs(client, run)
            if not is_as_read(client, run):
                continue
            is_cancelled = run.state_type is StateType.CANCELLING
            state: State[Any] = Cancelled(message=LEFT) if is_cancelled else Scheduled(message=LEFT)
            client.set_flow_run_state(run.id, state, force=True)
            for task_run in task_runs:
                client.set_task_run_state(task_run.id, Crashed(message=LEFT), force=True)
            taken_up.append(run.name)
    return tuple(taken_up)


def put_back(flow_run_ids: Collection[UUID]) -> None:
    """Schedule those of these runs again that are Pending: their worker ends, and begins none."""
    with get_client(sync_client=True) as client:
        for flow_run_id in flow_run_ids:
            try:
                run = client.read_flow_run(flow_run_id)
            except ObjectNotFound:
                continue
            if run.state_type is StateType.PENDING:
                client.set_flow_run_state(run.id, Scheduled(message=PUT_BACK), force=True)


def end_forgotten_task_runs() -> int:
    """Set the task runs of ours to Crashed whose flow run has ended without them; return how many.

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
            flow_filter=_our_flows(), flow_run_filter=ended, task_run_filter=UNFINISHED, limit=PAGE
        )
        for task_run in forgotten:
            state: State[Any] = Crashed(name="Unrecorded", message=UNRECORDED)
            client.set_task_run_state(task_run.id, state, force=True)
    return len(forgotten)


def _our_flows() -> FlowFilter:
    """Name our flows: a Prefect may be shared with others."""
    # It imports housekeeping, which calls this module.
    from flows.deployments import OFFERED

    return FlowFilter(name=FlowFilterName(any_=[one.flow.name for one in OFFERED]))


@dataclass(frozen=True)
class _Surroundings:
    """What Prefect knows around the runs, asked at most once a look and only if it matters."""

    client: SyncPrefectClient

    @cached_property
    def deployments(self) -> dict[UUID, str | None]:
        """Our deployments, and the work pool of each."""
        from flows.deployments import NAME

        ours = self.client.read_deployments(
            flow_filter=_our_flows(),
            deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[NAME])),
            limit=PAGE,
        )
        return {one.id: one.work_pool_name for one in ours}

    @cached_property
    def hosts_online(self) -> frozenset[str]:
        """The names of the workers in our pools that beat: those of their machines."""
        online = WorkerFilter(status=WorkerFilterStatus(any_=[WorkerStatus.ONLINE.value]))
        return frozenset(
            worker.name
            for pool in {*self.deployments.values()} - {None}
            for worker in self.client.read_workers_for_work_pool(str(pool), online, limit=PAGE)
        )


def _is_left(run: FlowRun, surroundings: _Surroundings) -> bool:
    """Whether nobody goes on with a run, as far as can be told from here."""
    noted = run.infrastructure_pid or ""
    if run.state_type is not StateType.PENDING:
        return has_stood_long(run, NOTED_SECONDS) and not is_process_living(noted)
    if not has_stood_long(run, PENDING_SECONDS):
        return False
    if not is_process_living(noted):
        return True
    if run.deployment_id not in surroundings.deployments:
        return False
    # A resumed run names the process of its first half until the second has one.
    return host_of(noted) not in {this_host(), *surroundings.hosts_online}


def _unfinished_task_runs(client: SyncPrefectClient, run: FlowRun) -> list[TaskRun]:
    """Read the task runs that died with a run's process: nobody else would end them."""
    return client.read_task_runs(
        flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run.id])),
        task_run_filter=UNFINISHED,
        limit=PAGE,
    )


def _with_process(client: SyncPrefectClient) -> list[FlowRun]:
    wanted = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=WITH_PROCESS)))
    runs: list[FlowRun] = []
    while page := client.read_flow_runs(flow_run_filter=wanted, limit=PAGE, offset=len(runs)):
        runs += page
    return runs
