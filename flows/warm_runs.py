"""Runs that begin warm: each in a process of its own, forked from one that has imported all.

Prefect's runner starts `python -m prefect.engine` for each run, which spends seconds
importing before the first step. Here that very module is run in a process forked from a
server which imported it once (multiprocessing's forkserver: one thread, nothing open),
so a run begins in a tenth of a second and twenty at once don't import twenty times.

Owns how a run's process begins and ends. What is run, and when, stays Prefect's:
only the strategy by which its runner starts processes is replaced. Imports Prefect.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import random
import runpy
import sys
import warnings
from collections.abc import Awaitable, Callable
from contextlib import suppress
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any, cast
from uuid import UUID

import anyio
import anyio.abc
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import CancelledRun, FailedRun, UnfinishedRun
from prefect.runner import Runner
from prefect.runner._control_channel import ControlChannel
from prefect.runner._process_manager import ProcessHandle

from flows.heartbeats import beating
from flows.run_logs import send_lines_to_runs

PRELOADED = ("__main__", "flows.warm_modules")
DRAIN_SECONDS = 10


class WarmRunner(Runner):
    """Prefect's runner, starting its processes warm. `pyproject.toml` pins what it builds on."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._entered = asyncio.Event()
        self._under_way: set[ForkServerProcess] = set()

    async def __aenter__(self) -> WarmRunner:
        """Enter as the runner does; then have runs started our way."""
        await super().__aenter__()
        starter = WarmStarter(self._environment_of, self._watch)
        self._scheduled_run_poller._resolve_starter = lambda _: starter
        self._entered.set()
        return self

    async def entered(self) -> None:
        """Wait until the runner looks for runs."""
        await self._entered.wait()

    async def wind_down(self, *, seconds: float) -> None:
        """Take no more runs, and wait for those under way; kill what lasts longer."""
        self._scheduled_run_poller.stopping = True
        ended = asyncio.gather(*map(end_of, tuple(self._under_way)))
        with suppress(TimeoutError):
            await asyncio.wait_for(ended, seconds)
        for process in self._under_way:
            process.kill()

    async def _watch(self, process: ForkServerProcess) -> None:
        self._under_way.add(process)
        await end_of(process)
        self._under_way.discard(process)

    def _environment_of(self, flow_run_id: UUID) -> dict[str, str]:
        return control_environment(self._control_channel, flow_run_id)


class WarmStarter:
    """Prefect's `ProcessStarter`: signals the handle, then waits for the process's end."""

    def __init__(
        self,
        environment_of: Callable[[UUID], dict[str, str]],
        watch: Callable[[ForkServerProcess], Awaitable[None]],
    ) -> None:
        self._environment_of = environment_of
        self._watch = watch

    async def start(
        self,
        flow_run: FlowRun,
        task_status: anyio.abc.TaskStatus[ProcessHandle] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """Start the process of one run; return when it has ended."""
        environment = self._environment_of(flow_run.id)
        # Starting the first process starts the server, which imports for a second or two.
        process = await anyio.to_thread.run_sync(start_process, flow_run.id, environment)
        task_status.started(ProcessHandle(cast("Any", process)))
        async with beating(flow_run):
            await self._watch(process)


async def end_of(process: ForkServerProcess) -> None:
    """Wait for the end of a run's process."""
    await anyio.to_thread.run_sync(process.join, abandon_on_cancel=True)


def control_environment(channel: ControlChannel, flow_run_id: UUID) -> dict[str, str]:
    """Return what lets a run's process be told by a channel that it is being cancelled."""
    try:
        port, token = channel.register(flow_run_id)
    except RuntimeError:  # no listener: a cancelled process is killed without a word
        return {}
    return {"PREFECT__CONTROL_PORT": str(port), "PREFECT__CONTROL_TOKEN": token}


def warm_up() -> None:
    """Start the server from which runs are forked, and have it import."""
    process = _context().Process(target=_nothing)
    process.start()
    process.join()


def start_process(flow_run_id: UUID, environment: dict[str, str]) -> ForkServerProcess:
    """Fork the process of a run."""
    process = _context().Process(target=_run_engine, args=(str(flow_run_id), environment))
    process.start()
    return process


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


def _is_news(line: logging.LogRecord) -> bool:
    """Whether a line says more than that the flow ended in a state it had chosen itself.

    Prefect adds the stack of its own engine to each refusal, in red.
    """
    kind = line.exc_info[0] if line.exc_info else None
    return kind is None or not issubclass(kind, FailedRun | CancelledRun | UnfinishedRun)


def _nothing() -> None:
    pass


def _run_engine(flow_run_id: str, environment: dict[str, str]) -> None:
    """Do what `python -m prefect.engine` does, in this process."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    # Ctrl-C is for the one who serves; it lets runs come to their end.
    os.setsid()
    random.seed()
    os.environ.update(environment, PREFECT__FLOW_RUN_ID=flow_run_id)
    os.environ["PREFECT__ENABLE_CANCELLATION_AND_CRASHED_HOOKS"] = "false"
    sys.argv = ["prefect.engine", flow_run_id]
    send_lines_to_runs()
    logging.getLogger("prefect.flow_runs").addFilter(_is_news)
    try:
        # It has been imported before, and is run all the same.
        warnings.filterwarnings("ignore", category=RuntimeWarning, module="runpy")
        runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)
    finally:
        # Such a process ends without Python's own clearing up, which would do this.
        EventsWorker.drain_all(timeout=DRAIN_SECONDS)
        APILogWorker.drain_all(timeout=DRAIN_SECONDS)
