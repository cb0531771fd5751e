"""Drafts as named on the command line: found, measured, and read as bytes."""

from __future__ import annotations

from pathlib import Path

from letters.errors import UsageError
from letters.problem import DraftUnreadable
from tasks.case.intake import EXTENSIONS


def draft_bytes(path: Path, *, limit_bytes: int) -> bytes:
    """Read a draft's file.

    Raises UsageError where there is no such file or it is no kind of draft,
    DraftUnreadable where it is too large; such a file is not read.
    """
    if path.is_dir():
        raise UsageError(
            "This is a folder, not a draft.",
            where=str(path),
            remedy="Name one file.",
            code="draft-is-a-folder",
        )
    if path.suffix.lower().lstrip(".") not in EXTENSIONS:
        known = " or ".join(f".{extension}" for extension in EXTENSIONS)
        raise UsageError(
            f"A draft's name ends in {known}, not in “{path.suffix}”.",
            where=str(path),
            remedy="Save it as plain text (.txt) or in the office's Markdown (.md).",
            code="draft-extension-unknown",
        )
    try:
        size = path.stat().st_size
        if size > limit_bytes:
            raise DraftUnreadable(
                f"The draft has {size:,} bytes; {limit_bytes:,} are allowed.",
                where=str(path),
                remedy="A letter is a few pages of text: check that it is the right file.",
                code="draft-too-large",
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(
            "There is no such draft.",
            where=str(path),
            remedy="Check the path; it is taken from the folder you are in.",
            code="draft-missing",
        ) from None
    except OSError as error:
        raise UsageError(
            f"The draft can't be read: {error.strerror}.",
            where=str(path),
            remedy="Check that the file is yours to read.",
            code="draft-not-readable",
        ) from None
