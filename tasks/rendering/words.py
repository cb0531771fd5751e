"""A letter's words as the templates take them, and whether they can be printed.

The order and the wording are those of `letters.letter`; the looks are in the
templates.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Literal, NamedTuple

from letters.emphasis import Run, runs_of
from letters.errors import LettersError
from letters.letter import Letter, Passage, Placed
from letters.printable import first_unprintable

SAMPLE_MARK = "SAMPLE — not an official letter"
"""Stands on every page, and over every e-mail, that a sample inspector's letter makes."""


class CharacterNotPrintable(LettersError):
    """A text holds a character that would print as nothing, or as something else."""

    code = "character-not-printable"

    def __init__(self, character: str, *, where: str) -> None:
        codes = " ".join(f"U+{ord(part):04X}" for part in character)
        shown = f"“{character}” ({codes})" if character.isprintable() else codes
        super().__init__(
            f"The character {shown} can't be printed.",
            where=where,
            remedy="Write it in another way in the draft, and submit the draft again.",
        )


class Block(NamedTuple):
    """One paragraph, or a list of items that follow one another."""

    style: Literal["paragraph", "list"]
    texts: tuple[tuple[Run, ...], ...]
    """Each text in runs of one emphasis."""


class Part(NamedTuple):
    """Part of the body: a heading, unless it is the opening or the closing, and blocks."""

    heading: str | None
    level: int
    """1 is the subject's; no level is ever left out (PDF/UA-1, 7.4.2)."""
    blocks: tuple[Block, ...]


def parts(letter: Letter) -> tuple[Part, ...]:
    """Lay out the body: the opening, the sections and the closing, where there are any."""
    found = [Part(None, 1, _blocks(letter.opening))] if letter.opening else []
    above = 1
    for section in letter.sections:
        above = min(section.level + 1, above + 1)
        found.append(Part(section.heading, above, _blocks(section.passages)))
    if letter.closing:
        found.append(Part(None, 1, _blocks(letter.closing)))
    return tuple(found)


def refuse_unprintable(placed: Iterable[Placed]) -> None:
    """Refuse characters that would print as nothing, or not at all.

    Raises CharacterNotPrintable.
    """
    for place, text in placed:
        if (character := first_unprintable(text)) is not None:
            raise CharacterNotPrintable(character, where=place)


def _blocks(passages: tuple[Passage, ...]) -> tuple[Block, ...]:
    found: list[Block] = []
    for style, group in groupby(passages, key=lambda passage: passage.style):
        texts = tuple(runs_of(passage) for passage in group)
        if style == "item":
            found.append(Block("list", texts))
        else:
            found.extend(Block("paragraph", (text,)) for text in texts)
    return tuple(found)
