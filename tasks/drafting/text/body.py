"""The body of a letter in plain text, taken apart into headings, paragraphs and items.

What the end of a page cut in two is put together by `text_breaks`; which sections the
pieces make up is `text_sections`' matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from tasks.drafting.text.bullets import Bulleted, bulleted, has_bullet, number_of
from tasks.drafting.text.headings import (
    LONGEST_HEADING_IN_BLOCK_CHARACTERS,
    Headings,
    is_shaped_like_heading,
)
from tasks.drafting.text.layout import Layout
from tasks.drafting.text.lines import Block, SourceLine
from tasks.drafting.text.notes import Notes
from tasks.drafting.text.pieces import Piece
from tasks.drafting.text.words import is_terminated


def take_pieces(
    blocks: Sequence[Block], layout: Layout, headings: Headings, notes: Notes
) -> list[Piece]:
    """Take the body's blocks apart; a bullet without words is left over."""
    taker = _Taker(layout, headings)
    for block in blocks:
        taker.take(block)
    pieces = []
    for piece in taker.pieces:
        if piece.text:
            pieces.append(piece)
        else:
            notes.leave(piece.last.number, piece.last.source.strip())
    return pieces


class _Taker:
    """Takes blocks apart line by line."""

    def __init__(self, layout: Layout, headings: Headings) -> None:
        self.pieces: list[Piece] = []
        self._layout = layout
        self._headings = headings
        self._within: Layout | None = None
        """The layout of the block in hand, measured when it is first asked for."""
        self._number = 0

    def take(self, block: Block) -> None:
        self._within = None
        lines = block.lines
        current = self._wrapped_heading(lines)
        if current is not None:
            self.pieces.append(current)
            lines = lines[len(current.lines) :]
        for line, following in zip_longest(lines, lines[1:]):
            piece = self._begin(line, following, current, block)
            if piece is None and current is not None:
                current.lines.append(line)
                continue
            current = piece or Piece("paragraph", [line], line.indent)
            if line is block.lines[0]:
                current.is_after_gap = block.is_after_gap
                current.is_after_page = block.is_after_page
            self.pieces.append(current)

    def _begin(
        self, line: SourceLine, following: SourceLine | None, current: Piece | None, block: Block
    ) -> Piece | None:
        """Begin a piece at a line; None where it goes on with the current one."""
        if bullet := bulleted(line):
            if current is None or not self._is_dash_in_text(bullet, line, current):
                return Piece("item", [bullet.line], bullet.indent)
            current.mark("dash-in-text", current.last.text, line.text)
            return None
        if self._is_numbered(line, current):
            return Piece("paragraph", [line], line.indent, is_numbered=True)
        if self._headings.is_known(line.text) and _is_ended(current):
            return Piece("heading", [line], line.indent)
        if current is None and self._heads(line, following):
            return self._heading(line, following)
        if current is None or current.style == "heading":
            return Piece("paragraph", [line], line.indent)
        if self._is_new_paragraph(line, current, block):
            return self._split(line, current, block)
        return None

    def _is_dash_in_text(self, bullet: Bulleted, line: SourceLine, current: Piece) -> bool:
        return (
            bullet.is_dash
            and current.style != "heading"
            and (current.style == "paragraph" or line.indent >= current.indent)
            and not is_terminated(current.last.text)
            and not self._layout.breaks_early(current.last, line)
        )

    def _is_numbered(self, line: SourceLine, current: Piece | None) -> bool:
        number = number_of(line)
        if number is None:
            return False
        goes_on = number == self._number + 1 and _is_ended(current)
        if not goes_on and not (number == 1 and current is None):
            return False
        self._number = number
        return True

    def _heads(self, line: SourceLine, following: SourceLine | None) -> bool:
        """Whether the first line of a block, with others right below it, is a heading."""
        return (
            following is not None
            and len(line.text) <= LONGEST_HEADING_IN_BLOCK_CHARACTERS
            and is_shaped_like_heading(line.text)
            and (following.text[0].isupper() or has_bullet(following))
            and self._layout.breaks_early(line, following)
        )

    def _heading(self, line: SourceLine, following: SourceLine | None) -> Piece:
        piece = Piece("heading", [line], line.indent)
        if following is not None and not has_bullet(following):
            piece.mark(
                "heading-without-blank-line",
                line.text,
                following.text,
                f"A heading: {line.text}",
            )
        return piece

    def _wrapped_heading(self, lines: Sequence[SourceLine]) -> Piece | None:
        """Begin a block with a known heading that takes two lines."""
        if len(lines) < 2 or self._headings.is_known(lines[0].text):
            return None
        piece = Piece("heading", list(lines[:2]), lines[0].indent)
        return piece if self._headings.is_known(piece.text) else None

    def _is_new_paragraph(self, line: SourceLine, current: Piece, block: Block) -> bool:
        """Whether a line that follows a finished sentence begins a paragraph of its own."""
        return (
            self._layout.is_wrapped
            and current.last.text[-1:] in (".", "!", "?")
            and line.text[0].isupper()
            and (current.style != "item" or line.indent < current.indent)
            and self._layout_within(block).breaks_early(current.last, line)
        )

    def _layout_within(self, block: Block) -> Layout:
        self._within = self._within or self._layout.within(block)
        return self._within

    def _split(self, line: SourceLine, current: Piece, block: Block) -> Piece:
        piece = Piece("paragraph", [line], line.indent)
        is_sure = self._layout_within(block).breaks_early(current.last, line, surely=True)
        piece.mark(
            "paragraph-without-blank-line" if is_sure else "paragraph-split",
            current.last.text,
            line.text,
            f"A new paragraph: {line.text[:60]} …",
        )
        return piece


def _is_ended(piece: Piece | None) -> bool:
    return piece is None or piece.style == "heading" or is_terminated(piece.last.text)
