"""Runs whose process died, and the tag by which they are known.

A run that a command executes in its own process stays Running for good when that
process is killed: nobody is left to say otherwise. So such runs bear a tag naming
their process, and the next command marks those Crashed whose process is gone. Owns
the tag and the marking. The runs of deployments bear it too: their runner watches
them, but both may be killed. Imports Prefect only to mark.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun, State

PREFIX = "process:"
_PROCESS = re.compile(r"(?P<pid>[1-9][0-9]{0,8}):(?P<start>[0-9]{1,20})")
BINDING_SECONDS = 60
"""Within which a run that began again bears the tag of its new process."""
PAGE = 200
"""The most rows that Prefect's API returns at once."""


@dataclass(frozen=True)
class DeadRun:
    """A run that was marked Crashed."""

    flow_run_id: UUID
    name: str
    process: str
    """Its tag."""


def process_tag(pid: int | None = None) -> str:
    """Return `process:<host>:<pid>:<start>` of this process, or of another on this host.

    `start`, in clock ticks since the machine's start, tells it from a later process
    of the same number; where the kernel doesn't say, it is 0.
    """
    pid = os.getpid() if pid is None else pid
    return f"{_host_prefix()}{pid}:{_start_of(pid)}"


def is_process_living(tag: str) -> bool:
    """Whether the process that `tag` names lives.

    Those of other hosts are taken to live, and so is what is no such tag: anybody
    may write tags on a run.
    """
    told = _PROCESS.fullmatch(tag.removeprefix(_host_prefix()))
    if told is None or not tag.startswith(_host_prefix()):
        return True
    return _start_of(int(told["pid"])) == told["start"]


def this_host() -> str:
    """Return this machine's name, as processes bear it."""
    return socket.gethostname()


def host_of(process: str) -> str:
    """Return the host that a tag names, or what Prefect's own worker notes (`<host>:<pid>`)."""
    return process.removeprefix(PREFIX).partition(":")[0]


def mark_dead_runs_crashed() -> tuple[DeadRun, ...]:
    """Set the unfinished runs of this host's dead processes to Crashed, and return them.

    What is suspended or scheduled to go on has no process, and needs none.
    """
    from prefect.client.orchestration import get_client
    from prefect.states import Crashed

    dead = []
    with get_client(sync_client=True) as client:
        for run in _unfinished(client):
            process = _dead_process(run)
            may_judge = run.deployment_id is None or _has_long_executed(run)
            if process is not None and may_judge and is_as_read(client, run):
                message = f"The process that executed it ended without a word ({process})."
                client.set_flow_run_state(run.id, Crashed(message=message), force=True)
                dead.append(DeadRun(run.id, run.name, process))
    return tuple(dead)


def reschedule_interrupted(deployments: Collection[UUID], *, is_shared: bool) -> tuple[str, ...]:
    """Have the runs of our deployments go on that a runner left when it died; return their names.

    For the one who serves them, before its own runner begins: no other is there then
    to go on with them. On a server that is shared with others (`is_shared`) only those
    whose process is known to have died on this host. A cancellation is brought to its end.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.objects import StateType
    from prefect.states import Cancelled, Scheduled

    interrupted = []
    with get_client(sync_client=True) as client:
        for run in _unfinished(client):
            is_left = run.state_type is StateType.PENDING or _is_executing(run)
            if run.deployment_id not in deployments or not is_left or _has_living_process(run):
                continue
            if is_shared and _dead_process(run) is None:
                continue
            if not is_as_read(client, run):
                continue
            message = "The office was no longer served; it is served again."
            is_cancelled = run.state_type is StateType.CANCELLING
            state: State[Any] = (
                Cancelled(message=message) if is_cancelled else Scheduled(message=message)
            )
            client.set_flow_run_state(run.id, state, force=True)
            interrupted.append(run.name)
    return tuple(interrupted)


def is_as_read(client: SyncPrefectClient, run: FlowRun) -> bool:
    """Whether a run still stands in the state, and bears the process, with which it was read.

    Ask right before setting a state by force, which asks nobody: between a list of runs and
    the last of them somebody may have cancelled one, or a worker taken it up.
    """
    from prefect.exceptions import ObjectNotFound

    try:
        now = client.read_flow_run(run.id)
    except ObjectNotFound:
        return False
    was = (run.state_id, run.infrastructure_pid, run.tags)
    return (now.state_id, now.infrastructure_pid, now.tags) == was


def _unfinished(client: SyncPrefectClient) -> list[FlowRun]:
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import TERMINAL_STATES, StateType

    unfinished = FlowRunFilter(
        state=FlowRunFilterState(
            type=FlowRunFilterStateType(any_=sorted(set(StateType) - TERMINAL_STATES))
        )
    )
    runs: list[FlowRun] = []
    while page := client.read_flow_runs(flow_run_filter=unfinished, limit=PAGE, offset=len(runs)):
        runs += page
    return runs


def _is_executing(run: FlowRun) -> bool:
    return run.state_type in {"RUNNING", "CANCELLING"}


def _has_long_executed(run: FlowRun) -> bool:
    return _is_executing(run) and has_stood_long(run)


def has_stood_long(run: FlowRun, seconds: float = BINDING_SECONDS) -> bool:
    """Whether a run has had time to tell its present process.

    One that was resumed or retried names its former process until then.
    """
    if run.state is None:
        return False
    return (datetime.now(UTC) - run.state.timestamp).total_seconds() > seconds


def _dead_process(run: FlowRun) -> str | None:
    """Return the tag of the run's process where that is gone."""
    processes = [tag for tag in run.tags if tag.startswith(PREFIX)]
    return next((tag for tag in processes if not is_process_living(tag)), None)


def _has_living_process(run: FlowRun) -> bool:
    return any(is_process_living(tag) for tag in run.tags if tag.startswith(PREFIX))


def _host_prefix() -> str:
    return f"{PREFIX}{this_host()}:"


def _start_of(pid: int) -> str | None:
    """When process `pid` began, None if there is none."""
    with suppress(ProcessLookupError, FileNotFoundError):
        if not Path("/proc/self/stat").exists():
            os.kill(pid, 0)
            return "0"
        # proc(5): the name in brackets may hold anything, so count from its end;
        # starttime is the 22nd field. A zombie has ended.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] == "Z" else fields[19]
    return None
