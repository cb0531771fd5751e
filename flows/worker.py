"""A worker of a Prefect that several machines share: its runs begin warm.

It is Prefect's own process worker. Replaced is the one thing for which the class has no
setting: how a run's process is started (`run`), which is a fork as `flows.warm_runs` makes
them, instead of a supervisor and an engine that each import for seconds. Heartbeats are
`flows.heartbeats`'; what a killed worker of this machine left is `flows.left_runs`'. Imports
Prefect.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import anyio
import anyio.abc
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.flows import load_flow_from_flow_run
from prefect.runner._flow_run_executor import FlowRunExecutionResult, FlowRunExecutorContext
from prefect.runner._process_manager import ProcessHandle
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker, ProcessWorkerResult

from flows.dead_runs import process_tag
from flows.left_runs import end_forgotten_task_runs, put_back, take_up_left
from flows.warm_runs import WarmStarter, control_environment, end_of, warm_up

log = logging.getLogger("flows")

LOOK_SECONDS = 15
"""Between two looks for runs that a killed worker of this machine left."""

LAST_RUNS_SECONDS = 60
"""How long the letters under way are given when the worker is to end."""

PUT_BACK_SECONDS = 10
"""How long Prefect is given to take back what didn't begin."""

AGAIN_SECONDS = 5
"""After which a worker that gave up begins anew: Prefect's server may have been away."""

Announce = Callable[[str], None]


class WarmWorker(ProcessWorker):
    """Prefect's process worker, starting its processes warm."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._executors = FlowRunExecutorContext()
        self._is_ending = False
        self._under_way = 0

    @classmethod
    def __dispatch_key__(cls) -> str:
        """Stand beside Prefect's own in its table of workers, not in its place."""
        return "letters"

    async def __aenter__(self) -> WarmWorker:
        """Enter as the worker does, with one connection for the cancellations of all runs."""
        await self._executors.__aenter__()
        try:
            await super().__aenter__()
        except BaseException as error:
            await self._executors.__aexit__(type(error), error, error.__traceback__)
            raise
        return self

    async def __aexit__(self, *exc_info: Any) -> None:
        """Leave in the other order."""
        try:
            await super().__aexit__(*exc_info)
        finally:
            await self._executors.__aexit__(*exc_info)

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Look for runs as the worker does, until it is to end."""
        return [] if self._is_ending else await super().get_and_submit_flow_runs()

    async def _submit_scheduled_flow_runs(
        self, flow_run_response: list[WorkerFlowRunResponse]
    ) -> list[FlowRun]:
        """Submit what was found, unless the worker was told to end while it looked."""
        if self._is_ending:
            return []
        return await super()._submit_scheduled_flow_runs(flow_run_response)

    async def run(
        self,
        flow_run: FlowRun,
        configuration: ProcessJobConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> ProcessWorkerResult:
        """Run a flow in a forked process, to its end."""
        # What the deployment or its pool says beyond the worker's own environment.
        told = {
            name: value
            for name, value in configuration.env.items()
            if value is not None and os.environ.get(name) != value
        }
        control = self._executors.control_channel
        starter = WarmStarter(lambda run: {**told, **control_environment(control, run)}, end_of)
        executor = self._executors.create_executor(
            flow_run, starter, resolve_flow=load_flow_from_flow_run, propose_submitting=False
        )
        execution: FlowRunExecutionResult | None = None

        async def execute(
            *, task_status: anyio.abc.TaskStatus[ProcessHandle] = anyio.TASK_STATUS_IGNORED
        ) -> None:
            nonlocal execution
            execution = await executor.submit(task_status=task_status)

        self._under_way += 1
        try:
            async with anyio.create_task_group() as group:
                handle: ProcessHandle = await group.start(execute)
                process = process_tag(handle.pid)
                if task_status is not None:
                    # What the worker keeps as the run's `infrastructure_pid`; whoever comes
                    # after it on this machine can tell by it whether the process lives.
                    task_status.started(cast("int", process))
        finally:
            self._under_way -= 1
        if execution is None or execution.status_code is None:
            raise RuntimeError("The run's process could not be started.")
        return ProcessWorkerResult(status_code=execution.status_code, identifier=process)

    async def wind_down(self, *, seconds: float) -> None:
        """Take no more runs, and wait for those under way or in submission."""
        self._is_ending = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._under_way or self._submitting_flow_run_ids:
                    await asyncio.sleep(0.1)

    async def put_back(self) -> None:
        """Give back what was in submission when the worker ended; for afterwards.

        Such a run is Pending already and bears no process yet. What can't be given back, the
        next look of any worker finds.
        """
        if self._submitting_flow_run_ids:
            try:
                async with asyncio.timeout(PUT_BACK_SECONDS):
                    await asyncio.to_thread(put_back, tuple(self._submitting_flow_run_ids))
            except Exception as error:  # Prefect may be away, which would be why it ends
                log.warning("Runs that didn't begin were not given back: %s", error)


def work(pool: str, *, name: str, limit: int, announce: Announce) -> None:
    """Run what is started in a work pool, until SIGINT or SIGTERM. For the main thread."""
    asyncio.run(_work(pool, name, limit, announce))


async def _work(pool: str, name: str, limit: int, announce: Announce) -> None:
    ending = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    await asyncio.to_thread(warm_up)
    looking = asyncio.create_task(_look_for_left(ending, announce))
    while not ending.is_set():
        worker = WarmWorker(work_pool_name=pool, name=name, limit=limit)
        working = asyncio.create_task(worker.start(printer=announce))
        waiting = asyncio.create_task(ending.wait())
        await asyncio.wait((working, waiting), return_when=asyncio.FIRST_COMPLETED)
        if ending.is_set():
            announce("Ending: letters under way come to their end first.")
            await worker.wind_down(seconds=LAST_RUNS_SECONDS)
        working.cancel()
        waiting.cancel()
        try:
            await working
        except asyncio.CancelledError:
            pass
        except Exception as error:
            log.exception("The worker gave up.")
            announce(f"The worker gave up, and begins anew: {error}")
            await asyncio.sleep(AGAIN_SECONDS)
        await worker.put_back()
    looking.cancel()


async def _look_for_left(ending: asyncio.Event, announce: Announce) -> None:
    while not ending.is_set():
        try:
            for name in await asyncio.to_thread(take_up_left):
                announce(f"The run {name} was interrupted; it goes on.")
            await asyncio.to_thread(end_forgotten_task_runs)
        except Exception as error:  # the next look finds them
            log.warning("What a killed worker left was not looked for: %s", error)
        await asyncio.sleep(LOOK_SECONDS)
