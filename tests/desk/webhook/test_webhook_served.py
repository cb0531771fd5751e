"""The webhook as it is served: real requests to a socket of this machine."""

from __future__ import annotations

import http.client
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from desk.webhook import app
from desk.webhook.app import LARGEST_BATCH_BYTES, PATH
from desk.webhook.counts import refused_counts
from desk.webhook.serving import serve_webhook
from tasks.mailing.batches import events_of, unapplied
from tests.mailing.post_room import a_case, a_claim, a_recipient, held
from tests.offices import START
from tests.provider_batches import body_of, event_of, provider_key, signed


class Told:
    """What came of the batches that were applied."""

    def __init__(self):
        self.applied = []
        self._came = threading.Semaphore(0)

    def __call__(self, applied):
        self.applied.append(applied)
        self._came.release()

    def wait(self):
        assert self._came.acquire(timeout=60)


@contextmanager
def served(office, tell):
    """Serve the office's webhook; yields what sends a batch there and returns the status."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with serve_webhook(lambda: office, listener, tell=tell):
            yield port


def send(port, body, headers, *, length=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", PATH, body, headers)
    answer = connection.getresponse()
    told = answer.status, answer.read(), {name.lower() for name, _ in answer.getheaders()}
    connection.close()
    return told


@pytest.fixture
def case(office):
    case = a_case(office)
    held(case, a_claim())
    return case


def a_body(case, *events):
    return body_of(*(event_of(case, a_recipient(), event) for event in events or ["delivered"]))


def test_a_batch_is_answered_stored_and_applied(office, case):
    told, body = Told(), a_body(case, "processed", "delivered")

    with served(office, told) as port:
        answer = send(port, body, signed(body, START))
        told.wait()

    assert answer == (204, b"", set())
    assert [event.event for event in told.applied[0].stored] == ["processed", "delivered"]
    assert unapplied(office) == []


def test_what_can_t_be_told_stops_nothing(office, case):
    told = Told()

    def fails_at_first(applied):
        told(applied)
        if len(told.applied) == 1:
            raise ZeroDivisionError

    with served(office, fails_at_first) as port:
        for event in ("processed", "delivered"):
            body = a_body(case, event)
            send(port, body, signed(body, START))
            told.wait()

    assert [len(one.stored) for one in told.applied] == [1, 1]
    assert unapplied(office) == []


def test_forged_and_oversized_batches_are_refused_and_counted(office, case):
    body = a_body(case)
    forged = signed(body, START, provider_key("forger"))
    oversized = b" " * (LARGEST_BATCH_BYTES + 1)

    with served(office, Told()) as port:
        statuses = [
            send(port, body, forged)[0],
            send(port, body[:-1], signed(body, START))[0],
            send(port, oversized, signed(oversized, START))[0],
        ]

    assert statuses == [403, 403, 413]
    assert counts_of(office) == {"signature-wrong": 2, "too-large": 1}
    assert office.store.list("events") == []


def counts_of(office):
    return {reason: told.count for reason, told in refused_counts(office).items()}


def test_a_batch_whose_sender_hangs_up_is_counted(office, case):
    body = a_body(case)
    headers = signed(body, START) | {"content-length": str(len(body)), "host": "localhost"}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    with served(office, Told()) as port:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(f"POST {PATH} HTTP/1.1\r\n{head}\r\n".encode() + body[:100])
        # Served after it: the refusal is counted by then.
        send(port, body, signed(body, START))

    assert counts_of(office) == {"cut-short": 1}
    assert len(events_of(office).chain.entries()) > 0


@contextmanager
def begun(port, *, sends):
    """A request that is begun; yields its connection."""
    signature = signed(b"", START)
    fields = {"host": "localhost", "transfer-encoding": "chunked"} | signature
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(f"POST {PATH} HTTP/1.1\r\n{head}\r\n".encode())
        for part in sends:
            connection.sendall(b"%x\r\n%b\r\n" % (len(part), part))
        yield connection


def test_an_oversized_batch_is_answered_before_it_ends(office):
    parts = [b" " * 0x10000] * (LARGEST_BATCH_BYTES // 0x10000 + 1)

    with served(office, Told()) as port, begun(port, sends=parts) as connection:
        assert connection.recv(12) == b"HTTP/1.1 413"


def test_a_batch_that_comes_too_slowly_is_answered_before_it_ends(office, monkeypatch):
    monkeypatch.setattr(app, "READ_SECONDS", 0.05)

    with served(office, Told()) as port, begun(port, sends=[b"["]) as connection:
        assert connection.recv(12) == b"HTTP/1.1 408"

    assert counts_of(office) == {"too-slow": 1}


def test_the_same_batch_from_eight_at_once_is_stored_once(office, case):
    told, body = Told(), a_body(case)
    headers = signed(body, START)

    with served(office, told) as port:
        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(lambda _: send(port, body, headers)[0], range(8)))
        told.wait()

    assert statuses == [204] * 8
    assert [len(one.stored) for one in told.applied] == [1]
    assert [e.event for e in events_of(office).chain.entries()] == ["received", "applied"]
