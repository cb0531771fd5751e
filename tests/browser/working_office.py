"""An office as it works on a Monday: letters of these weeks, real passkeys, a mail server.

Owns its settings, its drafts and the mail server; how an office is served is `tests.served`'.
Nobody in it is a sample, so that no page is marked as one.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from benchmarks.sample import Authority, draft_of
from desk.webhook.app import PATH
from letters.deadline import day_of
from letters.letter import day_in_words
from letters.working_days import is_working_day, working_days_after
from tests.provider_batches import body_of, event_of, public_key, signed
from tests.served import ServedOffice, free_port
from tests.time_stamps import a_certificate, a_key

COMMAND = "from tests.browser.four_days_later import main; main()"
PASSPHRASE = "correct-horse-battery"  # noqa: S105 - of a file that a test makes
KINDS = Path(__file__).parents[2] / "config" / "kinds"


class MailServer:
    """Takes every e-mail, and keeps them; to some recipients' it gives no answer at the end."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.falls_silent_for = set[str]()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a message."""
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        if self.falls_silent_for.intersection(envelope.rcpt_tos):
            server.transport.abort()
        return "250 2.0.0 Ok: queued"

    def subjects_to(self, address: str) -> list[str]:
        """List the subjects of what came for an address."""
        return [str(each["Subject"]) for each in self.taken if address in str(each["To"])]


class WorkingOffice(ServedOffice):
    """A served office whose inspectors have passkeys of their own and whose e-mails go out."""

    def __init__(self, root: Path, mail: MailServer, mail_port: int) -> None:
        super().__init__(root, COMMAND)
        self.mail = mail
        self.webhook_port = free_port()
        self.environment |= {
            "LETTERS_MAIL__PROVIDER": "smtp",
            "LETTERS_MAIL__SMTP_HOST": "127.0.0.1",
            "LETTERS_MAIL__SMTP_PORT": str(mail_port),
            "LETTERS_MAIL__SMTP_SECURITY": "none",
            "LETTERS_SEAL__PKCS12_FILE": str(_a_seal(root)),
            "LETTERS_SEAL__PASSPHRASE": PASSPHRASE,
            "LETTERS_WEBHOOK__PUBLIC_KEY": public_key(),
            "LETTERS_WEBHOOK__PORT": str(self.webhook_port),
        }
        inspectors = root / "register" / "inspectors.toml"
        inspectors.write_text(inspectors.read_text("utf-8").replace("sample = true", ""), "utf-8")
        # The power for these inspections ended in 2012: here it goes on.
        kind = (KINDS / "unannounced-inspection.toml").read_text("utf-8")
        (self.root / "kinds").mkdir(parents=True)
        own = self.root / "kinds" / "unannounced-inspection.toml"
        own.write_text(re.sub(r"(?m)^until = 2012.*\n", "", kind), "utf-8")
        (self.root / "drafts").mkdir()

    def next_authority(self) -> Authority:
        """Find an authority to which nobody has written."""
        return next(self._authorities)

    def lay_draft(self, name: str, words: str) -> None:
        """Lay a draft into the drafts folder; it was saved a minute ago."""
        path = self.root / "drafts" / name
        path.write_text(words, "utf-8")
        a_minute_ago = time.time() - 60
        os.utime(path, (a_minute_ago, a_minute_ago))

    def tell_of_bounce(self, reference: str, recipient_id: str, *, reason: str) -> int:
        """Send the webhook what the provider says of a bounce; return its status."""
        case = self.case(reference)
        (recipient,) = [r for r in case.recipients(1) if r.id == recipient_id]
        revision = case.revisions()[-1]
        now = case.office.clock()
        moment = int(now.timestamp())
        body = body_of(
            event_of(case, recipient, "bounce", revision=revision, timestamp=moment, reason=reason)
        )
        connection = HTTPConnection("127.0.0.1", self.webhook_port, timeout=30)
        connection.request("POST", PATH, body, signed(body, now))
        status = connection.getresponse().status
        connection.close()
        return status


@contextmanager
def a_working_office(root: Path) -> Iterator[WorkingOffice]:
    """Serve it for the length of a block."""
    mail = MailServer()
    controller = Controller(mail, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        office = WorkingOffice(root, mail, controller.port)
        office.begin()
        try:
            yield office
        finally:
            office.end()
    finally:
        controller.stop()


def a_letter_of(authority: Authority, *, working_days_ago: int, today: date) -> tuple[str, str]:
    """Write the sample letter as of these weeks; return its reference and its draft.

    Its inspection ended at least so many working days ago.
    """
    dated = _last_working_day(today)
    second = _last_day(dated, working_days_ago)
    first = second - timedelta(days=1)
    words = draft_of(authority).decode()
    for old, new in (
        ("date: 4 April 2011", f"date: {day_in_words(dated)}"),
        ("8 and 9 March 2011", f"{first.day} and {day_in_words(second)}"),
        ("Her Majesty’s", "His Majesty’s"),
        ("September 2010", f"September {second.year - 1}"),
    ):
        assert old in words
        words = words.replace(old, new)
    return f"CRA-{authority.code.upper()}-{first.isoformat()}", words


def today_of(office: WorkingOffice) -> date:
    """Tell which day it is in the office."""
    return day_of(office.office.clock())


def _a_seal(folder: Path) -> Path:
    """Make a certificate of the office's own: a live one needs it."""
    key = a_key()
    protection = BestAvailableEncryption(PASSPHRASE.encode())
    certificate = a_certificate("Inspectorate of Children’s Services", key)
    path = folder / "seal.p12"
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"", key, certificate, None, protection))
    path.chmod(0o600)
    return path


def _last_working_day(today: date) -> date:
    return next(
        day for day in (today - timedelta(days=back) for back in range(10)) if is_working_day(day)
    )


def _last_day(dated: date, working_days_ago: int) -> date:
    """Find the second of two working days of one month, so long ago."""
    return next(
        day
        for day in (dated - timedelta(days=back) for back in range(working_days_ago, 100))
        if working_days_after(day, dated) >= working_days_ago
        and day.day > 1
        and is_working_day(day)
        and is_working_day(day - timedelta(days=1))
    )
