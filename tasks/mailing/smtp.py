"""SMTP as the provider: one message to one recipient, and what the server's replies prove.

Until the full stop that ends a message was sent, nothing can have been taken; after it
only the reply tells (RFC 5321 §4.1.1.4, §6.1). Owns those replies, encryption and log-in;
the connection and its deadline are `connection.py`'s.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from letters.errors import LettersError, TransientError, UsageError
from letters.recipient import masked
from tasks.case.office import Answer
from tasks.case.settings import Mail
from tasks.mailing.connection import (
    Deadline,
    Unreachable,
    connected,
    is_loopback,
    trusting_the_system,
)
from tasks.mailing.outgoing import Outgoing, read_outgoing

SAID_CHARACTERS = 300
STORAGE_EXCEEDED = 552

_BARE_LINE_END = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_QUEUED_AS = re.compile(r"queued (?:as|for delivery as) ([!-~]{1,100})", re.IGNORECASE)


class SmtpUnusable(UsageError):
    """The settings of the SMTP server can't be used."""

    code = "smtp-unusable"


class SmtpNotReady(TransientError):
    """The server was reached, and would take no message at all: nothing was sent."""

    code = "smtp-not-ready"


class _Refusal(Exception):
    """A reply by which the message isn't taken."""

    def __init__(self, result: Literal["refused", "not-accepted"], said: str) -> None:
        super().__init__(said)
        self.result = result
        self.said = said


class Smtp:
    """A `Provider`: the office's own SMTP server, or a relay's submission port (RFC 6409)."""

    name = "smtp"
    takes_samples = False

    def __init__(self, mail: Mail, *, root: Path) -> None:
        if not mail.smtp_host:
            raise _unusable("No SMTP server is named.", "smtp_host")
        if mail.smtp_security == "none" and not is_loopback(mail.smtp_host):
            raise _unusable("Letters would travel without encryption.", "smtp_security")
        self._ca_file = root / mail.smtp_ca_file if mail.smtp_ca_file else None
        if self._ca_file is not None and not self._ca_file.is_file():
            raise _unusable(f"There is no file {self._ca_file}.", "smtp_ca_file")
        if (mail.smtp_password is None) != (not mail.smtp_user):
            raise _unusable("A user without a password, or a password without one.", "smtp_user")
        self._mail = mail
        self._context: ssl.SSLContext | None = None

    def carries_name(self, name: str) -> bool:  # noqa: ARG002 - headers can hold any name
        """Whether it can write to a person of this name: always."""
        return True

    def send(self, message: bytes, *, send_id: str) -> Answer:
        """Hand a message to the server, once."""
        try:
            outgoing = read_outgoing(message)
        except LettersError as error:
            return Answer("refused", said=masked(f"not sent: {error.code}: {error.message}"))
        if outgoing.sample or outgoing.send_id != send_id:
            return Answer("refused", said="not sent: a sample letter, or another send id")
        if _BARE_LINE_END.search(message):
            # Some servers see the end of a message where others don't (“SMTP smuggling”).
            return Answer("refused", said="not sent: half a line end stands in it")
        deadline = Deadline(self._mail.request_seconds)
        try:
            with self._ready(deadline) as server:
                try:
                    _hand_over(server, outgoing, message)
                except _Refusal as refusal:
                    return Answer(refusal.result, said=refusal.said)
                except (OSError, smtplib.SMTPException, ValueError) as error:
                    said = f"it broke off before the end: {deadline.explain(error)}"
                    return Answer("not-accepted", said=said)
                return _end(server, deadline)
        except (Unreachable, SmtpNotReady) as error:
            return Answer("not-accepted", said=masked(error.message))

    def find(
        self,
        send_id: str,  # noqa: ARG002 - what every provider is asked
    ) -> Literal["accepted", "absent", "unknown"]:
        """Tell that it can't be told: SMTP has no question about a message handed over."""
        return "unknown"

    def log_in(self) -> None:
        """Come as far as a message would begin, and go. Raises Unreachable, SmtpNotReady."""
        with self._ready(Deadline(self._mail.request_seconds)):
            pass

    @contextmanager
    def _ready(self, deadline: Deadline) -> Iterator[_Server]:
        """Connect, encrypt and log in. Raises Unreachable, SmtpNotReady."""
        mail = self._mail
        tls = self._trust() if mail.smtp_security == "tls" else None
        with connected(mail.smtp_host, mail.smtp_port, deadline, tls) as connection:
            # The name by which it greets (RFC 5321 §4.1.1.1): no look-up may delay it.
            own_name = mail.from_address.rpartition("@")[2]
            why = ""
            try:
                server = _Server(connection, mail.smtp_host, own_name)
                if mail.smtp_security == "starttls":
                    server.starttls(context=self._trust())
                server.ehlo_or_helo_if_needed()
                if mail.smtp_password is not None:
                    server.login(mail.smtp_user, mail.smtp_password.get_secret_value())
            except (OSError, smtplib.SMTPException, ValueError) as error:
                why = _replied(error) or deadline.explain(error)
            if why:
                # Outside of the clause: the error may hold what was said to log in.
                raise _not_ready(mail, why)
            try:
                yield server
            finally:
                with suppress(OSError, smtplib.SMTPException):
                    server.close()

    def _trust(self) -> ssl.SSLContext:
        if self._ca_file is None:
            return trusting_the_system()
        if self._context is None:
            try:
                self._context = ssl.create_default_context(cafile=str(self._ca_file))
            except (OSError, ValueError) as error:
                raise _not_ready(self._mail, f"{self._ca_file} holds no certificates") from error
        return self._context


