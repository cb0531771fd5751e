"""One delivery: what is done in each state, and that a crash anywhere leaves none twice."""

import time
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from letters.canonical import sha256_hex, stored_json
from letters.delivery import Attempt, DeliveryState, Outcome
from tasks.case.folder import FolderStore
from tasks.case.office import Answer
from tasks.case.process import this_process
from tasks.case.store import StoreUnavailable
from tasks.mailing.deliver import (
    OUTCOME_WAITS_SECONDS,
    STORE_WAITS_SECONDS,
    PackMismatch,
    SampleInLiveOffice,
)
from tasks.mailing.delivery import MARGIN_SECONDS
from tasks.mailing.message import parse_message
from tests.builders import a_letter
from tests.mailing.post_room import (
    A_MACHINE_AHEAD,
    AN_ENDED_PROCESS,
    ANOTHER_MACHINE,
    FOLDER,
    PDF,
    FakeProvider,
    HookedStore,
    a_case,
    a_claim,
    a_pack,
    a_recipient,
    a_settlement,
    an_email,
    an_outcome,
    assert_whole,
    events_of,
    held,
    id_of,
    kill,
    post,
    post_until_killed,
)
from tests.offices import TickingClock, an_office, some_settings

ACCEPTED, REFUSED, PENDING, UNKNOWN = (
    DeliveryState.ACCEPTED,
    DeliveryState.REFUSED,
    DeliveryState.PENDING,
    DeliveryState.UNKNOWN,
)


# What each answer of a provider comes to.


@pytest.mark.parametrize(
    ("does", "evidence", "state", "requests", "taken"),
    [
        pytest.param(["accepted"], False, ACCEPTED, 1, 1, id="accepted is the end"),
        pytest.param(["refused"], False, REFUSED, 1, 0, id="refused is the end"),
        pytest.param(["not-accepted"], False, PENDING, 3, 0, id="not accepted is tried thrice"),
        pytest.param(
            ["not-accepted", "accepted"], False, ACCEPTED, 2, 1, id="not accepted, then accepted"
        ),
        pytest.param(
            ["taken, and no answer"], False, UNKNOWN, 1, 1, id="unknown is not tried again"
        ),
        pytest.param(
            ["not taken, and no answer"], False, UNKNOWN, 1, 0, id="unknown, though not taken"
        ),
        pytest.param(
            ["taken, and no answer"], True, ACCEPTED, 1, 1, id="unknown, and proven accepted"
        ),
        pytest.param(
            ["not taken, and no answer", "accepted"],
            True,
            ACCEPTED,
            2,
            1,
            id="unknown, proven absent, and sent again",
        ),
    ],
)
def test_each_answer_comes_to_its_state(tmp_path, does, evidence, state, requests, taken):
    provider = FakeProvider(*does, evidence=evidence)
    office = an_office(tmp_path, provider=provider)
    case = a_case(office)

    assert post(office) is state

    assert case.delivery_state(1, a_recipient()) is state
    assert (len(provider.requests), provider.taken[id_of()]) == (requests, taken)
    assert_whole(case)


# What is done in each state.


