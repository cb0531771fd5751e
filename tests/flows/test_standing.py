"""Where the letters of an office stand, told from real cases and without Prefect."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from datetime import date

import pytest

from flows.blocked_drafts import LOOKED_BACK_FOR, blocked_drafts
from flows.judgement import IDLE_AFTER
from flows.standing import BOUNCES_TOLD_FOR, standing_of, standing_of_office
from letters.canonical import sha256_hex
from letters.holds import HoldPeriod
from letters.register import Register
from letters.signoff import Decision
from letters.standing import AUTHOR, OFFICE, Awaited, Role
from tasks.archiving.archive import archive
from tasks.archiving.hold_back import hold_back
from tasks.archiving.runs import STEP, ends, keep_run
from tasks.case.case import Case, all_cases
from tasks.case.intake import Intake, take_in
from tasks.case.ledger import ledger_of
from tasks.case.open_letters import open_references
from tasks.case.record import StepRun
from tasks.case.store import StoreUnavailable
from tasks.drafting.change import STEP as CHANGING
from tasks.drafting.change import order_withdrawal
from tasks.drafting.draft import draft, run_at_case
from tasks.mailing.batches import unapplied
from tasks.mailing.events import apply_batch
from tasks.mailing.post import post
from tasks.rendering.pack import render_approved
from tasks.signoff.delegations import delegate
from tasks.signoff.inspectors import keys_of, revoke
from tasks.signoff.signing import sign_as_sample
from tests.issuing import (
    COLLEAGUE,
    JOINT_DRAFT,
    REFERENCE,
    SHORT_DRAFT,
    SIGNATORY,
    a_sample_office,
    as_another_process,
    copied,
    decide,
    do,
    in_other_words,
    issue,
    send_out,
    submit,
)
from tests.mailing.post_room import FakeProvider
from tests.offices import some_settings
from tests.provider_batches import event_of, kept, public_key
from tests.run_histories import a_history, a_state

HARRIET = Awaited(role=Role.INSPECTOR, name="Harriet Elmsley")
TOBIAS = Awaited(role=Role.INSPECTOR, name="Tobias Reyne")
IDLE_SECONDS = IDLE_AFTER.total_seconds()
GO_ON = f"letters issue {REFERENCE}, or issue-letter in Prefect with that reference."
BLOCKED_DRAFT = SHORT_DRAFT.replace(b"Yours sincerely", b"Your sincerely")


@pytest.fixture(scope="module")
def waiting_root(tmp_path_factory):
    """An office in which a letter waits for its sign-off."""
    root = tmp_path_factory.mktemp("waiting")
    submit(a_sample_office(root))
    return root


@pytest.fixture
def office(waiting_root, tmp_path):
    settings = some_settings(tmp_path, webhook={"public_key": public_key()})
    office = a_sample_office(copied(waiting_root, tmp_path / "office"), settings=settings)
    office.clock.advance(60)
    return office


@pytest.fixture
def case(office):
    return Case(office, REFERENCE)


def told(case):
    """What somebody sees of a letter's standing: state, for whom it waits, what is wrong."""
    standing = standing_of(case)
    return str(standing.state), standing.waits_for, standing.trouble


def approved_and_archived(case):
    decide(case, 1)
    do("render-letter", case, render_approved, 1)
    do("archive-letter", case, archive, 1)


def sent(case, *results):
    """Send the archived letter by a provider whose requests end so in turn."""
    sender = Case(replace(case.office, provider=FakeProvider(*results)), case.reference)
    for recipient in sender.recipients(1):
        do("email-recipient", sender, post, 1, recipient.id)


def applied(office, *events):
    kept(office, *events)
    for key in unapplied(office):
        apply_batch(office, key)


def test_a_letter_that_waits_for_its_inspector(case):
    standing = standing_of(case)

    assert standing.model_dump(exclude={"since"}) == {
        "reference": REFERENCE,
        "revision": 1,
        "authority": "Westmere Borough Council",
        "kind": "Annual unannounced inspection of contact, referral and assessment arrangements",
        "state": "awaiting-sign-off",
        "waits_for": ({"role": "inspector", "name": "Harriet Elmsley", "instead_of": ""},),
        "held_until": None,
        "due_on": date(2011, 4, 6),
        "working_days_left": 17,
        "working_days_taken": None,
        "trouble": "",
        "remedy": "",
        "is_correction": False,
    }
    (packed,) = (
        e.at for e in case.chain.entries() if e.detail.get("object") == case.key("r1/pack.json")
    )
    assert standing.since == packed


