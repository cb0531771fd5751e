"""One delivery as the case holds it: its attempts read, their values written and named.

What is to be done in which state is for `deliver.py` and `settle.py`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from letters.audit import moment_text
from letters.canonical import stored_json
from letters.delivery import Attempt, Claim, DeliveryState, Outcome, Settlement
from letters.letter import Frozen
from letters.recipient import FrozenRecipient, send_id
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.case.record import StepRun, require_ours


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

    def evidence(self, found: Literal["accepted", "absent"]) -> str:
        """Put into words what the provider knows."""
        knows = {"accepted": "holds the message", "absent": "holds no message of this send id"}
        return f"Evidence: the provider “{self.office.provider.name}” {knows[found]}."

    def _name(self, kind: type[Frozen], number: int) -> str:
        folder = f"r{self.revision}/deliveries/{self.send_id}"
        return f"{folder}/{kind.__name__.lower()}-{number}.json"
