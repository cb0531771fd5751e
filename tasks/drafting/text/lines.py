"""The lines of a plain text draft as they stood, and the blocks they form.

Which lines are no part of the letter is for `text_pages` and `text_footnotes`; what
the lines say is left to others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

_SPACES = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of the source; blank where `text` is empty."""

    number: int
    """From 1."""
    source: str
    """As it stood."""
    text: str
    """Single-spaced, and without what is no word of the letter, such as an item's bullet."""
    indent: int = 0
    length: int = 0
    """Columns up to the last character, its indent among them."""
    is_page_break: bool = False
    """Whether a page ended here; such a line is blank."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines without a blank one between them."""

    lines: tuple[SourceLine, ...]
    is_after_gap: bool
    """Whether two or more blank lines or the end of a page stood before it."""
    is_after_page: bool
    """Whether the end of a page stood before it, told by its number or a form feed."""

    @property
    def text(self) -> str:
        """The lines joined by spaces."""
        return " ".join(line.text for line in self.lines)


def split_lines(text: str) -> list[SourceLine]:
    """Split a text into its lines; a form feed is a line of its own that ends a page."""
    lines = []
    for number, source in enumerate(text.split("\n"), start=1):
        for part in re.split("(\f)", source) if "\f" in source else [source]:
            if part == "\f":
                lines.append(SourceLine(number, part, "\f", is_page_break=True))
            else:
                lines.append(_line(number, part))
    return lines


def _line(number: int, source: str) -> SourceLine:
    expanded = source.expandtabs(8).rstrip()
    return SourceLine(
        number=number,
        source=source,
        text=_SPACES.sub(" ", source.strip(" \t")).strip(),
        indent=len(expanded) - len(expanded.lstrip()),
        length=len(expanded),
    )


def blanked(line: SourceLine, *, is_page_break: bool) -> SourceLine:
    """Return a blank line in the place of one that is set aside."""
    return replace(line, text="", indent=0, length=0, is_page_break=is_page_break)


def blocks_of(lines: Iterable[SourceLine]) -> list[Block]:
    """Group lines into blocks."""
    blocks: list[Block] = []
    current: list[SourceLine] = []
    blank_lines, is_new_page = 0, False
    is_after_gap = is_after_page = False
    for line in lines:
        if line.text:
            if not current:
                is_after_gap, is_after_page = blank_lines > 1 or is_new_page, is_new_page
            current.append(line)
            blank_lines, is_new_page = 0, False
            continue
        if current:
            blocks.append(Block(tuple(current), is_after_gap, is_after_page))
            current = []
        blank_lines += 1
        is_new_page = is_new_page or line.is_page_break
    if current:
        blocks.append(Block(tuple(current), is_after_gap, is_after_page))
    return blocks
