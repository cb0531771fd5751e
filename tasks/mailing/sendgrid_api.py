"""SendGrid's API: its official client, with our own way of making a request in it.

The client's own follows redirections with the key, waits for ever, and writes what it sends
into the log. Here it builds paths and nothing else; the key is added at the last moment,
and stands in no value that could be shown. What is asked and what an answer means is for
`sendgrid.py` and `health.py`.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

import python_http_client  # type: ignore[import-untyped]
import sendgrid  # type: ignore[import-untyped]
from pydantic import SecretStr

from letters.errors import UsageError
from letters.recipient import masked
from tasks.mailing.connection import is_loopback
from tasks.mailing.transport import Answered, Reply, exchange

SAID_CHARACTERS = 300

_KEY = re.compile(r"[\x21-\x7e]{10,400}")
_IN_THE_CLEAR = re.compile(r"http://(\[[0-9a-f:]+\]|[^/:]+)(?::\d+)?")


class KeyInvalid(UsageError):
    """What was given as the provider's key can be none."""

    code = "key-invalid"


class HostInvalid(UsageError):
    """The key would travel where others can read it."""

    code = "host-not-encrypted"


class SendGridApi:
    """The API as one key may use it. `path()` gives the client for a path of version 3."""

    def __init__(
        self,
        key: SecretStr,
        *,
        host: str,
        request_seconds: float,
        context: ssl.SSLContext | None = None,
    ) -> None:
        if _KEY.fullmatch(key.get_secret_value()) is None:
            raise KeyInvalid(
                "What was given as SendGrid's key is none: it has spaces, line ends or too few"
                " characters.",
                where="mail.sendgrid_key",
                remedy="Copy it again from SendGrid's page; a key begins with “SG.”.",
            )
        in_the_clear = _IN_THE_CLEAR.fullmatch(host)
        if in_the_clear is not None and not is_loopback(in_the_clear[1].strip("[]")):
            raise HostInvalid(
                "SendGrid's key would be sent without encryption.",
                where="mail.sendgrid_host",
                remedy="Begin the address with https://; http:// is for trials on this machine.",
            )
        self._key = key
        # It must not look for a key in the environment, nor know ours.
        official = sendgrid.SendGridAPIClient(api_key="kept-apart", host=host)
        self._client = _Client(
            official.host,
            request_headers={"User-Agent": official.useragent, "Accept": "application/json"},
            version=3,
        )
        self._client.exchange = partial(
            exchange, seconds=request_seconds, bearer=key, context=context
        )
        official.client = self._client
        self._official = official

    def send(self, mail: bytes) -> Reply:
        """Make the one request that sends, `POST /v3/mail/send`. `mail` is its JSON."""
        reply: Reply = self._official.client.mail.send.post(request_body=mail)
        return reply

    def get(self, *path: str, **query: str | int) -> Reply:
        """Ask for something, such as `get("messages", limit=1)`."""
        client = self._official.client
        for name in path:
            client = client._(name)
        reply: Reply = client.get(query_params=query)
        return reply

    def said(self, reply: Answered) -> str:
        """Tell the status and what the first error says: without addresses, without the key."""
        words = self.without_key(_first_error(reply.body))
        return masked(f"{reply.status} {words}".strip())[:SAID_CHARACTERS]

    def without_key(self, text: str) -> str:
        """Take the key out of what a server says: some repeat what they were told."""
        return text.replace(self._key.get_secret_value(), "…")


class _Client(python_http_client.Client):  # type: ignore[misc]
    """The official client, that builds the address and has our own request made."""

    exchange: Callable[..., Reply]

    def _build_client(self, name: str | None = None) -> _Client:
        client = _Client(
            self.host,
            request_headers=self.request_headers,
            version=self._version,
            url_path=[*self._url_path, name] if name else self._url_path,
        )
        client.exchange = self.exchange
        return client

    def __getattr__(self, name: str) -> Any:
        # The base class's requests log headers and body, the key and the addresses with them.
        return partial(self._ask, name.upper()) if name in self.methods else self._(name)

    def _ask(
        self,
        method: str,
        *,
        request_body: bytes = b"",
        query_params: dict[str, str | int] | None = None,
    ) -> Reply:
        headers = dict(self.request_headers)
        if request_body:
            headers["Content-Type"] = "application/json"
        url = self._build_url(query_params)
        return self.exchange(method, url, headers=headers, body=request_body)


def read_json(reply: Answered) -> Any:
    """Read an answer's body; None where it is no JSON."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def _first_error(body: bytes) -> str:
    try:
        words = str(json.loads(body)["errors"][0]["message"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return " ".join(words.split())
