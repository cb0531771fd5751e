"""The rules on sections."""

from __future__ import annotations

import pytest

from letters.checks import check_letter
from letters.letter import Passage, Section
from tests.letters.readings import KIND, a_letter, a_register, told


def a_section(key: str, *, level: int = 1, is_empty: bool = False) -> Section:
    passages = () if is_empty else (Passage(style="item", text="Something was found."),)
    return Section.model_validate(
        {"key": key, "heading": key.capitalize(), "passages": passages, "level": level}
    )


STRENGTHS = a_section("strengths")
PRACTICE = a_section("satisfactory-practice")
DEVELOPMENT = a_section("areas-for-development")


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        pytest.param((STRENGTHS, PRACTICE, DEVELOPMENT), [], id="all sections in order"),
        pytest.param((PRACTICE, DEVELOPMENT), [], id="a letter may know no strengths"),
        pytest.param(
            (STRENGTHS, PRACTICE, DEVELOPMENT, a_section("areas-for-priority-action")),
            [],
            id="priority action may follow",
        ),
        pytest.param(
            (STRENGTHS, PRACTICE),
            [("section-missing", "areas-for-development", "blocks")],
            id="a required section that is missing blocks",
        ),
        pytest.param(
            (),
            [
                ("section-missing", "satisfactory-practice", "blocks"),
                ("section-missing", "areas-for-development", "blocks"),
            ],
            id="every missing section is told",
        ),
        pytest.param(
            (a_section("strengths", is_empty=True), PRACTICE, DEVELOPMENT),
            [("section-empty", "strengths", "blocks")],
            id="a heading over nothing blocks",
        ),
        pytest.param(
            (STRENGTHS, PRACTICE, a_section("areas-for-development", is_empty=True)),
            [("section-empty", "areas-for-development", "blocks")],
            id="the last heading over nothing blocks",
        ),
        pytest.param(
            (
                a_section("strengths", is_empty=True),
                a_section("the-duty-team", level=2),
                PRACTICE,
                DEVELOPMENT,
            ),
            [],
            id="a heading over a subsection stands over something",
        ),
        pytest.param(
            (DEVELOPMENT, STRENGTHS, PRACTICE),
            [("section-out-of-order", "strengths", "warns")],
            id="another order is worth a look",
        ),
        pytest.param(
            (STRENGTHS, a_section("leadership"), PRACTICE, DEVELOPMENT),
            [],
            id="a section the kind doesn't know has no place in the order",
        ),
    ],
)
def test_sections(sections, expected):
    letter = a_letter(sections=sections)
    assert told(check_letter(letter, kind=KIND, register=a_register())) == expected