@pytest.mark.parametrize(
    ("values", "evidence", "state", "requests"),
    [
        pytest.param([], False, ACCEPTED, 1, id="pending, nothing sent yet: one request"),
        pytest.param(
            [a_claim(), an_outcome("not-accepted")],
            False,
            ACCEPTED,
            1,
            id="pending, proven not accepted: one request",
        ),
        pytest.param(
            [a_claim(), an_outcome("unknown"), a_settlement("absent")],
            False,
            ACCEPTED,
            1,
            id="pending, settled as absent: one request",
        ),
        pytest.param(
            [a_claim(), an_outcome("refused"), a_settlement("resend")],
            False,
            ACCEPTED,
            1,
            id="pending, refused and to be sent again: one request",
        ),
        pytest.param([a_claim()], False, UNKNOWN, 0, id="in flight until it runs out, no evidence"),
        pytest.param([a_claim()], "accepted", ACCEPTED, 0, id="in flight, then proven accepted"),
        pytest.param(
            [a_claim(owner=this_process())],
            "absent",
            ACCEPTED,
            1,
            id="in flight, then proven absent",
        ),
        pytest.param(
            [a_claim()],
            "absent",
            UNKNOWN,
            0,
            id="absent here, but another machine may have sent it",
        ),
        pytest.param(
            [a_claim(owner=this_process()), an_outcome("not-accepted"), a_claim(2)],
            "absent",
            UNKNOWN,
            0,
            id="absent here, but another machine may have sent it after us",
        ),
        pytest.param(
            [a_claim(owner=AN_ENDED_PROCESS, seconds=9_999_999)],
            "absent",
            ACCEPTED,
            1,
            id="the owner is gone: nobody waits for its claim",
        ),
        pytest.param(
            [a_claim(), an_outcome("accepted")], False, ACCEPTED, 0, id="accepted: no request"
        ),
        pytest.param(
            [a_claim(), an_outcome("refused")], False, REFUSED, 0, id="refused: no request"
        ),
        pytest.param(
            [a_claim(), an_outcome("unknown")], False, UNKNOWN, 0, id="unknown: no request"
        ),
        pytest.param(
            [a_claim(), an_outcome("unknown"), a_settlement("sent")],
            False,
            DeliveryState.SETTLED_AS_SENT,
            0,
            id="settled as sent: no request",
        ),
        pytest.param(
            [
                *(a_claim(), an_outcome("unknown"), a_settlement("resend")),
                *(a_claim(2), an_outcome("refused", 2)),
            ],
            False,
            REFUSED,
            0,
            id="sent again, and refused: no request",
        ),
        pytest.param(
            [
                *(a_claim(), an_outcome("accepted"), a_settlement("resend")),
                *(a_claim(2), an_outcome("refused", 2)),
            ],
            False,
            ACCEPTED,
            0,
            id="an acceptance that came late counts: no request",
        ),
    ],
)
def test_each_state_leads_to_one_request_or_none(tmp_path, values, evidence, state, requests):
    provider = FakeProvider(evidence=bool(evidence))
    provider.taken[id_of()] = 1 if evidence == "accepted" else 0
    office = an_office(tmp_path, provider=provider)
    case = a_case(office)
    held(case, *values)

    assert post(office) is state

    assert len(provider.requests) == requests
    assert_whole(case)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([a_claim(), an_outcome("accepted")], id="accepted"),
        pytest.param([a_claim(), an_outcome("refused")], id="refused"),
        pytest.param([a_claim(), an_outcome("unknown")], id="unknown"),
        pytest.param([a_claim(), an_outcome("unknown"), a_settlement("sent")], id="settled"),
    ],
)
def test_a_delivery_that_has_ended_is_not_written_to(tmp_path, values):
    office = an_office(tmp_path, provider=FakeProvider())
    case = a_case(office)
    held(case, *values)
    before = case.names()

    post(office)

    assert case.names() == before


