"""The files in which drafts lie: opened so that nothing else is read, and read whole.

Owns what counts as a draft's file (a regular file of a known kind and size, that nobody
writes to just now) and the drafts folder's extra care. Which draft is meant is in
`submitted`; what is in the bytes, in the readers.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from letters.errors import TransientError, UsageError
from letters.problem import DraftUnreadable
from tasks.drafting.limits import EXTENSIONS, extension_of, most_bytes, refuse_size

MOST_NAMES = 20
"""Of drafts that an error lists."""

_FILE_NAME = re.compile(r"[^/\\.][^/\\]{0,199}")

# Opened without waiting: a pipe that nobody writes to would keep the program for ever.
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
_IS_LINK = (errno.ELOOP, errno.ENOTDIR)


class Laid(NamedTuple):
    """A draft's bytes, and what its name ends in: `md`, without the dot."""

    data: bytes
    extension: str


def draft_bytes(path: Path, *, limit_bytes: int) -> bytes:
    """Read a draft's file, wherever it lies: the person who names it may read it.

    Raises UsageError where there is no such file or it is no kind of draft,
    DraftUnreadable where it is too large, TransientError while it is written.
    """
    try:
        file = os.open(path, _READ)
    except OSError as error:
        raise _not_opened(error, where=str(path)) from None
    try:
        _demand_file(file, path.name, where=str(path))
        return _read(file, path.name, where=str(path), limit_bytes=limit_bytes)
    finally:
        os.close(file)


def laid_draft(folder: Path, name: str, *, limit_bytes: int) -> Laid:
    """Read a file that lies in the drafts folder itself.

    Whoever may lay files there needn't be allowed to read what this program may: what
    leads elsewhere isn't followed, and what was looked at is what is read. Raises
    UsageError, DraftUnreadable where it is too large, TransientError while it is written.
    """
    where = f"{folder.name}/{name}"
    with _opened_folder(folder) as at:
        if not _FILE_NAME.fullmatch(name) or not name.isprintable():
            told = "A draft is named by its file's name alone, without a folder."
            raise _missing(folder, _names(at), told)
        try:
            file = os.open(name, _READ | os.O_NOFOLLOW, dir_fd=at)
        except FileNotFoundError:
            raise _missing(folder, _names(at), f"There is no draft “{name}”.") from None
        except OSError as error:
            if error.errno in _IS_LINK:
                raise _linked(f"“{name}” is a link to a file elsewhere.", where) from None
            raise _not_opened(error, where=where) from None
        try:
            _demand_file(file, name, where=where)
            _demand_own_name(at, name, file, where=where)
            data = _read(file, name, where=where, limit_bytes=limit_bytes)
        finally:
            os.close(file)
        return Laid(data, extension_of(name).lstrip("."))


@contextmanager
def _opened_folder(folder: Path) -> Iterator[int]:
    """Open the drafts folder once: all that is asked of it is asked of what was opened."""
    try:
        at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        raise _missing(folder, (), "There is no draft: the folder isn't there yet.") from None
    except OSError as error:
        is_link = error.errno in _IS_LINK
        raise UsageError(
            "The drafts folder can't be opened: "
            + ("it is a link, or no folder." if is_link else f"{error.strerror}."),
            where=str(folder),
            remedy="Make it a folder of the office itself; a disk can be mounted there.",
            code="drafts-folder-unusable",
        ) from None
    try:
        yield at
    finally:
        os.close(at)


def _demand_file(file: int, name: str, *, where: str) -> None:
    """Refuse what was opened if it is no file, or no kind of draft."""
    mode = os.fstat(file).st_mode
    if stat.S_ISDIR(mode):
        raise UsageError(
            "This is a folder, not a draft.",
            where=where,
            remedy="Name one file.",
            code="draft-is-a-folder",
        )
    if not stat.S_ISREG(mode):
        raise UsageError(
            "This is no file but a pipe, a socket or a device.",
            where=where,
            remedy="Save the draft as a file, and name that.",
            code="draft-no-file",
        )
    try:
        extension_of(name)
    except DraftUnreadable as refused:
        raise UsageError(
            refused.message, where=where, remedy=refused.remedy, code=refused.code
        ) from None


def _read(file: int, name: str, *, where: str, limit_bytes: int) -> bytes:
    """Read an opened file whole, as it was at one moment."""
    before = os.fstat(file)
    most = most_bytes(name, limit_bytes)
    refuse_size(before.st_size, name=name, limit_bytes=limit_bytes)
    with os.fdopen(file, "rb", closefd=False) as opened:
        data = opened.read(most + 1)
    if len(data) != before.st_size or os.fstat(file).st_mtime_ns != before.st_mtime_ns:
        raise _changing(where)
    return data


def _demand_own_name(folder: int, name: str, file: int, *, where: str) -> None:
    """Refuse a file that has another name elsewhere, which could be anybody's file.

    Inode and number of names are asked in one, so that no name can be taken away between.
    """
    try:
        named = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        raise _changing(where) from None
    if not os.path.samestat(named, os.fstat(file)):
        raise _changing(where)
    if named.st_nlink > 1:
        raise _linked(f"“{name}” has another name elsewhere, too.", where)


def _names(folder: int) -> tuple[str, ...]:
    """List the drafts of the opened folder; names that would garble a message aren't listed."""
    with os.scandir(folder) as entries:
        return tuple(
            sorted(
                entry.name
                for entry in entries
                if entry.name.casefold().endswith(EXTENSIONS)
                and entry.name.isprintable()
                and entry.is_file(follow_symlinks=False)
            )
        )


def _missing(folder: Path, names: Sequence[str], message: str) -> UsageError:
    listed = ", ".join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else "")
    known = ", ".join(EXTENSIONS)
    remedy = f"The folder holds {listed}." if names else f"Lay the draft's file ({known}) there."
    return UsageError(message, where=str(folder), remedy=remedy, code="draft-missing")


def _changing(where: str) -> TransientError:
    return TransientError(
        "The draft was written to while it was read.",
        where=where,
        remedy="Submit it again when it has been saved.",
        code="draft-changing",
    )


def _linked(message: str, where: str) -> UsageError:
    remedy = "Lay a copy of the file there instead."
    return UsageError(message, where=where, remedy=remedy, code="draft-is-a-link")


def _not_opened(error: OSError, *, where: str) -> UsageError:
    if isinstance(error, FileNotFoundError):
        return UsageError(
            "There is no such draft.",
            where=where,
            remedy="Check the path; it is taken from the folder you are in.",
            code="draft-missing",
        )
    return UsageError(
        f"The draft can't be read: {error.strerror}.",
        where=where,
        remedy="Check that the file is yours to read.",
        code="draft-not-readable",
    )
