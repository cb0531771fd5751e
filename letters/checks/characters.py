"""Characters: each must be one that the letter's fonts can print."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from letters.letter import Letter
from letters.printable import first_unprintable
from letters.problem import Problem


def characters_not_printable(letter: Letter) -> Iterator[Problem]:
    """Find characters that would print as nothing. Source: PDF/UA-1 7.21.8, no missing glyph."""
    for place, text in letter.printed_texts():
        character = first_unprintable(text)
        if character is not None:
            named = unicodedata.name(character, "without a name").lower()
            yield Problem(
                code="character-not-printable",
                place=place,
                message=f"The character U+{ord(character):04X} ({named}) can't be printed. "
                "Write it in another way.",
            )
