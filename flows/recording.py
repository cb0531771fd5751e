"""Waiting until Prefect has recorded what this process told it about its task runs.

Prefect's clients send the states of task runs as events; the server writes them
down later, and a server stopped in between has lost them for good while their flow
reads Completed. Owns the knowledge of what was sent: the server can't tell what it
never got round to. Imports Prefect: load it only where a flow may run.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import TaskRunFilter, TaskRunFilterId
from prefect.events import Event

# Prefect made this client for its tests. No other will do: `emit_event` sends nothing
# at all when the client isn't exactly one of those it knows.
from prefect.events.clients import AssertingPassthroughEventsClient as RememberingEventsClient
from prefect.events.worker import EventsWorker, emit_events_to_cloud
from prefect.logging.handlers import APILogWorker

SETTLE_SECONDS = 20
LOOK_SECONDS = 0.1
PAGE = 200
"""The most rows that Prefect's API returns at once."""


def remember_task_runs() -> None:
    """Have Prefect send its events by a client which remembers them."""
    if not emit_events_to_cloud():
        EventsWorker.set_client_override(RememberingEventsClient)


def settle(*, seconds: float = SETTLE_SECONDS) -> int:
    """Send what waits here, and wait until the server has recorded all that was sent.

    Return how many task runs aren't recorded after `seconds`: 0 is what to expect.
    """
    deadline = time.monotonic() + seconds
    EventsWorker.drain_all(timeout=seconds)
    APILogWorker.drain_all(timeout=seconds)
    unrecorded = _last_states(list(_take_events()))
    if not unrecorded:
        return 0
    # A server that is gone records nothing more.
    with suppress(httpx.HTTPError), get_client(sync_client=True) as client:
        while time.monotonic() < deadline:
            for task_run_ids in _pages(list(unrecorded)):
                wanted = TaskRunFilter(id=TaskRunFilterId(any_=task_run_ids))
                for task_run in client.read_task_runs(task_run_filter=wanted):
                    if task_run.state_id == unrecorded[task_run.id]:
                        del unrecorded[task_run.id]
            if not unrecorded:
                break
            time.sleep(LOOK_SECONDS)
    return len(unrecorded)


def _take_events() -> Iterator[Event]:
    for client in RememberingEventsClient.all:
        # One that never reached the server has sent nothing.
        if hasattr(client, "events"):
            yield from client.pop_events()


def _last_states(events: Sequence[Event]) -> dict[UUID, UUID]:
    """Return the id of the latest state of each task run: its event bears the same."""
    states = {}
    for event in sorted(events, key=lambda event: event.occurred):
        kind, _, task_run_id = event.resource.id.rpartition(".")
        if kind == "prefect.task-run" and event.event.startswith("prefect.task-run."):
            states[UUID(task_run_id)] = event.id
    return states


def _pages(ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(ids), PAGE):
        yield list(ids[start : start + PAGE])