def test_whoever_waits_takes_the_owners_outcome(tmp_path):
    provider = FakeProvider()
    office = an_office(tmp_path, provider=provider)
    case = a_case(office)
    held(case, a_claim())
    waits = []

    def sleep(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            held(case, an_outcome("refused"))

    assert post(office, sleep=sleep) is REFUSED
    assert (provider.requests, len(waits)) == ([], 3)


@pytest.mark.parametrize(
    ("owner", "evidence", "state", "requests"),
    [
        pytest.param(ANOTHER_MACHINE, None, UNKNOWN, 0, id="no evidence"),
        pytest.param(ANOTHER_MACHINE, "accepted", ACCEPTED, 0, id="proven accepted"),
        pytest.param(this_process(), "absent", ACCEPTED, 1, id="proven absent"),
    ],
)
def test_a_claim_by_a_clock_that_runs_ahead_is_waited_for_as_long_as_it_holds(
    tmp_path, owner, evidence, state, requests
):
    provider = FakeProvider(evidence=evidence is not None)
    provider.taken[id_of()] = 1 if evidence == "accepted" else 0
    office = an_office(tmp_path, provider=provider)
    case = a_case(office)
    held(case, a_claim(owner=owner, at=A_MACHINE_AHEAD, seconds=60))
    waits = []

    assert post(office, sleep=waits.append) is state

    assert sum(waits) == pytest.approx(60 + MARGIN_SECONDS, abs=1)
    assert len(provider.requests) == requests
    assert_whole(case)


def test_of_another_claim_the_waiting_begins_anew(tmp_path):
    case = a_case(an_office(tmp_path, provider=FakeProvider()))
    held(case, a_claim(at=A_MACHINE_AHEAD, seconds=60))
    waits = []

    def sleep(seconds):
        waits.append(seconds)
        if len(waits) == 300:
            held(case, an_outcome("not-accepted"), a_claim(2, at=A_MACHINE_AHEAD, seconds=6))

    assert post(case.office, sleep=sleep) is UNKNOWN
    assert sum(waits[300:]) == pytest.approx(6 + MARGIN_SECONDS, abs=1)


def test_an_owner_that_ends_just_after_its_outcome_leaves_no_unknown(tmp_path, monkeypatch):
    office = an_office(tmp_path, provider=FakeProvider(evidence=True))
    case = a_case(office)
    held(case, a_claim())

    def is_gone(owner):
        if case.find(f"{FOLDER}/outcome-1.json") is None:
            held(case, an_outcome("refused"))
        return True

    monkeypatch.setattr("tasks.case.case.is_gone", is_gone)

    assert post(office) is REFUSED
    assert case.find(f"{FOLDER}/settlement-1.json") is None


# What is kept.


def test_claim_message_and_outcome_name_one_another_and_stand_in_the_chain(tmp_path):
    office = an_office(tmp_path)
    case = a_case(office)
    seq, _ = case.chain.head()

    post(office)

    (attempt,) = case.attempts(1, id_of())
    message = (tmp_path / "outbox" / f"{id_of()}.eml").read_bytes()
    started, announced, claimed, _, outcome, _ = case.chain.entries()[seq:]
    told = ["started", "announced", "claimed", "announced", "outcome", "completed"]
    assert events_of(case) == told
    assert parse_message(message).case_head == attempt.claim.case_head
    assert attempt.claim.case_head == f"{started.seq}:{announced.previous}"
    assert attempt.claim.message_sha256 == sha256_hex(message)
    assert attempt.claim.owner == this_process()
    assert attempt == Attempt(
        claim=attempt.claim,
        outcome=Outcome(
            send_id=id_of(),
            attempt=1,
            result="accepted",
            provider="outbox",
            provider_id=f"{id_of()}.eml",
            said=f"sha256 {sha256_hex(message)}",
            at=attempt.outcome.at,
        ),
    )
    for entry, value in ((claimed, attempt.claim), (outcome, attempt.outcome)):
        data = stored_json(value.model_dump(mode="json"))
        name = f"{type(value).__name__.lower()}-1.json"
        expected = {
            "object": case.key(f"{FOLDER}/{name}"),
            "sha256": sha256_hex(data),
            "bytes": len(data),
            "recipient": "director",
        }
        assert {key: entry.detail[key] for key in expected} == expected
        assert case.get(f"{FOLDER}/{name}") == data


def test_a_claim_holds_for_as_long_as_the_office_says(tmp_path):
    clock = TickingClock(tick=timedelta())
    office = an_office(
        tmp_path, clock=clock, settings=some_settings(tmp_path, mail={"claim_seconds": 7})
    )
    case = a_case(office)

    post(office)

    (attempt,) = case.attempts(1, id_of())
    assert (attempt.claim.at, attempt.claim.expires_at) == (
        "2011-03-14T09:00:00.000Z",
        "2011-03-14T09:00:07.000Z",
    )


def test_no_address_and_no_word_of_the_e_mail_stands_in_the_case_but_in_its_recipients(tmp_path):
    office = an_office(tmp_path, provider=FakeProvider("refused"))
    case = a_case(office)

    post(office)

    (attempt,) = case.attempts(1, id_of())
    assert attempt.outcome.said == "to d…@x.example"
    kept = b"".join(case.get(n) for n in case.names() if n.startswith(("audit/", FOLDER)))
    # What may stand there: the sender, who is the office, who acts, and a masked address.
    for known in (b"letters@inspectorate.example", b"tester@desk", b"d\xe2\x80\xa6@x.example"):
        kept = kept.replace(known, b"")
    assert b"@" not in kept
    assert an_email().subject.encode() not in kept


def test_what_a_provider_says_is_shortened_and_always_fit_to_be_kept(tmp_path):
    provider = FakeProvider()
    provider.send = lambda message, send_id: Answer("refused", said="\ud800" + "a" * 9_999)
    office = an_office(tmp_path, provider=provider)
    case = a_case(office)

    assert post(office) is REFUSED
    assert case.attempts(1, id_of())[0].outcome.said == "?" + "a" * 499


# What a provider wants, and what it must not get.


@pytest.mark.parametrize(
    ("wants", "waits"),
    [
        pytest.param(0.0, [1.0, 3.0], id="nothing: we wait of ourselves"),
        pytest.param(2.5, [2.5, 3.0], id="a little longer than we would wait"),
        pytest.param(7.5, [7.5, 7.5], id="longer than we would wait"),
        pytest.param(9_999.0, [60.0, 60.0], id="longer than anybody waits here"),
    ],
)
def test_a_provider_is_left_alone_for_as_long_as_it_says(tmp_path, wants, waits):
    provider = FakeProvider("not-accepted", wait_seconds=wants)
    clock = TickingClock()
    office = an_office(tmp_path, provider=provider, clock=clock)
    case = a_case(office)
    waited = []

    def sleep(seconds):
        waited.append(seconds)
        clock.advance(seconds)

    assert post(office, sleep=sleep) is PENDING

    assert waited == waits
    claims = [attempt.claim for attempt in case.attempts(1, id_of())]
    # Each was taken after the wait, so that none of them ran out in it.
    assert [claim.has_run_out(clock()) for claim in claims[-1:]] == [False]
    assert len(provider.requests) == 3


def test_a_sample_letter_does_not_leave_the_house(tmp_path):
    provider = FakeProvider(takes_samples=False)
    office = an_office(tmp_path, provider=provider)
    case = a_case(office, letter=a_letter(sample=True))
    before = case.names()

    with pytest.raises(SampleInLiveOffice) as raised:
        post(office)

    assert raised.value.code == "sample-in-live-office"
    assert (provider.requests, case.names()) == ([], before)


def test_a_real_letter_does(tmp_path):
    provider = FakeProvider(takes_samples=False)
    office = an_office(tmp_path, provider=provider)
    a_case(office)

    assert post(office) is ACCEPTED


# Nothing but what was approved.


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        pytest.param({"email": an_email(subject="Another")}, "the subject", id="another subject"),
        pytest.param({"email": an_email(text="Another\n")}, "the text", id="another text"),
        pytest.param({"email": an_email(text=an_email().text + "\n")}, "the text", id="a line end"),
        pytest.param({"email": an_email(html="<p>Another</p>")}, "the HTML", id="another HTML"),
        pytest.param({"pdf": PDF + b"\n"}, "the PDF", id="another PDF"),
        pytest.param(
            {"recipient": a_recipient(email="someone@else.example")},
            "the recipient",
            id="another address",
        ),
        pytest.param(
            {"recipient": a_recipient(name="Another")}, "the recipient", id="another name"
        ),
        pytest.param({"recipient": a_recipient(role="member")}, "the recipient", id="another role"),
    ],
)
def test_what_is_not_in_the_pack_is_not_sent(tmp_path, changes, part):
    provider = FakeProvider()
    office = an_office(tmp_path, provider=provider)
    case = a_case(office)

    with pytest.raises(PackMismatch, match=rf"it differs in {part}\.") as raised:
        post(office, **{"email": an_email()} | changes)

    assert raised.value.code == "pack-mismatch"
    assert provider.requests == []
    assert [name for name in case.names() if "deliveries" in name] == []


