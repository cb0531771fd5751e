"""What is decided of a revision: by each of its signatories, and so of the whole.

A letter of several signatories is approved when each of them has approved it, and
returned as soon as one returns it. Owns that rule and how it is told; where sign-offs
lie, and which of them count, is for tasks/case and tasks/signoff.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from letters.letter import Letter
from letters.signoff import Decision, SignOff


class Part(NamedTuple):
    """One signatory's part in the decision on a revision."""

    number: int | None
    """From 1, in the order of the letter; None for a letter's only signatory."""
    name: str
    """As the letter prints it."""
    sign_offs: tuple[SignOff, ...] = ()
    """The decision, then its confirmations."""

    @property
    def sign_off(self) -> SignOff | None:
        """The sign-off that counts: the last confirmation, if any."""
        return self.sign_offs[-1] if self.sign_offs else None

    @property
    def decision(self) -> Decision | None:
        """What was decided for this signatory; None before."""
        return None if self.sign_off is None else self.sign_off.statement.decision

    @property
    def signer(self) -> str:
        """Who decided, by the name of that day: `Tobias Reyne for Harriet Elmsley`."""
        name = "" if self.sign_off is None else self.sign_off.enrolment.name
        return f"{name} for {self.name}" if name and name != self.name else name


class Decisions(NamedTuple):
    """What is decided of a revision by each of its signatories, in the order of the letter."""

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, parts: Sequence[Part], read: Callable[[Part], tuple[SignOff, ...]]) -> Decisions:
        """Put in the sign-offs of each part, as `read` finds them."""
        return cls(tuple(part._replace(sign_offs=read(part)) for part in parts))

    @property
    def decision(self) -> Decision | None:
        """What is decided of the revision; None while it waits for anyone."""
        if self.returned:
            return Decision.RETURN
        return None if self.missing else Decision.APPROVE

    @property
    def is_joint(self) -> bool:
        """Whether the letter has several signatories."""
        return len(self.parts) > 1

    @property
    def missing(self) -> tuple[Part, ...]:
        """The signatories for whom nobody has decided yet."""
        return tuple(part for part in self.parts if part.decision is None)

    @property
    def approved(self) -> tuple[Part, ...]:
        """The signatories for whom it was approved."""
        return tuple(part for part in self.parts if part.decision is Decision.APPROVE)

    @property
    def returned(self) -> tuple[Part, ...]:
        """The signatories for whom it was returned: one, unless two did at the same time."""
        return tuple(part for part in self.parts if part.decision is Decision.RETURN)

    @property
    def sign_offs(self) -> tuple[SignOff, ...]:
        """The sign-offs that count, of those who have decided."""
        return tuple(part.sign_off for part in self.parts if part.sign_off is not None)

    @property
    def latest(self) -> str:
        """The moment of the last statement; empty before the first."""
        return max((sign_off.statement.at for sign_off in self.sign_offs), default="")

    def part(self, number: int | None) -> Part | None:
        """Find a signatory's part, by the number that its statements bear."""
        return next((part for part in self.parts if part.number == number), None)

    def __str__(self) -> str:
        """Tell it in a line: `1 of 2 have signed: Harriet Elmsley; waiting for Tobias Reyne`."""
        signed = listed([part.signer for part in self.approved])
        waiting = f"waiting for {listed([part.name for part in self.missing])}"
        returned = f"returned by {listed([part.signer for part in self.returned])}"
        if not self.is_joint:
            if self.decision is None:
                return waiting
            return returned if self.returned else f"approved by {signed}"
        count = f"{len(self.approved)} of {len(self.parts)} have signed"
        told = f"{count}: {signed}" if signed else count
        if self.returned:
            return f"{returned}; {told}"
        return f"{told}; {waiting}" if self.missing else told


def parts_of(letter: Letter) -> tuple[Part, ...]:
    """List the parts that a letter's signatories have in the decision, undecided."""
    names = [signatory.name for signatory in letter.signatories]
    if len(names) == 1:
        return (Part(None, names[0]),)
    return tuple(Part(number, name) for number, name in enumerate(names, start=1))


def listed(names: Sequence[str]) -> str:
    """Write names one after the other: `A, B and C`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
