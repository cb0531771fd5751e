"""Words of a Word paragraph sign by sign, each with its look: composed, parted, joined.

Where the signs come from is `word_content`'s matter; which words are then
emphasised is told by `letters.emphasis`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from letters.emphasis import Emphasised, Run, Style, emphasised


class Sign(NamedTuple):
    """One character and how it is set; a line break is a character, too."""

    text: str
    style: Style = ""


def signs_of(text: str, style: Style = "") -> list[Sign]:
    """Return a text's signs, all of one style."""
    return [Sign(sign, style) for sign in text]


def style_of(*, is_bold: bool, is_italic: bool) -> Style:
    """Name a style by what it is made of."""
    if is_bold:
        return "bold-italic" if is_italic else "bold"
    return "italic" if is_italic else ""


def composed(signs: Sequence[Sign]) -> list[Sign]:
    """Compose letters and their accents (NFC), though they stand in runs apart."""
    if unicodedata.is_normalized("NFC", "".join(each.text for each in signs)):
        return list(signs)
    clusters: list[Sign] = []
    for text, style in signs:
        if clusters and unicodedata.combining(text):
            clusters[-1] = Sign(clusters[-1].text + text, clusters[-1].style)
        else:
            clusters.append(Sign(text, style))
    return [
        Sign(sign, style) for text, style in clusters for sign in unicodedata.normalize("NFC", text)
    ]


def lines_of(signs: Iterable[Sign]) -> list[list[Sign]]:
    """Split signs at line breaks."""
    lines: list[list[Sign]] = [[]]
    for each in signs:
        if each.text == "\n":
            lines.append([])
        else:
            lines[-1].append(each)
    return lines


def words_of(signs: Iterable[Sign]) -> Emphasised:
    """Return the words, one space apart, and their emphasis."""
    kept = list(signs)
    while kept and kept[-1].text.isspace():
        kept.pop()
    start = next((at for at, each in enumerate(kept) if not each.text.isspace()), 0)
    runs = groupby(kept[start:], key=lambda each: each.style)
    return emphasised(Run("".join(each.text for each in group), style) for style, group in runs)


def joined(texts: Sequence[Emphasised]) -> Emphasised:
    """Join texts by spaces."""
    signs: list[Sign] = []
    for each in texts:
        signs += [*signs_of(" "), *spread(each)]
    return words_of(signs)


def spread(text: Emphasised) -> list[Sign]:
    """Return the signs of a text, each with its style."""
    signs = signs_of(text.text)
    for each in text.emphasis:
        signs[each.start : each.end] = signs_of(text.text[each.start : each.end], each.style)
    return signs


def is_all_bold(text: Emphasised) -> bool:
    """Whether every word of a text is bold."""
    return len(text.emphasis) == 1 and (
        (text.emphasis[0].start, text.emphasis[0].end) == (0, len(text.text))
        and text.emphasis[0].style != "italic"
    )
