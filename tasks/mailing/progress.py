"""How far a delivery has come by the provider's events, and what they prove of one in doubt."""

from __future__ import annotations

from typing import Literal, NamedTuple

from letters.delivery import DOUBTFUL, Attempt, DeliveryState
from letters.events import Progress
from letters.recipient import FrozenRecipient, send_id
from tasks.case.case import Case
from tasks.case.record import StepRun
from tasks.mailing.delivery import Delivery

SETTLING = "settle-delivery"


class Judged(NamedTuple):
    """Where a delivery stands, and whether its doubt was ended only now."""

    state: DeliveryState
    is_settled_now: bool


def progress_of(case: Case, revision: int, recipient: FrozenRecipient) -> Progress:
    """Tell the progress by the events that the case keeps; what was laid in by hand is none.

    Raises CaseDamaged.
    """
    identity = send_id(case.reference, revision, recipient.email)
    return Progress.of(case.provider_events(revision, identity))


def settle_by_evidence(
    case: Case, revision: int, recipient: FrozenRecipient, *, is_provider_asked: bool = False
) -> Judged:
    """End a delivery in doubt if its events, or its provider, prove something; tell its state.

    An event proves that the provider had the message, whatever it answered. Raises
    CaseDamaged, ObjectForeign and the store's errors.
    """
    delivery = Delivery(case.office, StepRun(case, SETTLING), revision, recipient)
    attempts, state = delivery.look()
    if state is not DeliveryState.IN_FLIGHT:
        delivery.adopt(attempts)
    is_settled_now = False
    if state in DOUBTFUL or _may_be_contradicted(attempts, state):
        evidence = _evidence(delivery, attempts, state, is_provider_asked=is_provider_asked)
        if evidence is not None:
            is_settled_now = delivery.settle(
                attempts[-1], ends_as=evidence.ends_as, why=evidence.why
            )
            _, state = delivery.look()
    delivery.run.complete(state=state)
    return Judged(state, is_settled_now)


def _may_be_contradicted(attempts: tuple[Attempt, ...], state: DeliveryState) -> bool:
    """Whether it would be sent again, though an event may prove that an earlier attempt came in."""
    return state is DeliveryState.PENDING and bool(attempts) and attempts[-1].settlement is None


class _Evidence(NamedTuple):
    """What is proven of a delivery in doubt, and by what."""

    ends_as: Literal["accepted", "absent"]
    why: str


def _evidence(
    delivery: Delivery,
    attempts: tuple[Attempt, ...],
    state: DeliveryState,
    *,
    is_provider_asked: bool,
) -> _Evidence | None:
    events = delivery.case.provider_events(delivery.revision, delivery.send_id)
    proving = [(event.at, event.event) for event in events if event.is_proof_of_acceptance]
    if proving:
        at, told = min(proving)
        return _Evidence("accepted", f"Evidence: the provider told on its own “{told}”, {at}.")
    if is_provider_asked and state is DeliveryState.UNKNOWN:
        found = delivery.ask_provider(attempts[-1])
        if found != "unknown":
            return _Evidence(found, delivery.evidence(found))
    return None