@pytest.mark.parametrize(
    ("pack", "part"),
    [
        pytest.param(
            a_pack(a_recipient(), revision=2), "the reference or revision", id="another revision"
        ),
        pytest.param(
            a_pack(a_recipient(), reference="CRA-ELSEWHERE-2011-02-14"),
            "the reference or revision",
            id="another letter",
        ),
        pytest.param(
            a_pack(), "the recipient, the subject, the text, the HTML", id="nobody to send it to"
        ),
    ],
)
def test_what_is_another_pack_is_not_sent(tmp_path, pack, part):
    provider = FakeProvider()
    office = an_office(tmp_path, provider=provider)
    a_case(office, pack=pack)

    with pytest.raises(PackMismatch, match=rf"it differs in {part}\."):
        post(office)

    assert provider.requests == []


# Crashes, delays and failures.


def moments():
    """Every moment around a put of one delivery.

    Started; announcement, claim, entry; announcement, outcome, entry; end.
    """
    return [
        pytest.param((when, number), id=f"killed {when} put {number}")
        for number in range(1, 9)
        for when in ("before", "after")
    ]


@pytest.mark.parametrize("moment", moments())
def test_a_crash_at_any_put_is_resolved_by_the_next_run(tmp_path, moment):
    prepared = an_office(tmp_path)
    case = a_case(prepared)
    killed = an_office(tmp_path, store=HookedStore(FolderStore(tmp_path / "archive"), kill(moment)))

    assert not post_until_killed(killed)
    assert post(an_office(tmp_path)) is ACCEPTED

    assert [path.name for path in (tmp_path / "outbox").glob("*.eml")] == [f"{id_of()}.eml"]
    assert_whole(case)


