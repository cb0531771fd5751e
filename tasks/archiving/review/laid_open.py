"""Open drafts as they are laid into `drafts/open/`: once a year, and never over a person's work.

Owns where they lie and when one may be replaced: only while its bytes are those that were
laid. Nothing begins with what lies there; a person fills it in and moves it into `drafts/`.
What stands in them is `open_draft.py`'s.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Literal

from letters.canonical import sha256_hex
from letters.errors import LettersError
from tasks.archiving.review.keep import authority_record
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.case.record import ANNOUNCED, Record

OPEN = "open"
STEP = "lay-draft"
LAID = "laid"

How = Literal["laid", "laid anew", "there", "taken up", "in hand", "unwritable"]


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
    if Case(office, reference).exists:
        return "taken up"
    draft = _OpenDraft(authority_record(office, year, code), office.drafts_folder / OPEN / name)
    try:
        return draft.lay(data)
    except OSError as error:
        raise OpenDraftUnwritable(
            f"The draft of the annual review can't be laid down: {error.strerror}.",
            where=str(draft.path),
            remedy="Make `drafts/open` a folder that the office's programs may write to, and let"
            " no link lie in the file's place; then review the year again.",
        ) from error


class _OpenDraft:
    """One file in `drafts/open`, and what the review's chain knows of it.

    Its hash is announced before it is laid: bytes that a killed run left are ours, too.
    """

    def __init__(self, record: Record, path: Path) -> None:
        self.path = path
        self._record = record
        entries = [entry for entry in record.chain.entries() if entry.step == STEP]
        self._ours = {str(entry.detail["sha256"]) for entry in entries}
        self._laid = {str(e.detail["sha256"]) for e in entries if e.event == LAID}

    def lay(self, data: bytes) -> How:
        """Lay the file down where that takes nothing from anybody. Raises OSError."""
        sha256, there = sha256_hex(data), _bytes_of(self.path)
        if there is None and self._laid:
            return "taken up"
        if there is not None and sha256_hex(there) not in self._ours:
            return "there" if sha256_hex(there) == sha256 else "in hand"
        if there is None or sha256_hex(there) != sha256:
            self._note(ANNOUNCED, sha256)
            if not self._put(data):
                return "there" if there is None else "in hand"
        if sha256 in self._laid:
            return "there"
        self._note(LAID, sha256)
        return "laid" if there is None else "laid anew" if there != data else "there"

    def _put(self, data: bytes) -> bool:
        """Put the whole file where none lies but one of ours; False where another does."""
        for folder in (self.path.parent.parent, self.path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".laying-", dir=self.path.parent) as aside:  # 0700
            made, before = Path(aside) / "made", Path(aside) / "before"
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
                f.write(data)
                f.flush()
                os.fsync(f.fileno())
            # Taken aside first, then looked at again: somebody may have saved it this moment.
            with suppress(FileNotFoundError):
                self.path.rename(before)
            was = _bytes_of(before)
            is_ours = was is None or sha256_hex(was) in self._ours
            with suppress(FileExistsError):
                os.link(made if is_ours else before, self.path)
                return is_ours
        return False

    def _note(self, event: str, sha256: str) -> None:
        self._record.chain.append(STEP, event, detail={"name": self.path.name, "sha256": sha256})
        self._ours.add(sha256)


def _bytes_of(path: Path) -> bytes | None:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    with os.fdopen(file, "rb") as opened:
        return opened.read()
