"""The store as a folder: nothing to install, nothing running.

An object is a file that appears whole or not at all: it is written to a
temporary file, synced, and linked to its name, which never replaces what is
there. How folders are opened and made, and that no link is followed, is for
`tree.py`.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from tasks.case.faults import reach_put
from tasks.case.store import (
    MAX_OBJECT_BYTES,
    Anomalies,
    Anomaly,
    InvalidKey,
    Keys,
    StoreWithoutHardLinks,
    check_key,
    check_prefix,
    check_size,
    is_key,
    object_missing,
)
from tasks.case.tree import (
    FILE_MODE,
    FolderTree,
    kind_of,
    not_plain,
    open_below,
    open_to_read,
)

TEMPORARY = ".tmp"
"""Below the root, so that it is on the same file system; no key begins with a dot."""

LEFTOVER_SECONDS = 3600
"""No write takes this long: an older temporary file belongs to a process that died."""

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_NO_HARD_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV})


class FolderStore:
    """A `Store` in a folder. Reading never creates the folder; the first put does."""

    def __init__(self, root: Path) -> None:
        self._tree = FolderTree(root)

    @property
    def root(self) -> Path:
        """The folder, as an absolute path."""
        return self._tree.root

    @property
    def name(self) -> str:
        """The folder's own name, by which moments of the work are told."""
        return self.root.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FolderStore) and other.root == self.root

    def __hash__(self) -> int:
        return hash(self.root)

    def __repr__(self) -> str:
        return f"FolderStore({str(self.root)!r})"

    def put(self, key: str, data: bytes) -> bytes:
        """Create an object and return what is stored, synced to the disk."""
        *folders, name = check_key(key).split("/")
        check_size(key, len(data))
        reach_put("before-put", self.name, key, data)
        with self._tree.errors(key, is_writing=True), self._tree.made(folders) as folder:
            stored = _read(folder, name, key)
            if stored is None:
                stored = self._create(folder, name, key, data)
            # Whoever was first may have died between link and sync: the answer must last too.
            os.fsync(folder)
        reach_put("after-put", self.name, key, data)
        return stored

    def get(self, key: str) -> bytes:
        """Return an object's bytes. Raises ObjectMissing."""
        data = self.find(key)
        if data is None:
            raise object_missing(key)
        return data

    def find(self, key: str) -> bytes | None:
        """Return an object's bytes, or None where there is no such object."""
        *folders, name = check_key(key).split("/")
        with self._tree.errors(key, is_writing=False), self._tree.opened(folders) as folder:
            return None if folder is None else _read(folder, name, key)

    def series(self, key_of: Callable[[int], str], first: int) -> Iterator[bytes]:
        """Yield the objects numbered from `first` on, up to the first number that has none."""
        number = first
        while (data := self.find(key_of(number))) is not None:
            yield data
            number += 1

    def exists(self, key: str) -> bool:
        """Whether there is such an object, without reading it."""
        *folders, name = check_key(key).split("/")
        with self._tree.errors(key, is_writing=False), self._tree.opened(folders) as folder:
            if folder is None:
                return False
            kind = kind_of(name, folder)
        if kind not in (None, stat.S_IFREG, stat.S_IFDIR):
            raise not_plain(key)
        return kind == stat.S_IFREG

    def sweep(self, now: datetime) -> int:
        """Remove the temporary files that dead processes left; return how many."""
        oldest_kept = now.timestamp() - LEFTOVER_SECONDS
        removed = 0
        with self._tree.errors(TEMPORARY, is_writing=True), self._tree.opened([TEMPORARY]) as temp:
            if temp is None:
                return 0
            with os.scandir(temp) as entries:
                for entry in list(entries):
                    # Its writer, or another sweep, may take it away first.
                    with suppress(FileNotFoundError):
                        if entry.stat(follow_symlinks=False).st_mtime < oldest_kept:
                            os.unlink(entry.name, dir_fd=temp)
                            removed += 1
        return removed

    def list(self, prefix: str) -> Keys:
        """List every key below a folder, in order.

        Links and devices under a name that is a key are listed too, so that what
        was planted is met and refused rather than passed over.
        """
        start = check_prefix(prefix)
        names = start.split("/") if start else []
        with self._tree.errors(start, is_writing=False), self._tree.opened(names) as folder:
            return [] if folder is None else sorted(_keys_below(folder, start))

    def folders(self, prefix: str) -> Keys:
        """List the names of the folders just below a folder, in order."""
        start = check_prefix(prefix)
        names = start.split("/") if start else []
        with self._tree.errors(start, is_writing=False), self._tree.opened(names) as folder:
            if folder is None:
                return []
            with os.scandir(folder) as entries:
                found = [each.name for each in entries if each.is_dir(follow_symlinks=False)]
        return sorted(filter(is_key, found))

    def strangers(self, prefix: str = "") -> Anomalies:
        """List what lies below a folder and can be no object: other names, and links."""
        start = check_prefix(prefix)
        found: Anomalies = []
        with self._tree.errors(start, is_writing=False):
            for at, folders, files in os.walk(self.root / start, onerror=_raise_unless_gone):
                below = Path(at).relative_to(self.root)
                if below == Path():
                    folders[:] = [name for name in folders if name != TEMPORARY]
                for name in (*folders, *files):
                    path = (below / name).as_posix()
                    if not is_key(path) or (Path(at) / name).is_symlink():
                        found.append(Anomaly(path, "It is no object of an archive."))
        return sorted(found)

    def remove(self, key: str) -> None:
        """Remove an object, synced to the disk. Its folder stays, and tells nothing."""
        *folders, name = check_key(key).split("/")
        with self._tree.errors(key, is_writing=True), self._tree.opened(folders) as folder:
            kind = None if folder is None else kind_of(name, folder)
            if folder is None or kind in (None, stat.S_IFDIR):
                return
            if kind != stat.S_IFREG:
                raise not_plain(key)
            with suppress(FileNotFoundError):  # another process was first
                os.unlink(name, dir_fd=folder)
            os.fsync(folder)

    def _create(self, folder: int, name: str, key: str, data: bytes) -> bytes:
        with self._tree.made([TEMPORARY]) as temporary:
            draft = f"{os.getpid()}-{secrets.token_hex(8)}"
            try:
                _write_new(temporary, draft, data)
                _link(temporary, draft, folder, name, where=str(self.root))
            except FileExistsError:
                stored = _read(folder, name, key)
            else:
                stored = data
            finally:
                with suppress(OSError):
                    os.unlink(draft, dir_fd=temporary)
        if stored is None:
            raise InvalidKey(
                f"{key!r} is a folder: it can't be an object too.",
                where=str(self.root),
                remedy="Choose another key.",
            )
        return stored


