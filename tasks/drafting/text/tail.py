"""Where the body of a letter in plain text ends, and what stands below it.

Signatures are read by `text_signatures`, the copy list by `text_copies`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from letters.letter import REFERENCE_PATTERN
from tasks.drafting.text.lines import SourceLine, blanked
from tasks.drafting.text.notes import Notes
from tasks.drafting.text.signatures import split_signature

COPY_LABEL = re.compile(r"(?:cop(?:y|ies)(?: to)?|copied to|cc)(?: ?:|$)\s*|cc ", re.IGNORECASE)

_VALEDICTION = re.compile(r"yours? (?:sincerely|faithfully|truly)[,.]?", re.IGNORECASE)
_REFERENCE = re.compile(rf"Reference: {REFERENCE_PATTERN.strip('^$')}")


class Tail(NamedTuple):
    """What follows the body."""

    valediction: SourceLine | None
    signatures: Sequence[SourceLine]
    copies: Sequence[SourceLine]
    """Without blank lines; the first keeps its label."""


def part_tail(
    lines: Sequence[SourceLine],
    inspectors: Sequence[str],
    titles: Sequence[str],
    notes: Notes,
) -> tuple[Sequence[SourceLine], Tail]:
    """Part the body from the last valediction, or else from a signature or copy list."""
    lines = _without_reference(lines, notes)
    ends, begins = _ending(lines, inspectors, titles)
    valediction = lines[ends] if begins > ends else None
    if valediction is not None:
        notes.stood("valediction", (valediction,))
    below = lines[begins:]
    at = next((n for n, line in enumerate(below) if COPY_LABEL.match(line.text)), len(below))
    copies = [line for line in below[at:] if line.text]
    return lines[:ends], Tail(valediction, below[:at], copies)


def _without_reference(lines: Sequence[SourceLine], notes: Notes) -> Sequence[SourceLine]:
    """Set the reference aside that the product prints below a letter in plain text."""
    last = next((n for n in range(len(lines) - 1, -1, -1) if lines[n].text), None)
    if last is None or _REFERENCE.fullmatch(lines[last].text) is None:
        return lines
    notes.leave(lines[last].number, lines[last].text)
    return [*lines[:last], blanked(lines[last], is_page_break=False), *lines[last + 1 :]]


def _ending(
    lines: Sequence[SourceLine], inspectors: Sequence[str], titles: Sequence[str]
) -> tuple[int, int]:
    """Find where the body ends, and where the signatures begin."""
    for number in range(len(lines) - 1, -1, -1):
        if _VALEDICTION.fullmatch(lines[number].text):
            return number, number + 1
    for number, line in enumerate(lines):
        is_signed = line.text in inspectors or split_signature(line.text, inspectors, titles)
        if line.text and (is_signed or COPY_LABEL.match(line.text)):
            return number, number
    return len(lines), len(lines)
