"""The letter's date and the inspection's days.

Which days are working days beyond the weekend is a matter of the calendar, and
so of the deadline, not of these rules.
"""

from __future__ import annotations

from collections.abc import Iterator

from letters.facts import find_unclear_dates
from letters.inspection import Inspection, inspection_in
from letters.letter import Letter, day_in_words
from letters.problem import Problem

LONGEST_INSPECTION_DAYS = 60
"""Longer than any inspection: published letters have had days a year apart by a slip."""

_SAID_OF = {
    "no-such-day": "there is no such day",
    "no-such-month": "there is no such month",
    "no-such-year": "that can't be the year",
    "year-missing": "the year is missing",
    "month-in-figures": "the month is in figures",
}
_OF_FORM = ("year-missing", "month-in-figures")


def date_before_inspection(letter: Letter) -> Iterator[Problem]:
    """Find a letter dated before its inspection ended. Source: a published letter that was."""
    inspection = inspection_in(letter.facts)
    if inspection is not None and letter.date < max(inspection):
        yield Problem(
            code="date-before-inspection",
            place="date",
            message=f"The letter is dated {day_in_words(letter.date)}, before the inspection "
            f"ended on {day_in_words(max(inspection))}. Correct one of the two.",
        )


def date_at_weekend(letter: Letter) -> Iterator[Problem]:
    """Find a letter dated on no working day. Source: offices count and write on working days."""
    weekday = letter.date.weekday()
    if weekday >= 5:
        yield Problem(
            code="date-at-weekend",
            place="date",
            message=f"{day_in_words(letter.date)} is a {('Saturday', 'Sunday')[weekday - 5]}. "
            "Letters are dated on a working day: see whether the date is right.",
            is_blocking=False,
        )


def inspection_reversed(letter: Letter) -> Iterator[Problem]:
    """Find an inspection that ends before it begins. Source: slips in published letters."""
    inspection = inspection_in(letter.facts)
    if inspection is not None and inspection.last < inspection.first:
        yield Problem(
            code="inspection-reversed",
            place="opening",
            message=f"The inspection would end before it begins: {_days(inspection)}. Correct "
            "its days in the opening.",
        )


def inspection_too_long(letter: Letter) -> Iterator[Problem]:
    """Find an inspection of months. Source: published letters, with days a year apart."""
    inspection = inspection_in(letter.facts)
    if inspection is None:
        return
    days = (inspection.last - inspection.first).days
    if days > LONGEST_INSPECTION_DAYS:
        yield Problem(
            code="inspection-too-long",
            place="opening",
            message=f"The inspection would have taken {days + 1} days: {_days(inspection)}. "
            "Correct its days, or the year, in the opening.",
        )


def dates_unclear(letter: Letter) -> Iterator[Problem]:
    """Find what looks like a date in the text and is none. Source: a published “20205”."""
    for unclear in find_unclear_dates(letter.passages()):
        yield Problem(
            code="date-unclear" if unclear.reason in _OF_FORM else "date-impossible",
            place=unclear.place,
            message=f"“{unclear.text}”: {_SAID_OF[unclear.reason]}. Write day, month and year as "
            "in 20 July 2010.",
            is_blocking=unclear.reason not in _OF_FORM,
        )


def _days(inspection: Inspection) -> str:
    return f"{day_in_words(inspection.first)} to {day_in_words(inspection.last)}"
