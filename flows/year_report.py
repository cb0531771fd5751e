"""The year's report for auditors in the office's own folder, `reports/<year>/`.

It can be made again from the archive whenever someone asks. Imports nothing of Prefect.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from letters.year import LetterRow, YearAudit
from tasks.archiving.year_audit import audit_year
from tasks.archiving.year_report import report_files, write_files
from tasks.case.office import Office

REPORTS = "reports"


class Report(NamedTuple):
    """What is told of a year's letters, and where it was written."""

    audit: YearAudit
    folder: Path
    changed: tuple[str, ...]
    """The files that were written: those that are others than before."""

    @property
    def late(self) -> tuple[LetterRow, ...]:
        """The letters that missed their deadline, or will."""
        as_of = self.audit.as_of.at
        return tuple(
            row for row in self.audit.letters if row.punctuality(as_of) in ("late", "overdue")
        )


def report_year(office: Office, year: int) -> Report:
    """Write the report of a year where it isn't there yet, or is another by now.

    Raises the errors of `audit_year`, and UsageError where the office's folder can't be
    written to.
    """
    audit = audit_year(office, year)
    folder = office.root / REPORTS / str(year)
    # The folder above it is no one else's either.
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = report_files(audit, organisation=office.settings.letterhead.organisation)
    return Report(audit, folder, tuple(write_files(folder, files)))
