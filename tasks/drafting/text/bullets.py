"""Bullets and numbers with which the lines of a plain text draft begin."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from tasks.drafting.text.lines import SourceLine

# U+E000 to U+F8FF: the bullets of symbol fonts come out of a PDF as private characters.
_BULLET = re.compile(r"([◼◾▪■●•‣⁃*\ue000-\uf8ff]|[-–—](?= ))(?: ?(.*))")
_BULLET_WITH_SPACE = re.compile(r"\s*\S\s*")
_DASHES = "-–—"
_NUMBER = re.compile(r"(\d{1,2})[.)] \S")


class Bulleted(NamedTuple):
    """A line that begins with a bullet, which is no word of it."""

    line: SourceLine
    """With the words behind the bullet for its text."""
    indent: int
    """Of those words."""
    is_dash: bool
    """Whether it may as well be a dash in a sentence."""


def bulleted(line: SourceLine) -> Bulleted | None:
    """Take the bullet off a line; None where it has none."""
    match = _BULLET.fullmatch(line.text)
    if match is None:
        return None
    start = _BULLET_WITH_SPACE.match(line.source.expandtabs(8))
    indent = start.end() if start else line.indent
    return Bulleted(replace(line, text=match[2]), indent, match[1] in _DASHES)


def has_bullet(line: SourceLine) -> bool:
    """Whether a line begins with a bullet."""
    return _BULLET.fullmatch(line.text) is not None


def number_of(line: SourceLine) -> int | None:
    """Return the number with which a line of a numbered list begins."""
    match = _NUMBER.match(line.text)
    return int(match[1]) if match else None
