"""The rules on the letter's date, the inspection's days, and other days of the text."""

from __future__ import annotations

from datetime import date

import pytest

from letters.checks import dates
from letters.checks.rule import Given
from tests.letters.readings import KIND, a_letter, a_register, an_opening, paragraphs, told


def problems_of(letter):
    given = Given(KIND, a_register())
    return tuple(problem for rule in dates.CHECKS for problem in rule.problems(letter, given))


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
        pytest.param({"date": date(2011, 4, 8)}, [], id="a Friday is a working day"),
        pytest.param(
            {"date": date(2011, 4, 9)},
            [("date-not-working-day", "date", "warns")],
            id="a Saturday is worth a look",
        ),
        pytest.param(
            {"date": date(2011, 4, 10)},
            [("date-not-working-day", "date", "warns")],
            id="a Sunday is worth a look",
        ),
        pytest.param(
            {"date": date(2011, 4, 22)},
            [("date-not-working-day", "date", "warns")],
            id="Good Friday is worth a look",
        ),
        pytest.param(
            {"date": date(2011, 4, 29)},
            [("date-not-working-day", "date", "warns")],
            id="a bank holiday of one year only is worth a look",
        ),
        pytest.param(
            an_opening("9 March 2011"), [], id="an inspection of one day is an inspection"
        ),
        pytest.param(
            an_opening("8 March 2011 to 7 February 2011"),
            [("inspection-reversed", "opening/1", "blocks")],
            id="an inspection that ends before it begins blocks",
        ),
        pytest.param(
            an_opening("1 January 2011 to 2 March 2011"),
            [],
            id="sixty days from first to last are still an inspection",
        ),
        pytest.param(
            an_opening("1 January 2011 to 3 March 2011"),
            [("inspection-too-long", "opening/1", "blocks")],
            id="sixty-one days are a slip",
        ),
        pytest.param(
            an_opening("8 March 2010 to 9 March 2011"),
            [("inspection-too-long", "opening/1", "blocks")],
            id="inspection days a year apart block",
        ),
        pytest.param(
            {"closing": paragraphs("We visited on 6 November 20205.")},
            [("date-impossible", "closing/1", "blocks")],
            id="a year of five digits blocks",
        ),
        pytest.param(
            {"closing": paragraphs("This was so in March 20205, and since 20212.")},
            [("date-impossible", "closing/1", "blocks")] * 2,
            id="a year of five digits without a day blocks",
        ),
        pytest.param(
            {"closing": paragraphs("They were good in November 202.")},
            [("date-impossible", "closing/1", "blocks")],
            id="a year of three digits blocks",
        ),
        pytest.param(
            {"closing": paragraphs("It was met in 20100 cases, and in May 200 children came.")},
            [],
            id="a large count is no year",
        ),
        pytest.param(
            {"closing": paragraphs("We visit again on 31 June 2011.")},
            [("date-impossible", "closing/1", "blocks")],
            id="a day that doesn't exist blocks",
        ),
        pytest.param(
            {"subject": "Inspection of 31 June 2011"},
            [("date-impossible", "subject", "blocks")],
            id="the subject is looked at",
        ),
        pytest.param(
            {
                "closing": paragraphs(
                    "Since the last inspection in November 2018, much has changed."
                )
            },
            [("date-impossible", "closing/1", "blocks")],
            id="a last inspection after the letter blocks",
        ),
        pytest.param(
            {"closing": paragraphs("At their previous focused visit, in May 2011, it was so.")},
            [("date-impossible", "closing/1", "blocks")],
            id="a previous visit in the month after the letter blocks",
        ),
        pytest.param(
            {"closing": paragraphs("Since the last inspection, in April 2011, much has changed.")},
            [],
            id="a last inspection in the letter's own month is left alone",
        ),
        pytest.param(
            {"closing": paragraphs("Since the last inspection, leaders have a plan until 2015.")},
            [],
            id="a plan for years to come is left alone",
        ),
        pytest.param(
            {"closing": paragraphs("Training ended on 01/02/2011.")},
            [("date-unclear", "closing/1", "warns")],
            id="a month in figures is worth a look",
        ),
        pytest.param(
            an_opening("8 and 9 March"),
            [("date-unclear", "opening/1", "warns")],
            id="inspection days without a year are worth a look",
        ),
        pytest.param(
            {"closing": paragraphs("Send the plan by 30 June.")},
            [],
            id="a deadline may go without its year",
        ),
        pytest.param(
            an_opening("Tuesday 8 and Wednesday 9 March 2011"), [], id="weekdays that are right"
        ),
        pytest.param(
            an_opening("Tuesday 8 and Thursday 9 March 2011"),
            [("weekday-wrong", "opening/1", "warns")],
            id="a weekday that is wrong is worth a look",
        ),
        pytest.param(
            {"closing": paragraphs("We come on Monday 6 June. We met on Monday 6 December.")},
            [],
            id="a weekday without its year is of the year that is nearest",
        ),
        pytest.param(
            {"closing": paragraphs("We come on Tuesday 6 June.")},
            [("weekday-wrong", "closing/1", "warns")],
            id="a weekday without its year can be wrong",
        ),
        pytest.param(
            {"closing": paragraphs("They meet on Mondays, and had 9 children on Friday.")},
            [],
            id="a weekday without a day is left alone",
        ),
    ],
)
def test_dates(changes, expected):
    assert told(problems_of(a_letter(**changes))) == expected


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param(an_opening("8 March 2010 to 9 March 2011"), "8 March 2010 to 9 March 2011"),
        pytest.param(an_opening("Friday 8 and Wednesday 9 March 2011"), "Friday 8"),
        pytest.param({"closing": paragraphs("As in the last visit of May 2012.")}, "May 2012"),
        pytest.param({"closing": paragraphs("It was on 6 November 20205.")}, "6 November 20205"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_words_at_fault_are_pointed_at(changes, words):
    letter = a_letter(**changes)
    (problem,) = problems_of(letter)
    assert letter.texts_at(problem.place)[problem.start : problem.end] == words


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"date": date(2011, 3, 8)},
            "The letter is dated 8 March 2011, before the inspection ended on 9 March 2011. "
            "Correct one of the two.",
            id="both days",
        ),
        pytest.param(
            {"date": date(2011, 4, 22)},
            "22 April 2011 is a bank holiday (Good Friday). Letters are dated on a working day: "
            "see whether the date is right.",
            id="which bank holiday it is",
        ),
        pytest.param(
            {"date": date(2011, 4, 9)},
            "9 April 2011 is a Saturday. Letters are dated on a working day: see whether the date "
            "is right.",
            id="which day of the weekend it is",
        ),
        pytest.param(
            {"closing": paragraphs("We come on Tuesday 6 June 2011.")},
            "6 June 2011 is a Monday, no Tuesday. Correct the weekday or the day.",
            id="which weekday it is",
        ),
    ],
)
def test_the_message_says(changes, message):
    (problem,) = problems_of(a_letter(**changes))
    assert problem.message == message
