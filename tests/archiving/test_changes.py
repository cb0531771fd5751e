"""An issued letter is corrected or withdrawn: signed anew, sent to all, and never touched."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from flows.verification import JUDGES
from letters.canonical import stored_json
from letters.case import CommandRefused, State
from letters.change import ChangeKind
from letters.delivery import DeliveryState
from letters.errors import UsageError
from letters.recipient import Recipient
from letters.signoff import Decision
from tasks.archiving.archive import archive
from tasks.archiving.verify import verify_archive
from tasks.case.case import Case
from tasks.case.change_orders import order
from tasks.case.intake import take_in
from tasks.case.ledger import is_finished
from tasks.case.open_letters import open_references
from tasks.case.record import StepRun
from tasks.drafting.change import STEP, order_correction, order_withdrawal
from tasks.drafting.draft import Blocked, compose_draft, draft
from tasks.drafting.submitted import draft_of
from tasks.mailing.post import post
from tasks.rendering.pack import prepare, render_approved
from tasks.signoff.signing import sign_as_sample
from tests.issuing import (
    REFERENCE,
    SAMPLE_DRAFT,
    SHORT_DRAFT,
    SIGNATORY,
    a_sample_office,
    decide,
    do,
    files_of,
    in_other_words,
    issue,
    send_out,
    submit,
)

REASON = "The number of cases reviewed was wrong"
CORRECTED = in_other_words()
CORRECTED_AGAIN = CORRECTED.replace(b"We ask you to", b"Please do")


@pytest.fixture
def issued(tmp_path):
    """An office that has issued the sample letter; its case."""
    case, _ = issue(a_sample_office(tmp_path))
    return case


def ordered(case, data=CORRECTED, reason=REASON):
    """Order the correction of a letter; return the draft's intake."""
    intake = take_in(case.office, data, "md")
    composition = compose_draft(case.office, data, "original.md")
    order_correction(StepRun(case, STEP), intake, composition.letter, reason=reason)
    return intake


def packed(intake):
    """Take what replaces a letter to its pack; return its revision."""
    drafted = do("draft-letter", intake, draft)
    assert not isinstance(drafted, Blocked), str(drafted)
    case = Case(intake.office, drafted.reference)
    do("prepare-pack", case, prepare, drafted.revision)
    return drafted.revision


def sent(case, intake):
    """Take what replaces a letter to its end; return its revision."""
    revision = packed(intake)
    decide(case, revision)
    assert send_out(case, revision)
    return revision


def report_on(office):
    return verify_archive(office, judges=JUDGES)


def facts_of(letter):
    """What the letter's facts are and the words that say them."""
    texts = dict(letter.passages())
    return [
        (fact.kind, fact.value, texts[fact.place][fact.start : fact.end]) for fact in letter.facts
    ]


def states(case):
    return [str(case.state(revision)) for revision in case.revisions()]


def test_a_corrected_letter_says_first_what_it_replaces_and_why(issued):
    revision = sent(issued, ordered(issued))

    letter, before = issued.letter(revision), issued.letter(1)
    assert letter.opening[0].text == (
        "This letter corrects and replaces our letter of 4 April 2011, which should no longer be"
        " used. Reason for the correction: The number of cases reviewed was wrong."
    )
    assert len(letter.opening) == len(before.opening) + 1
    assert letter.replaces.model_dump(mode="json") == {
        "kind": "correction",
        "revision": 1,
        "pack": issued.pack(1).sha256,
        "date": "2011-04-04",
        "reason": "The number of cases reviewed was wrong.",
    }
    assert facts_of(letter) == facts_of(before)


def test_the_letter_that_was_issued_stays_as_it_was_to_the_byte(issued):
    before = {
        name: data
        for name, data in files_of(issued.office).items()
        if name.startswith("archive/cases")
    }

    sent(issued, ordered(issued))

    after = files_of(issued.office)
    assert {name: after[name] for name in before} == before
    assert states(issued) == ["corrected", "issued"]


def test_until_the_correction_is_archived_the_issued_letter_holds(issued):
    seen = [states(issued)]
    intake = ordered(issued)
    seen.append(states(issued))
    revision = packed(intake)
    seen.append(states(issued))
    decide(issued, revision)
    seen.append(states(issued))
    assert issued.rounds().in_force().revision == 1
    send_out(issued, revision)

    assert seen == [["issued"], ["issued"], ["issued", "awaiting-sign-off"], ["issued", "signed"]]
    assert issued.rounds().in_force().revision == 2


def test_everything_in_a_corrected_case_verifies(issued):
    sent(issued, ordered(issued))

    report = report_on(issued.office)

    assert [str(each) for each in report.differences] == []
    assert issued.closed()["revision"] == 2
    assert issued.closing_of(1)["revision"] == 1
    assert (is_finished(issued, 1), is_finished(issued, 2)) == (True, True)


