"""Retention: as what something is kept, from which day on it may go, and the papers about it.

Two papers: the proposal of one person, and the certificate by which another approved it.
Who may write them, and what is removed when, is for `tasks/archiving/disposal.py`.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from letters.audit import Moment, Sha256
from letters.canonical import stored_json
from letters.kind import Retention
from letters.letter import REFERENCE_PATTERN, Frozen, Line

LONGEST_WHY = 2000
"""Characters."""

Why = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_WHY)]

OF_PATTERN = rf"{REFERENCE_PATTERN}|^intake/[0-9a-f]{{64}}$"


class Keeping(StrEnum):
    """Why an object is kept, which decides how long and how strictly."""

    RECORD = "record"
    """What was approved, signed, sent, and what became of it."""
    WORKING = "working"
    """Drafts, proofs, and all of a round that was returned or superseded."""
    CONTACTS = "contacts"
    """The recipients' e-mail addresses."""


IN_WORDS = {
    Keeping.RECORD: "the record",
    Keeping.WORKING: "working papers",
    Keeping.CONTACTS: "contacts",
}


class Named(Frozen):
    """One object, or one file of the outbox, and the hash of its bytes."""

    key: Line
    sha256: Sha256


class Disposal(Frozen):
    """That somebody proposed to let something go: what, exactly, and why."""

    layout: Literal[1] = 1
    number: Annotated[int, Field(ge=1, le=99_999_999)]
    of: Annotated[str, StringConstraints(pattern=OF_PATTERN)]
    """A letter's reference; `intake/<sha256>` of a draft that became no letter."""
    keeping: Keeping
    since: date
    """The day on which the letter's last round was closed, or the draft was taken in."""
    due_on: date
    closing: Sha256 | None
    """The hash of that closing; None for a draft."""
    objects: Annotated[tuple[Named, ...], Field(min_length=1)]
    why: Why
    proposed_by: Line
    """User and host of the operating system, as in the trail."""
    proposed_at: Moment

    def to_bytes(self) -> bytes:
        """Write it as it lies in the archive."""
        return stored_json(self.model_dump(mode="json"))


class Certificate(Frozen):
    """That another person approved a proposal, and what was removed by it."""

    layout: Literal[1] = 1
    proposal: Disposal
    emails: tuple[Named, ...]
    """Of the outbox, where they still lay there."""
    why: Why
    approved_by: Line
    approved_at: Moment

    @model_validator(mode="after")
    def _is_of_two(self) -> Self:
        if is_same_user(self.approved_by, self.proposal.proposed_by):
            raise ValueError("one user both proposed and approved it")
        return self

    @property
    def number(self) -> int:
        """The proposal's number, which is the certificate's, too."""
        return self.proposal.number

    @property
    def told(self) -> str:
        """Say in short what went when."""
        what = IN_WORDS[self.proposal.keeping]
        return f"{what} disposed on {self.approved_at[:10]}, certificate {self.number}"

    def to_bytes(self) -> bytes:
        """Write it as it lies in the archive."""
        return stored_json(self.model_dump(mode="json"))


def due_days(retention: Retention, since: date) -> dict[Keeping, date]:
    """Tell from which day on each class may go that is kept from `since`.

    The record goes last: what else is left goes with it, so it waits for all of that.
    """
    working = _day_after(since, retention.working_years)
    contacts = _day_after(since, retention.contacts_years)
    record = _day_after(since, retention.record_years)
    return {
        Keeping.WORKING: working,
        Keeping.CONTACTS: contacts,
        Keeping.RECORD: max(record, working, contacts),
    }


def is_same_user(one: str, other: str) -> bool:
    """Whether two actors (`anna@desk-3`) are of one user's name, on whatever machines."""
    return _user(one) == _user(other)


def _user(actor: str) -> str:
    # A user's name may itself hold an @ (a directory's); a host's can't.
    return (actor.rpartition("@")[0] or actor).casefold()


def _day_after(since: date, years: int) -> date:
    """Return the day after the one that many years later, to whose end something is kept."""
    try:
        last = since.replace(year=since.year + years)
    except ValueError:  # 29 February
        last = date(since.year + years, 3, 1)
    return last + timedelta(days=1)
