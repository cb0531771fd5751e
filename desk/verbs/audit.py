"""The verb `letters audit`: a year's letters for an auditor, as PDF and tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from desk.failures import Exit
from desk.printing import counted, print_fields, print_json, say
from letters.year import DISPOSED, YearAudit, figures_of
from tasks.archiving.year_audit import audit_year
from tasks.archiving.year_report import report_files, write_files
from tasks.case.office import Office


def audit_letters(office: Office, year: int, into: Path, *, as_json: bool) -> int:
    """Write the report of a year. Ends with 1 if any letter of it could not be told of."""
    audit = audit_year(office, year)
    files = report_files(audit, organisation=office.settings.letterhead.organisation)
    changed = write_files(into, files)
    if as_json:
        print_json({"folder": str(into), "files": list(files), "changed": changed, **_shown(audit)})
    else:
        _print(audit, into)
    return Exit.DONE if audit.is_whole else Exit.BLOCKED


def _shown(audit: YearAudit) -> dict[str, Any]:
    as_of = audit.as_of
    return {
        "year": audit.year,
        "as_of": as_of.model_dump(mode="json"),
        "figures": figures_of(audit).model_dump(mode="json"),
        "letters": [
            {
                **row.model_dump(mode="json"),
                "working_days_to_signature": row.days_to_signature,
                "working_days_to_acceptance": row.days_to_acceptance,
                "punctuality": row.punctuality(as_of.at),
            }
            for row in audit.letters
        ],
        "damaged": [row.model_dump(mode="json") for row in audit.damaged],
    }


def _print(audit: YearAudit, into: Path) -> None:
    figures = figures_of(audit)
    print_fields(
        f"Letters of {audit.year}: {counted(figures.letters, 'letter')}",
        [
            ("stand at", _listed(figures.states)),
            ("deadline", _listed(figures.punctuality)),
            ("working days to signature", figures.to_signature),
            ("working days to the last copy", figures.to_acceptance),
            ("decisions", _listed(figures.decisions)),
            ("retries", _listed(figures.retries)),
        ],
    )
    for row in audit.damaged:
        is_wrong = row.code != DISPOSED
        what = f"{'damaged' if is_wrong else 'not told of'}: {row.reference}: {row.message}"
        say(f"{what} {row.where} [{row.code}]", style="bold red" if is_wrong else "")
    say(f"The report is in {into}: report.pdf, and tables for spreadsheets. It names people.")
    if not audit.is_whole:
        say("Damaged letters are in none of the figures: `letters verify` tells what differs.")


def _listed(numbers: dict[str, int]) -> str | None:
    return ", ".join(f"{number} {name}" for name, number in numbers.items()) or None
