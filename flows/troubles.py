"""What went wrong in work of which one failing part must not stop the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger("flows")


class Troubles:
    """The failures met so far, each with what failed."""

    def __init__(self) -> None:
        self.told: list[str] = []

    @contextmanager
    def met(self, what: str) -> Iterator[None]:
        """Do one part; what it raises is noted, and the next part goes on."""
        try:
            yield
        except Exception as error:  # whatever a part raises is its own
            self.note(what, error)

    def note(self, what: str, why: object) -> None:
        """Note that something failed."""
        log.warning("%s: %s", what, why)
        self.told.append(f"{what}: {why or type(why).__name__}")
