"""A letter of several signatories on a real Prefect server: it goes on when the last has signed."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.office import open_office
from flows.verification import verify_office
from letters.case import State
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.intake import take_in
from tasks.case.office import Office
from tasks.signoff.inspectors import keys_of, revoke
from tasks.signoff.signing import sign_as_sample
from tests.issuing import (
    COLLEAGUE,
    JOINT_DRAFT,
    REFERENCE,
    SAMPLE_DRAFT,
    SAMPLE_OFFICE,
    SIGNATORY,
    a_sample_office,
    signed_by_also,
    submit,
)
from tests.offices import TickingClock

pytestmark = pytest.mark.slow

DRAFT = signed_by_also(SAMPLE_DRAFT, "Tobias Reyne")
ONE_OF_TWO = "1 of 2 have signed: Harriet Elmsley; waiting for Tobias Reyne"


@pytest.fixture
def office(tmp_path, monkeypatch, engine) -> Office:
    shutil.copytree(SAMPLE_OFFICE, tmp_path / "register")
    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("LETTERS_REGISTER", str(tmp_path / "register"))
    return open_office()


def run(office: Office) -> tuple[str, str]:
    """Take the draft as far as it goes; return how the run ended and what it said."""
    from flows.issue_letter import run_once

    return run_once(take_in(office, DRAFT, "md").draft_sha256)


def sign(
    office: Office, by: str, decision: Decision = Decision.APPROVE, comments: str = ""
) -> None:
    case = Case(office, REFERENCE)
    sign_as_sample(case, 1, inspector_id=by, decision=decision, comments=comments)


def emails(office: Office) -> int:
    return len(list(office.outbox_folder.glob("*.eml")))


def test_a_letter_of_two_waits_for_each_and_is_then_issued(office):
    assert run(office) == (
        "AwaitingSignOff",
        f"{REFERENCE} r1 waits: 0 of 2 have signed; waiting for Harriet Elmsley and Tobias Reyne.",
    )

    sign(office, SIGNATORY)
    assert run(office) == ("AwaitingSignOff", f"{REFERENCE} r1 waits: {ONE_OF_TWO}.")
    assert emails(office) == 0

    sign(office, COLLEAGUE)
    assert run(office)[0] == "Issued"
    assert emails(office) == 5
    assert Case(office, REFERENCE).state(1) is State.ISSUED
    assert verify_office(office).is_clean
    assert run(office)[1].endswith("was issued before; nothing was sent now")


def test_a_letter_that_one_of_two_returns_ends_returned_and_goes_to_nobody(office):
    run(office)
    sign(office, SIGNATORY)
    sign(office, COLLEAGUE, Decision.RETURN, "Recount.")

    assert run(office)[0] == "Returned"

    assert emails(office) == 0
    told = [
        e.detail["notice"] for e in Case(office, REFERENCE).chain.entries() if e.event == "notified"
    ]
    assert told == ["waiting", "waiting", "returned"]
    assert verify_office(office).is_clean


def test_a_key_of_one_of_two_that_is_revoked_before_sending_stops_the_letter(office):
    run(office)
    sign(office, COLLEAGUE)
    (key,) = keys_of(office, COLLEAGUE)
    revoke(office, COLLEAGUE, key.enrolment.credential_id, why="It was left on a train.")
    sign(office, SIGNATORY)

    assert run(office) == ("AwaitingSignOff", f"{REFERENCE} r1 waits for its inspector.")
    assert emails(office) == 0
    (office.keys_folder / f"{COLLEAGUE}.pem").unlink()
    sign(office, COLLEAGUE)
    assert run(office)[0] == "Issued"
    assert verify_office(office).is_clean


# What is found by housekeeping.


@pytest.fixture
def later(tmp_path, monkeypatch, engine) -> Office:
    """An office in which it is an hour later than in Prefect: what ended there is settled."""
    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("LETTERS_REGISTER", str(SAMPLE_OFFICE))
    clock = TickingClock(datetime.now(UTC) + timedelta(hours=1))
    return a_sample_office(tmp_path / "office", clock=clock)


def keep_house(office: Office) -> Any:
    from flows.housekeeping import keep_house

    return keep_house(office)


def test_a_letter_that_waits_for_the_second_is_neither_stranded_nor_resumed(later):
    case, _ = submit(later, JOINT_DRAFT)
    sign(later, SIGNATORY)
    later.clock.advance(600)

    report = keep_house(later)

    assert (report.letters_stranded, report.letters_frozen, report.troubles) == ((), (), ())
    sign(later, COLLEAGUE)
    later.clock.advance(600)
    assert len(keep_house(later).letters_stranded) == 1
    assert case.state(1) is State.SIGNED


def test_a_frozen_approval_is_told_with_whom_the_letter_still_waits_for(later):
    submit(later, JOINT_DRAFT)
    sign(later, SIGNATORY)
    (key,) = keys_of(later, SIGNATORY)
    revoke(later, SIGNATORY, key.enrolment.credential_id, why="It was left on a train.")
    later.clock.advance(600)

    first, again = keep_house(later), keep_house(later)

    (line,) = first.letters_frozen
    assert line == (
        f"{REFERENCE} r1: frozen, since the key with which Harriet Elmsley approved it was revoked."
        f" Have it confirmed with another key: `letters sign {REFERENCE}` prints the link."
        f" {ONE_OF_TWO}."
    )
    assert (first.office_told, again.office_told) == ((f"{REFERENCE} r1: frozen",), ())
