"""Where in a draft a problem stands, and the words at fault under it."""

from __future__ import annotations

import pytest

from letters.clearing import Words
from letters.draft_lines import line_of
from letters.problem import Problem
from letters.reading import Source

PASSAGE = "The plans are are good, and the plans are are late."
SOURCES = (
    Source(place="strengths", line=7, text="## Strengths"),
    Source(place="strengths/1", line=9, text="- The plans are are good, and"),
    Source(place="strengths/1", line=10, text="  the plans are"),
    Source(place="strengths/1", line=11, text="  are late."),
)
WORDS = Words(texts=(("strengths", "Strengths"), ("strengths/1", PASSAGE)))


def a_problem(place="strengths/1", start=None, end=None):
    return Problem(code="c", place=place, message="m", start=start, end=end)


@pytest.mark.parametrize(
    ("problem", "number", "marked"),
    [
        pytest.param(a_problem(start=10, end=17), 9, "are are", id="words on one line"),
        pytest.param(a_problem(start=38, end=45), 10, "are", id="the second time, over a break"),
        pytest.param(a_problem(start=46, end=50), 11, "late", id="a later line"),
        pytest.param(a_problem(), 9, "", id="no words are named"),
        pytest.param(a_problem("strengths"), 7, "", id="a heading"),
        pytest.param(a_problem("streng"), None, "", id="no such place"),
        pytest.param(a_problem(""), None, "", id="the whole letter"),
    ],
)
def test_line_and_marks(problem, number, marked):
    line = line_of(problem, SOURCES, WORDS)

    assert (None if line is None else line.number) == number
    if line is not None:
        assert line.text[line.start : line.end] == marked
        assert line.caret == " " * line.start + "^" * len(marked)


def test_what_has_no_line_of_its_own_stands_at_the_first_below():
    sources = (Source(place="opening/1", line=3, text="Words."),)
    line = line_of(a_problem("opening"), sources, WORDS)
    assert line is not None
    assert line.number == 3


def test_a_long_line_is_cut_around_the_words_at_fault():
    text = f"{'good ' * 60}bad {'good ' * 60}".strip()
    line = line_of(
        a_problem("p/1", start=300, end=303),
        (Source(place="p/1", line=1, text=text),),
        Words(texts=(("p/1", text),)),
    )
    assert line is not None
    assert len(line.text) <= 104
    assert line.text.startswith("… good")
    assert line.text[line.start : line.end] == "bad"


def test_escaped_signs_are_found():
    line = line_of(
        a_problem("p/1", start=0, end=5),
        (Source(place="p/1", line=4, text="- a\\*b c"),),
        Words(texts=(("p/1", "a*b c"),)),
    )
    assert line is not None
    assert line.text[line.start : line.end] == "a\\*b c"
