"""Emphasis of whole words: one form for what readers find as runs.

A word of which any character is bold is bold. So every form of a draft can say
it, and what is read from one is what is read from the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from letters.letter import Emphasis, Passage

Style = Literal["", "bold", "italic", "bold-italic"]

_STYLES: dict[frozenset[str], Style] = {
    frozenset(): "",
    frozenset({"bold"}): "bold",
    frozenset({"italic"}): "italic",
    frozenset({"bold", "italic"}): "bold-italic",
}
_WORD = re.compile(r"[^ \t\n\f\r]+")


class Run(NamedTuple):
    """Characters that follow one another and look alike."""

    text: str
    style: Style = ""


class Emphasised(NamedTuple):
    """Words on one line, one space apart, and which of them are emphasised."""

    text: str
    emphasis: tuple[Emphasis, ...]


def emphasised(runs: Iterable[Run]) -> Emphasised:
    """Join runs to words and their emphasis; neighbours of one style are one span."""
    runs = tuple(runs)
    text = "".join(run.text for run in runs)
    styles = [run.style for run in runs for _ in run.text]
    words: list[str] = []
    spans: list[tuple[int, int, Style]] = []
    at = 0
    previous: Style = ""
    for match in _WORD.finditer(text):
        parts = {part for style in styles[slice(*match.span())] for part in style.split("-")}
        style = _STYLES[frozenset(parts - {""})]
        end = at + len(match[0])
        if style and style == previous:
            spans[-1] = (spans[-1][0], end, style)
        elif style:
            spans.append((at, end, style))
        words.append(match[0])
        previous, at = style, end + 1
    emphasis = tuple(
        Emphasis.model_validate({"start": start, "end": end, "style": style})
        for start, end, style in spans
    )
    return Emphasised(" ".join(words), emphasis)


def runs_of(passage: Passage) -> tuple[Run, ...]:
    """Part a passage's text into runs, in order; together they are the text."""
    runs = []
    at = 0
    for each in passage.emphasis:
        runs += [
            Run(passage.text[at : each.start]),
            Run(passage.text[each.start : each.end], each.style),
        ]
        at = each.end
    runs.append(Run(passage.text[at:]))
    return tuple(run for run in runs if run.text)
