"""What the authority's last letter asked for: the areas that the next one must answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from letters.audit import Sha256
from letters.kind import Kind
from letters.letter import Frozen, Letter, Line, Placed, Text

ANSWERED = "earlier-area-answered"
"""The code under which the pack tells an answer, so that it is signed with the letter."""


class EarlierLetter(Frozen):
    """The last letter that was issued to an authority, and the areas it raised."""

    reference: str
    date: date
    areas: tuple[Placed, ...]
    """The passages under its headings that raise areas, in order, with their places in it."""


class AnsweredArea(Frozen):
    """What became of one area that the earlier letter raised: a passage answers it, or none need.

    `place` and `why` are empty where the other one stands.
    """

    area: Line
    """The area's place in the earlier letter."""
    asked: Sha256
    """Of the UTF-8 bytes of the area's text: in other words it is another question."""
    place: Line | None = None
    """The passage of this letter that answers it."""
    why: Text | None = None
    """The reason for which a person waived the answer."""


class EarlierAnswered(Frozen):
    """What a letter says became of all that the authority's last letter asked for."""

    reference: Line
    """The letter that asked."""
    areas: tuple[AnsweredArea, ...]


def areas_of(letter: Letter, kind: Kind) -> Iterator[Placed]:
    """Yield the areas that a letter raises: the items of its lists, or else its paragraphs."""
    for section in letter.sections:
        rule = kind.section(section.key)
        if rule is None or not rule.raises_areas:
            continue
        has_items = any(passage.style == "item" for passage in section.passages)
        for number, passage in enumerate(section.passages, start=1):
            if passage.style == "item" or not has_items:
                yield Placed(f"{section.key}/{number}", passage.text)


def said_of(place: str, reference: str) -> str:
    """Say in the pack which area of which letter a passage answers."""
    return f"It answers {place} of {reference}."
