"""Forgetting the rounds of housekeeping and its like that had nothing to do. Imports Prefect.

Every few minutes there is one: they would hide what an operator looks for among the
runs. The last hour's stay, so that one can see that it is done; so does every round
that did something, or failed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateName,
)

from flows.recording import PAGE

IDLE = "Idle"
"""The name of the state in which a round ends that found nothing to do."""

STILL_STRANDED = "StillStranded"
"""The same, where letters stand still of which the office has been told."""

STILL_NEEDING = "StillNeedsAPerson"
"""The state in which a round of `check-deliveries` ends that lists what it listed before."""

FORGOTTEN = [IDLE, STILL_STRANDED, STILL_NEEDING]
KEPT_FOR = timedelta(hours=1)


def forget_idle_rounds(flow_name: str) -> int:
    """Delete the idle rounds that ended more than an hour ago, 200 at most; return how many."""
    idle = FlowRunFilter(
        state=FlowRunFilterState(name=FlowRunFilterStateName(any_=FORGOTTEN)),
        end_time=FlowRunFilterEndTime(before_=datetime.now(UTC) - KEPT_FOR),
    )
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[flow_name])),
            flow_run_filter=idle,
            limit=PAGE,
        )
        for run in runs:
            client.delete_flow_run(run.id)
    return len(runs)