def test_a_letter_is_open_while_it_is_being_changed(issued):
    office = issued.office
    seen = [open_references(office)]
    intake = ordered(issued)
    seen.append(open_references(office))
    sent(issued, intake)
    seen.append(open_references(office))

    assert seen == [[], [REFERENCE], []]


def test_whoever_had_the_letter_gets_the_correction_even_if_they_are_no_longer_named(tmp_path):
    case, _ = issue(a_sample_office(tmp_path), SAMPLE_DRAFT)
    before = {each.email for each in case.recipients(1)}

    revision = sent(case, ordered(case, CORRECTED))

    after = {each.email: each for each in case.recipients(revision)}
    assert set(after) == before
    dropped = [each for each in after.values() if each.id.endswith("-r1")]
    assert len(dropped) == len(before) - 2
    emails = json.loads(case.get(f"r{revision}/emails/{dropped[0].id}.json"))
    assert "You were sent our letter named below." in emails["text"]
    assert emails["subject"].startswith("SAMPLE: Correction: ")
    assert states(case) == ["corrected", "issued"]
    assert report_on(case.office).differences == ()


def test_who_never_got_the_letter_and_is_no_longer_named_gets_no_correction(tmp_path, monkeypatch):
    case, _ = issue(a_sample_office(tmp_path), SAMPLE_DRAFT)
    refused = case.recipients(1)[-1]
    told = Case.delivery_state
    monkeypatch.setattr(
        Case,
        "delivery_state",
        lambda self, revision, recipient: (
            DeliveryState.REFUSED
            if (revision, recipient.email) == (1, refused.email)
            else told(self, revision, recipient)
        ),
    )

    revision = packed(ordered(case, CORRECTED))

    assert refused.email not in {each.email for each in case.recipients(revision)}


def test_a_new_holder_of_a_post_and_the_former_one_both_get_the_correction(issued):
    office = issued.office
    former = issued.recipients(1)[0]
    register = office.register
    contacts = tuple(
        contact.model_copy(update={"email": "new.director@westmere.example"})
        if contact.email == former.email
        else contact
        for contact in register.contacts
    )
    case = Case(
        replace(office, register=register.model_copy(update={"contacts": contacts})), REFERENCE
    )

    revision = sent(case, ordered(case))

    addresses = [each.email for each in case.recipients(revision)]
    assert addresses[0] == "new.director@westmere.example"
    assert former.email in addresses


def test_a_letter_is_withdrawn_by_a_signed_notice_to_all_who_had_it(tmp_path):
    case, _ = issue(a_sample_office(tmp_path), SAMPLE_DRAFT)

    revision = sent(case, order_withdrawal(StepRun(case, STEP), reason=REASON))

    letter = case.letter(revision)
    assert letter.subject.startswith("Withdrawal of our letter of 4 April 2011: ")
    assert [passage.text for passage in letter.opening][-1] == (
        "Reason for the withdrawal: The number of cases reviewed was wrong."
    )
    assert letter.sections == ()
    assert {each.email for each in case.recipients(revision)} == {
        each.email for each in case.recipients(1)
    }
    assert states(case) == ["withdrawn", "issued"]
    assert report_on(case.office).differences == ()


def test_a_withdrawal_ordered_twice_is_one(issued):
    once = order_withdrawal(StepRun(issued, STEP), reason=REASON)
    again = order_withdrawal(StepRun(issued, STEP), reason=f"{REASON}.")

    assert once.draft_sha256 == again.draft_sha256
    assert list(issued.rounds().changes) == [2]


def test_a_correction_is_corrected_and_then_withdrawn(issued):
    second = sent(issued, ordered(issued))
    third = sent(issued, ordered(issued, CORRECTED_AGAIN, "Again wrong"))
    fourth = sent(issued, order_withdrawal(StepRun(issued, STEP), reason="It was about another"))

    assert (second, third, fourth) == (2, 3, 4)
    assert states(issued) == ["corrected", "corrected", "withdrawn", "issued"]
    assert issued.letter(3).replaces.revision == 2
    assert report_on(issued.office).differences == ()


def test_a_returned_correction_is_changed_and_issued_and_the_letter_holds_meanwhile(issued):
    revision = packed(ordered(issued))
    decide(issued, revision, Decision.RETURN)
    assert states(issued) == ["issued", "returned"]

    changed = take_in(issued.office, CORRECTED_AGAIN, "md")
    again = sent(issued, changed)

    assert states(issued) == ["corrected", "returned", "issued"]
    assert issued.letter(again).replaces.revision == 1
    assert report_on(issued.office).differences == ()