def test_the_moments_are_all_there_are(tmp_path):
    reached = []
    office = an_office(
        tmp_path,
        store=HookedStore(
            FolderStore(tmp_path / "archive"), lambda *moment: reached.append(moment)
        ),
    )
    a_case(an_office(tmp_path))

    post(office)

    assert reached == [moment.values[0] for moment in moments()]


@pytest.mark.parametrize("moment", moments())
def test_a_crash_with_a_provider_that_tells_nothing_sends_at_most_once(tmp_path, moment):
    provider = FakeProvider()
    case = a_case(an_office(tmp_path))
    store = HookedStore(FolderStore(tmp_path / "archive"), kill(moment))

    post_until_killed(an_office(tmp_path, provider=provider, store=store))
    taken = provider.taken[id_of()]
    state = post(an_office(tmp_path, provider=provider))

    # Only between the claim and the outcome nobody can tell what became of it.
    in_doubt = {("after", 3), ("before", 4), ("after", 4), ("before", 5), ("after", 5)}
    in_doubt |= {("before", 6)}
    assert state is (UNKNOWN if moment in in_doubt else ACCEPTED)
    assert provider.taken[id_of()] == (taken if moment in in_doubt else 1)
    assert_whole(case)


@pytest.mark.parametrize(
    ("does", "taken"),
    [
        pytest.param("killed before", 0, id="before the provider took it"),
        pytest.param("killed after", 1, id="after the provider took it"),
    ],
)
@pytest.mark.parametrize(
    "evidence",
    [pytest.param(True, id="with evidence"), pytest.param(False, id="without evidence")],
)
def test_a_crash_inside_the_request(tmp_path, does, taken, evidence):
    provider = FakeProvider(does, "accepted", evidence=evidence)
    a_case(an_office(tmp_path))

    assert not post_until_killed(an_office(tmp_path, provider=provider))
    state = post(an_office(tmp_path, provider=provider))

    assert state is (ACCEPTED if evidence else UNKNOWN)
    assert provider.taken[id_of()] == (1 if evidence else taken)