def test_the_days_left_are_those_of_london(case):
    # 6 April 2011, 23:30 UTC: in London the seventh has begun, the first day too late.
    case.office.clock.advance((24 * 23 + 14.5) * 3600)

    assert standing_of(case).working_days_left == -1


def test_a_delegate_is_named_beside_the_signatory(case):
    day = case.office.clock().date()
    delegate(case.office, signatory=SIGNATORY, delegate=COLLEAGUE, first_day=day, last_day=day)

    assert standing_of(case).waits_for_in_words == "Harriet Elmsley (or Tobias Reyne)"


def test_of_two_signatories_it_waits_for_the_one_who_has_not_signed(tmp_path):
    case, revision = submit(a_sample_office(tmp_path), JOINT_DRAFT)
    before = told(case)

    sign_as_sample(case, revision, inspector_id=SIGNATORY, decision=Decision.APPROVE, comments="")

    assert before == ("awaiting-sign-off", (HARRIET, TOBIAS), "")
    assert told(case) == ("awaiting-sign-off", (TOBIAS,), "")
    assert standing_of(case).since == case.decisions(revision).latest


def test_without_a_register_the_printed_name_is_told(case):
    empty = Register(authorities=(), contacts=(), inspectors=())

    assert told(Case(replace(case.office, register=empty), REFERENCE)) == (
        "awaiting-sign-off",
        (HARRIET,),
        "",
    )


def test_a_letter_that_nobody_in_the_register_may_sign_waits_for_the_office(case):
    others = tuple(one for one in case.office.register.inspectors if one.id != SIGNATORY)
    register = case.office.register.model_copy(update={"inspectors": others})

    assert told(Case(replace(case.office, register=register), REFERENCE)) == (
        "awaiting-sign-off",
        (OFFICE,),
        "Nobody in the register may sign it for Harriet Elmsley today.",
    )


def test_an_inspector_without_a_key_is_told(case):
    real = tuple(
        one.model_copy(update={"sample": False}) for one in case.office.register.inspectors
    )
    register = case.office.register.model_copy(update={"inspectors": real})
    letter = case.letter(1).model_copy(update={"sample": False})

    class OfARealInspector(Case):
        def letter(self, revision):
            return letter

    standing = standing_of(OfARealInspector(replace(case.office, register=register), REFERENCE))

    assert (standing.waits_for, standing.trouble, standing.remedy) == (
        (HARRIET,),
        "Harriet Elmsley can’t sign: no key is enrolled.",
        f"Send a link to enrol one: letters inspectors enrol {SIGNATORY}.",
    )


def test_a_returned_letter_waits_for_its_author_with_the_comments_first_line(case):
    comments = f"Say which files were read.\n{'And more. ' * 50}"
    sign_as_sample(case, 1, inspector_id=SIGNATORY, decision=Decision.RETURN, comments=comments)

    assert told(case) == (
        "returned",
        (AUTHOR,),
        "Returned by Harriet Elmsley: “Say which files were read.”",
    )
    assert standing_of(case).since == case.decisions(1).latest


def test_a_revision_in_other_words_is_the_one_that_is_told(case):
    submit(case.office, in_other_words())

    assert standing_of(case).name == f"{REFERENCE} r2"
    assert told(case) == ("awaiting-sign-off", (HARRIET,), "")


def test_an_approved_letter_waits_for_nobody_until_it_stands_still(case):
    decide(case, 1)
    at_once = told(case)

    case.office.clock.advance(IDLE_SECONDS)

    assert at_once == ("signed", (), "")
    assert told(case) == ("signed", (OFFICE,), "It is approved, and nothing goes on with it.")
    assert standing_of(case).remedy == GO_ON


