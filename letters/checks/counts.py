"""What the letter says of itself: its counts, and its summary against its sections."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from letters.checks.rule import Found, Given, check
from letters.checks.structure import items_of, says_none
from letters.letter import Letter, Placed, Section
from letters.numbers import find_numbers, phrase_after

_SUMMARIES = ("headline-findings", "context", "judgement")
"""The sections that sum up the others, by their keys in the kinds; opening and closing do, too."""

_THINGS = r"(?:areas?|things?|aspects?|matters?|points?|items?)"
_TOPICS = {
    "strengths": r"(?:areas? of )?strengths?",
    "satisfactory-practice": r"(?:areas? of )?satisfactory practice",
    "areas-for-development": r"areas? for (?:further )?development",
    "areas-for-priority-action": r"(?:areas? for priority action|priority actions?)",
    "needs-to-improve": rf"{_THINGS} (?:of [a-z ]{{1,30}}? )?(?:for improvement|to improve"
    r"|(?:that|which|where [a-z ]{1,30}?) needs? to (?:be )?improved?"
    r"|(?:needing|requiring|in need of) improvement)",
}
"""How sentences name what stands in a section, by its key in the kinds."""

_KEY = r"(?:(?:key|main|specific|particular|important|clear|notable|such|new|overarching) )?"
_IDENTIFIED = r"(?:identified|found|seen|noted|raised|set out|made|recognised)"
_OF_ANOTHER = re.compile(
    r"\b(?:last|previous|earlier|prior|next|future|that) (?:[\w-]+ ){0,3}"
    r"(?:inspections?|visits?|reviews?|time|year|judgement)\b",
    re.IGNORECASE,
)
_IN_AREAS = re.compile(r" (?:areas|aspects|parts|respects)\b")
_SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s|$)|$)", re.DOTALL)

# Times and measures: told of many things, by many numbers.
_MEASURES = frozenset(
    (*("days", "weeks", "months", "years", "hours", "minutes", "times", "occasions"), "percent")
)
_IRREGULAR = frozenset(("children", "people", "women", "men"))
_DEFINITE = re.compile(r"\b(?:the|these|those|all|both)(?: (?!of\b)[\w-]+)? $", re.IGNORECASE)
_MORE_OR_LESS = (
    r"or|further|another|other|additional|additionally|least|most|over|than|nearly|almost|around"
    r"|about|approximately|up to|only|just|some|every|per|first|last|next"
)
_INEXACT = re.compile(rf"\b(?:{_MORE_OR_LESS}) $", re.IGNORECASE)
_PARTIAL = re.compile(
    rf"\b(?:in|for|from|and|a|an|including|includes?|included|{_MORE_OR_LESS}) $", re.IGNORECASE
)
_OF_SUM = re.compile(r"\b\d+ of $|\b(?:number|total|sample|range) of $", re.IGNORECASE)
_RESTRICTED = re.compile(
    r"(?: \w+)? (?:where|that|which|who|whose|in which|without|with|for whom|had|lacked)\b"
)
_AS_EVIDENCE = re.compile(
    r"\b(?:saw|seen|sampled|read|reviewed|examined|looked at|considered|tracked|audited|evaluated"
    r"|scrutinised|met|spoke(?:n)? (?:to|with)|selected)\b",
    re.IGNORECASE,
)
_DEMONSTRATIVE = re.compile(r"\b(?:these|those)(?: \w+)? $", re.IGNORECASE)


@check("summary-contradicts", blocks=False, source="Summaries that the sections don't bear out.")
def summary_contradicts(letter: Letter, given: Given) -> Iterator[Found]:
    """A sentence of the summary says otherwise than the sections what was found."""
    told = [
        (
            rf"(?:{_TOPICS[rule.key]}|{re.escape(rule.heading)})",
            rule.heading,
            _items_below(letter, rule.key),
        )
        for rule in given.kind.sections
        if rule.key in _TOPICS
    ]
    for place, text in letter.passages():
        if place.partition("/")[0] not in (*_SUMMARIES, "opening", "closing"):
            continue
        for sentence in _SENTENCE.finditer(text):
            if _OF_ANOTHER.search(sentence[0]):
                continue
            for topic, heading, number in told:
                for claim in _claims(sentence[0], topic):
                    if message := _contradiction(claim.number, number, heading):
                        start = sentence.start()
                        yield Found(place, message, start + claim.start, start + claim.end)


@check("count-told-twice", blocks=False, source="Drafts whose counts were corrected in one place.")
def counts_told_twice(letter: Letter, given: Given) -> Iterator[Found]:
    """The same thing is counted twice, with different numbers."""
    mentions: dict[str, list[_Mention]] = defaultdict(list)
    for placed in letter.passages():
        for mention in _mentions(placed):
            others = mentions[mention.phrase]
            if not any(other.number == mention.number for other in others):
                for other in others:
                    if _is_of_the_same(other, mention):
                        yield Found(
                            mention.place,
                            f"“{mention.words}” here, but “{other.words}” in {other.place}. "
                            "Correct one of the two, or say how they differ.",
                            mention.start,
                            mention.start + len(mention.words),
                        )
                        break
            others.append(mention)


class _Claim(NamedTuple):
    start: int
    end: int
    number: int | None
    """None where the sentence says only that there are some."""


def _claims(sentence: str, topic: str) -> Iterator[_Claim]:
    """Yield what a sentence says of a section: how many things there are, none, or some."""
    of_things = rf"{_THINGS}(?: [a-z]+){{0,4}} [“\"‘']?"
    after = re.compile(rf" {_KEY}(?:{of_things})?{topic}\b", re.IGNORECASE)
    before = re.compile(rf"\b{topic}[^.;]{{0,40}}? in $", re.IGNORECASE)
    counted = []
    for number in find_numbers(sentence):
        if match := after.match(sentence, number.end):
            counted.append(_Claim(number.start, match.end(), number.value))
        elif _IN_AREAS.match(sentence, number.end) and (
            match := before.search(sentence, max(0, number.start - 100), number.start)
        ):
            counted.append(_Claim(match.start(), number.end, number.value))
    none = re.compile(
        rf"\b(?:no|not any|without|did not (?:identify|find|see|make|raise|note))"
        rf"(?: any)? {_KEY}{topic}\b",
        re.IGNORECASE,
    )
    counted += (_Claim(*match.span(), 0) for match in none.finditer(sentence))
    yield from counted
    some = re.search(rf"\b{topic}\b", sentence, re.IGNORECASE)
    plural = some and re.search(r"s\b|practice", some[0])
    if some and plural and not counted and re.search(rf"\b(?:{_IDENTIFIED}|notified)\b", sentence):
        yield _Claim(*some.span(), None)


def _contradiction(said: int | None, number: int, heading: str) -> str:
    """Say what is wrong with a claim, given how many things the section holds."""
    if said is None:
        missing = f"This speaks of what no section holds: there is nothing under “{heading}”."
        return "" if number else f"{missing} Write the section, or correct the sentence."
    if said == number:
        return ""
    held = f"holds {number} thing{'s' if number != 1 else ''}" if number else "holds nothing"
    counted = "there are none" if said == 0 else f"there {'is' if said == 1 else 'are'} {said}"
    return f"This says that {counted}, but “{heading}” {held}. Correct one of the two."


def _items_below(letter: Letter, key: str) -> int:
    """Count what a section and its subsections list; 0 where it is missing or says none."""
    keys = [section.key for section in letter.sections]
    if key not in keys:
        return 0
    section, *later = letter.sections[keys.index(key) :]
    below: list[Section] = [section, *takewhile(lambda each: each.level > section.level, later)]
    return sum(len(items_of(each)) for each in below if not says_none(each))


class _Mention(NamedTuple):
    place: str
    start: int
    number: int
    words: str
    phrase: str
    following: str
    is_whole: bool
    is_back_reference: bool


def _mentions(placed: Placed) -> Iterator[_Mention]:
    for sentence in _SENTENCE.finditer(placed.text):
        is_evidence = bool(_AS_EVIDENCE.search(sentence[0]))
        for number in find_numbers(sentence[0]):
            end = _end_of_plural(sentence[0], number.end)
            if not end:
                continue
            before = sentence[0][max(0, number.start - 60) : number.start]
            after = sentence[0][end : end + 80]
            is_definite = bool(_DEFINITE.search(before) or _OF_SUM.search(before))
            is_told = (
                not _INEXACT.search(before)
                if placed.place.startswith("opening/")
                else is_evidence and not (_RESTRICTED.match(after) or _PARTIAL.search(before))
            )
            yield _Mention(
                place=placed.place,
                start=sentence.start() + number.start,
                number=number.value,
                words=sentence[0][number.start : end],
                phrase=sentence[0][number.end + 1 : end].casefold().replace("’", "'"),
                following=" ".join(after.split()[:3]).casefold(),
                is_whole=is_definite or is_told,
                is_back_reference=bool(_DEMONSTRATIVE.search(before)),
            )


def _end_of_plural(text: str, start: int) -> int:
    """Find where the counted things end: `24 case files | sampled`; 0 where there are none."""
    end = 0
    for match in phrase_after(text, start):
        word = match[1].casefold()
        if word in _MEASURES:
            return 0
        is_plural = word in _IRREGULAR or (word.endswith("s") and not word.endswith(("ss", "'s")))
        end = match.end() if is_plural else end
    return end


def _is_of_the_same(other: _Mention, mention: _Mention) -> bool:
    """Whether two mentions of different numbers count the same thing."""
    if mention.is_back_reference and other.place == mention.place:
        return True
    if mention.following == other.following and len(mention.following.split()) == 3:
        return len(mention.phrase.split()) > 1
    is_told_first = other.place.startswith("opening/")
    is_named = len(mention.phrase.split()) > 1
    return other.is_whole and mention.is_whole and (is_told_first or is_named)


CHECKS = (summary_contradicts, counts_told_twice)
