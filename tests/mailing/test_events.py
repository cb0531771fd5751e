"""What the provider tells is brought into its case once, and proves what it proves."""

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from flows.verification import verify_office
from letters.delivery import DeliveryState
from letters.events import Progress
from letters.recipient import send_id
from tasks.archiving.archive import anchor, close
from tasks.case.case import Case
from tasks.case.ledger import ledger_of
from tasks.case.record import ObjectForeign
from tasks.case.store import StoreUnavailable
from tasks.mailing.batches import BatchUnvouched, events_of, unapplied
from tasks.mailing.events import apply_batch, event_name
from tasks.mailing.progress import progress_of, settle_by_evidence
from tests.issuing import a_sample_office, as_another_process, copied, do, issue
from tests.mailing.post_room import (
    AN_ENDED_PROCESS,
    ANOTHER_MACHINE,
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
    kill,
    post,
)
from tests.offices import an_office, some_settings
from tests.provider_batches import an_event, event_of, kept, public_key

ACCEPTED, PENDING, REFUSED, UNKNOWN, IN_FLIGHT, SENT = (
    DeliveryState.ACCEPTED,
    DeliveryState.PENDING,
    DeliveryState.REFUSED,
    DeliveryState.UNKNOWN,
    DeliveryState.IN_FLIGHT,
    DeliveryState.SETTLED_AS_SENT,
)


@pytest.fixture
def office(tmp_path):
    return an_office(
        tmp_path,
        settings=some_settings(tmp_path, webhook={"public_key": public_key()}),
        provider=FakeProvider(),
    )


@pytest.fixture
def case(office):
    """A letter of which one e-mail was claimed, by a process that has ended."""
    case = a_case(office)
    held(case, a_claim(owner=AN_ENDED_PROCESS))
    return case


@pytest.fixture(scope="module")
def closed_office(tmp_path_factory):
    root = tmp_path_factory.mktemp("closed")
    issue(a_sample_office(root))
    return root


@pytest.fixture
def closed(closed_office, tmp_path):
    """A letter that was issued and closed before its provider told anything."""
    settings = some_settings(tmp_path, webhook={"public_key": public_key()})
    office = a_sample_office(copied(closed_office, tmp_path / "office"), settings=settings)
    office.clock.advance(60)
    return Case(office, "CRA-WESTMERE-2011-03-08")


def tell(case, *events, **fields):
    """Keep a batch of events of the delivery to the director, and apply it."""
    items = [event_of(case, a_recipient(), event, **fields) for event in events]
    return apply_batch(case.office, kept(case.office, *items))


def state_of(case):
    return case.delivery_state(1, a_recipient())


def event_objects(case):
    return [name for name in case.names() if "/event-" in name]


def test_an_event_becomes_an_object_of_its_delivery_without_the_address(office, case):
    item = event_of(case, a_recipient(), "bounce", reason="550 <director@westmere.example>")
    key = kept(office, item)

    applied = apply_batch(office, key)

    (name,) = event_objects(case)
    (event,) = applied.stored
    assert name == event_name(event)
    assert name.startswith(f"{FOLDER}/event-")
    assert json.loads(case.get(name)) == {
        "layout": 1,
        "sg_event_id": item["sg_event_id"],
        "event": "bounce",
        "at": "2011-03-14T09:00:00.000Z",
        "send_id": item["send_id"],
        "reference": case.reference,
        "revision": 1,
        "reason": "550 <d…@westmere.example>",
    }
    assert (applied.known, applied.unmatched, applied.others) == (0, 0, 0)
    assert unapplied(office) == []
    completed = [e.detail for e in case.chain.entries() if e.event == "completed"]
    assert {"batch": key, "events": 1} in completed
    assert ledger_of(office).entries() == []
    assert_whole(case)


def test_the_same_events_in_any_batch_are_kept_once(office, case):
    item = event_of(case, a_recipient())
    other = event_of(case, a_recipient(), "processed")
    first = apply_batch(office, kept(office, item, item))
    before = case.names()

    again = apply_batch(office, kept(office, item))
    with_another = apply_batch(office, kept(office, other, item))

    assert [(len(a.stored), a.known) for a in (first, again, with_another)] == [
        (1, 1),
        (0, 1),
        (1, 1),
    ]
    assert set(case.names()) >= set(before)
    assert len(event_objects(case)) == 2


