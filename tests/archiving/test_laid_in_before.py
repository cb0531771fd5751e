"""What somebody lays into the archive before its step runs is never taken for the step's work.

Each kind of object is planted where the next step would put it. The letter then goes on
without it or stops and says why; nothing is sent twice, nothing is lost, and `verify` finds
the file until it is moved away.
"""

import json
from pathlib import Path

import pytest

from flows.verification import verify_office
from letters.audit import moment_text
from letters.canonical import sha256_hex, stored_json
from letters.case import State
from letters.delivery import Claim, DeliveryState, Outcome, Settlement
from letters.recipient import send_id
from letters.signoff import Decision
from tasks.archiving.archive import archive, close
from tasks.archiving.runs import STEP, keep_run, kept_runs, shortened
from tasks.case.case import Case
from tasks.case.intake import Intake, take_in
from tasks.case.ledger import ObjectForeign
from tasks.case.process import this_process
from tasks.case.record import StepRun
from tasks.mailing.post import post
from tasks.mailing.settle import settle
from tasks.rendering.pack import render_approved
from tests.issuing import (
    REFERENCE,
    SHORT_DRAFT,
    a_sample_office,
    decide,
    do,
    in_other_words,
    issue,
    send_out,
    submit,
)
from tests.mailing.post_room import FakeProvider
from tests.offices import START
from tests.run_histories import A_RUN, a_history

AT = moment_text(START)


@pytest.fixture(autouse=True)
def no_time_is_lost(monkeypatch):
    monkeypatch.setattr("tasks.mailing.deliver.STORE_WAITS_SECONDS", ())
    monkeypatch.setattr("tasks.mailing.deliver.OUTCOME_WAITS_SECONDS", ())


@pytest.fixture
def office(tmp_path):
    return a_sample_office(tmp_path)


