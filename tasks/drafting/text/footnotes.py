"""Finds the footnotes of a plain text draft, and where the text refers to each.

A footnote is words of the letter: where it goes is for `text_sections`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.drafting.text.lines import SourceLine, blanked

_NUMBER = re.compile(r"(\d{1,2})(?: (\S.*))?")
# A superscript comes out of a PDF as a figure right behind a word, or the sign after it.
_MARK = re.compile(r"(\d{1,2})(?=[\s.,;:!?’”)]|$)")
_BEFORE_MARK = re.compile(r"[^\W\d_]|[^\d\s][.,;:!?’”)]")


@dataclass(frozen=True, slots=True)
class Footnote:
    """A footnote's lines, its number first, and the line on which its mark stands."""

    lines: tuple[SourceLine, ...]
    mark: SourceLine


def take_footnotes(
    lines: Sequence[SourceLine],
) -> tuple[list[SourceLine], tuple[Footnote, ...]]:
    """Take the footnotes out of the lines, blank lines in their place.

    A number to which nothing in the text before it refers begins no footnote.
    """
    kept = list(lines)
    footnotes: list[Footnote] = []
    marks: dict[int, list[int]] | None = None
    start = 0
    while start < len(lines):
        number = _number_at(lines, start, is_below=kept[start - 1] is not lines[start - 1])
        if number is None:
            start += 1
            continue
        marks = _marks(lines) if marks is None else marks
        positions = marks[number]
        nearest = bisect_left(positions, start) - 1
        if nearest < 0:
            start += 1
            continue
        end = start + 1
        while end < len(lines) and lines[end].text and lines[end].text != str(number + 1):
            end += 1
        footnotes.append(Footnote(tuple(lines[start:end]), lines[positions[nearest]]))
        for position in range(start, end):
            kept[position] = blanked(lines[position], is_page_break=True)
        start = end
    return kept, tuple(footnotes)


def _number_at(lines: Sequence[SourceLine], position: int, *, is_below: bool) -> int | None:
    """Read the number with which a footnote may begin: above its text, or before it.

    Only at a page's end does a number before a text look like a footnote's;
    `is_below` says that the line above is another's.
    """
    match = _NUMBER.fullmatch(lines[position].text)
    if match is None or not (is_below or position == 0 or not lines[position - 1].text):
        return None
    if match[2] is None:
        has_text = position + 1 < len(lines) and bool(lines[position + 1].text)
        return int(match[1]) if has_text else None
    return int(match[1]) if _ends_page(lines, position) else None


def _ends_page(lines: Sequence[SourceLine], position: int) -> bool:
    """Whether a page ends below the lines that begin here."""
    while position < len(lines) and lines[position].text:
        position += 1
    while position < len(lines) and not lines[position].text:
        if lines[position].is_page_break:
            return True
        position += 1
    return position == len(lines)


def _marks(lines: Sequence[SourceLine]) -> dict[int, list[int]]:
    """List, for each number, the positions of the lines on which it stands as a mark."""
    found: dict[int, list[int]] = defaultdict(list)
    for position, line in enumerate(lines):
        for match in _MARK.finditer(line.text):
            before = line.text[max(match.start() - 2, 0) : match.start()]
            if _BEFORE_MARK.match(before[-1:]) or _BEFORE_MARK.fullmatch(before):
                found[int(match[1])].append(position)
    return found
