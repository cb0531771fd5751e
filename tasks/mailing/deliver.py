"""One delivery: claim, send once, write what became of it (DESIGN §7).

Many processes may deliver the same letter to the same person at once, and any of
them may die at any point. Whoever creates the claim may send; everyone else waits
for its outcome. What is left unknown ends by the provider's evidence here, or by
a person's decision in `settle.py`; it is never sent again on a guess.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from letters.audit import moment_text
from letters.canonical import sha256_hex
from letters.delivery import Claim, DeliveryState, Outcome, Sender
from letters.email import Email
from letters.errors import LettersError, TransientError
from letters.pack import Pack, PackRecipient
from letters.recipient import FrozenRecipient, masked
from letters.sealed import unsealed
from tasks.case.case import Case
from tasks.case.faults import reach
from tasks.case.office import Answer, Office
from tasks.case.process import this_process
from tasks.case.record import StepRun
from tasks.mailing.delivery import Delivery
from tasks.mailing.message import ParsedMessage, build_message, parse_message

BACK_OFF_SECONDS = (0.0, 1.0, 3.0)
"""Before each request of one call; a provider that takes none of them is left to a later run."""

LONGEST_WAIT_SECONDS = 60.0
"""Before a request, however long the provider wants to be left alone: then a later run goes on."""

STORE_WAITS_SECONDS = (0.5, 1.0, 2.0, 4.0)
"""Between tries to store a claim or an outcome: without either, the delivery reads as unknown."""

OUTCOME_WAITS_SECONDS = (8.0, 15.0, 30.0, 30.0, 30.0, 30.0, 30.0, 30.0, 30.0, 30.0)
"""Thereafter, for an outcome alone: some four minutes in which an archive may come back.

An acceptance that is not stored would read as unknown for good, and waiting loses nothing.
"""

SAID_CHARACTERS = 500

log = logging.getLogger("tasks")


class PackMismatch(LettersError):
    """What was to be sent is not what the inspector approved: nothing was sent."""

    code = "pack-mismatch"


class SampleInLiveOffice(LettersError):
    """A letter that is for trying out was to leave the house: nothing was sent."""

    code = "sample-in-live-office"


class _Built(NamedTuple):
    """A message, and what its claim must tell so that it can be written again."""

    data: bytes
    case_head: str
    sender: Sender
    at: datetime


def deliver(
    office: Office,
    run: StepRun[Case],
    revision: int,
    recipient: FrozenRecipient,
    *,
    email: Email,
    pdf: bytes,
    pdf_name: str,
    sleep: Callable[[float], None] = time.sleep,
) -> DeliveryState:
    """Bring one delivery as far as it goes by itself, and tell where it stands.

    Returns `pending` where the provider took none of a few requests: a later run
    goes on. Writes nothing where the delivery has ended. Raises PackMismatch,
    SampleInLiveOffice, MessageRefused, ObjectForeign and the store's errors; it may be
    called again after any of them. Another's claim is waited for no longer than it holds,
    by whatever clock it was made.

    A provider's `send` must give up within half of `mail.claim_seconds`. One whose
    `find` says `absent` promises that no request made before can still be accepted
    as a second letter.
    """
    delivery = Delivery(office, run, revision, recipient)
    tries, wait_seconds = 0, 0.0
    while True:
        attempts, state = delivery.look_when_over(sleep)
        delivery.adopt(attempts)
        if state is DeliveryState.UNKNOWN:
            found = delivery.ask_provider(attempts[-1])
            if found == "unknown":
                return state
            delivery.settle(attempts[-1], ends_as=found, why=delivery.evidence(found))
        elif state is not DeliveryState.PENDING or tries == len(BACK_OFF_SECONDS):
            return state
        else:
            if tries > 0:
                # Before the claim, whose time would run out meanwhile.
                sleep(max(BACK_OFF_SECONDS[tries], min(wait_seconds, LONGEST_WAIT_SECONDS)))
            message = _build(delivery, email=email, pdf=pdf, pdf_name=pdf_name)
            claim = _claim(delivery, message, number=len(attempts) + 1, sleep=sleep)
            if claim is not None:
                tries += 1
                answer = _send(delivery, message, claim)
                wait_seconds = answer.wait_seconds
                _write_outcome(delivery, claim, answer, sleep)


def differences_from_pack(
    message: ParsedMessage, pack: Pack, recipient: FrozenRecipient
) -> tuple[str, ...]:
    """Name the parts in which a message is not what the pack says of this recipient."""
    packed = next((email for email in pack.emails if email.recipient == recipient.id), None)
    told = PackRecipient(
        id=recipient.id,
        role=recipient.role,
        name=recipient.name,
        address_hash=recipient.address_hash,
    )
    addressed = (message.to_name, message.to_address) == (recipient.name, recipient.email)
    named = (message.reference, message.revision) == (pack.reference, pack.revision)
    is_as_packed = {
        "the recipient": addressed and told in pack.recipients and packed is not None,
        "the reference or revision": named,
        "the subject": packed and packed.subject_sha256 == sha256_hex(message.subject.encode()),
        "the text": packed and packed.text_sha256 == sha256_hex(message.text.encode()),
        "the HTML": packed and packed.html_sha256 == sha256_hex(message.html.encode()),
        "the PDF": unsealed(message.pdf, pack.pdf_sha256) is not None,
    }
    return tuple(part for part, is_equal in is_as_packed.items() if not is_equal)


def _build(delivery: Delivery, *, email: Email, pdf: bytes, pdf_name: str) -> _Built:
    """Write the message with the chain's present head; raise unless it is what was approved."""
    case, revision, recipient = delivery.case, delivery.revision, delivery.recipient
    sample = case.letter(revision).sample
    if sample and not delivery.office.provider.takes_samples:
        raise SampleInLiveOffice(
            "A sample letter may not leave the house.",
            where=delivery.where,
            remedy="Issue it in an office whose provider is the outbox.",
        )
    delivery.run.begin()
    seq, sha256 = case.chain.head()
    case_head = f"{seq}:{sha256}"
    mail = delivery.office.settings.mail
    sender = Sender(
        from_name=mail.from_name, from_address=mail.from_address, reply_to=mail.reply_to
    )
    at = delivery.office.clock()
    message = build_message(
        email=email,
        recipient=recipient,
        pdf=pdf,
        pdf_name=pdf_name,
        mail=sender,
        send_id=delivery.send_id,
        reference=case.reference,
        revision=revision,
        case_head=case_head,
        at=at,
        sample=sample,
    )
    pack = case.pack(revision)
    # What is compared is what the reader will get, not what was handed in.
    differing = (
        ("everything, as there is no pack",)
        if pack is None
        else differences_from_pack(parse_message(message), pack, recipient)
    )
    if differing:
        raise PackMismatch(
            f"The e-mail is not what was approved; it differs in {', '.join(differing)}.",
            where=delivery.where,
            remedy=f"Nothing was sent. Run `letters verify {case.reference}`.",
        )
    return _Built(message, case_head, sender, at)