@pytest.mark.parametrize(
    ("results", "trouble"),
    [
        pytest.param(
            ["accepted"],
            "Its e-mails are sent, its case isn’t closed, and nothing goes on with it.",
            id="all is sent and the case not closed",
        ),
        pytest.param(
            ["accepted", "not-accepted"],
            "It is archived, not all of its e-mails are sent, and nothing goes on with it.",
            id="a copy is still to be sent",
        ),
    ],
)
def test_a_run_that_ended_half_way_is_told_after_a_while(case, results, trouble):
    approved_and_archived(case)
    sent(case, *results)
    at_once = standing_of(case)

    case.office.clock.advance(IDLE_SECONDS)

    assert (at_once.waits_for, at_once.trouble) == ((), "")
    later = standing_of(case)
    assert (later.waits_for, later.trouble, later.remedy) == ((OFFICE,), trouble, GO_ON)


def test_an_approval_by_a_revoked_key_waits_for_another_key(case):
    decide(case, 1)
    (key,) = keys_of(case.office, SIGNATORY)
    revoke(case.office, SIGNATORY, key.enrolment.credential_id, why="It was left on a train.")

    assert told(case) == (
        "signed",
        (HARRIET,),
        "The key with which Harriet Elmsley approved it was revoked.",
    )
    assert standing_of(case).remedy == (
        f"Have it confirmed with another key: letters sign {REFERENCE} prints the link."
    )


def test_a_delivery_in_doubt_waits_for_the_office(case):
    approved_and_archived(case)
    sent(case, "unknown", "refused")

    standing = standing_of(case)

    assert (standing.waits_for, standing.trouble) == (
        (OFFICE,),
        "director: Nobody can tell whether the provider has it: to d…@x.example."
        " And 1 more: letters deliveries lists them.",
    )
    assert standing.remedy.startswith("Find out whether it arrived. If so: letters settle")
    assert standing.working_days_left == 17


def test_the_days_taken_end_when_the_last_copy_is_accepted(case):
    approved_and_archived(case)
    sent(case, "accepted", "not-accepted")
    half_way = standing_of(case)
    case.office.clock.advance(2 * 24 * 3600)
    send_out(case, 1)

    standing = standing_of(case)

    assert (half_way.working_days_left, half_way.working_days_taken) == (17, None)
    assert (standing.working_days_left, standing.working_days_taken) == (None, 5)
    assert (str(standing.state), standing.waits_for, standing.trouble) == ("issued", (), "")
    assert open_references(case.office) == []


def test_a_bounce_is_told_of_a_closed_letter_for_a_fortnight(case):
    decide(case, 1)
    send_out(case, 1)
    before = standing_of_office(case.office)
    copy = case.recipients(1)[1]
    applied(case.office, event_of(case, copy, "bounce", reason="550 no such mailbox"))

    (letter,) = standing_of_office(case.office).letters
    case.office.clock.advance(BOUNCES_TOLD_FOR.total_seconds())

    assert before.letters == ()
    assert (letter.waits_for, letter.trouble) == (
        (OFFICE,),
        "chief-executive: It bounced: 550 no such mailbox.",
    )
    assert standing_of_office(case.office).letters == ()


@pytest.mark.parametrize(
    ("states", "trouble"),
    [
        pytest.param(
            ["Running", "Crashed"],
            "Its last run ended Crashed on 14 March 2011: The process was killed.",
            id="a run that crashed",
        ),
        pytest.param(["Running", "Completed"], "", id="a run that ended well"),
        pytest.param(["Running", "Cancelled"], "", id="a run that somebody cancelled"),
    ],
)
def test_how_the_last_run_of_an_approved_letter_ended(case, states, trouble):
    decide(case, 1)
    run_ended(case, *states)

    standing = standing_of(case)

    expected = ((OFFICE,), trouble, GO_ON) if trouble else ((), "", "")
    assert (standing.waits_for, standing.trouble, standing.remedy) == expected


def run_ended(case, *states):
    """Keep a run that came to its end now."""
    ended = case.office.clock().isoformat()
    told = [a_state(name, message="The process was killed.\nTraceback") for name in states]
    history = a_history(states=[state | {"timestamp": ended} for state in told])
    do(STEP, case, keep_run, history, ends(history))


def test_a_run_that_failed_before_something_else_happened_is_past(case):
    decide(case, 1)
    run_ended(case, "Failed")
    before = standing_of(case).trouble

    do("render-letter", case, render_approved, 1)

    assert before == "Its last run ended Failed on 14 March 2011: The process was killed."
    assert told(case) == ("signed", (), "")


