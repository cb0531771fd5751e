"""The one Prefect of an office: the first process starts it, others join it, the last stops it.

Owns when it starts and ends. Importable without Prefect, whose import takes as long
as the server's start: the two run side by side. Leaves to others who is there
(`flows.engine_home`), how it starts (`flows.engine_server`), the settings
(`flows.engine_settings`), what was sent but isn't recorded yet (`flows.recording`)
and the runs of processes that died (`flows.dead_runs`).

Whoever sets PREFECT_API_URL has a Prefect server of their own: it is joined, and
nothing is started or stopped.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from flows.dead_runs import process_tag
from flows.engine_home import Announcement, EngineHome, open_private, try_lock, wait_until
from flows.engine_server import answers, start_server
from flows.engine_settings import client_settings, embedded_environment, given_environment
from letters.errors import TransientError

START_SECONDS = 120
STOP_SECONDS = 30
ANSWER_SECONDS = 10

Announce = Callable[[str], None]


class EngineUnavailable(TransientError):
    """Prefect could not be started, joined or reached."""

    code = "prefect-unavailable"


@dataclass(frozen=True)
class Engine:
    """The Prefect server against which the flows of this process run."""

    api_url: str
    is_embedded: bool
    """Whether it is the office's own; otherwise PREFECT_API_URL named it."""

    @property
    def url(self) -> str:
        """Where its pages are, if it has any."""
        return self.api_url.removesuffix("/api")


@contextmanager
def embedded_prefect(
    home: Path, *, announce: Announce, ui: bool = False, port: int = 0
) -> Iterator[Engine]:
    """Make a Prefect server the one that this process's flows run against.

    `home` is `<office>/prefect`. `announce` gets a line for a person when something
    takes long, or is missing at the end. With `ui` the server also has its pages, its
    scheduler and the services that deployments need; one without them is replaced,
    unless someone uses it; `port` is where a new one listens, 0 for anywhere. Runs
    started in this thread bear the tag of this process (`flows.dead_runs`).
    Afterwards the environment is what it was.

    For synchronous callers. Raises EngineUnavailable if no server answers in 120 s,
    PortTaken.
    """
    with ExitStack() as stack:
        if given := os.environ.get("PREFECT_API_URL"):
            stack.enter_context(given_environment())
            engine = _join_given(given)
        else:
            engine = _join_or_start(EngineHome.at(home), ui, port, announce, stack)
        stack.enter_context(_process_tag_on_runs())
        try:
            yield engine
        finally:
            _settle(announce)


def is_running(home: Path) -> bool:
    """Whether the office's own Prefect runs, or is about to."""
    if not (home / "server.lock").exists():
        return False
    with open_private(home / "server.lock") as file:
        return not try_lock(file, fcntl.LOCK_SH)


def revive(home: Path) -> bool:
    """Start the office's Prefect server again where it was, if it has died; say whether.

    For a process that uses it for long: its clients find the new one in the old place.
    Raises EngineUnavailable.
    """
    engine_home = EngineHome.at(home)
    with _turn(engine_home):
        died = engine_home.announced()
        if died is None or engine_home.living_server() is not None:
            return False
        secret = engine_home.secret()
        port = urlsplit(died.url).port or 0
        server, process = start_server(engine_home, secret=secret, ui=died.ui, port=port)
        _await(engine_home, server, secret, process)
    return True


def _join_or_start(
    home: EngineHome, ui: bool, port: int, announce: Announce, stack: ExitStack
) -> Engine:
    users = stack.enter_context(open_private(home.users))
    with _turn(home):
        secret = home.secret()
        server, process = _usable_server(home, secret, users, ui), None
        if server is None:
            announce("Starting the office's Prefect server.")
            server, process = start_server(home, secret=secret, ui=ui, port=port)
        stack.callback(_leave, home, users)
        fcntl.flock(users, fcntl.LOCK_SH)
        settings = client_settings(
            home.path, url=server.url, secret=secret, certificate=home.certificate()
        )
        stack.enter_context(embedded_environment(settings))
        if process is not None:
            _prepare_client()
            _await(home, server, secret, process)
    _prepare_client()
    return Engine(f"{server.url}/api", is_embedded=True)


def _join_given(api_url: str) -> Engine:
    from prefect.client.orchestration import get_client

    _prepare_client()
    with get_client(sync_client=True) as client:
        if error := client.api_healthcheck():
            raise EngineUnavailable(
                f"The Prefect server named by PREFECT_API_URL doesn't answer: {error}.",
                where=api_url,
                remedy="Start it, or unset PREFECT_API_URL to use the office's own.",
            )
    return Engine(api_url, is_embedded=False)


def _prepare_client() -> None:
    """Import Prefect; have it take our loggers' lines and remember the task runs it sends."""
    from flows.recording import remember_task_runs
    from flows.run_logs import send_lines_to_runs

    send_lines_to_runs()
    remember_task_runs()


def _process_tag_on_runs() -> AbstractContextManager[object]:
    from prefect import tags

    return tags(process_tag())


def _settle(announce: Announce) -> None:
    from flows.recording import settle

    if unrecorded := settle():
        announce(f"Prefect has not recorded the last states of {unrecorded} task runs.")


@contextmanager
def _turn(home: EngineHome) -> Iterator[None]:
    """Be the one who changes who is there."""
    with open_private(home.turn) as file:
        if not wait_until(lambda: try_lock(file, fcntl.LOCK_EX), seconds=START_SECONDS):
            raise _unavailable(home, "Another command has been starting or stopping it for long.")
        yield


def _usable_server(
    home: EngineHome, secret: str, users: IO[bytes], ui: bool
) -> Announcement | None:
    """Return the server to join, None if one is to be started; stop one that won't do."""
    if home.living_server() is None:
        return None
    server = home.announced()
    if server and (server.ui or not ui) and answers(server.url, secret, ANSWER_SECONDS):
        return server
    if not try_lock(users, fcntl.LOCK_EX):
        wanted = "has no pages" if ui else "doesn't answer"
        raise _unavailable(home, f"The office's Prefect server {wanted}, but is in use.")
    _stop(home)
    return None


def _await(
    home: EngineHome, server: Announcement, secret: str, process: subprocess.Popen[bytes]
) -> None:
    if not answers(server.url, secret, START_SECONDS):
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=ANSWER_SECONDS)
        end = "" if process.returncode is None else f": it ended with code {process.returncode}"
        raise _unavailable(home, f"The office's Prefect server didn't come up{end}.")


def _leave(home: EngineHome, users: IO[bytes]) -> None:
    """Stop the server if this process was the last that used it."""
    with _turn(home):
        if try_lock(users, fcntl.LOCK_EX):
            _stop(home)


def _stop(home: EngineHome) -> None:
    """Have the server flush and end, and wait for that. The caller has the turn."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        if pid := home.living_server():
            with suppress(ProcessLookupError):
                os.kill(pid, ending)
        if wait_until(lambda: home.living_server() is None, seconds=STOP_SECONDS):
            home.announce(None)
            return
    raise _unavailable(home, "The office's Prefect server doesn't end.")


def _unavailable(home: EngineHome, message: str) -> EngineUnavailable:
    return EngineUnavailable(
        message,
        where=str(home.log),
        remedy="Read the end of that log; then run the command again.",
    )
