"""What Prefect knows about a run, as plain JSON.

Owns the shape; where it is kept is for others to say. The log lines are the only
place where Prefect keeps the error of an attempt that was followed by another.
Imports Prefect.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterTags,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import Log, State, TaskRun
from prefect.client.schemas.sorting import FlowRunSort, LogSort, TaskRunSort

from flows.recording import PAGE, settle

Row = TypeVar("Row")


def run_history(flow_run_id: UUID | str) -> dict[str, Any]:
    """Return a run's name and states, its task runs with theirs, and its log lines.

    Times are ISO 8601 in UTC. What this process sent is waited for first. Raises
    prefect.exceptions.ObjectNotFound for an unknown run.
    """
    settle()
    run_id = UUID(str(flow_run_id))
    with get_client(sync_client=True) as client:
        flow_run = client.read_flow_run(run_id)
        task_runs = _every(
            lambda offset: client.read_task_runs(
                flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id])),
                sort=TaskRunSort.EXPECTED_START_TIME_ASC,
                limit=PAGE,
                offset=offset,
            )
        )
        logs = _every(
            lambda offset: client.read_logs(
                LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run_id])),
                sort=LogSort.TIMESTAMP_ASC,
                limit=PAGE,
                offset=offset,
            )
        )
        return {
            "flow_run_id": str(flow_run.id),
            "name": flow_run.name,
            "tags": sorted(flow_run.tags),
            "run_count": flow_run.run_count,
            "states": [_state(state) for state in client.read_flow_run_states(run_id)],
            "task_runs": [_task_run(client, task_run) for task_run in task_runs],
            "logs": [_line(log) for log in logs],
        }


def runs_of(tag: str) -> tuple[UUID, ...]:
    """Return the runs that bear `tag`, the latest first, 200 at most."""
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(tags=FlowRunFilterTags(all_=[tag])),
            sort=FlowRunSort.START_TIME_DESC,
            limit=PAGE,
        )
    return tuple(run.id for run in runs)


def _every(read: Callable[[int], Sequence[Row]]) -> Iterator[Row]:
    offset = 0
    while True:
        rows = read(offset)
        yield from rows
        offset += len(rows)
        if len(rows) < PAGE:
            return


def _task_run(client: SyncPrefectClient, task_run: TaskRun) -> dict[str, Any]:
    return {
        "task_run_id": str(task_run.id),
        "name": task_run.name,
        "run_count": task_run.run_count,
        "states": [_state(state) for state in client.read_task_run_states(task_run.id)],
    }


def _state(state: State[Any]) -> dict[str, Any]:
    return {
        "name": state.name,
        "type": state.type.value,
        "timestamp": _time(state.timestamp),
        "message": state.message,
    }


def _line(log: Log) -> dict[str, Any]:
    return {
        "at": _time(log.timestamp),
        "level": logging.getLevelName(log.level),
        "logger": log.name,
        "task_run_id": str(log.task_run_id) if log.task_run_id else None,
        "message": log.message,
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
