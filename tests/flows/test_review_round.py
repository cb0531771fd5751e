"""The round of a year's review: earlier years first, only what is missing, one failure alone."""

from __future__ import annotations

from datetime import date

import pytest

from flows import review_round
from flows.review_round import one_by_one, review_year
from flows.verification import verify_office
from letters.errors import UsageError
from tasks.archiving.review.keep import files_of, last_review, last_summary, whole_record
from tasks.archiving.review.open_draft import NO_AREAS
from tasks.case.case import Case
from tasks.case.chain import ChainBroken
from tasks.case.record import StepRun
from tasks.case.store import StoreUnavailable
from tasks.drafting.change import STEP, order_withdrawal
from tests.archiving.review.reviewing import (
    at,
    draft_in,
    in_april,
    issue_in,
    next_january,
    reference_in,
    westmere_in,
    years_to_review,
)
from tests.archiving.test_changes import sent
from tests.issuing import as_another_process, submit


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


def fail_in(monkeypatch, year, name, error):
    """Let a year's `gather` or `whole_files` fail."""
    works = getattr(review_round, name)

    def fails(*told, **named):
        if getattr(told[-1], "year") == year:  # noqa: B009
            raise error
        return works(*told, **named)

    monkeypatch.setattr(review_round, name, fails)


def test_an_authority_that_failed_in_an_earlier_year_is_told_of_in_none_until_it_is_in_that(
    root, done, do_all, monkeypatch
):
    office = next_january(root, 2010)
    with monkeypatch.context() as patched:
        asleep = StoreUnavailable("It is asleep.", where="cases", remedy="Wait.")
        fail_in(patched, 2009, "gather", asleep)
        came_to = review_year(office, 2010, do_all)

    said = f"Its review of 2009 could not be made: It is asleep. [{StoreUnavailable.code}]"
    (missing,) = came_to.review.not_reviewed
    assert (missing.authority.code, missing.code) == ("westmere", "earlier-not-reviewed")
    assert (missing.message, came_to.review.authorities) == (said, ())
    assert years_to_review(office, 2011) == [2009, 2010]

    done.clear()
    again = review_year(office, 2010, do_all)

    assert done == [(2009, ["westmere"]), (2010, ["westmere"])]
    assert again.review.is_whole
    (told,) = again.review.authorities
    assert [each.year for each in told.history] == [2008, 2009]
    assert told.previous == last_review(office, 2009, "westmere").sha256
    assert years_to_review(office, 2011) == []


def test_an_earlier_year_whose_whole_dossier_fails_stops_no_later_one(root, do_all, monkeypatch):
    office = next_january(root, 2010)
    with monkeypatch.context() as patched:
        fail_in(patched, 2009, "whole_files", ValueError("It can't be set."))
        assert review_year(office, 2010, do_all).review.is_whole
        with pytest.raises(ValueError, match=r"It can't be set\."):
            review_year(office, 2009, do_all)
    assert [each.year for each in last_summary(office, 2010).review.history] == [2008, 2009]
    assert last_summary(office, 2009).number == 1

    assert review_year(office, 2009, do_all).is_new
    assert "dossier.pdf" in files_of(whole_record(office, 2009), 2)


@pytest.mark.parametrize(
    ("year", "code"),
    [
        pytest.param(2011, "year-not-begun", id="the year after, on the last day of this"),
        pytest.param(20101, "year-not-begun", id="a slip of the hand"),
        pytest.param(2007, "no-letters-yet", id="the year before the first letter's"),
        pytest.param(1899, "no-letters-yet", id="a year before all letters"),
        pytest.param(0, "no-letters-yet", id="a year nought"),
    ],
)
def test_a_year_that_no_letter_can_be_of_is_refused_and_nothing_kept(root, do_all, year, code):
    office = at(root, date(2010, 12, 31))

    with pytest.raises(UsageError) as told:
        review_year(office, year, do_all)

    assert told.value.code == code
    assert office.store.folders("reviews") == []


def withdraw(office, year):
    case = Case(office, reference_in(year))
    sent(case, order_withdrawal(StepRun(case, STEP), reason="It was written to another."))


def test_what_happens_to_an_earlier_year_during_a_round_is_seen_by_the_next(root):
    def do_all(year, authorities, one):
        yield from one_by_one(year, authorities, one)
        if year == 2008:  # it was told of a moment ago; 2009 is opened after this
            withdraw(next_january(root, 2009), 2008)

    office = next_january(root, 2009)
    review_year(office, 2009, do_all)
    assert westmere_in(office, 2008).figures.letters == 1

    again = review_year(next_january(root, 2010), 2010, one_by_one)

    assert westmere_in(office, 2008).figures.letters == 0
    assert [(each.year, each.letters) for each in again.review.history] == [(2008, 0), (2009, 1)]
    assert years_to_review(next_january(root, 2010), 2011) == []


