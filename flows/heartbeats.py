"""Heartbeats of runs, sent by the runner for its processes: they live as long as both do.

Prefect's own come from a thread in each run, which a short run waits for at its end. Here
the one who watches a process sends them, the first when it is half a minute old: most
letters are done by then, and cost nothing. Imports Prefect.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from prefect.client.schemas.objects import FlowRun
from prefect.events import Event, RelatedResource, Resource
from prefect.events.clients import get_events_client

HEARTBEAT = "prefect.flow-run.heartbeat"

PROCESS_ENDED = "letters.run.process-ended"
"""Follows the last heartbeat, so that nobody waits for another.

A run may have been suspended between the two: it has no process, and needs none.
"""

EVERY_SECONDS = 30.0

log = logging.getLogger("flows")


@asynccontextmanager
async def beating(run: FlowRun, *, every_seconds: float = EVERY_SECONDS) -> AsyncIterator[None]:
    """Send heartbeats of a run for the length of a block. What can't be sent stops nothing."""
    beats = asyncio.create_task(_beat(run, every_seconds))
    try:
        yield
    finally:
        beats.cancel()
        with suppress(asyncio.CancelledError):
            await beats


async def _beat(run: FlowRun, every_seconds: float) -> None:
    has_beaten = False
    try:
        while True:
            await asyncio.sleep(every_seconds)
            has_beaten = True
            await _emit(HEARTBEAT, run)
    finally:
        if has_beaten:
            await _emit(PROCESS_ENDED, run)


async def _emit(event: str, run: FlowRun) -> None:
    related = []
    if run.deployment_id is not None:
        related = [
            RelatedResource(
                {
                    "prefect.resource.id": f"prefect.deployment.{run.deployment_id}",
                    "prefect.resource.role": "deployment",
                }
            )
        ]
    resource = Resource(
        {
            "prefect.resource.id": f"prefect.flow-run.{run.id}",
            "prefect.resource.name": run.name,
        }
    )
    try:
        # One connection each: the server may have been started again since the last one.
        async with get_events_client(checkpoint_every=1) as client:
            await client.emit(Event(event=event, resource=resource, related=related))
    except Exception as error:  # whatever Prefect makes of it; the run goes on
        log.warning("The heartbeat of %s was not sent: %s", run.name, error)
