"""The rule on lists: their items end alike."""

from __future__ import annotations

import pytest

from letters.checks.lists import list_punctuation
from letters.checks.rule import Given
from letters.letter import Passage, Section
from tests.letters.checking import cases, found_in
from tests.letters.readings import KIND, a_letter, a_register, paragraphs


def a_list(*items: str) -> tuple[Passage, ...]:
    return tuple(Passage(style="item", text=item) for item in items)


@pytest.mark.parametrize(
    ("items", "odd"),
    cases(
        {
            "every item ends with a full stop": (("One.", "Two.", "Three."), []),
            "no item ends with a full stop": (("one", "two", "three"), []),
            "the last alone ends with one": (("one", "two", "three."), []),
            "semicolons, and a full stop at last": (("one;", "two; and", "three."), []),
            "commas, and a full stop at last": (("one,", "two, or", "three."), []),
            "remarks after full stops": (("One. (outcome 1)", "Two. (outcome 2)"), []),
            "remarks that are sentences": (("It is so. (See there.)", "So (it is)."), []),
            "remarks that are none, among full stops": (("One (so)", "Two.", "Three."), [1]),
            "quotations, questions and sentences": (("‘One.’", "Two?", "Three (so)."), []),
            "phrases in lower case, the last with a full stop": (("one", "two."), []),
            "sentences, the first without a full stop": (("One is so", "Two is not."), [1]),
            "the first lacks its full stop": (("One", "Two.", "Three."), [1]),
            "one in the middle lacks it": (("One.", "Two", "Three.", "Four."), [2]),
            "the last lacks it": (("One.", "Two.", "Three"), [3]),
            "one alone has it": (("one", "two.", "three", "four"), [2]),
            "a semicolon among full stops": (("One.", "Two;", "Three."), [2]),
            "a full stop among semicolons": (("one;", "two.", "three;", "four."), [2]),
            "semicolons to the end": (("one;", "two;", "three;"), [3]),
            "full stops before and after brackets": (("One. (so).", "Two. (so)"), [1]),
            "two full stops": (("One.", "Two..", "Three."), [2]),
            "three points": (("One…", "Two...", "Three."), []),
            "a list of one item": (("One",), []),
        }
    ),
)
def test_list_punctuation(items, odd):
    section = Section(key="strengths", heading="Strengths", passages=a_list(*items))

    found = found_in(list_punctuation, a_letter(sections=(section,)))

    assert found == [(f"strengths/{number}", items[number - 1][-1]) for number in odd]


@pytest.mark.parametrize(
    ("items", "message"),
    cases(
        {
            "one in the middle": (
                ("One.", "Two", "Three."),
                "This item ends with no full stop, others of its list with a full stop. "
                "End it with a full stop.",
            ),
            "the last after semicolons": (
                ("one;", "two;", "three;"),
                "This item ends with a semicolon, others of its list with a semicolon. "
                "End it with a full stop.",
            ),
            "a stop too many": (
                ("One. (so).", "Two. (so)"),
                "This item ends with a full stop before its brackets and one after them, others "
                "of its list with a full stop. End it with a full stop.",
            ),
        }
    ),
)
def test_what_to_do_is_told(items, message):
    letter = a_letter(closing=a_list(*items))

    (found,) = list_punctuation.find(letter, Given(KIND, a_register()))

    assert found.message == message


def test_a_paragraph_between_makes_two_lists():
    passages = (*a_list("one", "two"), *paragraphs("And:"), *a_list("One.", "Two."))

    assert found_in(list_punctuation, a_letter(opening=passages, closing=passages)) == []


@pytest.mark.parametrize("area", ["opening", "closing"])
def test_lists_before_and_after_the_sections_are_looked_at(area):
    letter = a_letter(**{area: a_list("One.", "Two", "Three.")})

    assert found_in(list_punctuation, letter) == [(f"{area}/2", "o")]