def _raise_unless_gone(error: OSError) -> None:
    # os.walk passes over what it can't read, where a stranger might be kept.
    if not isinstance(error, FileNotFoundError):
        raise error


def _read(folder: int, name: str, key: str) -> bytes | None:
    opened = open_to_read(folder, name, key)
    if opened is None:
        return None
    with os.fdopen(opened, "rb") as file:
        data = file.read(MAX_OBJECT_BYTES + 1)
    check_size(key, len(data))
    return data


def _write_new(folder: int, name: str, data: bytes) -> None:
    with os.fdopen(os.open(name, _CREATE, FILE_MODE, dir_fd=folder), "wb") as file:
        os.fchmod(file.fileno(), FILE_MODE)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _link(source: int, draft: str, folder: int, name: str, *, where: str) -> None:
    try:
        os.link(draft, name, src_dir_fd=source, dst_dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        raise StoreWithoutHardLinks(
            f"A file could not be linked to its name: {error.strerror}.",
            where=where,
            remedy="Keep the office on one file system that has hard links (ext4, XFS, APFS,"
            " NFS; not FAT or most cloud drives), and see that none of its folders is immutable.",
        ) from error


def _keys_below(folder: int, prefix: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in found:
        key = f"{prefix}/{name}" if prefix else name
        if not is_key(key):
            continue
        if not is_folder:
            yield key
        elif (below := open_below(folder, name, key)) is not None:
            try:
                yield from _keys_below(below, key)
            finally:
                os.close(below)
