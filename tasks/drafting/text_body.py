"""The body of a letter in plain text, taken apart into headings, paragraphs and items.

What the end of a page or line cut in two is put together, with a doubt each.
Which sections the pieces make up is `text_sections`' matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from tasks.drafting.text_lines import Block, Layout, SourceLine
from tasks.drafting.text_notes import Notes, around_break
from tasks.drafting.text_words import is_terminated

LONGEST_HEADING_CHARACTERS = 120
LONGEST_HEADING_IN_BLOCK_CHARACTERS = 60

# U+E000 to U+F8FF: the bullets of symbol fonts come out of a PDF as private characters.
_BULLET = re.compile(r"([◼◾▪■●•‣⁃*\ue000-\uf8ff]|[-–—](?= ))(?: ?(.*))")
_DASHES = "-–—"
_NUMBERED = re.compile(r"(\d{1,2})[.)] \S")

Judge = Callable[[str], bool]


@dataclass(slots=True)
class Piece:
    """A heading, a paragraph or an item, as lines of the source."""

    style: Literal["heading", "paragraph", "item"]
    lines: list[SourceLine]
    indent: int
    """Of its text; an item's is that of the words after the bullet."""
    is_after_gap: bool = False
    is_numbered: bool = False
    marks: list[tuple[str, str, str]] = field(default_factory=list)
    """Doubts about it: code, as it stood, as it was read."""

    @property
    def text(self) -> str:
        """Its lines joined by spaces, hyphens untouched."""
        return " ".join(line.text for line in self.lines if line.text)

    @property
    def last(self) -> SourceLine:
        """Its last line."""
        return self.lines[-1]

    def mark(self, code: str, before: str, after: str, proposed: str = "") -> None:
        """Note a doubt about a break; the proposal is the words joined, unless it is given."""
        read, joined = around_break(before, after)
        self.marks.append((code, read, proposed or joined))


def read_pieces(
    blocks: Sequence[Block],
    layout: Layout,
    *,
    is_heading: Judge,
    is_closing: Judge,
    notes: Notes,
) -> list[Piece]:
    """Take the body's blocks apart.

    `is_heading` knows the headings of the letter's kind, `is_closing` how
    closings begin: neither goes on with the passage before.
    """
    taker = _Taker(layout, is_heading)
    for block in blocks:
        taker.take(block)
    pieces = []
    for piece in taker.pieces:
        if piece.text:
            pieces.append(piece)
        else:
            notes.leave(piece.last.number, taker.bullets[piece.last.number])
    return _merged(pieces, layout, is_closing)


