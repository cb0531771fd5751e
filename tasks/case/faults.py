"""Ending the process on purpose at a named point of its work, to prove that it may end anywhere.

LETTERS_KILL_AT names the point: there the process kills itself, with SIGKILL, as
the system or a power cut would. `record:FILE` kills nothing and adds the name of
each point to the file. Without the variable `reach` returns at once.

A point is named by what is about to happen or has happened, never by a hash or an
id, and numbered from its second time on: `before-put case/r1/pack.json`,
`after-put case/audit/email-recipient.outcome #2`. So the same letter comes by the same
points in every office. Owns the names and what happens there; where the points
lie is told by those who call `reach`.
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path
from threading import Lock

from letters.errors import UsageError
from letters.register import Register

VARIABLE = "LETTERS_KILL_AT"
RECORD = "record:"

_CASE = re.compile(r"cases/[^/]+/[^/]+/[^/]+")
_IDENTITY = re.compile(r"[0-9a-f]{32,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ENTRY = re.compile(r"(?<![^/])[0-9]{8}\.json")


class _Faults:
    """What this process was told to do, and how often it came by each point."""

    def __init__(self, told: str) -> None:
        self.told = told
        self._times = Counter[str]()
        self._lock = Lock()

    def reach(self, point: str) -> None:
        with self._lock:
            self._times[point] += 1
            number = self._times[point]
        name = point if number == 1 else f"{point} #{number}"
        if name == self.told:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.told.startswith(RECORD):
            with Path(self.told.removeprefix(RECORD)).open("a", encoding="utf-8") as file:
                file.write(f"{name}\n")


_faults: _Faults | None = None


def arm(told: str, register: Register) -> None:
    """Do what LETTERS_KILL_AT says, from now on in this process; nothing where it is empty.

    Raises UsageError unless all inspectors of the register are sample ones: only
    letters that bear SAMPLE on every page may be cut short on purpose.
    """
    global _faults
    if not told:
        _faults = None
        return
    if not register.inspectors or not all(each.sample for each in register.inspectors):
        raise UsageError(
            "The process was to kill itself in the middle of its work, in a real office.",
            where=VARIABLE,
            remedy="Unset the variable. It is heeded where a register holds sample inspectors"
            " and no others.",
            code="not-a-sample-office",
        )
    if _faults is None or _faults.told != told:
        _faults = _Faults(told)


def reach(moment: str, what: str = "") -> None:
    """Come to a point, such as `reach("before-suspend")`."""
    if _faults is not None:
        _faults.reach(f"{moment} {_named(what)}".rstrip())


def reach_put(moment: str, store: str, key: str, data: bytes) -> None:
    """Come to a point around the put of an object; a chain's entry is named by its words."""
    if _faults is not None:
        what = key if store == "archive" else f"{store}/{key}"
        _faults.reach(f"{moment} {_ENTRY.sub(lambda _: _words(data), _named(what))}")


def _named(what: str) -> str:
    return _IDENTITY.sub("*", _CASE.sub("case", what))


def _words(entry: bytes) -> str:
    with suppress(ValueError, KeyError, TypeError):
        told = json.loads(entry)
        return f"{told['step']}.{told['event']}"
    return "entry"
