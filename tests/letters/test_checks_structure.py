"""The rules on sections: there, filled, in order, in style, and followed up."""

from __future__ import annotations

import pytest

from letters.checks import structure
from letters.checks.rule import Given
from letters.kind import PriorityAction, SectionRule
from letters.letter import Passage, Section
from tests.letters.readings import KIND, a_letter, a_register, paragraphs, told

INSPECTION = KIND.model_copy(update={"priority_action": None})
VISIT = KIND.model_copy(
    update={
        "sections": (
            SectionRule(key="headline-findings", heading="Headline findings", style="prose"),
            SectionRule(
                key="areas-for-priority-action",
                heading="Areas for priority action",
                is_required=False,
            ),
            SectionRule(key="needs-to-improve", heading="What needs to improve", style="items"),
        ),
        "priority_action": PriorityAction(
            section="areas-for-priority-action",
            must_say=(("action plan",), ("70 working days", "70 days")),
            standard="{{ authority }} must send\nus an action plan.",
        ),
    }
)
RATED = KIND.model_copy(
    update={
        "sections": (SectionRule(key="judgement", heading="Judgement"),),
        "grades": ("performs well", "performs adequately", "performs poorly"),
    }
)


def an_item(text: str) -> Passage:
    return Passage(style="item", text=text)


def a_section(key: str, *passages: str | Passage, level: int = 1) -> Section:
    """A section of a few items, or of the passages given, texts among them as paragraphs."""
    held = [each if isinstance(each, Passage) else paragraphs(each)[0] for each in passages]
    return Section.model_validate(
        {
            "key": key,
            "heading": key.replace("-", " ").capitalize(),
            "passages": held or [an_item("Something was found.")],
            "level": level,
        }
    )


def an_empty_section(key: str, *, level: int = 1) -> Section:
    return a_section(key, level=level).model_copy(update={"passages": ()})


def problems_of(letter, kind=INSPECTION):
    given = Given(kind, a_register())
    return tuple(problem for rule in structure.CHECKS for problem in rule.problems(letter, given))


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
            (an_empty_section("strengths"), PRACTICE, DEVELOPMENT),
            [("section-empty", "strengths", "blocks")],
            id="a heading over nothing blocks",
        ),
        pytest.param(
            (STRENGTHS, PRACTICE, an_empty_section("areas-for-development")),
            [("section-empty", "areas-for-development", "blocks")],
            id="the last heading over nothing blocks",
        ),
        pytest.param(
            (
                an_empty_section("strengths"),
                a_section("the-duty-team", level=2),
                PRACTICE,
                DEVELOPMENT,
            ),
            [],
            id="a heading over a subsection stands over something",
        ),
        pytest.param(
            (
                a_section("strengths", "These were found:"),
                PRACTICE,
                DEVELOPMENT,
            ),
            [("section-empty", "strengths/1", "blocks")],
            id="words that introduce a list without one block",
        ),
        pytest.param(
            (a_section("strengths", "These were found:", an_item("Calls.")), PRACTICE, DEVELOPMENT),
            [],
            id="words that introduce a list stand before it",
        ),
        pytest.param(
            (DEVELOPMENT, STRENGTHS, PRACTICE),
            [("section-out-of-order", "strengths", "warns")],
            id="another order is worth a look",
        ),
        pytest.param(
            (STRENGTHS, DEVELOPMENT, a_section("satisfactory-practice", level=2)),
            [],
            id="a subsection has no place in the order",
        ),
        pytest.param(
            (STRENGTHS, a_section("leadership"), PRACTICE, DEVELOPMENT),
            [],
            id="a section the kind doesn't know has no place in the order",
        ),
    ],
)
def test_sections(sections, expected):
    assert told(problems_of(a_letter(sections=sections))) == expected


