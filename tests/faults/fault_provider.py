"""A provider that misbehaves: SendGrid's `/v3/mail/send` with faults, and the truth of it all.

A process of its own on loopback. What it accepts is synced to a file before it answers:
that file is the truth, whatever becomes of the answer, the client or this process.
Owns the faults and how one is chosen; what must be true of the letters is for those who
use it. Like SendGrid it takes the same letter as often as it is given it.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import select
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
KEY = "SG.fault-provider.only-for-tests"
MAX_BODY_BYTES = 30 * 1024 * 1024
"""SendGrid's limit of a message with its attachments."""

START_SECONDS = 20

TRUTH_SECONDS = 30

Found = Literal["accepted", "absent", "unknown"]


class Fault(StrEnum):
    """What the provider does with a request. Those `taken-…` are accepted whatever is answered."""

    ACCEPTED = "202"
    SANDBOX = "200"
    MOVED = "302"
    BAD_REQUEST = "400"
    UNAUTHORISED = "401"
    FORBIDDEN = "403"
    TOO_LARGE = "413"
    TOO_MANY = "429"
    FAILED = "500"
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    RESET_UNREAD = "reset-unread"
    RESET_READ = "reset-read"
    CLOSED_READ = "closed-read"
    HANGS = "hangs"
    GARBAGE = "garbage"
    TAKEN_RESET = "taken-reset"
    TAKEN_CLOSED = "taken-closed"
    TAKEN_HANGS = "taken-hangs"
    TAKEN_TRICKLED = "taken-trickled"
    TAKEN_GARBAGE = "taken-garbage"
    TAKEN_FAILED = "taken-500"
    TAKEN_BAD_GATEWAY = "taken-502"

    @property
    def is_taken(self) -> bool:
        """Whether the letter is on its way."""
        return self is Fault.ACCEPTED or self.startswith("taken-")


ORDINARY_WEIGHT = 40
MIX: Mapping[Fault, int] = {
    fault: {Fault.ACCEPTED: ORDINARY_WEIGHT, Fault.TOO_MANY: 3}.get(fault, 1)
    for fault in Fault
    if fault is not Fault.RESET_UNREAD
}
"""How often each comes where they come at random: about two requests in three go well."""

UNREAD_ONE_IN = 50
"""Connections that are reset before anyone knows what they were for."""


class Accepted(NamedTuple):
    """One letter that the provider took."""

    send_id: str
    recipient: str
    at: str
    body_sha256: str
    message_id: str
    fault: str
    case_head: str
    """The header by which an attempt is told from another to the same person."""


class Request(NamedTuple):
    """One request as it came, and what was done with it; `cut-short` if it never was whole."""

    fault: str
    send_id: str
    has_key: bool
    case_head: str = ""


class FaultProvider:
    """A running provider, as the tests see it."""

    def __init__(self, process: subprocess.Popen[str], folder: Path, port: int) -> None:
        self.process = process
        self.key = KEY
        self.host = f"http://127.0.0.1:{port}"
        self._folder = folder

    def accepted(self) -> list[Accepted]:
        """List what was taken, in order, as often as it was."""
        return [Accepted(**told) for told in _lines(self._folder / "accepted.jsonl")]

    def find(self, send_id: str) -> Found:
        """Tell the truth about a send id, as `find` of this module does."""
        return find(self.host, send_id)

    def requests(self) -> list[Request]:
        """List every request, in order."""
        return [Request(**told) for told in _lines(self._folder / "requests.jsonl")]

    def faults(self) -> Counter[str]:
        """Count what was done with requests."""
        return Counter(request.fault for request in self.requests())

    def lured(self) -> list[Request]:
        """List the requests that followed a redirection: none should, least of all with a key."""
        return [Request(**told) for told in _lines(self._folder / "lured.jsonl")]

    def stop(self) -> None:
        """End the process; what it took stays in its folder."""
        with suppress(BrokenPipeError):
            self.process.communicate(timeout=START_SECONDS)


