"""Where the closing of a letter begins: told by how closings are worded."""

from __future__ import annotations

from letters.kind import Kind
from tasks.drafting.text.notes import Notes
from tasks.drafting.text.pieces import Piece
from tasks.drafting.text.words import plain

# How closings of published letters begin; a kind's own standard words are asked first.
_CLOSINGS = (
    "the areas for development identified above",
    "the area for development identified above",
    "the areas for priority action identified above",
    "ofsted will take the findings",
    "any areas for development identified",
    "where a focused visit results in",
    "we have notified the",
    "i am copying this letter",
    "a copy of this letter",
    "this letter will be published",
)


def is_closing(text: str, kind: Kind | None) -> bool:
    """Whether a paragraph begins as closings do."""
    standard = (kind.standard.closing or "") if kind else ""
    own = plain(standard.partition("{{")[0].strip())
    return bool(own and plain(text).startswith(own)) or plain(text).startswith(_CLOSINGS)


def take_closing(
    pieces: list[Piece], kind: Kind | None, notes: Notes, *, is_list: bool
) -> list[Piece]:
    """Take the closing off the last section's pieces: paragraphs at its end, told by wording.

    In a list that the kind knows, a last paragraph is the closing whatever it
    says. Anywhere else it stays where it stands; that blocks below items only.
    """
    first = len(pieces)
    while first and pieces[first - 1].style == "paragraph":
        first -= 1
    paragraphs = pieces[first:]
    if not paragraphs:
        return []
    at = next((n for n, each in enumerate(paragraphs) if is_closing(each.text, kind)), None)
    code = "closing-by-wording"
    if at is None:
        has_items = any(piece.style == "item" for piece in pieces)
        code = "closing-unclear" if has_items else "closing-not-found"
        at = len(paragraphs) - 1 if is_list else len(paragraphs)
    closing = paragraphs[at:]
    notes.doubt(
        code,
        "closing",
        read=paragraphs[min(at, len(paragraphs) - 1)].text,
        proposed=f"{len(closing)} closing paragraph{'s' if len(closing) > 1 else ''}."
        if closing
        else "No closing: the last paragraph stays under its heading.",
    )
    del pieces[first + at :]
    return closing
