"""The two ends of the webhook's measurement, each a process.

Arguments: `serve` and the office's folder; or `tell`, a folder with a register, and the
file for what was measured. `tell` starts the other.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.measures import cost_of, in_turn
from benchmarks.plain_steps import PlainSteps, issue_block
from benchmarks.processes import ROOT, python
from benchmarks.sample import authorities
from desk.reopening import KeptOffice
from desk.webhook.app import PATH
from desk.webhook.serving import serve_webhook
from flows.office import open_office
from tasks.case.case import Case
from tasks.mailing.batches import unapplied
from tasks.mailing.event_signature import SIGNATURE, TIMESTAMP, is_signed, load_public_key
from tests.provider_batches import body_of, event_of, public_key, signed

LETTERS = 20
ROUNDS = 5
BATCH = 50
SENDERS = 8
LONGEST_SECONDS = 300

Figures = dict[str, Any]


class Request(NamedTuple):
    """A batch as it is sent."""

    body: bytes
    headers: dict[str, str]


def serve() -> None:
    """Serve the webhook of the office that the environment names, until the input ends."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=128) as listener,
        serve_webhook(KeptOffice(), listener, tell=lambda _: None),
    ):
        print(listener.getsockname()[1], flush=True)
        sys.stdin.read()


def tell(folder: Path, measured: Path) -> None:
    """Issue letters, send events about them, and write down what that took."""
    root = folder / "office"
    names = authorities(LETTERS)
    issue_block(root, names, PlainSteps().run_once)
    os.environ["LETTERS_WEBHOOK__PUBLIC_KEY"] = public_key()
    office = open_office()
    cases = [Case(office, name.reference) for name in names]
    rounds = [_requests(cases) for _ in range(ROUNDS + 1)]
    process = subprocess.Popen(
        python("-m", "benchmarks.webhook_process", "serve", str(root)),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process, ThreadPoolExecutor(SENDERS) as pool:
        port = int((process.stdout or sys.stdin.buffer).readline())  # type: ignore[union-attr]
        key = load_public_key(public_key())

        def send(number: int) -> None:
            shares = [rounds[number][share::SENDERS] for share in range(SENDERS)]
            list(pool.map(lambda share: _send(port, share), shares))

        def check(number: int) -> None:
            if not all(
                is_signed(
                    key, signature=r.headers[SIGNATURE], timestamp=r.headers[TIMESTAMP], body=r.body
                )
                for r in rounds[number]
            ):
                raise ValueError("A signature does not hold.")

        send(ROUNDS)  # warms up
        _wait_until_applied()
        began = time.perf_counter()
        costs = in_turn({"kept": _costing(send), "checked": _costing(check)}, ROUNDS)
        _wait_until_applied()
        applied_seconds = time.perf_counter() - began
        process.communicate()
    events = sum(len(json.loads(request.body)) for request in rounds[0])
    measured.write_text(
        json.dumps(
            {
                "kept_seconds": [cost.wall_seconds for cost in costs["kept"]],
                "checked_seconds": [cost.wall_seconds for cost in costs["checked"]],
                "events_a_round": events,
                "bytes_a_batch": len(rounds[0][0].body),
                "applied": events * ROUNDS,
                "applied_seconds": applied_seconds,
            }
        )
    )


def _costing(do: Callable[[int], None]) -> Callable[[int], Any]:
    return lambda number: cost_of(lambda: do(number))


def _requests(cases: Sequence[Case]) -> list[Request]:
    """Write batches with four events about each e-mail of the letters."""
    now = datetime.now(UTC)
    events = [
        event_of(
            case,
            recipient,
            event,
            timestamp=int(now.timestamp()),
            response="250 2.0.0 OK 1300093200 d2e1a72fcca58-7c6d0c8a0b1si1234567b3a.123 - gsmtp",
        )
        for event in ("processed", "delivered", "open", "open")
        for case in cases
        for recipient in case.recipients(1)
    ]
    bodies = [body_of(*events[start : start + BATCH]) for start in range(0, len(events), BATCH)]
    return [Request(body, signed(body, now)) for body in bodies]


def _send(port: int, requests: Sequence[Request]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for request in requests:
        connection.request("POST", PATH, request.body, request.headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != http.HTTPStatus.NO_CONTENT:
            raise ValueError(f"The webhook answered {answer.status}.")
    connection.close()


def _wait_until_applied() -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while unapplied(open_office()):
        if time.monotonic() > deadline:
            raise TimeoutError("The events were not applied.")
        time.sleep(0.1)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    else:
        tell(Path(sys.argv[2]), Path(sys.argv[3]))
