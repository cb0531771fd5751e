"""The deadline: from the last inspection day until the last copy is accepted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.deadline import Deadline, accepted_at, day_of, deadline_of
from letters.delivery import Attempt, Claim, Outcome, Owner, Settlement
from letters.letter import Replacement
from tests.letters.readings import KIND, a_letter, an_opening

WIRRAL = Deadline(date(2010, 7, 21), 20)
"""Inspected on 20 and 21 July 2010; the letter is dated 18 August, the twentieth day."""

days = st.dates(min_value=date(2005, 1, 1), max_value=date(2035, 12, 31))


def test_a_letter_is_due_on_the_last_working_day_that_its_kind_allows():
    letter = a_letter(**an_opening("20 and 21 July 2010"))

    deadline = deadline_of(letter, KIND)

    assert deadline == WIRRAL
    assert deadline.due_on == date(2010, 8, 18)


@pytest.mark.parametrize(
    ("opening", "kind", "replaces"),
    [
        pytest.param("some days in July", {}, None, id="no days to count from"),
        pytest.param(
            "20 and 21 July 2010",
            {"reference_by": "year"},
            None,
            id="a letter a year is counted from no inspection",
        ),
        pytest.param(
            "20 and 21 July 2010",
            {},
            Replacement(
                kind="correction",
                revision=1,
                pack="0" * 64,
                date=date(2010, 8, 18),
                reason="A count was wrong.",
            ),
            id="of a correction its first letter had one",
        ),
    ],
)
def test_letters_without_a_deadline(opening, kind, replaces):
    letter = a_letter(**an_opening(opening)).model_copy(update={"replaces": replaces})

    assert deadline_of(letter, KIND.model_copy(update=kind)) is None


@pytest.mark.parametrize(
    ("today", "left"),
    [
        pytest.param(date(2010, 7, 1), 20, id="before the inspection all of them"),
        pytest.param(date(2010, 7, 21), 20, id="on the last inspection day all of them"),
        pytest.param(date(2010, 7, 22), 19, id="the next day is the first that counts"),
        pytest.param(date(2010, 7, 25), 18, id="a Sunday has as many left as the Friday"),
        pytest.param(date(2010, 8, 17), 1, id="one left the day before"),
        pytest.param(date(2010, 8, 18), 0, id="none left on the day itself"),
        pytest.param(date(2010, 8, 19), -1, id="late by one the day after"),
        pytest.param(date(2010, 8, 31), -8, id="the late summer bank holiday is not counted"),
    ],
)
def test_the_working_days_left(today, left):
    assert WIRRAL.working_days_left(today) == left


@given(days, st.integers(min_value=1, max_value=60))
def test_on_the_day_when_it_is_due_no_day_is_left(last, allowed):
    deadline = Deadline(last, allowed)

    assert deadline.working_days_left(deadline.due_on) == 0
    assert deadline.working_days_left(deadline.due_on - timedelta(days=1)) == 1


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        pytest.param([datetime(2010, 8, 18, 12, tzinfo=UTC)], 20, id="in time"),
        pytest.param(
            [datetime(2010, 8, 20, 9, tzinfo=UTC), datetime(2010, 8, 18, 12, tzinfo=UTC)],
            22,
            id="the last copy counts, whatever its place",
        ),
        pytest.param(
            [datetime(2010, 8, 18, 22, 59, tzinfo=UTC)], 20, id="a minute before midnight in London"
        ),
        pytest.param(
            [datetime(2010, 8, 18, 23, 0, tzinfo=UTC)], 21, id="midnight in London, an hour before"
        ),
    ],
)
def test_the_working_days_taken(accepted, taken):
    assert WIRRAL.working_days_taken(accepted) == taken


def test_without_a_copy_no_days_are_taken():
    with pytest.raises(ValueError, match="empty"):
        WIRRAL.working_days_taken([])


def test_a_moment_without_a_zone_falls_on_no_day():
    with pytest.raises(ValueError, match="no time zone"):
        day_of(datetime(2010, 8, 18, 12))  # noqa: DTZ001 - that is what is refused


SEND_ID = "0" * 32


def an_attempt(result=None, settled_as=None, *, number=1, hour=9):
    told = {"send_id": SEND_ID, "attempt": number}
    moment = f"2010-08-18T{hour:02}:{{}}:00.000Z".format
    return Attempt(
        claim=Claim(
            **told,
            at=moment("00"),
            expires_at=moment("05"),
            owner=Owner(host="desk", pid=1, started=""),
            nonce="0" * 32,
            message_sha256="0" * 64,
            case_head="1:0",
        ),
        outcome=Outcome(**told, result=result, provider="fake", at=moment("01"))
        if result
        else None,
        settlement=Settlement(**told, ends_as=settled_as, why="", actor="x", at=moment("30"))
        if settled_as
        else None,
    )


@pytest.mark.parametrize(
    ("attempts", "at"),
    [
        pytest.param([], None, id="nothing was sent"),
        pytest.param([an_attempt()], None, id="a request is under way"),
        pytest.param([an_attempt("accepted")], "09:01", id="the provider accepted it"),
        pytest.param([an_attempt("unknown")], None, id="nobody knows"),
        pytest.param([an_attempt("refused")], None, id="it was refused"),
        pytest.param([an_attempt("unknown", "sent")], "09:00", id="settled as sent: by its claim"),
        pytest.param(
            [an_attempt("unknown", "accepted")], "09:00", id="settled by evidence: by its claim"
        ),
        pytest.param(
            [an_attempt("unknown", "resend"), an_attempt("accepted", number=2, hour=11)],
            "11:01",
            id="sent again: the later attempt",
        ),
        pytest.param(
            [an_attempt("accepted"), an_attempt("accepted", number=2, hour=11)],
            "09:01",
            id="sent twice: the first counts",
        ),
    ],
)
def test_when_a_copy_was_accepted(attempts, at):
    told = accepted_at(attempts)

    assert (None if told is None else f"{told:%H:%M}") == at