@pytest.mark.parametrize(
    ("seconds", "requests"),
    [
        pytest.param(29, 1, id="held up for less than half of its claim, it sends"),
        pytest.param(31, 1, id="held up for longer, it gives up and claims anew"),
        pytest.param(61, 1, id="held up for the whole claim, it gives up and claims anew"),
    ],
)
def test_a_request_begins_only_in_the_first_half_of_its_claim(tmp_path, seconds, requests):
    provider = FakeProvider()
    clock = TickingClock()

    def hold_up(*moment):
        if moment == ("after", 3):
            clock.advance(seconds)

    store = HookedStore(FolderStore(tmp_path / "archive"), hold_up)
    office = an_office(tmp_path, provider=provider, clock=clock, store=store)
    case = a_case(an_office(tmp_path))

    assert post(office) is ACCEPTED

    results = [attempt.outcome.result for attempt in case.attempts(1, id_of())]
    assert results == (["accepted"] if seconds == 29 else ["not-accepted", "accepted"])
    assert len(provider.requests) == requests


def test_a_request_is_not_made_where_its_claim_was_judged_meanwhile(tmp_path):
    provider = FakeProvider()
    case = a_case(an_office(tmp_path))

    def judge(*moment):  # by a machine whose clock is ahead
        if moment == ("after", 3):
            held(case, a_settlement("sent"))

    store = HookedStore(FolderStore(tmp_path / "archive"), judge)
    office = an_office(tmp_path, provider=provider, store=store)

    assert post(office) is DeliveryState.SETTLED_AS_SENT
    assert provider.requests == []


def test_a_request_is_not_made_where_another_claim_took_the_place(tmp_path):
    provider = FakeProvider()
    clock = TickingClock()
    case = a_case(an_office(tmp_path))

    def held_up(*moment):
        if moment == ("after", 3):
            clock.advance(61)
            held(case, a_settlement("absent"), a_claim(2, at=clock()))

    store = HookedStore(FolderStore(tmp_path / "archive"), held_up)

    assert post(an_office(tmp_path, provider=provider, clock=clock, store=store)) is UNKNOWN
    assert provider.requests == []


def test_a_claim_that_can_not_be_checked_is_not_used(tmp_path):
    provider = FakeProvider()
    case = a_case(an_office(tmp_path))
    failures = [StoreUnavailable("The disk is away.")]
    store = HookedStore(FolderStore(tmp_path / "archive"), lambda *_: None)

    def find(key):
        is_claimed = case.find(f"{FOLDER}/claim-1.json") is not None
        if key.endswith("outcome-1.json") and is_claimed and failures:
            raise failures.pop()
        return FolderStore(tmp_path / "archive").find(key)

    store.find = find

    assert post(an_office(tmp_path, provider=provider, store=store)) is ACCEPTED
    results = [attempt.outcome.result for attempt in case.attempts(1, id_of())]
    assert results == ["not-accepted", "accepted"]
    assert len(provider.requests) == 1


def test_an_acceptance_that_comes_late_is_written_by_its_owner_and_counts(tmp_path):
    provider = FakeProvider()
    clock = TickingClock()
    office = an_office(tmp_path, provider=provider, clock=clock)
    case = a_case(office)
    states = []

    def meanwhile():
        clock.advance(61)
        states.append(post(an_office(tmp_path, provider=FakeProvider(), clock=clock)))

    provider.meanwhile = meanwhile

    assert post(office) is ACCEPTED
    assert states == [UNKNOWN]
    assert len(provider.requests) == 1
    assert_whole(case)


