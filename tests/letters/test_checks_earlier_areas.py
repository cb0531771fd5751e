"""The rule on what the last letter asked for: it is answered, or a reason is given."""

from __future__ import annotations

from datetime import date

import pytest

from letters.canonical import sha256_hex
from letters.checks.earlier_areas import earlier_area_unanswered
from letters.checks.rule import Given
from letters.earlier import LONGEST_QUOTATION, EarlierLetter
from letters.letter import Placed
from letters.reading import Answer
from tests.letters.checking import cases
from tests.letters.readings import KIND, a_letter, a_register

ASKED = Placed("areas-for-development/1", "Social workers should write their reasons down.")
ASKED_TOO = Placed("areas-for-development/2", "Calls should be answered more quickly.")
EARLIER = EarlierLetter(
    reference="CRA-WESTMERE-2010-03-02", date=date(2010, 4, 1), areas=(ASKED, ASKED_TOO)
)
REASONS = "Reasons are seldom written down."
"""Stands at `areas-for-development/1` of the letter."""
UNANSWERED, UNANSWERED_TOO = "earlier/areas-for-development/1", "earlier/areas-for-development/2"


def an_answer(area=ASKED, *, place="areas-for-development/1", text=REASONS):
    return Answer(
        area=area.place,
        asked=sha256_hex(area.text.encode()),
        place=place,
        words=sha256_hex(text.encode()),
    )


ANSWERED_TOO = an_answer(ASKED_TOO, place="strengths/1", text="Calls are answered at once.")


def problems(*answers, earlier=EARLIER):
    given = Given(KIND, a_register(), earlier=earlier, answers=answers)
    return list(earlier_area_unanswered.problems(a_letter(), given))


@pytest.mark.parametrize(
    ("answers", "expected"),
    cases(
        {
            "nothing is answered": ((), [UNANSWERED, UNANSWERED_TOO]),
            "one is answered": ((an_answer(),), [UNANSWERED_TOO]),
            "both are answered": ((an_answer(), ANSWERED_TOO), []),
            "the words that answered have changed": (
                (an_answer(text="Reasons are never written down."), ANSWERED_TOO),
                [UNANSWERED],
            ),
            "the passage that answered is gone": (
                (an_answer(place="strengths/9"), ANSWERED_TOO),
                [UNANSWERED],
            ),
            "a changed answer and one that holds": (
                (an_answer(text="Otherwise."), an_answer(), ANSWERED_TOO),
                [],
            ),
            "a heading answers nothing": (
                (an_answer(place="areas-for-development", text="Areas for development"),),
                [UNANSWERED, UNANSWERED_TOO],
            ),
        }
    ),
)
def test_unanswered(answers, expected):
    assert [problem.place for problem in problems(*answers)] == expected


def test_one_that_is_raised_again_word_for_word_is_still_open_and_needs_no_answer():
    again = Placed("areas-for-development/1", f" {REASONS.replace(' ', '  ')}")

    assert problems(earlier=EARLIER.model_copy(update={"areas": (again,)})) == []


def test_one_whose_words_stand_elsewhere_in_the_letter_is_not_raised_again():
    praised = a_letter().sections[0].passages[0].text
    asked = Placed("areas-for-development/1", praised)

    (problem,) = problems(earlier=EARLIER.model_copy(update={"areas": (asked,)}))

    assert problem.place == "earlier/areas-for-development/1"


def test_without_an_earlier_letter_nothing_is_asked():
    assert problems(earlier=None) == []


def test_an_earlier_letter_that_asked_for_nothing_asks_for_nothing():
    assert problems(earlier=EARLIER.model_copy(update={"areas": ()})) == []


def test_the_message_says_what_was_asked_what_comes_nearest_and_what_to_type():
    (problem,) = problems(ANSWERED_TOO)

    assert problem.is_blocking
    assert problem.is_overridable
    assert problem.message == (
        "CRA-WESTMERE-2010-03-02, of 1 April 2010, asked for this: “Social workers should write "
        "their reasons down”. Nothing in this letter answers it. Nearest is "
        "areas-for-development/1: “Reasons are seldom written down”. If a passage does: letters "
        "answer DRAFT areas-for-development/1 areas-for-development/1. If none needs to: letters "
        "clear DRAFT earlier-area-unanswered --place earlier/areas-for-development/1 --why REASON."
    )


def test_a_stale_answer_is_told():
    (problem,) = problems(an_answer(text="Otherwise."), ANSWERED_TOO)

    assert (
        "The words at areas-for-development/1 that were to answer it have changed since, or are "
        "gone." in problem.message
    )


def test_where_nothing_is_near_none_is_proposed():
    area = Placed("areas-for-development/1", "Xylophones.")

    (problem,) = problems(earlier=EARLIER.model_copy(update={"areas": (area,)}))

    assert "Nearest" not in problem.message
    assert "letters answer DRAFT areas-for-development/1 PLACE." in problem.message


def test_a_long_area_is_quoted_shortened():
    area = Placed("areas-for-development/1", "Plans should be better. " * 30)

    (problem,) = problems(earlier=EARLIER.model_copy(update={"areas": (area,)}))

    quoted = problem.message.partition("“")[2].partition("”")[0]
    assert len(quoted) <= LONGEST_QUOTATION
    assert quoted.endswith(" …")
