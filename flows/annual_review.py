"""Once a year the office looks back: the year's report for auditors, and who was not inspected.

The report lies in the office's folder, `reports/<year>/`, and can be made again from the
archive whenever someone asks. Imports Prefect.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, NamedTuple

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.office import open_office
from letters.deadline import day_of
from letters.letter import Authority
from letters.reference import Reference
from letters.year import LetterRow, YearAudit, figures_of
from tasks.archiving.year_audit import audit_year
from tasks.archiving.year_report import report_files, write_files
from tasks.case.office import Office
from tasks.templating import render_markdown_template

log = logging.getLogger("flows")

REPORTS = "reports"

WRITTEN, UNCHANGED, DAMAGED = "Written", "Unchanged", "Damaged"

SHOWN_AT_MOST = 100
"""Rows of a table in the artifact; the report has all."""


class Review(NamedTuple):
    """What was looked back on, and where it was written."""

    audit: YearAudit
    folder: Path
    changed: tuple[str, ...]
    """The files that were written: those that are others than before."""
    not_inspected: tuple[Authority, ...]
    """Authorities of the register without a letter after an inspection of that year."""

    @property
    def state_name(self) -> str:
        """What the run is called."""
        if not self.audit.is_whole:
            return DAMAGED
        return WRITTEN if self.changed else UNCHANGED

    @property
    def late(self) -> tuple[LetterRow, ...]:
        """The letters that missed their deadline, or will."""
        as_of = self.audit.as_of.at
        return tuple(
            row for row in self.audit.letters if row.punctuality(as_of) in ("late", "overdue")
        )

    def __str__(self) -> str:
        """Say it in one line, and one for each damaged letter."""
        told = (
            f"Letters after inspections of {self.audit.year}: {len(self.audit.letters)}, late"
            f" {len(self.late)}. Authorities without an inspection: {len(self.not_inspected)}."
            f" The report is in {self.folder}."
        )
        damaged = (f"{one.reference}: {one.message} [{one.code}]" for one in self.audit.damaged)
        return "\n".join((told, *damaged))


@flow(name="annual-review", persist_result=False)
def annual_review(year: int | None = None) -> State[Any]:
    """Write the report over a year's letters, and list who was not inspected in it.

    Args:
        year: The year in which the inspections began; without one, the last that is over.

    """
    review = review_year(open_office(), year)
    _show(review)
    make = Completed if review.audit.is_whole else Failed
    return make(name=review.state_name, message=str(review))


def review_year(office: Office, year: int | None = None) -> Review:
    """Write the report of a year where it isn't there yet, or is another by now.

    Raises the errors of `audit_year`, and UsageError where the office's folder can't be
    written to.
    """
    if year is None:
        year = day_of(office.clock()).year - 1
    audit = audit_year(office, year)
    folder = office.root / REPORTS / str(year)
    # The folder above it is no one else's either.
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = report_files(audit, organisation=office.settings.letterhead.organisation)
    changed = write_files(folder, files)
    inspected = set(_inspected(audit))
    not_inspected = [one for one in office.register.authorities if one.code not in inspected]
    return Review(audit, folder, tuple(changed), tuple(not_inspected))


def _inspected(audit: YearAudit) -> list[str]:
    """Name the authorities of which a letter tells of an inspection in the year."""
    names = [row.reference for row in audit.letters] + [row.reference for row in audit.damaged]
    references = [Reference.parse(name) for name in names]
    # A letter a year is about inspections, and is none.
    return [one.authority_code for one in references if one.period != one.year]


def _show(review: Review) -> None:
    try:
        create_markdown_artifact(
            key=f"annual-review-{review.audit.year}",
            markdown=render_markdown_template(
                "artifacts/annual_review.md.j2",
                review=review,
                year=review.audit.year,
                as_of=review.audit.as_of,
                figures=figures_of(review.audit),
                late=review.late[:SHOWN_AT_MOST],
                damaged=review.audit.damaged[:SHOWN_AT_MOST],
                not_inspected=review.not_inspected[:SHOWN_AT_MOST],
            ),
            description="The year's letters in figures, and who was not inspected",
        )
    except Exception as error:  # whatever Prefect or a template makes of it
        log.warning("The review of %d can't be shown: %s", review.audit.year, error)
