"""SendGrid as the provider: one request a recipient, and what its answer proves.

SendGrid takes the same message as often as it is given it (its API knows no idempotency
key), so each request is made once, and only a 202 is acceptance. Owns what the request
says and what each answer means (DESIGN §7); the connection is `transport.py`'s.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal

from pydantic import SecretStr
from sendgrid.helpers.mail import (  # type: ignore[import-untyped]
    Attachment,
    Category,
    ClickTracking,
    Content,
    CustomArg,
    FooterSettings,
    From,
    Ganalytics,
    Header,
    Mail,
    MailSettings,
    OpenTracking,
    Personalization,
    ReplyTo,
    Subject,
    SubscriptionTracking,
    To,
    TrackingSettings,
)
from sendgrid.helpers.mail.exceptions import (  # type: ignore[import-untyped]
    ApiKeyIncludedException,
)

from letters.errors import LettersError
from letters.recipient import masked
from tasks.case.office import Answer
from tasks.mailing.headers import MessageRefused
from tasks.mailing.outgoing import Outgoing, read_outgoing
from tasks.mailing.sendgrid_api import SendGridApi, read_json
from tasks.mailing.transport import Answered, Reply, Unsent, Unsure

REQUEST_BYTES = 30_000_000
"""“The total size of your email, including attachments, must be less than 30MB.”"""

CUSTOM_ARGS_BYTES = 10_000
LONGEST_WAIT_SECONDS = 60.0

RESERVED_HEADERS = frozenset(
    {
        *("x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type"),
        *("content-transfer-encoding", "to", "from", "subject", "reply-to", "cc", "bcc"),
    }
)
"""Those that SendGrid refuses to have overridden (reference of Mail Send, `headers`)."""

_SEND_ID = re.compile(r"[0-9a-f]{32}")
_MESSAGE_ID = re.compile(r"[!-~]{1,200}")


class SendGrid:
    """A `Provider`: Twilio SendGrid's Mail Send API, version 3."""

    name = "sendgrid"
    takes_samples = False

    def __init__(
        self,
        key: SecretStr | Callable[[], SecretStr],
        *,
        host: str,
        request_seconds: float,
        context: ssl.SSLContext | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Keep what a request needs; a key that is still to be fetched is, with the first."""

        def opened() -> SendGridApi:
            told = key if isinstance(key, SecretStr) else key()
            return SendGridApi(told, host=host, request_seconds=request_seconds, context=context)

        self._opened = opened
        self._now = now
        if isinstance(key, SecretStr):
            self.require_ready()

    @cached_property
    def api(self) -> SendGridApi:
        """The API with the office's key. Raises what fetching the key raises, and KeyInvalid."""
        return self._opened()

    def require_ready(self) -> None:
        """Raise unless there is a key that may be one."""
        _ = self.api

    def carries_name(self, name: str) -> bool:
        """Whether SendGrid can write to a person of this name."""
        return is_name_carried(name)

    def send(self, message: bytes, *, send_id: str) -> Answer:
        """Make the one request for a message, unless it can be seen that it must be refused."""
        try:
            outgoing = read_outgoing(message)
            body = request_body(outgoing, send_id=send_id)
        except LettersError as error:
            return Answer("refused", said=masked(f"no request: {error.code}: {error.message}"))
        try:
            self.require_ready()
        except LettersError as error:
            return Answer("not-accepted", said=masked(f"no request: {error.code}: {error.message}"))
        return self._meant(self.api.send(body))

    def find(self, send_id: str) -> Literal["accepted", "absent", "unknown"]:
        """Look the send id up in the Email Activity Feed, an extra that an account may have.

        What isn't found proves nothing: the feed lags behind, and forgets. What is found
        must itself say that it bears this send id.
        """
        try:
            self.require_ready()
        except LettersError:
            return "unknown"
        if _SEND_ID.fullmatch(send_id) is None:
            return "unknown"
        found = self.api.get("messages", limit=1, query=f"(unique_args['send_id']=\"{send_id}\")")
        try:
            message_id = str(_read(found)["messages"][0]["msg_id"])
            if _MESSAGE_ID.fullmatch(message_id) is None or "/" in message_id:
                return "unknown"
            told = _read(self.api.get("messages", message_id))["unique_args"]
            arguments = json.loads(told) if isinstance(told, str) else told
            return "accepted" if arguments["send_id"] == send_id else "unknown"
        except (ValueError, LookupError, TypeError, RecursionError):
            return "unknown"

    def _meant(self, reply: Reply) -> Answer:
        match reply:
            case Unsent():
                return Answer("not-accepted", said=reply.why)
            case Unsure():
                return Answer("unknown", said=reply.why)
            case Answered(status=202):
                # Queued: only the webhook may say delivered.
                told = reply.headers.get("X-Message-Id", "")
                is_plain = _MESSAGE_ID.fullmatch(told) is not None
                provider_id = self.api.without_key(told) if is_plain else ""
                return Answer("accepted", provider_id=provider_id, said="202")
            case Answered(status=429):
                wait = self._wait_seconds(reply)
                return Answer("not-accepted", said=self.api.said(reply), wait_seconds=wait)
            case Answered(status=401 | 403):
                return Answer("not-accepted", said=self.api.said(reply))
            case Answered(status=400 | 413):
                return Answer("refused", said=self.api.said(reply))
            case _:
                return Answer("unknown", said=self.api.said(reply))

    def _wait_seconds(self, reply: Answered) -> float:
        """Read when the rate's period ends: a Unix time (reference of the API, Rate Limits)."""
        try:
            seconds = float(int(reply.headers["X-RateLimit-Reset"])) - self._now()
        except (TypeError, ValueError, OverflowError):
            return 0.0
        return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)


