"""A letter's deadline: working days from the last inspection day until the last copy is accepted.

The kind says how many. A letter that was dated in time and sent later is late all the
same, so that only acceptance ends the count. Owns that rule, and which day a moment falls
on; what a working day is belongs to `letters.working_days`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from letters.delivery import Attempt
from letters.inspection import inspection_in
from letters.kind import Kind
from letters.letter import Letter
from letters.working_days import nth_working_day_after, working_days_after

OFFICES = ZoneInfo("Europe/London")
"""Where the days are those of the deadline, whatever clock a server keeps."""


class Deadline(NamedTuple):
    """How many working days a letter has, and from which day on they are counted."""

    last_inspection_day: date
    working_days: int

    @property
    def due_on(self) -> date:
        """The last day on which all copies can be accepted in time."""
        return nth_working_day_after(self.last_inspection_day, self.working_days)

    def working_days_left(self, today: date) -> int:
        """Count the working days after `today` that are left; below 0 by how many it is late."""
        return self.working_days - self.working_days_until(today)

    def working_days_taken(self, accepted: Iterable[datetime]) -> int:
        """Count the working days that it took, by when each copy was accepted.

        Raises ValueError without any copy, and for a moment without a zone.
        """
        return self.working_days_until(max(map(day_of, accepted)))

    def working_days_until(self, day: date) -> int:
        """Count the working days from the last inspection day up to and including `day`."""
        return working_days_after(self.last_inspection_day, day)


def deadline_of(letter: Letter, kind: Kind) -> Deadline | None:
    """Find a letter's deadline; None without inspection days that can be read.

    A letter a year has no inspection of its own to be counted from, only others' to tell
    of. A correction or withdrawal has none either: its first letter had.
    """
    inspection = inspection_in(letter.facts)
    if inspection is None or kind.reference_by == "year" or letter.replaces is not None:
        return None
    return Deadline(max(inspection), kind.deadline_working_days)


def day_of(moment: datetime) -> date:
    """Tell on which day of the offices a moment falls. Raises ValueError without a zone."""
    if moment.utcoffset() is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(OFFICES).date()


def accepted_at(attempts: Sequence[Attempt]) -> datetime | None:
    """Tell when a copy was accepted, by the attempts in order; None where none was.

    What was settled as sent or accepted counts from its claim: when the provider took it
    isn't known, and the request began then.
    """
    for attempt in attempts:
        outcome, settlement = attempt.outcome, attempt.settlement
        if outcome is not None and outcome.result == "accepted":
            return datetime.fromisoformat(outcome.at)
        if settlement is not None and settlement.ends_as in ("accepted", "sent"):
            return datetime.fromisoformat(attempt.claim.at)
    return None
