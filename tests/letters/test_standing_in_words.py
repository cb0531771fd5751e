"""Where letters stand, in words and in order."""

from __future__ import annotations

from datetime import date

import pytest

from letters.case import State
from letters.standing import (
    AUTHOR,
    OFFICE,
    Awaited,
    BlockedDraft,
    OfficeStanding,
    Role,
    Standing,
    most_urgent_first,
)

HARRIET = Awaited(role=Role.INSPECTOR, name="Harriet Elmsley")
TOBIAS = Awaited(role=Role.INSPECTOR, name="Tobias Reyne")
TOBIAS_FOR_HARRIET = Awaited(role=Role.DELEGATE, name="Tobias Reyne", instead_of="Harriet Elmsley")


def a_standing(reference="CRA-WESTMERE-2011-03-08", **changes):
    fields = {
        "reference": reference,
        "revision": 1,
        "authority": "Westmere Borough Council",
        "kind": "Unannounced inspection",
        "state": State.AWAITING_SIGN_OFF,
        "waits_for": (HARRIET,),
    }
    return Standing(**fields | changes)


@pytest.mark.parametrize(
    ("waits_for", "said"),
    [
        pytest.param((), "nobody", id="nobody"),
        pytest.param((OFFICE,), "the letters office", id="the office"),
        pytest.param((AUTHOR,), "the draft’s author", id="the author of a returned draft"),
        pytest.param((HARRIET,), "Harriet Elmsley", id="one inspector"),
        pytest.param((HARRIET, TOBIAS), "Harriet Elmsley and Tobias Reyne", id="two signatories"),
        pytest.param(
            (HARRIET, TOBIAS_FOR_HARRIET),
            "Harriet Elmsley (or Tobias Reyne)",
            id="a signatory who has a delegate",
        ),
        pytest.param(
            (TOBIAS_FOR_HARRIET,),
            "Tobias Reyne for Harriet Elmsley",
            id="a delegate of somebody who isn't in the register any more",
        ),
        pytest.param(
            (HARRIET, TOBIAS, TOBIAS_FOR_HARRIET, OFFICE),
            "Harriet Elmsley (or Tobias Reyne), Tobias Reyne and the letters office",
            id="two signatories, one the other's delegate, and the office",
        ),
    ],
)
def test_for_whom_a_letter_waits_in_words(waits_for, said):
    assert a_standing(waits_for=waits_for).waits_for_in_words == said


@pytest.mark.parametrize(
    ("days", "said", "is_late"),
    [
        pytest.param({}, "", False, id="without a deadline"),
        pytest.param({"working_days_left": 3}, "3", False, id="three days left"),
        pytest.param({"working_days_left": 0}, "0", False, id="due today is not late"),
        pytest.param({"working_days_left": -2}, "late by 2", True, id="two days late"),
        pytest.param({"working_days_taken": 18}, "taken 18", False, id="all copies accepted"),
    ],
)
def test_how_the_deadline_stands(days, said, is_late):
    letter = a_standing(**days)

    assert (letter.left_in_words, letter.is_late) == (said, is_late)


def test_a_letter_is_named_with_its_revision_if_it_has_one():
    assert a_standing().name == "CRA-WESTMERE-2011-03-08 r1"
    assert a_standing(revision=0).name == "CRA-WESTMERE-2011-03-08"


def test_a_held_letter_says_until_when():
    held = a_standing(state=State.HELD, held_until=date(2011, 5, 5))

    assert held.state_in_words == "held until 2011-05-05"
    assert a_standing().state_in_words == "awaiting-sign-off"


def test_the_late_come_first_then_those_with_the_fewest_days_then_those_without_a_deadline():
    letters = [
        a_standing("CRA-A-2011", working_days_left=4),
        a_standing("CRA-B-2011"),
        a_standing("CRA-C-2011", working_days_left=-1),
        a_standing("CRA-E-2011", working_days_left=0),
        a_standing("CRA-D-2011", working_days_left=0),
        a_standing("CRA-F-2011", working_days_left=-7),
    ]

    assert [one.reference[4] for one in most_urgent_first(letters)] == list("FCDEAB")


A_BLOCKED_DRAFT = BlockedDraft(
    sha256="ab" * 32, problems=("date-missing at date",), since="2011-03-14T09:00:00.000Z"
)


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        pytest.param(OfficeStanding(), "Nothing is open.", id="nothing"),
        pytest.param(OfficeStanding(letters=(a_standing(),)), "1 open letter.", id="one letter"),
        pytest.param(
            OfficeStanding(blocked=(A_BLOCKED_DRAFT,)), "1 blocked draft.", id="only a draft"
        ),
        pytest.param(
            OfficeStanding(
                letters=(
                    a_standing(working_days_left=-1, trouble="It bounced."),
                    a_standing(working_days_left=1),
                ),
                blocked=(A_BLOCKED_DRAFT, A_BLOCKED_DRAFT),
            ),
            "2 open letters, 1 of them late; something is wrong with 1; 2 blocked drafts.",
            id="all of it",
        ),
    ],
)
def test_an_office_in_a_line(standing, said):
    assert standing.summary == said


def test_letters_are_grouped_by_whom_they_wait_for_in_their_order():
    late, wrong, soon = (
        a_standing("CRA-A-2011"),
        a_standing("CRA-B-2011", waits_for=(OFFICE,)),
        a_standing("CRA-C-2011"),
    )

    groups = OfficeStanding(letters=(late, wrong, soon)).by_whom_they_wait_for()

    assert list(groups.items()) == [
        ("Harriet Elmsley", [late, soon]),
        ("the letters office", [wrong]),
    ]


def test_a_blocked_draft_is_called_by_its_file_or_its_hash():
    assert A_BLOCKED_DRAFT.called == "sha256:abababababab"
    assert A_BLOCKED_DRAFT.model_copy(update={"name": "westmere.md"}).called == "westmere.md"
