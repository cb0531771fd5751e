"""Days and spans of days as letters write them: `20 and 21 July 2010`.

Only the full name of the month is read. What looks like a day and is none
(`31 June 2010`, `6 November 20205`) is returned as unclear, never passed over;
so is a year that is none (`in March 20205`). What the days stand for is a matter
for `letters.facts`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from datetime import date
from typing import Literal, NamedTuple

from letters.letter import MONTHS

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""The years in which an inspectorate's letter can mean a day."""

UnclearReason = Literal[
    "no-such-day", "no-such-month", "no-such-year", "year-missing", "month-in-figures"
]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_SPACE = r"[ \u00a0]"
_MONTH = rf"(?:of{_SPACE})?(?:{'|'.join(MONTHS)})\b"
_MENTION = rf"\d{{1,2}}(?!\d)(?:st|nd|rd|th)?(?:{_SPACE}{_MONTH}(?:,?{_SPACE}\d{{3,6}}\b)?)?"
_AND = rf"{_SPACE}(?:and(?:{_SPACE}again)?(?:{_SPACE}on)?|to|until|&){_SPACE}"
# A weekday or an article may stand before each day but the first: they belong to its prose.
_SEPARATOR = (
    rf"(?:,{_SPACE}(?:and{_SPACE})?|{_AND}|{_SPACE}?[-–—/]{_SPACE}?)"
    rf"(?:(?:{'|'.join(WEEKDAYS)}),?{_SPACE})?(?:the{_SPACE})?"
)
# Every repetition is bounded: a long passage costs time in proportion to its length.
_CHAIN = re.compile(
    rf"(?<![\w£.,/:]){_MENTION}(?:{_SEPARATOR}{_MENTION}){{0,6}}", re.IGNORECASE | re.ASCII
)
_PARTS = re.compile(
    rf"(\d{{1,2}})(?!\d)(?:st|nd|rd|th)?"
    rf"(?:{_SPACE}(?:of{_SPACE})?({'|'.join(MONTHS)})\b(?:,?{_SPACE}(\d{{3,6}})\b)?)?",
    re.IGNORECASE | re.ASCII,
)
_WEEKDAY_BEFORE = re.compile(
    rf"\b({'|'.join(WEEKDAYS)})s?,?{_SPACE}(?:the{_SPACE})?$", re.IGNORECASE
)
# "20205", or "in November 202."; "in 20100 cases" counts something.
_YEAR_WITHOUT_DAY = re.compile(
    rf"\b(?:(?:{'|'.join(MONTHS)}){_SPACE}(?:(?:19|20)\d{{3,4}}\b|(?:19|20)\d(?=[.,;:)]|$))"
    rf"|(?:in|since|during|until){_SPACE}20[0-4]\d\d\b(?!{_SPACE}[a-z]+s\b))",
    re.ASCII,
)
_LIKE_A_MONTH = re.compile(
    rf"(?<![\w£.,/:])\d{{1,2}}(?:st|nd|rd|th)?{_SPACE}([A-Za-z]{{3,10}})\.?,?{_SPACE}\d{{4}}(?!\w)",
    re.ASCII,
)
_IN_FIGURES = re.compile(
    r"(?<![\w£.,/-])\d{1,2}(?:([/.])\d{1,2}\1(?:\d{4}|\d{2})|-\d{1,2}-\d{4})(?![\w/-])", re.ASCII
)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)


class Days(NamedTuple):
    """A day or a span of days, and where in the text it stands.

    `last` is before `first` where the text says so: judging it is not for here.
    """

    start: int
    end: int
    first: date
    last: date


class NamedDay(NamedTuple):
    """A day that the text gives with its weekday: `Monday 3 May 2021`."""

    start: int
    end: int
    weekday: int
    """As the text has it; Monday is 0."""
    day: date


class UnclearDays(NamedTuple):
    """Something that looks like days and can't be read as such."""

    start: int
    end: int
    reason: UnclearReason


def parse_day(text: str) -> date | None:
    """Read a text that is one day: `18 August 2010`, `18th August 2010` or `2010-08-18`."""
    plain = text.strip()
    if iso := _ISO.fullmatch(plain):
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    parts = _PARTS.fullmatch(plain)
    if parts is None or parts[2] is None or parts[3] is None or not _is_year(parts[3]):
        return None
    return _day(int(parts[3]), _month(parts[2]), int(parts[1]))


