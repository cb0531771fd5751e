"""Verification put together from the rooms that judge."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from letters.canonical import stored_json
from letters.errors import LettersError, UsageError
from letters.events import read_batch
from letters.report import Report
from tasks.archiving.judges import Judges
from tasks.archiving.verify import Head, verify_archive, verify_letter
from tasks.archiving.verify_sent import SentMessage
from tasks.case.office import Office
from tasks.mailing.batches import Batch, batch_key
from tasks.mailing.event_signature import SIGNATURE, TIMESTAMP, is_signed, load_public_key
from tasks.mailing.ledger_mail import ledger_head_of
from tasks.mailing.message import case_head_of, parse_message
from tasks.mailing.rebuilt import rebuild_message
from tasks.signoff.decide import decisions_on

_HEAD = re.compile(r"([1-9][0-9]{0,7}):([0-9a-fA-F]{64})")


def verify_office(
    office: Office,
    *,
    reference: str | None = None,
    heads: Iterable[str] = (),
    is_chosen: Callable[[str], bool] | None = None,
) -> Report:
    """Check one letter, or all of them, or those that are chosen.

    `heads` (`<seq>:<sha256>`) come from outside: of the letter's chain, or without a
    reference of the ledger. Raises UsageError for a letter that nobody knows, and for what
    is no head.
    """
    told = [_head(text) for text in heads]
    if reference is not None:
        return verify_letter(office, reference, judges=JUDGES, heads=told)
    return verify_archive(office, judges=JUDGES, heads=told, is_chosen=is_chosen)


def _head(text: str) -> Head:
    match = _HEAD.fullmatch(text.strip())
    if match is None:
        raise UsageError(
            f"{text[:100]!r} is no head of a chain.",
            where="--head",
            remedy="Give the number of the entry, a colon, and the 64 digits of its hash: as in"
            " the header X-Case-Head of an e-mail, or X-Ledger-Head of an anchor's.",
            code="head-unreadable",
        )
    return int(match[1]), match[2].lower()


def _read_message(data: bytes) -> SentMessage:
    parsed = parse_message(data)
    return SentMessage(
        subject=parsed.subject,
        text=parsed.text,
        html=parsed.html,
        pdf=parsed.pdf,
        to_address=parsed.to_address,
        case_head=parsed.case_head,
    )


def _read_events(data: bytes) -> tuple[bytes, ...]:
    events = read_batch(Batch.model_validate_json(data).body).events
    return tuple(stored_json(event.model_dump(mode="json")) for event in events)


def _is_the_providers(office: Office, key: str, data: bytes) -> bool:
    try:
        batch = Batch.model_validate_json(data)
        timestamp = batch.headers.get(TIMESTAMP, "")
        return batch_key(timestamp, batch.body) == key and is_signed(
            load_public_key(office.settings.webhook.public_key),
            signature=batch.headers.get(SIGNATURE, ""),
            timestamp=timestamp,
            body=batch.body,
        )
    except (LettersError, ValueError):
        return False


JUDGES = Judges(
    decisions_on=decisions_on,
    read_message=_read_message,
    rebuild=rebuild_message,
    read_case_head=case_head_of,
    read_ledger_head=ledger_head_of,
    read_events=_read_events,
    is_the_providers=_is_the_providers,
)
