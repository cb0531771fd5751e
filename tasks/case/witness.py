"""The witness: a second record of how long every chain has grown, outside the store.

A chain from which the last entries were cut off is whole again; this record
says that they were there. It proves something only against someone who forgot
it, or could not reach it: whoever owns both folders can shorten both. Real
anchors lie outside the office (`X-Case-Head` in every covering e-mail, the
ledger's head in a mailbox that the office does not own).

Each chain has one file that only grows, a line for each entry; where several machines
share a witness, each entry has an object in a bucket. It is written after the entry: it
may lag behind the chain, and never leads it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
from pathlib import Path

from tasks.case.faults import reach
from tasks.case.store import Store, check_key, is_key
from tasks.case.tree import FILE_MODE, FolderTree, not_plain, open_to_read

_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
ENDING = ".heads"
_LINE = re.compile(rb"^([0-9]{1,8}) ([0-9a-f]{64})$", re.MULTILINE)

_NAME = re.compile(r"([0-9]{8})-([0-9a-f]{64})")


class Witness:
    """The heads that chains have had, in files below `root`: `<chain>.heads`."""

    def __init__(self, root: Path) -> None:
        self._tree = FolderTree(root)

    @property
    def root(self) -> Path:
        """The folder, as an absolute path."""
        return self._tree.root

    def note(self, chain: str, seq: int, sha256: str) -> None:
        """Add that entry `seq` of `chain` was stored, and its hash; synced to the disk.

        Raises InvalidKey and the errors of a store that can't be written.
        """
        path = check_key(f"{chain}{ENDING}")
        *folders, name = path.split("/")
        line = f"{seq} {sha256}\n".encode("ascii")
        reach("before-note", chain)
        with (
            self._tree.errors(path, is_writing=True),
            self._tree.made(folders) as folder,
            os.fdopen(_open_to_append(folder, name, path), "r+b", buffering=0) as file,
        ):
            # Appending is not atomic on every file system (NFS: open(2), O_APPEND). The system
            # gives the lock back when its holder dies.
            fcntl.flock(file, fcntl.LOCK_EX)
            size = os.fstat(file.fileno()).st_size
            if size == 0:
                os.fchmod(file.fileno(), FILE_MODE)
            elif os.pread(file.fileno(), 1, size - 1) != b"\n":
                # The line of a writer that died half-way is closed, never taken away:
                # the file may be set append-only.
                line = b"\n" + line
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file.fileno())
            if size == 0:
                os.fsync(folder)
        reach("after-note", chain)

    def heads(self, chain: str) -> list[tuple[int, str]]:
        """Return every (seq, sha256) noted, the highest last; torn lines are left out.

        A seq that comes twice, with two hashes, had two entries: one was replaced.
        """
        path = check_key(f"{chain}{ENDING}")
        *folders, name = path.split("/")
        with self._tree.errors(path, is_writing=False), self._tree.opened(folders) as folder:
            opened = None if folder is None else open_to_read(folder, name, path)
            if opened is None:
                return []
            with os.fdopen(opened, "rb") as file:
                lines = _LINE.findall(file.read())
        return sorted({(int(seq), sha256.decode("ascii")) for seq, sha256 in lines})

    def chains(self) -> list[str]:
        """List the chains of which anything was noted, whether they are still there or not."""
        found = (path.relative_to(self.root).as_posix() for path in self.root.rglob(f"*{ENDING}"))
        return sorted(filter(is_key, (path.removesuffix(ENDING) for path in found)))


class StoreWitness(Witness):
    """The same in a store that several machines share: an object for each entry.

    Its name tells the entry's number and hash, so that a listing tells all. It belongs in
    another bucket than the archive, written with credentials that can't remove anything.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, chain: str, seq: int, sha256: str) -> None:
        """Add that entry `seq` of `chain` was stored, and its hash. Raises the store's errors."""
        reach("before-note", chain)
        key = f"{check_key(f'{chain}{ENDING}')}/{seq:08}-{sha256}"
        self._store.put(key, f"{seq} {sha256}\n".encode("ascii"))
        reach("after-note", chain)

    def heads(self, chain: str) -> list[tuple[int, str]]:
        """Return every (seq, sha256) noted, the highest last."""
        names = (key.rpartition("/")[2] for key in self._store.list(f"{chain}{ENDING}"))
        return sorted((int(told[1]), told[2]) for told in map(_NAME.fullmatch, names) if told)

    def chains(self) -> list[str]:
        """List the chains of which anything was noted, whether they are still there or not."""
        noted = (key.rpartition("/")[0] for key in self._store.list(""))
        return sorted({place.removesuffix(ENDING) for place in noted if place.endswith(ENDING)})


def _open_to_append(folder: int, name: str, path: str) -> int:
    try:
        return os.open(name, _APPEND, FILE_MODE, dir_fd=folder)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise not_plain(path) from error