def request_body(outgoing: Outgoing, *, send_id: str) -> bytes:
    """Write the request's JSON. Raises MessageRefused for what SendGrid would refuse or spoil."""
    _require_sendable(outgoing, send_id)
    told = _mail(outgoing).get()
    # The library drops a recipient that it takes for another; and nobody else may get one.
    if told["personalizations"][0]["to"] != [_person(outgoing.to_name, outgoing.to_address)]:
        raise _refused("the recipient would become another")
    arguments = json.dumps(told["personalizations"][0]["custom_args"]).encode()
    if len(arguments) >= CUSTOM_ARGS_BYTES:
        raise _refused(f"its custom arguments have {len(arguments)} bytes")
    body = json.dumps(told).encode()
    if len(body) >= REQUEST_BYTES:
        raise _refused(f"it has {len(body)} bytes, and SendGrid takes less than {REQUEST_BYTES}")
    return body


def is_name_carried(name: str) -> bool:
    """Whether SendGrid can write to a person of this name.

    It takes what stands after a comma or semicolon for another address, says 202, and
    drops the message.
    """
    return not set(name) & {",", ";"}


def _require_sendable(outgoing: Outgoing, send_id: str) -> None:
    if outgoing.sample:
        raise _refused("a sample letter may not leave the house")
    if outgoing.send_id != send_id:
        raise _refused("it bears another send id")
    if not is_name_carried(outgoing.to_name):
        raise _refused("SendGrid carries no name with a comma or semicolon")
    if not (outgoing.text and outgoing.html and outgoing.subject):
        raise _refused("SendGrid carries no empty subject or body")
    names = [name.lower() for name, _ in outgoing.headers]
    if len(set(names)) < len(names) or not RESERVED_HEADERS.isdisjoint(names):
        raise _refused("it has a header twice, or one that SendGrid keeps to itself")


def _mail(outgoing: Outgoing) -> Mail:
    envelope = Personalization()
    envelope.add_to(To(outgoing.to_address, outgoing.to_name or None))
    for name, value in outgoing.headers:
        envelope.add_header(Header(name, value))
    # In the personalization: of the request as a whole, they would be a string to some readers.
    for argument, told in _custom_args(outgoing).items():
        envelope.add_custom_arg(CustomArg(argument, told))
    mail = Mail()
    mail.add_personalization(envelope)
    mail.from_email = From(outgoing.from_address, outgoing.from_name or None)
    if outgoing.reply_to:
        mail.reply_to = ReplyTo(outgoing.reply_to)
    mail.subject = Subject(outgoing.subject)
    try:
        # RFC 2046 §5.1.4: the plainest first.
        mail.content = [Content("text/plain", outgoing.text), Content("text/html", outgoing.html)]
    except ApiKeyIncludedException:
        raise _refused("its words look like a key of SendGrid") from None
    for name, content_type, data in outgoing.attachments:
        encoded = base64.b64encode(data).decode("ascii")
        mail.add_attachment(Attachment(encoded, name, content_type, "attachment"))
    # SendGrid counts by categories and keeps them for long: no names, no references.
    mail.add_category(Category(_category(outgoing)))
    mail.tracking_settings = TrackingSettings(
        click_tracking=ClickTracking(enable=False, enable_text=False),
        open_tracking=OpenTracking(enable=False),
        subscription_tracking=SubscriptionTracking(enable=False),
        ganalytics=Ganalytics(enable=False),
    )
    # An account's own footer would stand under words that somebody approved.
    mail.mail_settings = MailSettings(footer_settings=FooterSettings(enable=False))
    return mail


def _custom_args(outgoing: Outgoing) -> dict[str, str]:
    """Say what the provider's events are to repeat; it takes strings only."""
    if not outgoing.reference:
        return {"send_id": outgoing.send_id}
    return {
        "send_id": outgoing.send_id,
        "reference": outgoing.reference,
        "revision": str(outgoing.revision),
    }


def _category(outgoing: Outgoing) -> str:
    if not outgoing.reference:
        return "ledger"
    has_letter = any(one.content_type == "application/pdf" for one in outgoing.attachments)
    return "letter" if has_letter else "notice"


def _person(name: str, address: str) -> dict[str, str]:
    return {"email": address, "name": name} if name else {"email": address}


def _read(reply: Reply) -> Any:
    """Read the JSON of a 200. Raises ValueError for everything else."""
    if not isinstance(reply, Answered) or reply.status != 200:
        raise ValueError("no answer to the question")
    return read_json(reply)


def _refused(why: str) -> MessageRefused:
    return MessageRefused(
        f"SendGrid can't send this e-mail: {why}.",
        remedy="Correct it in the register or the settings.",
    )