def test_a_correction_under_way_gives_way_to_a_withdrawal_before_it_is_approved(issued):
    packed(ordered(issued))

    sent(issued, order_withdrawal(StepRun(issued, STEP), reason=REASON))

    assert states(issued) == ["withdrawn", "superseded", "issued"]
    assert report_on(issued.office).differences == ()


REFUSED = {
    "the draft says what was issued": (lambda case: ordered(case, SHORT_DRAFT), "nothing-changed"),
    "the reason is empty": (lambda case: ordered(case, reason="  "), "reason-invalid"),
    "the reason can't be printed": (
        lambda case: ordered(case, reason="a\u202eb"),
        "reason-invalid",
    ),
    "the draft is of another letter": (
        lambda case: ordered(
            case, CORRECTED.replace(b"8 and 9 March 2011", b"8 and 9 February 2011")
        ),
        "other-letter",
    ),
    "another correction is approved and not sent": (
        lambda case: (
            decide(case, packed(ordered(case))),
            order_withdrawal(StepRun(case, STEP), reason=REASON),
        ),
        "change-under-way",
    ),
    "the letter was withdrawn": (
        lambda case: (
            sent(case, order_withdrawal(StepRun(case, STEP), reason=REASON)),
            ordered(case),
        ),
        "withdrawn",
    ),
    "it is being withdrawn and a draft comes": (
        lambda case: (
            order_withdrawal(StepRun(case, STEP), reason=REASON),
            do("draft-letter", take_in(case.office, CORRECTED, "md"), draft),
        ),
        "withdrawal-under-way",
    ),
    "other words come without an order": (
        lambda case: do("draft-letter", take_in(case.office, CORRECTED, "md"), draft),
        "already-issued",
    ),
    "other words come than those that were ordered": (
        lambda case: (
            ordered(case),
            do(
                "draft-letter",
                take_in(case.office, CORRECTED_AGAIN, "md"),
                draft,
            ),
        ),
        "already-issued",
    ),
}


@pytest.mark.parametrize(("act", "code"), REFUSED.values(), ids=REFUSED)
def test_a_change_is_refused_when(issued, act, code):
    with pytest.raises((CommandRefused, UsageError)) as refused:
        act(issued)

    assert refused.value.code == code


def test_a_letter_that_is_not_issued_is_not_corrected(tmp_path):
    case, _ = submit(a_sample_office(tmp_path))

    with pytest.raises(CommandRefused) as refused:
        ordered(case)

    assert refused.value.code == "not-issued"


def test_the_first_draft_run_again_after_a_correction_sends_nothing(issued):
    sent(issued, ordered(issued))
    before = files_of(issued.office)

    drafted = do("draft-letter", take_in(issued.office, SHORT_DRAFT, "md"), draft)

    assert tuple(drafted) == (REFERENCE, 1)
    with pytest.raises(CommandRefused) as refused:
        send_out(issued, 1)
    assert refused.value.code == "corrected"
    emails = {name for name in files_of(issued.office) if name.startswith("outbox/")}
    assert emails == {name for name in before if name.startswith("outbox/")}


def test_an_order_laid_in_by_hand_changes_nothing_and_is_found(issued):
    forged = {
        "layout": 1,
        "kind": str(ChangeKind.WITHDRAWAL),
        "reference": REFERENCE,
        "revision": 1,
        "pack": issued.pack(1).sha256,
        "draft_sha256": None,
        "reason": "Forged.",
        "at": "2011-05-01T00:00:00.000Z",
        "actor": "nobody@nowhere",
    }
    path = issued.office.root / "archive" / issued.key("change-2.json")
    path.write_bytes(stored_json(forged))

    assert states(issued) == ["issued"]
    assert [each.object for each in report_on(issued.office).differences] == [
        issued.key("change-2.json")
    ]


def test_an_altered_order_is_found(issued):
    sent(issued, ordered(issued))
    path = issued.office.root / "archive" / issued.key("change-2.json")
    path.chmod(0o600)
    told = json.loads(path.read_bytes())
    path.unlink()
    path.write_bytes(stored_json(told | {"reason": "Another reason."}))

    found = {each.object for each in report_on(issued.office).differences}

    assert issued.key("change-2.json") in found


def test_the_recipients_of_a_notice_are_those_of_the_letter(issued):
    intake = order_withdrawal(StepRun(issued, STEP), reason=REASON)
    revision = packed(intake)

    fields = set(Recipient.model_fields)
    assert [each.model_dump(include=fields) for each in issued.recipients(revision)] == [
        each.model_dump(include=fields) for each in issued.recipients(1)
    ]
    assert issued.state(revision) is State.AWAITING_SIGN_OFF


def test_an_order_that_nobody_has_approved_gives_way_to_the_next(issued):
    first = ordered(issued)
    second = ordered(issued, CORRECTED_AGAIN)

    with pytest.raises(CommandRefused) as refused:
        packed(first)
    assert refused.value.code == "already-issued"
    revision = sent(issued, second)

    assert states(issued) == ["corrected", "issued"]
    assert [issue.number for issue in issued.rounds().issues] == [1, 3]
    assert issued.letter(revision).replaces.revision == 1
    assert report_on(issued.office).differences == ()


