"""The rules on what the letter says of itself: its summary and its counts."""

from __future__ import annotations

import pytest

from letters.checks import counts
from letters.checks.rule import Given
from letters.kind import SectionRule
from letters.letter import Passage, Section
from tests.letters.readings import KIND, a_letter, a_register, paragraphs, told

OPENING = "The inspection took place on 8 March 2011."
INSPECTION = KIND.model_copy(
    update={
        "sections": (
            SectionRule(key="headline-findings", heading="Headline findings"),
            SectionRule(key="strengths", heading="Strengths"),
            SectionRule(key="areas-for-development", heading="Areas for development"),
            SectionRule(key="areas-for-priority-action", heading="Areas for priority action"),
        )
    }
)
VISIT = KIND.model_copy(
    update={"sections": (SectionRule(key="needs-to-improve", heading="What needs to improve"),)}
)


def a_section(key: str, *items: str, level: int = 1, style: str = "item") -> Section:
    return Section.model_validate(
        {
            "key": key,
            "heading": key.replace("-", " ").capitalize(),
            "passages": [Passage.model_validate({"style": style, "text": item}) for item in items],
            "level": level,
        }
    )


def found_in(letter, kind=INSPECTION):
    given = Given(kind, a_register())
    return tuple(problem for rule in counts.CHECKS for problem in rule.problems(letter, given))


def words_found(letter, kind=INSPECTION) -> list[tuple[str, str]]:
    return [
        (problem.code, letter.texts_at(problem.place)[problem.start : problem.end])
        for problem in found_in(letter, kind)
    ]


SECTIONS = (
    a_section("strengths", "Calls are answered.", "Visits are prompt.", "Plans are clear."),
    a_section("areas-for-development", "Reasons.", "Training."),
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("We identified three strengths.", id="the number"),
        pytest.param("We identified 3 key strengths and two areas for development.", id="both"),
        pytest.param("There are three areas of strength.", id="in other words"),
        pytest.param("Strengths were identified in three areas.", id="the other way round"),
        pytest.param(
            "We identified strengths and areas for development.", id="that there are some"
        ),
        pytest.param("No areas for priority action were identified.", id="that there are none"),
        pytest.param("We did not identify any priority actions.", id="none, in other words"),
        pytest.param("At the last inspection we found five strengths.", id="another inspection"),
        pytest.param(
            "Two children have strengths. Five areas of town were seen.", id="other counts"
        ),
        pytest.param("Partnership working is a strength that was found.", id="a single strength"),
        pytest.param("One of the strengths is training.", id="one of them"),
        pytest.param("Areas for priority action are rare.", id="speaking of them"),
    ],
)
def test_a_summary_that_the_sections_bear_out(text):
    letter = a_letter(opening=paragraphs(OPENING, text), sections=SECTIONS)
    assert found_in(letter) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("We identified four strengths.", "four strengths", id="another number"),
        pytest.param(
            "Strengths were found in four areas.", "Strengths were found in four", id="in"
        ),
        pytest.param("There is 1 area for development.", "1 area for development", id="a figure"),
        pytest.param(
            "This letter sets out three key areas for development.",
            "three key areas for development",
            id="with an adjective",
        ),
        pytest.param(
            "There are four things listed as strengths.", "four things listed as strengths"
        ),
        pytest.param("No areas for development were found.", "No areas for development", id="none"),
        pytest.param(
            "Inspectors did not identify any strengths.",
            "did not identify any strengths",
            id="none, in other words",
        ),
        pytest.param(
            "Two areas for priority action were identified.",
            "Two areas for priority action",
            id="a number of what no section holds",
        ),
        pytest.param(
            "We have notified the Department of the areas for priority action.",
            "areas for priority action",
            id="some of what no section holds",
        ),
    ],
)
def test_a_summary_that_the_sections_contradict(text, words):
    letter = a_letter(opening=paragraphs(OPENING, text), sections=SECTIONS)
    assert words_found(letter) == [("summary-contradicts", words)]


@pytest.mark.parametrize(
    ("sections", "is_contradicted"),
    [
        pytest.param(
            (a_section("strengths", "Calls.", "Visits.", style="paragraph"),),
            False,
            id="paragraphs count where there are no items",
        ),
        pytest.param(
            (
                Section(
                    key="strengths",
                    heading="Strengths",
                    passages=(
                        *paragraphs("These were found:"),
                        *a_section("x", "Calls.", "Visits.").passages,
                    ),
                ),
            ),
            False,
            id="the words that introduce the items don't count",
        ),
        pytest.param(
            (a_section("strengths"), a_section("duty", "A.", "B.", level=2), a_section("x", "C.")),
            False,
            id="items of subsections count",
        ),
        pytest.param(
            (a_section("strengths", "There are no strengths."),),
            True,
            id="words that there are none don't count",
        ),
        pytest.param((), True, id="a missing section holds none"),
    ],
)
def test_what_a_section_holds(sections, is_contradicted):
    letter = a_letter(opening=paragraphs(OPENING, "We found two strengths."), sections=sections)
    expected = [("summary-contradicts", "opening/2", "warns")] if is_contradicted else []
    assert told(found_in(letter)) == expected


