"""Folders and files below a root, reached without following a symbolic link.

Owns how a folder is opened, made with its mode and synced; what is kept there is
for the store and the witness. A link planted below the root is refused, so that
nothing leads out of it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tasks.case.store import InvalidKey, ObjectNotPlain, store_error

FILE_MODE = 0o600
FOLDER_MODE = 0o700

_ROOT = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FOLDER = _ROOT | os.O_NOFOLLOW
# A pipe planted under a key must not keep its reader waiting.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_LASTING_FOLDERS_KEPT = 4096


class FolderTree:
    """The folders below a root, each opened from its parent without following links.

    The root itself may be a link: it is the operator's own choice.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        # Folders whose own entry in their parent this process has seen to disk. One made by
        # a process that died before its sync would otherwise take our objects with it.
        self._lasting: set[str] = set()

    @contextmanager
    def opened(self, names: Sequence[str]) -> Iterator[int | None]:
        """Open the folder at `names` for reading; None where there is none."""
        folder = self._open(names, is_made=False)
        try:
            yield folder
        finally:
            if folder is not None:
                os.close(folder)

    @contextmanager
    def made(self, names: Sequence[str]) -> Iterator[int]:
        """Open the folder at `names`, making it and all above it where they are missing."""
        folder = self._open(names, is_made=True)
        if folder is None:
            raise FileNotFoundError(errno.ENOENT, "the folder vanished", str(self.root))
        try:
            yield folder
        finally:
            os.close(folder)

    @contextmanager
    def errors(self, path: str, *, is_writing: bool) -> Iterator[None]:
        """Turn the operating system's errors into those of the store."""
        try:
            yield
        except OSError as error:
            where = f"{self.root}/{path}" if path else str(self.root)
            raise store_error(error, where=where, is_writing=is_writing) from error

    def _open(self, names: Sequence[str], *, is_made: bool) -> int | None:
        folder = self._open_root(is_made=is_made)
        for depth, name in enumerate(names, start=1):
            if folder is None:
                return None
            path = "/".join(names[:depth])
            try:
                if is_made:
                    below = self._make_below(folder, name, path)
                else:
                    below = open_below(folder, name, path)
            finally:
                os.close(folder)
            folder = below
        return folder

    def _open_root(self, *, is_made: bool) -> int | None:
        try:
            return os.open(self.root, _ROOT)
        except FileNotFoundError:
            if not is_made:
                return None
        missing = [path for path in (self.root, *self.root.parents) if not path.is_dir()]
        for folder in reversed(missing):
            with suppress(FileExistsError):
                folder.mkdir(FOLDER_MODE)
                folder.chmod(FOLDER_MODE)
                _sync_folder(folder.parent)
        return os.open(self.root, _ROOT)

    def _make_below(self, parent: int, name: str, path: str) -> int | None:
        below = open_below(parent, name, path)
        if below is None:
            with suppress(FileExistsError):
                os.mkdir(name, FOLDER_MODE, dir_fd=parent)
                # The umask may have taken the owner's bits away.
                os.chmod(name, FOLDER_MODE, dir_fd=parent)
                self._lasting.discard(path)
            below = open_below(parent, name, path)
            if below is None and kind_of(name, parent) is not None:
                raise InvalidKey(
                    f"{path!r} is an object: no key goes on below it.",
                    where=str(self.root),
                    remedy="Choose another key.",
                )
        if path not in self._lasting:
            os.fsync(parent)
            if len(self._lasting) >= _LASTING_FOLDERS_KEPT:
                self._lasting.clear()
            self._lasting.add(path)
        return below


def open_to_read(folder: int, name: str, path: str) -> int | None:
    """Open a plain file; None for none, or for a folder. Raises ObjectNotPlain."""
    try:
        opened = os.open(name, _READ, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        # ENXIO: a socket, or a device without a driver.
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise not_plain(path) from error
        raise
    kind = stat.S_IFMT(os.fstat(opened).st_mode)
    if kind == stat.S_IFREG:
        return opened
    os.close(opened)
    if kind != stat.S_IFDIR:
        raise not_plain(path)
    return None


def open_below(parent: int, name: str, path: str) -> int | None:
    """Open a folder in `parent`; None where there is none, or a file. Raises ObjectNotPlain."""
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno not in (errno.ENOTDIR, errno.ELOOP):
            raise
    if kind_of(name, parent) == stat.S_IFREG:
        return None
    raise not_plain(path)


def kind_of(name: str, folder: int) -> int | None:
    """Tell what an entry itself is (one of stat.S_IF*), links not followed; None for none."""
    try:
        return stat.S_IFMT(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return None


def not_plain(path: str) -> ObjectNotPlain:
    """Build the error for a link or a device at `path`."""
    return ObjectNotPlain(
        "This is a link or a device, where only files and folders are kept.",
        where=path,
        remedy="Find out who put it there; take it away, and verify the case.",
    )


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, _ROOT)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
