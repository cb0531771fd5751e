"""What a person answered for: it holds for the words that stood there, and for no others."""

from __future__ import annotations

import pytest

from letters.canonical import sha256_hex
from letters.clearing import VOID, Words, clear, words_of
from letters.problem import Doubt, Problem
from letters.reading import Clearance, CopyLine
from tests.letters.readings import a_read_section, a_reading, composed, paragraphs

WORDS = Words(
    texts=(("date", "4 April 2011"), ("strengths", "Strengths"), ("strengths/1", "Calls."))
)
DOUBT = Doubt(code="line-joined", place="strengths/1", read="a", proposed="b")
BLOCKING = Problem(code="wrong", place="strengths/1", message="Wrong.", is_overridable=True)


def a_clearance(code="line-joined", place="strengths/1", words="Calls.", said="a\nb") -> Clearance:
    binding = sha256_hex(f"{words}\n{said}".encode())
    return Clearance(code=code, place=place, why="So it is.", words=binding)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        pytest.param("strengths/1", "Calls.", id="a passage"),
        pytest.param("strengths", "Strengths\nCalls.", id="a section with all below it"),
        pytest.param("", "4 April 2011\nStrengths\nCalls.", id="the whole"),
        pytest.param("strengths/10", "", id="nothing stands there"),
        pytest.param("strength", "", id="the beginning of a name is no name"),
    ],
)
def test_words_are_found_by_place(place, text):
    assert WORDS.at(place) == text
    assert WORDS.has(place) is (bool(text) and bool(place))


def test_a_doubt_is_cleared_with_its_reason():
    cleared = clear([DOUBT], [], [a_clearance()], WORDS)

    assert cleared.doubts == (DOUBT.model_copy(update={"accepted": True, "why": "So it is."}),)
    assert cleared.problems == ()


def test_an_edit_voids_what_was_cleared():
    cleared = clear([DOUBT], [], [a_clearance(words="Other words.")], WORDS)

    (problem,) = cleared.problems
    assert (problem.code, problem.is_blocking) == ("line-joined", True)
    assert problem.message.endswith(VOID)
    assert cleared.doubts == (DOUBT,)


def test_a_blocking_problem_is_overridden_and_kept_with_the_reason():
    cleared = clear([], [BLOCKING], [a_clearance("wrong", said="Wrong.")], WORDS)

    assert cleared.problems == ()
    assert cleared.overridden == (BLOCKING.model_copy(update={"why": "So it is."}),)


def test_a_warning_that_is_cleared_is_gone():
    warning = BLOCKING.model_copy(update={"is_blocking": False})

    cleared = clear([], [warning], [a_clearance("wrong", said="Wrong.")], WORDS)

    assert (cleared.problems, cleared.overridden) == ((), ())


@pytest.mark.parametrize(
    "clearance",
    [
        pytest.param(
            a_clearance("wrong", words="Other words.", said="Wrong."), id="for other words"
        ),
        pytest.param(
            a_clearance("wrong", said="Wrong in another way."), id="for what was said otherwise"
        ),
        pytest.param(
            a_clearance("wrong", place="strengths/2", said="Wrong."), id="for another place"
        ),
        pytest.param(a_clearance("other", said="Wrong."), id="of another code"),
    ],
)
def test_what_is_not_meant_stays(clearance):
    codes = [p.code for p in clear([], [BLOCKING], [clearance], WORDS).problems if p.is_blocking]
    assert codes == ["wrong"]


def test_no_reason_is_enough_for_what_can_not_be_overridden():
    lasting = BLOCKING.model_copy(update={"is_overridable": False})

    cleared = clear([], [lasting], [a_clearance("wrong", said="Wrong.")], WORDS)

    assert cleared.problems == (lasting,)
    assert cleared.overridden == ()


def test_a_clearance_that_fits_nothing_is_told():
    (problem,) = clear([], [], [a_clearance("gone", place="date")], WORDS).problems

    assert (problem.code, problem.place, problem.is_blocking) == (
        "clearance-unused",
        "date",
        False,
    )


def test_the_whole_way_through_composing():
    reading = a_reading(
        opening=paragraphs("It was inspected on 8 and 9 March 2011 under section 1 of an Act.")
    )
    (problem,) = [p for p in composed(reading).problems if p.is_blocking]
    clearance = Clearance(code=problem.code, place=problem.place, why="Yes.", words=problem.binding)

    composition = composed(reading.model_copy(update={"clearances": (clearance,)}))

    assert not composition.is_blocked
    assert [(p.code, p.why) for p in composition.problems_overridden] == [(problem.code, "Yes.")]


def test_a_section_s_words_are_those_of_its_key():
    reading = a_reading(sections=(a_read_section("Strengths", "One.", "Two."),))

    words = words_of(reading, ["strengths"], {"earlier/a/1": "Old area."})

    assert words.at("strengths") == "Strengths\nOne.\nTwo."
    assert words.at("earlier/a/1") == "Old area."


def test_what_a_problem_is_about_may_be_other_than_its_message():
    problem = BLOCKING.model_copy(update={"about": ""})

    cleared = clear([], [problem], [a_clearance("wrong", said="")], WORDS)

    assert cleared.problems == ()


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"role": "lead-member"}, id="another post"),
        pytest.param({"name": "Zoë Lindqvist"}, id="another person"),
        pytest.param({"line": "Another line"}, id="another line"),
    ],
)
def test_who_gets_a_copy_is_part_of_what_stands_there(changed):
    copy = CopyLine(line="Łukasz, Chief Executive", role="chief-executive", name="Łukasz")
    after_edit = copy.model_copy(update=changed)

    before = words_of(a_reading(sections=(), copies=(copy,)), (), {})
    after = words_of(a_reading(sections=(), copies=(after_edit,)), (), {})

    assert before.at("copies/1") != after.at("copies/1")


def test_another_letter_s_areas_are_no_part_of_the_whole_draft():
    reading = a_reading(sections=())

    assert words_of(reading, (), {"earlier/a/1": "X"}).at("") == words_of(reading, (), {}).at("")
