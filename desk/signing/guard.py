"""The door of the signing page: what every request must be, and what every answer bears.

Owns hosts, origins, lengths, rates and headers, and that whatever fails is told as
a page and kept. What a page says is `pages`' business.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.failures import unforeseen
from desk.signing.forms import CONTENT_TYPE
from desk.signing.pages import Pages
from desk.signing.rates import Rates
from desk.signing.refusals import (
    AddressTooLong,
    ForeignOrigin,
    MethodNotAllowed,
    NotAForm,
    PageMissing,
    RequestRefused,
    TooManyRequests,
    WrongHost,
    status_of,
)
from letters.errors import LettersError

LONGEST_ADDRESS = 1_024
"""Bytes of path and query; the longest of ours has some 300."""

# A page is asked for with its style sheet, its icon, the letter and the proof.
CLIENT_BURST, CLIENT_PER_SECOND = 120, 2.0
LINK_BURST, LINK_PER_SECOND = 40, 0.5

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Content-Security-Policy of every answer that doesn't bring its own."""

LETTER_POLICY = "; ".join(
    (
        "sandbox",
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)
"""Of the letter, which carries its own styles and is framed by its page."""

PROOF_POLICY = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
"""Of the proof."""

_OFF = (
    *("accelerometer", "autoplay", "camera", "clipboard-read", "clipboard-write"),
    *("display-capture", "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope"),
    *("hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment"),
    *("picture-in-picture", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)

HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    # Links open letters: no page, cache or history of other sites may hold one.
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": ", ".join(
        (
            "publickey-credentials-get=(self)",
            "publickey-credentials-create=(self)",
            *(f"{feature}=()" for feature in _OFF),
        )
    ),
}


class Guard:
    """Stands before all routes."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        pages: Pages,
        origin: str,
        office: Path,
        monotonic: Callable[[], float],
    ) -> None:
        self._app = app
        self._pages = pages
        self._origin = origin
        self._host = urlsplit(origin).netloc.lower()
        self._office = office
        self._clients = Rates(burst=CLIENT_BURST, per_second=CLIENT_PER_SECOND, now=monotonic)
        self._links = Rates(burst=LINK_BURST, per_second=LINK_PER_SECOND, now=monotonic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._check(scope)
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # the last resort: never a traceback at an inspector
            if has_begun:
                raise
            await self._told(error)(scope, receive, send_with_headers)

    def _told(self, error: Exception) -> Response:
        """Tell an error as a page; of a failure the traceback is kept in the office."""
        if isinstance(error, LettersError) and status_of(error) is not None:
            return refused(self._pages, error)
        kept = Path(unforeseen(error, self._office).where).stem
        return HTMLResponse(self._pages.failure(kept), status_code=500)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        address = scope.get("raw_path") or scope["path"].encode()
        if len(address) + len(scope["query_string"]) > LONGEST_ADDRESS:
            raise AddressTooLong
        # Another name that leads here, such as one an attacker's DNS turns round, has no pages.
        if headers.get("host", "").lower() != self._host:
            raise WrongHost(self._origin)
        client = (scope.get("client") or ("",))[0]
        self._slow_down(self._clients, client)
        if link := _link_of(scope["path"]):
            self._slow_down(self._links, link)
        if scope["method"] == "POST":
            if not self._is_own_page(headers):
                raise ForeignOrigin
            if headers.get("content-type", "").partition(";")[0].strip().lower() != CONTENT_TYPE:
                raise NotAForm

    def _is_own_page(self, headers: Headers) -> bool:
        """Whether a form was sent by one of our pages.

        Under our own Referrer-Policy a browser writes `null` for its origin (Fetch,
        "append a request Origin header"); then its Sec-Fetch-Site, which no script
        can set, is what tells.
        """
        origin, site = headers.get("origin", "null"), headers.get("sec-fetch-site")
        if origin == "null":
            return site == "same-origin"
        return origin == self._origin and site in (None, "same-origin")

    @staticmethod
    def _slow_down(rates: Rates, key: str) -> None:
        if wait := rates.wait_seconds(key):
            raise TooManyRequests(math.ceil(wait))


def refused(pages: Pages, refusal: LettersError) -> Response:
    """Tell a refusal as a page."""
    headers = {}
    if isinstance(refusal, RequestRefused) and refusal.retry_after_seconds is not None:
        headers["Retry-After"] = str(refusal.retry_after_seconds)
    return HTMLResponse(
        pages.refusal(refusal), status_code=status_of(refusal) or 500, headers=headers
    )


def _link_of(path: str) -> str:
    """Name the link that a path belongs to, whatever is asked of it; its token is not kept."""
    room, *parts = path.strip("/").split("/")
    length = {"sign": 4, "enrol": 2}.get(room, 0)
    if len(parts) < length or not length:
        return ""
    return hashlib.sha256("/".join((room, *parts[:length])).encode()).hexdigest()


def framework_refusal(pages: Pages) -> Callable[[Request, Exception], Response]:
    """Make the handler that tells in our words what the framework refuses."""

    def told(_: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException) or error.status_code not in (404, 405):
            raise error
        missing = error.status_code == 404
        response = refused(pages, PageMissing() if missing else MethodNotAllowed())
        response.headers.update(error.headers or {})
        return response

    return told
