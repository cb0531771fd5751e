"""One request over HTTP, and what is known of it afterwards.

Three things can be known, and nothing else matters to a delivery: nothing was sent;
the server answered; neither is sure. Owns that distinction. It follows no redirection,
repeats nothing, and tells nothing of what was sent in a log or an error.
"""

from __future__ import annotations

import io
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from tasks.mailing.connection import Deadline, Unreachable, connected, trusting_the_system

BODY_BYTES = 256 * 1024
"""Of an answer, at most: what follows is left unread."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """Not a byte of the request went out."""

    why: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The server's status and headers came whole."""

    status: int
    headers: Message
    body: bytes


@dataclass(frozen=True, slots=True)
class Unsure:
    """The request had begun, and no whole answer came: it may have been heeded or not."""

    why: str


Reply = Unsent | Answered | Unsure


def exchange(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    seconds: float,
    bearer: SecretStr,
    context: ssl.SSLContext | None = None,
) -> Reply:
    """Make one request, over within `seconds` all in all. Never raises for what the net does.

    `context` says whom to trust, where that isn't whom the system trusts.
    """
    target = urlsplit(url)
    host, is_secure = target.hostname or "", target.scheme == "https"
    deadline = Deadline(seconds)
    trust = (context or trusting_the_system()) if is_secure else None
    port = target.port or (443 if is_secure else 80)
    try:
        with connected(host, port, deadline, trust) as connection:
            client = HTTPConnection(target.netloc)
            client.response_class = _WholeResponse
            client.auto_open = 0
            client.sock = connection
            path = f"{target.path}?{target.query}" if target.query else target.path
            try:
                # Nothing goes out before the headers are ended.
                client.putrequest(method, path, skip_accept_encoding=True)
                told = {**headers, "Authorization": f"Bearer {bearer.get_secret_value()}"}
                for name, value in told.items():
                    client.putheader(name, value)
                client.putheader("Connection", "close")
                client.putheader("Content-Length", str(len(body)))
            except (ValueError, HTTPException):
                # Its words would quote the header.
                return Unsent("A header of the request can't be sent.")
            return _exchanged(client, body, deadline)
    except Unreachable as error:
        return Unsent(error.message)


class _WholeResponse(HTTPResponse):
    """A response whose status and headers came to their end; the base class takes a part, too."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._lines = _Lines(sock.makefile("rb", buffering=0))
        self.fp.close()
        self.fp = self._lines

    def begin(self) -> None:
        super().begin()
        if self._lines.last not in (b"\r\n", b"\n"):
            raise HTTPException("the headers were cut off")


class _Lines(io.BufferedReader):
    """What a connection brings; the line that was read last is remembered."""

    last = b""

    def readline(self, size: int | None = -1, /) -> bytes:
        self.last = super().readline(size)
        return self.last


def _exchanged(client: HTTPConnection, body: bytes, deadline: Deadline) -> Reply:
    try:
        client.endheaders(body)
    except OSError as error:
        why = deadline.explain(error)
        # A server may refuse what it hasn't read to the end (RFC 9110 §10.1.1), but not take it.
        reply = _answer(client, deadline)
        if isinstance(reply, Answered) and reply.status >= 400:
            return reply
        return Unsure(f"The request was cut off: {why}.")
    return _answer(client, deadline)


def _answer(client: HTTPConnection, deadline: Deadline) -> Reply:
    try:
        response = client.getresponse()
    except (OSError, HTTPException, ValueError) as error:
        return Unsure(f"No whole answer came: {deadline.explain(error)}.")
    answer = b""
    with suppress(OSError, HTTPException, ValueError):
        try:
            answer = response.read(BODY_BYTES)
        except IncompleteRead as error:
            answer = error.partial
    return Answered(response.status, response.headers, answer)
