"""Copies of a year's dossiers for people, in a folder: the archive keeps the ones that count.

Owns their names. What is copied is what the chains name; another's bytes are refused. A copy
of whom the year's summary doesn't tell any more is taken away: the archive has its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from letters.canonical import sha256_hex
from letters.errors import UsageError
from tasks.archiving.review.dossier import CSV, HTML, PDF
from tasks.archiving.review.keep import (
    FOLDER,
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

BY_CODE = "authorities"


class Copies(NamedTuple):
    """What was copied."""

    changed: tuple[str, ...]
    """The files that were written, being others than before, and those that were taken away."""
    damaged: tuple[ReviewDamaged, ...]
    """What could not be copied: a dossier that isn't the one that was kept."""


def copy_dossiers(office: Office, year: int, folder: Path, *, code: str | None = None) -> Copies:
    """Write the dossiers of a reviewed year into a folder.

    `year.pdf`, `year.html`, `year.csv` of all authorities, and in `authorities/` the same of
    each by its code; with `code` those of that one alone. Without it, copies of other
    authorities are taken away: of those that could be reviewed before, and not since. Raises
    UsageError where the year has no review, or none of that authority, and where the folder
    can't be written to.
    """
    kept = last_summary(office, year)
    if kept is None:
        raise UsageError(
            f"The year {year} was not reviewed yet.",
            where=f"reviews/{year:04d}",
            remedy=f"`letters review {year}` reviews it, and so does the deployment annual-review.",
            code="year-not-reviewed",
        )
    reviews = [each for each in kept.review.reviews if code in (None, each.code)]
    if code is not None and not reviews:
        raise UsageError(
            f"The review of {year} tells of no authority “{code}”.",
            where=f"reviews/{year:04d}/authorities/{code}",
            remedy="Name it by its code, as authorities.csv does.",
            code="authority-not-reviewed",
        )
    damaged: list[ReviewDamaged] = []
    of_each = {
        name: data
        for each in reviews
        for name, data in _files(
            each.code, authority_record(office, year, each.code), each.number, damaged
        )
    }
    whole = {} if code else dict(_files("year", whole_record(office, year), kept.number, damaged))
    changed = [
        *write_files(folder, whole),
        *(f"{BY_CODE}/{name}" for name in write_files(folder / BY_CODE, of_each)),
    ]
    if code is None:
        told = {each.code for each in reviews}
        removed = _remove_others(office, year, folder / BY_CODE, told)
        changed += [f"{BY_CODE}/{name}" for name in removed]
    return Copies(tuple(changed), tuple(damaged))


def _files(
    name: str, record: Record, number: int, damaged: list[ReviewDamaged]
) -> Iterator[tuple[str, bytes]]:
    hashes = files_of(record, number)
    for file in COPIED:
        data = record.find(f"{number}/{file}")
        if data is not None and sha256_hex(data) == hashes.get(file):
            yield _copy_name(name, file), data
        else:
            damaged.append(_damaged(record.key(f"{number}/{file}")))


def _remove_others(office: Office, year: int, folder: Path, told: set[str]) -> list[str]:
    """Remove the copies of all but the authorities that are told of; return their names."""
    removed = []
    try:
        for code in office.store.folders(f"{FOLDER}/{year:04d}/authorities"):
            for file in COPIED if code not in told else ():
                path = folder / _copy_name(code, file)
                if _is_copy(path, authority_record(office, year, code), file):
                    path.unlink()
                    removed.append(path.name)
    except OSError as error:
        raise UsageError(
            f"An old copy of a dossier can't be taken away: {error.strerror}.",
            where=str(folder),
            remedy="Remove it yourself, or name another folder with -o DIR.",
            code="output-not-writable",
        ) from error
    return sorted(removed)


def _is_copy(path: Path, record: Record, file: str) -> bool:
    """Whether the archive keeps the very same bytes: what else lies there is somebody's own."""
    # Not by the chain: that one can't be read may be why it could not be reviewed.
    if path.is_symlink() or not path.is_file():
        return False
    data = path.read_bytes()
    numbers = (name for name in record.store.folders(record.prefix) if name.isdecimal())
    return any(record.find(f"{number}/{file}") == data for number in numbers)


def _copy_name(name: str, file: str) -> str:
    return f"{name}.{file.rpartition('.')[2]}"


def _damaged(key: str) -> ReviewDamaged:
    return ReviewDamaged(
        "A dossier isn't the one that was kept.",
        where=key,
        remedy="Run `letters verify` to see what was altered; restore it from a backup.",
    )
