"""A year of letters in figures: days counted, lateness told, and nothing guessed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.year import (
    AsOf,
    DamagedRow,
    DecisionRow,
    LetterRow,
    Spread,
    StepRow,
    YearAudit,
    figures_of,
    spread,
)

WEDNESDAY = date(2011, 3, 9)
"""The last day of the inspection, in winter time."""


def at(day, hour=9, minute=0):
    return f"{day}T{hour:02}:{minute:02}:00.000Z"


def a_row(**changes):
    """A letter that was issued on the third working day after its inspection."""
    fields = {
        "reference": "CRA-WESTMERE-2011-03-08",
        "authority": "Westmere Borough Council",
        "kind": "unannounced-inspection",
        "is_sample": False,
        "state": "issued",
        "rounds": 1,
        "revision": 1,
        "inspected_until": WEDNESDAY,
        "drafted_at": at("2011-03-10"),
        "packed_at": at("2011-03-10"),
        "sign_offs": (),
        "signed_at": at("2011-03-11"),
        "archived_at": at("2011-03-14"),
        "first_accepted_at": at("2011-03-14"),
        "last_accepted_at": at("2011-03-14"),
        "issued_at": at("2011-03-14"),
        "deadline_working_days": 20,
        **dict.fromkeys(("returns", "overrides", "clearances", "retries", "settlements"), 0),
        **dict.fromkeys(("in_doubt", "refused", "bounced", "replacements"), 0),
        "recipients": 2,
        "attempts": 2,
        "case_head": f"94:{'0' * 64}",
    }
    return LetterRow(**fields | changes)


def a_decision(what, **changes):
    fields = {"reference": "CRA-WESTMERE-2011-03-08", "revision": 1, "what": what, "who": "Anna"}
    return DecisionRow(**fields | {"at": at("2011-03-11")} | changes)


@pytest.mark.parametrize(
    ("moment", "days"),
    [
        pytest.param(at("2011-03-09"), 0, id="on the last inspection day"),
        pytest.param(at("2011-03-10"), 1, id="on the day after"),
        pytest.param(at("2011-03-14"), 3, id="on Monday, the weekend apart"),
        pytest.param(at("2011-04-06"), 20, id="twenty working days later"),
        pytest.param(at("2011-04-06", 22, 59), 20, id="a minute before midnight in London"),
        pytest.param(at("2011-04-06", 23, 0), 21, id="at midnight in London, in summer time"),
    ],
)
def test_days_are_working_days_of_the_office(moment, days):
    row = a_row(signed_at=moment, last_accepted_at=moment)

    assert (row.days_to_signature, row.days_to_acceptance) == (days, days)


@pytest.mark.parametrize(
    ("changes", "as_of", "told"),
    [
        pytest.param({}, at("2011-03-14"), "in time", id="all copies were accepted in time"),
        pytest.param(
            {"last_accepted_at": at("2011-04-06")}, None, "in time", id="on the last day of it"
        ),
        pytest.param(
            {"last_accepted_at": at("2011-04-07")}, None, "late", id="the last copy was a day late"
        ),
        pytest.param(
            {"last_accepted_at": None},
            at("2011-04-06"),
            "open",
            id="a copy isn't out, and has time",
        ),
        pytest.param(
            {"last_accepted_at": None}, at("2011-04-07"), "overdue", id="a copy isn't out in time"
        ),
        pytest.param({"last_accepted_at": None}, None, "open", id="nobody knows what day it is"),
        pytest.param({"inspected_until": None}, None, "", id="it tells of no inspection"),
        pytest.param({"deadline_working_days": None}, None, "", id="its kind is known no more"),
    ],
)
def test_whether_a_letter_came_in_time(changes, as_of, told):
    assert a_row(**changes).punctuality(as_of) == told


def test_without_a_moment_or_an_inspection_there_are_no_days():
    assert a_row(signed_at=None).days_to_signature is None
    assert a_row(inspected_until=None).days_to_acceptance is None


def test_the_figures_of_a_year():
    audit = YearAudit(
        year=2011,
        as_of=AsOf(seq=9, head="0" * 64, at=at("2011-05-03")),
        letters=(
            a_row(),
            a_row(last_accepted_at=at("2011-04-11"), rounds=3, in_doubt=1, is_sample=True),
            a_row(state="awaiting-sign-off", signed_at=None, last_accepted_at=None, bounced=2),
        ),
        decisions=(
            a_decision("returned"),
            a_decision("override", code="statutory-basis-unlawful"),
            a_decision("override", code="deadline-passed"),
            a_decision("override", code="deadline-passed"),
        ),
        steps=(
            StepRow(reference="A", step="render-letter", retries=2, failures=2),
            StepRow(reference="B", step="render-letter", retries=1, failures=1),
            StepRow(reference="B", step="archive-letter", retries=0, failures=1),
        ),
        damaged=(DamagedRow(reference="C", code="case-damaged", message="It is gone."),),
    )

    figures = figures_of(audit)

    assert not audit.is_whole
    assert figures.model_dump() == {
        "letters": 3,
        "samples": 1,
        "states": {"awaiting-sign-off": 1, "issued": 2},
        "punctuality": {"in time": 1, "late": 1, "overdue": 1},
        "to_signature": {"letters": 2, "median": 2, "least": 2, "most": 2},
        "to_acceptance": {"letters": 2, "median": 13, "least": 3, "most": 23},
        "rounds": {"letters": 3, "median": 1, "least": 1, "most": 3},
        "decisions": {"override": 3, "returned": 1},
        "overrides": {"deadline-passed": 2, "statutory-basis-unlawful": 1},
        "retries": {"render-letter": 3},
        "failures": {"archive-letter": 1, "render-letter": 3},
        "in_doubt": 1,
        "refused": 0,
        "bounced": 2,
        "damaged": 1,
    }


def test_a_year_without_letters_has_no_medians():
    figures = figures_of(YearAudit(year=2011))

    assert (figures.letters, figures.to_signature, figures.rounds) == (0, None, None)


@given(st.lists(st.none() | st.integers(0, 400)))
def test_a_spread_lies_between_the_least_and_the_most(numbers):
    known = sorted(number for number in numbers if number is not None)

    told = spread(numbers)

    if not known:
        assert told is None
    else:
        assert (told.letters, told.least, told.most) == (len(known), known[0], known[-1])
        assert told.least <= told.median <= told.most
        assert spread(numbers[::-1]) == told


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        pytest.param([18], "18 (18 to 18), of 1 letter", id="of one"),
        pytest.param([9, 18], "13.5 (9 to 18), of 2 letters", id="of two, halfway between"),
    ],
)
def test_a_spread_is_said_in_a_few_words(numbers, said):
    assert str(spread(numbers)) == said
    assert isinstance(spread(numbers), Spread)
