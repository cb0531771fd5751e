"""Asking one check about a letter, and telling the words that it points at."""

from __future__ import annotations

from typing import Any

import pytest

from letters.checks.rule import Check, Given
from letters.letter import Letter
from tests.letters.readings import KIND, a_letter, a_register, paragraphs


def found_in(check: Check, letter: Letter, **given: Any) -> list[tuple[str, str]]:
    """Place and words of each thing that a check finds; no words where it points at a place."""
    asked = Given(**{"kind": KIND, "register": a_register(), **given})
    return [
        (found.place, letter.texts_at(found.place)[found.start : found.end])
        if found.start is not None
        else (found.place, "")
        for found in check.find(letter, asked)
    ]


def words_found(check: Check, text: str, **given: Any) -> list[str]:
    """The words that a check points at in a passage."""
    letter = a_letter(closing=paragraphs(text))
    return [words for place, words in found_in(check, letter, **given) if place == "closing/1"]


def cases(table: dict[str, tuple[Any, ...]]) -> list[Any]:
    """Parameters of a test, each with the sentence that says what it shows."""
    return [pytest.param(*values, id=sentence) for sentence, values in table.items()]