def test_a_letter_that_waits_needs_no_run(case):
    run_ended(case, "Crashed")

    assert told(case) == ("awaiting-sign-off", (HARRIET,), "")


def held_by(case, until):
    """The case in an office that holds such letters until then, from the day of its approval."""
    today = case.office.clock().date()
    period = HoldPeriod(name="Local elections", since=today, until=until)
    settings = case.office.settings
    holds = settings.holds.model_copy(update={"period": (period,)})
    settings = settings.model_copy(update={"holds": holds})
    return Case(replace(case.office, settings=settings), REFERENCE)


def test_a_held_letter_waits_for_nobody_until_its_hold_has_ended(case):
    case = held_by(case, date(2011, 3, 18))
    approved_and_archived(case)
    do("hold-back-letter", case, hold_back, 1)
    at_once = standing_of(case)
    case.office.clock.advance(6 * 24 * 3600)

    later = standing_of(case)

    assert (at_once.state_in_words, at_once.waits_for) == ("held until 2011-03-18", ())
    assert (later.waits_for, later.trouble) == (
        (OFFICE,),
        "Its hold ended on 18 March 2011, and nothing goes on with it.",
    )
    assert later.remedy == GO_ON


def test_an_ordered_withdrawal_is_told_while_nothing_comes_of_it(case):
    decide(case, 1)
    send_out(case, 1)
    intake = order_withdrawal(StepRun(case, CHANGING), reason="It was sent in error.")
    at_once = told(case)
    case.office.clock.advance(IDLE_SECONDS)

    (letter,) = standing_of_office(case.office).letters
    do("draft-letter", intake, draft)
    drafted = standing_of(case)

    assert at_once == ("issued", (), "")
    assert (letter.waits_for, letter.trouble, letter.remedy) == (
        (OFFICE,),
        "Its withdrawal was ordered on 14 March 2011, and nothing came of it yet.",
        GO_ON,
    )
    assert (drafted.name, drafted.is_correction, drafted.due_on) == (f"{REFERENCE} r2", True, None)


def altered(case, name):
    path = case.office.root / "archive" / case.key(name)
    path.unlink()
    path.write_bytes(b"[{}]")


@pytest.mark.parametrize("name", ["r1/letter.json", "r1/recipients.json"])
def test_a_letter_that_can_t_be_read_is_told_like_the_others(office, case, name):
    approved_and_archived(case)
    altered(case, name)

    (letter,) = standing_of_office(as_another_process(office)).letters

    assert (letter.name, letter.state, letter.waits_for) == (REFERENCE, "unreadable", (OFFICE,))
    assert letter.trouble.startswith("It can’t be read: ")
    assert letter.remedy == f"letters verify {REFERENCE} tells what was altered."
    assert (letter.authority, letter.revision) == ("Westmere Borough Council", 0)


def test_what_the_ledger_calls_a_letter_and_is_none_hides_no_other(office, case):
    ledger_of(office).append("ledger", "opened", detail={"reference": "../../x"})

    letter, none = standing_of_office(as_another_process(office)).letters

    assert (letter.reference, letter.trouble) == (REFERENCE, "")
    assert (none.name, none.state, none.waits_for) == ("../../x", "unreadable", (OFFICE,))
    assert none.trouble == "It can’t be read: “../../x” is not a letter's reference."
    assert none.remedy == "letters verify tells what was altered."


SPOILT_ROWS = {
    "a moment that is none": "UPDATE entries SET at = 'nonsense'",
    "a name that is none": "UPDATE entries SET reference = '../../x'",
    "a number that is none": "UPDATE entries SET seq = -seq",
}


@pytest.mark.parametrize("what", SPOILT_ROWS)
def test_a_spoilt_index_of_the_ledger_changes_nothing(office, case, monkeypatch, what):
    monkeypatch.setattr("tasks.case.indexed_chain.EVERY", 1)
    decide(case, 1)
    assert send_out(case, 1)
    applied(office, event_of(case, case.recipients(1)[1], "bounce", reason="550 no such mailbox"))
    before = standing_of_office(as_another_process(office))
    with sqlite3.connect(office.root / "cache" / "ledger.sqlite") as cache:
        cache.execute(SPOILT_ROWS[what])

    assert standing_of_office(as_another_process(office)) == before
    assert [letter.reference for letter in before.letters] == [REFERENCE]


