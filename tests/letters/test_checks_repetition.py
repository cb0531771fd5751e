"""The rules on what stands twice: words, and findings."""

from __future__ import annotations

import pytest

from letters.checks import repetition
from letters.checks.repetition import doubled_words, finding_repeated
from letters.checks.rule import Given
from letters.letter import Section
from tests.letters.checking import cases, found_in, words_found
from tests.letters.readings import KIND, a_letter, a_register
from tests.letters.test_checks_lists import a_list


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "a published one": ("This means that that risks remain.", ["that that"]),
            "the first with a capital": ("The the same text.", ["The the"]),
            "two pairs": ("Their is is; Zoë Zoë.", ["is is", "Zoë Zoë"]),
            "two words twice": ("Most of the of the plans.", ["of the of the"]),
            "after a hyphen": ("Good life-story story work.", ["story story"]),
            "with an apostrophe": ("The child’s child’s plan.", ["child’s child’s"]),
            "had had": ("Staff had had training.", []),
            "well-being being": ("His well-being being at risk, we came.", []),
            "numbers": ("On 20 20 files were seen.", []),
            "two sentences": ("They say so. So do we.", []),
            "a word in another": ("It is his history; the then theatre.", []),
        }
    ),
)
def test_doubled_words(text, expected):
    assert words_found(doubled_words, text) == expected


def a_kind_raising(*keys):
    """The kind, with these sections raising areas."""
    rules = (rule.model_copy(update={"raises_areas": rule.key in keys}) for rule in KIND.sections)
    return KIND.model_copy(update={"sections": tuple(rules)})


RAISING = a_kind_raising("areas-for-development")
VOICE = "Partners do not always capture the voice of the child when contacting the authority."


def a_letter_of(strengths, areas):
    return a_letter(
        sections=(
            Section(key="strengths", heading="Strengths", passages=a_list(*strengths)),
            Section(key="areas-for-development", heading="Areas", passages=a_list(*areas)),
        )
    )


@pytest.mark.parametrize(
    ("strengths", "areas", "expected"),
    cases(
        {
            "the same passage": ((VOICE,), (VOICE,), [1]),
            "a sentence of a longer passage": (
                (f"Calls are answered by people who know the town well. {VOICE} Visits follow.",),
                (VOICE,),
                [1],
            ),
            "a longer passage of which one sentence stands elsewhere": (
                (VOICE,),
                (f"Calls are answered by people who know the town well. {VOICE} Visits follow.",),
                [],
            ),
            "the same with a word changed": (
                (VOICE.replace("always", "yet"),),
                ("Calls wait.", VOICE),
                [2],
            ),
            "a short one, to the word": (
                ("Placement sufficiency.",),
                ("Placement sufficiency",),
                [1],
            ),
            "twice among the areas": (("Calls are answered.",), (VOICE, VOICE), [2]),
            "a short one with a word changed": (("Good calls wait.",), ("Calls wait.",), []),
            "the same matter in other words": (
                ("The voice of the child is captured well by all partners in most contacts.",),
                (VOICE,),
                [],
            ),
            "one word": (("Supervision.",), ("Supervision.",), []),
        }
    ),
)
def test_finding_repeated(strengths, areas, expected):
    letter = a_letter_of(strengths, areas)

    found = found_in(finding_repeated, letter, kind=RAISING)

    assert found == [(f"areas-for-development/{n}", areas[n - 1]) for n in expected]


def test_where_it_stands_too_is_told():
    letter = a_letter_of(("Calls are answered.", VOICE), (VOICE,))

    (problem,) = finding_repeated.problems(letter, Given(RAISING, a_register()))

    assert problem.message.startswith("This stands under “Strengths” (strengths/2), too")


def test_a_kind_that_raises_no_areas_has_nothing_to_compare():
    letter = a_letter_of((VOICE,), (VOICE,))

    assert found_in(finding_repeated, letter, kind=a_kind_raising()) == []


def test_a_letter_as_long_as_a_book_is_not_compared(monkeypatch):
    monkeypatch.setattr(repetition, "MOST_PAIRS", 1)

    assert found_in(finding_repeated, a_letter_of((VOICE,), (VOICE,)), kind=RAISING) == []
