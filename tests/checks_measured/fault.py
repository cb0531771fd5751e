"""A planted fault, and the few ways in which planters put one into a draft.

Planters are written from what people do wrong, never from how a check looks for it. In
their words `‹` and `›` stand around what is wrong, where that is less than a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import NamedTuple

from letters.known import Known
from letters.letter import Passage, Placed
from letters.reading import Reading
from letters.register import Register
from tests.checks_measured.draft import Draft
from tests.checks_measured.other_letters import ARCHIVE_KNOWN


class Fault(NamedTuple):
    """A draft with one fault, and where a check ought to tell it."""

    reading: Reading
    places: tuple[str, ...]
    """Any of them will do; of a section anything in it, too."""
    planted: str
    """What was planted, for those who look why it wasn't found."""
    words: tuple[int, int] | None = None
    """Which characters of the place's text are at fault."""
    known: Known = ARCHIVE_KNOWN
    sound: Reading | None = None
    """What it was planted in, where that isn't the draft itself."""
    register: Register | None = None


Plant = Callable[[Draft, Random], Fault | None]
"""Plants a fault, or None where the letter has no place for it."""


class Planter(NamedTuple):
    """What plants the faults of one code."""

    code: str
    plant: Plant
    also: tuple[str, ...] = ()
    """Codes that tell the same fault as well: stricter ones, or one that stops the letter."""


_SENTENCE_END = re.compile(r"(?<=[a-z0-9’)][.!?]) (?=[A-Z])")
SHORTEST_PROSE_CHARACTERS = 120


def prose(draft: Draft, *areas: str) -> tuple[Placed, ...]:
    """List the passages that are long enough to take one sentence more."""
    areas = areas or tuple(key for key in draft.keys if not key.startswith("needs-"))
    found = tuple(
        each
        for each in draft.passages(*areas)
        if len(each.text) >= SHORTEST_PROSE_CHARACTERS and each.text.endswith(".")
    )
    return found or draft.passages("opening")


def with_sentence(
    draft: Draft, rng: Random, sentence: str, *, among: Sequence[Placed] = ()
) -> Fault:
    """Put a sentence into a passage, after a random one of its sentences."""
    place, text = rng.choice(among or prose(draft))
    at = rng.choice([*(match.end() for match in _SENTENCE_END.finditer(text)), len(text) + 1])
    before, after = (text[:at].rstrip() + " ", " " + text[at:])
    plain, start, end = marked(sentence)
    new = (before + plain + after).rstrip()
    start, end = len(before) + start, len(before) + end
    return Fault(draft.with_text(place, new), (place,), plain, (start, end))


def with_words(draft: Draft, place: str, start: int, end: int, words: str) -> Fault:
    """Put words in the stead of others."""
    text = dict(draft.passages())[place]
    plain, first, last = marked(words)
    new = text[:start] + plain + text[end:]
    return Fault(
        draft.with_text(place, new),
        (place,),
        f"{text[start:end]} → {plain}",
        (start + first, start + last),
    )


def with_closing(draft: Draft, sentence: str) -> Fault:
    """Add a paragraph before the valediction."""
    plain, start, end = marked(sentence)
    closing = (*draft.reading.closing, Passage(style="paragraph", text=plain))
    place = f"closing/{len(closing)}"
    return Fault(draft.reading_with(closing=closing), (place,), plain, (start, end))


def marked(words: str) -> tuple[str, int, int]:
    """Take the marks out of some words, and tell where they stood: else around the whole."""
    start, end = words.find("‹"), words.find("›")
    if start < 0:
        return words, 0, len(words)
    return words.replace("‹", "").replace("›", ""), start, end - 1


def matches(draft: Draft, pattern: str, *areas: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Find a pattern in the passages, with the places."""
    for place, text in draft.passages(*areas):
        for match in re.finditer(pattern, text):
            yield place, match


def chosen(
    draft: Draft, rng: Random, pattern: str, *areas: str
) -> tuple[str, re.Match[str]] | None:
    """Choose one of the places where a pattern stands."""
    found = list(matches(draft, pattern, *areas))
    return rng.choice(found) if found else None


def misspelt(word: str, rng: Random) -> str:
    """Misspell a word as fingers do: a letter left out, doubled, or two that change places."""
    at = rng.randrange(1, len(word) - 1)
    slips = {
        "left out": word[:at] + word[at + 1 :],
        "doubled": word[:at] + word[at] + word[at:],
        "swapped": word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    }
    return rng.choice([slip for slip in slips.values() if slip != word])
