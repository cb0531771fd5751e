"""What offices elsewhere were reported to have done: here it can't happen, or is told.

An uncorrected draft was published and the corrected one deleted. A deadline was counted
from a letter's date though it was sent later. The same text stood in 78 reports. Nobody
was told of a signer's refusal. An approval that timed out counted as approval.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from letters.case import CommandRefused, State
from letters.deadline import accepted_at, deadline_of
from letters.letter import Authority
from letters.recipient import send_id
from letters.signoff import Decision
from tasks.drafting.draft import compose_draft
from tasks.rendering.pack import render_approved
from tasks.signoff.decide import decisions_on
from tests.issuing import (
    SHORT_DRAFT,
    a_sample_office,
    decide,
    do,
    in_other_words,
    issue,
    send_out,
    submit,
)
from tests.offices import TickingClock

CORRECTED = in_other_words()


def test_of_a_draft_and_its_correction_the_corrected_one_goes_out_and_both_are_kept(tmp_path):
    office = a_sample_office(tmp_path)
    case, uncorrected = submit(office, SHORT_DRAFT)
    _, corrected = submit(office, CORRECTED)

    decide(case, uncorrected)
    with pytest.raises(CommandRefused):
        send_out(case, uncorrected)
    decide(case, corrected)
    send_out(case, corrected)

    sent = [
        message_from_bytes(path.read_bytes(), policy=policy.default)["X-Case-Revision"]
        for path in office.outbox_folder.glob("*.eml")
    ]
    assert {case.state(uncorrected), case.state(corrected)} == {State.SUPERSEDED, State.ISSUED}
    assert case.get(f"r{uncorrected}/draft/original.md") == SHORT_DRAFT
    assert case.get(f"r{corrected}/draft/original.md") == CORRECTED
    assert sent == [str(corrected)] * len(case.recipients(corrected))


def test_a_letter_dated_in_time_and_sent_late_is_late(tmp_path):
    """20 working days after 9 March 2011 are up on 6 April: it is dated the 4th, sent in May."""
    office = a_sample_office(tmp_path, clock=TickingClock(datetime(2011, 5, 3, 9, tzinfo=UTC)))
    case, revision = issue(office)
    letter = case.letter(revision)
    deadline = deadline_of(letter, office.kinds[letter.kind])
    accepted = [
        accepted_at(case.attempts(revision, send_id(case.reference, revision, each.email)))
        for each in case.recipients(revision)
    ]

    assert letter.date <= deadline.due_on < date(2011, 5, 3)
    assert deadline.working_days_taken(accepted) > deadline.working_days


def test_the_text_of_another_authoritys_letter_is_told(tmp_path):
    office = a_sample_office(tmp_path)
    issue(office)
    (westmere,) = office.register.authorities
    northmoor = Authority(code="northmoor", name="Northmoor County Council", short_name="Northmoor")
    contacts = tuple(
        contact.model_copy(update={"authority": "northmoor"})
        for contact in office.register.contacts
    )
    register = office.register.model_copy(
        update={"authorities": (westmere, northmoor), "contacts": contacts}
    )
    other = (
        SHORT_DRAFT.replace(b"authority: westmere", b"authority: northmoor")
        .replace(b"Westmere Borough", b"Northmoor County")
        .replace(b"Westmere", b"Northmoor")
    )

    told = compose_draft(replace(office, register=register), other, "original.md").problems

    assert "text-of-another-letter" in {problem.code for problem in told}


def test_the_office_is_told_of_a_refusal_with_what_the_inspector_said(tmp_path):
    office = a_sample_office(tmp_path)
    case, _ = issue(office, decision=Decision.RETURN)

    notices = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in (office.root / "outbox" / "notices").glob("*.eml")
    ]
    told = [each for each in notices if "A letter was returned" in each["Subject"]]
    assert [each["To"].addresses[0].addr_spec for each in told] == [
        office.settings.mail.office_address
    ]
    assert "Say which files were read." in told[0].get_body(("plain",)).get_content()
    assert case.state(1) is State.RETURNED


def test_a_letter_that_waits_for_years_is_never_approved_by_waiting(tmp_path):
    clock = TickingClock()
    office = a_sample_office(tmp_path, clock=clock)
    case, revision = submit(office)

    clock.advance(timedelta(days=3 * 365).total_seconds())
    submit(office)

    assert case.state(revision) is State.AWAITING_SIGN_OFF
    assert decisions_on(case, revision).decision is None
    with pytest.raises(CommandRefused) as refused:
        do("render-letter", case, render_approved, revision)
    assert refused.value.code == "not-signed"
