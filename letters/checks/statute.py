"""The power under which the inspection was carried out, by kind and by day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from letters.checks.rule import Found, Given, check
from letters.inspection import inspection_in
from letters.kind import Framework, Kind
from letters.letter import Fact, Letter, day_in_words

SOURCE = (
    "The kind's file. Section 138 of the Education and Inspections Act 2006, for one, was "
    "repealed in July 2012."
)

_CLAIMED = re.compile(
    r"\b(?:carried out|conducted|undertaken|undertook|made|held|took place|inspected|visited)\b"
    r"[^.;]{0,120}?\b(?:under|pursuant to|by virtue of|in accordance with|in line with)"
    r"(?: the (?:powers?|provisions) (?:in|of))? $",
    re.IGNORECASE,
)
"""Before a section by which an inspection claims to be made; others are only spoken of."""


@check("statutory-basis-missing", blocks=True, source=SOURCE)
def statutory_basis_missing(letter: Letter, given: Given) -> Iterator[Found]:
    """The opening names neither a section of an Act nor a framework for the inspection."""
    kind, day = given.kind, _day(letter)
    if _asks_for_power(kind, day) and not _sections(letter) and not _frameworks(letter, kind):
        yield Found(
            "opening",
            "The opening doesn't say by which power the inspection was carried out. "
            + _remedy(kind, day),
        )


@check("statutory-basis-unlawful", blocks=True, source=SOURCE)
def statutory_basis_unlawful(letter: Letter, given: Given) -> Iterator[Found]:
    """The power that the opening names was none for such an inspection on its first day."""
    kind, day = given.kind, _day(letter)
    if not (kind.statutory_basis or kind.frameworks):
        return
    sections, frameworks = _sections(letter), _frameworks(letter, kind)
    # Where none is claimed in so many words, every section that the opening names is looked at.
    claimed = [fact for fact in sections if _is_claimed(letter, fact)]
    named = claimed or sections
    wrong = [fact for fact in named if not _is_lawful(kind, fact, day)]
    in_use = [named for named in frameworks if named.framework.covers(day)]
    has_power = len(wrong) < len(named) or bool(in_use)
    if claimed or (not has_power and _asks_for_power(kind, day)):
        for fact in wrong:
            said = f"section {fact.value['section']} of the {fact.value['act']}"
            yield _unlawful(said, kind, day, fact.place, fact.start, fact.end)
    if not has_power and _asks_for_power(kind, day):
        for framework, place, start, end in frameworks:
            said = f"the {framework.name} framework"
            yield _unlawful(said, kind, day, place, start, end)


def _asks_for_power(kind: Kind, day: date) -> bool:
    """Whether openings name one: of the focused visits before autumn 2020, few do."""
    return bool(kind.statutory_basis) or any(f.covers(day) for f in kind.frameworks)


class _Named(NamedTuple):
    framework: Framework
    place: str
    start: int
    end: int


def _unlawful(said: str, kind: Kind, day: date, place: str, start: int, end: int) -> Found:
    return Found(
        place,
        f"Such an inspection was not carried out under {said} on that day. {_remedy(kind, day)}",
        start,
        end,
    )


def _day(letter: Letter) -> date:
    inspection = inspection_in(letter.facts)
    return inspection.first if inspection is not None else letter.date


def _sections(letter: Letter) -> list[Fact]:
    """List the sections of Acts that the opening names; findings rightly speak of others."""
    return [
        fact
        for fact in letter.facts
        if fact.kind == "statutory-basis" and fact.place.startswith("opening/")
    ]


def _is_claimed(letter: Letter, fact: Fact) -> bool:
    text = letter.texts_at(fact.place)
    return bool(_CLAIMED.search(text[max(0, fact.start - 200) : fact.start]))


def _is_lawful(kind: Kind, fact: Fact, day: date) -> bool:
    """Whether a section, or the one of which a paragraph is named, was the kind's basis."""
    whole = fact.value["section"].partition("(")[0]
    return any(
        kind.is_lawful_basis(fact.value["act"], section, day)
        for section in (fact.value["section"], whole)
    )


def _frameworks(letter: Letter, kind: Kind) -> list[_Named]:
    """List the kind's frameworks that the opening names, whatever the case and apostrophes."""
    found = []
    for framework in kind.frameworks:
        words = (re.sub("['’]", "['’]", re.escape(word)) for word in framework.name.split())
        pattern = re.compile(r"\b" + r"\s+".join(words) + r"\b", re.IGNORECASE)
        for number, passage in enumerate(letter.opening, start=1):
            if match := pattern.search(passage.text):
                found.append(_Named(framework, f"opening/{number}", *match.span()))
    return found


def _remedy(kind: Kind, day: date) -> str:
    lawful = [
        *(f"section {b.section} of the {b.act}" for b in kind.statutory_basis if b.covers(day)),
        *(f"the {f.name} framework" for f in kind.frameworks if f.covers(day)),
    ]
    if lawful:
        return f"On {day_in_words(day)} it was {' or '.join(lawful)}."
    return (
        f"The kind's file knows no power for such inspections on {day_in_words(day)}: see whether "
        "the days are right, or add the power to the file."
    )


CHECKS = (statutory_basis_missing, statutory_basis_unlawful)
