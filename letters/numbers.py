"""Numbers in a text, in figures and in words, and the phrases that they count.

Only numbers that stand before a word: what they mean is for those who ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_UNITS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL_NUMBERS = {
    **{word: number for number, word in enumerate(_UNITS, start=1)},
    **{word: 10 * number for number, word in enumerate(_TENS, start=2)},
    **{
        f"{tens}-{unit}": 10 * number + ones
        for number, tens in enumerate(_TENS, start=2)
        for ones, unit in enumerate(_UNITS[:9], start=1)
    },
}
_SMALL = "|".join(sorted(_SMALL_NUMBERS, key=len, reverse=True))

# Every repetition is bounded: a long passage costs time in proportion to its length.
_NUMBER = re.compile(
    r"(?=[\daefnost])(?<![\w.,/£$-])(?:\d{1,3}(?:,\d{3}){1,2}|\d{1,6}|"
    rf"(?:a|{'|'.join(_UNITS[:9])}) hundred(?: and (?:{_SMALL}))?|{_SMALL})(?= [^\W\d_])",
    re.IGNORECASE,
)
_WORD = re.compile(r" ([^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_])|['’](?= ))*)")
_LONGEST_PHRASE_WORDS = 7
_NOT_A_COUNT = re.compile(r"\b(?:sections?|aged?|articles?|regulations?|thousand)(?: and)? $", re.I)
_IN_ONE = re.compile(r"\bin $", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_ENDS_A_PHRASE = frozenset(
    (
        *("a", "an", "the", "of", "in", "on", "at", "by", "to", "for", "from", "with", "and", "or"),
        *("but", "as", "than", "that", "which", "who", "whose", "where", "when", "while", "if"),
        *("is", "are", "was", "were", "be", "been", "being", "has", "have", "had", "did", "do"),
        *("seen", "sampled", "read", "examined", "considered", "reviewed", "evaluated", "tracked"),
        *("looked", "shows", "showed", "this", "these", "those", "will", "would", "can", "may"),
        *(
            "hundred",
            "thousand",
            "million",
            "dozen",
            "not",
            "also",
            "out",
            "per",
            "during",
            "through",
            "about",
            "because",
            "audited",
        ),
    )
)


class Number(NamedTuple):
    """A number before a word that it counts, in figures or words."""

    start: int
    end: int
    value: int


def find_numbers(text: str) -> Iterator[Number]:
    """Yield every number that stands before a word: no year, section of an Act or age."""
    for match in _NUMBER.finditer(text):
        before = text[max(0, match.start() - 20) : match.start()]
        value = _number(match[0])
        is_idiom = value == 1 and _IN_ONE.search(before)  # "in one case" counts nothing
        if not (is_idiom or _YEAR.fullmatch(match[0]) or _NOT_A_COUNT.search(before)):
            yield Number(match.start(), match.end(), value)


def phrase_after(text: str, start: int) -> Iterator[re.Match[str]]:
    """Yield the words that follow at `start` (group 1), up to one that ends their phrase."""
    position = start
    for _ in range(_LONGEST_PHRASE_WORDS):
        match = _WORD.match(text, position)
        if match is None or match[1].casefold() in _ENDS_A_PHRASE:
            return
        position = match.end()
        yield match


def _number(written: str) -> int:
    if written[0].isdigit():
        return int(written.replace(",", ""))
    hundreds, is_hundreds, rest = written.casefold().partition(" hundred")
    if not is_hundreds:
        return _SMALL_NUMBERS[hundreds]
    return 100 * _SMALL_NUMBERS.get(hundreds, 1) + _SMALL_NUMBERS.get(rest[len(" and ") :], 0)
