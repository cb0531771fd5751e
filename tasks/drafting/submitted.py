"""Which draft is meant: a file laid into the office's `drafts/`, or one taken in before.

Owns the ways in which a draft is named, and the bound name, which also says the
hash of the bytes: `westmere.md sha256:4f0a…`. What a bound name means can't be
changed by editing the file.
"""

from __future__ import annotations

import re
from pathlib import Path

from letters.errors import UsageError
from letters.problem import DraftUnreadable
from letters.reference import Reference
from tasks.case.case import open_case
from tasks.case.intake import EXTENSIONS, Intake, take_in
from tasks.case.office import Office

_BOUND = re.compile(r"(?:(?P<name>.{1,200}?) )?(?:sha256:)?(?P<sha256>[0-9a-f]{64})")
_FILE_NAME = re.compile(r"[^/\\\x00-\x1f.][^/\\\x00-\x1f]{0,199}")

MOST_NAMES = 20
"""Of drafts that an error lists."""


def submitted(office: Office, draft: str) -> Intake:
    """Find the intake of `draft`; a file of the drafts folder is taken in now.

    `draft` is a file's name in the office's `drafts/`, the SHA-256 of a draft taken
    in, a bound name, or the reference of an open letter. Raises UsageError and
    DraftUnreadable.
    """
    told = draft.strip()
    if bound := _BOUND.fullmatch(told):
        intake = Intake(office, bound["sha256"])
        intake.original_name  # noqa: B018 - raises where the office holds no such draft
        return intake
    folder = office.drafts_folder
    if not _FILE_NAME.fullmatch(told):
        raise _missing(office, "A draft is named by its file's name alone, without a folder.")
    path = folder / told
    if reference := known_reference(told):
        return draft_of(office, reference)
    # A link could lead to any file that the office's user may read.
    if path.is_symlink() or not path.is_file():
        raise _missing(office, f"There is no draft “{told}”.")
    data = draft_bytes(path, limit_bytes=office.settings.limits.draft_bytes)
    return take_in(office, data, path.suffix.lower().lstrip("."))


def bound_name(draft: str, intake: Intake) -> str:
    """Name a draft so that the name stands for these bytes for ever."""
    if _BOUND.fullmatch(draft.strip()):
        return draft.strip()
    return f"{draft.strip()} sha256:{intake.draft_sha256}"


def known_reference(text: str) -> str | None:
    """Return `text` as a reference, or None where it is none."""
    try:
        return str(Reference.parse(text))
    except UsageError:
        return None


def draft_of(office: Office, reference: str) -> Intake:
    """Find the draft of a letter's latest revision, as the case keeps it. Raises UsageError."""
    case = open_case(office, reference)
    revision = case.revisions()[-1]
    for name in case.names():
        if name.startswith(f"r{revision}/draft/original."):
            return take_in(office, case.get(name), name.rpartition(".")[2])
    raise UsageError(
        f"The draft of {reference} was not kept.",
        remedy="Submit the draft's file instead.",
        code="draft-missing",
    )


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


def _missing(office: Office, message: str) -> UsageError:
    folder = office.drafts_folder
    names = sorted(
        path.name
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.suffix.lower().lstrip(".") in EXTENSIONS
    )
    listed = ", ".join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else "")
    remedy = f"The folder holds {listed}." if names else "Lay the draft's file (.md, .txt) there."
    return UsageError(message, where=str(folder), remedy=remedy, code="draft-missing")