@contextmanager
def fault_provider(
    plan: Sequence[str] = (),
    seed: str | None = None,
    *,
    folder: Path | None = None,
    slow_seconds: float = 30,
    reset_seconds: int = 1,
) -> Iterator[FaultProvider]:
    """Run a provider that does what `plan` says, request by request, and accepts all after it.

    With a `seed`, what it does with the nth request about a send id is drawn from seed, send id
    and n, so that it is the same however many processes ask in which order. `slow_seconds`:
    how long it hangs and trickles at most; `reset_seconds`: what a 429 tells to wait.
    """
    with contextlib.ExitStack() as stack:
        folder = folder or Path(stack.enter_context(TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        told = {"plan": list(plan), "seed": seed, "slow": slow_seconds, "reset": reset_seconds}
        process = subprocess.Popen(
            [sys.executable, __file__, str(folder), json.dumps(told)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert process.stdout is not None
        provider = FaultProvider(process, folder, int(process.stdout.readline()))
        try:
            yield provider
        finally:
            provider.stop()


def find(host: str, send_id: str) -> Found:
    """Ask a provider for the truth about a send id, as nobody can ask SendGrid.

    `absent` is told only when every connection begun before this question has been read to
    its end: then no earlier request can be accepted any more. `unknown` if one won't end, or
    the provider can't be asked.
    """
    try:
        with urlopen(f"{host}/truth/{send_id}", timeout=TRUTH_SECONDS) as answer:  # noqa: S310
            found: Found = json.load(answer)
            return found
    except OSError:
        return "unknown"


def _lines(path: Path) -> list[dict[str, Any]]:
    """Read a file of JSON lines, but for a last one that isn't whole yet."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


class _Log:
    """A file to which whole lines are added, synced if they must be."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def add(self, line: dict[str, Any], *, is_synced: bool) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")
        if is_synced:
            os.fsync(self._file)


class Choice:
    """Which fault comes next."""

    def __init__(self, plan: list[str], seed: str | None) -> None:
        self._plan = [Fault(each) for each in plan]
        self._seed = seed
        self._times = Counter[str]()
        self._lock = threading.Lock()

    def is_reset_unread(self) -> bool:
        with self._lock:
            if self._plan and self._plan[0] is Fault.RESET_UNREAD:
                self._plan.pop(0)
                return True
            if self._seed is None:
                return False
            self._times["connections"] += 1
            number = self._times["connections"]
        return _drawn(self._seed, "connection", number).randrange(UNREAD_ONE_IN) == 0

    def of_request(self, send_id: str) -> Fault:
        with self._lock:
            if self._plan:
                return self._plan.pop(0)
            if self._seed is None:
                return Fault.ACCEPTED
            self._times[send_id] += 1
            number = self._times[send_id]
        (fault,) = _drawn(self._seed, send_id, number).choices([*MIX], [*MIX.values()])
        return fault


def _drawn(*told: object) -> random.Random:
    return random.Random("/".join(map(str, told)))  # noqa: S311 - it chooses faults, no secrets


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def shutdown_request(self, request: Any) -> None:
        # Not shut down first: a connection that is to be reset must not be ended in order.
        self.close_request(request)


class _Provider(_Server):
    def __init__(self, folder: Path, told: dict[str, Any], lure: int) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.choice = Choice(told["plan"], told["seed"])
        self.slow_seconds: float = told["slow"]
        self.reset_seconds: int = told["reset"]
        self.lure = lure
        self.taken = Counter[str]()
        self._undecided: dict[Any, int] = {}
        self._begun = 0
        self._decided = threading.Condition()
        self.accepted = _Log(folder / "accepted.jsonl")
        self.requests = _Log(folder / "requests.jsonl")

    def process_request(self, request: Any, client_address: Any) -> None:
        # In the one thread that accepts connections, and so in their order.
        with self._decided:
            self._begun += 1
            self._undecided[request] = self._begun
        super().process_request(request, client_address)

    def decide(self, connection: Any) -> None:
        """What this connection asked for is decided: nothing more can be accepted by it."""
        with self._decided:
            self._undecided.pop(connection, None)
            self._decided.notify_all()

    def wait_for_those_before(self, connection: Any) -> bool:
        """Wait until all that was asked before is decided; whether it is."""
        with self._decided:
            own = self._undecided[connection]
            return self._decided.wait_for(
                lambda: min(self._undecided.values()) >= own, timeout=TRUTH_SECONDS / 2
            )


class _Lure(_Server):
    """Where redirections lead: whoever comes here has followed one."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _LuredConnection)
        self.lured = _Log(folder / "lured.jsonl")


class _Http(socketserver.StreamRequestHandler):
    """As much of HTTP/1.1 as a client of an API needs."""

    def read(self) -> tuple[str, str, dict[str, str], bytes] | None:
        """Read a request: method, path, headers, body. None if it ended before it was whole."""
        line = self.rfile.readline(65_537)
        method, _, rest = line.decode("latin-1").strip().partition(" ")
        headers: dict[str, str] = {}
        while (line := self.rfile.readline(65_537)) not in (b"\r\n", b"\n"):
            if not line:
                return None
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        size = int(headers.get("content-length") or 0)
        body = self.rfile.read(min(size, MAX_BODY_BYTES + 1))
        return (method, rest.partition(" ")[0], headers, body) if len(body) == size else None

    def answer(self, status: int, body: Any = None, **headers: str) -> None:
        self.wfile.write(_answer(status, body, **headers))

    def reset(self) -> None:
        """Have the connection end with a reset, not in order."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def _answer(status: int, body: Any = None, **headers: str) -> bytes:
    data = b"" if body is None else json.dumps(body).encode()
    told = {"Connection": "close", "Content-Length": str(len(data)), **headers}
    if data:
        told["Content-Type"] = "application/json"
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in told.items()]
    return "\r\n".join([*lines, "", ""]).encode() + data


class _Connection(_Http):
    server: _Provider

    def handle(self) -> None:
        # A client may die at any moment: that is what it is for.
        with suppress(OSError):
            if self.server.choice.is_reset_unread():
                self._note(Fault.RESET_UNREAD, "", has_key=False)
                self.reset()
            elif select.select([self.connection], [], [], self.server.slow_seconds)[0]:
                self._serve()

    def finish(self) -> None:
        self.server.decide(self.connection)
        with suppress(OSError):
            super().finish()

    def _serve(self) -> None:
        read = self.read()
        if read is None:
            self._note("cut-short", "", has_key=True)
            return
        method, path, headers, body = read
        if path.startswith("/truth/"):
            self._tell_truth(path.removeprefix("/truth/"))
            return
        has_key = headers.get("authorization") == f"Bearer {KEY}"
        match method, path.partition("?")[0]:
            case _ if not has_key:
                self._note(Fault.UNAUTHORISED, "", has_key=False)
                self.answer(401, _errors("The provided authorization grant is invalid"))
            case "GET", "/v3/scopes":
                self.answer(200, {"scopes": ["mail.send"]})
            case "POST", "/v3/mail/send":
                self._send(body)
            case _:
                self.answer(404, _errors("Not Found"))

    def _tell_truth(self, send_id: str) -> None:
        is_sure = self.server.wait_for_those_before(self.connection)
        is_taken = self.server.taken[send_id] > 0
        self.answer(200, "accepted" if is_taken else "absent" if is_sure else "unknown")

    def _send(self, body: bytes) -> None:
        try:
            message = json.loads(body)
            (personalization,) = message["personalizations"]
            send_id = personalization["custom_args"]["send_id"]
            (to,) = personalization["to"]
            headers = {**message.get("headers", {}), **personalization.get("headers", {})}
        except (ValueError, LookupError, TypeError):
            self._note(Fault.BAD_REQUEST, "", has_key=True)
            self.answer(400, _errors("Bad Request", field="personalizations"))
            return
        fault, case_head = self.server.choice.of_request(send_id), headers.get("X-Case-Head", "")
        self._note(fault, send_id, has_key=True, case_head=case_head)
        message_id = os.urandom(11).hex()
        if fault.is_taken:
            taken = Accepted(
                send_id=send_id,
                recipient=to["email"],
                at=f"{time.time():.3f}",
                body_sha256=hashlib.sha256(body).hexdigest(),
                message_id=message_id,
                fault=fault,
                case_head=case_head,
            )
            self.server.accepted.add(taken._asdict(), is_synced=True)
            self.server.taken[send_id] += 1
        self.server.decide(self.connection)
        self._end(fault, message_id)

    def _end(self, fault: Fault, message_id: str) -> None:
        accepted = _answer(202, X_Message_Id=message_id)
        match fault:
            case Fault.ACCEPTED:
                self.wfile.write(accepted)
            case Fault.RESET_READ | Fault.TAKEN_RESET:
                self.reset()
            case Fault.CLOSED_READ | Fault.TAKEN_CLOSED:
                pass
            case Fault.HANGS | Fault.TAKEN_HANGS:
                self._wait(self.server.slow_seconds)
            case Fault.TAKEN_TRICKLED:
                for byte in accepted:
                    self.wfile.write(bytes([byte]))
                    if self._wait(self.server.slow_seconds / len(accepted)):
                        break
            case Fault.GARBAGE | Fault.TAKEN_GARBAGE:
                self.wfile.write(b"\x00\xffHTTP 202 ok\n\n" + os.urandom(64))
            case Fault.MOVED:
                self.answer(302, Location=f"http://127.0.0.1:{self.server.lure}/v3/mail/send")
            case Fault.TOO_MANY:
                at = str(int(time.time()) + self.server.reset_seconds)
                told = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": at}
                self.answer(429, _errors("too many requests"), **told)
            case Fault.SANDBOX:
                self.answer(200, X_Message_Id=message_id)
            case _:
                status = int(fault.removeprefix("taken-"))
                self.answer(status, _errors(HTTPStatus(status).phrase))

    def _wait(self, seconds: float) -> bool:
        """Wait, or until the client is gone; whether it is."""
        return bool(select.select([self.connection], [], [], seconds)[0])

    def _note(self, fault: str, send_id: str, *, has_key: bool, case_head: str = "") -> None:
        request = Request(str(fault), send_id, has_key, case_head)
        self.server.requests.add(request._asdict(), is_synced=False)


class _LuredConnection(_Http):
    server: _Lure

    def handle(self) -> None:
        with suppress(OSError):
            read = self.read()
            headers = {} if read is None else read[2]
            lured = Request(fault="302", send_id="", has_key="authorization" in headers)
            self.server.lured.add(lured._asdict(), is_synced=False)
            self.answer(202, X_Message_Id="lured")


def _errors(message: str, field: str | None = None) -> dict[str, Any]:
    return {"errors": [{"message": message, "field": field, "help": None}]}


def main() -> None:
    """Serve until standard input ends, as it does when whoever began this dies."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("told", type=json.loads)
    arguments = parser.parse_args()
    lure = _Lure(arguments.folder)
    provider = _Provider(arguments.folder, arguments.told, lure.server_address[1])
    for server in (lure, provider):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print(provider.server_address[1], flush=True)  # noqa: T201 - whoever began this reads it
    sys.stdin.read()


if __name__ == "__main__":
    main()
