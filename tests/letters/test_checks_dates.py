"""The rules on the letter's date and the inspection's days."""

from __future__ import annotations

from datetime import date

import pytest

from letters.checks import check_letter
from tests.letters.readings import KIND, a_letter, a_register, an_opening, paragraphs, told


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, [], id="a letter without fault has no problem"),
        pytest.param(
            {"date": date(2011, 3, 9)}, [], id="a letter may be dated on the last inspection day"
        ),
        pytest.param(
            {"date": date(2011, 3, 8)},
            [("date-before-inspection", "date", "blocks")],
            id="a letter dated before the last inspection day blocks",
        ),
        pytest.param(
            {"date": date(2011, 4, 8)}, [], id="a Friday is a working day, as far as this rule goes"
        ),
        pytest.param(
            {"date": date(2011, 4, 9)},
            [("date-at-weekend", "date", "warns")],
            id="a Saturday is worth a look",
        ),
        pytest.param(
            {"date": date(2011, 4, 10)},
            [("date-at-weekend", "date", "warns")],
            id="a Sunday is worth a look",
        ),
        pytest.param(
            an_opening("9 March 2011"), [], id="an inspection of one day is an inspection"
        ),
        pytest.param(
            an_opening("8 March 2011 to 7 February 2011"),
            [("inspection-reversed", "opening", "blocks")],
            id="an inspection that ends before it begins blocks",
        ),
        pytest.param(
            an_opening("1 January 2011 to 2 March 2011"),
            [],
            id="sixty days from first to last are still an inspection",
        ),
        pytest.param(
            an_opening("1 January 2011 to 3 March 2011"),
            [("inspection-too-long", "opening", "blocks")],
            id="sixty-one days are a slip",
        ),
        pytest.param(
            an_opening("8 March 2010 to 9 March 2011"),
            [("inspection-too-long", "opening", "blocks")],
            id="inspection days a year apart block",
        ),
        pytest.param(
            {"closing": paragraphs("We visited on 6 November 20205.")},
            [("date-impossible", "closing/1", "blocks")],
            id="a year of five digits blocks",
        ),
        pytest.param(
            {"closing": paragraphs("We visit again on 31 June 2011.")},
            [("date-impossible", "closing/1", "blocks")],
            id="a day that doesn't exist blocks",
        ),
        pytest.param(
            {"closing": paragraphs("Training ended on 01/02/2011.")},
            [("date-unclear", "closing/1", "warns")],
            id="a month in figures is worth a look",
        ),
    ],
)
def test_dates(changes, expected):
    letter = a_letter(**changes)
    assert told(check_letter(letter, kind=KIND, register=a_register())) == expected


def test_the_message_says_both_days():
    letter = a_letter(date=date(2011, 3, 8))
    (problem,) = check_letter(letter, kind=KIND, register=a_register())
    assert problem.message == (
        "The letter is dated 8 March 2011, before the inspection ended on 9 March 2011. "
        "Correct one of the two."
    )
