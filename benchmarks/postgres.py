"""A PostgreSQL of the bench's own, from Debian's packages: in a folder, on a free port of loopback.

Owns its start and end; what it is used for is Prefect's.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.served import free_port

DEBIAN = Path("/usr/lib/postgresql")
USER = "postgres"
"""Debian's user, for root: PostgreSQL refuses to run as root."""


class Postgres(NamedTuple):
    """A server that answers."""

    pid: int
    url: str
    """For SQLAlchemy, of an empty database."""


def programs() -> Path | None:
    """Find the newest PostgreSQL that Debian installed, or None where none can be started.

    It refuses root, and another user's `initdb` writes to the null device.
    """
    if os.geteuid() == 0 and not Path(os.devnull).stat().st_mode & stat.S_IWOTH:
        return None
    found = DEBIAN.glob("*/bin/initdb")
    return max((path.parent for path in found), key=lambda at: int(at.parent.name), default=None)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a server with Debian's settings for the length of a block."""
    installed, port = programs(), free_port()
    if installed is None:
        raise FileNotFoundError(f"{DEBIAN}/*/bin/initdb: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    user = USER if os.geteuid() == 0 else None
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)

    def run(program: str, *arguments: str) -> None:
        command = [str(installed / program), *arguments]
        subprocess.run(command, cwd=folder, user=user, check=True, stdout=subprocess.DEVNULL)

    try:
        data = f"--pgdata={folder}/data"
        run("initdb", data, "--username=bench", "--auth=trust", "--encoding=UTF8", "--locale=C")
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
        )
        run("pg_ctl", data, "--wait", f"--log={folder}/log", "-o", options, "start")
        try:
            pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
            yield Postgres(pid, f"postgresql+asyncpg://bench@127.0.0.1:{port}/postgres")
        finally:
            run("pg_ctl", data, "--mode=fast", "stop")
    finally:
        shutil.rmtree(folder)
