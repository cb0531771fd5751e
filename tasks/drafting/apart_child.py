"""The process that reads one draft: what it may use, how it answers.

Owns both programs of the other side: the one that reads and ends, and the helper
from which it is forked where the asking process can't be forked itself. How they are
asked, and what their silence means, is in `apart`.
"""

from __future__ import annotations

import gc
import math
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, NoReturn

from letters.kind import Kind
from letters.letter import Frozen
from letters.problem import DraftUnreadable
from letters.reading import Reading
from letters.register import Register

BEGUN = b"\0"
"""The first byte of what is heard: from here on, what goes wrong is the draft's doing."""

MOST_OPEN_FILES = 32
"""A reader opens nothing but modules that it imports late."""

RECEIVED_BYTES = 1 << 20
_MEMORY = Path("/proc/self/statm")
_READERS = ("tasks.drafting.readers", "tasks.drafting.word.reader")


class Allowance(NamedTuple):
    """What one reading may use."""

    seconds: float = 10
    """By the clock; and of the processor."""
    resident_bytes: int = 280_000_000
    """What the process may have in memory, all that it began with included."""


class Request(Frozen):
    """What is asked beside the draft's bytes."""

    name: str
    people: Register
    kinds: tuple[Kind, ...]
    limit_bytes: int
    allowed: Allowance


class Refusal(Frozen):
    """A DraftUnreadable, as it travels."""

    message: str
    where: str
    remedy: str
    code: str


class Answer(Frozen):
    """What came of it: one of these."""

    reading: Reading | None = None
    refused: Refusal | None = None
    is_out_of_memory: bool = False
    failed: str = ""
    """A fault of the reader, and where in the code: nothing of what the draft says."""


class Memory(NamedTuple):
    """What a process has, in bytes; nothing where the system doesn't tell."""

    addressed: int
    resident: int


def memory_used() -> Memory:
    """Tell what this process has by now."""
    if not _MEMORY.exists():
        return Memory(0, 0)
    addressed, resident, *_ = map(int, _MEMORY.read_text().split())
    return Memory(addressed * resource.getpagesize(), resident * resource.getpagesize())


def answer(request: Request, data: bytes, connection: socket.socket) -> NoReturn:
    """Read under limits, and say what came of it. The process ends."""
    try:
        connection.sendall(BEGUN)
        _confine(connection, request.allowed)
        connection.sendall(_answered(request, data))
    finally:
        # Nothing that the asking process would do at its own end is done here.
        os._exit(0)


def serve(requests_fd: int) -> None:
    """Fork a process for each connection that comes, until nobody is left who could ask."""
    for module in _READERS:  # children then have them at once
        with suppress(ImportError):
            import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    with socket.socket(fileno=requests_fd) as requests:
        while True:
            _, fds, _, _ = socket.recv_fds(requests, 1, 1)
            if not fds:
                return
            # Closed here at the end: where nobody answers, that is seen at once.
            with socket.socket(fileno=fds[0]) as connection, suppress(OSError):
                if os.fork() == 0:
                    _answer_request(connection)


def _answer_request(connection: socket.socket) -> NoReturn:
    try:
        head, _, data = _received(connection).partition(b"\n")
        answer(Request.model_validate_json(head), data, connection)
    finally:
        os._exit(1)


def _answered(request: Request, data: bytes) -> bytes:
    try:
        return _answer_to(request, data).model_dump_json().encode()
    except MemoryError:
        return Answer(is_out_of_memory=True).model_dump_json().encode()


def _answer_to(request: Request, data: bytes) -> Answer:
    try:
        from tasks.drafting.readers import read_draft

        reading = read_draft(
            data,
            request.name,
            register=request.people,
            kinds=request.kinds,
            limit_bytes=request.limit_bytes,
        )
    except DraftUnreadable as refused:
        return Answer(
            refused=Refusal(
                message=refused.message,
                where=refused.where,
                remedy=refused.remedy,
                code=refused.code,
            )
        )
    except MemoryError:
        raise
    except Exception as fault:
        return Answer(failed=_told(fault))
    return Answer(reading=reading)


def _confine(connection: socket.socket, allowed: Allowance) -> None:
    """Leave this process nothing but its connection, some memory and some seconds."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in {0, 1, 2} - {connection.fileno()}:
        os.dup2(nothing, standard)
    os.closerange(3, connection.fileno())
    os.closerange(connection.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
    gc.freeze()  # garbage that owned what is now closed would close what is opened next
    sys.dont_write_bytecode = True
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)  # the kernel ends it, whatever it is doing
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever asked
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.setitimer(signal.ITIMER_REAL, allowed.seconds)
    _limit(resource.RLIMIT_CPU, math.ceil(allowed.seconds))
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, MOST_OPEN_FILES)
    _limit(resource.RLIMIT_NPROC, 0)
    memory = memory_used()
    if memory.resident:
        # The kernel limits what is addressed, which grows with what is resident or faster.
        left = max(allowed.resident_bytes - memory.resident, 0)
        _limit(resource.RLIMIT_AS, memory.addressed + left)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (allowed, allowed))


def _told(fault: Exception) -> str:
    """Name a fault and where in the code it arose."""
    at = fault.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f" in {Path(at.tb_frame.f_code.co_filename).name}, line {at.tb_lineno}" if at else ""
    return f"{type(fault).__name__}{place}"


def _received(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(RECEIVED_BYTES):
        parts.append(part)
    return b"".join(parts)
