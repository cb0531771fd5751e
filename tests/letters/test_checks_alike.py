"""The rule on text of other letters."""

from __future__ import annotations

from letters.checks.alike import text_of_another_letter
from letters.checks.rule import Given
from letters.likeness import Alike
from tests.letters.checking import found_in
from tests.letters.readings import KIND, a_letter, a_register

ALIKE = Alike(
    place="satisfactory-practice/2",
    reference="CRA-EASTMERE-2010-03-02",
    authority="Eastmere City Council",
    their_place="strengths/3",
    likeness=0.826,
)


def test_a_passage_of_another_letter_is_pointed_at():
    found = found_in(text_of_another_letter, a_letter(), alike=(ALIKE,))

    assert found == [("satisfactory-practice/2", "Staff are trained.")]


def test_the_other_letter_is_named():
    given = Given(KIND, a_register(), alike=(ALIKE,))

    (problem,) = text_of_another_letter.problems(a_letter(), given)

    assert not problem.is_blocking
    assert problem.message.startswith(
        "This stands nearly so in CRA-EASTMERE-2010-03-02, to Eastmere City Council "
        "(strengths/3): 83% of its pairs of words."
    )


def test_without_any_nothing_is_told():
    assert found_in(text_of_another_letter, a_letter()) == []