class FailingStore(HookedStore):
    """A store that can't be used for some puts of a delivery's objects."""

    def __init__(self, store, name, failures):
        super().__init__(store, lambda *_: None)
        self._name = name
        self._failures = failures

    def put(self, key, data):
        if key.endswith(self._name) and self._failures:
            self._failures -= 1
            raise StoreUnavailable("The disk is away.")
        return super().put(key, data)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("claim-1.json", id="the claim"),
        pytest.param("outcome-1.json", id="the outcome"),
    ],
)
def test_what_can_not_be_stored_at_once_is_tried_again(tmp_path, name):
    provider = FakeProvider()
    case = a_case(an_office(tmp_path))
    store = FailingStore(FolderStore(tmp_path / "archive"), name, failures=4)

    assert post(an_office(tmp_path, provider=provider, store=store)) is ACCEPTED

    assert len(provider.requests) == 1
    assert_whole(case)


def test_an_acceptance_that_can_not_be_stored_is_logged_and_never_sent_again(tmp_path, caplog):
    provider = FakeProvider()
    a_case(an_office(tmp_path))
    store = FailingStore(FolderStore(tmp_path / "archive"), "outcome-1.json", failures=99)

    with pytest.raises(StoreUnavailable):
        post(an_office(tmp_path, provider=provider, store=store))

    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(told) == len((*STORE_WAITS_SECONDS, *OUTCOME_WAITS_SECONDS))
    assert "result='accepted'" in told[0]
    assert "provider_id='m-1'" in told[0]
    assert post(an_office(tmp_path, provider=provider)) is UNKNOWN
    assert len(provider.requests) == 1


def test_an_acceptance_is_kept_when_the_archive_was_away_for_minutes(tmp_path):
    provider = FakeProvider()
    case = a_case(an_office(tmp_path))
    clock, waited = TickingClock(), []
    failures = len((*STORE_WAITS_SECONDS, *OUTCOME_WAITS_SECONDS))
    store = FailingStore(FolderStore(tmp_path / "archive"), "outcome-1.json", failures=failures)

    def sleep(seconds):
        waited.append(seconds)
        clock.advance(seconds)

    office = an_office(tmp_path, provider=provider, store=store, clock=clock)
    assert post(office, sleep=sleep) is ACCEPTED

    assert sum(waited) > 240
    assert len(provider.requests) == 1
    assert_whole(case)


def test_a_claim_that_can_not_be_stored_sends_nothing(tmp_path):
    provider = FakeProvider()
    a_case(an_office(tmp_path))
    store = FailingStore(FolderStore(tmp_path / "archive"), "claim-1.json", failures=9)

    with pytest.raises(StoreUnavailable):
        post(an_office(tmp_path, provider=provider, store=store))

    assert provider.requests == []
    assert post(an_office(tmp_path, provider=provider)) is ACCEPTED


def test_of_many_at_the_same_instant_one_sends_and_all_are_told_the_same(tmp_path):
    provider = FakeProvider()
    provider.meanwhile = lambda: time.sleep(0.05)  # long enough for any other owner to send too
    case = a_case(an_office(tmp_path))
    together, states = Barrier(6), []

    def meet(*moment):  # so that all read the same head, and put their claims at once
        if moment in (("after", 1), ("before", 2)):
            together.wait()

    def run():
        office = an_office(
            tmp_path,
            provider=provider,
            # It stands still: only their nonces tell the claims apart.
            clock=TickingClock(tick=timedelta()),
            store=HookedStore(FolderStore(tmp_path / "archive"), meet),
        )
        states.append(post(office, sleep=lambda _: time.sleep(0.005)))

    threads = [Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert states == [ACCEPTED] * 6
    assert len(provider.requests) == 1
    assert_whole(case)
