"""Reads a draft in a process of its own, so that no draft can harm the one that asks.

Whatever a file does to its reader (fills the memory, never ends, crashes it), what
comes back is a reading or a DraftUnreadable, as JSON limited in size. What such a
process may use, and what it does, is in `apart_child`.

A process with one thread forks; that takes a few milliseconds. To fork beside
threads is unsafe (a lock that one of them holds stays locked): then a helper forks,
a program with nothing but the readers in it, begun once and shared with all processes
that are forked afterwards. It ends when the last of them has ended.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from letters.errors import TransientError
from letters.kind import Kind
from letters.problem import DraftUnreadable
from letters.reading import Reading
from letters.register import Register
from tasks.drafting.apart_child import (
    BEGUN,
    RECEIVED_BYTES,
    Allowance,
    Answer,
    Request,
    answer,
    memory_used,
)
from tasks.drafting.limits import refuse_size

MOST_ANSWER_BYTES = 32_000_000
"""A draft's text comes back twice: as words, and as the lines on which they stood."""

LARGEST_FORKED_BYTES = 150_000_000
"""A larger process doesn't fork: all that it holds would count as the reader's memory."""

PATIENCE_SECONDS = 20
"""For the helper to begin; and after which a reader that should have ended is given up."""

HELPER_PROGRAM = "from tasks.drafting.apart_child import serve; serve(0)"

_NEARLY = 0.9
"""Of its seconds: ours are counted from when its first word was heard, a moment later."""

_VARIABLES = ("LD_LIBRARY_PATH",)  # some builds of Python find themselves by it
_THREADS = Path("/proc/self/task")


class _Helper(NamedTuple):
    """The program that forks, and the socket by which it is given connections."""

    requests: socket.socket
    process: subprocess.Popen[bytes]


_helper: _Helper | None = None
_helper_lock = threading.Lock()


class _Heard(NamedTuple):
    """What came from a reader's process, and how long it took."""

    has_begun: bool
    said: bytes
    seconds: float


def read_apart(
    data: bytes,
    name: str,
    *,
    register: Register,
    kinds: Sequence[Kind],
    limit_bytes: int,
    allowed: Allowance = Allowance(),  # noqa: B008 - a tuple
) -> Reading:
    """Read a draft's bytes as `readers.read_draft` does, in a process of its own.

    Raises DraftUnreadable; TransientError where no such process could be begun.
    """
    refuse_size(len(data), name=name, limit_bytes=limit_bytes)
    request = Request(
        name=name, people=register, kinds=tuple(kinds), limit_bytes=limit_bytes, allowed=allowed
    )
    if may_fork():
        import tasks.drafting.readers  # noqa: F401  # so that the child has them, and the next

        heard = _ask_fork(request, data)
    else:
        heard = _ask_helper(request, data)
    return _understood(heard, name, allowed)


def may_fork() -> bool:
    """Whether this process can be forked safely, and is small enough for it.

    Threads that aren't Python's own count, too, where the system tells them.
    """
    is_told = _THREADS.is_dir()
    threads = sum(1 for _ in _THREADS.iterdir()) if is_told else threading.active_count()
    return threads == 1 and memory_used().resident <= LARGEST_FORKED_BYTES


def start_helper() -> None:
    """Begin the helper, if it isn't there, for this process and those forked from it later."""
    global _helper
    with _helper_lock:
        if _helper is None:
            _helper = _begun_helper()


def _ask_fork(request: Request, data: bytes) -> _Heard:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            try:
                child = os.fork()
            except OSError as failed:
                raise _not_begun() from failed
            if child == 0:
                answer(request, data, theirs)
        try:
            return _hear(ours, request.allowed)
        finally:
            os.kill(child, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(child, 0)


def _ask_helper(request: Request, data: bytes) -> _Heard:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _hand_over(theirs)
        ours.settimeout(PATIENCE_SECONDS)
        with suppress(OSError):  # nobody reads it: then nothing will be heard either
            ours.sendall(request.model_dump_json().encode() + b"\n" + data)
            ours.shutdown(socket.SHUT_WR)
        return _hear(ours, request.allowed)


def _hand_over(connection: socket.socket) -> None:
    """Give the helper one end of a connection; one that has died is begun anew."""
    global _helper
    for _ in range(2):
        start_helper()
        helper = _helper
        if helper is None:
            continue
        try:
            socket.send_fds(helper.requests, [b"\0"], [connection.fileno()])
            return
        except OSError:
            with _helper_lock:
                _helper = None if _helper is helper else _helper
    raise _not_begun()


def _begun_helper() -> _Helper:
    # Where this process finds its modules, the helper does: not where it happens to be begun.
    path = [str(Path(__file__).resolve().parents[2]), *filter(None, sys.path)]
    program = f"import sys; sys.path[:] = {path!r}; {HELPER_PROGRAM}"
    requests, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
            [sys.executable, "-I", "-S", "-c", program],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # No secret of the office goes along.
            env={name: value for name, value in os.environ.items() if name in _VARIABLES},
            cwd="/",
            start_new_session=True,  # Ctrl-C is for whoever asked
        )
    return _Helper(requests, process)


def _hear(connection: socket.socket, allowed: Allowance) -> _Heard:
    """Listen until the reader's process has ended."""
    deadline = time.monotonic() + allowed.seconds + PATIENCE_SECONDS
    heard: list[bytes] = []
    size = 0
    began: float | None = None
    with suppress(OSError):  # a reset is an end like another; a time-out, too
        while size <= MOST_ANSWER_BYTES:
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
            part = connection.recv(RECEIVED_BYTES)
            if not part:
                break
            if began is None:
                began = time.monotonic()
            heard.append(part)
            size += len(part)
    said = b"".join(heard)
    seconds = 0.0 if began is None else time.monotonic() - began
    return _Heard(said.startswith(BEGUN), said.removeprefix(BEGUN), seconds)


def _understood(heard: _Heard, name: str, allowed: Allowance) -> Reading:
    if not heard.has_begun:
        raise _not_begun()
    try:
        told = Answer.model_validate_json(heard.said)
    except ValidationError:
        told = Answer(failed="it ended without an answer")
    if told.reading is not None:
        return told.reading
    if told.refused is not None:
        refused = told.refused
        raise DraftUnreadable(
            refused.message, where=refused.where, remedy=refused.remedy, code=refused.code
        )
    if told.is_out_of_memory:
        raise DraftUnreadable(
            f"To read this draft takes more than {allowed.resident_bytes // 1_000_000} MB of"
            " memory; a letter takes a few.",
            where=name,
            remedy="See whether it is the right file; else copy its text into a new document and"
            " save that.",
            code="draft-too-much-memory",
        )
    if heard.seconds >= allowed.seconds * _NEARLY:
        raise DraftUnreadable(
            f"The draft wasn't read within {allowed.seconds:g} seconds; a letter takes less than"
            " one.",
            where=name,
            remedy="See whether it is the right file; else copy its text into a new document and"
            " save that.",
            code="draft-too-slow",
        )
    raise DraftUnreadable(
        f"The reader failed on this draft ({told.failed}).",
        where=name,
        remedy="Copy its text into a new document and save that; keep this file for whoever"
        " looks after the program.",
        code="draft-reader-failed",
    )


def _not_begun() -> TransientError:
    return TransientError(
        "No process could be begun to read the draft in.",
        remedy="Try again when the machine has less to do; `letters doctor` looks it over.",
        code="reader-not-begun",
    )
