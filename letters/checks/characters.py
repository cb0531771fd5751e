"""Characters: each must be one that the letter's fonts can print."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from letters.checks.rule import Found, Given, check
from letters.letter import Letter
from letters.printable import first_unprintable


@check(
    "character-not-printable",
    blocks=True,
    source="PDF/UA-1, 7.21.8: no missing glyph.",
    is_overridable=False,
)
def characters_not_printable(letter: Letter, given: Given) -> Iterator[Found]:
    """A character would print as nothing, or as another."""
    for place, text in letter.printed_texts():
        character = first_unprintable(text)
        if character is not None:
            named = unicodedata.name(character, "without a name").lower()
            message = (
                f"The character U+{ord(character):04X} ({named}) can't be printed. "
                "Write it in another way."
            )
            start = text.index(character)
            yield Found(place, message, start, start + 1)


CHECKS = (characters_not_printable,)