def looks_like_day(text: str) -> bool:
    """Whether a text is meant as one day and nothing else, readable or not."""
    plain = text.strip()
    return parse_day(plain) is not None or any(
        found.start == 0 and found.end == len(plain) for found in find_days(plain)
    )


def find_days(text: str) -> Iterator[Days | UnclearDays]:
    """Yield every day and span of days in `text`, in order; unclear ones among them."""
    found = [*map(_resolved, _chains(text)), *_misspelt_months(text), *_in_figures(text)]
    ends = {each.end for each in found}
    found += (year for year in _impossible_years(text) if year.end not in ends)
    yield from sorted(found, key=lambda each: each.start)


def find_named_days(text: str, *, near: date) -> Iterator[NamedDay]:
    """Yield every day that stands after its weekday; without a year, the one nearest to `near`."""
    for mentions in _chains(text):
        days = _days(mentions)
        if days == "year-missing":
            days = _nearest(near, mentions)
        if isinstance(days, str):
            continue
        for mention, day in zip(mentions, days, strict=bool(days)):
            before = _WEEKDAY_BEFORE.search(text, max(0, mention.start() - 20), mention.start())
            if before:
                weekday = WEEKDAYS.index(before[1].capitalize())
                yield NamedDay(before.start(), mention.end(), weekday, day)


def _nearest(near: date, mentions: list[re.Match[str]]) -> list[date]:
    """Give days without a year the one that brings them nearest; none where none has them."""
    tried = (_days(mentions, year=str(near.year + years)) for years in (-1, 0, 1))
    found = [days for days in tried if not isinstance(days, str)]
    return min(found, key=lambda days: abs(days[0] - near), default=[])


def _chains(text: str) -> Iterator[list[re.Match[str]]]:
    for chain in _CHAIN.finditer(text):
        mentions = list(_PARTS.finditer(text, chain.start(), chain.end()))
        while mentions and mentions[-1][2] is None:
            mentions.pop()  # "20 July 2010 and 60 files": the 60 is no day
        if not mentions:
            continue
        if all(part[3] is None for part in mentions) and not mentions[-1][2][0].isupper():
            continue  # "12 may": the verb, unless it is written as a month
        yield mentions


def _resolved(mentions: list[re.Match[str]]) -> Days | UnclearDays:
    start, end = mentions[0].start(), mentions[-1].end()
    days = _days(mentions)
    if isinstance(days, str):
        return UnclearDays(start, end, days)
    return Days(start, end, days[0], days[-1])


def _days(mentions: list[re.Match[str]], *, year: str = "") -> list[date] | UnclearReason:
    """Give each mention the month and year of the next one that has them, else `year`."""
    month = 0
    days: list[date] = []
    for mention in reversed(mentions):
        month = _month(mention[2]) if mention[2] else month
        year = mention[3] or year
        if not year:
            return "year-missing"
        if not _is_year(year):
            return "no-such-year"
        day = _day(int(year), month, int(mention[1]))
        if day is None:
            return "no-such-day"
        days.insert(0, day)
    return days


def _misspelt_months(text: str) -> Iterator[UnclearDays]:
    for match in _LIKE_A_MONTH.finditer(text):
        word = match[1].capitalize()
        is_short = any(month.startswith(word) for month in MONTHS)
        if word not in MONTHS and (is_short or difflib.get_close_matches(word, MONTHS, 1, 0.75)):
            yield UnclearDays(match.start(), match.end(), "no-such-month")


def _in_figures(text: str) -> Iterator[UnclearDays]:
    for match in _IN_FIGURES.finditer(text):
        yield UnclearDays(match.start(), match.end(), "month-in-figures")


def _impossible_years(text: str) -> Iterator[UnclearDays]:
    for match in _YEAR_WITHOUT_DAY.finditer(text):
        yield UnclearDays(match.start(), match.end(), "no-such-year")


def _month(name: str) -> int:
    return MONTHS.index(name.capitalize()) + 1


def _is_year(digits: str) -> bool:
    return len(digits) == 4 and FIRST_YEAR <= int(digits) <= LAST_YEAR


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
