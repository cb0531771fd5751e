"""Whether the letter comes in time, by the kind's deadline in working days."""

from __future__ import annotations

from collections.abc import Iterator

from letters.checks.rule import Found, Given, check
from letters.inspection import inspection_in
from letters.letter import Letter, day_in_words
from letters.working_days import nth_working_day_after, working_days_after


@check(
    "deadline-passed",
    blocks=False,
    source="The kind's file; counted in working days of England and Wales.",
)
def deadline_passed(letter: Letter, given: Given) -> Iterator[Found]:
    """The letter is dated after the deadline, counted from the last inspection day."""
    inspection = inspection_in(letter.facts)
    # A letter a year has no inspection of its own to be counted from, only others' to tell of.
    if inspection is None or given.kind.reference_by == "year":
        return
    last, allowed = max(inspection), given.kind.deadline_working_days
    taken = working_days_after(last, letter.date)
    if taken > allowed:
        yield Found(
            "date",
            f"The letter is dated {taken} working days after the last inspection day "
            f"({day_in_words(last)}); {allowed} are allowed, until "
            f"{day_in_words(nth_working_day_after(last, allowed))}. See whether the days are "
            "right; if they are, the letter is late.",
        )


CHECKS = (deadline_passed,)
