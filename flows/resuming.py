"""Waking the runs that wait: those whose case has something to go on with.

Called when a decision was kept, when a new revision takes another's place, and by
housekeeping, which finds what the others missed. Imports Prefect.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType

from flows.recording import PAGE
from flows.waiting import is_waiting, show_waiting
from letters.errors import UsageError
from tasks.case.case import Case
from tasks.case.faults import reach
from tasks.case.office import Office
from tasks.drafting.submitted import submitted

log = logging.getLogger("flows")


def resume_decided(
    office: Office, reference: str | None = None, *, tell: Callable[[str], None] = log.warning
) -> int:
    """Resume the suspended runs that have something to go on with; return how many.

    Of one letter, or of all. A run that can't be judged is left as it is, and told. Of one
    letter, a run that still waits shows on its page who has signed by now.
    """
    resumed = 0
    with get_client(sync_client=True) as client:
        for run in list(_suspended(client, reference)):
            try:
                became = submitted(office, str(run.parameters.get("draft", ""))).became()
                if became is None:
                    continue
                case, revision = Case(office, became[0]), became[1]
                if is_waiting(case, revision):
                    if reference is not None and case.decisions(revision).approved:
                        show_waiting(case, revision, flow_run_id=run.id)
                    continue
                reach("before-resume")
                client.resume_flow_run(run.id)
                reach("after-resume")
                resumed += 1
            except UsageError:
                continue  # another office's, which shares the server
            except Exception as error:  # one bad run must not keep the others waiting
                tell(f"The run {run.name} was not resumed: {error}")
    return resumed


def _suspended(client: SyncPrefectClient, reference: str | None) -> Iterator[FlowRun]:
    wanted = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED])),
        tags=None if reference is None else FlowRunFilterTags(all_=[reference]),
    )
    offset = 0
    while runs := client.read_flow_runs(flow_run_filter=wanted, limit=PAGE, offset=offset):
        yield from runs
        offset += len(runs)
