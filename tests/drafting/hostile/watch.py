"""What a hostile draft must not touch, and how a touch is seen.

Python's own events are seen by an audit hook, in the reader's process as well; what
native code opens, by the kernel's inotify; a call by network, by whoever listens.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SECRET = "The secret that no letter may tell."  # noqa: S105 - what it says of itself

IN_ACCESS, IN_MODIFY, IN_OPEN = 0x1, 0x2, 0x20
IN_CREATE, IN_DELETE, IN_MOVED, IN_ATTRIB = 0x100, 0x200, 0xC0, 0x4
TOLD_BYTES = 1 << 16

NEVER = (
    *("os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "subprocess.Popen"),
    *("socket.bind", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname"),
    *(
        "socket.sendto",
        "urllib.Request",
        "smtplib.connect",
        "ftplib.connect",
        "http.client.connect",
    ),
    *("ctypes.dlopen", "code.__new__", "pickle.find_class", "webbrowser.open", "os.putenv"),
)
CHANGES = (
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate"),
    *("os.chmod", "os.chown", "os.utime", "os.mkfifo", "shutil.rmtree", "shutil.move"),
)


class Watch:
    """A secret, a folder beside it, a port; and everything that happened to them."""

    def __init__(self, root: Path) -> None:
        self.secret = root / "watched" / "secret.md"
        self.outside = root / "watched"
        self.outside.mkdir()
        self.secret.write_text(SECRET)
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._events = self._libc.inotify_init1(os.O_NONBLOCK)
        wanted = IN_ACCESS | IN_MODIFY | IN_OPEN | IN_CREATE | IN_DELETE | IN_MOVED | IN_ATTRIB
        watched = self._libc.inotify_add_watch(self._events, bytes(self.outside), wanted)
        if self._events < 0 or watched < 0:
            raise OSError(ctypes.get_errno(), "inotify can't watch")
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setblocking(False)
        self._told = mmap.mmap(-1, TOLD_BYTES)  # shared with every process forked from here

    def filled_in(self, words: bytes) -> bytes:
        """Put the watched places into a draft's words."""
        return (
            words.replace(b"{SECRET}", bytes(self.secret))
            .replace(b"{OUTSIDE}", bytes(self.outside))
            .replace(b"{PORT}", str(self._listening.getsockname()[1]).encode())
        )

    def guard(self, *, read: tuple[Path, ...], write: tuple[Path, ...]) -> None:
        """Note, from now on and in this process, what Python opens or starts elsewhere."""
        may_read = tuple(map(str, (*read, *write)))
        may_write = tuple(map(str, write))

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event == "open":
                path, _, flags = arguments
                if not isinstance(path, str | bytes | os.PathLike):
                    return
                if not flags & os.O_ACCMODE and "/" not in os.fsdecode(path):
                    return  # of a folder that was opened before: the kernel sees what it leads to
                told = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - a hook must not open
                is_written = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
                if not told.startswith(may_write if is_written else may_read):
                    self._tell(f"{'written' if is_written else 'opened'}: {told}")
            elif event in NEVER:
                self._tell(f"{event}: {arguments!r:.100}")
            elif event in CHANGES:
                path = arguments[0]
                told = os.path.abspath(os.fsdecode(path)) if isinstance(path, str | bytes) else ""  # noqa: PTH100
                if told and not told.startswith(may_write):
                    self._tell(f"{event}: {told}")

        sys.addaudithook(hook)

    def seen(self) -> list[str]:
        """List what happened since this was last asked."""
        return [*self._told_by_hook(), *self._told_by_kernel(), *self._told_by_network()]

    def _tell(self, what: str) -> None:
        self._told.seek(0)
        size = int.from_bytes(self._told.read(4), "big")
        line = what.encode("utf-8", "replace")[:300] + b"\n"
        if 4 + size + len(line) <= TOLD_BYTES:
            self._told.seek(4 + size)
            self._told.write(line)
            self._told.seek(0)
            self._told.write((size + len(line)).to_bytes(4, "big"))

    def _told_by_hook(self) -> list[str]:
        self._told.seek(0)
        size = int.from_bytes(self._told.read(4), "big")
        lines = self._told.read(size).decode().splitlines()
        self._told.seek(0)
        self._told.write(bytes(4))
        return lines

    def _told_by_kernel(self) -> Iterator[str]:
        try:
            events = os.read(self._events, 1 << 16)
        except BlockingIOError:
            return
        while events:
            mask = int.from_bytes(events[4:8], sys.byteorder)
            size = int.from_bytes(events[12:16], sys.byteorder)
            name = events[16 : 16 + size].rstrip(b"\0").decode(errors="replace")
            yield f"the kernel saw {mask:#x} of {name or 'the folder'}"
            events = events[16 + size :]

    def _told_by_network(self) -> Iterator[str]:
        while True:
            try:
                connection, _ = self._listening.accept()
            except BlockingIOError:
                return
            connection.close()
            yield "somebody called by network"
