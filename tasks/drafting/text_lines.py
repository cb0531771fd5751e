"""The lines of a plain text draft: their indents, their breaks, their pages.

Takes page numbers, form feeds and footnotes out of the way, so that what a page
cut in two stands together again. What the lines say is left to others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tasks.drafting.text_notes import Notes

NARROWEST_WRAPPED_LINE, WIDEST_WRAPPED_LINE = 50, 120
"""Longer lines are whole paragraphs, and shorter ones end where their writer meant them to."""

_FULL_SHARE = 0.85
_PAGE_NUMBER = re.compile(r"(?:[-–] ?)?(?:page )?(\d{1,3})(?: of \d{1,3})?(?: ?[-–])?", re.I)
_FOOTNOTE_NUMBER = re.compile(r"\d{1,2}")
_RIGHT_OF_TEXT = 20


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of the source; blank where `text` is empty."""

    number: int
    text: str
    """Single-spaced."""
    indent: int = 0
    length: int = 0
    """Columns up to the last character, its indent among them."""
    has_columns: bool = False
    """Whether three or more spaces stand within the line."""
    is_page_break: bool = False
    """Whether a page ended here; such a line is blank."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines without a blank one between them."""

    lines: tuple[SourceLine, ...]
    is_after_gap: bool
    """Whether two or more blank lines or the end of a page stood before it."""

    @property
    def text(self) -> str:
        """The lines joined by spaces."""
        return " ".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Layout:
    """How wide the source's lines are; `width` is None where they are not wrapped."""

    width: int | None

    def is_full(self, line: SourceLine) -> bool:
        """Whether a wrapped line reaches the margin, so that its sentence may go on."""
        return self.width is not None and line.length >= _FULL_SHARE * self.width

    def breaks_early(self, line: SourceLine, following: SourceLine) -> bool:
        """Whether a line ends although the next one's first word would have fitted."""
        if self.width is None:
            return True
        word = following.text.partition(" ")[0]
        return line.length + 1 + len(word) <= _FULL_SHARE * self.width


def split_lines(text: str) -> list[SourceLine]:
    """Split a text into its lines; a form feed is a line of its own that ends a page."""
    lines = []
    for number, raw in enumerate(text.split("\n"), start=1):
        for part in re.split("(\f)", raw) if "\f" in raw else [raw]:
            stripped = part.strip(" \t")
            if part == "\f":
                lines.append(SourceLine(number, "\f", is_page_break=True))
                continue
            expanded = part.expandtabs(8).rstrip()
            lines.append(
                SourceLine(
                    number=number,
                    text=re.sub(r"[ \t]+", " ", stripped).strip(),
                    indent=len(expanded) - len(expanded.lstrip()),
                    length=len(expanded),
                    has_columns="   " in expanded.strip(),
                )
            )
    return lines


def remove_page_furniture(lines: Sequence[SourceLine], notes: Notes) -> list[SourceLine]:
    """Set page numbers, form feeds and footnotes aside, a blank line in their place."""
    kept: list[SourceLine] = []
    numbers: list[int] = []
    footnotes = 0
    is_footnote = False
    for position, line in enumerate(lines):
        before = lines[position - 1].text if position else ""
        after = lines[position + 1].text if position + 1 < len(lines) else ""
        is_alone = before in ("", "\f") and after in ("", "\f")
        if line.is_page_break:
            kept.append(_set_aside(line, notes))
            is_footnote = False
        elif (number := _page_number(line, is_alone=is_alone)) is not None:
            if numbers and number != numbers[-1] + 1:
                notes.doubt(
                    "page-number-unclear",
                    f"line/{line.number}",
                    read=line.text,
                    proposed="A page number, left out.",
                )
            numbers.append(number)
            kept.append(_set_aside(line, notes))
            is_footnote = False
        elif is_footnote or (
            _FOOTNOTE_NUMBER.fullmatch(line.text) and before in ("", "\f") and after
        ):
            if not is_footnote:
                footnotes += 1
                notes.doubt(
                    "footnote-removed",
                    f"footnote/{footnotes}",
                    read=f"{line.text} {after}",
                    proposed="A footnote, left out: the letter has none.",
                )
            is_footnote = bool(line.text)
            kept.append(_set_aside(line, notes) if line.text else line)
        else:
            kept.append(line)
    if numbers:
        notes.doubt(
            "page-numbers-removed",
            "",
            read=", ".join(map(str, numbers)),
            proposed="Page numbers, left out: the letter gets its own.",
        )
    return kept


def _page_number(line: SourceLine, *, is_alone: bool) -> int | None:
    match = _PAGE_NUMBER.fullmatch(line.text)
    if match is None:
        return None
    is_sure = is_alone or line.indent >= _RIGHT_OF_TEXT or "page" in line.text.casefold()
    return int(match[1]) if is_sure else None


def _set_aside(line: SourceLine, notes: Notes) -> SourceLine:
    notes.leave(line.number, line.text)
    return replace(line, text="", indent=0, length=0, has_columns=False, is_page_break=True)


def blocks_of(lines: Iterable[SourceLine]) -> list[Block]:
    """Group lines into blocks."""
    blocks: list[Block] = []
    current: list[SourceLine] = []
    blank_lines, is_new_page, is_after_gap = 0, False, False
    for line in lines:
        if line.text:
            if not current:
                is_after_gap = blank_lines > 1 or is_new_page
            current.append(line)
            blank_lines, is_new_page = 0, False
            continue
        if current:
            blocks.append(Block(tuple(current), is_after_gap))
            current = []
        blank_lines += 1
        is_new_page = is_new_page or line.is_page_break
    if current:
        blocks.append(Block(tuple(current), is_after_gap))
    return blocks


def layout_of(blocks: Iterable[Block]) -> Layout:
    """Measure how wide the lines are that another line follows."""
    lengths = sorted(line.length for block in blocks for line in block.lines[:-1])
    if not lengths:
        return Layout(None)
    width = lengths[int(0.9 * (len(lengths) - 1))]
    is_wrapped = NARROWEST_WRAPPED_LINE <= width <= WIDEST_WRAPPED_LINE
    return Layout(width if is_wrapped else None)
