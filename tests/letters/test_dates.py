"""Days and spans of days: what is read, and what is called unclear."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.dates import (
    Days,
    UnclearDays,
    find_days,
    find_named_days,
    looks_like_day,
    parse_day,
)
from letters.letter import day_in_words

days = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))


@given(days)
def test_a_day_as_letters_print_it_is_read_back(day: date) -> None:
    assert parse_day(day_in_words(day)) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        pytest.param("18 August 2010", date(2010, 8, 18), id="a day in full"),
        pytest.param(" 18 August 2010 ", date(2010, 8, 18), id="space around it"),
        pytest.param("18th August 2010", date(2010, 8, 18), id="an ordinal"),
        pytest.param("18 August, 2010", date(2010, 8, 18), id="a comma before the year"),
        pytest.param("18\u00a0August\u00a02010", date(2010, 8, 18), id="no-break spaces"),
        pytest.param("18 AUGUST 2010", date(2010, 8, 18), id="capitals"),
        pytest.param("18th of August 2010", date(2010, 8, 18), id="of before the month"),
        pytest.param("2010-08-18", date(2010, 8, 18), id="an ISO date"),
        pytest.param("29 February 2012", date(2012, 2, 29), id="a leap day"),
        pytest.param("29 February 2010", None, id="no leap year"),
        pytest.param("31 June 2010", None, id="a month of thirty days"),
        pytest.param("6 November 20205", None, id="a year of five digits"),
        pytest.param("6 November 202", None, id="a year of three digits"),
        pytest.param("6 November 1066", None, id="a year before every inspectorate"),
        pytest.param("18 Aug 2010", None, id="a shortened month"),
        pytest.param("18/08/2010", None, id="a month in figures"),
        pytest.param("18 August", None, id="no year"),
        pytest.param("August 2010", None, id="no day"),
        pytest.param("20 and 21 July 2010", None, id="two days"),
        pytest.param("on 18 August 2010", None, id="other words"),
        pytest.param("१८ August 2010", None, id="digits of another script"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_only_a_whole_day_is_a_day(text: str, day: date | None) -> None:
    assert parse_day(text) == day


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        pytest.param("20 and 21 July 2010", (2010, 7, 20), (2010, 7, 21), id="two days with and"),
        pytest.param("20 & 21 July 2010", (2010, 7, 20), (2010, 7, 21), id="two days with &"),
        pytest.param("9 to 13 December 2024", (2024, 12, 9), (2024, 12, 13), id="a span with to"),
        pytest.param("9–13 December 2024", (2024, 12, 9), (2024, 12, 13), id="a span with a dash"),
        pytest.param("7, 8 and 9 May 2018", (2018, 5, 7), (2018, 5, 9), id="three days"),
        pytest.param("13 October 2020", (2020, 10, 13), (2020, 10, 13), id="a single day"),
        pytest.param(
            "30 March and 2 April 2026", (2026, 3, 30), (2026, 4, 2), id="a span over months"
        ),
        pytest.param(
            "30 December 2025 to 2 January 2026",
            (2025, 12, 30),
            (2026, 1, 2),
            id="a span over years",
        ),
        pytest.param("3/4 May 2018", (2018, 5, 3), (2018, 5, 4), id="two days with a stroke"),
        pytest.param(
            "3 May and the 5 May 2018", (2018, 5, 3), (2018, 5, 5), id="an article before a day"
        ),
        pytest.param(
            "20 and Wednesday 21 July 2010", (2010, 7, 20), (2010, 7, 21), id="a weekday before one"
        ),
        pytest.param(
            "3 May 2018 and again on 10 May 2018",
            (2018, 5, 3),
            (2018, 5, 10),
            id="two days apart, each in full",
        ),
        pytest.param(
            "24 October 2022 to 25 October 2023",
            (2022, 10, 24),
            (2023, 10, 25),
            id="a year apart, as one letter had it",
        ),
        pytest.param(
            "21 and 20 July 2010", (2010, 7, 21), (2010, 7, 20), id="the wrong way round, as it is"
        ),
    ],
)
def test_a_span_is_its_first_and_last_day(
    text: str, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    prose = f"It took place on {text}, and 60 files were seen."

    assert list(find_days(prose)) == [Days(17, 17 + len(text), date(*first), date(*last))]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("31 June 2010", "no-such-day", id="a day that no month has"),
        pytest.param("30 and 31 June 2010", "no-such-day", id="a span with such a day"),
        pytest.param("0 June 2010", "no-such-day", id="day nought"),
        pytest.param("6 November 20205", "no-such-year", id="a year of five digits"),
        pytest.param("13 and 14 July", "year-missing", id="no year"),
        pytest.param("18 Augst 2010", "no-such-month", id="a misspelt month"),
        pytest.param("18 Aug 2010", "no-such-month", id="a shortened month"),
        pytest.param("18 Sept. 2010", "no-such-month", id="a shortened month with a full stop"),
        pytest.param("18/08/2010", "month-in-figures", id="a month in figures"),
        pytest.param("18.08.10", "month-in-figures", id="figures with full stops"),
        pytest.param("18-08-2010", "month-in-figures", id="figures with hyphens"),
        pytest.param("November 20205", "no-such-year", id="a month and a year of five digits"),
        pytest.param("November 202", "no-such-year", id="a month and a year of three digits"),
        pytest.param("since 20212", "no-such-year", id="a year of five digits alone"),
    ],
)
def test_what_looks_like_a_day_and_is_none_is_unclear(text: str, reason: str) -> None:
    prose = f"It took place on {text}, we think."

    assert list(find_days(prose)) == [UnclearDays(17, 17 + len(text), reason)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("They told us in 12 may be too late.", id="the verb may"),
        pytest.param("60 Children 2010 were seen.", id="a number and a capital"),
        pytest.param("In April 2018 it improved.", id="a month and a year"),
        pytest.param("In May 202 children came, in 20100 cases.", id="counts"),
        pytest.param("Telephone 0300 123 1231", id="a telephone number"),
        pytest.param("The ratio is 1:2 in version 1.2.3 of 1/2.", id="a version"),
        pytest.param("120 July 2010", id="a number of three digits"),
    ],
)
def test_other_numbers_are_no_days(text: str) -> None:
    assert list(find_days(text)) == []


@pytest.mark.parametrize(
    ("text", "is_meant"),
    [
        pytest.param("18 August 2010", True, id="a day"),
        pytest.param("6 November 20205", True, id="an impossible year"),
        pytest.param("18 Augst 2010", True, id="a misspelt month"),
        pytest.param("18 August 2010 and more", False, id="a day and more"),
        pytest.param("225 High Rd", False, id="a line of an address"),
    ],
)
def test_a_line_is_meant_as_a_day(text: str, is_meant: bool) -> None:
    assert looks_like_day(text) is is_meant


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param(
            "on Tuesday 20 and Wednesday 21 July 2010",
            [
                ("Tuesday 20", 1, date(2010, 7, 20)),
                ("Wednesday 21 July 2010", 2, date(2010, 7, 21)),
            ],
            id="two days, each after its weekday",
        ),
        pytest.param(
            "by Monday the 3rd of May 2010",
            [("Monday the 3rd of May 2010", 0, date(2010, 5, 3))],
            id="an article and an ordinal",
        ),
        pytest.param(
            "by Sunday, 2 January",
            [("Sunday, 2 January", 6, date(2011, 1, 2))],
            id="without a year, the nearest",
        ),
        pytest.param("by Monday 31 June 2010", [], id="a day that doesn't exist"),
        pytest.param("by 31 May 2010, a Monday", [], id="a weekday behind"),
        pytest.param("on Mondays; 3 May 2010", [], id="a weekday apart"),
    ],
)
def test_days_after_their_weekday_are_found(text: str, named: list[tuple[str, int, date]]) -> None:
    found = find_named_days(text, near=date(2010, 8, 18))

    assert [(text[each.start : each.end], each.weekday, each.day) for each in found] == named


@given(st.text(alphabet="0123456789 JulyAugst,and-–.", max_size=80))
def test_spans_lie_in_the_text_in_order(text: str) -> None:
    found = list(find_days(text))

    assert [each.start for each in found] == sorted(each.start for each in found)
    assert all(0 <= each.start < each.end <= len(text) for each in found)