def plant(case, name, data):
    """Lay a file into the case by hand."""
    path = Path(case.office.root, "archive", case.key(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def found_by_verify(case, name):
    """Whether verify tells that the file was added; nothing takes it for a step's work."""
    report = verify_office(case.office)
    assert case.key(name) not in case.recorded()
    assert case.key(name) not in report.open_objects
    return ("added", case.key(name)) in {(d.code, d.object) for d in report.differences}


def assert_issued_once(case, revision=1):
    """Every recipient has exactly one e-mail, the case is closed, and nothing differs."""
    expected = {f"{send_id(REFERENCE, revision, r.email)}.eml" for r in case.recipients(revision)}
    assert {path.name for path in case.office.outbox_folder.glob("*.eml")} == expected
    assert len(expected) > 1
    assert (case.state(revision), case.closed()["revision"]) == (State.ISSUED, revision)
    report = verify_office(case.office)
    assert (report.differences, report.open_objects) == ((), ())


def signed(office):
    case, revision = submit(office)
    decide(case, revision)
    return case


def archived(office):
    case = signed(office)
    do("render-letter", case, render_approved, 1)
    do("archive-letter", case, archive, 1)
    return case


def a_delivery(case, number=0):
    recipient = case.recipients(1)[number]
    identity = send_id(REFERENCE, 1, recipient.email)
    return recipient, identity, f"r1/deliveries/{identity}"


def a_claim(identity, attempt=1):
    return Claim(
        send_id=identity,
        attempt=attempt,
        at=AT,
        expires_at=AT,
        owner=this_process(),
        nonce="0" * 32,
        message_sha256="0" * 64,
        case_head=f"1:{'0' * 64}",
    )


def an_outcome(identity, attempt=1):
    return Outcome(send_id=identity, attempt=attempt, result="accepted", provider="outbox", at=AT)


def a_settlement(identity, attempt=1):
    return Settlement(
        send_id=identity, attempt=attempt, ends_as="sent", why="so", actor="x@y", at=AT
    )


def bytes_of(value):
    return stored_json(value.model_dump(mode="json"))


def as_issued_elsewhere(tmp_path, name):
    """The object as the same office makes it of other words: it reads as what it should be."""
    case, _ = issue(a_sample_office(tmp_path / "elsewhere"), in_other_words())
    return case.get(name)


PLANTED = {
    "the case": "case.json",
    "the letter": "r1/letter.json",
    "the recipients": "r1/recipients.json",
    "the doubts cleared": "r1/draft/cleared.json",
    "the draft": "r1/draft/original.md",
    "the proof": "r1/proof.pdf",
    "the pack": "r1/pack.json",
    "the letter's PDF": "r1/letter.pdf",
    "the letter's HTML": "r1/letter.html",
    "the letter's text": "r1/letter.txt",
    "an e-mail": "r1/emails/director.json",
    "the issue": "issue-1.json",
    "the manifest": "r1/manifest.json",
    "the closing": "closed.json",
}


@pytest.mark.parametrize("name", PLANTED.values(), ids=PLANTED)
def test_what_lies_in_an_object_s_place_stops_the_letter_until_it_is_moved_away(
    tmp_path, office, name
):
    case = Case(office, REFERENCE)
    data = as_issued_elsewhere(tmp_path, name)
    # Some objects are the same for other words: those would be made to the byte.
    data = data.replace(b"CRA", b"CRB") if name.endswith("case.json") else data
    data = data.replace(b"@", b"@x.") if name.endswith("recipients.json") else data
    data = b"[ ]\n" if name.endswith("cleared.json") else data
    data = data.replace(b"Dear", b"My dear") if "emails/" in name else data
    path = plant(case, name, data)

    for _ in range(2):
        with pytest.raises(ObjectForeign) as raised:
            issue(office)
        assert (raised.value.where, raised.value.code) == (case.key(name), "object-foreign")
    assert found_by_verify(case, name)
    assert case.closed() is None

    path.rename(tmp_path / "evidence")
    case, revision = issue(office)
    assert revision == 1
    assert_issued_once(case)


@pytest.mark.parametrize("name", ["r2/letter.json", "r2/pack.json", "issue-2.json"])
def test_what_belongs_to_a_revision_that_is_not_there_changes_nothing(tmp_path, office, name):
    case = Case(office, REFERENCE)
    path = plant(case, name, stored_json({"revision": 2}))

    issue(office)

    assert found_by_verify(case, name)
    path.rename(tmp_path / "evidence")
    assert_issued_once(case)


def test_a_draft_that_was_laid_into_the_intake_of_another_is_not_read(tmp_path, office):
    intake = Intake(office, sha256_hex(SHORT_DRAFT))
    path = Path(office.root, "archive", intake.key("original.md"))
    path.parent.mkdir(parents=True)
    path.write_bytes(in_other_words())

    with pytest.raises(ObjectForeign):
        take_in(office, SHORT_DRAFT, "md")

    path.rename(tmp_path / "evidence")
    case, _ = issue(office)
    assert_issued_once(case)


class TestADelivery:
    def test_a_planted_claim_and_its_outcome_count_as_nothing_sent(self, tmp_path, office):
        case = archived(office)
        recipient, identity, folder = a_delivery(case)
        claim = plant(case, f"{folder}/claim-1.json", bytes_of(a_claim(identity)))
        outcome = plant(case, f"{folder}/outcome-1.json", bytes_of(an_outcome(identity)))

        assert case.delivery_state(1, recipient) is DeliveryState.PENDING
        for _ in range(2):
            with pytest.raises(ObjectForeign):
                do("email-recipient", case, post, 1, recipient.id)
        do("email-recipient", case, post, 1, case.recipients(1)[1].id)
        assert not do("close-case", case, close, 1)
        assert list(office.outbox_folder.glob(f"{identity}*")) == []
        assert found_by_verify(case, f"{folder}/claim-1.json")
        assert found_by_verify(case, f"{folder}/outcome-1.json")

        claim.rename(tmp_path / "claim")
        outcome.rename(tmp_path / "outcome")
        assert send_out(case, 1)
        assert_issued_once(case)

    @pytest.mark.parametrize("kind", ["outcome", "settlement"])
    def test_what_blocks_the_place_of_its_end_stops_it_before_anything_is_sent(
        self, tmp_path, office, kind
    ):
        case = archived(office)
        recipient, identity, folder = a_delivery(case)
        value = an_outcome(identity) if kind == "outcome" else a_settlement(identity)
        name = f"{folder}/{kind}-1.json"
        path = plant(case, name, bytes_of(value))
        provider = FakeProvider()

        with pytest.raises(ObjectForeign) as raised:
            do("email-recipient", case, post, 1, recipient.id)

        assert raised.value.where == case.key(name)
        assert (provider.requests, case.attempts(1, identity)) == ([], ())
        assert found_by_verify(case, name)
        path.rename(tmp_path / "evidence")
        assert send_out(case, 1)
        assert_issued_once(case)

    def test_an_outcome_laid_in_during_the_request_is_not_believed(self, tmp_path, office):
        provider = FakeProvider("not-accepted", evidence=True)
        case = Case(a_sample_office(tmp_path, provider=provider, clock=office.clock), REFERENCE)
        archived(office)
        recipient, identity, folder = a_delivery(case)
        name = f"{folder}/outcome-1.json"
        provider.meanwhile = lambda: plant(case, name, bytes_of(an_outcome(identity)))

        with pytest.raises(ObjectForeign):
            do("email-recipient", case, post, 1, recipient.id)

        assert case.delivery_state(1, recipient) is not DeliveryState.ACCEPTED
        assert found_by_verify(case, name)

    def test_a_planted_settlement_ends_no_delivery_in_doubt(self, tmp_path, office):
        provider = FakeProvider("taken, and no answer")
        archived(office)
        case = Case(a_sample_office(tmp_path, provider=provider, clock=office.clock), REFERENCE)
        recipient, identity, folder = a_delivery(case)
        do("email-recipient", case, post, 1, recipient.id)
        name = f"{folder}/settlement-1.json"
        path = plant(case, name, bytes_of(a_settlement(identity)))

        assert case.delivery_state(1, recipient) is DeliveryState.UNKNOWN
        with pytest.raises(ObjectForeign):
            settle(case.office, case, 1, recipient, as_="sent", why="because")
        do("email-recipient", case, post, 1, recipient.id)
        assert len(provider.requests) == 1
        assert found_by_verify(case, name)

        path.rename(tmp_path / "evidence")
        settled = settle(case.office, case, 1, recipient, as_="sent", why="because")
        assert settled is DeliveryState.SETTLED_AS_SENT

    def test_an_announced_claim_that_lost_is_not_believed_in_the_place_of_the_named_one(
        self, office
    ):
        case = archived(office)
        recipient, identity, folder = a_delivery(case)
        run, lost = StepRun(case, "email-recipient"), bytes_of(a_claim(identity))
        run.note("announced", of=case.key(f"{folder}/claim-1.json"), sha256=sha256_hex(lost))
        do("email-recipient", case, post, 1, recipient.id)
        assert len(case.attempts(1, identity)) == 1

        plant(case, f"{folder}/claim-1.json", lost)

        assert not case.vouches_for(f"{folder}/claim-1.json", lost)
        assert case.attempts(1, identity) == ()

    def test_what_another_process_has_claimed_and_not_yet_named_is_seen(self, office):
        case = archived(office)
        _, identity, folder = a_delivery(case)
        assert case.attempts(1, identity) == ()
        other = Case(a_sample_office(office.root), REFERENCE)

        StepRun(other, "email-recipient").put_announced(
            f"{folder}/claim-1.json", bytes_of(a_claim(identity))
        )

        assert len(case.attempts(1, identity)) == 1


def test_a_planted_closing_closes_nothing(tmp_path, office):
    case = archived(office)
    path = plant(case, "closed.json", stored_json({"revision": 1}))

    assert case.closed() is None
    with pytest.raises(ObjectForeign):
        send_out(case, 1)
    assert found_by_verify(case, "closed.json")

    path.rename(tmp_path / "evidence")
    assert send_out(case, 1)
    assert_issued_once(case)


def test_a_planted_history_of_a_run_is_not_kept_for_prefect_s(tmp_path, office):
    case, _ = issue(office)
    name = f"runs/{A_RUN}/1.json"
    forged = stored_json(shortened(a_history(name="forged")).model_dump(mode="json"))
    path = plant(case, name, forged)

    assert kept_runs(case) == []
    with pytest.raises(ObjectForeign):
        keep_run(StepRun(case, STEP), a_history(), 1)
    assert found_by_verify(case, name)

    path.rename(tmp_path / "evidence")
    do(STEP, case, keep_run, a_history(), 1)
    assert [run.name for run in kept_runs(case)] == [a_history()["name"]]
    assert_issued_once(case)


def test_what_is_laid_into_a_revision_that_was_replaced_is_not_named_at_the_end(office):
    case, _ = issue(office, decision=Decision.RETURN)
    plant(case, "r1/manifest.json", b"{}\n")

    issue(office, in_other_words())

    assert case.closed()["revision"] == 2
    assert found_by_verify(case, "r1/manifest.json")


CLOSED_OTHERWISE = {
    "by another revision": {"revision": 2},
    "with another pack": {"pack": "0" * 64},
    "with another manifest": {"manifest_sha256": "0" * 64},
    "at another head of the chain": {"case_head": "0" * 64},
    "at an entry that isn't there": {"case_seq": 9_999},
    "without a delivery": {"deliveries": []},
    "as another letter": {"reference": "CRA-WESTMERE-2011-02-14"},
}


@pytest.mark.parametrize("changes", CLOSED_OTHERWISE.values(), ids=CLOSED_OTHERWISE)
def test_verify_tells_a_closing_that_says_what_is_not_so(tmp_path, office, changes):
    elsewhere = a_sample_office(tmp_path / "before")
    real, _ = issue(elsewhere)
    case = archived(office)
    for recipient in case.recipients(1):
        do("email-recipient", case, post, 1, recipient.id)
    told = json.loads(real.get("closed.json"))
    issued = case.issue()
    seq, head = case.chain.head()
    told |= {"pack": issued.pack, "case_seq": seq, "case_head": head}
    told["manifest_sha256"] = sha256_hex(case.get("r1/manifest.json"))

    def close_so(run):
        run.once_announced("closed.json", stored_json(told | changes))

    do("close-case", case, close_so)

    report = verify_office(office)
    assert {(d.code, d.object) for d in report.differences} == {
        ("pack-differs", case.key("closed.json"))
    }
