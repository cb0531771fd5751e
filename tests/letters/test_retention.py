"""Retention: which day is which class's, and what the papers of a disposal must be."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from letters.canonical import sha256_hex, stored_json
from letters.disposal import Certificate, Disposal, Keeping, Named, due_days, is_same_user
from letters.kind import Retention

AT = "2041-04-05T09:00:00.001Z"


def a_disposal(**overrides):
    """A proposal to let a letter's working papers go."""
    fields = {
        "number": 3,
        "of": "CRA-WESTMERE-2011-03-08",
        "keeping": Keeping.WORKING,
        "since": date(2011, 3, 14),
        "due_on": date(2013, 3, 15),
        "closing": sha256_hex(b"closed"),
        "objects": (Named(key="cases/a", sha256=sha256_hex(b"a")),),
        "why": "Our retention schedule",
        "proposed_by": "anna@desk-3",
        "proposed_at": AT,
    }
    return Disposal(**fields | overrides)


def a_certificate(**overrides):
    """Its approval by somebody else."""
    fields = {
        "proposal": a_disposal(),
        "emails": (),
        "why": "Seen",
        "approved_by": "bert@desk-3",
        "approved_at": AT,
    }
    return Certificate(**fields | overrides)


@pytest.mark.parametrize(
    ("since", "years", "expected"),
    [
        pytest.param(date(2011, 3, 14), 2, date(2013, 3, 15), id="the day after the anniversary"),
        pytest.param(date(2011, 3, 14), 0, date(2011, 3, 15), id="the next day for no years"),
        pytest.param(date(2012, 2, 29), 2, date(2014, 3, 2), id="a leap day counts as 1 March"),
        pytest.param(date(2012, 2, 29), 4, date(2016, 3, 1), id="a leap day to a leap day"),
        pytest.param(date(2011, 12, 31), 1, date(2013, 1, 1), id="over the end of a year"),
    ],
)
def test_a_class_may_go_on_the_day_after_its_last_year(since, years, expected):
    kept = Retention(working_years=years, contacts_years=0, record_years=0)

    assert due_days(kept, since)[Keeping.WORKING] == expected


@given(
    st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)),
    st.tuples(*[st.integers(0, 100)] * 3),
)
def test_nothing_outlasts_the_record_and_each_waits_its_years(since, years):
    record, working, contacts = years
    days = due_days(
        Retention(record_years=record, working_years=working, contacts_years=contacts), since
    )

    assert days[Keeping.RECORD] == max(days.values())
    assert {
        Keeping.WORKING: days[Keeping.WORKING].year - since.year in (working, working + 1),
        Keeping.CONTACTS: days[Keeping.CONTACTS].year - since.year in (contacts, contacts + 1),
        Keeping.RECORD: days[Keeping.RECORD].year - since.year in (max(years), max(years) + 1),
    } == dict.fromkeys(Keeping, True)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("anna@a", "anna@a", True, id="one actor"),
        pytest.param("anna@a", "anna@b", True, id="one user on two machines"),
        pytest.param("Anna@a", "anna@b", True, id="whatever the case"),
        pytest.param("anna@a", "bert@a", False, id="two users of a machine"),
        pytest.param("anna@council@a", "anna@police@a", False, id="users named with a directory"),
        pytest.param("anna", "anna@a", True, id="an actor without a machine"),
    ],
)
def test_who_is_the_same_user(one, other, expected):
    assert is_same_user(one, other) is expected


def test_a_certificate_of_one_user_can_not_be_made():
    with pytest.raises(ValidationError, match="one user both proposed and approved it"):
        a_certificate(approved_by="anna@desk-9")


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"number": 0}, id="no number"),
        pytest.param({"objects": ()}, id="nothing to remove"),
        pytest.param({"of": "../ledger"}, id="neither a letter nor a draft"),
        pytest.param({"why": ""}, id="no reason"),
        pytest.param({"keeping": "audit"}, id="no such class"),
        pytest.param({"proposed_at": "2041"}, id="no moment"),
    ],
)
def test_a_proposal_that_says_too_little_can_not_be_made(fields):
    with pytest.raises(ValidationError):
        a_disposal(**fields)


@pytest.mark.parametrize("paper", [a_disposal(), a_certificate()], ids=["proposal", "certificate"])
def test_papers_are_read_back_as_they_were_written(paper):
    data = paper.to_bytes()

    assert type(paper).model_validate_json(data) == paper
    assert stored_json(paper.model_dump(mode="json")) == data


def test_a_certificate_says_in_short_what_went_when():
    assert a_certificate().told == "working papers disposed on 2041-04-05, certificate 3"
