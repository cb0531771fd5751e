"""The doctor's round: everything an office rests on is looked at; letters stay as they are.

Each room looks at its own; here they are put together, and one that can't look is
itself a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from letters.canonical import sha256_hex
from letters.errors import LettersError
from letters.finding import Finding
from tasks.archiving.timestamps import request_stamp, trusted_certificates
from tasks.case.health import office_findings
from tasks.case.ledger import ledger_of
from tasks.case.office import Office
from tasks.mailing.connection import is_loopback
from tasks.mailing.event_signature import load_public_key
from tasks.rendering.seal_keys import seal_findings

ANCHOR_DAYS = 2
"""The ledger's head goes out daily."""

Room = tuple[str, Callable[[Office], Iterable[Finding]]]


def examine(office: Office) -> dict[str, tuple[Finding, ...]]:
    """Map each room's name to what was found in it, in the order of a letter's way."""
    return {name: tuple(_looked_at(look, office)) for name, look in ROOMS}


def _looked_at(look: Callable[[Office], Iterable[Finding]], office: Office) -> Iterator[Finding]:
    try:
        yield from look(office)
    except LettersError as error:
        yield Finding(level="failure", code=error.code, message=str(error), remedy=error.remedy)
    except Exception as error:  # a room that can't be looked at is a finding
        yield Finding(
            level="failure",
            code="not-examined",
            message=f"It could not be looked at: {type(error).__name__}: {error}",
            remedy="Tell those who look after the product.",
        )


def _people(office: Office) -> Iterator[Finding]:
    samples = [inspector.name for inspector in office.register.inspectors if inspector.sample]
    real = [inspector for inspector in office.register.inspectors if not inspector.sample]
    if samples and office.is_live:
        yield Finding(
            level="failure",
            code="sample-inspectors",
            message=f"The register of a live office has sample inspectors: {', '.join(samples)}.",
            remedy="Take them out of inspectors.toml: their key lies in the office, and whoever"
            " reaches it could sign. Letters of theirs are refused anyway.",
        )
    elif samples:
        yield Finding(
            level="ok",
            code="sample-inspectors",
            message=f"Sample inspectors sign here ({', '.join(samples)}): nothing leaves the"
            " house.",
        )
    if real:
        yield Finding(level="ok", code="inspectors", message=f"{len(real)} inspectors can sign.")
    elif not samples:
        yield Finding(
            level="failure",
            code="no-inspectors",
            message="The register has no inspectors, or none was named.",
            remedy="Name a register with --register DIR.",
        )


def _bucket(office: Office) -> Iterable[Finding]:
    archive = office.settings.archive
    if archive.store == "folder":
        yield Finding(level="ok", code="archive-folder", message="The archive is a folder.")
        return
    endpoint = urlsplit(archive.endpoint)
    if endpoint.scheme == "http" and not is_loopback(endpoint.hostname or ""):
        yield Finding(
            level="failure",
            code="endpoint-not-encrypted",
            message=f"Letters and addresses travel to {archive.endpoint} in the clear.",
            remedy="Have the server answer by TLS, and name it as https:// in [archive] endpoint;"
            " with a certificate of your own house, its issuer in ca_file.",
        )
    from tasks.case.bucket import bucket_findings
    from tasks.case.s3 import S3Store

    if isinstance(office.store, S3Store):
        yield from bucket_findings(
            office.store.client, archive.bucket, archive.prefix, archive, datetime.now(UTC)
        )


def _stamped(table: str, url: str) -> Finding:
    """Ask a time-stamp authority for one stamp. Raises what a stamp that can't be had raises."""
    request_stamp(url, sha256_hex(b"letters doctor"))
    return Finding(
        level="ok", code=f"{table}-time-stamps", message=f"The authority at {url} stamps the time."
    )


def _seal(office: Office) -> Iterator[Finding]:
    told = office.settings.seal
    yield from seal_findings(office, office.clock())
    if told.trust_file:
        trusted_certificates(office.root / told.trust_file)
    if told.tsa_url:
        yield _stamped("seal", told.tsa_url)


def _mail(office: Office) -> Iterable[Finding]:
    from tasks.mailing.health import mail_findings

    return mail_findings(office)


def _webhook(office: Office) -> Iterator[Finding]:
    if not office.settings.webhook.public_key:
        is_missed = office.settings.mail.provider == "sendgrid"
        yield Finding(
            level="warning" if is_missed else "ok",
            code="webhook-off",
            message="The provider tells nothing of what became of e-mails.",
            remedy="Switch on SendGrid's signed event webhook, and put its public key into"
            " office.toml: [webhook] public_key."
            if is_missed
            else "",
        )
        return
    load_public_key(office.settings.webhook.public_key)
    yield Finding(
        level="ok",
        code="webhook-on",
        message=f"The provider's events are taken in on port {office.settings.webhook.port}.",
    )


def _anchors(office: Office) -> Iterator[Finding]:
    anchors = office.settings.anchors
    if anchors.mailbox is None and not anchors.tsa_url:
        yield Finding(
            level="warning" if office.is_live else "ok",
            code="no-anchors",
            message="The ledger's head is kept nowhere outside the office.",
            remedy="Name a mailbox that the office doesn't own, or a time-stamp authority:"
            " [anchors] in office.toml.",
        )
        return
    if anchors.tsa_trust_file:
        trusted_certificates(office.root / anchors.tsa_trust_file)
    if anchors.tsa_url:
        yield _stamped("anchors", anchors.tsa_url)
    sent = ledger_of(office).entries_of("anchored", "anchor-sent")
    if not sent:
        yield Finding(
            level="warning",
            code="never-anchored",
            message="The ledger's head has never gone out.",
            remedy="Run the deployment `check-archive`, which sends it each day.",
        )
        return
    days = (office.clock() - datetime.fromisoformat(sent[-1].at)).days
    yield Finding(
        level="warning" if days > ANCHOR_DAYS else "ok",
        code="anchored",
        message=f"The ledger's head last went out {days} days ago, at {sent[-1].at}.",
        remedy="See why `check-archive` doesn't run." if days > ANCHOR_DAYS else "",
    )


ROOMS: tuple[Room, ...] = (
    ("office", office_findings),
    ("people", _people),
    ("archive", _bucket),
    ("seal", _seal),
    ("mail", _mail),
    ("webhook", _webhook),
    ("anchors", _anchors),
)
