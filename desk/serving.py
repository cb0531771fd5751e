"""Serving an office: Prefect with its pages, the deployments, the signing page; one command.

Owns how they begin, watch over each other and end. What they do is theirs: the
server is `flows.engine`'s, the runs Prefect's, the page `desk.signing`'s.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from flows.engine import embedded_prefect
from flows.engine_home import open_private, try_lock
from flows.engine_server import listen
from letters.errors import LettersError
from tasks.case.office import Office

RECORD_SECONDS = 2
"""How long Prefect's server takes to write down what the last run told it."""

log = logging.getLogger("desk")

Announce = Callable[[str], None]


class Links(NamedTuple):
    """Where the office's pages are."""

    prefect: str
    start: str
    """The form that starts a letter."""
    open_letters: str
    """The office page: every open letter. Prefect's menu has no entry for it."""
    signing: str
    password_file: str
    """The file with what Prefect's pages ask for."""


class AlreadyServed(LettersError):
    """Another process serves this office."""

    code = "already-served"

    def __init__(self, pid: int, links: Links) -> None:
        super().__init__(f"The office is served already, by process {pid}.")
        self.links = links


def serve(
    office: Office,
    *,
    reopen: Callable[[], Office],
    announce: Announce,
    on_ready: Callable[[Links], None],
) -> None:
    """Serve the office until SIGINT or SIGTERM; then let running letters end, and stop all.

    `reopen` gives the office as it is at each request, so that a changed register
    counts at once. Raises AlreadyServed, PortTaken, EngineUnavailable.
    """
    home = office.root / "prefect"
    ports = office.settings.serve
    for folder in (office.root, office.drafts_folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["LETTERS_OFFICE"] = str(office.root)
    with (
        _the_one(home) as tell,
        listen(ports.signing_port, setting="serve.signing_port") as listener,
        embedded_prefect(home, announce=announce, ui=True, port=ports.prefect_port) as engine,
        # A decision wakes its run in Prefect, which must be there, and stay till the page is gone.
        _page(reopen, listener, office),
        _webhook(reopen, office),
    ):
        # Prefect reads its settings when it is imported: only now.
        from flows.serving import serve_deployments

        def ready(deployments: Mapping[str, UUID]) -> None:
            links = Links(
                prefect=f"{engine.url}/dashboard",
                start=f"{engine.url}/deployments/deployment/{deployments['issue-letter']}/run",
                open_letters=f"{engine.url}/artifacts/key/office-page",
                signing=office.settings.signing.origin,
                password_file=str(home / "api-auth"),
            )
            tell(links)
            on_ready(links)

        serve_deployments(office, home=home, engine=engine, announce=announce, on_ready=ready)
        # A server stopped at once would lose the last states of task runs.
        time.sleep(RECORD_SECONDS)


def serve_desk(
    office: Office,
    *,
    reopen: Callable[[], Office],
    announce: Announce,
    on_ready: Callable[[], None],
) -> None:
    """Serve the signing page and the webhook alone, until SIGINT or SIGTERM.

    For an office whose Prefect (PREFECT_API_URL) is shared, and whose runs workers take.
    It has the office's automations registered, since there is one desk and several workers.
    Raises PortTaken, EngineUnavailable, NotDeployed.
    """
    home = office.root / "prefect"
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ending.set())
    with (
        listen(office.settings.serve.signing_port, setting="serve.signing_port") as listener,
        embedded_prefect(home, announce=announce),
        _page(reopen, listener, office),
        _webhook(reopen, office),
    ):
        from flows.deployed import register_for_deployed

        register_for_deployed()
        on_ready()
        ending.wait()


@contextmanager
def _page(reopen: Callable[[], Office], listener: socket.socket, office: Office) -> Iterator[None]:
    """Serve the signing page on a socket of this machine only, in a thread."""
    import uvicorn

    from desk.signing.app import create_app

    def on_decided(reference: str) -> None:
        from flows.resuming import resume_decided

        resume_decided(reopen(), reference)

    server = uvicorn.Server(
        uvicorn.Config(
            create_app(reopen, on_decided=on_decided),
            log_level="warning",
            access_log=False,
            server_header=False,
            # It speaks no HTTPS itself: then a proxy does, on this machine, and tells who asks.
            # Otherwise everybody would share one allowance of requests.
            proxy_headers=office.settings.signing.origin.startswith("https:"),
            forwarded_allow_ips="127.0.0.1",
            limit_concurrency=512,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=5,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def _webhook(reopen: Callable[[], Office], office: Office) -> Iterator[None]:
    """Serve the provider's webhook where its signatures can be checked."""
    settings = office.settings.webhook
    if not settings.public_key:
        yield
        return
    from desk.webhook.serving import serve_webhook
    from flows.delivery_events import emit_applied

    with (
        listen(settings.port, setting="webhook.port") as listener,
        serve_webhook(reopen, listener, tell=emit_applied),
    ):
        yield


@contextmanager
def _the_one(home: Path) -> Iterator[Callable[[Links], None]]:
    """Be the one process that serves the office; yields what tells others of it."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / "serve.json"
    with open_private(home / "serve.lock") as lock:
        if not try_lock(lock, fcntl.LOCK_EX):
            raise _already_served(path)
        path.unlink(missing_ok=True)

        def tell(links: Links) -> None:
            path.unlink(missing_ok=True)
            with open_private(path) as file:
                file.write(json.dumps({"pid": os.getpid(), **links._asdict()}).encode())

        try:
            yield tell
        finally:
            path.unlink(missing_ok=True)


def _already_served(path: Path) -> LettersError:
    try:
        told = json.loads(path.read_text())
        return AlreadyServed(told.pop("pid"), Links(**told))
    except (OSError, ValueError, KeyError, TypeError):
        return LettersError(
            "The office is about to be served by another process.",
            where=str(path.parent),
            remedy="Wait for it to print its links.",
            code="already-served",
        )
