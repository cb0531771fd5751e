"""Serving the webhook: on this machine only, and applying what was stored, in turn.

The provider reaches it through a proxy with a certificate. What is not applied when
serving ends, or fails to be, is applied by `check-deliveries`.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue

from tasks.case.office import Office
from tasks.mailing.events import Applied, apply_batch

REQUESTS_AT_ONCE = 128

log = logging.getLogger("desk")

Tell = Callable[[Applied], None]


@contextmanager
def serve_webhook(
    reopen: Callable[[], Office], listener: socket.socket, *, tell: Tell
) -> Iterator[None]:
    """Serve the webhook on a socket of this machine, and apply its batches, in two threads.

    `tell` gets what came of each batch; what it raises is logged. Raises UsageError for
    a public key that is none.
    """
    import uvicorn

    from desk.webhook.app import create_webhook

    stored: SimpleQueue[str] = SimpleQueue()
    is_ending = threading.Event()
    server = uvicorn.Server(
        uvicorn.Config(
            create_webhook(reopen, on_stored=stored.put),
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            ws="none",
            limit_concurrency=REQUESTS_AT_ONCE,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=5,
        )
    )
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    applying = threading.Thread(
        target=_apply_all, args=(reopen, stored, tell, is_ending), daemon=True
    )
    serving.start()
    applying.start()
    try:
        yield
    finally:
        server.should_exit = True
        serving.join()
        is_ending.set()
        stored.put("")
        applying.join()


def _apply_all(
    reopen: Callable[[], Office],
    stored: SimpleQueue[str],
    tell: Tell,
    is_ending: threading.Event,
) -> None:
    """Apply each batch that is stored, one after another, until serving ends."""
    while (key := stored.get()) and not is_ending.is_set():
        try:
            tell(apply_batch(reopen(), key))
        except Exception as error:  # the batch is kept, and applied by the next round
            log.warning("%s is not applied yet: %s", key, error)
