"""Copies of a year's dossiers for people, in a folder: the archive keeps the ones that count.

Owns their names. What is copied is what the chains name; another's bytes are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from letters.canonical import sha256_hex
from letters.errors import UsageError
from tasks.archiving.review.dossier import CSV, HTML, PDF
from tasks.archiving.review.keep import (
    ReviewDamaged,
    authority_record,
    files_of,
    last_summary,
    whole_record,
)
from tasks.archiving.year_report import write_files
from tasks.case.office import Office
from tasks.case.record import Record

COPIED = (PDF, HTML, CSV)


def copy_dossiers(office: Office, year: int, folder: Path, *, code: str | None = None) -> list[str]:
    """Write the dossiers of a reviewed year into a folder; return the names of the changed.

    `year.pdf`, `year.html`, `year.csv` of all authorities, and the same of each by its code;
    with `code` those of that one alone. Raises UsageError where the year has no review, or
    none of that authority, and ReviewDamaged.
    """
    kept = last_summary(office, year)
    if kept is None:
        raise UsageError(
            f"The year {year} was not reviewed yet.",
            where=f"reviews/{year:04d}",
            remedy=f"`letters review {year}` reviews it, and so does the deployment annual-review.",
            code="year-not-reviewed",
        )
    records = [
        (each.code, authority_record(office, year, each.code), each.number)
        for each in kept.review.reviews
        if code in (None, each.code)
    ]
    if code is None:
        records.append(("year", whole_record(office, year), kept.number))
    elif not records:
        raise UsageError(
            f"The review of {year} tells of no authority “{code}”.",
            where=f"reviews/{year:04d}/authorities/{code}",
            remedy="Name it by its code, as authorities.csv does.",
            code="authority-not-reviewed",
        )
    written = dict(
        pair for name, record, number in records for pair in _named(name, record, number)
    )
    return write_files(folder, written)


def _named(name: str, record: Record, number: int) -> Iterator[tuple[str, bytes]]:
    hashes = files_of(record, number)
    for file in COPIED:
        data = record.find(f"{number}/{file}")
        if data is None or sha256_hex(data) != hashes.get(file):
            raise ReviewDamaged(
                "A dossier isn't the one that was kept.",
                where=record.key(f"{number}/{file}"),
                remedy="Run `letters verify` to see what was altered; restore it from a backup.",
            )
        yield f"{name}.{file.rpartition('.')[2]}", data
