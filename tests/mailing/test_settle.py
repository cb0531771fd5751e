"""A person ends a delivery in doubt; what is in no doubt is not theirs to end."""

import pytest

from letters.delivery import DeliveryState, Settlement
from letters.errors import UsageError
from tasks.case.folder import FolderStore
from tasks.case.store import StoreUnavailable
from tasks.mailing.delivery import MARGIN_SECONDS
from tasks.mailing.settle import NothingToSettle, settle
from tests.mailing.post_room import (
    A_MACHINE_AHEAD,
    AN_ENDED_PROCESS,
    FOLDER,
    FakeProvider,
    HookedStore,
    Killed,
    a_case,
    a_claim,
    a_recipient,
    a_settlement,
    an_outcome,
    assert_whole,
    held,
    id_of,
    kill,
    post,
)
from tests.offices import an_office

ACCEPTED, PENDING, SENT = (
    DeliveryState.ACCEPTED,
    DeliveryState.PENDING,
    DeliveryState.SETTLED_AS_SENT,
)
WHY = "The Director’s office telephoned: nothing came. – Anna"


def never(_):
    raise AssertionError("nobody waits here")


def decide(case, as_="resend", why=WHY, sleep=never):
    return settle(case.office, case, 1, a_recipient(), as_=as_, why=why, sleep=sleep)


def a_settled_case(tmp_path, *values, provider=None):
    case = a_case(an_office(tmp_path, provider=provider or FakeProvider()))
    held(case, *values)
    return case


def settlement_of(case, attempt=1):
    return case.attempts(1, id_of())[attempt - 1].settlement


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([a_claim(), an_outcome("unknown")], id="unknown by its outcome"),
        pytest.param([a_claim(seconds=-1)], id="unknown, as its claim ran out"),
        pytest.param([a_claim(owner=AN_ENDED_PROCESS)], id="unknown, as its owner is gone"),
        pytest.param([a_claim(), an_outcome("refused")], id="refused"),
    ],
)
@pytest.mark.parametrize(
    ("as_", "state", "requests"),
    [
        pytest.param("resend", PENDING, 1, id="to be sent again"),
        pytest.param("sent", SENT, 0, id="to count as sent"),
    ],
)
def test_a_delivery_in_doubt_ends_as_a_person_says(tmp_path, values, as_, state, requests):
    case = a_settled_case(tmp_path, *values)

    assert decide(case, as_) is state

    assert settlement_of(case) == Settlement(
        send_id=id_of(),
        attempt=1,
        ends_as=as_,
        why=WHY,
        actor="tester@desk",
        at=settlement_of(case).at,
    )
    assert post(case.office) is (ACCEPTED if requests else SENT)
    assert len(case.office.provider.requests) == requests
    assert_whole(case)


@pytest.mark.parametrize(
    ("values", "state", "told"),
    [
        pytest.param([], PENDING, "the next run sends it", id="pending"),
        pytest.param([a_claim(seconds=600)], DeliveryState.IN_FLIGHT, "being sent", id="in flight"),
        pytest.param(
            [a_claim(), an_outcome("accepted")],
            ACCEPTED,
            "the provider has taken it",
            id="accepted",
        ),
        pytest.param(
            [a_claim(), an_outcome("unknown"), a_settlement("sent")],
            SENT,
            "someone decided before",
            id="settled before",
        ),
        pytest.param(
            [a_claim(), an_outcome("not-accepted")], PENDING, "the next run sends it", id="to go on"
        ),
    ],
)
def test_what_is_in_no_doubt_can_not_be_settled(tmp_path, values, state, told):
    case = a_settled_case(tmp_path, *values)
    before = case.names()

    with pytest.raises(NothingToSettle, match=f"The delivery is {state}: .*{told}") as raised:
        decide(case)

    assert raised.value.code == "nothing-to-settle"
    assert raised.value.remedy
    assert case.names() == before


@pytest.mark.parametrize("as_", ["resend", "sent"])
def test_proof_of_acceptance_settles_it_whatever_was_asked(tmp_path, as_):
    provider = FakeProvider(evidence=True)
    provider.taken[id_of()] = 1
    case = a_settled_case(tmp_path, a_claim(), an_outcome("unknown"), provider=provider)

    assert decide(case, as_) is ACCEPTED

    assert (settlement_of(case).ends_as, settlement_of(case).why) == (
        "accepted",
        f"Evidence: the provider “fake” holds the message. Asked for was “{as_}”: {WHY}",
    )


def test_proof_of_absence_beats_what_a_person_believes(tmp_path):
    provider = FakeProvider(evidence=True)
    claim = a_claim(owner=AN_ENDED_PROCESS)
    case = a_settled_case(tmp_path, claim, an_outcome("unknown"), provider=provider)

    assert decide(case, "sent") is PENDING


def test_what_is_absent_here_proves_nothing_of_another_machines_request(tmp_path):
    provider = FakeProvider(evidence=True)
    case = a_settled_case(tmp_path, a_claim(), an_outcome("unknown"), provider=provider)

    assert decide(case, "sent") is SENT


