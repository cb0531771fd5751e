"""One delivery as the case holds it: its attempts read and waited for, their values written.

What the provider knows of it counts here as far as it can know.

What is to be done in which state is for `deliver.py` and `settle.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from letters.audit import moment_text
from letters.canonical import stored_json
from letters.delivery import Attempt, Claim, DeliveryState, Outcome, Settlement
from letters.letter import Frozen
from letters.recipient import FrozenRecipient, send_id
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.case.process import host_name
from tasks.case.record import StepRun, require_ours

POLL_SECONDS = 0.2
"""Between two looks at someone else's claim."""

MARGIN_SECONDS = 5.0
"""Waited beyond a claim's own time: no two machines count seconds quite alike."""


class Delivery:
    """One revision to one recipient, as the case holds it."""

    def __init__(
        self, office: Office, run: StepRun[Case], revision: int, recipient: FrozenRecipient
    ) -> None:
        self.office = office
        self.run = run
        self.case = run.record
        self.revision = revision
        self.recipient = recipient
        self.send_id = send_id(self.case.reference, revision, recipient.email)

    @property
    def where(self) -> str:
        """Name the delivery for people, without the address."""
        return f"{self.case.reference} r{self.revision}, {self.recipient.id}"

    def attempts(self) -> tuple[Attempt, ...]:
        """Read the attempts so far, in order."""
        return self.case.attempts(self.revision, self.send_id)

    def look(self) -> tuple[tuple[Attempt, ...], DeliveryState]:
        """Read the attempts, and tell the state by them.

        Unknown is told only by what is read after the claim's owner was found gone:
        it may have written its outcome and ended between our reading and that.
        """
        attempts = self.attempts()
        while (state := self.state(attempts)) is DeliveryState.UNKNOWN:
            again = self.attempts()
            if again == attempts:
                break
            attempts = again
        return attempts, state

    def look_when_over(
        self, sleep: Callable[[float], None]
    ) -> tuple[tuple[Attempt, ...], DeliveryState]:
        """Wait while someone holds a claim, then tell as `look`; never in flight.

        A claim bears the time of its owner's clock, which may be far ahead of ours. Once
        we ourselves have waited for as long as one and the same claim holds, it has
        run out whatever any clock says, and the delivery is unknown.
        """
        claim, waited_seconds = None, 0.0
        while True:
            attempts, state = self.look()
            if state is not DeliveryState.IN_FLIGHT:
                return attempts, state
            if attempts[-1].claim != claim:
                claim, waited_seconds = attempts[-1].claim, 0.0
            elif waited_seconds >= claim.seconds + MARGIN_SECONDS:
                return attempts, DeliveryState.UNKNOWN
            sleep(POLL_SECONDS)
            waited_seconds += POLL_SECONDS

    def state(self, attempts: tuple[Attempt, ...], *, ahead_seconds: float = 0) -> DeliveryState:
        """Tell the state by `attempts` now, or as it will be unless something happens."""
        at = self.office.clock() + timedelta(seconds=ahead_seconds)
        return self.case.state_by(attempts, self.revision, at)

    def write(self, event: str, value: Claim | Outcome | Settlement, **detail: str) -> bool:
        """Announce a value of an attempt, store it create-once, then name it.

        False if another process's lies there. Raises ObjectForeign where one was laid
        in by hand.
        """
        self.run.begin()
        name = self._name(type(value), value.attempt)
        data = stored_json(value.model_dump(mode="json"))
        if self.run.put_announced(name, data) != data:
            return False
        self.run.name_object(event, name, data, recipient=self.recipient.id, **detail)
        return True

    def adopt(self, attempts: tuple[Attempt, ...]) -> None:
        """Name in the chain what a crash left unnamed."""
        for attempt in attempts:
            for value in (attempt.claim, attempt.outcome, attempt.settlement):
                if value is not None:
                    self.run.adopt(self._name(type(value), value.attempt))

    def require_free(self, number: int) -> None:
        """Return unless something was laid into the place of an attempt's outcome or end.

        Else it would be sent, and what became of it could not be kept. Raises ObjectForeign.
        """
        for kind in (Outcome, Settlement):
            name = self._name(kind, number)
            data = self.case.find(name)
            if data is not None:
                require_ours(self.case, name, data)

    def settle(
        self,
        attempt: Attempt,
        *,
        ends_as: Literal["accepted", "absent", "sent", "resend"],
        why: str,
    ) -> bool:
        """End an attempt in doubt, create-once; False if someone else has ended it otherwise."""
        settlement = Settlement(
            send_id=self.send_id,
            attempt=attempt.claim.attempt,
            ends_as=ends_as,
            why=why,
            actor=self.office.actor,
            at=moment_text(self.office.clock()),
        )
        return self.write("settled", settlement, ends_as=ends_as)

    def ask_provider(self, attempt: Attempt) -> Literal["accepted", "absent", "unknown"]:
        """Ask the provider whether it has the message; `attempt` is the latest.

        That it has none it may know of this machine alone, as an outbox does: it proves
        nothing of a claim that was made on another.
        """
        found = self.office.provider.find(self.send_id)
        if found == "absent" and attempt.claim.owner.host != host_name():
            return "unknown"
        return found

    def evidence(self, found: Literal["accepted", "absent"]) -> str:
        """Put into words what the provider knows."""
        knows = {"accepted": "holds the message", "absent": "holds no message of this send id"}
        return f"Evidence: the provider “{self.office.provider.name}” {knows[found]}."

    def _name(self, kind: type[Frozen], number: int) -> str:
        folder = f"r{self.revision}/deliveries/{self.send_id}"
        return f"{folder}/{kind.__name__.lower()}-{number}.json"
