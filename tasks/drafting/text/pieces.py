"""A piece of the body: a heading, a paragraph or an item, as lines of the source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tasks.drafting.text.lines import SourceLine
from tasks.drafting.text.notes import around_break


@dataclass(slots=True)
class Piece:
    """A heading, a paragraph or an item; it grows while its lines are found."""

    style: Literal["heading", "paragraph", "item"]
    lines: list[SourceLine]
    indent: int
    """Of its text; an item's is that of the words after the bullet."""
    is_after_gap: bool = False
    is_after_page: bool = False
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
