"""The pieces of a body become opening, sections and closing.

The letter's kind knows which sections are lists, and how its closing begins. Doubts and
sources get the places that the letter's passages will have (see `letters.sectioning`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from letters.kind import Kind, SectionRule
from letters.letter import Passage
from letters.reading import ReadSection
from letters.sectioning import RESERVED
from tasks.drafting.text.closing import take_closing
from tasks.drafting.text.footnotes import Footnote
from tasks.drafting.text.headings import Headings
from tasks.drafting.text.notes import Notes, shorten
from tasks.drafting.text.pieces import Piece
from tasks.drafting.text.words import join_lines


class Body(NamedTuple):
    """What stands between subject and valediction."""

    opening: tuple[Passage, ...]
    sections: tuple[ReadSection, ...]
    closing: tuple[Passage, ...]


@dataclass(slots=True)
class _Group:
    """A heading and the pieces below it, up to the next one."""

    key: str
    heading: Piece | None = None
    rule: SectionRule | None = None
    level: int = 1
    pieces: list[Piece] = field(default_factory=list)

    @property
    def is_list(self) -> bool:
        """Whether it is a list by the kind's rule, and written as one at least in part."""
        return (
            self.rule is not None
            and self.rule.style == "items"
            and any(piece.style == "item" for piece in self.pieces)
        )


def arrange(
    pieces: Sequence[Piece],
    footnotes: Sequence[Footnote],
    *,
    kind: Kind | None,
    vocabulary: frozenset[str],
    notes: Notes,
) -> Body:
    """Arrange the pieces in their order; nothing but footnotes is moved."""
    groups = _grouped(pieces, Headings(kind), notes)
    closing = _Group("closing")
    if groups[-1].heading is not None:
        last = groups[-1]
        closing.pieces = take_closing(last.pieces, kind, notes, is_list=last.is_list)
    for group in groups:
        _judge_lists(group)
    _put_footnotes([*groups, closing], footnotes)
    opening, *sections = groups
    write = _Writer(vocabulary, notes)
    return Body(
        opening=write.passages(opening),
        sections=tuple(write.section(group) for group in sections),
        closing=write.passages(closing),
    )


def _grouped(pieces: Sequence[Piece], headings: Headings, notes: Notes) -> list[_Group]:
    groups = [_Group("opening")]
    taken = set(RESERVED)
    numbers: dict[str, int] = {}
    above = ""
    for piece in pieces:
        if piece.style != "heading":
            groups[-1].pieces.append(piece)
            continue
        rule = headings.rule_of(piece.text)
        key = rule.key if rule else _slug(piece.text) or f"section-{len(groups)}"
        number = numbers.get(key, 1)
        unused = key
        while unused in taken:
            number += 1
            unused = f"{key}-{number}"
        numbers[key], key = number, unused
        taken.add(key)
        level = 1 if rule or not above or headings.is_near_known(piece.text) else 2
        if level == 2:
            proposed = f"A heading within “{above}”."
            notes.doubt("heading-unknown", key, read=piece.text, proposed=proposed)
        above = piece.text if rule else above
        groups.append(_Group(key, piece, rule, level))
    return groups


def _slug(heading: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only)[:50].strip("-")


def _judge_lists(group: _Group) -> None:
    """Read a list's passages as items even where the source lost their dash.

    Where the kind doesn't say that the section is a list, a paragraph stays one; between two
    items it may have been one of them.
    """
    styles = ["", *(piece.style for piece in group.pieces), ""]
    for number, piece in enumerate(group.pieces, start=1):
        if piece.style != "paragraph" or piece.text.endswith(":"):
            continue
        text = shorten(piece.text)
        if group.is_list:
            piece.style = "item"
            piece.marks.insert(0, ("item-without-dash", text, f"- {text}"))
        elif styles[number - 1] == styles[number + 1] == "item":
            proposed = "A paragraph, as it stands, and another list below it."
            piece.marks.insert(0, ("paragraph-among-items", text, proposed))


def _put_footnotes(groups: Sequence[_Group], footnotes: Sequence[Footnote]) -> None:
    """Put each footnote at the end of the section in which its mark stands."""
    if not footnotes:
        return
    group_of = {
        line.number: group
        for group in groups
        for piece in (*([group.heading] if group.heading else ()), *group.pieces)
        for line in piece.lines
    }
    for footnote in footnotes:
        group = group_of.get(footnote.mark.number, groups[0])
        piece = Piece("paragraph", list(footnote.lines), indent=0)
        where = f"under “{group.heading.text}”" if group.heading else f"of the {group.key}"
        proposed = f"A footnote, now the last paragraph {where}, where it is referred to."
        piece.marks.append(("footnote-moved", piece.text, proposed))
        group.pieces.append(piece)


class _Writer:
    """Writes groups as sections, joining lines; notes places, doubts and sources."""

    def __init__(self, vocabulary: frozenset[str], notes: Notes) -> None:
        self._vocabulary = vocabulary
        self._notes = notes

    def section(self, group: _Group) -> ReadSection:
        heading = self._text(group.heading, group.key) if group.heading else ""
        return ReadSection(heading=heading, passages=self.passages(group), level=group.level)

    def passages(self, group: _Group) -> tuple[Passage, ...]:
        return tuple(
            Passage(
                style="item" if piece.style == "item" else "paragraph",
                text=self._text(piece, f"{group.key}/{number}"),
            )
            for number, piece in enumerate(group.pieces, start=1)
        )

    def _text(self, piece: Piece, place: str) -> str:
        self._notes.stood(place, piece.lines)
        joined = join_lines([line.text for line in piece.lines if line.text], self._vocabulary)
        for code, read, proposed in (*piece.marks, *_hyphens(joined.unclear)):
            self._notes.doubt(code, place, read=read, proposed=proposed)
        return joined.text


def _hyphens(unclear: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    for read, proposed in unclear:
        yield "hyphen-at-line-end", read, proposed
