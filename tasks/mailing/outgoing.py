"""One of our e-mails as a provider needs it, read from the bytes that were to be sent.

Owns the reading: strict, and all of it. What can't be read in one way only, or would
get lost on the way, is refused, so that nobody is sent something else than was approved.
Who is asked to carry it, and how, is for the providers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime

from letters.errors import LettersError
from tasks.mailing.headers import decoded, header_of, token
from tasks.mailing.parts import Attached, attached_of, parts_of, text_of

_WRITTEN_ANEW = frozenset(
    {"From", "Reply-To", "To", "Subject", "Date", "MIME-Version", "Content-Type"}
)
"""Headers that a provider writes from the fields of an `Outgoing`."""

_PASSED_ON = re.compile(r"X-(?:Case|Ledger)-[A-Za-z-]{1,40}|X-Send-Id|Message-ID|Auto-Submitted")
_SEND_ID = re.compile(r"[0-9a-f]{32}")
_NUMBER = re.compile(r"[1-9][0-9]{0,6}")


class MessageUnreadable(LettersError):
    """Bytes that should be one of our e-mails can't be read as one."""

    code = "message-unreadable"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An e-mail to one recipient, as its reader is to get it."""

    from_name: str
    from_address: str
    reply_to: str
    """Empty where answers go to the sender."""
    to_name: str
    to_address: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attached, ...]
    at: datetime
    message_id: str
    send_id: str
    reference: str
    """Empty, as the revision is 0, where it is about no letter."""
    revision: int
    headers: tuple[tuple[str, str], ...]
    """Those that must reach the reader as they are, in order."""
    sample: bool

    def header(self, name: str) -> str:
        """Return the header that is passed on under that name. Raises MessageUnreadable."""
        for told, value in self.headers:
            if told == name:
                return value
        raise unreadable(ValueError(f"0 headers {name} instead of one"))


def read_outgoing(data: bytes) -> Outgoing:
    """Read an e-mail of ours: a covering one, a notice, or one about the ledger.

    Raises MessageUnreadable: for a header that comes twice or that no provider passes on, a
    part too many, another encoding.
    """
    try:
        message = message_from_bytes(data, policy=compat32)
        bodies, *attached = parts_of(message, "multipart/mixed", (1, 2))
        plain, html = parts_of(bodies, "multipart/alternative", (2,))
        from_name, from_address = _mailbox(message, "From")
        to_name, to_address = _mailbox(message, "To")
        reference, revision = _letter(message)
        return Outgoing(
            from_name=from_name,
            from_address=from_address,
            reply_to=_mailbox(message, "Reply-To")[1] if "Reply-To" in message else "",
            to_name=to_name,
            to_address=to_address,
            subject=decoded(header_of(message, "Subject")),
            text=text_of(plain, "text/plain"),
            html=text_of(html, "text/html"),
            attachments=tuple(attached_of(part) for part in attached),
            at=parsedate_to_datetime(header_of(message, "Date")),
            message_id=header_of(message, "Message-ID"),
            send_id=_matching(_SEND_ID, header_of(message, "X-Send-Id")),
            reference=reference,
            revision=revision,
            headers=tuple(_passed_on(message)),
            sample=_is_sample(message),
        )
    # LookupError: an unknown character set. AssertionError, TypeError: malformed headers.
    except (
        *(ValueError, LookupError, TypeError, AssertionError),
        *(MessageError, LettersError),
    ) as error:
        raise unreadable(error) from error


def unreadable(error: Exception) -> MessageUnreadable:
    """Build the error for bytes that are no e-mail of ours."""
    return MessageUnreadable(
        f"This is not an e-mail of this office: {error}.",
        remedy="It was altered, or written by something else: verify the case.",
    )


def _mailbox(message: Message, name: str) -> tuple[str, str]:
    ((words, address),) = getaddresses([header_of(message, name)])
    return decoded(words), token(name, address)


def _letter(message: Message) -> tuple[str, int]:
    if "X-Case-Reference" not in message and "X-Case-Revision" not in message:
        return "", 0
    revision = _matching(_NUMBER, header_of(message, "X-Case-Revision"))
    return header_of(message, "X-Case-Reference"), int(revision)


def _passed_on(message: Message) -> list[tuple[str, str]]:
    names = [name for name in message if name not in _WRITTEN_ANEW]
    for name in names:
        if _PASSED_ON.fullmatch(name) is None:
            raise ValueError(f"a header {name[:40]!r}")
    return [(name, token(name, header_of(message, name))) for name in names]


def _is_sample(message: Message) -> bool:
    told = "X-Case-Sample" in message
    if told and header_of(message, "X-Case-Sample") != "yes":
        raise ValueError("an X-Case-Sample that doesn't say yes")
    return told


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError(f"{text[:40]!r} where something else must stand")
    return text
