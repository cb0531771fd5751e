"""Open drafts as they are laid into `drafts/open/`: once a year, and never over a person's work.

Owns where they lie and when one may be replaced: only while its bytes are those that were
laid. Nothing begins with what lies there; a person fills it in and moves it into `drafts/`.
What stands in them is `open_draft.py`'s.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Literal

from letters.canonical import sha256_hex
from letters.errors import LettersError
from tasks.archiving.review.keep import authority_record
from tasks.case.case import Case
from tasks.case.office import Office

OPEN = "open"
STEP = "lay-draft"
LAID = "laid"

How = Literal["laid", "laid anew", "there", "taken up", "in hand"]


class OpenDraftUnwritable(LettersError):
    """The draft of an annual review can't be laid down."""

    code = "open-draft-unwritable"


def lay_open_draft(
    office: Office, year: int, code: str, *, reference: str, name: str, data: bytes
) -> How:
    """Lay an authority's open draft of a year down, and tell what became of it.

    `laid` for the first time; `laid anew`, since the review tells something else by now and
    nobody had touched the file; `there` already; `in hand`, as somebody has written in it;
    `taken up`, as it was moved away or the letter exists by that `reference`. Raises
    OpenDraftUnwritable, ChainBroken.
    """
    record = authority_record(office, year, code)
    laid = [
        str(entry.detail["sha256"])
        for entry in record.chain.entries()
        if (entry.step, entry.event) == (STEP, LAID)
    ]
    path = office.drafts_folder / OPEN / name
    sha256 = sha256_hex(data)
    try:
        there = _bytes_of(path)
        if there is None and (laid or Case(office, reference).exists):
            return "taken up"
        if there is not None and sha256_hex(there) == sha256:
            how: How = "there"
        elif there is not None and sha256_hex(there) not in laid:
            return "in hand"
        elif not _write(path, data, is_new=there is None):
            return "there"
        else:
            how = "laid" if there is None else "laid anew"
    except OSError as error:
        raise OpenDraftUnwritable(
            f"The draft of the annual review can't be laid down: {error.strerror}.",
            where=str(path),
            remedy="Make `drafts/open` a folder that the office's programs may write to; then"
            " review the year again.",
        ) from error
    if sha256 not in laid:
        record.chain.append(STEP, LAID, detail={"name": name, "sha256": sha256})
    return how


def _bytes_of(path: Path) -> bytes | None:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    with os.fdopen(file, "rb") as opened:
        return opened.read()


def _write(path: Path, data: bytes, *, is_new: bool) -> bool:
    """Write the whole file or nothing; a new one only where none lies by now, else False."""
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if not is_new:
            Path(made).replace(path)
            return True
        try:
            os.link(made, path)
        except FileExistsError:  # another process was first
            return False
        return True
    finally:
        Path(made).unlink(missing_ok=True)
