"""The sections: that they are there, hold what they promise, and stand in order.

Headings that the kind doesn't know are found while composing; whether the summary
agrees with the sections, by the counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from letters.checks.rule import Found, Given, check
from letters.letter import Authority, Letter, Passage, Placed, Section

_FOOTNOTE = re.compile(r"\d{1,2} ?[A-Z]")
_SAYS_NONE = re.compile(
    r"""
      (?: None | Not \s applicable | N/?A | Nil ) \b
    | (?: There \s is \s )? Nothing \s to \s (?: report | note | add ) \b
    | There \s (?: are | were | is | was | have \s been ) \s (?: currently \s )?
      (?: no | none | not \s any ) \b
    | No \b .* \b (?: identified | found | made | raised | required | needed | noted | arose )
    | No \s (?: areas? | priority | strengths? | actions? | improvements? ) \b [^.]* [.]? $
    | (?: Inspectors | We | Th(?:is|e) \s [\w\s-]{0,40}? (?: visit | inspection | review ) ) \s
      (?: (?: identified | found | made | raised | noted ) \s no \b
        | did \s not \s (?: identify | find | make | raise | note ) \s any \b )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST_NONE_CHARACTERS = 250
_OF_ANOTHER_YEAR = re.compile(
    r"\b(?:last|previous|earlier) (?:year|review|assessment|rating)", re.I
)


@check("section-missing", blocks=True, source="The kind's file.")
def sections_missing(letter: Letter, given: Given) -> Iterator[Found]:
    """A section that every such letter has is missing."""
    present = {section.key for section in letter.sections}
    for rule in given.kind.sections:
        if rule.is_required and rule.key not in present:
            yield Found(
                rule.key,
                f"The section “{rule.heading}” is missing. Write it, under that heading.",
            )


@check("section-empty", blocks=True, source="Published letters with headings over nothing.")
def sections_empty(letter: Letter, given: Given) -> Iterator[Found]:
    """Nothing stands below a heading, or below the words that introduce its list."""
    for section, following in _with_following(letter):
        if following is not None and following.level > section.level:
            continue  # its subsections stand below it
        if not section.passages:
            yield Found(
                section.key,
                f"Nothing stands below “{section.heading}”. Write what belongs there, or take "
                "the heading out.",
            )
        elif section.passages[-1].text.rstrip().endswith(":"):
            last = f"{section.key}/{len(section.passages)}"
            said = "These words introduce a list that doesn't follow. Write what belongs there."
            yield Found(last, said, 0, len(section.passages[-1].text))


@check("section-out-of-order", blocks=False, source="The kind's file.")
def sections_out_of_order(letter: Letter, given: Given) -> Iterator[Found]:
    """The sections stand in another order than in other letters of the kind."""
    order = [rule.key for rule in given.kind.sections]
    known = [each for each in letter.sections if each.key in order and each.level == 1]
    for before, section in pairwise(known):
        if order.index(section.key) < order.index(before.key):
            yield Found(
                section.key,
                f"“{section.heading}” usually stands before “{before.heading}”. Move it there.",
            )


@check("section-style", blocks=False, source="The kind's file.")
def sections_in_another_style(letter: Letter, given: Given) -> Iterator[Found]:
    """A section that is a list elsewhere is prose here, or the other way round."""
    for section in letter.sections:
        rule = given.kind.section(section.key)
        if rule is None or rule.style == "either":
            continue
        for place, passage in _in_another_style(section, rule.style):
            said = (
                "isn't an item of the list, as in other letters. Begin it with a dash, or move it."
                if rule.style == "items"
                else "is an item of a list; in other letters this section is prose."
            )
            yield Found(place, f"In “{section.heading}” this {said}", 0, len(passage.text))
            break


@check("heading-over-none", blocks=True, source="A published heading over “There are no …”.")
def headings_over_none(letter: Letter, given: Given) -> Iterator[Found]:
    """A heading stands over words that say there is nothing of the kind."""
    for section, following in _with_following(letter):
        has_subsection = following is not None and following.level > section.level
        if says_none(section) and not has_subsection:
            yield Found(
                f"{section.key}/1",
                f"“{section.heading}” stands over words that say there are none. Take the heading "
                "and the words out.",
                0,
                len(section.passages[0].text),
            )


