"""The office's page in Prefect: every open letter, for whom it waits, what is wrong with it.

An artifact with one key for ever, made anew by housekeeping and at the end of each
letter's run, and written only when what it says has changed. What it says is told by
`flows.standing`; like every artifact it proves nothing, and one that can't be made stops
nothing. It belongs to no run: idle rounds are deleted. Imports Prefect.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.filters import (
    ArtifactCollectionFilter,
    ArtifactCollectionFilterKey,
    ArtifactFilter,
    ArtifactFilterKey,
    FlowFilter,
    FlowFilterName,
)
from prefect.client.schemas.objects import ArtifactCollection, FlowRun
from prefect.client.schemas.sorting import ArtifactSort, FlowRunSort
from prefect.utilities.urls import url_for

from flows.kept_runs import FLOW
from flows.recording import PAGE
from flows.standing import standing_of_office
from flows.turns import turn
from letters.deadline import OFFICES, day_of
from letters.letter import day_in_words
from letters.standing import OfficeStanding, Standing
from tasks.case.cache import FOLDER as CACHES
from tasks.case.office import Office
from tasks.templating import render_markdown_template

log = logging.getLogger("flows")

ARTIFACT = "office-page"

VERSIONS_KEPT = 20

PAGES_OF_RUNS = 5
"""Looked through for the letters' latest runs, from the newest."""


def show_office_page(office: Office, *, at_most_every: timedelta = timedelta(0)) -> bool:
    """Bring the office's page up to date; tell whether it had to be written. Never raises.

    With `at_most_every` one that was looked at or written so lately is left to housekeeping's
    next round, and later still where looking takes long: where many runs end at once, each
    would read all open letters.
    """
    try:
        with turn(office.root / CACHES / ARTIFACT, at_most_every=at_most_every) as is_time:
            return is_time and _show(office, at_most_every)
    except Exception as error:  # whatever Prefect, a case or a template makes of it
        log.warning("The office's page can't be shown: %s", error)
        return False


def _show(office: Office, at_most_every: timedelta) -> bool:
    with get_client(sync_client=True) as client:
        shown = _shown(client)
        if shown is not None and _age(shown) < at_most_every:  # by another machine
            return False
        standing = standing_of_office(office)
        runs = _latest_runs(client, {letter.reference for letter in standing.letters})
        markdown = office_page(standing, runs, office.clock())
        if shown is not None and _without_moment(shown.data) == _without_moment(markdown):
            return False
        client.create_artifact(
            ArtifactCreate(
                key=ARTIFACT,
                type="markdown",
                description="Every open letter: for whom it waits, until when, what is wrong",
                data=markdown,
            )
        )
        _forget_old_versions(client)
    return True


def office_page(standing: OfficeStanding, runs: dict[str, str], now: datetime) -> str:
    """Write the page as Markdown; `runs` are the addresses of the letters' runs, if known.

    Only its first line tells the moment.
    """
    local = now.astimezone(OFFICES)
    return render_markdown_template(
        "artifacts/office_page.md.j2",
        as_of=f"{day_in_words(local.date())}, {local:%H:%M}",
        summary=standing.summary,
        groups=[
            (who, [_row(letter, runs.get(letter.reference)) for letter in letters])
            for who, letters in standing.by_whom_they_wait_for().items()
        ],
        troubled=[letter for letter in standing.letters if letter.trouble],
        blocked=[(draft, _day(draft.since)) for draft in standing.blocked],
    )


def _row(letter: Standing, run: str | None) -> dict[str, object]:
    return {
        "letter": letter,
        "since": _day(letter.since),
        "due": "" if letter.due_on is None else day_in_words(letter.due_on),
        "run": run,
    }


def _day(moment: str | None) -> str:
    return "" if moment is None else day_in_words(day_of(datetime.fromisoformat(moment)))


def _without_moment(markdown: object) -> str:
    return str(markdown).partition("\n")[2]


def _shown(client: SyncPrefectClient) -> ArtifactCollection | None:
    """Read the page as it was written last."""
    latest = client.read_latest_artifacts(
        artifact_filter=ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=[ARTIFACT]))
    )
    return latest[0] if latest else None


def _age(shown: ArtifactCollection) -> timedelta:
    """Tell how long ago a page was written, by the server's clock and this machine's."""
    written = shown.updated or shown.created
    return timedelta.max if written is None else datetime.now(UTC) - written


def _forget_old_versions(client: SyncPrefectClient) -> None:
    versions = client.read_artifacts(
        artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[ARTIFACT])),
        sort=ArtifactSort.CREATED_DESC,
        limit=PAGE,
    )
    for version in versions[VERSIONS_KEPT:]:
        client.delete_artifact(version.id)


def _latest_runs(client: SyncPrefectClient, references: set[str]) -> dict[str, str]:
    """Find the page of the newest run that bears each letter's tag; a link proves nothing."""
    found: dict[str, str] = {}
    for run in _newest_runs(client) if references else ():
        for reference in references.intersection(run.tags) - found.keys():
            url = url_for("flow-run", obj_id=run.id)
            if url is not None:
                found[reference] = url
        if len(found) == len(references):
            break
    return found


def _newest_runs(client: SyncPrefectClient) -> Iterator[FlowRun]:
    for number in range(PAGES_OF_RUNS):
        page: Sequence[FlowRun] = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[FLOW])),
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=PAGE,
            offset=number * PAGE,
        )
        yield from page
        if len(page) < PAGE:
            return
