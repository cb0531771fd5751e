"""Letters approved while none may go out: archived, sent afterwards, never with an old date."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy

import pytest

from flows.verification import JUDGES
from letters.canonical import stored_json
from letters.case import CommandRefused, State
from letters.errors import LettersError
from letters.holds import HoldPeriod, date_fits, hold_on
from tasks.archiving.archive import archive
from tasks.archiving.hold_back import hold_back, is_concerned
from tasks.archiving.verify import verify_archive
from tasks.case.case import Case
from tasks.case.record import StepRun
from tasks.drafting.change import STEP, order_withdrawal
from tasks.drafting.draft import draft
from tasks.mailing.notices import notify_office_of_lapse
from tasks.mailing.post import post
from tasks.rendering.pack import prepare, render_approved
from tests.issuing import (
    SHORT_DRAFT,
    a_sample_office,
    as_another_process,
    decide,
    do,
    files_of,
    issue,
    send_out,
    submit,
)

APPROVED_ON = datetime(2011, 4, 4, 9, 0, tzinfo=UTC)
ELECTION = HoldPeriod(name="Local elections", since=date(2011, 3, 28), until=date(2011, 4, 8))


class Calendar:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = APPROVED_ON

    def __call__(self) -> datetime:
        return self.now

    def is_now(self, *day: int) -> None:
        self.now = datetime(*day, 9, 0, tzinfo=UTC)


@pytest.fixture
def calendar():
    return Calendar()


@pytest.fixture
def office(tmp_path, calendar):
    return held_by(a_sample_office(tmp_path, clock=calendar), ELECTION)


def held_by(office, *periods):
    """The office with these periods in its settings."""
    holds = office.settings.holds.model_copy(update={"period": periods})
    settings = office.settings.model_copy(update={"holds": holds})
    return replace(office, settings=settings)


def archived(office):
    """The sample letter, approved and archived; its case."""
    case, revision = submit(office)
    decide(case, revision)
    do("render-letter", case, render_approved, revision)
    do("archive-letter", case, archive, revision)
    return case


def held(case):
    """What the step tells, run once."""
    return do("hold-back-letter", case, hold_back, 1)


def e_mails(case):
    laid_out = {name for name in files_of(case.office) if name.startswith("outbox/")}
    return {name for name in laid_out if "notices" not in name}


def test_a_letter_approved_in_the_period_is_archived_and_not_sent(office):
    case = archived(office)

    told = held(case)

    assert (told.outcome, told.name) == ("held", "Held")
    assert "held until 8 April 2011 (Local elections)" in str(told)
    assert case.state(1) is State.HELD
    with pytest.raises(CommandRefused) as refused:
        do("email-recipient", case, post, 1, case.recipients(1)[0].id)
    assert refused.value.code == "held"
    assert e_mails(case) == set()
    assert verify_archive(office, judges=JUDGES).differences == ()


def test_it_goes_out_when_the_period_has_ended(office, calendar):
    case = archived(office)
    held(case)

    calendar.is_now(2011, 4, 8)
    assert held(case).outcome == "held"
    calendar.is_now(2011, 4, 11)
    assert held(case).outcome == "free"

    assert send_out(case, 1)
    assert case.state(1) is State.ISSUED
    assert verify_archive(office, judges=JUDGES).differences == ()


def test_run_again_it_writes_nothing(office):
    case = archived(office)
    held(case)
    before = files_of(office)

    held(case)

    assert files_of(office) == before


def test_a_letter_whose_date_has_grown_too_old_is_given_back_and_nothing_of_it_is_ever_sent(
    office, calendar
):
    case = archived(office)
    held(case)
    calendar.is_now(2011, 4, 20)

    told = held(case)

    assert (told.outcome, told.name) == ("lapsed", "Returned")
    assert "4 April 2011, no longer fits" in str(told)
    assert case.state(1) is State.RETURNED
    with pytest.raises(CommandRefused) as refused:
        do("email-recipient", case, post, 1, case.recipients(1)[0].id)
    assert refused.value.code == "returned"
    assert held(case).outcome == "lapsed"
    assert e_mails(case) == set()


def test_the_office_is_told_once_that_a_new_date_is_needed(office, calendar):
    case = archived(office)
    held(case)
    do("notify-office-of-lapse", case, notify_office_of_lapse, 1)
    calendar.is_now(2011, 4, 20)
    held(case)

    for _ in range(2):
        do("notify-office-of-lapse", case, notify_office_of_lapse, 1)

    notices = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in (office.root / "outbox" / "notices").glob("*.eml")
    ]
    told = [each for each in notices if "A held letter needs a new date" in each["Subject"]]
    assert len(told) == 1
    said = " ".join(told[0].get_body(("plain",)).get_content().split())
    assert "was held until 8 April 2011 (Local elections). Its date, 4 April 2011," in said
    assert verify_archive(office, judges=JUDGES).differences == ()


def test_with_a_new_date_it_is_signed_anew_and_issued(office, calendar):
    case = archived(office)
    held(case)
    calendar.is_now(2011, 4, 20)
    held(case)

    _, revision = issue(office, SHORT_DRAFT.replace(b"date: 4 April 2011", b"date: 20 April 2011"))

    assert (revision, str(case.letter(2).date), case.letter(2).replaces) == (2, "2011-04-20", None)
    assert [str(case.state(number)) for number in case.revisions()] == ["returned", "issued"]
    assert verify_archive(office, judges=JUDGES).differences == ()
    assert {name.split("/")[1] for name in e_mails(case)} - {"laid"} != set()


def test_a_hold_made_longer_meanwhile_holds_longer(office, calendar, tmp_path):
    case = archived(office)
    held(case)
    calendar.is_now(2011, 4, 11)
    longer = ELECTION.model_copy(update={"until": date(2011, 4, 15)})

    again = Case(held_by(office, longer), case.reference)

    assert held(again).outcome == "held"


def test_what_was_begun_to_be_sent_is_not_held(tmp_path, calendar):
    office = a_sample_office(tmp_path, clock=calendar)
    case = archived(office)
    do("email-recipient", case, post, 1, case.recipients(1)[0].id)

    assert held(Case(held_by(office, ELECTION), case.reference)).outcome == "free"


def test_a_withdrawal_is_not_held(tmp_path, calendar):
    plain = a_sample_office(tmp_path, clock=calendar)
    issue(plain)
    case = Case(held_by(plain, ELECTION), "CRA-WESTMERE-2011-03-08")
    intake = order_withdrawal(StepRun(case, STEP), reason="It was about another")
    _, revision = do("draft-letter", intake, draft)
    do("prepare-pack", case, prepare, revision)
    decide(case, revision)
    do("render-letter", case, render_approved, revision)
    do("archive-letter", case, archive, revision)

    assert do("hold-back-letter", case, hold_back, revision).outcome == "free"


HOLDS = {
    "every letter on its first day": (ELECTION, date(2011, 3, 28), True),
    "every letter on its last day": (ELECTION, date(2011, 4, 8), True),
    "none on the day before": (ELECTION, date(2011, 3, 27), False),
    "none on the day after": (ELECTION, date(2011, 4, 9), False),
    "letters of its kinds": (
        ELECTION.model_copy(update={"kinds": ("annual-review", "unannounced-inspection")}),
        date(2011, 4, 1),
        True,
    ),
    "none of other kinds": (
        ELECTION.model_copy(update={"kinds": ("annual-review",)}),
        date(2011, 4, 1),
        False,
    ),
    "letters to its authorities": (
        ELECTION.model_copy(update={"authorities": ("westmere",)}),
        date(2011, 4, 1),
        True,
    ),
    "none to other authorities": (
        ELECTION.model_copy(update={"authorities": ("northmoor",)}),
        date(2011, 4, 1),
        False,
    ),
}


@pytest.mark.parametrize(("period", "day", "is_held"), HOLDS.values(), ids=HOLDS)
def test_a_period_holds(period, day, is_held):
    found = hold_on([period], day, kind="unannounced-inspection", authority="westmere")

    assert found == (period if is_held else None)


def test_of_two_periods_the_one_that_ends_last_counts():
    longer = ELECTION.model_copy(update={"name": "Mourning", "until": date(2011, 5, 1)})

    assert hold_on([longer, ELECTION], date(2011, 4, 1), kind="x", authority="y") == longer


FITS = {
    "on its own date": (date(2011, 4, 4), date(2011, 4, 4), True),
    "five working days later": (date(2011, 4, 4), date(2011, 4, 11), True),
    "six working days later": (date(2011, 4, 4), date(2011, 4, 12), False),
    "not before its date": (date(2011, 4, 4), date(2011, 4, 1), False),
    "over Easter only working days count": (date(2011, 4, 20), date(2011, 5, 3), True),
}


@pytest.mark.parametrize(("dated", "sent", "fits"), FITS.values(), ids=FITS)
def test_a_date_fits(dated, sent, fits):
    assert date_fits(dated, sent, working_days=5) is fits


def test_a_period_must_not_end_before_it_begins():
    with pytest.raises(ValueError, match=r"ends .* before it begins"):
        HoldPeriod(name="x", since=date(2011, 4, 2), until=date(2011, 4, 1))


def test_of_two_runs_that_see_the_end_of_a_hold_differently_the_first_decides(office, calendar):
    case = archived(office)
    held(case)
    calendar.is_now(2011, 4, 11)
    assert held(case).outcome == "free"

    calendar.is_now(2011, 4, 20)
    assert held(Case(as_another_process(office), case.reference)).outcome == "free"
    assert case.rounds().number == 1


def test_a_lapse_that_was_decided_is_completed_whatever_the_settings_say_then(office, calendar):
    case = archived(office)
    held(case)
    StepRun(case, "hold-back-letter").once_announced(
        "r1/released.json", stored_json({"layout": 1, "outcome": "lapsed"})
    )
    assert case.state(1) is State.HELD

    calendar.is_now(2011, 4, 11)

    assert held(case).outcome == "lapsed"
    assert case.state(1) is State.RETURNED
    assert verify_archive(office, judges=JUDGES).differences == ()


def test_a_letter_dated_after_the_period_is_held_until_its_date(office, calendar):
    case, revision = submit(office, SHORT_DRAFT.replace(b"date: 4 April", b"date: 14 April"))
    decide(case, revision)
    do("render-letter", case, render_approved, revision)
    do("archive-letter", case, archive, revision)
    held(case)

    calendar.is_now(2011, 4, 11)
    assert held(case).outcome == "held"
    calendar.is_now(2011, 4, 14)
    assert held(case).outcome == "free"


def test_taking_the_hold_away_by_hand_sends_nothing(office, calendar):
    case = archived(office)
    held(case)
    (office.root / "archive" / case.key("r1/held.json")).unlink()
    calendar.is_now(2011, 4, 20)

    assert is_concerned(case, 1)
    with pytest.raises(LettersError) as refused:
        held(case)
    assert refused.value.code == "object-missing"
