"""Once a year the office looks back: a dossier of each authority, one of the year, open drafts.

Authorities are worked through as tasks, a few at a time; one that fails is reported and
stops no other. In which order things happen is `review_round.py`'s; here they get their
task runs, their progress and their artifacts. Copies for people, and the year's report for
auditors, lie in the office's folder, `reports/<year>/`. Imports Prefect.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from prefect import flow, task
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.futures import PrefectConcurrentFuture
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import exponential_backoff
from prefect.utilities.annotations import quote

from flows.office import open_office
from flows.review_round import NO_LETTERS, One, Outcome, Reviewed, Round, review_year
from flows.year_report import Report, report_year
from letters.deadline import day_of
from letters.errors import UsageError
from letters.letter import Authority
from letters.year import figures_of
from tasks.archiving.review.copies import Copies, copy_dossiers
from tasks.case.office import Office
from tasks.step import is_worth_retrying
from tasks.templating import render_markdown_template

log = logging.getLogger("flows")

WRITTEN, UNCHANGED, DAMAGED, INCOMPLETE = "Written", "Unchanged", "Damaged", "Incomplete"
REFUSED = "Refused"

AT_ONCE = 4
"""Authorities side by side: more would wait for one another's charts and for the disk."""

RUNNER: Any = ThreadPoolTaskRunner(max_workers=AT_ONCE)

PROGRESS_SECONDS = 2
"""Between two updates of the progress: each costs Prefect's server a write."""

SHOWN_AT_MOST = 100
"""Rows of a table in the artifact; the dossiers have all."""


class Done(NamedTuple):
    """What a run of the annual review came to."""

    round: Round
    report: Report
    copies: Copies

    @property
    def state_name(self) -> str:
        """What the run is called."""
        if self.round.review.not_reviewed:
            return INCOMPLETE
        is_whole = self.round.review.is_whole and self.report.audit.is_whole
        if self.copies.damaged or not is_whole:
            return DAMAGED
        if "unwritable" in self.round.drafts.values():
            return INCOMPLETE
        is_new = self.round.is_new or self.report.changed or self.copies.changed
        return WRITTEN if is_new else UNCHANGED

    def __str__(self) -> str:
        """Say it in one line, and one for each authority or letter that went wrong."""
        review, figures = self.round.review, self.round.review.figures
        laid = sum(how in ("laid", "laid anew") for how in self.round.drafts.values())
        told = (
            f"{review.year}: authorities {len(review.authorities)}, letters {figures.letters},"
            f" late {figures.late}, areas left open {figures.still_open}, without an inspection"
            f" {len(list(review.not_inspected))}. New dossiers: {len(self.round.new)}, drafts laid"
            f" into drafts/open: {laid}. Copies are in {self.report.folder}."
        )
        wrong = (f"{o.authority.code}: {o.message} [{o.code}]" for o in review.not_reviewed)
        damaged = (f"{o.reference}: {o.message} [{o.code}]" for o in self.report.audit.damaged)
        dossiers = (f"{o.where}: {o.message} [{o.code}]" for o in self.copies.damaged)
        drafts = (
            f"{code}: its draft could not be laid into drafts/open; the log tells why."
            for code, how in self.round.drafts.items()
            if how == "unwritable"
        )
        return "\n".join((told, *wrong, *damaged, *dossiers, *drafts))


@task(
    name="review-authority",
    description="Tells an authority's year, keeps its dossier, and lays its open draft down.",
    tags={"letters", "reviews"},
    cache_policy=NO_CACHE,
    persist_result=False,
)
def review_authority(one: One, authority: Authority) -> Reviewed:
    """Review one authority; show its dossier where it is a new one."""
    reviewed = one(authority)
    if reviewed.is_new:
        _show_authority(reviewed)
    return reviewed


@flow(
    name="annual-review",
    persist_result=False,
    task_runner=RUNNER,
)
def annual_review(year: int | None = None) -> State[Any]:
    """Review a year: a dossier for each authority and for all, and drafts of their letters.

    Args:
        year: The year in which the inspections began; without one, the last that is over.

    """
    office = open_office()
    try:
        done = review(office, last_year(office) if year is None else year)
    except UsageError as error:
        # Nobody named the year of a round that began by itself.
        is_of_new_office = year is None and error.code == NO_LETTERS
        refused = Completed if is_of_new_office else Failed
        return refused(name=REFUSED, message=str(error))
    make = Completed if done.state_name in (WRITTEN, UNCHANGED) else Failed
    return make(name=done.state_name, message=str(done))


