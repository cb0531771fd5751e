"""What a batch says, and what its events mean together in whatever order they come."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.events import (
    FLAGS,
    STAGES,
    BatchUnreadable,
    Progress,
    ProviderEvent,
    read_batch,
)
from tests.provider_batches import an_event, body_of

SEND_ID = "5e" * 16
REFERENCE = "CRA-WESTMERE-2011-02-14"
OURS = {"send_id": SEND_ID, "reference": REFERENCE, "revision": "1"}


def ours(event="delivered", **fields):
    return an_event(event, **OURS | fields)


def an_event_of_ours(event="delivered", number=1, **changes):
    fields = {
        "sg_event_id": f"id-{number}",
        "event": event,
        "at": f"2011-03-14T09:00:{number % 60:02d}.000Z",
        **OURS,
        "revision": 1,
    }
    return ProviderEvent(**fields | changes)


# Reading.


def test_an_event_is_read_without_its_address():
    item = ours(
        "bounce",
        sg_event_id="Ym91bmNl",
        type="bounce",
        reason="550 5.1.1 <director@westmere.example>: Recipient\r\naddress rejected",
    )

    assert read_batch(body_of(item)) == (
        (
            ProviderEvent(
                sg_event_id="Ym91bmNl",
                event="bounce",
                at="2011-03-14T09:00:00.000Z",
                send_id=SEND_ID,
                reference=REFERENCE,
                revision=1,
                reason="550 5.1.1 <d…@westmere.example>: Recipient address rejected",
            ),
        ),
        0,
        0,
    )


EVENTS = {
    "what the receiving server answered": ({"response": "250 OK"}, {"reason": "250 OK"}),
    "a long answer is shortened": ({"reason": "x" * 900}, {"reason": "x" * 500}),
    "half a character is replaced": ({"reason": "\ud800!"}, {"reason": "?!"}),
    "a bounce that is a block": ({"event": "bounce", "type": "blocked"}, {"event": "blocked"}),
    "an event that nobody knows yet": ({"event": "teleported"}, {"event": "teleported"}),
    "a revision that is a number": ({"revision": 12}, {"revision": 12}),
}


@pytest.mark.parametrize("what", EVENTS)
def test_an_event_of_ours_is_read(what):
    fields, expected = EVENTS[what]

    (event,) = read_batch(body_of(ours(**fields))).events

    assert {name: getattr(event, name) for name in expected} == expected


UNREADABLE = {
    "no object": "delivered",
    "a list": [],
    "no event id": {**ours(), "sg_event_id": ""},
    "an event id with a space": ours(sg_event_id="a b"),
    "an event id of any length": ours(sg_event_id="a" * 201),
    "no event": {**ours(), "event": None},
    "an event in HTML": ours("<b>"),
    "a moment that is a word": ours(timestamp="now"),
    "a moment that is true": ours(timestamp=True),
    "a moment with a fraction": ours(timestamp=1300093200.5),
    "a moment after the end of time": ours(timestamp=10**12),
    "a send id that is no hash": ours(send_id="../../ledger"),
    "a reference that is a path": ours(reference="../../ledger"),
    "a reference with a line feed": ours(reference=f"{REFERENCE}\n"),
    "no revision": ours(revision=None),
    "a revision of nothing": ours(revision="0"),
    "a negative revision": ours(revision=-1),
    "a revision of any size": ours(revision=10**9),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_an_item_that_is_no_event_of_ours_is_counted(what):
    batch = read_batch(body_of(ours(), UNREADABLE[what], an_event()))

    assert (len(batch.events), batch.strangers, batch.unreadable) == (1, 1, 1)
    assert batch.size == 3


BODIES = {
    "nothing": b"",
    "no JSON": b"email=a@b.example",
    "cut short": body_of(ours())[:-2],
    "one event, not a list": json.dumps(ours()).encode(),
    "a name that comes twice": b'[{"event":"bounce","event":"delivered"}]',
    "a number that is none": b'[{"timestamp":NaN}]',
    "not UTF-8": b'["\xff"]',
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_is_no_list_of_events_is_refused(what):
    with pytest.raises(BatchUnreadable):
        read_batch(BODIES[what])


# Progress.

PROGRESS = {
    "nothing came": ([], "", ""),
    "processed": (["processed"], "processed", ""),
    "deferred after it": (["processed", "deferred"], "deferred", ""),
    "delivered at once": (["delivered"], "delivered", ""),
    "processed is told last": (["delivered", "deferred", "processed"], "delivered", ""),
    "deferred, and then dropped": (["processed", "deferred", "dropped"], "deferred", "dropped"),
    "bounced after it was delivered": (["delivered", "bounce"], "delivered", "bounce"),
    "blocked": (["processed", "blocked"], "processed", "blocked"),
    "reported as spam": (["delivered", "spamreport"], "delivered", "spamreport"),
    "dropped alone": (["dropped"], "", "dropped"),
    "opened": (["open"], "", ""),
    "unsubscribed": (["unsubscribe"], "", ""),
    "something that nobody knows": (["teleported"], "", ""),
}


@pytest.mark.parametrize("what", PROGRESS)
def test_progress_is_told_by_the_events(what):
    events, stage, flags = PROGRESS[what]

    progress = Progress.of(an_event_of_ours(e, n) for n, e in enumerate(events, start=1))

    assert (progress.stage, " ".join(progress.flags)) == (stage, flags)
    assert progress.noted == tuple(e for e in events if e not in (*STAGES, *FLAGS))


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        *((event, True) for event in (*STAGES[1:], *FLAGS, "open", "unsubscribe")),
        ("teleported", False),
    ],
)
def test_an_event_that_is_known_proves_that_the_provider_had_the_message(event, expected):
    assert an_event_of_ours(event).is_proof_of_acceptance is expected


def test_progress_says_when_and_why():
    progress = Progress.of(
        (
            an_event_of_ours("deferred", 2, reason="421 try again"),
            an_event_of_ours("bounce", 5, reason="550 no such user"),
            an_event_of_ours("deferred", 3, reason="421 try later"),
            an_event_of_ours("spamreport", 6),
        )
    )

    assert progress == Progress(
        stage="deferred",
        stage_at="2011-03-14T09:00:02.000Z",
        deferred_since="2011-03-14T09:00:02.000Z",
        flags=("bounce", "spamreport"),
        flagged_at="2011-03-14T09:00:05.000Z",
        reason="550 no such user",
    )
    assert str(progress) == "deferred, bounced, reported as spam"


@pytest.mark.parametrize(
    ("events", "hours", "expected"),
    [
        pytest.param(["deferred"], 24, False, id="a day ago"),
        pytest.param(["deferred"], 25, True, id="more than a day ago"),
        pytest.param(["deferred", "delivered"], 25, False, id="and delivered since"),
        pytest.param(["processed"], 25, False, id="never"),
    ],
)
def test_a_delivery_deferred_for_more_than_a_day_is_told(events, hours, expected):
    progress = Progress.of(an_event_of_ours(e, n) for n, e in enumerate(events, start=1))
    now = datetime(2011, 3, 14, 9, 0, 1, tzinfo=UTC) + timedelta(hours=hours)

    assert progress.is_deferred_for_long(now) is expected


some_events = st.lists(
    st.builds(
        an_event_of_ours,
        st.sampled_from([*STAGES[1:], *FLAGS, "open", "unsubscribe", "teleported"]),
        st.integers(0, 5),
        reason=st.sampled_from(["", "421 try again", "550 no such user"]),
    ),
    max_size=12,
)


@given(some_events, st.data())
def test_any_order_and_repetition_gives_the_same_progress(events, data):
    again = data.draw(st.lists(st.sampled_from(events), max_size=6)) if events else []
    mixed = data.draw(st.permutations([*events, *again]))

    assert Progress.of(mixed) == Progress.of(events)


@given(some_events, some_events)
def test_more_events_never_take_a_delivery_back(events, more):
    # Their ids differ: what two events of one id mean is settled among them.
    later = [e.model_copy(update={"sg_event_id": f"later-{e.sg_event_id}"}) for e in more]
    before, after = Progress.of(events), Progress.of([*events, *later])

    assert STAGES.index(before.stage) <= STAGES.index(after.stage)
    assert set(before.flags) <= set(after.flags)
