"""Areas for development, followed from letter to letter: raised, carried over, ended.

Owns what counts as the same area. What each letter asks for, and what it says became of
earlier areas, is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from letters.earlier import quoted
from letters.review import Area, Ending


class Said(NamedTuple):
    """What one letter says of areas."""

    day: date
    """Of its first issue."""
    reference: str
    asks: tuple[Area, ...] = ()
    """All areas that stand in it, those among them that it only carries over."""
    endings: tuple[Ending, ...] = ()


class Followed(NamedTuple):
    """What became of the areas."""

    areas: list[Area]
    """Those of before, in their order, then those that were raised."""
    asks_ahead: list[Area]
    """What was asked for in the words of a later year's letter that had been sent before."""
    ends_ahead: list[Ending]
    """What was said of areas that none of the letters raised."""


def follow(before: Iterable[Area], said: Iterable[Said], later: Sequence[Area] = ()) -> Followed:
    """Follow the areas from letter to letter, in order of the days on which they were sent.

    `later` are areas that letters of later years raised: an annual review may be sent after
    them, and repeat them.
    """
    followed = Followed([*before], [], [])
    for letter in sorted(said, key=lambda one: (one.day, one.reference)):
        for asked in letter.asks:
            if _is_carried(followed.areas, asked):
                continue
            is_repeated = any(area.date < asked.date and _same_words(area, asked) for area in later)
            (followed.asks_ahead if is_repeated else followed.areas).append(asked)
        pending = (*followed.ends_ahead, *letter.endings)
        followed.ends_ahead[:] = [one for one in pending if not _is_ended(followed.areas, one)]
    return followed


def _is_carried(areas: list[Area], asked: Area) -> bool:
    """Let the letter carry over an open area of the same words, if there is one."""
    for number, area in enumerate(areas):
        is_known = area.is_open and asked.reference not in area.letters
        if is_known and _same_words(area, asked):
            carried = (*area.carried, asked.reference)
            areas[number] = area.model_copy(update={"carried": carried})
            return True
    return False


def _same_words(area: Area, other: Area) -> bool:
    return area.text.split() == other.text.split()


def _is_ended(areas: list[Area], ending: Ending) -> bool:
    """End the area that is meant, if it is among those: by its words, of twins by its place.

    A correction may have moved it. A letter that asks for it itself doesn't end it.
    """
    meant = [
        number
        for number, area in enumerate(areas)
        if ending.reference in area.letters
        and ending.end.reference not in area.letters
        and any(ending.asked in (text, quoted(text)) for text in (area.text, *area.was))
    ]
    named = (ending.reference, ending.place)
    there = [n for n in meant if (areas[n].reference, areas[n].place) == named]
    for number in there or meant:
        if areas[number].is_open:
            areas[number] = areas[number].model_copy(update={"end": ending.end})
            return True
    return False
