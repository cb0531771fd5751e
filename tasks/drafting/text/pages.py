"""Takes what belongs to the page, not to the letter, out of a plain text draft's way.

Page numbers, form feeds and running heads are set aside, so that what a page cut in
two stands together again. Footnotes belong to the letter: they are `text_footnotes`'.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from tasks.drafting.text.lines import SourceLine, blanked
from tasks.drafting.text.notes import Notes

_PAGE_NUMBER = re.compile(r"(?:[-–] ?)?(?:page )?(\d{1,3})(?: of \d{1,3})?(?: ?[-–])?", re.I)
_RIGHT_OF_TEXT = 20
_FIRST_NUMBERS = (1, 2)
"""Many letters print none on their first page."""
_LONGEST_RUNNING_HEAD_CHARACTERS = 80


def remove_page_furniture(lines: Sequence[SourceLine], notes: Notes) -> list[SourceLine]:
    """Set form feeds, page numbers and running heads aside, a blank line in their place."""
    kept = _without_page_numbers(lines, notes)
    heads = sorted(_running_heads(kept))
    for position in heads:
        line = kept[position]
        notes.leave(line.number, line.text)
        kept[position] = blanked(line, is_page_break=True)
    if heads:
        read = " / ".join(dict.fromkeys(lines[position].text for position in heads))
        notes.doubt("running-heads-removed", "", read=read, proposed="Running heads, left out.")
    return kept


def _without_page_numbers(lines: Sequence[SourceLine], notes: Notes) -> list[SourceLine]:
    kept: list[SourceLine] = []
    numbers: list[int] = []
    for position, line in enumerate(lines):
        number = None if line.is_page_break else _page_number(lines, position)
        if number is None and not line.is_page_break:
            kept.append(line)
            continue
        if number is not None:
            follows = number == numbers[-1] + 1 if numbers else number in _FIRST_NUMBERS
            if not follows:
                notes.doubt(
                    "page-number-unclear",
                    f"line/{line.number}",
                    read=line.text,
                    proposed="A page number, left out.",
                )
            numbers.append(number)
        notes.leave(line.number, line.text)
        kept.append(blanked(line, is_page_break=True))
    if numbers:
        notes.doubt(
            "page-numbers-removed",
            "",
            read=", ".join(map(str, numbers)),
            proposed="Page numbers, left out: the letter gets its own.",
        )
    return kept


def _page_number(lines: Sequence[SourceLine], position: int) -> int | None:
    line = lines[position]
    match = _PAGE_NUMBER.fullmatch(line.text)
    if match is None:
        return None
    before = lines[position - 1].text if position else ""
    after = lines[position + 1].text if position + 1 < len(lines) else ""
    is_alone = before in ("", "\f") and after in ("", "\f")
    is_sure = is_alone or line.indent >= _RIGHT_OF_TEXT or "page" in line.text.casefold()
    return int(match[1]) if is_sure else None


def _running_heads(lines: Sequence[SourceLine]) -> Iterator[int]:
    """Find the lines beside page breaks that stand alone and say the same on several pages."""
    edges = {*_edges(lines, step=1), *_edges(lines, step=-1)}
    counts = Counter(lines[position].text for position in edges)
    for position in edges:
        text = lines[position].text
        if counts[text] > 1 and len(text) <= _LONGEST_RUNNING_HEAD_CHARACTERS and text[-1] != ".":
            yield position


def _edges(lines: Sequence[SourceLine], *, step: int) -> Iterator[int]:
    """Yield the first line after each page break (step 1), or the last before it (-1)."""
    positions = range(len(lines))[::step]
    is_at_edge = False
    for position in positions:
        line = lines[position]
        if line.is_page_break:
            is_at_edge = True
        elif line.text and is_at_edge:
            is_at_edge = False
            beyond = position + step
            if not 0 <= beyond < len(lines) or not lines[beyond].text:
                yield position
