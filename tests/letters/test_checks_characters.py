"""The rule on characters: each can be printed."""

from __future__ import annotations

import pytest

from letters.checks.characters import characters_not_printable
from tests.letters.checking import cases, found_in
from tests.letters.readings import a_letter, paragraphs


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "a picture, told once a passage": ("Well done 👍 and 👍.", ["👍"]),
            "a mark that isn't seen": ("Child\u200bren are seen.", ["\u200b"]),
            "a soft hyphen": ("Chil\u00addren are seen.", ["\u00ad"]),
            "accents and quotation marks": ("Siân’s “café” – Łódź, Zoë…", []),
        }
    ),
)
def test_characters_not_printable(text, expected):
    letter = a_letter(closing=paragraphs("Fine.", text))

    found = found_in(characters_not_printable, letter)

    assert found == [("closing/2", words) for words in expected]
