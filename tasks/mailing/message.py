"""A covering e-mail as it leaves the house, and how one is read back years later.

Owns the bytes: headers, the two bodies and the attached PDF. What the words are
is the pack's; who sends the bytes is a provider's. Everything that a pack hashes
(subject, text, HTML, PDF) can be read back from the message to the byte.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime, getaddresses, parsedate_to_datetime

from letters.email import Email
from letters.errors import LettersError
from letters.recipient import FrozenRecipient
from tasks.case.settings import Mail
from tasks.mailing.headers import MessageRefused, decoded, folded, mailbox, token

# RFC 5322 §2.1.1: no line over 998. Headers that need folding come folded.
_POLICY = compat32.clone(linesep="\r\n", max_line_length=998)

_PDF_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}\.pdf")


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
    """Write the e-mail: same arguments, same bytes. Raises MessageRefused.

    `case_head` is `<seq>:<sha256>` of the last entry in the case's chain.
    """
    message = MIMEMultipart("mixed", boundary=f"=_{send_id}_mixed", policy=_POLICY)
    message["From"] = mailbox("From", mail.from_name, mail.from_address)
    if mail.reply_to is not None:
        message["Reply-To"] = mailbox("Reply-To", "", mail.reply_to)
    message["To"] = mailbox("To", recipient.name, recipient.email)
    message["Subject"] = folded("Subject", email.subject)
    message["Date"] = format_datetime(at.astimezone(UTC))
    domain = mail.from_address.rpartition("@")[2]
    message["Message-ID"] = token("Message-ID", f"<{send_id}@{domain}>")
    # RFC 3834 §5: no out-of-office reply is owed to it.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Case-Reference"] = token("X-Case-Reference", reference)
    message["X-Case-Revision"] = str(revision)
    message["X-Case-Head"] = token("X-Case-Head", case_head)
    message["X-Send-Id"] = token("X-Send-Id", send_id)
    if sample:
        message["X-Case-Sample"] = "yes"
    bodies = MIMEMultipart("alternative", boundary=f"=_{send_id}_bodies", policy=_POLICY)
    # RFC 2046 §5.1.4: the plainest first.
    bodies.attach(_body("plain", email.text))
    bodies.attach(_body("html", email.html))
    message.attach(bodies)
    message.attach(_attachment(pdf, pdf_name))
    return message.as_bytes()


def parse_message(data: bytes) -> ParsedMessage:
    """Read a message that `build_message` wrote. Raises MessageUnreadable.

    Strict: a header that comes twice, a part too many or another encoding is
    refused, since two readers might read it in two ways.
    """
    try:
        message = message_from_bytes(data, policy=compat32)
        bodies, attachment = _parts(message, "multipart/mixed", 2)
        plain, html = _parts(bodies, "multipart/alternative", 2)
        ((to_name, to_address),) = getaddresses([_header(message, "To")])
        ((_, from_address),) = getaddresses([_header(message, "From")])
        return ParsedMessage(
            subject=decoded(_header(message, "Subject")),
            text=_text_of(plain, "text/plain"),
            html=_text_of(html, "text/html"),
            pdf=_pdf_of(attachment),
            pdf_name=attachment.get_filename() or "",
            to_address=to_address,
            to_name=decoded(to_name),
            from_address=from_address,
            message_id=_header(message, "Message-ID"),
            at=parsedate_to_datetime(_header(message, "Date")),
            send_id=_header(message, "X-Send-Id"),
            reference=_header(message, "X-Case-Reference"),
            revision=int(_header(message, "X-Case-Revision")),
            case_head=_header(message, "X-Case-Head"),
            sample=message.get("X-Case-Sample") == "yes",
        )
    # LookupError: an unknown character set. AssertionError, TypeError: malformed headers.
    except (ValueError, LookupError, TypeError, AssertionError, MessageError) as error:
        raise MessageUnreadable(
            f"This is not an e-mail of this office: {error}.",
            remedy="It was altered, or written by something else: verify the case.",
        ) from error


def _body(subtype: str, text: str) -> Message:
    """Write a body as quoted-printable, readable with any editor.

    Each line feed is a hard line break; a carriage return and a space at a line's
    end are encoded (RFC 2045 §6.7), so that no relay can change or lose one.
    """
    try:
        lines = text.encode("utf-8").split(b"\n")
    except UnicodeEncodeError as error:
        raise MessageRefused(
            f"The e-mail's {subtype} body holds half a character at {error.start + 1}.",
            remedy="Correct the template or the letter.",
        ) from error
    encoded = b"\n".join(binascii.b2a_qp(line, quotetabs=False, istext=False) for line in lines)
    part = MIMENonMultipart("text", subtype, charset="utf-8", policy=_POLICY)
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(encoded.decode("ascii"))
    return part


def _attachment(pdf: bytes, pdf_name: str) -> Message:
    if _PDF_NAME.fullmatch(pdf_name) is None:
        raise MessageRefused(
            f"The PDF can't be attached under the name {pdf_name[:80]!r}.",
            remedy="Use letters, digits, dots, hyphens and underscores, ending in .pdf.",
        )
    part = MIMEApplication(pdf, "pdf", policy=_POLICY, name=pdf_name)
    part.add_header("Content-Disposition", "attachment", filename=pdf_name)
    return part


def _header(message: Message, name: str) -> str:
    values = message.get_all(name, [])
    if len(values) != 1:
        raise ValueError(f"{len(values)} headers {name} instead of one")
    return re.sub(r"\r?\n(?=[ \t])", "", str(values[0]))


def _parts(message: Message, content_type: str, count: int) -> list[Message]:
    parts = message.get_payload()
    if message.get_content_type() != content_type or not isinstance(parts, list):
        raise ValueError(f"{message.get_content_type()} instead of {content_type}")
    if len(parts) != count or message.defects:
        raise ValueError(f"{content_type} with {len(parts)} parts, {len(message.defects)} defects")
    return [part for part in parts if isinstance(part, Message)]


def _text_of(part: Message, content_type: str) -> str:
    encoded = _encoded_payload(part, content_type, "quoted-printable")
    return binascii.a2b_qp(encoded.replace(b"\r\n", b"\n")).decode("utf-8")


def _pdf_of(part: Message) -> bytes:
    encoded = _encoded_payload(part, "application/pdf", "base64")
    return base64.b64decode(re.sub(rb"\r?\n", b"", encoded), validate=True)


def _encoded_payload(part: Message, content_type: str, encoding: str) -> bytes:
    payload = part.get_payload()
    if (
        part.get_content_type() != content_type
        or _header(part, "Content-Transfer-Encoding") != encoding
        or not isinstance(payload, str)
    ):
        raise ValueError(f"{part.get_content_type()} instead of {content_type} in {encoding}")
    return payload.encode("ascii")
