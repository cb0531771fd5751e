"""Which years and authorities are reviewed anew, and that a year's cost is its own."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from letters.letter import Authority
from letters.review import NotReviewed
from tasks.archiving.review.keep import (
    keep_review,
    keep_summary,
    last_review,
    last_summary,
)
from tasks.archiving.review.lacking import authorities_of, authorities_to_review
from tasks.archiving.review.year import (
    EarlierNotReviewed,
    gather,
    kept_review,
    open_year,
    summarise,
    year_review,
)
from tasks.case.case import Case
from tasks.case.folder import FolderStore
from tasks.case.ledger import ledger_of
from tasks.case.record import StepRun
from tasks.drafting.change import STEP, order_withdrawal
from tests.archiving.review.reviewing import (
    AREAS,
    at,
    draft_in,
    files_made,
    in_april,
    issue_in,
    next_january,
    no_files,
    reference_in,
    review_one_year,
    review_year,
    westmere_in,
    years_to_review,
)
from tests.archiving.test_changes import ordered, sent
from tests.archiving.test_disposal import disposed, later
from tests.archiving.test_year_audit import overridden
from tests.issuing import (
    a_sample_office,
    as_another_process,
    copied,
    decide,
    send_out,
    submit,
)

EASTMERE = Authority(code="eastmere", name="Eastmere City Council", short_name="Eastmere")


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    """Letters of five years, each answering the one before."""
    root = tmp_path_factory.mktemp("letters") / "office"
    for year in range(2008, 2013):
        issue_in(root, year, f"In {year} it was late.")
    return root


@pytest.fixture
def root(letters, tmp_path):
    return copied(letters, tmp_path / "office")


def numbers(office, *years):
    """Which number holds of Westmere's review and of the summary, by year."""
    return {
        year: (last_review(office, year, "westmere").number, last_summary(office, year).number)
        for year in years
    }


def test_all_years_with_letters_are_reviewed_first_where_none_was(root):
    assert years_to_review(next_january(root, 2012), 2012) == [2008, 2009, 2010, 2011]
    assert years_to_review(next_january(root, 2012), 2008) == []


def test_none_is_where_all_were(root):
    office = next_january(root, 2012)
    review_year(office, 2012)

    assert years_to_review(office, 2012) == []
    assert years_to_review(office, 2013) == []


def test_all_since_the_last_summary_are_where_a_year_was_left_out(root):
    review_year(next_january(root, 2009), 2009)

    assert years_to_review(next_january(root, 2012), 2012) == [2010, 2011]


def test_a_year_of_which_an_authority_could_not_be_told_is_tried_again(root):
    office = next_january(root, 2009)
    review_year(office, 2009)
    opened = open_year(office, 2009)
    (westmere,) = office.register.authorities
    failed = NotReviewed(authority=westmere, code="review-damaged", message="It was.")
    keep_summary(office, summarise(office, opened, (), (failed,)), files_made)

    office = next_january(root, 2010)
    assert years_to_review(office, 2010) == [2009]
    # A review of it is kept, and yet nothing is built on that.
    assert authorities_to_review(office, open_year(office, 2009)) == [westmere]
    with pytest.raises(EarlierNotReviewed):
        gather(office, westmere, open_year(office, 2010))
    assert authorities_to_review(office, open_year(office, 2010)) == [westmere]


def test_why_an_earlier_year_could_not_be_told_is_said_once_in_every_year_since(root):
    office = next_january(root, 2010)
    review_year(office, 2008)
    (office.store.root / "reviews/2008/authorities/westmere/1/review.json").unlink()

    told = [review_year(office, year).review.not_reviewed for year in (2009, 2010, 2011)]

    why = "The review isn't the one that was kept."
    later = f"Its review of 2009 could not be made: {why} [review-damaged]"
    assert [(one.code, one.message) for (one,) in told] == [
        ("review-damaged", why),
        ("earlier-not-reviewed", later),
        ("earlier-not-reviewed", later),
    ]


def test_years_without_a_letter_between_are_not_reviewed_and_what_was_open_is_carried_over(root):
    office = at(root, date(2017, 1, 9))
    review_year(office, 2016)

    assert last_summary(office, 2014) is None
    assert [area.text for area in westmere_in(office, 2016).still_open] == ["In 2012 it was late."]
    assert [f.year for f in westmere_in(office, 2016).history] == [2008, 2009, 2010, 2011, 2012]


