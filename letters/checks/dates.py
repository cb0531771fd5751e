"""The letter's date, the inspection's days, and every other day that the text gives.

Whether the letter comes in time is the deadline's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from letters.checks.rule import Found, Given, check
from letters.dates import WEEKDAYS, find_named_days
from letters.facts import find_unclear_dates
from letters.inspection import Inspection, inspection_fact, inspection_in
from letters.letter import MONTHS, Letter, Placed, day_in_words
from letters.working_days import bank_holidays, is_working_day

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
_LAST_INSPECTION = re.compile(
    r"\b(?:last|previous|earlier|prior) (?:[\w’'-]{1,20} ){0,4}"
    r"(?:inspection|visit|inspected|visited)"
    r"(?: of [\w’' ]{1,40}?)?,? (?:(?:was|took place|held|made) )?"
    r"(?:in|of|from|during|on(?: \d{1,2}(?: (?:and|to) \d{1,2})?)?)"
    rf" ((?:({'|'.join(MONTHS)}) )?((?:19|20)\d\d))\b"
)


@check("date-before-inspection", blocks=True, source="A published letter that was.")
def date_before_inspection(letter: Letter, given: Given) -> Iterator[Found]:
    """The letter is dated before its inspection ended."""
    inspection = inspection_in(letter.facts)
    if inspection is not None and letter.date < max(inspection):
        yield Found(
            "date",
            f"The letter is dated {day_in_words(letter.date)}, before the inspection ended on "
            f"{day_in_words(max(inspection))}. Correct one of the two.",
        )


@check(
    "date-not-working-day",
    blocks=False,
    source="Offices write on working days; the bank holidays of England and Wales.",
)
def date_not_working_day(letter: Letter, given: Given) -> Iterator[Found]:
    """The letter is dated on a weekend or a bank holiday."""
    if not is_working_day(letter.date):
        holiday = bank_holidays(letter.date.year).get(letter.date)
        named = f"a bank holiday ({holiday})" if holiday else f"a {_weekday(letter.date.weekday())}"
        yield Found(
            "date",
            f"{day_in_words(letter.date)} is {named}. Letters are dated on a working day: see "
            "whether the date is right.",
        )


@check("weekday-wrong", blocks=False, source="The calendar.")
def weekdays_wrong(letter: Letter, given: Given) -> Iterator[Found]:
    """A day of the text falls on another weekday than the text says."""
    for place, text in _texts(letter):
        for named in find_named_days(text, near=letter.date):
            if named.day.weekday() != named.weekday:
                yield Found(
                    place,
                    f"{day_in_words(named.day)} is a {_weekday(named.day.weekday())}, no "
                    f"{_weekday(named.weekday)}. Correct the weekday or the day.",
                    named.start,
                    named.end,
                )


@check(
    "inspection-reversed",
    blocks=True,
    source="Slips in published letters.",
    is_overridable=False,
)
def inspection_reversed(letter: Letter, given: Given) -> Iterator[Found]:
    """The inspection ends before it begins."""
    fact = inspection_fact(letter.facts)
    if fact is None:
        return
    inspection = Inspection.of(fact)
    if inspection.last < inspection.first:
        yield Found(
            fact.place,
            f"The inspection would end before it begins: {day_in_words(inspection.first)} to "
            f"{day_in_words(inspection.last)}. Correct its days in the opening.",
            fact.start,
            fact.end,
        )


@check("inspection-too-long", blocks=True, source="A published letter, its days a year apart.")
def inspection_too_long(letter: Letter, given: Given) -> Iterator[Found]:
    """The inspection would have taken months."""
    fact = inspection_fact(letter.facts)
    if fact is None:
        return
    inspection = Inspection.of(fact)
    days = (inspection.last - inspection.first).days
    if days > LONGEST_INSPECTION_DAYS:
        yield Found(
            fact.place,
            f"The inspection would have taken {days + 1} days: {day_in_words(inspection.first)} "
            f"to {day_in_words(inspection.last)}. Correct its days, or the year, in the opening.",
            fact.start,
            fact.end,
        )


@check("date-impossible", blocks=True, source="A published “20205”.")
def dates_impossible(letter: Letter, given: Given) -> Iterator[Found]:
    """A day or year of the text can't be one, or puts the last inspection after the letter."""
    yield from _unclear_dates(letter, is_of_form=False)
    for place, text in _texts(letter):
        for match in _LAST_INSPECTION.finditer(text):
            month = MONTHS.index(match[2]) + 1 if match[2] else 1
            if (int(match[3]), month) > (letter.date.year, letter.date.month):
                yield Found(
                    place,
                    f"An inspection before this one can't have been in {match[1]}: the letter is "
                    f"of {day_in_words(letter.date)}. Correct the year.",
                    *match.span(1),
                )


@check("date-unclear", blocks=False, source="Published letters write days in full.")
def dates_unclear(letter: Letter, given: Given) -> Iterator[Found]:
    """A day of the inspection lacks its year, or a day has its month in figures."""
    yield from _unclear_dates(letter, is_of_form=True)


def _unclear_dates(letter: Letter, *, is_of_form: bool) -> Iterator[Found]:
    for unclear in find_unclear_dates(_texts(letter)):
        if (unclear.reason in _OF_FORM) is is_of_form:
            yield Found(
                unclear.place,
                f"“{unclear.text}”: {_SAID_OF[unclear.reason]}. Write day, month and year as in "
                "20 July 2010.",
                unclear.start,
                unclear.end,
            )


def _texts(letter: Letter) -> Iterator[Placed]:
    yield Placed("subject", letter.subject)
    yield from letter.passages()


def _weekday(number: int) -> str:
    return WEEKDAYS[number]


CHECKS = (
    date_before_inspection,
    date_not_working_day,
    weekdays_wrong,
    inspection_reversed,
    inspection_too_long,
    dates_impossible,
    dates_unclear,
)
