"""The provider's webhook as an application: one address, and a signature before anything else.

Owns what a request must be. Whoever sends something else is told a number and no
reason; the office counts the reason. What is stored, and how, is
`tasks/mailing/batches.py`'s; what becomes of it, the caller's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from desk.failures import unforeseen
from desk.webhook.counts import RefusedCounts, refused_path
from letters.errors import LettersError
from letters.events import BatchUnreadable, read_batch
from tasks.case.office import Office
from tasks.mailing.batches import KeptBatch, keep_batch
from tasks.mailing.event_signature import (
    SIGNATURE,
    TIMESTAMP,
    is_signed,
    load_public_key,
    signed_at,
)

PATH = "/webhooks/sendgrid"
CONTENT_TYPE = "application/json"

LARGEST_BATCH_BYTES = 2_000_000
"""SendGrid sends a batch when it has 768 KB, or after 30 seconds."""

READ_SECONDS = 20
"""How long a request may take to arrive."""

CLOCKS_DIFFER = timedelta(minutes=5)

log = logging.getLogger("desk")


class Refusal(Exception):
    """A request that is not taken: what its sender is told, and what the office counts."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Webhook:
    """The application, for the methods of one path."""

    def __init__(self, open_office: Callable[[], Office], on_stored: Callable[[str], None]) -> None:
        self._open_office = open_office
        self._on_stored = on_stored
        office = open_office()
        load_public_key(office.settings.webhook.public_key)
        self._root = office.root
        self._refused = RefusedCounts(refused_path(office), office.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: 204 for a batch that is surely kept."""
        await (await self._answer(Request(scope, receive)))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            _check_head(request)
            body = await _read_body(request)
            kept = await run_in_threadpool(self._take, dict(request.headers), body)
        except Refusal as refusal:
            self._refused.add(refusal.reason)
            headers = {"Connection": "close"}
            if refusal.status == HTTPStatus.METHOD_NOT_ALLOWED:
                headers["Allow"] = "POST"
            return Response(status_code=refusal.status, headers=headers)
        except LettersError as error:
            # Not stored: the provider sends it again, for a day.
            log.error("A batch of the provider was not stored: %s", error)
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception as error:  # never a traceback at a stranger
            kept_at = unforeseen(error, self._root).where
            log.error("The webhook failed; the traceback is in %s", kept_at)
            return Response(status_code=HTTPStatus.INTERNAL_SERVER_ERROR)
        return Response(
            status_code=HTTPStatus.NO_CONTENT,
            background=BackgroundTask(self._stored, kept.key) if kept.is_new else None,
        )

    def _take(self, headers: Mapping[str, str], body: bytes) -> KeptBatch:
        office = self._open_office()
        _check_signature(office, headers, body)
        try:
            size = read_batch(body).size
        except BatchUnreadable as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, "not-events") from error
        return keep_batch(office, headers=headers, body=body, size=size)

    def _stored(self, key: str) -> None:
        try:
            self._on_stored(key)
        except Exception:  # it is kept; the next round of `check-deliveries` applies it
            log.exception("%s was stored, but could not be handed on", key)

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Write the last counts when serving ends."""
        yield
        self._refused.write()


def create_webhook(
    open_office: Callable[[], Office], *, on_stored: Callable[[str], None]
) -> Starlette:
    """Make the application that takes what the provider tells afterwards.

    `open_office` is called for each request. `on_stored` gets the key of each batch that
    came for the first time, after it was stored and its sender has been told: let it be
    quick. Raises UsageError for a public key that is none.
    """
    webhook = Webhook(open_office, on_stored)
    app = Starlette(lifespan=webhook.lifespan)
    app.router.default = webhook
    return app


def _check_head(request: Request) -> None:
    if request.url.path != PATH:
        raise Refusal(HTTPStatus.NOT_FOUND, "wrong-path")
    if request.method != "POST":
        raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "wrong-method")
    told = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if told != CONTENT_TYPE:
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "wrong-type")
    if not (request.headers.get(SIGNATURE) and request.headers.get(TIMESTAMP)):
        raise Refusal(HTTPStatus.FORBIDDEN, "unsigned")


async def _read_body(request: Request) -> bytes:
    """Read the body, and no more of it than a batch may have."""
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > LARGEST_BATCH_BYTES:
                    raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large")
    except ClientDisconnect as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, "cut-short") from error
    except TimeoutError as error:
        raise Refusal(HTTPStatus.REQUEST_TIMEOUT, "too-slow") from error
    return bytes(body)


def _check_signature(office: Office, headers: Mapping[str, str], body: bytes) -> None:
    told = office.settings.webhook
    moment, now = signed_at(headers[TIMESTAMP]), office.clock()
    if moment is None or not is_signed(
        load_public_key(told.public_key),
        signature=headers[SIGNATURE],
        timestamp=headers[TIMESTAMP],
        body=body,
    ):
        raise Refusal(HTTPStatus.FORBIDDEN, "signature-wrong")
    # Only of what the provider signed: a forger is told nothing by way of the moment.
    if now - moment > timedelta(hours=told.max_age_hours):
        raise Refusal(HTTPStatus.FORBIDDEN, "too-old")
    if moment - now > CLOCKS_DIFFER:
        raise Refusal(HTTPStatus.FORBIDDEN, "from-the-future")
