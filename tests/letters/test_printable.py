"""Which characters can be printed: the data against the fonts, and the check that uses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from letters.checks.characters import characters_not_printable
from letters.checks.rule import Given
from letters.printable import covered, first_unprintable
from tests.builders import a_letter, a_section, an_item
from tests.letters.readings import KIND, a_register

FONTS = Path(__file__).parents[2] / "templates" / "fonts"


def test_the_data_is_what_the_vendored_fonts_cover():
    faces = [
        set(TTFont(FONTS / f"LiberationSans-{face}.ttf").getBestCmap())
        for face in ("Regular", "Bold", "Italic", "BoldItalic")
    ]

    assert covered() == set.intersection(*faces)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        pytest.param("Siân Łukasz’s “file” – 50 %", None, id="names, quotation marks, dashes"),
        pytest.param("10\N{NO-BREAK SPACE}%", None, id="a no-break space"),
        pytest.param("a\N{BLACK MEDIUM SQUARE}b", "\N{BLACK MEDIUM SQUARE}", id="a bullet"),
        pytest.param("so \N{GRINNING FACE}", "\N{GRINNING FACE}", id="a face"),
        pytest.param("一", "一", id="a Chinese character"),
        pytest.param("co\N{SOFT HYPHEN}op", "\N{SOFT HYPHEN}", id="a soft hyphen"),
        pytest.param("a\N{ZERO WIDTH SPACE}b", "\N{ZERO WIDTH SPACE}", id="a zero-width space"),
        pytest.param("a\tb", "\t", id="a tabulator"),
    ],
)
def test_the_first_character_that_can_not_be_printed_is_found(text, first):
    assert first_unprintable(text) == first


def test_the_check_names_place_and_character():
    letter = a_letter(sections=(a_section("Strengths", an_item("Good"), an_item("So \u2b1b")),))

    assert [
        (problem.code, problem.place, problem.is_blocking)
        for problem in characters_not_printable.problems(letter, Given(KIND, a_register()))
    ] == [("character-not-printable", "strengths/2", True)]
