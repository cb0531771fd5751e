"""The kind's standard words: as they are, or left to the kind, but not nearly so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from letters.checks.rule import Found, Given, check
from letters.kind import Kind
from letters.letter import Letter, Placed

ALIKE_FROM = 0.75
"""Of their words: from here on words are taken for the standard ones, altered.

Measured: what letters say in their own way comes to 0.68 at most, a standard paragraph
with a word changed to 0.9 and more."""

_VALUE = re.compile(r"\{\{[^}]*\}\}")
_SENTENCE = re.compile(r"\S.*?(?:[.!?](?= |$)|$)")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SAME = {"your": "the"}
"""Letters say “your next inspection” and “the next inspection”: either is right."""


class _Run(NamedTuple):
    """Sentences of a passage that follow one another."""

    place: str
    start: int
    end: int
    words: tuple[str, ...]


@check("standard-paragraph-altered", blocks=False, source="The kind's file.")
def standard_paragraph_altered(letter: Letter, given: Given) -> Iterator[Found]:
    """A standard paragraph of the kind stands there with other words in it."""
    passages = list(_where_standard(letter, given.kind))
    for standard in _standard_paragraphs(letter, given.kind):
        pattern = _pattern(standard)
        wanted = _words(_VALUE.sub(" ", standard))
        count = len(_SENTENCE.findall(standard))
        runs = [run for passage in passages for run in _runs(passage, count)]
        if any(pattern.fullmatch(" ".join(run.words)) for run in runs):
            continue
        likest = max(runs, key=lambda run: _share(wanted, run.words), default=None)
        if likest is not None and _share(wanted, likest.words) >= ALIKE_FROM:
            yield Found(
                likest.place,
                f"These are nearly the standard words: {_difference(wanted, likest.words)}. "
                f"Write them, or leave them to the kind: “{_VALUE.sub('…', standard)}”",
                likest.start,
                likest.end,
            )


def _where_standard(letter: Letter, kind: Kind) -> Iterator[Placed]:
    """Yield the passages among which standard words stand: the closing, and priority action's."""
    action = kind.priority_action
    areas = {"closing", action.section if action else "closing"}
    return (p for p in letter.passages() if p.place.rpartition("/")[0] in areas)


def _standard_paragraphs(letter: Letter, kind: Kind) -> Iterator[str]:
    texts = [kind.standard.closing]
    action = kind.priority_action
    if action and any(section.key == action.section for section in letter.sections):
        texts.append(action.standard)
    for text in texts:
        paragraphs = re.split(r"\n\s*\n", text or "")
        yield from (" ".join(paragraph.split()) for paragraph in paragraphs if paragraph.strip())


def _runs(passage: Placed, sentence_count: int) -> Iterator[_Run]:
    """Yield each run of so many sentences, and the whole passage where it has another number."""
    spans = [match.span() for match in _SENTENCE.finditer(passage.text)]
    count = min(sentence_count, len(spans))
    firsts = range(len(spans) - count + 1)
    runs = {(spans[first][0], spans[first + count - 1][1]) for first in firsts if spans}
    for start, end in sorted(runs | {(0, len(passage.text))}):
        yield _Run(passage.place, start, end, _words(passage.text[start:end]))


def _words(text: str) -> tuple[str, ...]:
    plain = text.replace("’", "'").casefold()
    return tuple(_SAME.get(word, word) for word in _WORD.findall(plain))


def _pattern(standard: str) -> re.Pattern[str]:
    """Match the words of a standard paragraph, with anything where a value is put in."""
    parts = (re.escape(" ".join(_words(part))) for part in _VALUE.split(standard))
    return re.compile(r" ?\S.* ?".join(parts))


def _share(wanted: tuple[str, ...], words: tuple[str, ...]) -> float:
    matcher = SequenceMatcher(None, wanted, words, autojunk=False)
    is_near = matcher.real_quick_ratio() >= ALIKE_FROM and matcher.quick_ratio() >= ALIKE_FROM
    return matcher.ratio() if is_near else 0.0


def _difference(wanted: tuple[str, ...], words: tuple[str, ...]) -> str:
    told = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, wanted, words, autojunk=False).get_opcodes():
        standard, said = " ".join(wanted[i1:i2]), " ".join(words[j1:j2])
        if tag == "replace":
            told.append(f"“{said}” stands for “{standard}”")
        elif tag == "delete":
            told.append(f"“{standard}” is missing")
        elif tag == "insert":
            told.append(f"“{said}” is added")
    return ", ".join(told)


CHECKS = (standard_paragraph_altered,)