def test_what_gave_way_to_another_change_can_no_longer_be_approved(issued):
    revision = packed(ordered(issued))
    notice = order_withdrawal(StepRun(issued, STEP), reason=REASON)

    assert issued.state(revision) is State.SUPERSEDED
    with pytest.raises(CommandRefused) as refused:
        sign_as_sample(
            issued, revision, inspector_id=SIGNATORY, decision=Decision.APPROVE, comments=""
        )
    assert refused.value.code == "superseded"
    sent(issued, notice)
    assert states(issued) == ["withdrawn", "superseded", "issued"]
    assert report_on(issued.office).differences == ()


def test_of_an_issue_and_an_order_at_the_same_moment_the_first_wins(issued):
    """The order was judged by what stood before the approval; the issue is taken meanwhile."""
    revision = packed(ordered(issued))
    before = issued.rounds()
    decide(issued, revision)
    do("render-letter", issued, render_approved, revision)
    do("archive-letter", issued, archive, revision)

    with pytest.raises(CommandRefused) as refused:
        order(StepRun(issued, STEP), before, ChangeKind.WITHDRAWAL, before.issues[0], None, "Late.")

    assert refused.value.code == "change-under-way"
    assert send_out(issued, revision)
    assert states(issued) == ["corrected", "issued"]
    assert report_on(issued.office).differences == ()


def test_whoever_got_only_the_first_letter_is_told_of_the_withdrawal(issued, monkeypatch):
    """The correction was refused by the director's server: they still hold the first letter."""
    revision = sent(issued, ordered(issued))
    director = issued.recipients(1)[0]
    told = Case.delivery_state
    monkeypatch.setattr(
        Case,
        "delivery_state",
        lambda self, number, recipient: (
            DeliveryState.REFUSED
            if (number, recipient.email) == (revision, director.email)
            else told(self, number, recipient)
        ),
    )

    notice = packed(order_withdrawal(StepRun(issued, STEP), reason=REASON))

    assert director.email in {each.email for each in issued.recipients(notice)}


def test_a_withdrawal_of_which_nobody_would_hear_is_refused(issued, monkeypatch):
    monkeypatch.setattr(Case, "delivery_state", lambda *_: DeliveryState.REFUSED)
    monkeypatch.setattr(Case, "state", lambda *_: State.ISSUED)

    with pytest.raises(UsageError) as refused:
        order_withdrawal(StepRun(issued, STEP), reason=REASON)

    assert refused.value.code == "nobody-to-tell"


def test_a_returned_withdrawal_is_ordered_again_with_another_reason(issued):
    first = packed(order_withdrawal(StepRun(issued, STEP), reason=REASON))
    decide(issued, first, Decision.RETURN)

    second = sent(issued, order_withdrawal(StepRun(issued, STEP), reason="It named a child"))

    assert issued.letter(second).replaces.reason == "It named a child."
    assert states(issued) == ["withdrawn", "returned", "issued"]
    assert report_on(issued.office).differences == ()


def test_the_words_of_before_come_back_only_as_another_draft(issued):
    sent(issued, ordered(issued))

    with pytest.raises(UsageError) as refused:
        ordered(issued, SHORT_DRAFT)
    assert refused.value.code == "draft-used"
    sent(issued, ordered(issued, SHORT_DRAFT + b"\n", "The first words were right"))

    assert states(issued) == ["corrected", "corrected", "issued"]
    assert report_on(issued.office).differences == ()


def test_a_letter_is_taken_on_by_its_reference_while_its_change_is_ordered(issued):
    assert draft_of(issued.office, REFERENCE).get("original.md") == SHORT_DRAFT

    intake = ordered(issued)

    assert draft_of(issued.office, REFERENCE).draft_sha256 == intake.draft_sha256
    sent(issued, draft_of(issued.office, REFERENCE))
    assert states(issued) == ["corrected", "issued"]


def test_what_was_not_sent_of_a_letter_is_not_sent_while_it_is_being_changed(issued, monkeypatch):
    director = issued.recipients(1)[0]
    ordered(issued)
    told = Case.delivery_state
    monkeypatch.setattr(
        Case,
        "delivery_state",
        lambda self, number, recipient: (
            DeliveryState.PENDING
            if recipient.email == director.email
            else told(self, number, recipient)
        ),
    )
    monkeypatch.setattr(Case, "state", lambda *_: State.ISSUED)

    with pytest.raises(CommandRefused) as refused:
        do("email-recipient", issued, post, 1, director.id)

    assert refused.value.code == "change-under-way"