def test_a_letter_withdrawn_after_its_year_s_review_changes_that_review_and_those_since(root):
    for year in (2010, 2011):
        review_year(next_january(root, year), year)
    office = at(root, date(2012, 6, 1))
    case = Case(office, reference_in(2010))
    sent(case, order_withdrawal(StepRun(case, STEP), reason="It was written to another."))

    assert years_to_review(office, 2012) == [2010, 2011]
    opened = open_year(office, 2009)
    assert authorities_to_review(office, opened) == []
    review_year(office, 2012)

    assert numbers(office, 2009, 2010, 2011, 2012) == {
        2009: (1, 1),
        2010: (2, 2),
        2011: (2, 2),
        2012: (1, 1),
    }
    assert westmere_in(office, 2010).raised == ()
    assert [area.text for area in westmere_in(office, 2010).still_open] == ["In 2009 it was late."]
    # What it had asked for was answered in 2011, and is no more to be answered.
    assert [area.text for area in westmere_in(office, 2011).ended] == []
    assert [f.letters for f in westmere_in(office, 2012).history] == [1, 1, 0, 1]
    assert years_to_review(office, 2012) == []


def test_a_letter_corrected_after_its_year_s_review_is_told_as_corrected(root):
    review_year(next_january(root, 2012), 2012)
    office = at(root, date(2013, 6, 1))
    case = Case(office, reference_in(2012))
    data = AREAS.sub(b"- It was early.\n", case.get("r1/draft/original.md"))
    sent(case, ordered(case, data, reason="The area was another."))

    review_year(office, 2013)

    assert numbers(office, 2011, 2012) == {2011: (1, 1), 2012: (2, 2)}
    assert [area.text for area in westmere_in(office, 2013).still_open] == ["It was early."]


def test_a_letter_issued_after_its_year_s_review_is_in_it_then(tmp_path):
    root = tmp_path / "office"
    office = in_april(root, 2009)
    case, revision = submit(office, draft_in(2009, "It was late."))
    review_year(next_january(root, 2009), 2009)
    office = at(root, date(2010, 2, 2))
    case = Case(office, case.reference)
    decide(case, revision)
    send_out(case, revision)

    assert years_to_review(office, 2010) == [2009]
    review_year(office, 2010)

    assert [letter.row.state for letter in westmere_in(office, 2009).letters] == ["issued"]
    assert [area.text for area in westmere_in(office, 2010).still_open] == ["It was late."]


def test_a_letter_of_a_year_long_past_brings_that_year_back(root):
    review_year(next_january(root, 2012), 2012)
    office = at(root, date(2013, 6, 1))
    earlier = draft_in(2007, "In 2007 it was late.")
    case, revision = submit_whatever_blocks(office, earlier)
    decide(case, revision)
    send_out(case, revision)

    assert years_to_review(office, 2013) == [2007, 2008, 2009, 2010, 2011, 2012]
    review_year(office, 2013)

    assert numbers(office, 2007, 2008)[2007] == (1, 1)
    assert [f.year for f in westmere_in(office, 2013).history] == [*range(2007, 2013)]


def submit_whatever_blocks(office, data):
    return submit(office, overridden(office, data, "It was found in a drawer."))


def test_a_year_asked_for_again_that_is_another_by_now_brings_those_since(root):
    review_year(next_january(root, 2011), 2011)
    office = at(root, date(2012, 6, 1))
    case = Case(office, reference_in(2009))
    sent(case, order_withdrawal(StepRun(case, STEP), reason="It was written to another."))
    review_year(office, 2009)

    assert years_to_review(office, 2012) == [2009, 2010, 2011]
    review_year(office, 2009)  # kept by now: nothing is told of its letters since
    review_year(office, 2010)

    # What the ledger tells since the review of 2011, and 2011, which is built on the old one.
    assert years_to_review(office, 2012) == [2009, 2010, 2011]
    review_year(office, 2011)
    assert years_to_review(office, 2012) == []
    assert [f.letters for f in westmere_in(office, 2011).history] == [1, 0, 1]


def keep_otherwise(office, year):
    """Keep a year's summary anew, for a reason that concerns no letter."""
    told = last_summary(office, year).review
    figures = told.figures.model_copy(update={"in_doubt": 1})
    keep_summary(office, told.model_copy(update={"figures": figures}), files_made)


def test_a_year_kept_anew_brings_those_since_where_nothing_is_told_of_its_letters(root):
    office = next_january(root, 2011)
    review_year(office, 2011)
    keep_otherwise(office, 2009)

    assert years_to_review(office, 2012) == [2010, 2011]
    review_year(office, 2012)
    assert [f.in_doubt for f in last_summary(office, 2012).review.history] == [0, 1, 0, 0]
    assert years_to_review(office, 2012) == []


