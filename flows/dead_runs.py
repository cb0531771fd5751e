"""Runs whose process died, and the tag by which they are known.

A run that a command executes in its own process stays Running for good when that
process is killed: nobody is left to say otherwise. So such runs bear a tag naming
their process, and the next command marks those Crashed whose process is gone. Owns
the tag and the marking. Runs of deployments bear no such tag: their runner watches
them. Imports Prefect only to mark.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

PREFIX = "process:"
PAGE = 200
"""The most rows that Prefect's API returns at once."""


@dataclass(frozen=True)
class DeadRun:
    """A run that was marked Crashed."""

    flow_run_id: UUID
    name: str
    process: str
    """Its tag."""


def process_tag() -> str:
    """Return `process:<host>:<pid>:<start>` of this process.

    `start`, in clock ticks since the machine's start, tells it from a later process
    of the same number; where the kernel doesn't say, it is 0.
    """
    return f"{_host_prefix()}{os.getpid()}:{_start_of(os.getpid())}"


def is_process_living(tag: str) -> bool:
    """Whether the process that `tag` names lives; those of other hosts are taken to live."""
    if not tag.startswith(_host_prefix()):
        return True
    pid, _, start = tag.removeprefix(_host_prefix()).partition(":")
    return _start_of(int(pid)) == start


def mark_dead_runs_crashed() -> tuple[DeadRun, ...]:
    """Set the unfinished runs of this host's dead processes to Crashed, and return them."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import TERMINAL_STATES, FlowRun, StateType
    from prefect.states import Crashed

    unfinished = FlowRunFilter(
        state=FlowRunFilterState(
            type=FlowRunFilterStateType(any_=sorted(set(StateType) - TERMINAL_STATES))
        )
    )
    with get_client(sync_client=True) as client:
        runs: list[FlowRun] = []
        while page := client.read_flow_runs(
            flow_run_filter=unfinished, limit=PAGE, offset=len(runs)
        ):
            runs += page
        dead = tuple(
            DeadRun(run.id, run.name, tag)
            for run in runs
            for tag in run.tags
            if tag.startswith(PREFIX) and not is_process_living(tag)
        )
        for run in dead:
            message = f"The process that executed it ended without a word ({run.process})."
            client.set_flow_run_state(run.flow_run_id, Crashed(message=message), force=True)
    return dead


def _host_prefix() -> str:
    return f"{PREFIX}{socket.gethostname()}:"


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
