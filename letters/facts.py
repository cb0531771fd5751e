"""Facts in a letter's text: inspection days, the Act it rests on, what was counted.

Each fact is a span that points at the words which say it. Nothing is inferred
from anywhere else, and nothing in the text is changed. How days are written is
`letters.dates`' matter; whether a fact is right, that of the checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from letters.dates import WEEKDAYS, Days, UnclearDays, UnclearReason, find_days
from letters.letter import Fact, Frozen, Line, Placed
from letters.numbers import find_numbers, phrase_after

COUNTED = {"file": "files", "record": "records", "case": "cases"}
"""What inspectors count as seen, one and several. Teams, people and plans are not."""

_LOOK_BACK_CHARACTERS = 600
# Every repetition is bounded: a long passage costs time in proportion to its length.
_BEFORE_DAYS = re.compile(
    r"\b(?:(?:on|from|between|over|during)\s"
    r"|(?:inspection|visit)s?(?:,|:|\sof|\s[-–—])?\s\(?"
    r"|(?:days|dates)(?:,|:|\swere|\s[-–—])?\s\(?)"
    rf"(?:(?:the|(?:{'|'.join(WEEKDAYS)}),?)\s){{0,2}}$",
    re.IGNORECASE,
)
_UNTIL_DAYS = re.compile(
    r"(?:,? and|,)(?: (?:it|was))?"
    r" (?:ended|finished|closed|concluded|completed|continued (?:to|until))(?: on)?"
    rf"(?: (?:the|(?:{'|'.join(WEEKDAYS)}),?))? ",
    re.IGNORECASE,
)
_INSPECTING = re.compile(r"\b(?:inspect(?:ion|ions|ed|ors)|visit|visits|visited)\b", re.IGNORECASE)
_OF_ANOTHER = re.compile(
    r"\b(?:last|previous|preceding|earlier|prior|next|future|forthcoming)(?: [\w-]{1,20}){0,4} $",
    re.IGNORECASE,
)
_IT_TOOK_PLACE = re.compile(
    r"(?:It|This) (?:took place|was (?:carried out|conducted|made|undertaken))\b"
)
_ACT = (
    r"(?:(?:[A-Z(][\w'’(),-]{0,40}|&|and|of|for|the|in|to|etc\.?) ){1,14}?"
    r"Act,? \d{4}"
)
_SECTION = r"\d{1,4}[A-Z]{0,2}(?:\(\w{1,4}\)){0,3}"
_BASIS = re.compile(
    rf"\b(?:sections? |ss?\.? ?)({_SECTION}(?:(?:,| and| or| to)? {_SECTION}){{0,6}})"
    rf" of (?:the )?({_ACT})(?!\d)"
    # The Act first: “the Children Act 2004, section 20”.
    rf"|\b(?:[Tt]he )?(?=[A-Z])(?!The )(?P<act>{_ACT}),? \(?(?:section |s\.? ?)"
    rf"(?P<section>{_SECTION})"
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
    for days in _joined(text, (each for each in find_days(text) if isinstance(each, Days))):
        if _is_of_inspection(text, days):
            value = {"first": days.first.isoformat(), "last": days.last.isoformat()}
            yield "inspection-dates", days.start, days.end, value


def _joined(text: str, found: Iterable[Days]) -> Iterator[Days]:
    """Join `began on 3 May 2021 and ended on 5 May 2021` to one span."""
    begun: Days | None = None
    for days in found:
        if begun is not None and _UNTIL_DAYS.fullmatch(text, begun.end, days.start):
            begun = Days(begun.start, days.end, begun.first, days.last)
            continue
        if begun is not None:
            yield begun
        begun = days
    if begun is not None:
        yield begun


def _is_of_inspection(text: str, days: Days | UnclearDays) -> bool:
    """Whether days are those of the inspection the letter is about.

    They follow `on`, `from` or `between`, in a sentence that speaks of an
    inspection or visit (or says `It took place`); the one that it speaks of
    nearest before them, or else first after them, is not the last or the next one.
    """
    before = text[max(0, days.start - _LOOK_BACK_CHARACTERS) : days.start]
    after = text[days.end : days.end + _LOOK_BACK_CHARACTERS]
    if not _BEFORE_DAYS.search(before[-60:]):
        return False
    before = re.split(r"[.!?] ", before)[-1]
    if _IT_TOOK_PLACE.match(before):
        return True
    after = re.split(r"[.!?](?: |$)", after, maxsplit=1)[0]
    *_, nearest = (None, *_INSPECTING.finditer(before))
    if nearest is not None:
        return not _OF_ANOTHER.search(before, 0, nearest.start())
    following = _INSPECTING.search(after)
    return following is not None and not _OF_ANOTHER.search(after, 0, following.start())


def _bases(text: str) -> Iterator[_Found]:
    for match in _BASIS.finditer(text):
        yield (
            "statutory-basis",
            match.start(),
            match.end(),
            {
                "act": _plain_act(match[2] or match["act"]),
                "section": match[1] or match["section"],
            },
        )


def _plain_act(act: str) -> str:
    """Return an Act's short title as the kinds' files write it."""
    return act.replace(" & ", " and ").replace("Act, ", "Act ")


def _counts(text: str) -> Iterator[_Found]:
    for number in find_numbers(text):
        end = _end_of_counted(text, number.end, is_single=number.value == 1)
        if end:
            value = {"number": str(number.value), "of": text[number.end + 1 : end]}
            yield "count", number.start, end, value


def _end_of_counted(text: str, start: int, *, is_single: bool) -> int:
    """Find where a phrase such as `private fostering file` ends; 0 where it counts no record.

    One takes the singular as its last word, more the plural: `60 case
    discussions` and `one case study` count no cases.
    """
    end = 0
    nouns = COUNTED.keys() if is_single else COUNTED.values()
    last = ""
    for match in phrase_after(text, start):
        last = match[1].casefold()
        if last in nouns:
            end = match.end()
    return 0 if is_single and last not in nouns else end
