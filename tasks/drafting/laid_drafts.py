"""The drafts folder as a place from which letters begin by themselves.

Owns which of its files are looked at, when one counts as saved, and how it is known
whether anything was begun with its bytes. Reading a file is `draft_files`'; what is
begun with it, the flow's.
"""

from __future__ import annotations

import os
import stat
from datetime import datetime
from pathlib import Path

from letters.errors import UsageError
from tasks.case.intake import Intake, take_in
from tasks.case.office import Office
from tasks.case.record import StepRun
from tasks.drafting.draft_files import laid_draft

STEP = "collect-drafts"

_TAKING_IN = "intake"
"""The step of `take_in`, which begins nothing yet."""

SETTLED_SECONDS = 10
"""A file that was written to a shorter time ago may still be being written."""

# What the file's own program lays beside a document, or leaves of it: Word's `~$` and `~WRL`,
# LibreOffice's `.~lock`, Emacs's `#…#` and `…~`, and what copying programs name first.
_OTHERS_BEGIN = (".", "~", "#")
_OTHERS_END = ("~", ".tmp", ".part", ".partial", ".crdownload", ".swp", ".bak")
_OTHERS = frozenset({"thumbs.db", "desktop.ini"})


def laid_names(folder: Path, now: datetime) -> list[str]:
    """List what may be drafts in the folder itself, those first that lie there longest.

    Subfolders, hidden files and those of editors are none, and neither is what was
    written to just now. Nothing where there is no folder yet; raises UsageError where
    it can't be listed.
    """
    laid = []
    try:
        # Opened without following a link, as its files are when they are read.
        at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UsageError(
            f"The drafts folder can't be listed: {error.strerror}.",
            where=str(folder),
            remedy="Make it a folder of the office itself, which the office's programs may read.",
            code="drafts-folder-unusable",
        ) from None
    try:
        with os.scandir(at) as entries:
            for entry in entries:
                if _is_anothers(entry.name) or (saved := _saved_at(entry)) is None:
                    continue
                # By a clock that is ahead of ours it may have been written to just now, too.
                if abs(now.timestamp() - saved) >= SETTLED_SECONDS:
                    laid.append((saved, entry.name))
    finally:
        os.close(at)
    return [name for _, name in sorted(laid)]


def taken_in(office: Office, name: str) -> Intake | None:
    """Take a file of the drafts folder in; None where it is gone by now.

    Raises what `laid_draft` raises.
    """
    try:
        limit_bytes = office.settings.limits.draft_bytes
        laid = laid_draft(office.drafts_folder, name, limit_bytes=limit_bytes)
    except UsageError as refused:
        if refused.code == "draft-missing" and not os.path.lexists(office.drafts_folder / name):
            return None
        raise
    return take_in(office, laid.data, laid.extension)


def is_begun(intake: Intake) -> bool:
    """Whether anything was ever begun with these bytes in this office, by whomever.

    Raises ChainBroken where the chain has lost entries, which might say so.
    """
    intake.chain.require_whole()
    return any(entry.step != _TAKING_IN for entry in intake.chain.entries())


def note_collected(intake: Intake, run_id: str) -> None:
    """Write that a run was started for these bytes. The run itself may have begun before."""
    step = StepRun(intake, STEP)
    step.note("collected", run=run_id)
    step.complete()


def shown_name(name: str) -> str:
    """Give a file's name as it can be told in a line, whatever stands in it."""
    return name if name.isprintable() else ascii(name)


def _is_anothers(name: str) -> bool:
    folded = name.casefold()
    return folded.startswith(_OTHERS_BEGIN) or folded.endswith(_OTHERS_END) or folded in _OTHERS


def _saved_at(entry: os.DirEntry[str]) -> float | None:
    """Tell when an entry was last written to; None for a folder, and for what is gone."""
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return None if stat.S_ISDIR(status.st_mode) else status.st_mtime
