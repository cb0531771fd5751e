"""Open drafts as they are laid into `drafts/open/`: once a year, and never over a person's work.

Owns where they lie and when one may be replaced: only while its bytes are those that were
laid. Nothing begins with what lies there; a person fills it in and moves it into `drafts/`.
What stands in them is `open_draft.py`'s.

To be replaced a file is taken aside first, into a folder `.laying-<name>-…` beside it: what a
person saves meanwhile is then replaced by nothing. Whatever ends a laying, it goes back from
there, by the next one at the latest, and nothing is deleted there that isn't ours.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from functools import cached_property
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

_MADE, _BEFORE = "made", "before"
"""What stands ready to be laid, and what lay there before, in a folder aside."""

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
    draft = _OpenDraft(authority_record(office, year, code), office.drafts_folder / OPEN / name)
    try:
        draft.put_back()
        return "taken up" if Case(office, reference).exists else draft.lay(data)
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
        self._aside = f".laying-{path.name}-"

    @cached_property
    def _ours(self) -> set[str]:
        entries = self._record.chain.entries()
        return {str(each.detail["sha256"]) for each in entries if each.step == STEP}

    @cached_property
    def _laid(self) -> set[str]:
        entries = self._record.chain.entries()
        laid = (each for each in entries if (each.step, each.event) == (STEP, LAID))
        return {str(each.detail["sha256"]) for each in laid}

    def put_back(self) -> None:
        """Put back what a laying that was cut short took aside. Raises as `_clear` does.

        If that laying is still at it, it finds its place taken, and this one lays the draft.
        """
        with suppress(FileNotFoundError):
            # Drafts of all years may lie there, and this looks once for each authority.
            names = os.listdir(self.path.parent)  # noqa: PTH208 - paths cost five times as much
            for name in sorted(each for each in names if each.startswith(self._aside)):
                self._clear(self.path.parent / name)

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
        aside = Path(tempfile.mkdtemp(prefix=self._aside, dir=self.path.parent))  # 0700
        made, before = aside / _MADE, aside / _BEFORE
        try:
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
                f.write(data)
                f.flush()
                os.fsync(f.fileno())
            # Taken aside first, then looked at again: somebody may have saved it this moment.
            with suppress(FileNotFoundError):
                self.path.rename(before)
            if not self._is_ours(_bytes_of(before)):
                return False
            # Not found: another laying has put back what this one took aside, and cleared up.
            with suppress(FileExistsError, FileNotFoundError):
                os.link(made, self.path)
                return True
            return False
        finally:
            self._clear(aside)

    def _clear(self, aside: Path) -> None:
        """Put back what was taken aside, unless ours has been replaced; then clear up.

        Raises OSError, and OpenDraftUnwritable where somebody's words can't go back.
        """
        before = aside / _BEFORE
        with suppress(FileNotFoundError):
            try:
                os.link(before, self.path, follow_symlinks=False)
            except FileExistsError:
                self._require_needless(before)
            except OSError:
                # Where nothing can be linked, a name that is free can still be given back.
                if os.path.lexists(self.path):
                    raise
                before.rename(self.path)
            before.unlink()
        (aside / _MADE).unlink(missing_ok=True)
        with suppress(OSError):  # a laying that is still at it clears it away itself
            aside.rmdir()

    def _require_needless(self, before: Path) -> None:
        data = _bytes_of(before)
        if not self._is_ours(data) and data != _bytes_of(self.path):
            raise OpenDraftUnwritable(
                "What somebody wrote into the draft of the annual review lies aside: another was"
                " saved in its place in the very moment in which it was to be laid anew.",
                where=str(before),
                remedy="Look at both, move what is needed out of that folder and remove the rest;"
                " then review the year again.",
            )

    def _is_ours(self, data: bytes | None) -> bool:
        return data is None or sha256_hex(data) in self._ours

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
