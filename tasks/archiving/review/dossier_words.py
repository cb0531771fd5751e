"""Small words of dossiers and their charts: counts, lists and moments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from letters.audit import Moment


def counted(number: int, thing: str) -> str:
    """Say how many: `1 letter`, `2 authorities`."""
    if number == 1:
        return f"1 {thing}"
    return f"{number:,} {thing[:-1]}ies" if thing.endswith("y") else f"{number:,} {thing}s"


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does: `2009, 2010 and 2011`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def moment_in_words(at: Moment) -> str:
    """Write a moment to the minute."""
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M} UTC"
