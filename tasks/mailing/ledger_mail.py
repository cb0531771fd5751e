"""E-mails that the ledger announces: they are about the whole office, not about a letter.

Its head goes to a mailbox that the office doesn't own, and the letters office is told
what differs in the archive. Owns how such an e-mail is written, announced by its hash,
sent and noted; when one is due is for others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC
from email import message_from_bytes
from email.errors import MessageError
from email.mime.multipart import MIMEMultipart
from email.policy import compat32
from email.utils import format_datetime
from typing import Any, Literal

from letters.canonical import sha256_hex
from letters.recipient import normalised_address
from tasks.case.faults import reach
from tasks.case.ledger import ledger_of
from tasks.case.office import Answer, Office
from tasks.case.record import ANNOUNCED
from tasks.mailing.headers import folded, header_of, mailbox, token
from tasks.mailing.message import MessageUnreadable
from tasks.mailing.parts import POLICY, body
from tasks.mailing.telling import file_of
from tasks.templating import render_html_template, render_text_template

HEAD = "X-Ledger-Head"


def send_anchor(office: Office, seq: int, head: str) -> Answer:
    """Send a head of the ledger to the mailbox; noted as `anchor-sent`.

    Raises MessageRefused, TemplateFailed, ValueError where the office has no mailbox.
    """
    address = office.settings.anchors.mailbox
    if address is None:
        raise ValueError("the office names no mailbox for its anchors")
    subject = f"Head of the ledger: entry {seq}"
    return _send(office, "anchor", subject, address, (seq, head), "anchor-sent", {})


def tell_differences(office: Office, differences: Sequence[tuple[str, str, str]]) -> Answer | None:
    """Tell the letters office what differs (code, object, message) that it wasn't told before.

    None where there is nothing new. Noted as `differences-told`. Raises ChainBroken where
    the ledger itself is cut: then it can't be noted.
    """
    ledger = ledger_of(office)
    told = {
        one
        for entry in ledger.entries_of("differences-told")
        if entry.detail.get("result") == "accepted"
        for one in entry.detail["differences"]
    }
    new = {sha256_hex("\n".join(one).encode())[:32]: one for one in differences}
    new = {name: one for name, one in new.items() if name not in told}
    if not new:
        return None
    shown = dict(list(new.items())[:TOLD_AT_MOST])
    return _send(
        office,
        "differences",
        f"The archive differs: {len(new)} found",
        office.settings.mail.office_address,
        ledger.head(),
        "differences-told",
        {"differences": sorted(shown)},
        differences=list(shown.values()),
        more=len(new) - len(shown),
    )


TOLD_AT_MOST = 100
"""Differences in one e-mail: the rest follow with the next."""


def ledger_head_of(data: bytes) -> str:
    """Read which head of the ledger an e-mail of ours tells. Raises MessageUnreadable."""
    try:
        return header_of(message_from_bytes(data, policy=compat32), HEAD)
    except (ValueError, LookupError, TypeError, AssertionError, MessageError) as error:
        raise MessageUnreadable(
            f"This is not an e-mail that the ledger announces: {error}.",
            remedy="It was altered, or written by something else: verify the office.",
        ) from error


def _send(
    office: Office,
    kind: Literal["anchor", "differences"],
    subject: str,
    address: str,
    head: tuple[int, str],
    event: str,
    detail: dict[str, Any],
    **values: Any,
) -> Answer:
    ledger = ledger_of(office)
    told = f"{kind}\n{head[0]}:{head[1]}\n{normalised_address(address)}"
    identity = hashlib.sha256(told.encode()).hexdigest()[:32]
    message = _written(office, kind, subject, address, head, identity, values)
    ledger.append(
        "ledger", ANNOUNCED, detail={"of": file_of(identity), "sha256": sha256_hex(message)}
    )
    reach("before-notice")
    answer = office.notices.send(message, send_id=identity)
    reach("after-notice")
    noted = {"seq": head[0], "head": head[1], "send_id": identity, "result": answer.result}
    ledger.append("ledger", event, detail={**detail, **noted})
    return answer


def _written(
    office: Office,
    kind: str,
    subject: str,
    address: str,
    head: tuple[int, str],
    identity: str,
    values: dict[str, Any],
) -> bytes:
    mail, organisation = office.settings.mail, office.settings.letterhead.organisation
    values = {
        **values,
        "title": subject,
        "mark": "",
        "organisation": organisation,
        "seq": head[0],
        "head": head[1],
    }
    message = MIMEMultipart("mixed", boundary=f"=_{identity}_mixed", policy=POLICY)
    message["From"] = mailbox("From", mail.from_name, mail.from_address)
    message["To"] = mailbox("To", "", address)
    message["Subject"] = folded("Subject", subject)
    message["Date"] = format_datetime(office.clock().astimezone(UTC))
    domain = mail.from_address.rpartition("@")[2]
    message["Message-ID"] = token("Message-ID", f"<{identity}@{domain}>")
    # RFC 3834 §5: no out-of-office reply is owed to it.
    message["Auto-Submitted"] = "auto-generated"
    message[HEAD] = token(HEAD, f"{head[0]}:{head[1]}")
    message["X-Send-Id"] = identity
    bodies = MIMEMultipart("alternative", boundary=f"=_{identity}_bodies", policy=POLICY)
    bodies.attach(body("plain", render_text_template(f"email/ledger/{kind}.txt.j2", **values)))
    bodies.attach(body("html", render_html_template(f"email/ledger/{kind}.html.j2", **values)))
    message.attach(bodies)
    return message.as_bytes()