def test_of_two_rounds_at_once_the_one_that_knows_more_holds(root, monkeypatch):
    office, keep = next_january(root, 2008), review_round.keep_review

    def keep_later(*told):
        monkeypatch.setattr(review_round, "keep_review", keep)
        other = as_another_process(at(root, date(2009, 1, 10)))
        withdraw(other, 2008)
        assert review_year(other, 2008, one_by_one).review.figures.letters == 0
        return keep(*told)

    monkeypatch.setattr(review_round, "keep_review", keep_later)

    came_to = review_year(office, 2008, one_by_one)

    assert (came_to.review.figures.letters, came_to.drafts) == (0, {"westmere": "there"})
    assert last_review(office, 2008, "westmere").number == 1
    assert last_summary(office, 2008).review.figures.letters == 0
    assert verify_office(as_another_process(office)).is_clean


def test_a_letter_long_overdue_is_late_in_the_first_round_and_nothing_is_new_in_the_next(tmp_path):
    root = tmp_path / "office"
    submit(in_april(root, 2008), draft_in(2008))

    first = review_year(next_january(root, 2008), 2008, one_by_one)
    again = review_year(next_january(root, 2008), 2008, one_by_one)

    assert (first.review.figures.late, first.is_new, again.is_new) == (1, True, False)


def test_a_draft_asks_for_nothing_that_a_letter_has_answered_since(tmp_path):
    root = tmp_path / "office"
    issue_in(root, 2008, "One is late.")
    issue_in(root, 2009, "Two is slow.")
    office = at(root, date(2009, 9, 1))

    review_year(office, 2008, one_by_one)

    (path,) = (office.drafts_folder / "open").iterdir()
    assert "1 has been answered or closed since; 0 are open now." in path.read_text()
    assert NO_AREAS in path.read_text()


def test_a_draft_laid_anew_after_the_summary_leaves_nothing_unanchored(root, do_all):
    office = next_january(root, 2009)
    review_year(office, 2009, do_all)
    contacts = tuple(
        each.model_copy(update={"name": "Ms New Name"}) if each.role == "director" else each
        for each in office.register.contacts
    )
    register = office.register.model_copy(update={"contacts": contacts})
    office = next_january(root, 2009, register=register)

    came_to = review_year(office, 2009, do_all)

    assert came_to.drafts == {"westmere": "laid anew"}
    assert verify_office(office).unanchored_entries == 0
    assert review_year(office, 2009, do_all).is_new is False


def test_drafts_are_laid_for_the_year_that_was_asked_for(root, do_all):
    office = next_january(root, 2009)

    assert review_year(office, 2009, do_all).drafts == {"westmere": "laid"}
    assert [path.name for path in (office.drafts_folder / "open").iterdir()] == [
        "westmere-annual-review-2009.md"
    ]


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(StoreUnavailable("It is asleep."), id="the store sleeps"),
        pytest.param(ChainBroken("Entries are missing."), id="its chain is broken"),
        pytest.param(ZeroDivisionError(), id="a fault of ours"),
    ],
)
@pytest.mark.parametrize("function", ["lay_open_draft", "open_draft_name"])
def test_a_draft_that_can_t_be_laid_costs_nobody_the_review(
    root, do_all, monkeypatch, error, function
):
    office = next_january(root, 2009)

    def fails(*_, **__):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(review_round, function, fails)
        came_to = review_year(office, 2009, do_all)

    assert (came_to.new, came_to.drafts) == (("westmere",), {"westmere": "unwritable"})
    assert came_to.review.is_whole
    assert (came_to.review.not_reviewed, came_to.review.figures.letters) == ((), 1)
    again = review_year(office, 2009, do_all)
    assert (again.new, again.drafts) == ((), {"westmere": "laid"})


def test_a_review_is_new_until_the_year_is_whole(root, monkeypatch):
    office = next_january(root, 2009)
    told = []

    def do_all_until_killed(year, authorities, one):
        # Kept, and cut short before anybody was told of it.
        yield from one_by_one(year, authorities, one)
        if year == 2009:
            raise KeyboardInterrupt

    def do_all_twice(_year, authorities, one):
        for authority in authorities:
            told.append([one(authority).is_new for _ in range(2)])
            yield authority, one(authority)

    with pytest.raises(KeyboardInterrupt):
        review_year(office, 2009, do_all_until_killed)

    assert review_year(office, 2009, do_all_twice).new == ("westmere",)
    assert review_year(office, 2009, do_all_twice).new == ()
    assert told == [[True, True], [False, False]]


def test_one_that_comes_back_as_it_was_is_not_new(root, do_all, monkeypatch):
    office = next_january(root, 2009)
    review_year(office, 2009, do_all)
    with monkeypatch.context() as patched:
        fail_in(patched, 2009, "gather", ZeroDivisionError())
        assert review_year(office, 2009, do_all).review.not_reviewed

    again = review_year(office, 2009, do_all)

    assert (again.review.is_whole, again.new, again.is_new) == (True, (), True)


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


def test_an_office_without_letters_is_told_so(tmp_path, do_all):
    office = at(tmp_path / "office", date(2010, 12, 31))

    with pytest.raises(UsageError, match="no letter of 2009") as told:
        review_year(office, 2009, do_all)

    assert "nothing to review until the first letter" in told.value.remedy
    assert office.store.folders("reviews") == []