def test_a_year_kept_anew_of_which_one_could_not_be_told_is_tried_again(root):
    office = next_january(root, 2011)
    review_year(office, 2011)
    failed = NotReviewed(authority=EASTMERE, code="review-damaged", message="It was.")
    kept = last_review(office, 2009, "westmere")
    told = summarise(office, open_year(office, 2009), [kept], [failed])
    keep_summary(office, told, files_made)

    assert years_to_review(office, 2012) == [2009, 2010, 2011]
    review_year(office, 2012)
    assert years_to_review(office, 2012) == []


def test_a_letter_whose_deadline_ran_at_its_year_s_end_is_looked_at_until_it_is_late(tmp_path):
    root = tmp_path / "office"
    data = draft_in(2008, "It was late.").replace(b"11 and 12 March", b"9 and 10 December")
    submit(at(root, date(2008, 12, 15)), data.replace(b"7 April 2008", b"15 December 2008"))
    review_year(at(root, date(2009, 1, 2)), 2008)
    review_year(at(root, date(2009, 1, 3)), 2009)
    office = next_january(root, 2009)
    assert last_summary(office, 2009).review.awaited == (2008,)
    assert years_to_review(office, 2010) == [2008, 2009]
    ledger_of(office).append("ledger", "anchored", detail={})

    review_year(office, 2010)

    assert westmere_in(office, 2008).figures.late == 1
    assert [(f.year, f.late) for f in westmere_in(office, 2010).history] == [(2008, 1), (2009, 0)]
    assert last_summary(office, 2010).review.awaited == ()
    assert years_to_review(office, 2011) == []


def test_a_disposal_is_known_however_often_the_years_are_told_anew(root):
    review_year(next_january(root, 2009), 2009)
    office = later(next_january(root, 2012), 3, "anna@desk-3")
    disposed(office, of=reference_in(2009))
    case = Case(office, reference_in(2008))
    sent(case, order_withdrawal(StepRun(case, STEP), reason="It was written to another."))

    for _ in range(3):
        review_year(as_another_process(office), 2009)

        assert open_year(office, 2009).ledger.disposed.keys() == {reference_in(2009)}
        assert westmere_in(office, 2009).is_whole
        assert last_summary(office, 2009).review.disposed == {}


def test_disposals_before_the_first_review_are_known_in_the_years_after(root):
    office = later(next_january(root, 2012), 3, "anna@desk-3")
    for year in (2009, 2010):
        disposed(office, of=reference_in(year))

    review_year(office, 2010)

    assert last_summary(office, 2008).review.disposed.keys() == {
        reference_in(2009),
        reference_in(2010),
    }
    assert reference_in(2010) in open_year(office, 2010).ledger.disposed
    assert [westmere_in(office, year).is_whole for year in (2008, 2009, 2010)] == [True] * 3


def test_what_was_told_of_an_authority_is_at_hand_though_it_failed_since(root):
    office = next_january(root, 2009)
    review_year(office, 2009)
    before = westmere_in(office, 2009)
    (westmere,) = office.register.authorities
    failed = NotReviewed(authority=westmere, code="review-damaged", message="It was.")
    for _ in range(2):
        told = summarise(office, open_year(office, 2009), (), [failed])
        keep_summary(office, told, files_made)
    opened = open_year(office, 2009)

    assert kept_review(office, "westmere", opened).review == before
    assert authorities_to_review(office, opened) == [westmere]


def forge(office, year):
    """Add a review that tells of nothing to an authority's chain, as its own step would."""
    told = last_review(office, year, "westmere").review
    told = told.model_copy(update={"letters": (), "raised": (), "ended": (), "still_open": ()})
    return keep_review(office, told, files_made)


def test_a_review_that_no_summary_names_is_built_upon_by_nobody(root):
    office = next_january(root, 2009)
    review_year(office, 2009)
    true = westmere_in(office, 2009)
    assert forge(office, 2009).number == 2

    office = next_january(root, 2010)
    assert years_to_review(office, 2010) == []
    assert authorities_to_review(office, open_year(office, 2009)) == []
    review_year(office, 2010)

    told = westmere_in(office, 2010)
    assert [area.text for area in told.ended] == ["In 2009 it was late."]
    assert told.history[-1] == true.figures
    review_year(office, 2009)
    assert westmere_in(office, 2009).tells_as(true)
    assert last_summary(office, 2009).review.review_of("westmere").number == 3


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("cases/2012/WESTMERE", id="a code in capitals"),
        pytest.param("cases/2012/Old.Files", id="a name that is no code"),
        pytest.param(f"cases/2012/{'x' * 61}", id="a name too long for a code"),
        pytest.param("cases/0000", id="a year nought"),
        pytest.param("cases/1234", id="a year long before all letters"),
        pytest.param("reviews/0000", id="a review of a year nought"),
    ],
)
def test_a_folder_that_is_none_of_ours_stops_nothing(root, name):
    office = next_january(root, 2012)
    (office.store.root / name).mkdir(parents=True)

    assert years_to_review(office, 2012) == [2008, 2009, 2010, 2011]
    assert authorities_of(office, open_year(office, 2012)) == list(office.register.authorities)
    assert review_year(office, 2012).review.not_reviewed == ()