@pytest.mark.parametrize(("as_", "state"), [("resend", PENDING), ("sent", SENT)])
def test_a_claim_of_the_future_is_waited_for_as_long_as_it_holds(tmp_path, as_, state):
    case = a_settled_case(tmp_path, a_claim(at=A_MACHINE_AHEAD, seconds=60))
    waits = []

    assert decide(case, as_, sleep=waits.append) is state

    assert sum(waits) == pytest.approx(60 + MARGIN_SECONDS, abs=1)
    assert_whole(case)


def test_a_claim_of_the_future_whose_owner_tells_meanwhile_is_in_no_doubt(tmp_path):
    case = a_settled_case(tmp_path, a_claim(at=A_MACHINE_AHEAD, seconds=60))

    with pytest.raises(NothingToSettle, match="The delivery is accepted"):
        decide(case, sleep=lambda _: held(case, an_outcome("accepted")))


def test_a_refusal_is_not_asked_about(tmp_path):
    provider = FakeProvider(evidence=True)
    provider.taken[id_of()] = 1
    case = a_settled_case(tmp_path, a_claim(), an_outcome("refused"), provider=provider)

    assert decide(case, "resend") is PENDING


@pytest.mark.parametrize(
    ("why", "code"),
    [
        pytest.param("", "why-missing", id="no reason"),
        pytest.param(" \n\t ", "why-missing", id="white space for a reason"),
        pytest.param("a" * 2001, "why-too-long", id="a reason too long"),
        pytest.param("half \ud83d", "why-unreadable", id="half a character"),
    ],
)
def test_a_reason_is_needed_that_can_be_kept(tmp_path, why, code):
    case = a_settled_case(tmp_path, a_claim(), an_outcome("unknown"))
    before = case.names()

    with pytest.raises(UsageError) as raised:
        decide(case, why=why)

    assert (raised.value.code, case.names()) == (code, before)


def test_the_longest_reason_is_kept_without_the_space_around_it(tmp_path):
    case = a_settled_case(tmp_path, a_claim(), an_outcome("unknown"))

    decide(case, why=f"  {'é' * 2000}\n")

    assert settlement_of(case).why == "é" * 2000


def test_the_reason_stands_in_the_settlement_and_only_its_hash_in_the_chain(tmp_path):
    case = a_settled_case(tmp_path, a_claim(), an_outcome("unknown"))

    decide(case)

    entries = [entry for entry in case.chain.entries() if entry.step == "settle-delivery"]
    chain = b"".join(entry.to_bytes() for entry in entries)
    events = [entry.event for entry in entries]
    assert events == ["started", "announced", "settled", "completed"]
    assert entries[2].detail["object"] == case.key(f"{FOLDER}/settlement-1.json")
    assert b"telephoned" not in chain
    assert_whole(case)


def test_who_settles_second_is_told_what_holds(tmp_path):
    case = a_case(an_office(tmp_path, provider=FakeProvider()))
    held(case, a_claim(), an_outcome("unknown"))

    def meanwhile(when, number):
        if (when, number) == ("before", 2):
            held(case, a_settlement("sent"))

    store = HookedStore(FolderStore(tmp_path / "archive"), meanwhile)
    second = a_case(an_office(tmp_path, provider=FakeProvider(), store=store))

    with pytest.raises(NothingToSettle, match="The delivery is settled-as-sent"):
        decide(second, "resend")

    assert settlement_of(case) == a_settlement("sent")


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param((when, number), id=f"killed {when} put {number}")
        for number in range(1, 5)
        for when in ("before", "after")
    ],
)
def test_a_crash_while_settling_loses_nothing_and_sends_nothing(tmp_path, moment):
    provider = FakeProvider()
    case = a_settled_case(tmp_path, a_claim(), an_outcome("unknown"), provider=provider)
    store = HookedStore(FolderStore(tmp_path / "archive"), kill(moment))
    killed = an_office(tmp_path, provider=provider, store=store)

    with pytest.raises(Killed):
        decide(type(case)(killed, case.reference))

    if settlement_of(case) is None:
        decide(case)
    assert provider.requests == []
    assert post(case.office) is ACCEPTED
    assert len(provider.requests) == 1
    assert_whole(case)


def test_a_store_that_fails_leaves_the_doubt_as_it_was(tmp_path):
    def fail(when, number):
        if (when, number) == ("before", 2):
            raise StoreUnavailable("The disk is away.")

    case = a_settled_case(tmp_path, a_claim(), an_outcome("unknown"))
    store = HookedStore(FolderStore(tmp_path / "archive"), fail)

    with pytest.raises(StoreUnavailable):
        decide(
            type(case)(an_office(tmp_path, provider=FakeProvider(), store=store), case.reference)
        )

    assert case.delivery_state(1, a_recipient()) is DeliveryState.UNKNOWN
