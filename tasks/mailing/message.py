"""A covering e-mail or a notice as it leaves the house, and how a covering one is read back.

Owns which headers, bodies and attachments there are; how each is written is for
`headers.py` and `parts.py`. What the words are is the pack's, or the notice's; who
sends the bytes is a provider's. Everything that a pack hashes (subject, text, HTML,
PDF) can be read back from the message to the byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.policy import compat32
from email.utils import format_datetime, getaddresses, parsedate_to_datetime
from typing import NamedTuple

from letters.email import Email
from letters.errors import LettersError
from letters.recipient import FrozenRecipient
from tasks.case.settings import Mail
from tasks.mailing.headers import decoded, folded, header_of, mailbox, token
from tasks.mailing.parts import POLICY, attachment, body, parts_of, pdf_of, text_of


class MessageUnreadable(LettersError):
    """Bytes that should be one of our e-mails can't be read as one."""

    code = "message-unreadable"


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """What a message says, as its reader gets it."""

    subject: str
    text: str
    html: str
    pdf: bytes
    pdf_name: str
    to_address: str
    to_name: str
    from_address: str
    message_id: str
    at: datetime
    send_id: str
    reference: str
    revision: int
    case_head: str
    sample: bool


class Envelope(NamedTuple):
    """Whom an e-mail goes to, and what its headers tell of the case that it is about."""

    to_name: str
    to_address: str
    send_id: str
    reference: str
    revision: int
    case_head: str
    """`<seq>:<sha256>` of the last entry in the case's chain."""
    at: datetime
    sample: bool


def build_message(
    *,
    email: Email,
    recipient: FrozenRecipient,
    pdf: bytes,
    pdf_name: str,
    mail: Mail,
    send_id: str,
    reference: str,
    revision: int,
    case_head: str,
    at: datetime,
    sample: bool,
) -> bytes:
    """Write the covering e-mail: same arguments, same bytes. Raises MessageRefused.

    `case_head` is `<seq>:<sha256>` of the last entry in the case's chain.
    """
    envelope = Envelope(
        to_name=recipient.name,
        to_address=recipient.email,
        send_id=send_id,
        reference=reference,
        revision=revision,
        case_head=case_head,
        at=at,
        sample=sample,
    )
    return _written(mail, envelope, email, attachment(pdf, pdf_name, "pdf"))


def build_notice(*, email: Email, envelope: Envelope, mail: Mail, closed: bytes | None) -> bytes:
    """Write a notice, with the case's `closed.json` where it is given. Raises MessageRefused."""
    name = f"{envelope.reference}-closed.json"
    attached = () if closed is None else (attachment(closed, name, "json"),)
    return _written(mail, envelope, email, *attached)


def case_head_of(data: bytes) -> str:
    """Read which head of the case an e-mail of ours tells. Raises MessageUnreadable."""
    try:
        return header_of(message_from_bytes(data, policy=compat32), "X-Case-Head")
    except (ValueError, LookupError, TypeError, AssertionError, MessageError) as error:
        raise _unreadable(error) from error


def parse_message(data: bytes) -> ParsedMessage:
    """Read a message that `build_message` wrote. Raises MessageUnreadable.

    Strict: a header that comes twice, a part too many or another encoding is
    refused, since two readers might read it in two ways.
    """
    try:
        message = message_from_bytes(data, policy=compat32)
        bodies, attached = parts_of(message, "multipart/mixed", 2)
        plain, html = parts_of(bodies, "multipart/alternative", 2)
        ((to_name, to_address),) = getaddresses([header_of(message, "To")])
        ((_, from_address),) = getaddresses([header_of(message, "From")])
        return ParsedMessage(
            subject=decoded(header_of(message, "Subject")),
            text=text_of(plain, "text/plain"),
            html=text_of(html, "text/html"),
            pdf=pdf_of(attached),
            pdf_name=attached.get_filename() or "",
            to_address=to_address,
            to_name=decoded(to_name),
            from_address=from_address,
            message_id=header_of(message, "Message-ID"),
            at=parsedate_to_datetime(header_of(message, "Date")),
            send_id=header_of(message, "X-Send-Id"),
            reference=header_of(message, "X-Case-Reference"),
            revision=int(header_of(message, "X-Case-Revision")),
            case_head=header_of(message, "X-Case-Head"),
            sample=message.get("X-Case-Sample") == "yes",
        )
    # LookupError: an unknown character set. AssertionError, TypeError: malformed headers.
    except (ValueError, LookupError, TypeError, AssertionError, MessageError) as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> MessageUnreadable:
    return MessageUnreadable(
        f"This is not an e-mail of this office: {error}.",
        remedy="It was altered, or written by something else: verify the case.",
    )


def _written(mail: Mail, envelope: Envelope, email: Email, *attached: Message) -> bytes:
    send_id = token("X-Send-Id", envelope.send_id)
    message = MIMEMultipart("mixed", boundary=f"=_{send_id}_mixed", policy=POLICY)
    message["From"] = mailbox("From", mail.from_name, mail.from_address)
    if mail.reply_to is not None:
        message["Reply-To"] = mailbox("Reply-To", "", mail.reply_to)
    message["To"] = mailbox("To", envelope.to_name, envelope.to_address)
    message["Subject"] = folded("Subject", email.subject)
    message["Date"] = format_datetime(envelope.at.astimezone(UTC))
    domain = mail.from_address.rpartition("@")[2]
    message["Message-ID"] = token("Message-ID", f"<{send_id}@{domain}>")
    # RFC 3834 §5: no out-of-office reply is owed to it.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Case-Reference"] = token("X-Case-Reference", envelope.reference)
    message["X-Case-Revision"] = str(envelope.revision)
    message["X-Case-Head"] = token("X-Case-Head", envelope.case_head)
    message["X-Send-Id"] = send_id
    if envelope.sample:
        message["X-Case-Sample"] = "yes"
    bodies = MIMEMultipart("alternative", boundary=f"=_{send_id}_bodies", policy=POLICY)
    # RFC 2046 §5.1.4: the plainest first.
    bodies.attach(body("plain", email.text))
    bodies.attach(body("html", email.html))
    for part in (bodies, *attached):
        message.attach(part)
    return message.as_bytes()