HEADLINE = a_section("headline-findings", "Children are safe.")
NEEDS = a_section("needs-to-improve")


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        pytest.param((HEADLINE, NEEDS), [], id="prose and a list, each where it belongs"),
        pytest.param(
            (a_section("headline-findings"), NEEDS),
            [("section-style", "headline-findings/1", "warns")],
            id="a list where prose stands elsewhere",
        ),
        pytest.param(
            (HEADLINE, a_section("needs-to-improve", "Plans.", "Reviews.")),
            [("section-style", "needs-to-improve/1", "warns")],
            id="prose where a list stands elsewhere is told once",
        ),
        pytest.param(
            (HEADLINE, a_section("needs-to-improve", an_item("Plans."), "Reviews.")),
            [("section-style", "needs-to-improve/2", "warns")],
            id="a paragraph after the list",
        ),
        pytest.param(
            (HEADLINE, a_section("needs-to-improve", "These must improve:", an_item("Plans."))),
            [],
            id="a list may be introduced",
        ),
        pytest.param(
            (
                HEADLINE,
                a_section("needs-to-improve", "Much must improve:", "Namely:", an_item("Plans.")),
            ),
            [],
            id="a list may be introduced twice",
        ),
        pytest.param(
            (
                HEADLINE,
                a_section("needs-to-improve", an_item("Plans."), "And also:", an_item("Reviews.")),
            ),
            [("section-style", "needs-to-improve/2", "warns")],
            id="a list is introduced before it, not within",
        ),
        pytest.param(
            (HEADLINE, a_section("needs-to-improve", an_item("Plans."), "1 See the framework.")),
            [],
            id="a list may have a footnote",
        ),
    ],
)
def test_the_style_of_a_section(sections, expected):
    assert told(problems_of(a_letter(sections=sections), VISIT)) == expected


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        pytest.param(
            (a_section("headline-findings"), NEEDS),
            "In “Headline findings” this is an item of a list; in other letters this section is "
            "prose.",
            id="that it is a list",
        ),
        pytest.param(
            (HEADLINE, a_section("needs-to-improve", "Plans.")),
            "In “Needs to improve” this isn't an item of the list, as in other letters. Begin it "
            "with a dash, or move it.",
            id="that it is no list",
        ),
    ],
)
def test_the_message_on_style_says(sections, message):
    letter = a_letter(sections=sections)
    (problem,) = problems_of(letter, VISIT)
    assert problem.message == message
    assert (problem.start, problem.end) == (0, len(dict(letter.passages())[problem.place]))


@pytest.mark.parametrize(
    ("text", "is_none"),
    [
        ("There are no priority actions following this focused visit.", True),
        ("There are no areas for priority action.", True),
        ("There were currently no areas for priority action.", True),
        ("There were not any areas for priority action.", True),
        ("No areas for priority action were identified.", True),
        ("No areas for priority action.", True),
        ("No priority action", True),
        ("None.", True),
        ("None identified", True),
        ("Not applicable", True),
        ("Nothing to report.", True),
        ("There is nothing to report under this heading.", True),
        ("N/A", True),
        ("Inspectors did not identify any areas for priority action.", True),
        ("This visit identified no areas for priority action.", True),
        ("The two-day focused visit found no areas for priority action.", True),
        ("The quality of plans.", False),
        ("Nobody reads the plans.", False),
        ("No child should wait for a year; many do, and it harms them.", False),
        ("None of the plans says what has to change." * 10, False),
        ("Inspectors found delays.", False),
    ],
)
def test_a_heading_over_words_that_there_are_none(text, is_none):
    sections = (HEADLINE, NEEDS, a_section("areas-of-concern", text))
    expected = [("heading-over-none", "areas-of-concern/1", "blocks")] if is_none else []
    assert told(problems_of(a_letter(sections=sections), VISIT)) == expected


def test_a_section_that_says_more_than_that_there_are_none_may_stand():
    sections = (HEADLINE, NEEDS, a_section("concerns", "There are no gaps.", "There are delays."))
    assert problems_of(a_letter(sections=sections), VISIT) == ()


