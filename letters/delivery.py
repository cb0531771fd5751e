"""One delivery: a revision to one recipient, told from its claims and outcomes.

Accepted is never assumed: what can't be proven either way reads as unknown, and
ends only by evidence or by a person's recorded decision.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import StringConstraints

from letters.audit import Sha256
from letters.letter import Frozen, Line
from letters.register import EmailAddress

SendId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class DeliveryState(StrEnum):
    """What is known of a delivery."""

    PENDING = "pending"
    """Nothing was sent yet, or it is proven that nothing was accepted."""
    IN_FLIGHT = "in-flight"
    """Someone holds a claim that has not run out: wait."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    SETTLED_AS_SENT = "settled-as-sent"
    """A person decided that it counts as sent."""


ENDED = frozenset(
    {
        DeliveryState.ACCEPTED,
        DeliveryState.REFUSED,
        DeliveryState.UNKNOWN,
        DeliveryState.SETTLED_AS_SENT,
    }
)
"""States from which the machine does nothing further by itself."""

DOUBTFUL = frozenset({DeliveryState.REFUSED, DeliveryState.UNKNOWN})
"""States that need a person."""


class Owner(Frozen):
    """The process that holds a claim.

    `started` says when, and where process numbers are counted: it tells two processes
    of one number apart. Empty where the system doesn't say.
    """

    host: Line
    pid: int
    started: str


class Sender(Frozen):
    """Whom an e-mail comes from."""

    from_name: Line
    from_address: EmailAddress
    reply_to: EmailAddress | None = None


class Claim(Frozen):
    """The sole right to send once, until it runs out. Written before the request."""

    layout: Literal[1] = 1
    send_id: SendId
    attempt: int
    at: str
    expires_at: str
    owner: Owner
    nonce: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    """Random: two threads of one process never write the same claim, so one of them loses."""
    message_sha256: Sha256
    case_head: str
    """The head of the case's chain as it stands in the e-mail's X-Case-Head."""
    sender: Sender | None = None
    """With it the message can be written again to the byte, years later, from the case alone."""

    def has_run_out(self, now: datetime) -> bool:
        """Whether the claim's time is over."""
        return now >= datetime.fromisoformat(self.expires_at)

    @property
    def seconds(self) -> float:
        """For how long it holds, whatever any clock says."""
        return (
            datetime.fromisoformat(self.expires_at) - datetime.fromisoformat(self.at)
        ).total_seconds()


class Outcome(Frozen):
    """What became of one attempt. Only the claim's owner writes it, even late."""

    layout: Literal[1] = 1
    send_id: SendId
    attempt: int
    result: Literal["accepted", "refused", "not-accepted", "unknown"]
    """`not-accepted` is proof that nothing was taken: it may be tried again."""
    provider: Line
    provider_id: str = ""
    said: str = ""
    """What the provider answered, shortened and without addresses."""
    at: str


class Settlement(Frozen):
    """How an attempt in doubt was ended: by evidence, or by a person's decision."""

    layout: Literal[1] = 1
    send_id: SendId
    attempt: int
    ends_as: Literal["accepted", "absent", "sent", "resend"]
    """Evidence says accepted or absent; a decision says sent or resend."""
    why: str
    actor: Line
    at: str


class Attempt(Frozen):
    """One attempt as the case holds it."""

    claim: Claim
    outcome: Outcome | None = None
    settlement: Settlement | None = None

    def state(self, now: datetime, *, is_owner_gone: bool = False) -> DeliveryState:
        """Tell what is known of this attempt alone.

        `is_owner_gone`: the owner's process is proven to have ended on this
        machine, so that its claim needs no waiting for.
        """
        if self.outcome is not None and self.outcome.result == "accepted":
            return DeliveryState.ACCEPTED
        if self.settlement is not None:
            return _SETTLED[self.settlement.ends_as]
        if self.outcome is not None:
            return _CONCLUDED[self.outcome.result]
        if self.claim.has_run_out(now) or is_owner_gone:
            return DeliveryState.UNKNOWN
        return DeliveryState.IN_FLIGHT


_SETTLED = {
    "accepted": DeliveryState.ACCEPTED,
    "absent": DeliveryState.PENDING,
    "sent": DeliveryState.SETTLED_AS_SENT,
    "resend": DeliveryState.PENDING,
}
_CONCLUDED = {
    "accepted": DeliveryState.ACCEPTED,
    "refused": DeliveryState.REFUSED,
    "not-accepted": DeliveryState.PENDING,
    "unknown": DeliveryState.UNKNOWN,
}


def delivery_state(
    attempts: tuple[Attempt, ...], now: datetime, *, is_owner_gone: bool = False
) -> DeliveryState:
    """Tell a delivery's state from its attempts in order; an acceptance of any counts."""
    if not attempts:
        return DeliveryState.PENDING
    states = [attempt.state(now, is_owner_gone=is_owner_gone) for attempt in attempts]
    for good in (DeliveryState.ACCEPTED, DeliveryState.SETTLED_AS_SENT):
        if good in states:
            return good
    return states[-1]