class _Taker:
    """Takes blocks apart line by line."""

    def __init__(self, layout: Layout, is_heading: Judge) -> None:
        self.pieces: list[Piece] = []
        self.bullets: dict[int, str] = {}
        self._layout = layout
        self._is_heading = is_heading
        self._number = 0

    def take(self, block: Block) -> None:
        current: Piece | None = None
        for line, following in zip(block.lines, (*block.lines[1:], None), strict=True):
            piece = self._begin(line, following, current)
            if piece is None and current is not None:
                current.lines.append(line)
                continue
            piece = piece or Piece("paragraph", [line], line.indent)
            piece.is_after_gap = current is None and block.is_after_gap
            self.pieces.append(piece)
            current = piece

    def _begin(
        self, line: SourceLine, following: SourceLine | None, current: Piece | None
    ) -> Piece | None:
        """Begin a piece at a line; None where it goes on with the current one."""
        if bullet := _BULLET.fullmatch(line.text):
            if current is None or not self._is_dash_in_text(bullet[1], line, current):
                self.bullets[line.number] = bullet[1]
                indent = line.indent + 1 + (line.length - line.indent > 1)
                return Piece("item", [replace(line, text=bullet[2])], indent)
            current.mark("dash-in-text", current.last.text, line.text)
            return None
        if self._is_numbered(line, current):
            return Piece("paragraph", [line], line.indent, is_numbered=True)
        if self._heads(line, following, current):
            piece = Piece("heading", [line], line.indent)
            if following is not None and not _BULLET.fullmatch(following.text):
                piece.mark(
                    "heading-without-blank-line",
                    line.text,
                    following.text,
                    f"A heading: {line.text}",
                )
            return piece
        if current is not None and current.style != "heading":
            if not self._is_new_paragraph(line, current):
                return None
            piece = Piece("paragraph", [line], line.indent)
            piece.mark(
                "paragraph-split",
                current.last.text,
                line.text,
                f"A new paragraph: {line.text[:60]} …",
            )
            return piece
        return Piece("paragraph", [line], line.indent)

    def _is_dash_in_text(self, bullet: str, line: SourceLine, current: Piece) -> bool:
        return (
            bullet in _DASHES
            and current.style != "heading"
            and not is_terminated(current.last.text)
            and not self._layout.breaks_early(current.last, line)
        )

    def _is_numbered(self, line: SourceLine, current: Piece | None) -> bool:
        match = _NUMBERED.match(line.text)
        if match is None:
            return False
        number = int(match[1])
        goes_on = number == self._number + 1 and (
            current is None or is_terminated(current.last.text)
        )
        if not goes_on and not (number == 1 and current is None):
            return False
        self._number = number
        return True

    def _heads(self, line: SourceLine, following: SourceLine | None, current: Piece | None) -> bool:
        if self._is_heading(line.text):
            return current is None or is_terminated(current.last.text)
        return (
            current is None
            and following is not None
            and len(line.text) <= LONGEST_HEADING_IN_BLOCK_CHARACTERS
            and _is_shaped_like_heading(line.text)
            and (following.text[0].isupper() or bool(_BULLET.fullmatch(following.text)))
            and self._layout.breaks_early(line, following)
        )

    def _is_new_paragraph(self, line: SourceLine, current: Piece) -> bool:
        return (
            self._layout.width is not None
            and current.last.text[-1:] in (".", "!", "?")
            and line.text[0].isupper()
            and (current.style != "item" or line.indent < current.indent)
            and self._layout.breaks_early(current.last, line)
        )


def _merged(pieces: Sequence[Piece], layout: Layout, is_closing: Judge) -> list[Piece]:
    """Tell headings from paragraphs, and join what a break cut in two."""
    merged: list[Piece] = []
    for piece, following in zip(pieces, (*pieces[1:], None), strict=False):
        if piece.style == "paragraph" and not piece.is_numbered:
            if _is_heading_of(piece, following, layout):
                piece.style = "heading"
            elif merged and not is_closing(piece.text) and _goes_on(merged[-1], piece, layout):
                before = merged[-1]
                before.mark("page-break-joined", before.last.text, piece.lines[0].text)
                before.marks += piece.marks
                before.lines += piece.lines
                continue
        merged.append(piece)
    return merged


def _is_heading_of(piece: Piece, following: Piece | None, layout: Layout) -> bool:
    return (
        following is not None
        and len(piece.lines) <= 2
        and _is_shaped_like_heading(piece.text)
        and not layout.is_full(piece.last)
        and (following.style == "item" or not following.text[0].islower())
    )


def _is_shaped_like_heading(text: str) -> bool:
    return (
        len(text) <= LONGEST_HEADING_CHARACTERS
        and text[0].isupper()
        and text[-1] not in ".!:;,"
        and ". " not in text
    )


def _goes_on(before: Piece, piece: Piece, layout: Layout) -> bool:
    """Whether a paragraph is the rest of the passage before it.

    A passage without a full stop goes on in small letters; in others only after
    a gap, and where lines are wrapped, only when the last one was full. An item
    that ended a sentence goes on where the words stand under its own.
    """
    if before.style == "heading":
        return False
    if is_terminated(before.last.text):
        return (
            layout.width is not None
            and before.style == "item"
            and piece.indent > 0
            and abs(piece.indent - before.indent) <= 1
        )
    if piece.text[0].islower() or layout.is_full(before.last):
        return True
    return layout.width is None and piece.is_after_gap
