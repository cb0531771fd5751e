"""What stands twice: a word in a row, a finding in two places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from letters.checks.rule import Found, Given, check
from letters.checks.wording import found, written_texts
from letters.letter import Letter, Passage

_DOUBLED = re.compile(
    r"(?<![\w’'])([^\W\d_]+(?:[’'][^\W\d_]+)?)\s+\1(?![\w’'])"
    r"|(?<![\w’'])([^\W\d_]+ [^\W\d_]+) \2(?![\w’'])",
    re.IGNORECASE,
)
_CAN_BE_RIGHT = re.compile(r"had\s+had|being\s+being", re.IGNORECASE)
"""“They had had help”, “his well-being being at risk”."""

ALIKE_FROM = 0.8
"""The share of its words that a finding has in common with another, to be the same one.

Measured: of 41 letters two say one thing twice (0.85 and 0.92); the next come to 0.63."""

MOST_PAIRS = 200_000
"""Beyond it nothing is compared; the real letters have 2,000 at most."""

FEWEST_WORDS = 6
"""Shorter findings are the same only if they are so to the word: else it is chance."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?]) +")
_PASSED_OVER = frozenset(
    (
        *("a", "an", "and", "are", "as", "at", "be", "been", "by", "for", "from", "has", "have"),
        *("in", "is", "it", "its", "not", "of", "on", "or", "that", "the", "their", "there"),
        *("these", "they", "this", "to", "was", "were", "which", "will", "with"),
    )
)


class _Finding(NamedTuple):
    place: str
    start: int
    end: int
    words: frozenset[str]


@check("doubled-word", blocks=False, source="A published “that that”.")
def doubled_words(letter: Letter, given: Given) -> Iterator[Found]:
    """A word, or two words, stand twice in a row; “had had” can be right."""
    for placed in written_texts(letter):
        for match in _DOUBLED.finditer(placed.text):
            if not _CAN_BE_RIGHT.fullmatch(match[0]):
                yield found(
                    placed, match, f"“{match[0]}” says it twice. Take one out, unless it is meant."
                )


@check(
    "finding-repeated",
    blocks=False,
    source="Letters that praise and fault the same thing in the same words.",
)
def finding_repeated(letter: Letter, given: Given) -> Iterator[Found]:
    """The same finding stands under what is to improve and elsewhere, or twice in a section."""
    raising = {rule.key for rule in given.kind.sections if rule.raises_areas}
    headings = {section.key: section.heading for section in letter.sections}
    raised: list[_Finding] = []
    others: list[_Finding] = []
    for section in letter.sections:
        for number, passage in enumerate(section.passages, start=1):
            place = f"{section.key}/{number}"
            if section.key in raising:
                raised += _findings(place, passage, is_whole=True)
            else:
                others += _findings(place, passage, is_whole=False)
    if len(raised) * (len(raised) + len(others)) > MOST_PAIRS:
        return
    for number, area in enumerate(raised):
        for other in (*raised[:number], *others):
            if _are_alike(area.words, other.words):
                heading = headings[other.place.rpartition("/")[0]]
                yield Found(
                    area.place,
                    f"This stands under “{heading}” ({other.place}), too, in nearly the same "
                    "words. See which of the two is meant, or say it once.",
                    area.start,
                    area.end,
                )
                break


def _findings(place: str, passage: Passage, *, is_whole: bool) -> Iterator[_Finding]:
    """Yield a passage, and its sentences unless they only count as a whole."""
    text = passage.text
    yield _finding(place, 0, text)
    if is_whole:
        return
    start = 0
    for sentence in _SENTENCE_END.split(text):
        start = text.index(sentence, start)
        if sentence != text:
            yield _finding(place, start, sentence)


def _finding(place: str, start: int, text: str) -> _Finding:
    words = (word for word in _WORD.findall(text.casefold()) if word not in _PASSED_OVER)
    return _Finding(place, start, start + len(text), frozenset(words))


def _are_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    if min(len(one), len(other)) < FEWEST_WORDS:
        return one == other and len(one) > 1
    if min(len(one), len(other)) < ALIKE_FROM * max(len(one), len(other)):
        return False
    return len(one & other) >= ALIKE_FROM * len(one | other)


CHECKS = (doubled_words, finding_repeated)
