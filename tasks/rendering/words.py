"""A letter's words as the templates take them, and whether they can be printed.

The order and the wording are those of `letters.letter`; the looks are in the
templates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal, NamedTuple

from letters.errors import LettersError
from letters.letter import Letter, Passage, Placed, day_in_words

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
    texts: tuple[str, ...]


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


def places(letter: Letter) -> Iterator[Placed]:
    """Yield every text that is printed, with the place by which messages name it."""
    yield Placed("reference", letter.reference)
    for text in (letter.letterhead.organisation, *letter.letterhead.lines):
        yield Placed("letterhead", text)
    yield Placed("date", day_in_words(letter.date))
    for number, addressee in enumerate(letter.addressees, start=1):
        for text in (addressee.name, *addressee.lines):
            yield Placed(f"addressees/{number}", text)
    yield Placed("salutation", letter.salutation)
    yield Placed("subject", letter.subject)
    for section in letter.sections:
        yield Placed(section.key, section.heading)
    yield from letter.passages()
    yield Placed("valediction", letter.valediction)
    for number, signatory in enumerate(letter.signatories, start=1):
        yield Placed(f"signatories/{number}", signatory.name)
        yield Placed(f"signatories/{number}", signatory.title)
    for number, copy in enumerate(letter.copies, start=1):
        yield Placed(f"copies/{number}", copy.line)


def refuse_unprintable(placed: Iterable[Placed]) -> None:
    """Refuse characters that no font prints: control, invisible and unassigned ones.

    A soft hyphen or a change of direction shows other words than were approved.
    Raises CharacterNotPrintable.
    """
    for place, text in placed:
        if text.isprintable():
            continue
        for character in text:
            # Other spaces than the plain one (no-break, thin) count as unprintable too.
            if not character.isprintable() and (not character.isspace() or character in _BREAKS):
                raise CharacterNotPrintable(character, where=place)


_BREAKS = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"


def _blocks(passages: tuple[Passage, ...]) -> tuple[Block, ...]:
    found: list[Block] = []
    for style, group in groupby(passages, key=lambda passage: passage.style):
        texts = tuple(passage.text for passage in group)
        if style == "item":
            found.append(Block("list", texts))
        else:
            found.extend(Block("paragraph", (text,)) for text in texts)
    return tuple(found)