def test_a_batch_is_applied_again_without_writing_anything(office, case):
    key = kept(office, event_of(case, a_recipient()))
    apply_batch(office, key)
    before = office.store.list("")

    assert apply_batch(as_another_process(office), key).known == 1
    assert office.store.list("") == before


def test_the_order_in_which_batches_are_applied_doesn_t_matter(office, tmp_path):
    told = ("processed", "deferred", "delivered")
    found = []
    for number, order in enumerate(itertools.permutations(told)):
        other = an_office(tmp_path / str(number), provider=FakeProvider())
        case = a_case(other)
        held(case, a_claim())
        for event in order:
            tell(case, event, timestamp=1300093200 + told.index(event))
        found.append(progress_of(case, 1, a_recipient()))

    assert (
        found
        == [
            Progress(
                stage="delivered",
                stage_at="2011-03-14T09:00:02.000Z",
                deferred_since="2011-03-14T09:00:01.000Z",
            )
        ]
        * 6
    )


STRANGERS = {
    "another letter's": {"reference": "CRA-WESTMERE-2010-01-01"},
    "another revision's": {"revision": "2"},
    "another recipient's": {"send_id": send_id("CRA-WESTMERE-2011-02-14", 1, "x@x.example")},
    "a notice's": {"send_id": "0" * 32},
}


@pytest.mark.parametrize("whose", STRANGERS)
def test_an_event_with_ids_that_don_t_match_is_counted_and_left_aside(office, case, whose):
    before = office.store.list("cases")
    item = event_of(case, a_recipient()) | STRANGERS[whose]

    applied = apply_batch(office, kept(office, item, an_event(), an_event(send_id=1)))

    assert (applied.stored, applied.unmatched, applied.others) == ((), 1, 2)
    assert office.store.list("cases") == before
    assert unapplied(office) == []


def test_an_event_of_a_delivery_that_nobody_claimed_is_left_aside(office):
    case = a_case(office)

    assert tell(case, "delivered").unmatched == 1
    assert event_objects(case) == []


def test_a_batch_that_the_chain_doesn_t_name_is_not_applied(office, case):
    key = kept(office, event_of(case, a_recipient()))
    path = office.root / "archive" / key
    path.write_bytes(path.read_bytes() + b" ")

    with pytest.raises(BatchUnvouched):
        apply_batch(office, key)
    assert event_objects(case) == []


# What an event proves.


@pytest.mark.parametrize("event", ["processed", "deferred", "delivered", "bounce", "dropped"])
def test_an_event_settles_an_unknown_delivery_as_accepted(office, case, event):
    assert state_of(case) is UNKNOWN

    applied = tell(case, event)

    assert applied.settled == (f"{case.reference} r1, director: accepted",)
    assert state_of(case) is ACCEPTED
    (attempt,) = case.attempts(1, send_id(case.reference, 1, a_recipient().email))
    assert attempt.settlement.ends_as == "accepted"
    assert attempt.settlement.why == (
        f"Evidence: the provider told on its own “{event}”, 2011-03-14T09:00:00.000Z."
    )
    assert_whole(case)


HELD = {
    "a refusal that the provider contradicts": (["refused"], [], ACCEPTED),
    "an attempt that the provider says it didn't take": (["not-accepted"], [], ACCEPTED),
    "an acceptance": (["accepted"], [], ACCEPTED),
    "a decision of a person": (["unknown"], ["sent"], SENT),
}


@pytest.mark.parametrize("what", HELD)
def test_an_event_leaves_a_delivery_as_accepted_or_as_it_was(office, what):
    outcomes, settlements, expected = HELD[what]
    case = a_case(office)
    held(case, a_claim(), *map(an_outcome, outcomes), *map(a_settlement, settlements))

    tell(case, "delivered")

    assert state_of(case) is expected


@pytest.mark.parametrize("ends_as", ["resend", "absent"])
def test_what_was_to_be_sent_again_is_not_once_the_provider_tells_of_it(office, case, ends_as):
    held(case, a_settlement(ends_as))
    assert state_of(case) is PENDING

    tell(case, "processed")

    assert state_of(case) is ACCEPTED
    assert post(office) is ACCEPTED
    assert office.provider.requests == []