def with_register(root, year, *authorities):
    """The office in the January after a year, its register another."""
    register = next_january(root, year).register.model_copy(update={"authorities": authorities})
    return next_january(root, year, register=register)


def names_of(office, year):
    return [(one.code, one.name) for one in authorities_of(office, open_year(office, year))]


BOTH = [("eastmere", "Eastmere City Council"), ("westmere", "Westmere Borough Council")]


def test_authorities_are_those_of_the_register_and_whoever_has_letters(root):
    office = a_sample_office(root)
    assert names_of(office, 2012) == BOTH[1:]

    office = with_register(root, 2012, EASTMERE)

    assert names_of(office, 2012) == BOTH
    assert names_of(office, 2006) == BOTH[:1]


def test_an_authority_whose_letters_are_gone_is_told_of_as_the_ledger_knows_them(root):
    office = with_register(root, 2012, EASTMERE)
    shutil.rmtree(office.store.root / "cases/2012/westmere")

    assert [code for code, _ in names_of(office, 2012)] == ["eastmere", "westmere"]
    review_year(office, 2012)

    assert [row.reference for row in westmere_in(office, 2012).damaged] == [reference_in(2012)]


def test_an_authority_that_was_told_of_stays_in_that_year_when_it_leaves_the_register(root):
    (westmere,) = next_january(root, 2012).register.authorities
    review_year(with_register(root, 2012, EASTMERE, westmere), 2012)
    office = with_register(root, 2012, westmere)

    assert names_of(office, 2012) == BOTH
    assert review_year(office, 2012, make_files=no_files).number == 1


def test_an_authority_that_left_the_register_is_carried_over_while_areas_of_it_are_open(root):
    (westmere,) = next_january(root, 2012).register.authorities
    review_year(with_register(root, 2012, EASTMERE, westmere), 2012)
    office = with_register(root, 2013)

    assert names_of(office, 2013) == BOTH[1:]  # of Eastmere nothing is open
    review_year(office, 2013)

    assert [area.text for area in westmere_in(office, 2013).still_open] == ["In 2012 it was late."]


def test_an_authority_that_could_not_be_told_of_is_carried_over_when_it_leaves_the_register(root):
    office = next_january(root, 2008)
    review_year(office, 2008)
    (westmere,) = office.register.authorities
    failed = NotReviewed(authority=westmere, code="review-damaged", message="It was.")
    opened = open_year(office, 2008)
    keep_summary(office, summarise(office, opened, (), [failed]), files_made)

    office = with_register(root, 2013)

    assert [code for code, _ in names_of(office, 2013)] == ["westmere"]


def test_an_authority_keeps_the_name_with_which_its_year_was_told(root):
    office = next_january(root, 2012)
    review_year(office, 2012)
    (westmere,) = office.register.authorities
    renamed = westmere.model_copy(update={"name": "Westmere City Council"})

    review_year(with_register(root, 2012, renamed), 2012, make_files=no_files)
    office = with_register(root, 2013, renamed)
    review_year(office, 2013)

    assert westmere_in(office, 2012).authority == westmere
    assert westmere_in(office, 2013).authority == renamed


def test_an_authority_that_was_not_inspected_is_in_the_year_s_review(root):
    office = next_january(root, 2012)
    known = office.register.authorities
    register = office.register.model_copy(update={"authorities": (*known, EASTMERE)})
    office = next_january(root, 2012, register=register)

    kept = review_year(office, 2012)

    reviews = [last_review(office, 2012, one.code).review for one in kept.review.reviews]
    told = year_review(kept.review, reviews)
    assert list(told.not_inspected) == [EASTMERE]
    assert (told.figures, told.is_whole) == (kept.review.figures, True)
    assert [f.year for f in told.history] == [2008, 2009, 2010, 2011]


