"""Facts in a letter's text: inspection days, the Act it rests on, what was counted.

Each fact is a span that points at the words which say it. Nothing is inferred
from anywhere else, and nothing in the text is changed. How days are written is
`letters.dates`' matter; whether a fact is right, that of the checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from letters.dates import Days, UnclearDays, UnclearReason, find_days
from letters.letter import Fact, Frozen, Line, Placed

COUNTED = {"file": "files", "record": "records", "case": "cases"}
"""What inspectors count as seen, one and several. Teams, people and plans are not."""

_LOOK_BACK_CHARACTERS = 600
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
_BEFORE_DAYS = re.compile(
    r"\b(?:on|from|between|over|during)\s"
    r"(?:(?:the|Monday|Tuesday|Wednesday|Thursday|Friday)\s){0,2}$",
    re.IGNORECASE,
)
_INSPECTING = re.compile(r"\b(?:inspect(?:ion|ions|ed|ors)|visit|visits|visited)\b", re.IGNORECASE)
_OF_ANOTHER = re.compile(r"\b(?:last|previous|earlier|prior|next|future)\b", re.IGNORECASE)
_BASIS = re.compile(
    r"\bsections? (\d{1,4}[A-Z]{0,2}(?:\(\w{1,4}\)){0,3}"
    r"(?:(?:,| and| or| to)? \d{1,4}[A-Z]{0,2}(?:\(\w{1,4}\)){0,3}){0,6})"
    r" of the ((?:(?:[A-Z(][\w'’(),-]{0,40}|and|of|for|the|in|to|etc\.?) ){1,14}?Act \d{4})(?!\d)",
)
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


class UnclearDate(Frozen):
    """Words that look like a day and can't be read as one."""

    place: Line
    start: int
    end: int
    text: str
    reason: UnclearReason


def find_facts(passages: Iterable[Placed]) -> tuple[Fact, ...]:
    """Find every fact, in reading order.

    Values: `inspection-dates` has `first` and `last` as ISO dates;
    `statutory-basis` has `act` and `section` (`138`); `count` has `number` in
    figures and `of`, the words counted.
    """
    facts: list[Fact] = []
    for place, text in passages:
        found = [*_inspection_dates(text), *_bases(text), *_counts(text)]
        facts += [
            Fact.model_validate(
                {"kind": kind, "place": place, "start": start, "end": end, "value": value}
            )
            for kind, start, end, value in sorted(found, key=lambda each: each[1])
        ]
    return tuple(facts)


def find_unclear_dates(passages: Iterable[Placed]) -> tuple[UnclearDate, ...]:
    """Find what looks like a day and is none; a missing year only where inspection days stand."""
    return tuple(
        UnclearDate(
            place=place,
            start=days.start,
            end=days.end,
            text=text[days.start : days.end],
            reason=days.reason,
        )
        for place, text in passages
        for days in find_days(text)
        if isinstance(days, UnclearDays)
        and (days.reason != "year-missing" or _is_of_inspection(text, days))
    )


_Found = tuple[str, int, int, dict[str, str]]


def _inspection_dates(text: str) -> Iterator[_Found]:
    for days in find_days(text):
        if isinstance(days, Days) and _is_of_inspection(text, days):
            value = {"first": days.first.isoformat(), "last": days.last.isoformat()}
            yield "inspection-dates", days.start, days.end, value


def _is_of_inspection(text: str, days: Days | UnclearDays) -> bool:
    """Whether days are those of the inspection the letter is about.

    They follow `on`, `from` or `between`, in a sentence that speaks of an
    inspection or visit, and not of the last or the next one before them.
    """
    before = text[max(0, days.start - _LOOK_BACK_CHARACTERS) : days.start]
    after = text[days.end : days.end + _LOOK_BACK_CHARACTERS]
    if not _BEFORE_DAYS.search(before[-40:]):
        return False
    before = re.split(r"[.!?] ", before)[-1]
    after = re.split(r"[.!?](?: |$)", after, maxsplit=1)[0]
    return not _OF_ANOTHER.search(before) and bool(_INSPECTING.search(f"{before} {after}"))


def _bases(text: str) -> Iterator[_Found]:
    for match in _BASIS.finditer(text):
        yield (
            "statutory-basis",
            match.start(),
            match.end(),
            {"act": match[2], "section": match[1]},
        )


def _counts(text: str) -> Iterator[_Found]:
    for match in _NUMBER.finditer(text):
        before = text[max(0, match.start() - 20) : match.start()]
        number = _number(match[0])
        is_idiom = number == 1 and _IN_ONE.search(before)  # "in one case" counts nothing
        if is_idiom or _YEAR.fullmatch(match[0]) or _NOT_A_COUNT.search(before):
            continue
        end = _end_of_counted(text, match.end(), is_single=number == 1)
        if end:
            value = {"number": str(number), "of": text[match.end() + 1 : end]}
            yield "count", match.start(), end, value


def _number(written: str) -> int:
    if written[0].isdigit():
        return int(written.replace(",", ""))
    hundreds, is_hundreds, rest = written.casefold().partition(" hundred")
    if not is_hundreds:
        return _SMALL_NUMBERS[hundreds]
    return 100 * _SMALL_NUMBERS.get(hundreds, 1) + _SMALL_NUMBERS.get(rest[len(" and ") :], 0)


def _end_of_counted(text: str, start: int, *, is_single: bool) -> int:
    """Find where a phrase such as `private fostering file` ends; 0 where it counts no record.

    One takes the singular as its last word, more the plural: `60 case
    discussions` and `one case study` count no cases.
    """
    end, position = 0, start
    nouns = COUNTED.keys() if is_single else COUNTED.values()
    last = ""
    for _ in range(_LONGEST_PHRASE_WORDS):
        match = _WORD.match(text, position)
        if match is None or match[1].casefold() in _ENDS_A_PHRASE:
            break
        position = match.end()
        last = match[1].casefold()
        if last in nouns:
            end = position
    if is_single and last not in nouns:
        return 0
    return end