class _Server(smtplib.SMTP):
    """A session on a connection that is made already."""

    def __init__(self, connection: socket.socket, host: str, own_name: str) -> None:
        self._connection = connection
        super().__init__(host, 1, local_hostname=own_name)

    def _get_socket(self, *_: object) -> socket.socket:
        return self._connection


def _hand_over(server: _Server, outgoing: Outgoing, message: bytes) -> None:
    """Say everything but the full stop. Raises _Refusal, OSError, SMTPException."""
    largest = server.esmtp_features.get("size", "")
    if largest.isdecimal() and 0 < int(largest) < len(message):
        raise _Refusal("refused", f"it has {len(message)} bytes; the server takes {largest}")
    size = [f"size={len(message)}"] if server.has_extn("size") else []
    _require(server.mail(outgoing.from_address, size), (250,), is_about_message=False)
    _require(server.rcpt(outgoing.to_address), (250, 251))
    _require(server.docmd("data"), (354,))
    # RFC 5321 §4.5.2: a line that begins with a full stop gets one more.
    server.send(re.sub(rb"(?m)^\.", b"..", message.removesuffix(b"\r\n")))


def _end(server: _Server, deadline: Deadline) -> Answer:
    """End the message. From here on only a whole reply tells what became of it."""
    try:
        server.send(b"\r\n.\r\n")
        code, words = server.getreply()
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return Answer("unknown", said=f"no reply after its end: {deadline.explain(error)}")
    said = _said(code, words)
    with suppress(OSError, smtplib.SMTPException):
        server.putcmd("quit")
    if code == 250:
        queued = _QUEUED_AS.search(said)
        return Answer("accepted", provider_id=queued[1] if queued else "", said=said)
    if 400 <= code < 600:
        return Answer("not-accepted" if code < 500 else "refused", said=said)
    return Answer("unknown", said=said)


def _require(
    reply: tuple[int, bytes], codes: tuple[int, ...], *, is_about_message: bool = True
) -> None:
    """Return if the server goes on; a lasting refusal counts as one if it is the message's own."""
    code, words = reply
    if code not in codes:
        is_for_good = code >= 500 and (is_about_message or code == STORAGE_EXCEEDED)
        raise _Refusal("refused" if is_for_good else "not-accepted", _said(code, words))


def _said(code: int, words: bytes) -> str:
    told = " ".join(words.decode("utf-8", "replace").split())
    return masked(f"{code} {told}")[:SAID_CHARACTERS]


def _replied(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        # Its words may repeat what was said to log in.
        return f"{error.smtp_code}, it doesn't let this user in"
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        words = error.smtp_error
        return _said(error.smtp_code, words if isinstance(words, bytes) else words.encode())
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "it offers no encryption, or no log-in"
    return ""


def _unusable(what: str, key: str) -> SmtpUnusable:
    return SmtpUnusable(
        what, where=f"mail.{key}", remedy="Correct it in office.toml; see config/defaults.toml."
    )


def _not_ready(mail: Mail, why: str) -> SmtpNotReady:
    return SmtpNotReady(
        f"The server {mail.smtp_host}:{mail.smtp_port} takes no messages: {why}.",
        remedy="See that mail.smtp_security, smtp_user and the password are right.",
    )