PRIORITY = a_section("areas-for-priority-action", an_item("The timeliness of visits."))
UNFOLLOWED = [("priority-action-unfollowed", "areas-for-priority-action", "blocks")]


@pytest.mark.parametrize(
    ("sections", "closing", "expected"),
    [
        pytest.param(
            (HEADLINE, PRIORITY, NEEDS),
            "Send an Action Plan within 70 working days of receiving this letter.",
            [],
            id="the closing says what to send and when",
        ),
        pytest.param(
            (HEADLINE, PRIORITY, NEEDS),
            "Send an action plan up to 70 days after receipt.",
            [],
            id="in other words that the kind allows",
        ),
        pytest.param(
            (
                HEADLINE,
                a_section("areas-for-priority-action", "An action plan is due in 70 days."),
                NEEDS,
            ),
            "It was a good visit.",
            [],
            id="the section itself says it",
        ),
        pytest.param(
            (HEADLINE, PRIORITY, NEEDS),
            "We have told the Department for Education.",
            UNFOLLOWED,
            id="nothing says it",
        ),
        pytest.param(
            (HEADLINE, PRIORITY, NEEDS),
            "Send us an action plan soon.",
            UNFOLLOWED,
            id="nothing says when",
        ),
        pytest.param(
            (a_section("headline-findings", "An action plan of 70 days."), PRIORITY, NEEDS),
            "It was a good visit.",
            UNFOLLOWED,
            id="it is said before the section only",
        ),
        pytest.param((HEADLINE, NEEDS), "It was a good visit.", [], id="no priority action"),
        pytest.param(
            (HEADLINE, a_section("areas-for-priority-action", "There are none."), NEEDS),
            "It was a good visit.",
            [("heading-over-none", "areas-for-priority-action/1", "blocks")],
            id="a heading over none asks for no plan",
        ),
    ],
)
def test_priority_action_is_followed_up(sections, closing, expected):
    letter = a_letter(sections=sections, closing=paragraphs(closing))
    found = [each for each in told(problems_of(letter, VISIT)) if each[0] != "section-style"]
    assert found == expected


def test_the_message_says_what_is_missing_and_how_to_say_it():
    letter = a_letter(sections=(HEADLINE, PRIORITY, NEEDS), closing=paragraphs("An action plan."))
    (problem,) = problems_of(letter, VISIT)
    assert problem.message == (
        "“Areas for priority action” calls for action, but nothing after it says “70 working days” "
        "or “70 days”. Write: Westmere Borough Council must send us an action plan."
    )


@pytest.mark.parametrize(
    ("texts", "is_right"),
    [
        pytest.param(["The authority performs well."], True, id="one grade"),
        pytest.param(["It Performs well.", "It performs well."], True, id="the same grade twice"),
        pytest.param(["The authority is good."], False, id="no grade"),
        pytest.param(["It performs well.", "It performs poorly."], False, id="two grades"),
        pytest.param(
            ["It performs well.", "In the previous review it was: performs poorly."],
            True,
            id="the grade of another year doesn't count",
        ),
        pytest.param(
            ["It performs well.", "We say performs well, performs adequately, performs poorly."],
            True,
            id="the scale, explained, doesn't count",
        ),
    ],
)
def test_a_review_states_one_grade(texts, is_right):
    letter = a_letter(sections=(a_section("judgement", *texts),))
    assert told(problems_of(letter, RATED)) == (
        [] if is_right else [("grade-missing", "", "blocks")]
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "It is good.",
            "The letter states no grade. Write one of “performs well”, “performs adequately”, "
            "“performs poorly”.",
            id="that there is none",
        ),
        pytest.param(
            "It performs well and performs poorly.",
            "The letter states more than one grade: “performs well” (judgement/1) and “performs "
            "poorly” (judgement/1). Keep one.",
            id="which there are",
        ),
    ],
)
def test_the_message_on_grades_says(text, message):
    (problem,) = problems_of(a_letter(sections=(a_section("judgement", text),)), RATED)
    assert problem.message == message
