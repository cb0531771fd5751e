"""How long a revision has waited for its sign-off, and how long it still may, in words.

It waits since its pack was prepared; the deadline is `letters.deadline`'s. What follows
from it is for others to say.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from letters.deadline import Deadline, day_of, deadline_of
from letters.letter import day_in_words
from letters.working_days import working_days_after
from tasks.case.case import Case


class Waited(NamedTuple):
    """A revision's waiting, as of a day."""

    since: date
    today: date
    deadline: Deadline | None = None
    """None for a letter that has none."""

    @property
    def working_days(self) -> int:
        """How many working days it has waited; the first is the one after the pack's."""
        return working_days_after(self.since, self.today)

    def __str__(self) -> str:
        """Tell how long: `3 working days, since 14 March 2011`."""
        return f"{_days(self.working_days)}, since {day_in_words(self.since)}"

    @property
    def left(self) -> str:
        """Tell in a sentence what is left; empty for a letter that has no deadline."""
        if self.deadline is None:
            return ""
        left, day = self.deadline.working_days_left(self.today), self.deadline.due_on
        if left < 0:
            return f"Its deadline was {day_in_words(day)}: {_days(-left)} ago."
        are = "is" if left == 1 else "are"
        return f"Its deadline is {day_in_words(day)}: {_days(left)} {are} left."


def waited(case: Case, revision: int) -> Waited | None:
    """Tell how long a revision has waited; None where its pack isn't prepared. Raises CaseDamaged.

    What counts is the day of the pack's entry in the case's chain.
    """
    pack = case.key(f"r{revision}/pack.json")
    prepared = next((e.at for e in case.chain.entries() if e.detail.get("object") == pack), None)
    if prepared is None:
        return None
    letter = case.letter(revision)
    kind = case.office.kinds.get(letter.kind)
    return Waited(
        since=day_of(datetime.fromisoformat(prepared)),
        today=day_of(case.office.clock()),
        deadline=None if kind is None else deadline_of(letter, kind),
    )


def _days(count: int) -> str:
    return f"{count} working day{'' if count == 1 else 's'}"
