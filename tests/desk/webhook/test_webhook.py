"""What the webhook takes, what it refuses, what it tells, and what it counts."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from desk.webhook.app import LARGEST_BATCH_BYTES, PATH, create_webhook
from desk.webhook.counts import Refused, RefusedCounts, refused_counts, refused_path
from letters.errors import UsageError
from tasks.case.store import StoreFull
from tasks.mailing.batches import events_of, read_kept
from tasks.mailing.event_signature import SIGNATURE, TIMESTAMP
from tests.mailing.post_room import HookedStore
from tests.offices import START, some_settings
from tests.provider_batches import an_event, body_of, provider_key, public_key, signed

BODY = body_of(an_event(), an_event("processed"))
HEADERS = signed(BODY, START)
DIGIT = HEADERS[TIMESTAMP][-1:]


def counted(client, office):
    """How often something was refused, by reason, as it is read when serving has ended."""
    client.__exit__()
    return {reason: told.count for reason, told in refused_counts(office).items()}


def test_a_batch_that_the_provider_signed_is_stored_and_handed_on(client, office, stored):
    answer = client.post(PATH, content=BODY, headers=HEADERS)

    assert (answer.status_code, answer.content) == (204, b"")
    (key,) = stored
    assert read_kept(office, key).body == BODY
    assert counted(client, office) == {}


def test_a_batch_that_comes_again_is_accepted_and_not_handed_on(client, office, stored):
    answers = [client.post(PATH, content=BODY, headers=HEADERS) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [204] * 3
    assert len(stored) == 1
    assert len(events_of(office).chain.entries()) == 1


def test_events_of_strangers_are_stored_as_they_came(client, stored):
    body = body_of(an_event(send_id="0" * 32, reference="CRA-NOWHERE-2011", revision="9"))

    assert client.post(PATH, content=body, headers=signed(body, START)).status_code == 204
    assert len(stored) == 1


def signed_at(**since):
    return {"headers": signed(BODY, START + timedelta(**since))}


REFUSED = {
    "forged: another body": ({"content": BODY + b" "}, 403, "signature-wrong"),
    "truncated": ({"content": BODY[:-1]}, 403, "signature-wrong"),
    "signed with another key": (
        {"headers": signed(BODY, START, provider_key("forger"))},
        403,
        "signature-wrong",
    ),
    "signed for another moment": (
        {"headers": HEADERS | {TIMESTAMP: "1300093201"}},
        403,
        "signature-wrong",
    ),
    "a moment that is none": ({"headers": HEADERS | {TIMESTAMP: "now"}}, 403, "signature-wrong"),
    "a signature that is none": ({"headers": HEADERS | {SIGNATURE: "!"}}, 403, "signature-wrong"),
    "no signature": ({"headers": {"content-type": "application/json"}}, 403, "unsigned"),
    "too old": (signed_at(hours=-30, seconds=-1), 403, "too-old"),
    "from the future": (signed_at(minutes=6), 403, "from-the-future"),
    "oversized": ({"content": b" " * (LARGEST_BATCH_BYTES + 1)}, 413, "too-large"),
    "no list": ({"content": b"{}", "headers": signed(b"{}", START)}, 400, "not-events"),
    "no JSON": ({"content": b"[", "headers": signed(b"[", START)}, 400, "not-events"),
    "the moment's last digit moved into the body": (
        {
            "content": DIGIT.encode() + BODY,
            "headers": HEADERS | {TIMESTAMP: HEADERS[TIMESTAMP][:-1]},
        },
        403,
        "too-old",
    ),
    "a form": ({"headers": HEADERS | {"content-type": "text/plain"}}, 415, "wrong-type"),
    "read, not told": ({"method": "GET"}, 405, "wrong-method"),
    "deleted": ({"method": "DELETE"}, 405, "wrong-method"),
    "another address": ({"url": "/"}, 404, "wrong-path"),
    "an address below": ({"url": f"{PATH}/"}, 404, "wrong-path"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_batch_of_the_provider_is_refused_without_a_word(client, office, stored, what):
    changes, status, reason = REFUSED[what]
    request = {"method": "POST", "url": PATH, "content": BODY, "headers": HEADERS} | changes

    answer = client.request(**request)

    assert (answer.status_code, answer.content) == (status, b"")
    assert counted(client, office) == {reason: 1}
    assert stored == []
    assert office.store.list("") == []


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param({"hours": -29, "minutes": -59}, id="as long ago as its retries come"),
        pytest.param({"minutes": 4}, id="by a clock that is a little fast"),
    ],
)
def test_a_batch_may_be_as_old_as_its_retries_and_its_clock_a_little_fast(client, moment):
    assert client.post(PATH, content=BODY, **signed_at(**moment)).status_code == 204


def test_a_batch_as_large_as_one_may_be_is_taken(client, stored):
    body = BODY[:-1] + b" " * (LARGEST_BATCH_BYTES - len(BODY)) + b"]"

    assert client.post(PATH, content=body, headers=signed(body, START)).status_code == 204


def test_a_batch_that_can_t_be_stored_is_to_be_sent_again(office, stored):
    def fails(*_):
        raise StoreFull("There is no room left.")

    full = replace(office, store=HookedStore(office.store, fails))
    with TestClient(create_webhook(lambda: full, on_stored=stored.append)) as client:
        answer = client.post(PATH, content=BODY, headers=HEADERS)

    assert (answer.status_code, answer.content, stored) == (503, b"", [])


def test_a_failure_that_nobody_foresaw_is_kept_in_the_office_and_told_to_nobody(office, stored):
    def fails(*_):
        raise ZeroDivisionError

    broken = replace(office, store=HookedStore(office.store, fails))
    with TestClient(create_webhook(lambda: broken, on_stored=stored.append)) as client:
        answer = client.post(PATH, content=BODY, headers=HEADERS)

    assert (answer.status_code, answer.content, stored) == (500, b"", [])
    assert len(list((office.root / "failures").iterdir())) == 1


def test_what_becomes_of_a_batch_is_no_matter_of_its_sender_s(office):
    def fails(_):
        raise ZeroDivisionError

    with TestClient(create_webhook(lambda: office, on_stored=fails)) as client:
        assert client.post(PATH, content=BODY, headers=HEADERS).status_code == 204


def test_the_same_batch_from_eight_at_once_is_stored_and_handed_on_once(client, office, stored):
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: client.post(PATH, content=BODY, headers=HEADERS), range(8))
        )

    assert {answer.status_code for answer in answers} == {204}
    assert len(stored) == 1
    assert len(events_of(office).chain.entries()) == 1


def test_a_key_that_is_none_is_refused_before_anything_is_served(office, tmp_path):
    keyless = replace(office, settings=some_settings(tmp_path, webhook={"public_key": "?"}))

    with pytest.raises(UsageError):
        create_webhook(lambda: keyless, on_stored=print)


def test_a_key_that_is_changed_counts_at_once(office, tmp_path, stored):
    offices = [office]
    with TestClient(create_webhook(lambda: offices[-1], on_stored=stored.append)) as client:
        other = {"public_key": public_key(provider_key("next year's"))}
        offices.append(replace(office, settings=some_settings(tmp_path, webhook=other)))

        answer = client.post(PATH, content=BODY, headers=HEADERS)

    assert (answer.status_code, stored) == (403, [])


# The counts.


def counts_of(office, **options):
    return RefusedCounts(refused_path(office), office.clock, **options)


def test_refusals_are_counted_on_when_the_office_is_served_anew(office):
    for _ in range(2):
        counts = counts_of(office)
        counts.add("too-old")
        counts.add("unsigned")
        counts.write()

    told = refused_counts(office)
    assert {reason: one.count for reason, one in told.items()} == {"too-old": 2, "unsigned": 2}
    assert told["unsigned"] == Refused(count=2, last_at="2011-03-14T09:00:00.004Z")


def test_the_counts_are_for_nobody_else_to_read(office):
    counts = counts_of(office)
    counts.add("too-old")
    counts.write()

    path = refused_path(office)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]
    assert list(path.parent.iterdir()) == [path]


class SetTimer:
    """A timer that ends when it is told to."""

    def __init__(self, seconds, do):
        self.end = do

    def start(self):
        pass

    def cancel(self):
        pass


def test_a_flood_is_written_once_and_a_little_later(office):
    timers = []

    def timer(seconds, do):
        timers.append(SetTimer(seconds, do))
        return timers[-1]

    counts = counts_of(office, timer=timer)
    for _ in range(1000):
        counts.add("unsigned")
    at_once = refused_counts(office)
    (first,) = timers
    first.end()
    counts.add("unsigned")

    assert at_once == {}
    assert refused_counts(office)["unsigned"].count == 1000
    assert len(timers) == 2


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{}", id="nothing counted"),
        pytest.param(b'{"unsigned": -', id="cut short"),
        pytest.param(b'{"unsigned": 3}', id="of another shape"),
        pytest.param(b"[" * 100_000, id="too deep"),
    ],
)
def test_counts_that_can_t_be_read_begin_anew(office, data):
    refused_path(office).parent.mkdir()
    refused_path(office).write_bytes(data)

    counts = counts_of(office)
    counts.add("unsigned")
    counts.write()

    assert {reason: one.count for reason, one in refused_counts(office).items()} == {"unsigned": 1}


def test_counts_that_can_t_be_written_stop_nothing(client, office):
    refused_path(office).parent.write_text("a file where the folder should be")

    assert client.post(PATH, content=b"", headers=HEADERS).status_code == 403
    assert counted(client, office) == {}
