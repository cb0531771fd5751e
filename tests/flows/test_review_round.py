"""The round of a year's review: earlier years first, only what is missing, one failure alone."""

from __future__ import annotations

from datetime import date

import pytest

from flows.review_round import one_by_one, review_year
from tests.archiving.review.reviewing import at, issue_in, next_january


@pytest.fixture
def root(tmp_path):
    """An office with a letter in 2008 and one in 2009."""
    for year in (2008, 2009):
        issue_in(tmp_path / "office", year)
    return tmp_path / "office"


@pytest.fixture
def done():
    """Of which years how many authorities were looked at, in order."""
    return []


@pytest.fixture
def do_all(done):
    def do_all(year, authorities, one):
        done.append((year, [each.code for each in authorities]))
        return one_by_one(year, authorities, one)

    return do_all


def test_earlier_years_come_first_and_once(root, done, do_all):
    office = next_january(root, 2010)

    first = review_year(office, 2010, do_all)
    assert done == [(year, ["westmere"]) for year in (2008, 2009, 2010)]
    assert (first.is_new, first.new) == (True, ("westmere",))

    again = review_year(office, 2010, do_all)
    assert done[3:] == [(2010, ["westmere"])]
    assert (again.is_new, again.new) == (False, ())
    assert [each.year for each in again.review.history] == [2008, 2009]


def test_drafts_are_laid_for_the_year_that_was_asked_for(root, do_all):
    office = next_january(root, 2009)

    assert review_year(office, 2009, do_all).drafts == {"westmere": "laid"}
    assert [path.name for path in (office.drafts_folder / "open").iterdir()] == [
        "westmere-annual-review-2009.md"
    ]


def test_a_year_that_is_not_over_gets_no_drafts(root, do_all):
    office = at(root, date(2009, 12, 31))

    came_to = review_year(office, 2009, do_all)

    assert (came_to.drafts, came_to.review.figures.letters) == ({}, 1)
    assert not (office.drafts_folder / "open").exists()


def test_an_authority_that_left_the_register_is_told_of_and_gets_no_draft(root, do_all):
    office = next_january(root, 2009)
    nobody = office.register.model_copy(update={"authorities": ()})
    office = next_january(root, 2009, register=nobody)

    came_to = review_year(office, 2009, do_all)

    assert [each.authority.code for each in came_to.review.authorities] == ["westmere"]
    assert came_to.drafts == {}
