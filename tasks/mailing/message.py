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
from email.utils import format_datetime
from typing import NamedTuple

from letters.delivery import Sender
from letters.email import Email
from letters.recipient import FrozenRecipient
from tasks.case.settings import Mail
from tasks.mailing.headers import folded, header_of, mailbox, token
from tasks.mailing.outgoing import MessageUnreadable as MessageUnreadable
from tasks.mailing.outgoing import read_outgoing, unreadable
from tasks.mailing.parts import POLICY, attachment, body


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
    mail: Mail | Sender,
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
        raise unreadable(error) from error


def parse_message(data: bytes) -> ParsedMessage:
    """Read a message that `build_message` wrote. Raises MessageUnreadable.

    Strict: a header that comes twice, a part too many or another encoding is
    refused, since two readers might read it in two ways.
    """
    read = read_outgoing(data)
    if not read.reference or [one.content_type for one in read.attachments] != ["application/pdf"]:
        raise unreadable(ValueError("no letter, or not just one PDF"))
    (pdf,) = read.attachments
    return ParsedMessage(
        subject=read.subject,
        text=read.text,
        html=read.html,
        pdf=pdf.data,
        pdf_name=pdf.name,
        to_address=read.to_address,
        to_name=read.to_name,
        from_address=read.from_address,
        message_id=read.message_id,
        at=read.at,
        send_id=read.send_id,
        reference=read.reference,
        revision=read.revision,
        case_head=read.header("X-Case-Head"),
        sample=read.sample,
    )


def _written(mail: Mail | Sender, envelope: Envelope, email: Email, *attached: Message) -> bytes:
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
