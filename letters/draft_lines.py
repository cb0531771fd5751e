"""Where in a draft a problem stands: the line, and the words at fault under it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from letters.clearing import Words
from letters.problem import Problem
from letters.reading import Source

LONGEST_SHOWN = 100
"""Characters of a line; a longer one is shown around the words at fault."""


class DraftLine(NamedTuple):
    """A line of the draft as it is shown, and the columns at fault in it."""

    number: int
    text: str
    start: int = 0
    end: int = 0
    """Columns of `text`; both 0 where no words are marked."""

    @property
    def caret(self) -> str:
        """The marks to be printed below the line; empty where there are none."""
        return " " * self.start + "^" * (self.end - self.start)


def line_of(problem: Problem, sources: Sequence[Source], words: Words) -> DraftLine | None:
    """Find the line of a problem, with the words at fault marked; None where it has none."""
    stood = [source for source in sources if source.place == problem.place]
    if not stood:
        below = f"{problem.place}/"
        first = next((s for s in sources if problem.place and s.place.startswith(below)), None)
        return None if first is None else _shown(first, 0, 0)
    if problem.start is None or problem.end is None:
        return _shown(stood[0], 0, 0)
    text = words.at(problem.place)
    fragment = text[problem.start : problem.end]
    earlier = len(_found(fragment, text[: problem.start]))
    whole = "\n".join(source.text for source in stood)
    found = _found(fragment, whole)
    if not fragment.strip() or len(found) <= earlier:
        return _shown(stood[0], 0, 0)
    start, end = found[earlier].span()
    number = whole.count("\n", 0, start)
    begins = whole.rfind("\n", 0, start) + 1
    return _shown(stood[number], start - begins, min(end - begins, len(stood[number].text)))


def _found(fragment: str, text: str) -> list[re.Match[str]]:
    """Find a fragment, whatever the line breaks, spaces and escapes between its words."""
    pattern = r"\s+".join(
        "".join(r"\\?" + re.escape(sign) for sign in word) for word in fragment.split()
    )
    return list(re.finditer(pattern, text)) if pattern else []


def _shown(source: Source, start: int, end: int) -> DraftLine:
    """Cut a long line around the columns at fault."""
    text = source.text.replace("\t", " ")
    if len(text) <= LONGEST_SHOWN:
        return DraftLine(source.line, text, start, end)
    first = max(0, min(start - LONGEST_SHOWN // 3, len(text) - LONGEST_SHOWN))
    if first:  # not in the middle of a word, unless it is at fault
        first = text.find(" ", first, start) + 1 or first
    cut = text[first : first + LONGEST_SHOWN]
    before = "… " if first else ""
    after = " …" if first + LONGEST_SHOWN < len(text) else ""
    shift = len(before) - first
    if end == 0:
        return DraftLine(source.line, f"{before}{cut}{after}")
    return DraftLine(
        source.line,
        f"{before}{cut}{after}",
        start + shift,
        min(end + shift, len(before) + len(cut)),
    )
