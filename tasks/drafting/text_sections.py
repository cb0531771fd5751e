"""The pieces of a body become opening, sections and closing.

The letter's kind knows which sections are lists, and how its closing begins.
Doubts get the places that the letter's passages will have.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from letters.kind import Kind, SectionRule
from letters.letter import Passage
from letters.reading import ReadSection
from tasks.drafting.text_body import Piece
from tasks.drafting.text_notes import Notes, shorten
from tasks.drafting.text_words import join_lines, plain

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


class Body(NamedTuple):
    """What stands between subject and valediction."""

    opening: tuple[Passage, ...]
    sections: tuple[ReadSection, ...]
    closing: tuple[Passage, ...]


class _Group(NamedTuple):
    key: str
    heading: Piece | None
    rule: SectionRule | None
    pieces: list[Piece]


def arrange(
    pieces: Sequence[Piece], *, kind: Kind | None, vocabulary: frozenset[str], notes: Notes
) -> Body:
    """Arrange the pieces in their order; nothing is moved."""
    groups = _grouped(pieces, kind)
    closing = _take_closing(groups[-1], kind, notes)
    for group in groups:
        _give_dashes(group)
    opening, *sections = [
        (_text(group.heading, group.key, vocabulary, notes), _passages(group, vocabulary, notes))
        for group in groups
    ]
    return Body(
        opening=opening[1],
        sections=tuple(ReadSection(heading=head, passages=held) for head, held in sections),
        closing=_passages(_Group("closing", None, None, closing), vocabulary, notes),
    )


def _grouped(pieces: Sequence[Piece], kind: Kind | None) -> list[_Group]:
    groups = [_Group("opening", None, None, [])]
    taken = {"opening", "closing"}
    numbers: dict[str, int] = {}
    for piece in pieces:
        if piece.style != "heading":
            groups[-1].pieces.append(piece)
            continue
        rule = kind.section_headed(piece.text) if kind else None
        # Named as letters.compose names them, so that a doubt's place is the passage's.
        key = rule.key if rule else _slug(piece.text) or f"section-{len(groups)}"
        number = numbers.get(key, 1)
        unused = key
        while unused in taken:
            number += 1
            unused = f"{key}-{number}"
        numbers[key], key = number, unused
        taken.add(key)
        groups.append(_Group(key, piece, rule, []))
    return groups


def _slug(heading: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only)[:50].strip("-")


def _take_closing(group: _Group, kind: Kind | None, notes: Notes) -> list[Piece]:
    """Take the closing off the last section: its last paragraphs, told by their wording.

    In a list that the kind knows, a last paragraph is the closing whatever it
    says. Anywhere else it stays where it stands. Both are doubts.
    """
    if group.heading is None:
        return []
    first = len(group.pieces)
    while first and group.pieces[first - 1].style == "paragraph":
        first -= 1
    paragraphs = group.pieces[first:]
    if not paragraphs:
        return []
    at = next((n for n, each in enumerate(paragraphs) if is_closing(each.text, kind)), None)
    code = "closing-by-wording"
    if at is None:
        code = "closing-unclear"
        at = len(paragraphs) - 1 if _is_list(group) else len(paragraphs)
    closing = paragraphs[at:]
    notes.doubt(
        code,
        "closing",
        read=paragraphs[min(at, len(paragraphs) - 1)].text,
        proposed=f"{len(closing)} closing paragraph{'s' if len(closing) > 1 else ''}."
        if closing
        else f"No closing: a paragraph under “{group.heading.text}”.",
    )
    del group.pieces[first + at :]
    return closing


def is_closing(text: str, kind: Kind | None) -> bool:
    """Whether a paragraph begins as closings do."""
    standard = (kind.standard.closing or "") if kind else ""
    own = plain(standard.partition("{{")[0].strip())
    return bool(own and plain(text).startswith(own)) or plain(text).startswith(_CLOSINGS)


def _is_list(group: _Group) -> bool:
    """Whether a section is a list by its rule, or may be one and is mostly written as one."""
    items = sum(piece.style == "item" for piece in group.pieces)
    if group.rule is None or group.rule.style == "prose" or not items:
        return False
    return group.rule.style == "items" or 2 * items >= len(group.pieces)


def _give_dashes(group: _Group) -> None:
    """Read a list's passages as items even where the source lost their dash."""
    if not _is_list(group):
        return
    for piece in group.pieces:
        if piece.style == "paragraph" and not piece.text.endswith(":"):
            piece.style = "item"
            text = shorten(piece.text)
            piece.marks.insert(0, ("item-without-dash", text, f"- {text}"))


def _passages(group: _Group, vocabulary: frozenset[str], notes: Notes) -> tuple[Passage, ...]:
    return tuple(
        Passage(
            style="item" if piece.style == "item" else "paragraph",
            text=_text(piece, f"{group.key}/{number}", vocabulary, notes),
        )
        for number, piece in enumerate(group.pieces, start=1)
    )


def _text(piece: Piece | None, place: str, vocabulary: frozenset[str], notes: Notes) -> str:
    if piece is None:
        return ""
    joined = join_lines([line.text for line in piece.lines if line.text], vocabulary)
    for code, read, proposed in (*piece.marks, *_hyphens(joined.unclear)):
        notes.doubt(code, place, read=read, proposed=proposed)
    return joined.text


def _hyphens(unclear: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    for read, proposed in unclear:
        yield "hyphen-at-line-end", read, proposed
