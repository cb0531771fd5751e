"""Ending a delivery in doubt by a person's decision: send again, or count it as sent.

What can be proven is proven first. The person's reasons stay in the settlement;
the chain has only its hash.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from letters.delivery import DOUBTFUL, Attempt, DeliveryState
from letters.errors import UsageError
from letters.recipient import FrozenRecipient
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.case.record import StepRun
from tasks.mailing.delivery import Delivery

LONGEST_WHY = 2000
"""Characters."""

_MEANS = {
    DeliveryState.PENDING: (
        "nothing was accepted so far, and the next run sends it",
        "`letters issue` with its reference sends it.",
    ),
    DeliveryState.IN_FLIGHT: (
        "it is being sent at this moment",
        "Wait until its claim has run out, a minute or so, and look again.",
    ),
    DeliveryState.ACCEPTED: ("the provider has taken it", "There is nothing to do."),
    DeliveryState.SETTLED_AS_SENT: (
        "someone decided before that it counts as sent",
        "`letters deliveries` tells who and why.",
    ),
    DeliveryState.UNKNOWN: ("its last attempt was settled just now", "Look at it again."),
    DeliveryState.REFUSED: ("its last attempt was settled just now", "Look at it again."),
}


class NothingToSettle(UsageError):
    """The delivery is in no doubt: what is known of it stands."""

    code = "nothing-to-settle"


def settle(
    office: Office,
    case: Case,
    revision: int,
    recipient: FrozenRecipient,
    *,
    as_: Literal["resend", "sent"],
    why: str,
    sleep: Callable[[float], None] = time.sleep,
) -> DeliveryState:
    """Settle a delivery that is unknown or was refused, and tell its state afterwards.

    Where the provider proves that it has the message, or that it hasn't, that settles
    it, whatever was asked, and the settlement says both: `accepted`, or `pending`. `resend` only
    makes the delivery pending; the next run sends it. Waits for a claim that was
    made in our clock's future: by that clock it might not run out for years. Raises
    UsageError for reasons missing or too long, and NothingToSettle.
    """
    why = _checked(why)
    delivery = Delivery(office, StepRun(case, "settle-delivery"), revision, recipient)
    attempts, state = delivery.look()
    if state is DeliveryState.IN_FLIGHT and _is_of_the_future(attempts[-1], office.clock()):
        attempts, state = delivery.look_when_over(sleep)
    if state not in DOUBTFUL:
        raise _nothing_to_settle(delivery, state)
    delivery.adopt(attempts)
    found = delivery.ask_provider(attempts[-1]) if state is DeliveryState.UNKNOWN else "unknown"
    if found != "unknown":
        evidence = f"{delivery.evidence(found)} Asked for was “{as_}”: {why}"
        is_first = delivery.settle(attempts[-1], ends_as=found, why=evidence)
    else:
        is_first = delivery.settle(attempts[-1], ends_as=as_, why=why)
    _, settled = delivery.look()
    if not is_first:
        raise _nothing_to_settle(delivery, settled)
    delivery.run.complete(state=settled)
    return settled


def _is_of_the_future(attempt: Attempt, now: datetime) -> bool:
    return datetime.fromisoformat(attempt.claim.at) > now


def _checked(why: str) -> str:
    why = why.strip()
    if not why:
        raise UsageError(
            "A delivery is settled without a reason.",
            remedy="Say what you know and from whom; an auditor will read it.",
            code="why-missing",
        )
    if len(why) > LONGEST_WHY:
        raise UsageError(
            f"The reason has {len(why)} characters; {LONGEST_WHY} are allowed.",
            remedy="Say it shorter.",
            code="why-too-long",
        )
    try:
        why.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(
            f"Character {error.start + 1} of the reason is half a character.",
            remedy="Type it again.",
            code="why-unreadable",
        ) from error
    return why


def _nothing_to_settle(delivery: Delivery, state: DeliveryState) -> NothingToSettle:
    means, remedy = _MEANS[state]
    return NothingToSettle(
        f"The delivery is {state}: {means}.", where=delivery.where, remedy=remedy
    )
