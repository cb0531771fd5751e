"""What the post room rests on, looked at before a letter does: key, server, the sender's domain.

Nothing is sent. Owns how key and server are judged; the sender's domain is
`sender_domain.py`'s. That letters go out well is in the end told by the provider's events.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from dns.resolver import Resolver

from letters.errors import LettersError
from letters.finding import Finding
from tasks.case.office import Office
from tasks.mailing.sender_domain import domain_findings
from tasks.mailing.sendgrid import SendGrid, is_name_carried
from tasks.mailing.sendgrid_api import read_json
from tasks.mailing.smtp import Smtp
from tasks.mailing.transport import Answered

NEEDED_SCOPES = frozenset({"mail.send"})
ACTIVITY_SCOPES = frozenset({"messages.read", "email_activity.read"})
HARMLESS_SCOPES = frozenset({"2fa_required", "2fa_exempt", "sender_verification_eligible"})
"""What SendGrid tells with each key's scopes; they give no right."""

SHOWN = 5

Level = Literal["ok", "warning", "failure"]


def mail_findings(office: Office, resolver: Resolver | None = None) -> list[Finding]:
    """Look at how the office's e-mails go out.

    Asks the provider what the key may do, or logs in to the SMTP server, and asks the DNS
    for what the sender's domain says of its mail.
    """
    provider, mail = office.provider, office.settings.mail
    if provider.takes_samples:
        told = f"E-mails are laid into {office.outbox_folder}: nothing leaves the house."
        return [_finding("ok", "mail-outbox", told)]
    found: list[Finding] = []
    if isinstance(provider, SendGrid):
        found += _key(provider)
        found += _names(office)
    elif isinstance(provider, Smtp):
        found.append(_server(provider))
    domain = mail.from_address.rpartition("@")[2]
    return [*found, *domain_findings(domain, resolver, is_sendgrid=isinstance(provider, SendGrid))]


def _key(provider: SendGrid) -> Iterator[Finding]:
    """Look at what the key may do: GET /v3/scopes tells the scopes of whoever asks."""
    reply = provider.api.get("scopes")
    if not isinstance(reply, Answered):
        yield _finding(
            "failure",
            "sendgrid-unreachable",
            f"SendGrid doesn't answer. {reply.why}",
            "See that this machine may go to mail.sendgrid_host.",
        )
        return
    if reply.status in (401, 403):
        yield _finding(
            "failure",
            "key-refused",
            f"SendGrid doesn't take the key: {provider.api.said(reply)}.",
            "Make a key with Restricted Access to Mail Send, and give it to the office.",
        )
        return
    scopes = _scopes(reply)
    if scopes is None:
        yield _finding(
            "warning",
            "scopes-unknown",
            f"What the key may do can't be told: {provider.api.said(reply)}.",
            "Look at the key's page at SendGrid.",
        )
        return
    if not scopes >= NEEDED_SCOPES:
        yield _finding(
            "failure",
            "key-cannot-send",
            "The key may not send: it lacks mail.send.",
            "Make a key with Restricted Access to Mail Send, and give it to the office.",
        )
    else:
        yield _finding("ok", "key-sends", "SendGrid takes the key, and it may send.")
    too_many = sorted(scopes - NEEDED_SCOPES - ACTIVITY_SCOPES - HARMLESS_SCOPES)
    if too_many:
        more = f" and {len(too_many) - SHOWN} more" if len(too_many) > SHOWN else ""
        yield _finding(
            "warning",
            "key-too-wide",
            f"The key may do more than send: {', '.join(too_many[:SHOWN])}{more}.",
            "Make one with Restricted Access to Mail Send alone (and to the Email Activity Feed,"
            " if the account has it), and delete this one.",
        )
    if scopes & ACTIVITY_SCOPES:
        yield _finding("ok", "activity", "What became of a doubtful e-mail can be asked for.")
    else:
        yield _finding(
            "ok",
            "no-activity",
            "The key can't read the Email Activity Feed: an e-mail in doubt waits for the"
            " provider's events, or for a person.",
        )
    yield _finding(
        "ok",
        "not-tracked",
        "Each request switches the tracking of clicks and opens off, and asks for no sandbox.",
    )


def _scopes(reply: Answered) -> frozenset[str] | None:
    told = read_json(reply) if reply.status == 200 else None
    scopes = told.get("scopes") if isinstance(told, dict) else None
    return frozenset(map(str, scopes)) if isinstance(scopes, list) else None


def _names(office: Office) -> Iterator[Finding]:
    contacts = [
        f"{c.authority}/{c.role}" for c in office.register.contacts if not is_name_carried(c.name)
    ]
    inspectors = [i.id for i in office.register.inspectors if not is_name_carried(i.name)]
    if spoilt := [*contacts, *inspectors]:
        yield _finding(
            "failure",
            "names-not-carried",
            "SendGrid can't write to people with a comma or semicolon in their names:"
            f" {', '.join(spoilt)}.",
            "Write the names without them in contacts.csv and inspectors.toml.",
        )


def _server(provider: Smtp) -> Finding:
    try:
        provider.log_in()
    except LettersError as error:
        return _finding("failure", error.code, error.message, error.remedy)
    return _finding("ok", "smtp-ready", "The SMTP server lets the office in.")


def _finding(level: Level, code: str, message: str, remedy: str = "") -> Finding:
    return Finding(level=level, code=code, message=message, remedy=remedy)