def test_an_event_that_proves_nothing_settles_nothing(office, case):
    tell(case, "teleported")

    assert state_of(case) is UNKNOWN
    assert progress_of(case, 1, a_recipient()) == Progress(noted=("teleported",))


def test_an_event_before_its_outcome_waits_for_the_claim_s_owner(office):
    case = a_case(office)
    held(case, a_claim(seconds=60))

    tell(case, "processed")
    meanwhile = state_of(case)
    office.clock.advance(61)
    unsettled = state_of(case)
    settled = settle_by_evidence(case, 1, a_recipient())

    assert (meanwhile, unsettled, settled.state) == (IN_FLIGHT, UNKNOWN, ACCEPTED)


@pytest.mark.parametrize(
    ("owner", "sent", "is_asked", "expected"),
    [
        pytest.param(AN_ENDED_PROCESS, True, True, ACCEPTED, id="the provider has it"),
        pytest.param(AN_ENDED_PROCESS, False, True, PENDING, id="the provider hasn't"),
        pytest.param(AN_ENDED_PROCESS, True, False, UNKNOWN, id="nobody asked"),
        pytest.param(ANOTHER_MACHINE, True, True, ACCEPTED, id="it has another machine's"),
        pytest.param(ANOTHER_MACHINE, False, True, UNKNOWN, id="it can't tell another machine's"),
    ],
)
def test_the_provider_is_asked_where_no_event_came(office, owner, sent, is_asked, expected):
    provider = FakeProvider(evidence=True)
    provider.taken[send_id("CRA-WESTMERE-2011-02-14", 1, a_recipient().email)] = sent
    office = replace(office, provider=provider)
    case = a_case(office)
    held(case, a_claim(owner=owner, seconds=-1))

    judged = settle_by_evidence(case, 1, a_recipient(), is_provider_asked=is_asked)

    assert judged == (expected, expected is not UNKNOWN)
    assert state_of(case) is expected


def test_an_event_laid_in_by_hand_proves_nothing_and_is_never_adopted(office, case):
    item = event_of(case, a_recipient(), "delivered")
    key = kept(office, item)
    twin = an_office(office.root.parent / "twin", provider=FakeProvider())
    held(a_case(twin), a_claim())
    (event,) = apply_batch(twin, kept(twin, item)).stored
    forged = event.model_copy(update={"event": "bounce"})
    office.store.put(case.key(event_name(event)), forged.model_dump_json().encode())

    assert progress_of(case, 1, a_recipient()) == Progress()
    assert settle_by_evidence(case, 1, a_recipient()) == (UNKNOWN, False)
    with pytest.raises(ObjectForeign):
        apply_batch(office, key)
    assert unapplied(office) == [key]


def test_an_event_that_was_altered_proves_nothing(office):
    case = a_case(office)
    held(case, a_claim(seconds=60))
    tell(case, "processed")
    (name,) = event_objects(case)
    path = office.root / "archive" / case.key(name)
    path.write_bytes(path.read_bytes().replace(b"processed", b"delivered"))
    office.clock.advance(61)

    assert progress_of(case, 1, a_recipient()) == Progress()
    assert settle_by_evidence(case, 1, a_recipient()) == (UNKNOWN, False)


# Failures.


def test_a_case_that_can_t_be_written_keeps_no_other_waiting(office, case, tmp_path, monkeypatch):
    from tasks.mailing import events

    key = kept(
        office,
        event_of(case, a_recipient()) | {"reference": "CRA-WESTMERE-2010-01-01"},
        event_of(case, a_recipient()),
    )
    looked = events._recipient_of

    def fails_for_the_first(case, event):
        if event.reference != "CRA-WESTMERE-2011-02-14":
            raise StoreUnavailable("It is away.")
        return looked(case, event)

    with monkeypatch.context() as patched:
        patched.setattr(events, "_recipient_of", fails_for_the_first)
        with pytest.raises(StoreUnavailable):
            apply_batch(office, key)

    assert len(event_objects(case)) == 1
    assert unapplied(office) == [key]
    assert apply_batch(office, key).known == 1
    assert unapplied(office) == []


