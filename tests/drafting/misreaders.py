"""Readers that do what a hostile draft could make a reader do: the draft's text says which."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import re
import resource
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from letters.problem import DraftUnreadable
from letters.reading import Reading
from tasks.drafting import readers

HONEST = readers.read_draft

PROGRAM = (
    "from tests.drafting.misreaders import misread; from tasks.drafting import readers; "
    "readers.read_draft = misread; from tasks.drafting.apart_child import serve; serve(0)"
)
"""The helper's, with these readers in the place of the honest ones."""


def misread(data: bytes, name: str, **given: Any) -> Reading:
    """Do what the draft's text names; read any other draft."""
    act = ACTS.get(data.decode(errors="replace").strip())
    if act is None:
        return HONEST(data, name, **given)
    told = act()
    raise DraftUnreadable(json.dumps(told), where=name, remedy="Nothing.", code="told")


def _compute_for_ever() -> None:
    while True:
        pass


def _wait_for_ever() -> None:
    while True:
        time.sleep(60)


def _compute_in_c() -> None:
    re.match(r"(a+)+b", "a" * 60)  # one call that no handler of Python's interrupts


def _ignore_signals() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, signal.NSIG))
    while True:
        pass


def _take_memory() -> None:
    taken = []
    while True:
        taken.append(b"x" * 10_000_000)


def _recurse() -> None:
    _recurse()


def _raise() -> None:
    raise KeyError("words of the draft")


def _leave() -> None:
    sys.exit("words of the draft")


def _crash() -> None:
    ctypes.string_at(0)


def _be_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _say_nonsense() -> None:
    for fd in range(3, 100):
        try:
            os.write(fd, b'{"reading": {"nonsense": 1}}')
        except OSError:
            continue
        os._exit(0)


def _talk_for_ever() -> None:
    while True:
        for fd in range(3, 100):
            try:
                os.write(fd, b" " * 1_000_000)
            except OSError:
                continue


def _write_a_file() -> list[str]:
    path = Path("/tmp", f"written-by-a-draft-{os.getpid()}")
    try:
        with path.open("wb", buffering=0) as file:
            file.write(b"x")
    except OSError as error:
        return [type(error).__name__, error.strerror or ""]
    finally:
        path.unlink()
    return ["written"]


def _tell_limits() -> dict[str, Any]:
    names = ("RLIMIT_CORE", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_NPROC")
    return {name: resource.getrlimit(getattr(resource, name)) for name in names}


def _tell_seconds_left() -> float:
    return signal.getitimer(signal.ITIMER_REAL)[0]


def _tell_what_is_open() -> list[str]:
    opened = []
    for fd in range(200):
        try:
            opened.append(str(Path(f"/proc/self/fd/{fd}").readlink()).partition(":")[0])
        except OSError:
            continue
    return opened


def _tell_environment() -> list[str]:
    return sorted(os.environ)


def _tell_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _open_files() -> int:
    """How many it can have at once, garbage of the process it was forked from thrown away."""
    opened = []
    try:
        while True:
            opened.append(socket.socket())
    except OSError:
        gc.collect()
        return sum(is_open(each.fileno()) for each in opened)


def is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


ACTS = {
    "compute for ever": _compute_for_ever,
    "wait for ever": _wait_for_ever,
    "compute in C": _compute_in_c,
    "ignore signals": _ignore_signals,
    "take memory": _take_memory,
    "recurse": _recurse,
    "raise": _raise,
    "leave": _leave,
    "crash": _crash,
    "be killed": _be_killed,
    "say nonsense": _say_nonsense,
    "talk for ever": _talk_for_ever,
    "write a file": _write_a_file,
    "tell limits": _tell_limits,
    "tell seconds left": _tell_seconds_left,
    "tell what is open": _tell_what_is_open,
    "tell environment": _tell_environment,
    "tell memory": _tell_memory,
    "open files": _open_files,
}
