"""How many requests the webhook refused, by reason: all that is kept of them.

Counts are for people who wonder why nothing arrives, or who knocks. They are written
to a small file every few seconds at most, since a flood is to cost no disk, and go on
from there when the office is served anew.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Lock, Timer

from pydantic import TypeAdapter, ValidationError

from letters.audit import Moment, moment_text
from letters.letter import Frozen
from tasks.case.office import Office

WRITE_SECONDS = 3.0
"""From the first count that isn't written to the writing."""

log = logging.getLogger("desk")


class Refused(Frozen):
    """How often something was refused, and when last."""

    count: int
    last_at: Moment


_FILE = TypeAdapter(dict[str, Refused])


def refused_path(office: Office) -> Path:
    """Where the counts are kept."""
    return office.root / "webhook" / "refused.json"


def refused_counts(office: Office) -> dict[str, Refused]:
    """Read how many requests were refused since the office began, by reason."""
    return _read(refused_path(office))


class RefusedCounts:
    """The counts of the process that serves the webhook. For many threads."""

    def __init__(
        self,
        path: Path,
        clock: Callable[[], datetime],
        *,
        timer: Callable[[float, Callable[[], None]], Timer] = Timer,
    ) -> None:
        self._path = path
        self._clock = clock
        self._new_timer = timer
        self._lock = Lock()
        self._counts = _read(path)
        self._timer: Timer | None = None

    def add(self, reason: str) -> None:
        """Count one refusal; it is written a little later, with those that follow."""
        with self._lock:
            before = self._counts.get(reason)
            self._counts[reason] = Refused(
                count=1 if before is None else before.count + 1, last_at=moment_text(self._clock())
            )
            if self._timer is None:
                self._timer = self._new_timer(WRITE_SECONDS, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write what isn't written yet; that it can't be is logged, and stops nothing."""
        with self._lock:
            if self._timer is None:
                return
            self._timer.cancel()
            self._timer = None
            data = _FILE.dump_json(self._counts, indent=1)
            try:
                self._replace(data + b"\n")
            except OSError as error:
                log.warning("The refusals of the webhook could not be counted: %s", error)

    def _replace(self, data: bytes) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._path.with_name(f".{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
                f.write(data)
            draft.replace(self._path)
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()


def _read(path: Path) -> dict[str, Refused]:
    """Read the counts; a file that can't be read counts nothing."""
    try:
        return _FILE.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return {}