def last_year(office: Office) -> int:
    """Tell which year is the last that is over, by London's days."""
    return day_of(office.clock()).year - 1


def review(office: Office, year: int) -> Done:
    """Review a year within a flow run, and show it.

    Raises the errors of `review_year`, `report_year` and `copy_dossiers`.
    """

    def do_all(of: int, authorities: Sequence[Authority], one: One) -> Iterator[Outcome]:
        return _as_tasks(office, of, authorities, one)

    came_to = review_year(office, year, do_all)
    report = report_year(office, year)
    done = Done(came_to, report, copy_dossiers(office, year, report.folder / "dossiers"))
    _show(done)
    return done


def _as_tasks(
    office: Office, year: int, authorities: Sequence[Authority], one: One
) -> Iterator[Outcome]:
    """Do a year's authorities as task runs, and show how far they are."""
    steps = office.settings.steps

    def submit(authority: Authority) -> PrefectConcurrentFuture[Reviewed]:
        do: Any = review_authority.with_options(
            task_run_name=f"review {authority.code} {year}",
            retries=steps.attempts - 1,
            retry_delay_seconds=exponential_backoff(steps.first_wait_seconds),
            retry_condition_fn=is_worth_retrying,
        )
        # Quoted: Prefect looks for futures in all it is handed.
        submitted: PrefectConcurrentFuture[Reviewed] = do.submit(quote(one), quote(authority))
        return submitted

    futures = {submit(authority): authority for authority in authorities}
    with _Progress(year, len(futures)) as progress:
        by_inner = {future.wrapped_future: future for future in futures}
        for inner in as_completed(by_inner):
            future = by_inner[inner]
            try:
                yield futures[future], future.result()
            except Exception as error:  # it stops no other; what it was is told of it
                yield futures[future], error
            progress.step()


@contextmanager
def _never_stopping(what: str) -> Iterator[None]:
    """Let what only shows be logged where it fails: it stops no review."""
    try:
        yield
    except Exception as error:  # whatever Prefect or a template makes of it
        log.warning("%s: %s", what, error)


class _Progress:
    """How far a year's authorities are, as an artifact that is updated."""

    def __init__(self, year: int, count: int) -> None:
        self._year, self._count, self._done = year, count, 0
        self._told = time.monotonic()
        self._artifact: UUID | None = None

    def __enter__(self) -> _Progress:
        if self._count:
            with _never_stopping("The progress can't be shown"):
                made = create_progress_artifact(
                    progress=0.0,
                    key=f"annual-review-{self._year}-progress",
                    description=f"Authorities reviewed of {self._count}",
                )
                self._artifact = made if isinstance(made, UUID) else None
        return self

    def step(self) -> None:
        """One more is done."""
        self._done += 1
        if time.monotonic() - self._told >= PROGRESS_SECONDS:
            self._tell()

    def __exit__(self, *_: object) -> None:
        self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        if self._artifact is not None:
            with _never_stopping("The progress can't be shown"):
                update_progress_artifact(
                    artifact_id=self._artifact, progress=100 * self._done / self._count
                )


def _show_authority(reviewed: Reviewed) -> None:
    review = reviewed.kept.review
    with _never_stopping(f"The dossier of {review.authority.code} can't be shown"):
        create_markdown_artifact(
            key=f"dossier-{review.authority.code}",
            markdown=render_markdown_template(
                "artifacts/dossier.md.j2", review=review, number=reviewed.kept.number
            ),
            description=f"{review.authority.name} in {review.year}",
        )


def _show(done: Done) -> None:
    review, report = done.round.review, done.report
    with _never_stopping(f"The review of {review.year} can't be shown"):
        create_markdown_artifact(
            key=f"annual-review-{review.year}",
            markdown=render_markdown_template(
                "artifacts/annual_review.md.j2",
                review=review,
                year=review.year,
                now=review.figures,
                before=review.history[-1] if review.history else None,
                folder=str(report.folder),
                drafts=done.round.drafts,
                as_of=report.audit.as_of,
                figures=figures_of(report.audit),
                late=report.late[:SHOWN_AT_MOST],
                late_in_all=len(report.late),
                damaged=report.audit.damaged[:SHOWN_AT_MOST],
                not_inspected=list(review.not_inspected)[:SHOWN_AT_MOST],
                not_inspected_in_all=len(list(review.not_inspected)),
                inspection_unknown=list(review.inspection_unknown)[:SHOWN_AT_MOST],
                inspection_unknown_in_all=len(list(review.inspection_unknown)),
            ),
            description="The year in figures, and who was not inspected",
        )
