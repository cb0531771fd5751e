"""The rule on the deadline, in working days from the last inspection day."""

from __future__ import annotations

from datetime import date

import pytest

from letters.checks import deadline
from letters.checks.rule import Given
from tests.letters.readings import KIND, a_letter, a_register, an_opening, told


def problems_of(letter, days: int = 20, **changes):
    kind = KIND.model_copy(update={"deadline_working_days": days, **changes})
    given = Given(kind, a_register())
    return tuple(problem for rule in deadline.CHECKS for problem in rule.problems(letter, given))


@pytest.mark.parametrize(
    ("inspection", "day", "is_late"),
    [
        pytest.param(
            "20 and 21 July 2010", date(2010, 8, 18), False, id="the twentieth day is in time"
        ),
        pytest.param(
            "20 and 21 July 2010", date(2010, 8, 19), True, id="the twenty-first day is late"
        ),
        pytest.param(
            "20 and 21 July 2010", date(2010, 7, 21), False, id="the inspection day itself"
        ),
        pytest.param(
            "17 and 18 December 2019",
            date(2020, 1, 20),
            False,
            id="Christmas, Boxing Day and New Year don't count",
        ),
        pytest.param(
            "17 and 18 December 2019", date(2020, 1, 21), True, id="after Christmas, a day late"
        ),
        pytest.param(
            "20 and 21 July 2010", date(2010, 7, 1), False, id="before the inspection, not late"
        ),
        pytest.param("21 to 20 July 2010", date(2010, 8, 18), False, id="days the wrong way round"),
        pytest.param("some days in July", date(2011, 8, 18), False, id="no days to count from"),
    ],
)
def test_the_deadline(inspection, day, is_late):
    letter = a_letter(**an_opening(inspection), date=day)
    assert told(problems_of(letter)) == ([("deadline-passed", "date", "warns")] if is_late else [])


def test_the_kind_says_how_long_it_is():
    letter = a_letter(**an_opening("20 and 21 July 2010"), date=date(2010, 8, 19))
    assert problems_of(letter, days=21) == ()


def test_a_letter_a_year_is_counted_from_no_inspection():
    letter = a_letter(**an_opening("20 and 21 July 2010"), date=date(2010, 12, 1))
    assert problems_of(letter, reference_by="year") == ()


def test_the_message_counts():
    letter = a_letter(**an_opening("19 and 20 July 2010"), date=date(2010, 8, 20))
    (problem,) = problems_of(letter)
    assert problem.message == (
        "The letter is dated 23 working days after the last inspection day (20 July 2010); 20 are "
        "allowed, until 17 August 2010. See whether the days are right; if they are, the letter "
        "is late."
    )