def test_an_authority_lacks_a_review_until_it_has_one_and_when_something_is_told_of_it(root):
    office = next_january(root, 2011)
    review_year(office, 2011)
    (westmere,) = office.register.authorities
    assert authorities_to_review(office, open_year(office, 2011)) == []
    assert authorities_to_review(office, open_year(office, 2012)) == [westmere]

    office = at(root, date(2012, 2, 2))
    case = Case(office, reference_in(2011))
    sent(case, order_withdrawal(StepRun(case, STEP), reason="It was written to another."))

    assert authorities_to_review(office, open_year(office, 2011)) == [westmere]
    assert authorities_to_review(office, open_year(office, 2010)) == []


RUN = "runs/0d9b0a52-6a2e-4d1f-9a57-3f2f6a1c8d10/1.json"
EVENT = f"r1/deliveries/{'0' * 32}/event-{'1' * 32}.json"


@pytest.mark.parametrize(
    ("event", "name", "is_looked_at"),
    [
        pytest.param("recorded", EVENT, True, id="what the provider told"),
        pytest.param("closed", "closed.json", True, id="that its letter is out"),
        pytest.param("recorded", RUN, False, id="not the history of a run"),
        pytest.param("disposal-completed", None, False, id="not its disposal"),
    ],
)
def test_an_authority_is_looked_at_again_for(root, event, name, is_looked_at):
    office = next_january(root, 2011)
    review_year(office, 2011)
    case = Case(office, reference_in(2011))
    told = {} if name is None else {"object": case.key(name), "sha256": "0" * 64}
    ledger_of(office).append("ledger", event, detail={"reference": case.reference, **told})

    found = authorities_to_review(office, open_year(office, 2011))

    assert [one.code for one in found] == ["westmere"] * is_looked_at


def test_one_of_a_year_that_was_begun_and_not_ended_is_looked_at_again_and_kept_once(root):
    office = next_january(root, 2011)
    review_year(office, 2010)
    (westmere,) = office.register.authorities
    opened = open_year(office, 2011)
    keep_review(office, gather(office, westmere, opened), files_made)
    assert authorities_to_review(office, open_year(office, 2011)) == [westmere]

    review_year(office, 2011)

    assert numbers(office, 2011) == {2011: (1, 1)}


def test_one_is_looked_at_though_the_year_before_was_told_anew_since(root):
    office = next_january(root, 2011)
    review_year(office, 2011)
    (westmere,) = office.register.authorities
    case = Case(office, reference_in(2011))
    sent(case, order_withdrawal(StepRun(case, STEP), reason="It was written to another."))
    keep_otherwise(office, 2010)

    assert authorities_to_review(office, open_year(office, 2011)) == [westmere]


class CountingFolder(FolderStore):
    """A folder that tells which objects were read or looked for, and which folders listed."""

    def __init__(self, root):
        super().__init__(root)
        self.read = []

    def find(self, key):
        self.read.append(key)
        return super().find(key)

    def exists(self, key):
        self.read.append(f"{key}?")
        return super().exists(key)

    def list(self, prefix):
        self.read.append(f"{prefix}/*")
        return super().list(prefix)


def reads_of(root, year):
    """What is read to review a year when those before have been."""
    review_year(next_january(root, year - 1), year - 1)
    store = CountingFolder(root / "archive")
    office = next_january(root, year, store=store)
    review_year(office, year)
    return store.read


def test_a_year_reads_as_much_after_four_earlier_years_as_after_one(letters, tmp_path):
    short = tmp_path / "short"
    for year in (2011, 2012):
        issue_in(short, year, f"In {year} it was late.")
    long = copied(letters, tmp_path / "long")

    after_one, after_four = reads_of(short, 2012), reads_of(long, 2012)

    assert len(after_one) == len(after_four)
    first = CountingFolder(long / "archive").list("ledger")[:20]
    assert not set(first) & set(after_four)
    # Of earlier years only the review that was kept last.
    assert {key[:12] for key in after_four if key.startswith("reviews/")} == {
        *("reviews/2011", "reviews/2012")
    }
    assert not [key for key in after_four if key.startswith("cases/") and "/2012" not in key[:11]]


def test_the_same_year_asked_again_reads_no_case_to_say_that_nothing_is_to_be_done(root):
    office = next_january(root, 2012)
    review_year(office, 2012)
    store = CountingFolder(root / "archive")
    office = next_january(root, 2012, store=store)

    assert authorities_to_review(office, open_year(office, 2012)) == []

    assert not [key for key in store.read if key.startswith("cases/")]


def test_a_year_caught_up_keeps_nothing_of_authorities_that_nothing_is_told_of(root):
    office = next_january(root, 2012)
    review_year(office, 2011)

    review_one_year(office, 2011, make_files=no_files, is_asked=False)

    assert numbers(office, 2011) == {2011: (1, 1)}
