"""Collecting drafts: what is laid into the drafts folder becomes a run of issue-letter, once.

Once for the same bytes, whatever the file is called. The run is created before the
draft's chain notes it: who dies between the two asks Prefect again, under the same
idempotency key, and is given the run that there is. Which files are looked at is
`tasks.drafting.laid_drafts`'. Imports Prefect.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactCollectionFilter,
    ArtifactCollectionFilterKey,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import State, StateType
from prefect.states import Completed, Failed

from flows.idle_rounds import IDLE, STILL_NEEDING, forget_idle_rounds
from flows.kept_runs import FLOW
from flows.office import open_office
from flows.picking_up import DEPLOYMENT
from flows.recording import PAGE
from flows.troubles import Troubles
from letters.errors import TransientError, UsageError
from letters.problem import DraftUnreadable
from tasks.case.faults import reach
from tasks.case.intake import Intake
from tasks.case.office import Office
from tasks.drafting.laid_drafts import is_begun, laid_names, note_collected, shown_name, taken_in
from tasks.drafting.submitted import bound_name
from tasks.templating import render_markdown_template

log = logging.getLogger("flows")

COLLECTED = "Collected"
"""The name of the state in which a round ends that started letters."""

NEEDING = "NeedsAPerson"
"""The same, where a file can't be taken in and that is new."""

ARTIFACT = "drafts-not-collected"

NOT_BOUND_YET = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING]
"""The states of runs whose draft may still be named by its file alone."""


class RefusedFile(NamedTuple):
    """A file of the drafts folder that can't be taken in."""

    name: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.name}: {self.message} {self.remedy}".strip()


@dataclass(frozen=True)
class CollectReport:
    """What one round found in the drafts folder."""

    collected: tuple[str, ...] = ()
    """The files with whose bytes a letter was started now."""
    refused: tuple[RefusedFile, ...] = ()
    is_news: bool = False
    """Whether `refused` is not what was shown last."""
    troubles: tuple[str, ...] = ()
    """What failed, and why."""

    @property
    def state_name(self) -> str:
        """What a round without troubles is called."""
        if self.refused and self.is_news:
            return NEEDING
        if self.collected:
            return COLLECTED
        return STILL_NEEDING if self.refused else IDLE

    def __str__(self) -> str:
        """Say each trouble and each refused file in a line, then what was started."""
        told = f"Started: {', '.join(self.collected)}." if self.collected else ""
        return "\n".join(filter(None, (*self.troubles, *map(str, self.refused), told))) or (
            "Nothing to do."
        )


@flow(name="collect-drafts", persist_result=False)
def collect_drafts() -> State[Any]:
    """Look through the drafts folder once, and start a letter for each draft that is new."""
    report = collect(open_office(is_register_needed=False))
    if report.troubles:
        return Failed(message=str(report))
    with suppress(Exception):  # they only take room, and the next round tries again
        forget_idle_rounds(collect_drafts.name)
    return Completed(name=report.state_name, message=str(report))


def collect(office: Office) -> CollectReport:
    """Start a run for each new draft, and list what can't be taken in; one stops no other.

    Within a flow run, whose artifact the list becomes.
    """
    troubles = Troubles()
    collected: list[str] = []
    refused: list[RefusedFile] = []
    names: list[str] = []
    with troubles.met("looking into the drafts folder"):
        names = laid_names(office.drafts_folder, office.clock())
    with get_client(sync_client=True) as client:
        runs = _Runs(client)
        for name in names:
            shown = shown_name(name)
            with troubles.met(f"collecting {shown}"):
                try:
                    intake = taken_in(office, name)
                except (UsageError, DraftUnreadable) as error:
                    refused.append(RefusedFile(shown, error.message, error.remedy))
                    continue
                except TransientError as error:
                    if error.code == "draft-changing":  # the next round finds it saved
                        continue
                    raise
                if intake is not None and _start_if_new(runs, name, intake):
                    collected.append(name)
        is_news = _show(client, refused)
    report = CollectReport(
        collected=tuple(collected),
        refused=tuple(refused),
        is_news=is_news,
        troubles=tuple(troubles.told),
    )
    log.info("%s", report)
    return report


class _Runs:
    """What Prefect has to be asked about the office's letters, at most once a round."""

    def __init__(self, client: SyncPrefectClient) -> None:
        self._client = client
        self._deployment_id: UUID | None = None
        self._named: frozenset[str] | None = None

    def awaits(self, name: str) -> bool:
        """Whether somebody has started a run by this file's name which hasn't taken it in yet."""
        if self._named is None:
            runs = self._client.read_flow_runs(
                flow_filter=FlowFilter(name=FlowFilterName(any_=[FLOW])),
                flow_run_filter=FlowRunFilter(
                    state=FlowRunFilterState(type=FlowRunFilterStateType(any_=NOT_BOUND_YET))
                ),
                limit=PAGE,
            )
            self._named = frozenset(str(run.parameters.get("draft", "")).strip() for run in runs)
        return name.strip() in self._named

    def start(self, name: str, draft: str, *, sha256: str) -> str:
        """Start a letter, or find the run that was started for these bytes; return its id."""
        if self._deployment_id is None:
            self._deployment_id = self._client.read_deployment_by_name(DEPLOYMENT).id
        run = self._client.create_flow_run_from_deployment(
            self._deployment_id,
            parameters={"draft": draft},
            name=name,
            idempotency_key=f"collected:{sha256}",
        )
        return str(run.id)


def _start_if_new(runs: _Runs, name: str, intake: Intake) -> bool:
    """Start a letter with a file's bytes unless something was begun with them before."""
    if is_begun(intake) or runs.awaits(name):
        return False
    run_id = runs.start(name, bound_name(name, intake), sha256=intake.draft_sha256)
    reach("after-start-of-collected")
    note_collected(intake, run_id)
    return True


def _show(client: SyncPrefectClient, refused: list[RefusedFile]) -> bool:
    """Show what can't be taken in, unless that is what was shown last; tell whether it was new."""
    try:
        markdown = render_markdown_template("artifacts/drafts_not_collected.md.j2", refused=refused)
        wanted = ArtifactCollectionFilterKey(any_=[ARTIFACT])
        latest = client.read_latest_artifacts(artifact_filter=ArtifactCollectionFilter(key=wanted))
        if (latest[0].data if latest else None) == markdown or not (latest or refused):
            return False
        create_markdown_artifact(
            key=ARTIFACT,
            markdown=markdown,
            description="Files in the drafts folder from which no letter begins, and what to do",
        )
    except Exception as error:  # whatever Prefect or a template makes of it
        log.warning("The drafts that can't be taken in can't be shown: %s", error)
    return True
