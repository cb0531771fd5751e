"""What several signatories' decisions come to: all approve it, or one returns it."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.decisions import Decisions, Part, listed, parts_of
from letters.signoff import Decision
from tests.builders import a_letter as a_whole_letter
from tests.letters.test_signoff import a_letter, a_sign_off, a_statement, an_enrolment

NAMES = ("Ada Ash", "Ben Birch", "Cy Cole")
YES, NO, NOT_YET = Decision.APPROVE, Decision.RETURN, None


def a_part(number, decision=NOT_YET, *, by=None, at="2010-08-18T09:00:00.000Z"):
    name = NAMES[(number or 1) - 1]
    if decision is NOT_YET:
        return Part(number, name)
    comments = "Why." if decision is NO else ""
    statement = a_statement(decision=decision, signatory=number, at=at)
    enrolment = an_enrolment(name=by or name)
    return Part(
        number, name, (a_sign_off(statement=statement, comments=comments, enrolment=enrolment),)
    )


def decided(*decisions):
    if len(decisions) == 1:
        return Decisions((a_part(None, decisions[0]),))
    return Decisions(tuple(a_part(n, one) for n, one in enumerate(decisions, start=1)))


TABLE = [
    ((NOT_YET,), None, "waiting for Ada Ash"),
    ((YES,), YES, "approved by Ada Ash"),
    ((NO,), NO, "returned by Ada Ash"),
    ((NOT_YET, NOT_YET), None, "0 of 2 have signed; waiting for Ada Ash and Ben Birch"),
    ((YES, NOT_YET), None, "1 of 2 have signed: Ada Ash; waiting for Ben Birch"),
    ((NOT_YET, YES), None, "1 of 2 have signed: Ben Birch; waiting for Ada Ash"),
    ((YES, YES), YES, "2 of 2 have signed: Ada Ash and Ben Birch"),
    ((NO, NOT_YET), NO, "returned by Ada Ash; 0 of 2 have signed"),
    ((YES, NO), NO, "returned by Ben Birch; 1 of 2 have signed: Ada Ash"),
    ((NO, NO), NO, "returned by Ada Ash and Ben Birch; 0 of 2 have signed"),
    (
        (YES, NOT_YET, YES),
        None,
        "2 of 3 have signed: Ada Ash and Cy Cole; waiting for Ben Birch",
    ),
    ((YES, YES, YES), YES, "3 of 3 have signed: Ada Ash, Ben Birch and Cy Cole"),
    ((YES, NOT_YET, NO), NO, "returned by Cy Cole; 1 of 3 have signed: Ada Ash"),
]


@pytest.mark.parametrize(
    ("decisions", "on_the_whole", "told"), TABLE, ids=[told for _, _, told in TABLE]
)
def test_what_is_decided_and_how_it_is_told(decisions, on_the_whole, told):
    assert decided(*decisions).decision is on_the_whole
    assert str(decided(*decisions)) == told


@given(st.lists(st.sampled_from([YES, NO, NOT_YET]), min_size=1, max_size=3))
def test_signed_means_that_everyone_approved_and_returned_that_anyone_returned(each):
    decision = decided(*each).decision

    assert (decision is YES) == (set(each) == {YES})
    assert (decision is NO) == (NO in each)


@given(
    st.lists(st.sampled_from([YES, NO, NOT_YET]), min_size=2, max_size=3),
    st.sampled_from([YES, NO]),
)
def test_once_decided_no_further_decision_makes_it_undecided_or_signed(each, later):
    """A return outlives every decision that comes at the same time."""
    before = decided(*each).decision
    after = decided(*(later if one is NOT_YET else one for one in each)).decision

    assert before in (NOT_YET, after)


def test_the_parts_are_told_apart_in_every_combination():
    for each in product([YES, NO, NOT_YET], repeat=2):
        found = decided(*each)
        assert [part.number for part in found.missing] == [
            n for n, one in enumerate(each, start=1) if one is NOT_YET
        ]
        assert [part.decision for part in found.approved] == [YES] * each.count(YES)
        assert [part.decision for part in found.returned] == [NO] * each.count(NO)
        assert [one.statement.decision for one in found.sign_offs] == [
            one for one in each if one is not NOT_YET
        ]


def test_a_delegate_is_named_with_whom_they_signed_for():
    part = a_part(1, YES, by="Dee Dale")

    assert part.signer == "Dee Dale for Ada Ash"
    assert str(Decisions((part, a_part(2)))) == (
        "1 of 2 have signed: Dee Dale for Ada Ash; waiting for Ben Birch"
    )


def test_the_last_confirmation_of_a_part_counts():
    first, second = a_part(1, YES), a_part(1, YES, by="Dee Dale", at="2010-08-19T09:00:00.000Z")
    part = first._replace(sign_offs=(*first.sign_offs, *second.sign_offs))
    decisions = Decisions((part, a_part(2)))

    assert part.sign_off == second.sign_off
    assert decisions.latest == "2010-08-19T09:00:00.000Z"
    assert decisions.part(1) == part
    assert decisions.part(None) is None


def test_an_only_signatory_has_no_number():
    assert parts_of(a_whole_letter()) == (Part(None, "Rowan Pike"),)
    assert parts_of(a_letter(*NAMES)) == (
        Part(1, "Ada Ash"),
        Part(2, "Ben Birch"),
        Part(3, "Cy Cole"),
    )


@pytest.mark.parametrize(
    ("names", "told"),
    [
        pytest.param([], "", id="nobody"),
        pytest.param(["A"], "A", id="one"),
        pytest.param(["A", "B"], "A and B", id="two"),
        pytest.param(["A", "B", "C"], "A, B and C", id="three"),
    ],
)
def test_names_are_listed_as_people_write_them(names, told):
    assert listed(names) == told