def _claim(
    delivery: Delivery, message: _Built, *, number: int, sleep: Callable[[float], None]
) -> Claim | None:
    """Take the sole right to send once; None if someone else was first."""
    delivery.require_free(number)
    office = delivery.office
    expires_at = message.at + timedelta(seconds=office.settings.mail.claim_seconds)
    claim = Claim(
        send_id=delivery.send_id,
        attempt=number,
        at=moment_text(message.at),
        expires_at=moment_text(expires_at),
        owner=this_process(),
        nonce=office.random_bytes(16).hex(),
        message_sha256=sha256_hex(message.data),
        case_head=message.case_head,
        sender=message.sender,
    )
    return claim if _insist(delivery, "claimed", claim, sleep) else None


def _send(delivery: Delivery, message: _Built, claim: Claim) -> Answer:
    """Make the request, unless the claim may no longer be used.

    A process that was held up may find its claim judged by others, or an earlier
    attempt's acceptance come in. A request begins only in the first half of its
    claim, so that it is over before anyone else may judge it.
    """
    ahead = delivery.office.settings.mail.claim_seconds / 2
    try:
        attempts = delivery.attempts()
    except LettersError as error:
        return Answer("not-accepted", said=f"no request was made: {error.code}")
    is_latest = len(attempts) == claim.attempt
    if (
        not is_latest
        or delivery.state(attempts, ahead_seconds=ahead) is not DeliveryState.IN_FLIGHT
    ):
        return Answer("not-accepted", said="no request was made: the claim had run out")
    reach("before-send")
    answer = delivery.office.provider.send(message.data, send_id=delivery.send_id)
    reach("after-send")
    return answer


def _write_outcome(
    delivery: Delivery, claim: Claim, answer: Answer, sleep: Callable[[float], None]
) -> None:
    outcome = Outcome(
        send_id=claim.send_id,
        attempt=claim.attempt,
        result=answer.result,
        provider=delivery.office.provider.name,
        provider_id=_told(answer.provider_id),
        said=_told(answer.said),
        at=moment_text(delivery.office.clock()),
    )
    _insist(delivery, "outcome", outcome, sleep, result=outcome.result)


def _insist(
    delivery: Delivery,
    event: str,
    value: Claim | Outcome,
    sleep: Callable[[float], None],
    **detail: str,
) -> bool:
    """Write a value, again and again while the store fails in a way that may pass."""
    is_outcome = isinstance(value, Outcome)
    for wait in (*STORE_WAITS_SECONDS, *(OUTCOME_WAITS_SECONDS if is_outcome else ())):
        try:
            return delivery.write(event, value, **detail)
        except TransientError as error:
            log.error("%s: %s could not be stored: %r (%s)", delivery.where, event, value, error)
            sleep(wait)
    return delivery.write(event, value, **detail)


def _told(text: str) -> str:
    """Make what a provider said fit to be kept: no addresses, not long, surely writable."""
    return masked(text.encode("utf-8", "replace").decode("utf-8"))[:SAID_CHARACTERS]
