"""Reminders and escalations: who is told after how many working days, and once."""

from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from letters.signoff import Decision
from tasks.signoff.delegations import delegate
from tasks.signoff.signing import sign_as_sample
from tests.issuing import (
    COLLEAGUE,
    JOINT_DRAFT,
    REFERENCE,
    SIGNATORY,
    a_sample_office,
    decide,
    in_other_words,
    submit,
)
from tests.offices import TickingClock, some_settings

MONDAY = datetime(2011, 4, 4, 9, 0, tzinfo=UTC)
"""The day of the sample letter; the deadline is Wednesday the 6th."""


@pytest.fixture(scope="module")
def reminding(engine):
    """The module under test; Prefect reads its settings when it is first imported."""
    from flows import remind

    return remind


@pytest.fixture
def office(tmp_path):
    settings = some_settings(
        tmp_path, reminders={"after_working_days": 3, "escalate_after_working_days": 6}
    )
    return a_sample_office(tmp_path, settings=settings, clock=TickingClock(MONDAY))


def at(office, day, hour=8):
    """Move the clock to the morning of a day."""
    wanted = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    office.clock.advance((wanted - office.clock()).total_seconds())


def notices(office):
    """Who was told what, the waiting apart, as often as a notice lies there."""
    found = [
        message_from_bytes(path.read_bytes(), policy=default)
        for path in office.notices.folder.glob("*.eml")
    ]
    told = [(str(one["To"]).partition(" <")[0], str(one["Subject"])) for one in found]
    return sorted(
        (who, "reminder" if "reminder" in about else "escalated")
        for who, about in told
        if "reminder" in about or "waited long" in about
    )


OFFICE = "Inspectorate of Children’s Services"
REMINDED = [("Harriet Elmsley", "reminder")]
ESCALATED = [("Harriet Elmsley", "reminder"), (OFFICE, "escalated")]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        pytest.param(date(2011, 4, 4), [], id="on the day on which it was packed nobody is told"),
        pytest.param(date(2011, 4, 6), [], id="after two working days nobody is told"),
        pytest.param(date(2011, 4, 7), REMINDED, id="after three the signatory is reminded"),
        pytest.param(date(2011, 4, 11), REMINDED, id="a weekend doesn't count"),
        pytest.param(date(2011, 4, 12), ESCALATED, id="after six the office is told, too"),
    ],
)
def test_who_is_told_after_working_days(reminding, office, today, expected):
    submit(office)
    at(office, today)

    report = reminding.remind_of_waiting(office)

    assert report.troubles == ()
    assert report.waiting == 1
    assert notices(office) == expected
    assert len(report.told) == bool(expected)


def test_each_is_told_once(reminding, office):
    case, _ = submit(office)
    for day in (7, 8, 12):
        at(office, date(2011, 4, day))
        reminding.remind_of_waiting(office)
    head = case.chain.head()

    at(office, date(2011, 4, 19))
    report = reminding.remind_of_waiting(office)

    assert report.told == ()
    assert notices(office) == ESCALATED
    assert case.chain.head() == head


def test_another_revision_is_waited_for_anew(reminding, office):
    submit(office)
    at(office, date(2011, 4, 7))
    reminding.remind_of_waiting(office)
    submit(office, in_other_words())

    reminding.remind_of_waiting(office)
    assert notices(office) == REMINDED

    at(office, date(2011, 4, 12))
    report = reminding.remind_of_waiting(office)
    assert notices(office) == REMINDED * 2
    assert report.told == (
        f"{REFERENCE} r2: it has waited for 3 working days, since 7 April 2011."
        " Its deadline was 6 April 2011: 4 working days ago.",
    )


def test_a_delegate_is_asked_when_it_is_escalated_and_not_before(reminding, office):
    submit(office)
    first, last = date(2011, 4, 4), date(2011, 4, 30)
    delegate(office, signatory=SIGNATORY, delegate=COLLEAGUE, first_day=first, last_day=last)

    at(office, date(2011, 4, 7))
    reminding.remind_of_waiting(office)
    assert notices(office) == REMINDED

    at(office, date(2011, 4, 12))
    reminding.remind_of_waiting(office)
    assert notices(office) == [*ESCALATED, ("Tobias Reyne", "escalated")]


def test_a_delegate_whose_days_are_over_is_not_asked(reminding, office):
    submit(office)
    day = date(2011, 4, 4)
    delegate(office, signatory=SIGNATORY, delegate=COLLEAGUE, first_day=day, last_day=day)
    at(office, date(2011, 4, 12))

    reminding.remind_of_waiting(office)

    assert notices(office) == ESCALATED


def test_of_several_signatories_those_are_reminded_who_have_not_signed(reminding, office):
    case, _ = submit(office, JOINT_DRAFT)
    sign_as_sample(case, 1, inspector_id=SIGNATORY, decision=Decision.APPROVE, comments="")
    at(office, date(2011, 4, 12))

    reminding.remind_of_waiting(office)

    assert notices(office) == [(OFFICE, "escalated"), ("Tobias Reyne", "reminder")]


@pytest.mark.parametrize("decision", Decision)
def test_nobody_is_reminded_of_what_is_decided(reminding, office, decision):
    case, revision = submit(office)
    decide(case, revision, decision)
    at(office, date(2011, 4, 12))

    report = reminding.remind_of_waiting(office)

    assert (report.waiting, report.told, notices(office)) == (0, (), [])


def test_one_letter_that_can_t_be_read_keeps_no_other_waiting(reminding, office, monkeypatch):
    submit(office)
    at(office, date(2011, 4, 7))
    open_references = reminding.open_references
    monkeypatch.setattr(
        reminding, "open_references", lambda office: ["none", *open_references(office)]
    )

    report = reminding.remind_of_waiting(office)

    assert len(report.troubles) == 1
    assert notices(office) == REMINDED
