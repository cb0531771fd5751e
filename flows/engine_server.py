"""Starting an office's Prefect server, and asking whether it answers.

Owns the process's surroundings: socket, locks, log, environment, session. What it
then does is `flows.engine_process`; when to start one is for `flows.engine` to say.
Imports nothing of Prefect.
"""

from __future__ import annotations

import base64
import fcntl
import http.client
import socket
import subprocess
import sys
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flows import engine_process
from flows.engine_home import Announcement, EngineHome, open_private
from flows.engine_settings import server_environment, server_settings
from letters.errors import LettersError


class PortTaken(LettersError):
    """Another program listens where the office should."""

    code = "port-taken"


def start_server(
    home: EngineHome, *, secret: str, ui: bool, port: int = 0
) -> tuple[Announcement, subprocess.Popen[bytes]]:
    """Start a server and announce it; it answers some seconds later.

    Port 0 is any free one. It inherits a socket that listens already: no other program
    can take the port meanwhile and be told the secret, and who asks early waits
    instead of being refused. Raises PortTaken.
    """
    home.announce(None)
    with (
        listen(port, setting="serve.prefect_port") as listener,
        open_private(home.living) as living,
        home.open_log() as log,
    ):
        fcntl.flock(living, fcntl.LOCK_EX)
        living.truncate(0)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = server_settings(home.path, url=url, secret=secret, ui=ui)
        process = subprocess.Popen(  # noqa: S603 - our own script
            [
                *(sys.executable, "-P", engine_process.__file__),
                *(str(listener.fileno()), str(living.fileno()), str(home.turn), str(home.users)),
            ],
            env=server_environment(settings),
            # Prefect also reads settings from files in its working directory.
            cwd=home.path,
            pass_fds=(listener.fileno(), living.fileno()),
            # Ctrl-C ends the command, which then ends the server.
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    started = datetime.now(UTC).isoformat(timespec="seconds")
    server = Announcement(url, process.pid, started, ui)
    home.announce(server)
    return server, process


def listen(port: int, *, setting: str) -> socket.socket:
    """Listen on a port of this machine, set by `setting` (`serve.port`); raises PortTaken."""
    table, _, key = setting.partition(".")
    try:
        return socket.create_server(("127.0.0.1", port), backlog=128)
    except OSError as error:
        raise PortTaken(
            f"Port {port} of this machine can't be listened on: {error.strerror}.",
            where=f"127.0.0.1:{port}",
            remedy=f"End the program that uses it, or set LETTERS_{table.upper()}__{key.upper()}"
            f" (`{key}` under [{table}] in office.toml) to another port.",
        ) from error


def answers(url: str, secret: str, seconds: float) -> bool:
    """Whether a server answers there that has our secret; one that starts is waited for."""
    address = urlsplit(url)
    credentials = base64.b64encode(secret.encode()).decode()
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=seconds)
    try:
        headers = {"Authorization": f"Basic {credentials}"}
        connection.request("GET", "/api/admin/version", headers=headers)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
