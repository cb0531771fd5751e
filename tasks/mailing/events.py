"""Applying what the provider told to the cases that it speaks of.

Only a batch that the chain of events vouches for is read, and of it only what has a
case, a revision, a recipient and a claim. Each event becomes an object of its delivery,
made again to the byte from any batch that holds it: so a batch may be applied again
after whatever interrupted it, and a closed case is anchored anew.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from letters.canonical import sha256_hex, stored_json
from letters.events import ProviderEvent, read_batch
from letters.recipient import FrozenRecipient, send_id
from tasks.case.case import Case
from tasks.case.ledger import enter_last
from tasks.case.office import Office
from tasks.case.record import StepRun
from tasks.mailing.batches import note_applied, read_kept
from tasks.mailing.progress import settle_by_evidence

STEP = "provider-event"

ID_DIGITS = 32

EVENT_OBJECT = re.compile(rf"/deliveries/[0-9a-f]{{32}}/event-[0-9a-f]{{{ID_DIGITS}}}\.json$")

log = logging.getLogger("tasks")


@dataclass
class _Found:
    """What was found so far."""

    stored: list[ProviderEvent] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    unmatched: Counter[str] = field(default_factory=Counter)


class Applied(NamedTuple):
    """What came of a batch."""

    key: str
    stored: tuple[ProviderEvent, ...] = ()
    """The events that are new in their cases."""
    settled: tuple[str, ...] = ()
    """`<reference> r<n>, <recipient>: <state>` of each delivery whose doubt they ended."""
    known: int = 0
    """Events that their cases held already."""
    unmatched: int = 0
    """Events with ids like ours, of no letter, recipient or claim of this office."""
    others: int = 0
    """What stands in the batch besides: other senders' events, or none at all."""


def apply_batch(office: Office, key: str) -> Applied:
    """Bring a batch's events into their cases, each once, and settle what they prove.

    What fails at one case keeps no other waiting; then the batch counts as not applied, and
    the first failure is raised. Raises BatchUnvouched, BatchUnreadable, ObjectForeign,
    ChainBroken, CaseDamaged and the store's errors.
    """
    batch = read_batch(read_kept(office, key).body)
    by_reference: dict[str, list[ProviderEvent]] = {}
    for event in batch.events:
        by_reference.setdefault(event.reference, []).append(event)
    found = _Found()
    failures: list[Exception] = []
    for reference, events in by_reference.items():
        try:
            _apply(Case(office, reference), events, found, batch_key=key)
        except Exception as error:  # whatever an altered case makes our readers raise
            log.warning("%s could not be brought into %s: %s", key, reference, error)
            failures.append(error)
    for code, count in found.unmatched.items():
        log.info("%s: %d events left aside: %s", key, count, code)
    if failures:
        raise failures[0]
    applied = Applied(
        key,
        stored=tuple(found.stored),
        settled=tuple(found.settled),
        known=len(batch.events) - len(found.stored) - found.unmatched.total(),
        unmatched=found.unmatched.total(),
        others=batch.strangers + batch.unreadable,
    )
    note_applied(
        office,
        key,
        stored=len(applied.stored),
        known=applied.known,
        unmatched=applied.unmatched,
        others=applied.others,
    )
    return applied


def event_name(event: ProviderEvent) -> str:
    """Name the object of an event in its case."""
    identity = sha256_hex(event.sg_event_id.encode())[:ID_DIGITS]
    return f"r{event.revision}/deliveries/{event.send_id}/event-{identity}.json"


def _apply(case: Case, events: Iterable[ProviderEvent], found: _Found, *, batch_key: str) -> None:
    """Bring a batch's events into one case."""
    run = StepRun(case, STEP)
    recipients: dict[tuple[int, str], FrozenRecipient] = {}
    new = 0
    for event in events:
        delivery = event.revision, event.send_id
        if delivery not in recipients:
            recipient = _recipient_of(case, event)
            if isinstance(recipient, str):
                found.unmatched[recipient] += 1
                continue
            recipients[delivery] = recipient
        name = event_name(event)
        is_new = case.key(name) not in case.recorded()
        run.once(name, partial(_bytes_of, event))
        if is_new:
            found.stored.append(event)
            new += 1
    if run.has_begun:
        run.complete(batch=batch_key, events=new)
    for (revision, _), recipient in recipients.items():
        state, is_settled_now = settle_by_evidence(case, revision, recipient)
        if is_settled_now:
            found.settled.append(f"{case.reference} r{revision}, {recipient.id}: {state}")
    if recipients and case.closed() is not None:
        # The one named last, whoever named it: what is anchored already is not entered again.
        *_, last = (key for key in case.recorded() if EVENT_OBJECT.search(key))
        enter_last(case, "recorded", last.removeprefix(case.key("")))


def _bytes_of(event: ProviderEvent) -> bytes:
    return stored_json(event.model_dump(mode="json"))


def _recipient_of(case: Case, event: ProviderEvent) -> FrozenRecipient | str:
    """Find whom an event speaks of, or the code of why it speaks of nobody here."""
    if not case.exists:
        return "case-missing"
    for recipient in case.recipients(event.revision):
        if send_id(case.reference, event.revision, recipient.email) == event.send_id:
            return recipient if case.attempts(event.revision, event.send_id) else "claim-missing"
    return "recipient-missing"
