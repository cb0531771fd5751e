"""The rule on the kind's standard words: as they are, or not at all."""

from __future__ import annotations

import pytest

from letters.checks.rule import Given
from letters.checks.standard import standard_paragraph_altered
from letters.kind import PriorityAction, SectionRule, Standard
from letters.letter import Section
from tests.letters.checking import cases, found_in
from tests.letters.readings import KIND, a_letter, a_register, paragraphs

CLOSING = "We shall look at these areas again when we next inspect {{ authority }}’s work."
ACTION = (
    "We have told the Department for Education. Please send us a plan within 70 working days "
    "of receiving this letter."
)
PRIORITY = "areas-for-priority-action"
STANDARD_KIND = KIND.model_copy(
    update={
        "standard": Standard(closing=f"\n{CLOSING}\n"),
        "priority_action": PriorityAction(section=PRIORITY, must_say=(("plan",),), standard=ACTION),
        "sections": (
            *KIND.sections,
            SectionRule(key=PRIORITY, heading="Areas for priority action"),
        ),
    }
)
RIGHT = CLOSING.replace("{{ authority }}", "Westmere Borough Council")
HEADED = Section(
    key=PRIORITY, heading="Areas for priority action", passages=paragraphs("Calls wait for days.")
)


@pytest.mark.parametrize(
    ("closing", "expected"),
    cases(
        {
            "the standard words": ((RIGHT,), []),
            "another name of the authority": ((RIGHT.replace(" Borough Council", ""),), []),
            "another apostrophe": ((RIGHT.replace("’", "'"),), []),
            "a word replaced": (
                (RIGHT.replace("areas", "matters"),),
                [("closing/1", RIGHT.replace("areas", "matters"))],
            ),
            "a word missing": (
                (RIGHT.replace("again ", ""),),
                [("closing/1", RIGHT.replace("again ", ""))],
            ),
            "a word added": (
                ("We thank you.", RIGHT.replace("shall", "shall not")),
                [("closing/2", RIGHT.replace("shall", "shall not"))],
            ),
            "altered, in a longer passage": (
                (f"We thank you. {RIGHT.replace('areas', 'matters')} Good.",),
                [("closing/1", RIGHT.replace("areas", "matters"))],
            ),
            "standard, in a longer passage": ((f"We thank you. {RIGHT} Good.",), []),
            "once right and once altered": ((RIGHT, RIGHT.replace("areas", "matters")), []),
            "own words": (("Of the areas named we shall ask at our next visit to you.",), []),
            "nothing": ((), []),
        }
    ),
)
def test_the_closing(closing, expected):
    letter = a_letter(closing=paragraphs(*closing))

    assert found_in(standard_paragraph_altered, letter, kind=STANDARD_KIND) == expected


@pytest.mark.parametrize(
    ("said", "is_altered"),
    cases(
        {
            "as the standard has it": (ACTION, False),
            "another number of days": (ACTION.replace("70", "90"), True),
            "a word missing in its second sentence": (ACTION.replace("working ", ""), True),
            "own words": ("We told the Department. Your plan is due within 70 days.", False),
        }
    ),
)
@pytest.mark.parametrize("is_in_section", [True, False], ids=["in the section", "in the closing"])
def test_priority_action(said, is_altered, is_in_section):
    section = HEADED.model_copy(update={"passages": (*HEADED.passages, *paragraphs(said))})
    letter = (
        a_letter(sections=(section,), closing=paragraphs(RIGHT))
        if is_in_section
        else a_letter(sections=(HEADED,), closing=paragraphs(RIGHT, said))
    )
    place = f"{PRIORITY}/2" if is_in_section else "closing/2"

    found = found_in(standard_paragraph_altered, letter, kind=STANDARD_KIND)

    assert found == ([(place, said)] if is_altered else [])


def test_without_priority_action_its_words_are_no_standard():
    letter = a_letter(closing=paragraphs(ACTION.replace("70", "90")))

    assert found_in(standard_paragraph_altered, letter, kind=STANDARD_KIND) == []


def test_elsewhere_such_words_are_the_letters_own():
    altered = RIGHT.replace("areas", "matters")
    section = Section(key="strengths", heading="Strengths", passages=paragraphs(altered))
    letter = a_letter(sections=(section,), opening=paragraphs(altered), closing=paragraphs("Bye."))

    assert found_in(standard_paragraph_altered, letter, kind=STANDARD_KIND) == []


def test_of_two_standard_paragraphs_each_is_looked_for():
    kind = STANDARD_KIND.model_copy(update={"standard": Standard(closing=f"{CLOSING}\n\n{ACTION}")})
    altered = ACTION.replace("70", "90")
    letter = a_letter(closing=paragraphs(RIGHT, altered))

    assert found_in(standard_paragraph_altered, letter, kind=kind) == [("closing/2", altered)]


def test_a_passage_of_spaces_is_no_paragraph():
    letter = a_letter(closing=paragraphs("   "))

    assert found_in(standard_paragraph_altered, letter, kind=STANDARD_KIND) == []


def test_what_differs_is_told():
    letter = a_letter(closing=paragraphs(RIGHT.replace("areas", "matters")))

    (problem,) = standard_paragraph_altered.problems(letter, Given(STANDARD_KIND, a_register()))

    assert problem.message.startswith(
        "These are nearly the standard words: “matters” stands for “areas”"
    )


def test_the_kinds_own_closing_is_never_taken_for_altered():
    composed = a_letter()

    assert found_in(standard_paragraph_altered, composed) == []
