"""Turns: of what many runs would do at once, one on this machine does it, and not again too soon.

A mark in the office's cache tells when it was last begun and how long it took. It may be deleted
at any time, and decides nothing but who spares the work.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

SHARE = 20
"""What takes a second is done once in so many."""


@contextmanager
def turn(mark: Path, *, at_most_every: timedelta) -> Iterator[bool]:
    """Tell whether it is time again, and note when it is begun and how long it then takes.

    It is time `at_most_every` after it was last begun, and later where it takes long; at once
    with none. Raises OSError where the mark can't be kept.
    """
    mark.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(mark, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        began, took = _read(file.read())
        every = at_most_every and max(at_most_every, timedelta(seconds=took * SHARE))
        now = time.time()
        # A moment that is still to come was written by a clock that was wrong.
        is_time = not every or not 0 <= now - began < every.total_seconds()
        if is_time:
            _write(mark, now, took)
    started = time.monotonic()
    yield is_time
    if is_time:
        _write(mark, now, time.monotonic() - started)


def _read(text: str) -> tuple[float, float]:
    try:
        began, took = json.loads(text)
        return float(began), float(took)
    except (ValueError, TypeError):
        return 0.0, 0.0


def _write(mark: Path, began: float, took: float) -> None:
    mark.write_text(json.dumps([began, took]))