@pytest.mark.parametrize(
    ("text", "is_contradicted"),
    [
        ("There are two areas for improvement.", False),
        ("We found three areas that need to improve.", True),
        ("We found three areas of practice that need to improve.", True),
        ("There are four points for improvement.", True),
        ("See the three items under “What needs to improve”.", True),
        ("See the two items under “What needs to improve”.", False),
        ("There is one area for improvement.", True),
        ("We found strengths.", False),
    ],
)
def test_the_kind_says_which_sections_there_are(text, is_contradicted):
    letter = a_letter(
        opening=paragraphs(OPENING, text), sections=(a_section("needs-to-improve", "A.", "B."),)
    )
    assert bool(found_in(letter, VISIT)) is is_contradicted


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        pytest.param(
            {"sections": (a_section("headline-findings", "We found six strengths."), *SECTIONS)},
            "headline-findings/1",
            id="the headline findings sum up",
        ),
        pytest.param(
            {"closing": paragraphs("We found six strengths."), "sections": SECTIONS},
            "closing/1",
            id="the closing sums up",
        ),
        pytest.param(
            {"sections": (*SECTIONS, a_section("main-findings", "We found six strengths."))},
            "",
            id="the findings don't",
        ),
    ],
)
def test_where_a_letter_sums_up(changes, place):
    expected = [("summary-contradicts", place, "warns")] if place else []
    assert told(found_in(a_letter(**changes))) == expected


@pytest.mark.parametrize(
    ("opening", "finding"),
    [
        pytest.param("We read 24 case files.", "In 12 of the 24 case files, plans were clear."),
        pytest.param("We read 24 case files.", "12 case files had no plan."),
        pytest.param("We read 24 case files.", "In three case files there was drift."),
        pytest.param("We read 24 case files.", "Inspectors saw two case files that had no plan."),
        pytest.param("We read 24 case files.", "Over 20 case files were read."),
        pytest.param("We read 24 case files.", "A further 10 case files were read."),
        pytest.param("We read 24 case files.", "The twenty-four case files were good."),
        pytest.param("We read 24 case files.", "The 12 supervision files were good."),
        pytest.param("We met 12 parents.", "Three parents told us so."),
        pytest.param("Send it within 70 working days.", "Send a draft within 20 working days."),
        pytest.param("Children aged 16 years.", "The 17 years since then."),
        pytest.param(
            "It went well.", "Here 5 children were met by us. There 6 children were met by us."
        ),
        pytest.param("It went well.", "The six children in care and the four children at home."),
    ],
)
def test_counts_that_agree_or_count_something_else(opening, finding):
    letter = a_letter(opening=paragraphs(OPENING, opening), closing=paragraphs(finding))
    assert found_in(letter, KIND) == ()


@pytest.mark.parametrize(
    ("opening", "finding", "words"),
    [
        ("We read 24 case files.", "The 26 case files were good.", "26 case files"),
        (
            "We read 24 case files.",
            "In 12 of the 26 case files, plans were clear.",
            "26 case files",
        ),
        ("We read 24 case files.", "In 3 of 26 case files, plans were clear.", "26 case files"),
        ("We read 24 case files.", "Inspectors read 26 case files.", "26 case files"),
        ("We read 24 case files.", "All twenty-six case files were good.", "twenty-six case files"),
        ("We read 24 children's files.", "The 26 children’s files show it.", "26 children’s files"),
        ("Evidence, including 24 files, was seen.", "The 26 files show it.", "26 files"),
        ("It went well.", "We saw six children. These seven children are safe.", "seven children"),
        (
            "It went well.",
            "Of the team, 55 agency staff members were engaged by us. There, 56 agency staff "
            "members were engaged by us.",
            "56 agency staff members",
        ),
    ],
)
def test_a_thing_that_is_counted_twice_differently(opening, finding, words):
    letter = a_letter(opening=paragraphs(OPENING, opening), closing=paragraphs(finding))
    assert words_found(letter, KIND) == [("count-told-twice", words)]


def test_the_third_count_agrees_with_either():
    letter = a_letter(
        opening=paragraphs(OPENING, "We read 24 case files."),
        closing=paragraphs("The 26 case files were good.", "The 24 case files were old."),
    )
    assert told(found_in(letter, KIND)) == [("count-told-twice", "closing/1", "warns")]


def test_a_third_number_is_told_once():
    letter = a_letter(
        opening=paragraphs(OPENING, "We read 24 case files."),
        closing=paragraphs("The 26 case files were good.", "The 28 case files were old."),
    )
    assert words_found(letter, KIND) == [
        ("count-told-twice", "26 case files"),
        ("count-told-twice", "28 case files"),
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"opening": paragraphs(OPENING, "We found one strength."), "sections": SECTIONS},
            "This says that there is 1, but “Strengths” holds 3 things. Correct one of the two.",
            id="what is said and what is held",
        ),
        pytest.param(
            {"closing": paragraphs("We identified areas for priority action.")},
            "This speaks of what no section holds: there is nothing under “Areas for priority "
            "action”. Write the section, or correct the sentence.",
            id="that nothing is held",
        ),
        pytest.param(
            {"closing": paragraphs("We read 24 case files. The 26 case files were good.")},
            "“26 case files” here, but “24 case files” in closing/1. Correct one of the two, or "
            "say how they differ.",
            id="both counts",
        ),
    ],
)
def test_the_message_says(changes, message):
    (problem,) = found_in(a_letter(**changes))
    assert problem.message == message
