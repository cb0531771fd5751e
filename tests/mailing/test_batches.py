"""A batch is stored once, named once, and believed only as the chain names it."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from letters.canonical import sha256_hex
from tasks.case.record import ObjectForeign
from tasks.case.store import StoreUnavailable
from tasks.mailing.batches import (
    Batch,
    BatchUnvouched,
    adopt_batches,
    events_of,
    keep_batch,
    note_applied,
    read_kept,
    unapplied,
)
from tasks.mailing.event_signature import SIGNATURE, TIMESTAMP
from tests.issuing import as_another_process
from tests.mailing.post_room import HookedStore, Killed, kill
from tests.offices import START, an_office, some_settings
from tests.provider_batches import (
    an_event,
    body_of,
    kept,
    provider_key,
    public_key,
    signed,
)

BODY = body_of(an_event(), an_event("processed"))
HEADERS = signed(BODY, START)
KEY = f"events/2011-03-14/{sha256_hex(HEADERS[TIMESTAMP].encode() + BODY)}.json"


@pytest.fixture
def office(tmp_path):
    return an_office(
        tmp_path, settings=some_settings(tmp_path, webhook={"public_key": public_key()})
    )


def keep(office, headers=HEADERS):
    return keep_batch(office, headers=headers, body=BODY, size=2)


def told(office):
    """The events of the chain, in order."""
    return [entry.event for entry in events_of(office).chain.entries()]


def test_a_batch_is_stored_as_it_came_and_named(office):
    sent = HEADERS | {"user-agent": "SendGrid Event API", "cookie": "a=b", "host": "localhost"}

    assert keep(office, sent) == (KEY, True)

    batch = read_kept(office, KEY)
    (entry,) = events_of(office).chain.entries()
    assert batch.body == BODY
    assert batch.headers == HEADERS | {"user-agent": "SendGrid Event API"}
    assert (entry.step, entry.event) == ("webhook", "received")
    stored = office.store.get(KEY)
    assert entry.detail == {
        "object": KEY,
        "sha256": sha256_hex(stored),
        "bytes": len(stored),
        "events": 2,
    }


def test_a_batch_that_comes_again_is_left_as_it_is(office):
    keep(office)
    before = office.store.list("events")

    # Signed anew, as ECDSA signs nothing twice the same.
    assert keep(office, signed(BODY, START)) == (KEY, False)
    assert keep(as_another_process(office)) == (KEY, False)
    assert office.store.list("events") == before


def test_the_day_is_that_of_the_signature_so_that_midnight_makes_no_second_batch(office):
    evening = START.replace(hour=23, minute=59)
    office.clock.advance((evening - START).total_seconds())
    headers = signed(BODY, evening)
    first = keep(office, headers)
    office.clock.advance(3600)

    assert keep(office, headers) == (first.key, False)


def test_the_same_batch_from_eight_threads_is_stored_and_named_once(office):
    def slowly(*reached):
        if reached == ("after", 1):  # stored, and not yet named
            time.sleep(0.1)

    slow = replace(office, store=HookedStore(office.store, slowly))
    with ThreadPoolExecutor(8) as pool:
        kept_by_each = list(pool.map(lambda _: keep(slow), range(8)))

    assert sorted(one.is_new for one in kept_by_each) == [*[False] * 7, True]
    assert told(office) == ["received"]
    assert read_kept(office, KEY).body == BODY


@pytest.mark.parametrize("moment", [("before", 1), ("after", 1), ("before", 2), ("after", 2)])
def test_a_batch_whose_storing_was_killed_is_kept_when_it_comes_again(office, moment):
    killed = replace(as_another_process(office), store=HookedStore(office.store, kill(moment)))
    with pytest.raises(Killed):
        keep(killed)

    again = keep(as_another_process(office))

    assert again.key == KEY
    assert told(office) == ["received"]
    assert read_kept(as_another_process(office), KEY).body == BODY


def test_a_batch_left_unnamed_is_named_later_even_if_it_never_comes_again(office):
    killed = replace(
        as_another_process(office), store=HookedStore(office.store, kill(("after", 1)))
    )
    with pytest.raises(Killed):
        keep(killed)

    at_once = adopt_batches(office)
    office.clock.advance(3600)
    later = adopt_batches(office)

    assert (at_once, later, adopt_batches(office)) == ([], [KEY], [])
    assert read_kept(office, KEY).body == BODY
    assert [entry.detail["events"] for entry in events_of(office).chain.entries()] == [2]


def laid_in(office, batch):
    office.store.put(KEY, json.dumps(batch).encode())


def a_batch(**changes):
    told = Batch(
        received_at="2011-03-14T09:00:00.000Z",
        headers=HEADERS,
        body_base64="W10=",
    )
    return told.model_dump() | changes


FOREIGN = {
    "another body": a_batch(),
    "a signature of another key": a_batch(
        headers=signed(b"[]", START, provider_key("forger")),
    ),
    "another batch's place": a_batch(headers=signed(b"[]", START + timedelta(days=1))),
    "no signature": a_batch(headers={TIMESTAMP: HEADERS[TIMESTAMP]}),
    "no moment": a_batch(headers={SIGNATURE: HEADERS[SIGNATURE]}),
    "no body": a_batch(body_base64="!"),
    "no batch": [],
}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_was_laid_in_by_hand_is_neither_named_nor_believed(office, what):
    laid_in(office, FOREIGN[what])
    office.clock.advance(3600)

    with pytest.raises(ObjectForeign):
        keep(office)
    with pytest.raises(ObjectForeign):
        adopt_batches(office)
    with pytest.raises(BatchUnvouched):
        read_kept(office, KEY)
    assert told(office) == []


def test_a_batch_that_was_altered_is_not_believed(office):
    keep(office)
    path = office.root / "archive" / KEY
    path.write_bytes(path.read_bytes().replace(b'"headers"', b'"headers" '))

    with pytest.raises(BatchUnvouched):
        read_kept(office, KEY)


def test_batches_wait_in_the_order_in_which_they_came_until_they_are_applied(office):
    keys = [kept(office, an_event()) for _ in range(3)]

    assert unapplied(office) == keys
    note_applied(office, keys[1], stored=1)
    note_applied(office, keys[1], stored=1)

    assert unapplied(office) == [keys[0], keys[2]]
    assert told(office) == ["received"] * 3 + ["applied"]


def test_a_store_that_fails_leaves_the_batch_to_be_sent_again(office):
    def full(*_):
        raise StoreUnavailable("The disk is away.")

    with pytest.raises(StoreUnavailable):
        keep(replace(office, store=HookedStore(office.store, full)))

    assert keep(office).is_new
