"""Whether the letter comes in time, by the kind's deadline in working days."""

from __future__ import annotations

from collections.abc import Iterator

from letters.checks.rule import Found, Given, check
from letters.deadline import deadline_of
from letters.letter import Letter, day_in_words


@check(
    "deadline-passed",
    blocks=False,
    source="The kind's file; counted in working days of England and Wales.",
)
def deadline_passed(letter: Letter, given: Given) -> Iterator[Found]:
    """The letter is dated after the deadline, counted from the last inspection day."""
    deadline = deadline_of(letter, given.kind)
    if deadline is None:
        return
    taken = deadline.working_days_until(letter.date)
    if taken > deadline.working_days:
        yield Found(
            "date",
            f"The letter is dated {taken} working days after the last inspection day "
            f"({day_in_words(deadline.last_inspection_day)}); {deadline.working_days} are allowed, "
            f"until {day_in_words(deadline.due_on)}. See whether the days are "
            "right; if they are, the letter is late.",
        )


CHECKS = (deadline_passed,)
