"""The parts of an e-mail: its bodies and what is attached, written and read to the byte."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Container
from email.message import Message
from email.mime.application import MIMEApplication
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from typing import Literal, NamedTuple

from tasks.mailing.headers import MessageRefused, header_of

# RFC 5322 §2.1.1: no line over 998. Headers that need folding come folded.
POLICY = compat32.clone(linesep="\r\n", max_line_length=998)

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}\.(json|pdf)")


class Attached(NamedTuple):
    """A file that goes with an e-mail."""

    name: str
    content_type: str
    data: bytes


def body(subtype: str, text: str) -> Message:
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
    part = MIMENonMultipart("text", subtype, charset="utf-8", policy=POLICY)
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(encoded.decode("ascii"))
    return part


def attachment(data: bytes, name: str, subtype: Literal["json", "pdf"]) -> Message:
    """Attach a file under its name. Raises MessageRefused."""
    match = _FILE_NAME.fullmatch(name)
    if match is None or match[1] != subtype:
        raise MessageRefused(
            f"Nothing can be attached under the name {name[:80]!r}.",
            remedy=f"Use letters, digits, dots, hyphens and underscores, ending in .{subtype}.",
        )
    part = MIMEApplication(data, subtype, policy=POLICY, name=name)
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part


def parts_of(message: Message, content_type: str, counts: Container[int]) -> list[Message]:
    """Take a multipart apart. Raises ValueError unless it is just what was expected."""
    parts = message.get_payload()
    if message.get_content_type() != content_type or not isinstance(parts, list):
        raise ValueError(f"{message.get_content_type()} instead of {content_type}")
    if len(parts) not in counts or message.defects:
        raise ValueError(f"{content_type} with {len(parts)} parts, {len(message.defects)} defects")
    return [part for part in parts if isinstance(part, Message)]


def text_of(part: Message, content_type: str) -> str:
    """Read what `body` wrote. Raises ValueError."""
    encoded = _encoded_payload(part, content_type, "quoted-printable")
    return binascii.a2b_qp(encoded.replace(b"\r\n", b"\n")).decode("utf-8")


def attached_of(part: Message) -> Attached:
    """Read what `attachment` wrote. Raises ValueError."""
    name = str(part.get_param("filename", "", "Content-Disposition"))
    match = _FILE_NAME.fullmatch(name)
    # Some readers go by the one name, some by the other.
    is_one_name = part.get_param("name") == name
    if match is None or not is_one_name or part.get_content_disposition() != "attachment":
        raise ValueError(f"an attachment named {name[:80]!r}")
    content_type = f"application/{match[1]}"
    encoded = _encoded_payload(part, content_type, "base64")
    data = base64.b64decode(re.sub(rb"\r?\n", b"", encoded), validate=True)
    return Attached(name, content_type, data)


def _encoded_payload(part: Message, content_type: str, encoding: str) -> bytes:
    payload = part.get_payload()
    if (
        part.get_content_type() != content_type
        or header_of(part, "Content-Transfer-Encoding") != encoding
        or not isinstance(payload, str)
    ):
        raise ValueError(f"{part.get_content_type()} instead of {content_type} in {encoding}")
    return payload.encode("ascii")