def test_a_store_that_is_away_for_a_moment_is_no_damage(case, monkeypatch):
    def away(self, revision):
        raise StoreUnavailable("The disk is asleep.", remedy="Try again.")

    monkeypatch.setattr(Case, "letter", away)

    assert standing_of(case).remedy == "Try again."


def test_a_sign_off_that_was_laid_in_by_hand_is_told(case, tmp_path):
    other, _ = issue(a_sample_office(tmp_path / "other"))
    case.store.put(case.key("r1/signoff.json"), other.get("r1/signoff.json"))

    state, waits_for, trouble = told(case)

    assert (state, waits_for) == ("awaiting-sign-off", (OFFICE,))
    assert trouble.startswith("Its sign-off does not count: A sign-off lies here that was laid in")


def test_a_case_without_a_letter_is_told(tmp_path):
    office = a_sample_office(tmp_path)
    step = StepRun(take_in(office, SHORT_DRAFT, "md"), "draft-letter")
    case = Case(office, REFERENCE)
    letter, _ = submit(a_sample_office(tmp_path / "other"))
    run_at_case(step, case, letter.letter(1), 1)

    (standing,) = standing_of_office(office).letters
    assert (standing.name, standing.trouble) == (
        REFERENCE,
        "Its case was opened, and no letter came into it.",
    )


def test_a_closed_letter_is_not_open_and_one_that_is_changed_is_again(case):
    decide(case, 1)
    send_out(case, 1)
    closed = open_references(case.office)
    ledger_of(case.office).append("ledger", "changed", detail={"reference": REFERENCE})

    assert (closed, open_references(case.office)) == ([], [REFERENCE])
    assert [one.reference for one in all_cases(case.office)] == [REFERENCE]


def blocked(office, data=BLOCKED_DRAFT):
    """Take a draft in that the checks stop; return its intake."""
    intake = take_in(office, data, "md")
    do("draft-letter", intake, draft)
    return intake


def test_a_blocked_draft_is_told_by_its_file_and_its_problems(tmp_path):
    office = a_sample_office(tmp_path)
    intake = blocked(office)
    office.drafts_folder.mkdir()
    for name, data in (("other.md", SHORT_DRAFT), ("westmere.md", BLOCKED_DRAFT)):
        (office.drafts_folder / name).write_bytes(data)
        os.utime(office.drafts_folder / name, (0, 0))

    (one,) = standing_of_office(office).blocked

    assert (one.sha256, one.name) == (sha256_hex(BLOCKED_DRAFT), "westmere.md")
    assert one.problems == ("valediction-wrong at valediction",)
    assert one.since == next(e.at for e in intake.chain.entries() if e.event == "blocked")


def test_a_blocked_draft_whose_file_is_gone_has_no_name(tmp_path):
    office = a_sample_office(tmp_path)
    blocked(office)

    assert [one.name for one in blocked_drafts(office)] == [""]


def test_drafts_that_went_through_and_old_ones_are_not_told(office):
    blocked(office)
    office.clock.advance(LOOKED_BACK_FOR.total_seconds())

    assert blocked_drafts(office) == ()


def test_a_blocked_draft_that_went_through_later_is_past(tmp_path):
    office = a_sample_office(tmp_path)
    intake = blocked(office)
    before = len(blocked_drafts(office))

    StepRun(intake, "draft-letter").note("became", reference=REFERENCE, revision=1)

    assert (before, blocked_drafts(office)) == (1, ())


def test_of_blocked_drafts_of_one_letter_the_latest_is_told_until_one_goes_through(tmp_path):
    office = a_sample_office(tmp_path)
    for digit in "12":
        step = StepRun(Intake(office, digit * 64), "draft-letter")
        step.record.store.put(step.record.key("original.md"), b"A draft")
        step.note("blocked", problems=["x at y"], reference=REFERENCE)
    before = [one.sha256[0] for one in blocked_drafts(office)]

    submit(office)

    assert (before, blocked_drafts(office)) == (["2"], ())
