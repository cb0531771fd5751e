"""Passages that the end of a page, or a stray blank line, cut in two: put together again.

A sentence that goes on over a page is joined without much ado, as is an item whose words
stand under its own there. Whatever else is joined could be read otherwise, and blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tasks.drafting.text.headings import is_shaped_like_heading
from tasks.drafting.text.layout import Layout
from tasks.drafting.text.pieces import Piece
from tasks.drafting.text.words import is_terminated


def join_over_breaks(
    pieces: Sequence[Piece], layout: Layout, *, is_closing: Callable[[str], bool]
) -> list[Piece]:
    """Tell headings from paragraphs, and join what a break cut in two.

    `is_closing` knows how closings begin: those never go on with the passage before.
    """
    hangs = any(_hangs(piece) for piece in pieces)
    joined: list[Piece] = []
    for piece, following in zip(pieces, (*pieces[1:], None), strict=False):
        if piece.style == "paragraph" and not piece.is_numbered:
            code = _join_code(joined[-1], piece, layout, hangs=hangs) if joined else None
            if _is_heading_of(piece, following, layout):
                piece.style = "heading"
            elif code is not None and not is_closing(piece.text):
                _join(joined[-1], piece, code)
                continue
        joined.append(piece)
    return joined


def _join(before: Piece, piece: Piece, code: str) -> None:
    before.mark(code, before.last.text, piece.lines[0].text)
    before.marks += piece.marks
    before.lines += piece.lines


def _is_heading_of(piece: Piece, following: Piece | None, layout: Layout) -> bool:
    return (
        following is not None
        and len(piece.lines) <= 2
        and is_shaped_like_heading(piece.text)
        and not layout.is_full(piece.last)
        and (following.style == "item" or not following.text[0].islower())
    )


def _hangs(piece: Piece) -> bool:
    """Whether an item's further lines stand under its words."""
    return (
        piece.style == "item" and len(piece.lines) > 1 and 0 < piece.indent == piece.lines[1].indent
    )


def _join_code(before: Piece, piece: Piece, layout: Layout, *, hangs: bool) -> str | None:
    """Say by which doubt a paragraph is the rest of the passage before it; None where it isn't.

    A passage without a full stop goes on in small letters; in capitals only where its last
    line was full, or where lines aren't wrapped, after a gap. An item goes on where the words
    stand under its own, whether or not a sentence ended; at the margin nothing in capitals
    goes on with one, unless a gap stands between and no item hangs.
    """
    if before.style == "heading":
        return None
    is_item = before.style == "item"
    is_full = layout.is_full(before.last)
    has_ended = is_terminated(before.last.text)
    if not has_ended and _begins_small(piece.text):
        goes_on = True
        is_sure = piece.is_after_page or is_full
    elif is_item and _is_under(piece, before):
        goes_on = True
        is_sure = piece.is_after_page
    else:
        is_new = is_item and piece.indent == 0 and (hangs or not piece.is_after_gap)
        can_go_on = is_full or (not layout.is_wrapped and piece.is_after_gap)
        goes_on = can_go_on and not has_ended and not is_new
        is_filled = not layout.breaks_early(before.last, piece.lines[0])
        is_sure = piece.is_after_page and is_filled and not is_item
    if not goes_on:
        return None
    return "passage-over-pages" if is_sure else "page-break-joined"


def _is_under(piece: Piece, item: Piece) -> bool:
    """Whether a paragraph stands under an item's words, a sign farther left or right at most."""
    return piece.indent > 0 and abs(piece.indent - item.indent) <= 1


def _begins_small(text: str) -> bool:
    """Whether the first letter is a small one, after signs and figures, or in brackets."""
    first = next((letter for letter in text if letter.isalpha()), "")
    return first.islower() or text.startswith("(")
