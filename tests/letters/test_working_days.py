"""Working days: the weekends and bank holidays of England and Wales."""

from __future__ import annotations

from datetime import date

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.working_days import is_working_day, nth_working_day_after, working_days_after

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2039, 12, 31))


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        pytest.param(date(2010, 8, 18), True, id="a Wednesday in summer"),
        pytest.param(date(2010, 8, 21), False, id="a Saturday"),
        pytest.param(date(2010, 8, 22), False, id="a Sunday"),
        pytest.param(date(2010, 8, 30), False, id="the late summer bank holiday"),
        pytest.param(date(2019, 4, 19), False, id="Good Friday"),
        pytest.param(date(2019, 4, 22), False, id="Easter Monday"),
        pytest.param(date(2022, 1, 3), False, id="New Year's Day kept on the Monday after"),
        pytest.param(date(2021, 12, 28), False, id="Boxing Day kept on the Tuesday after"),
        pytest.param(date(2020, 5, 8), False, id="the early May holiday moved for VE Day"),
        pytest.param(date(2020, 5, 4), True, id="the Monday it was moved from"),
        pytest.param(date(2022, 6, 3), False, id="the Platinum Jubilee"),
        pytest.param(date(2022, 9, 19), False, id="the State Funeral of 2022"),
        pytest.param(date(2023, 5, 8), False, id="the Coronation"),
        pytest.param(date(2024, 3, 17), False, id="St Patrick's Day 2024 was a Sunday"),
        pytest.param(date(2025, 3, 17), True, id="St Patrick's Day, kept in Northern Ireland"),
        pytest.param(date(2025, 1, 2), True, id="2 January, kept in Scotland"),
        pytest.param(date(2025, 8, 4), True, id="the first Monday of August, kept in Scotland"),
    ],
)
def test_working_days_are_those_of_england_and_wales(day: date, is_working: bool) -> None:
    assert is_working_day(day) is is_working


@pytest.mark.parametrize("year", range(2005, 2031))
def test_wales_keeps_the_same_days_as_england(year: int) -> None:
    england, wales = (
        set(holidays.country_holidays("GB", subdiv=part, years=year)) for part in ("ENG", "WLS")
    )

    assert england == wales


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        pytest.param(date(2010, 7, 21), date(2010, 8, 18), 20, id="Wirral's letter of 2010"),
        pytest.param(date(2019, 12, 18), date(2020, 1, 21), 21, id="over Christmas and New Year"),
        pytest.param(date(2022, 9, 16), date(2022, 9, 20), 1, id="over the State Funeral"),
        pytest.param(date(2010, 8, 18), date(2010, 8, 18), 0, id="a day and itself"),
        pytest.param(date(2010, 8, 18), date(2010, 8, 1), 0, id="the wrong way round"),
        pytest.param(date(2010, 8, 20), date(2010, 8, 22), 0, id="a weekend"),
    ],
)
def test_working_days_are_counted_from_the_day_after(start: date, end: date, count: int) -> None:
    assert working_days_after(start, end) == count


@given(days, st.integers(min_value=1, max_value=300))
def test_the_nth_day_after_is_a_working_day_and_counts_n(start: date, n: int) -> None:
    nth = nth_working_day_after(start, n)

    assert is_working_day(nth)
    assert working_days_after(start, nth) == n


@pytest.mark.parametrize("n", [0, -1])
def test_there_is_no_day_before_the_first(n: int) -> None:
    with pytest.raises(ValueError, match="n is 1 or more"):
        nth_working_day_after(date(2010, 7, 21), n)


@pytest.mark.parametrize("year", [1900, 2100])
def test_every_year_that_a_letter_can_mean_has_a_calendar(year: int) -> None:
    assert not is_working_day(date(year, 12, 25))
