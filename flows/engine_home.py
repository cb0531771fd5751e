"""The folder of an office's own Prefect: its secret, its announcement, its log and its locks.

Owns their names, modes and meaning; decides nothing. Three lock files say who is
there. The kernel drops a lock when its holder dies, so nothing has to be guessed
from what a killed process left behind:

    turn.lock    exclusive while a process joins, starts, leaves or stops the server
    users.lock   shared by every process that uses the server
    server.lock  exclusive by the server as long as it lives
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import certifi

LOOK_SECONDS = 0.05
BIRTH_SECONDS = 10
LOG_BYTES = 1_000_000

_BEGIN = "-----BEGIN CERTIFICATE-----\n"
_END = "-----END CERTIFICATE-----\n"


@dataclass(frozen=True)
class Announcement:
    """What the starter of a server tells those who join it (`server.json`)."""

    url: str
    pid: int
    started: str
    ui: bool


@dataclass(frozen=True)
class EngineHome:
    """`<office>/prefect`, readable by its owner alone."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> EngineHome:
        """Return the folder at `path`, made if need be."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
        return cls(path.absolute())

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.path / "server.log"

    @property
    def turn(self) -> Path:
        """The lock of whoever changes who is there."""
        return self.path / "turn.lock"

    @property
    def users(self) -> Path:
        """The lock which every process shares that uses the server."""
        return self.path / "users.lock"

    @property
    def living(self) -> Path:
        """The server's own lock."""
        return self.path / "server.lock"

    def secret(self) -> str:
        """Return what server and clients share, made by the first that asks."""
        path = self.path / "api-auth"
        if not path.exists():
            _write_private(path, f"letters:{secrets.token_urlsafe(32)}")
        return path.read_text()

    def certificate(self) -> Path:
        """Return a file with a single certificate, made by the first that asks.

        Each of Prefect's clients loads all the certificates it is told of, for plain HTTP too,
        and the usual file holds well over a hundred.
        """
        path = self.path / "one-certificate.pem"
        if not path.exists():
            first, end, _ = Path(certifi.where()).read_text("utf-8").partition(_END)
            _write_private(path, _BEGIN + first.partition(_BEGIN)[2] + end)
        return path

    def announced(self) -> Announcement | None:
        """Return what is known of the server, None if nothing is."""
        try:
            return Announcement(**json.loads(self._announcement.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def announce(self, announcement: Announcement | None) -> None:
        """Replace what is known of the server."""
        if announcement is None:
            self._announcement.unlink(missing_ok=True)
        else:
            _write_private(self._announcement, json.dumps(asdict(announcement)))

    def open_log(self) -> IO[bytes]:
        """Open the log to write on; one that has grown long is put aside."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        return open_private(self.log)

    def living_server(self) -> int | None:
        """Return the process number of the server, None if none lives. The caller has the turn."""
        with open_private(self.living) as file:
            if try_lock(file, fcntl.LOCK_EX):
                return None
        # The server itself writes its number there, so it is never that of another.
        wait_until(lambda: self.living.stat().st_size > 0, seconds=BIRTH_SECONDS)
        return int(self.living.read_text())

    @property
    def _announcement(self) -> Path:
        return self.path / "server.json"


def open_private(path: Path) -> IO[bytes]:
    """Open a file to append to, made readable by nobody else."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def try_lock(file: IO[bytes], kind: int) -> bool:
    """Take a lock on an open file unless another holds it; return whether it is ours."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_until(holds: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until `holds()`, at most `seconds`; return whether it does."""
    deadline = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    return held


def _write_private(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    with open_private(temporary) as file:
        file.write(text.encode())
    temporary.replace(path)
