"""What the office's archive knows that bears on a new letter.

Asked by composing and checking; who answers reads the archive (tasks/drafting).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from letters.earlier import EarlierLetter
from letters.letter import Letter
from letters.likeness import Alike
from letters.problem import Problem
from letters.reference import Reference


class Known(NamedTuple):
    """Questions to the archive."""

    references: Callable[[Reference], Iterable[str]]
    """Lists the references of the office's letters that may be near a given one."""
    earlier_letter: Callable[[Letter], EarlierLetter | Problem | None]
    """Finds the authority's last issued letter, if it raised areas for development; or the
    problem that it can't be read."""
    alike: Callable[[Letter], tuple[Alike, ...]]
    """Finds passages that stand almost so in other authorities' letters."""


NOTHING_KNOWN = Known(
    references=lambda _: (),
    earlier_letter=lambda _: None,
    alike=lambda _: (),
)
"""An archive that holds nothing."""
