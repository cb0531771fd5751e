"""What the authority's last letter asked for: the areas that the next one must answer.

What became of them the pack tells, which is signed and kept as long as the record: a passage
that answers an area as a doubt that is cleared, a waiver as a problem that is overridden. The
sentences in which they say it are written and read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from letters.kind import Kind
from letters.letter import Frozen, Letter, Placed, day_in_words
from letters.pack import Pack

ANSWERED = "earlier-area-answered"
"""The code under which the pack tells an answer, so that it is signed with the letter."""

UNANSWERED = "earlier-area-unanswered"
"""The code of an area that nothing answers; overridden, the pack tells it as waived."""

LONGEST_QUOTATION = 160

_PLACE = "earlier/"
_NO_ANSWER = "Nothing in this letter answers it."
_STALE = "The words at "
_SAID = re.compile(r"It answers (\S+) of (\S+)\.")
_ASKED = re.compile(
    rf"(\S+), of [^“]+, asked for this: “(.*?)”\. (?:{_NO_ANSWER}|{_STALE})", re.DOTALL
)


class EarlierLetter(Frozen):
    """The last letter that was issued to an authority, and the areas it raised."""

    reference: str
    date: date
    areas: tuple[Placed, ...]
    """The passages under its headings that raise areas, in order, with their places in it."""


class AreaAnswer(NamedTuple):
    """What a letter's pack says became of one area that an earlier letter raised."""

    reference: str
    """The letter that asked."""
    area: str
    """The area's place in it."""
    asked: str
    """The area's words; of one that was waived, as they are quoted: shortened."""
    place: str
    """The passage that answers it; empty where the answer was waived."""
    why: str
    """The reason for which a person waived the answer."""


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


def answers_in(pack: Pack) -> Iterator[AreaAnswer]:
    """Yield what a pack says became of earlier areas: the answers first, then the waivers."""
    for doubt in pack.doubts_cleared:
        said = _SAID.fullmatch(doubt.why)
        if doubt.code == ANSWERED and said is not None:
            yield AreaAnswer(said[2], said[1], doubt.read, doubt.place, "")
    for problem in pack.problems_overridden:
        asked = _ASKED.match(problem.message)
        if problem.code == UNANSWERED and asked is not None:
            area = problem.place.removeprefix(_PLACE)
            yield AreaAnswer(asked[1], area, asked[2], "", problem.why)


def said_of(place: str, reference: str) -> str:
    """Say in the pack which area of which letter a passage answers."""
    return f"It answers {place} of {reference}."


def asked_by(earlier: EarlierLetter, area: Placed, stale: list[str]) -> str:
    """Say which letter asked for what, and that nothing answers it; `stale` places did once."""
    return " ".join(
        (
            f"{earlier.reference}, of {day_in_words(earlier.date)}, asked for this: "
            f"“{quoted(area.text)}”.",
            f"{_STALE}{' and '.join(stale)} that were to answer it have changed since, or are gone."
            if stale
            else _NO_ANSWER,
        )
    )


def place_of(area: Placed) -> str:
    """Name an earlier area among the places of a draft."""
    return f"{_PLACE}{area.place}"


def quoted(text: str) -> str:
    """Shorten an area's words as they are quoted."""
    if len(text) <= LONGEST_QUOTATION:
        return text.rstrip(".")
    return text[: LONGEST_QUOTATION - 1].rpartition(" ")[0] + " …"