@check(
    "priority-action-unfollowed",
    blocks=True,
    source="The kind's file; published letters without the paragraph that asks for a plan.",
)
def priority_action_unfollowed(letter: Letter, given: Given) -> Iterator[Found]:
    """Priority action is called for, but not said what the authority must send, and when."""
    rule = given.kind.priority_action
    keys = [section.key for section in letter.sections]
    if rule is None or rule.section not in keys:
        return
    section = letter.sections[keys.index(rule.section)]
    if not section.passages or says_none(section):
        return
    after = letter.sections[keys.index(rule.section) :]
    passages = (*(passage for section in after for passage in section.passages), *letter.closing)
    said = _plain(" ".join(passage.text for passage in passages))
    missing = [
        " or ".join(f"“{phrase}”" for phrase in phrases)
        for phrases in rule.must_say
        if not any(_plain(phrase) in said for phrase in phrases)
    ]
    if missing:
        example = f" Write: {_filled(rule.standard, letter.authority)}" if rule.standard else ""
        yield Found(
            section.key,
            f"“{section.heading}” calls for action, but nothing after it says "
            f"{' and '.join(missing)}.{example}",
        )


@check("grade-missing", blocks=True, source="The kind's file: one grade for each review.")
def grade_missing(letter: Letter, given: Given) -> Iterator[Found]:
    """The letter states none of the kind's grades, or more than one."""
    grades = given.kind.grades
    if not grades:
        return
    stated: dict[str, Placed] = {}
    for place, text in letter.passages():
        named = {grade: found for grade in grades if (found := _find(grade, text))}
        if len(named) < min(3, len(grades)):  # else it is the scale that is explained
            for grade, match in named.items():
                sentence = re.split(r"[.!?] ", text[: match.start()])[-1]
                if not _OF_ANOTHER_YEAR.search(sentence):
                    stated.setdefault(grade, Placed(place, match[0]))
    listed = ", ".join(f"“{grade}”" for grade in grades)
    if not stated:
        yield Found("", f"The letter states no grade. Write one of {listed}.")
    elif len(stated) > 1:
        said = " and ".join(f"“{words}” ({place})" for place, words in stated.values())
        yield Found("", f"The letter states more than one grade: {said}. Keep one.")


def _filled(standard: str, authority: Authority) -> str:
    """Put the authority's names into standard words, for a message: none is rendered here."""
    named = standard.replace("{{ authority }}", authority.name)
    return " ".join(named.replace("{{ short_name }}", authority.short_name).split())


def says_none(section: Section) -> bool:
    """Whether all that a section says is that there is nothing to say."""
    passages = [each for each in section.passages if not _is_footnote(each)]
    if len(passages) != 1:
        return False
    text = passages[0].text.strip()
    return len(text) <= _LONGEST_NONE_CHARACTERS and bool(_SAYS_NONE.match(text))


def items_of(section: Section) -> tuple[Passage, ...]:
    """List the things that a section tells: its items, or its paragraphs where it has none."""
    items = tuple(each for each in section.passages if each.style == "item")
    return items or tuple(each for each in section.passages if not _is_footnote(each))


def _in_another_style(section: Section, style: str) -> Iterator[tuple[str, Passage]]:
    """Yield the passages that don't keep the style; a list may be introduced, and have notes."""
    is_begun = False
    for number, passage in enumerate(section.passages, start=1):
        is_introduction = not is_begun and passage.text.rstrip().endswith(":")
        is_begun = is_begun or passage.style == "item"
        is_item = passage.style == "item"
        if is_item == (style == "items") or is_introduction or _is_footnote(passage):
            continue
        yield f"{section.key}/{number}", passage


def _is_footnote(passage: Passage) -> bool:
    return passage.style == "paragraph" and bool(_FOOTNOTE.match(passage.text))


def _with_following(letter: Letter) -> Iterator[tuple[Section, Section | None]]:
    yield from pairwise((*letter.sections, None))


def _find(phrase: str, text: str) -> re.Match[str] | None:
    return re.search(rf"\b{re.escape(phrase)}\b", text, re.IGNORECASE)


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())


CHECKS = (
    sections_missing,
    sections_empty,
    sections_out_of_order,
    sections_in_another_style,
    headings_over_none,
    priority_action_unfollowed,
    grade_missing,
)
