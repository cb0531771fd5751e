"""What a readable report of a letter says: its facts, decisions, deliveries, checks and trail.

Owns the values that `templates/report.typ` shows, in the words of the office; addresses
are masked. The report proves nothing: what it tells can be checked in the bag beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from letters.audit import AuditEntry
from letters.decisions import Decisions, Part
from letters.delivery import Attempt, DeliveryState
from letters.events import Progress, ProviderEvent
from letters.letter import day_in_words
from letters.recipient import FrozenRecipient, masked, send_id
from letters.report import Report
from letters.signoff import Decision, Entitlement, SignOff
from tasks.archiving.printed_values import printable_values
from tasks.case.case import Case

SAMPLE_MARK = "SAMPLE — not an official letter"

_ENTITLED = {Entitlement.SIGNATORY: "as its signatory", Entitlement.DELEGATE: "as a delegate"}
_STATES = {
    DeliveryState.PENDING: "not sent",
    DeliveryState.IN_FLIGHT: "on its way",
    DeliveryState.ACCEPTED: "taken by the provider",
    DeliveryState.REFUSED: "refused",
    DeliveryState.UNKNOWN: "not known whether it was taken",
    DeliveryState.SETTLED_AS_SENT: "counted as sent by a person",
}


class Told(NamedTuple):
    """What the report says of things that other rooms know."""

    report: Report
    seal: tuple[tuple[str, str], ...]
    """What the seal of the PDF says of itself: names and values."""


def report_values(case: Case, revision: int, told: Told) -> dict[str, Any]:
    """Put together what the report shows of a letter, by one of its revisions.

    Raises the errors of a case that can't be read.
    """
    letter, pack, report = case.letter(revision), case.pack(revision), told.report
    decisions = case.decisions(revision)
    now = case.office.clock()
    facts = {
        "Reference": case.reference,
        "Authority": letter.authority.name,
        "Kind": letter.kind_title,
        "Date of the letter": day_in_words(letter.date),
        "Revision": f"{revision} of {case.revisions()[-1]}",
        "State": str(case.state(revision)).replace("-", " "),
        "Sign-offs": str(decisions) if decisions.is_joint else "",
        "Signed in print by": ", ".join(f"{one.name}, {one.title}" for one in letter.signatories),
        "Content code": letter.content_code,
        "Hash of its words": letter.digest,
        "Hash of the pack": "" if pack is None else pack.sha256,
        "Hash of the approved PDF": "" if pack is None else pack.pdf_sha256,
    }
    entries = case.chain.entries()
    values: dict[str, Any] = printable_values(
        {
            "title": f"Record of {case.reference}: {letter.authority.name}",
            "heading": f"Record of {case.reference}",
            "organisation": letter.letterhead.organisation,
            "reference": case.reference,
            "subject": letter.subject,
            "marks": [SAMPLE_MARK] if letter.sample else [],
            "exported": f"Exported {_moment(now.isoformat())} UTC",
            "is_clean": report.is_clean,
            "verdict": "Nothing differs from the record"
            if report.is_clean
            else f"NOT as recorded: {_counted(len(report.differences), 'difference')}",
            "verdict_says": list(_verdict(report)),
            "facts": [[name, value] for name, value in facts.items() if value],
            "decisions": [*_decisions(case)],
            "seal": [list(pair) for pair in told.seal],
            "deliveries": [
                _delivery(case, number, recipient)
                for number in case.revisions()
                if case.has_manifest(number)
                for recipient in case.recipients(number)
            ],
            "differences": [
                [one.check, one.code, one.object, one.message] for one in report.differences
            ],
            "checks": [
                [
                    one.name,
                    str(one.checked) if one.checked else "nothing",
                    str(one.differences) if one.checked or one.differences else "",
                    one.proves,
                    one.cannot,
                ]
                for one in report.checks
            ],
            "trail_says": f"{len(entries)} entries, each bound to the one before it by a hash."
            " They stand in data/audit.jsonl as they were written.",
            "trail": [_entry(entry) for entry in entries],
        }
    )
    return values


def fingerprint(public_key_pem: str) -> str:
    """Hash a public key as docs/check-a-sign-off.md does: SHA-256 of its DER."""
    key = load_pem_public_key(public_key_pem.encode())
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _verdict(report: Report) -> Iterator[str]:
    yield (
        f"{report.objects} objects and {report.entries} entries were checked as this was"
        " exported. Anyone can check again what stands in this bag: README.txt says how."
    )
    if report.unanchored_entries:
        yield (
            f"{report.unanchored_entries} entries of the trail came after its last anchor: only"
            " the office itself speaks for them."
        )


def _decisions(case: Case) -> Iterator[dict[str, Any]]:
    for number in case.revisions():
        decisions = case.decisions(number)
        for part in decisions.parts:
            for sign_off in part.sign_offs:
                yield _decision(decisions, part, sign_off)


def _decision(decisions: Decisions, part: Part, sign_off: SignOff) -> dict[str, Any]:
    statement, enrolment = sign_off.statement, sign_off.enrolment
    if sign_off is not part.sign_offs[0]:
        verb = "confirmed with another key"
    else:
        verb = "approved" if statement.decision is Decision.APPROVE else "returned"
    told = {
        "When": f"{_moment(statement.at)} UTC",
        "For the signatory": f"{part.name} ({part.number} of {len(decisions.parts)})"
        if decisions.is_joint
        else "",
        "By what right": _ENTITLED[sign_off.entitled_as],
        "Key (fingerprint)": fingerprint(enrolment.public_key_pem),
        "Enrolled": f"{_moment(enrolment.at)} UTC",
        "Pack": statement.pack,
        "Comments": " ".join(sign_off.comments.split()),
    }
    return {
        "title": f"Revision {statement.revision} {verb} by {enrolment.name}",
        "fields": [[name, value] for name, value in told.items() if value],
    }


def _delivery(case: Case, revision: int, recipient: FrozenRecipient) -> list[str]:
    identity = send_id(case.reference, revision, recipient.email)
    attempts = case.attempts(revision, identity)
    progress = Progress.of(_events(case, f"r{revision}/deliveries/{identity}/event-"))
    state = _STATES[case.delivery_state(revision, recipient)]
    return [
        recipient.name,
        recipient.role.replace("-", " "),
        masked(recipient.email),
        "\n".join(_moment(attempt.claim.at) for attempt in attempts),
        "; ".join(filter(None, (f"{state}{_through(attempts)}", str(progress)))),
    ]


def _through(attempts: tuple[Attempt, ...]) -> str:
    last = attempts[-1].outcome if attempts else None
    return "" if last is None else f" ({last.provider})"


def _events(case: Case, start: str) -> Iterator[ProviderEvent]:
    for name in case.names():
        if name.startswith(start) and (data := case.find_known(name)) is not None:
            yield ProviderEvent.model_validate_json(data)


def _entry(entry: AuditEntry) -> list[str]:
    attempt = f" (attempt {entry.attempt} of {entry.of})" if entry.attempt > 1 else ""
    at = str(entry.detail.get("intake_at", entry.at))
    return [
        str(entry.seq),
        _moment(at, seconds=True),
        entry.actor,
        entry.step,
        f"{entry.event}{attempt}",
        ", ".join(_details(entry.detail)),
    ]


def _details(detail: dict[str, Any]) -> Iterator[str]:
    for name in ("object", "of", "key", "batch"):
        if name in detail:
            yield _shortened(str(detail[name]).rpartition("/")[2])
    for name, value in detail.items():
        if name.startswith("intake_") or name in ("object", "of", "key", "batch"):
            continue
        told = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
        yield f"{name.replace('_', ' ')} {_shortened(told)}"


def _shortened(text: str) -> str:
    """Shorten hashes and ids: they stand whole in the trail itself."""
    return re.sub(r"\b([0-9a-f]{8})[0-9a-f]{24,56}\b", r"\1…", text)


def _moment(at: str, *, seconds: bool = False) -> str:
    moment = datetime.fromisoformat(at)
    return f"{moment:%Y-%m-%d %H:%M:%S}" if seconds else f"{moment:%Y-%m-%d %H:%M}"