MOMENTS = [(when, number) for number in range(1, 12) for when in ("before", "after")]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_crash_anywhere_and_again_comes_to_the_same(office, case, moment):
    key = kept(
        office, event_of(case, a_recipient(), "processed"), event_of(case, a_recipient(), "bounce")
    )
    killed = replace(as_another_process(office), store=HookedStore(office.store, kill(moment)))
    try:
        apply_batch(killed, key)
    except Killed:
        died = True
    else:
        died = False

    apply_batch(as_another_process(office), key)

    assert died or moment[1] > 10
    assert unapplied(office) == []
    assert len(event_objects(case)) == 2
    assert state_of(case) is ACCEPTED
    progress = progress_of(case, 1, a_recipient())
    assert (progress.stage, progress.flags) == ("processed", ("bounce",))
    assert_whole(case)


def test_the_same_batch_applied_by_eight_at_once_comes_to_the_same(office, case):
    key = kept(office, *(event_of(case, a_recipient(), e) for e in ("processed", "delivered")))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: apply_batch(as_another_process(office), key), range(8)))

    assert len(event_objects(case)) == 2
    assert state_of(case) is ACCEPTED
    assert progress_of(case, 1, a_recipient()).stage == "delivered"
    assert_whole(case)


# Closed cases.


def told_of_all(case, event="delivered"):
    return [event_of(case, recipient, event) for recipient in case.recipients(1)]


def verified(case):
    """What a verification says against the letter: nothing, if all is well."""
    report = verify_office(case.office, reference=case.reference)
    return report.differences, report.open_objects, report.unanchored_entries


def test_a_case_closed_before_it_was_delivered_gets_its_events_and_is_anchored_anew(closed):
    office = closed.office
    ledger = len(ledger_of(office).entries())
    key = kept(office, *told_of_all(closed))

    applied = apply_batch(office, key)
    again = apply_batch(as_another_process(office), key)

    entered = ledger_of(office).entries()[ledger:]
    assert (len(applied.stored), again.known) == (2, 2)
    assert [(e.event, e.detail["case_seq"]) for e in entered] == [
        ("recorded", closed.chain.head()[0])
    ]
    assert entered[0].detail["object"] == closed.key(event_name(applied.stored[-1]))
    assert verified(closed) == ((), (), 0)
    assert {progress_of(closed, 1, r).stage for r in closed.recipients(1)} == {"delivered"}


def test_a_batch_that_repeats_what_a_closed_case_holds_is_not_entered_again(closed):
    items = told_of_all(closed)
    apply_batch(closed.office, kept(closed.office, *items))
    before = len(ledger_of(closed.office).entries())

    apply_batch(closed.office, kept(closed.office, items[0]))

    assert len(ledger_of(closed.office).entries()) == before


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_crash_at_a_closed_case_leaves_it_whole_and_the_next_anchors_it(closed, moment):
    office = closed.office
    key = kept(office, *told_of_all(closed))
    killed = replace(as_another_process(office), store=HookedStore(office.store, kill(moment)))
    try:
        apply_batch(killed, key)
    except Killed:
        died = True
    else:
        died = False

    fresh = as_another_process(office)
    between = verified(Case(fresh, closed.reference))
    apply_batch(fresh, key)

    assert died or moment[1] > 8
    assert between[0] == ()
    assert verified(Case(as_another_process(office), closed.reference)) == ((), (), 0)


def test_a_letter_told_of_while_it_is_being_closed_is_anchored_to_its_end(tmp_path, monkeypatch):
    office = a_sample_office(tmp_path)
    case, revision = issue_unclosed(office, monkeypatch)
    do("close-case", case, close, revision)
    apply_batch(office, kept(office, *told_of_all(case)))
    do("anchor-case", case, anchor, revision)

    events = [e.event for e in ledger_of(office).entries() if e.event in ("recorded", "closed")]
    assert events == ["recorded", "closed"]
    assert verified(case) == ((), (), 0)


def issue_unclosed(office, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("tests.issuing.close", lambda *_: False)
        return issue(office)


def test_the_chain_of_events_says_what_came_of_each_batch(office, case):
    tell(case, "processed")
    apply_batch(office, kept(office, an_event(), event_of(case, a_recipient(), revision=2)))

    applied = [e.detail for e in events_of(office).chain.entries() if e.event == "applied"]
    assert [{k: v for k, v in one.items() if k != "of"} for one in applied] == [
        {"stored": 1, "known": 0, "unmatched": 0, "others": 0},
        {"stored": 0, "known": 0, "unmatched": 1, "others": 1},
    ]
