"""Serving the office's deployments: what is started from Prefect's pages is run here.

Owns the runner's life: it takes up what an earlier one left, outlives a server that
dies, and ends only when the letters under way have come to their end. How a run's
process begins is `flows.warm_runs`'s. Imports Prefect.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import httpx

from flows.automations import register_automations
from flows.dead_runs import mark_dead_runs_crashed, reschedule_interrupted
from flows.deployments import deployments
from flows.engine import Engine, revive
from flows.resuming import resume_decided
from flows.warm_runs import WarmRunner, warm_up
from letters.errors import LettersError
from tasks.case.office import Office

log = logging.getLogger("flows")

FIRST = asyncio.FIRST_COMPLETED
WATCH_SECONDS = 1
LAST_RUNS_SECONDS = 60
"""How long the letters under way are given when serving is to end."""

Announce = Callable[[str], None]
OnReady = Callable[[dict[str, UUID]], None]


def serve_deployments(
    office: Office, *, home: Path, engine: Engine, announce: Announce, on_ready: OnReady
) -> None:
    """Run what is started from Prefect's pages, until SIGINT or SIGTERM. For the main thread.

    `on_ready` gets the ids of the deployments by the names of their flows.
    """
    asyncio.run(_serve(office, home, engine, announce, on_ready))


async def _serve(
    office: Office, home: Path, engine: Engine, announce: Announce, on_ready: OnReady
) -> None:
    ending, serve = asyncio.Event(), office.settings.serve
    _end_by_signals(ending)
    await asyncio.to_thread(warm_up)
    is_first = True
    while not ending.is_set():
        runner = WarmRunner(
            name="office",
            query_seconds=serve.poll_seconds,
            limit=serve.runs_at_once,
            pause_on_shutdown=False,
        )
        try:
            served = await _deploy(runner)
        except httpx.HTTPError as error:  # the server has died again meanwhile
            announce(f"Prefect doesn't answer: {error}")
            await asyncio.sleep(WATCH_SECONDS)
            await _revive(home, engine, announce)
            continue
        # Before runs are taken up: what ran out while nothing was served must crash none of them.
        await asyncio.to_thread(_register, served, announce)
        if is_first:
            await asyncio.to_thread(_take_up, office, served, engine, announce)
            is_first = False
        running = asyncio.create_task(runner.start())
        await asyncio.wait((running, asyncio.create_task(runner.entered())), return_when=FIRST)
        # The runner takes SIGTERM for itself and would cancel its runs; ours replace its.
        _end_by_signals(ending)
        on_ready(served)
        await _watch(running, ending, home, engine, announce)
        if ending.is_set():
            announce("Ending: letters under way come to their end first.")
            await runner.wind_down(seconds=LAST_RUNS_SECONDS)
        running.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await running


def _end_by_signals(ending: asyncio.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)


def _take_up(office: Office, served: dict[str, UUID], engine: Engine, announce: Announce) -> None:
    """Have what an earlier runner left go on; what can't be judged keeps nobody from serving."""
    try:
        is_shared = not engine.is_embedded
        for name in reschedule_interrupted(served.values(), is_shared=is_shared):
            announce(f"The run {name} was interrupted; it goes on.")
        for dead in mark_dead_runs_crashed():
            announce(f"The run {dead.name} had died; it is marked Crashed.")
        resume_decided(office)
    except Exception as error:
        log.exception("What an earlier runner left was not taken up.")
        announce(f"What an earlier runner left was not taken up: {error}")


def _register(served: dict[str, UUID], announce: Announce) -> None:
    """Have the office's automations; letters are issued without them, too."""
    try:
        register_automations(served)
    except Exception as error:
        log.exception("The automations were not registered.")
        announce(f"Prefect's automations were not registered: {error}")


async def _deploy(runner: WarmRunner) -> dict[str, UUID]:
    return {
        deployment.flow_name or "": await runner.aadd_deployment(deployment)
        for deployment in await asyncio.to_thread(deployments)
    }


async def _watch(
    running: asyncio.Task[None],
    ending: asyncio.Event,
    home: Path,
    engine: Engine,
    announce: Announce,
) -> None:
    """Return when serving is to end or the runner has given up; revive a server that died."""
    while not ending.is_set() and not running.done():
        with suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), WATCH_SECONDS)
        if not ending.is_set():
            await _revive(home, engine, announce)


async def _revive(home: Path, engine: Engine, announce: Announce) -> None:
    """Start the office's own server again if it has died."""
    if engine.is_embedded:
        try:
            if await asyncio.to_thread(revive, home):
                announce("Prefect's server had died; it was started again.")
        except LettersError as error:
            announce(f"{error.message} {error.remedy}")
