"""An authority's year, told of letters that were really issued over several years."""

import shutil

import pytest

from letters.case import State
from letters.letter import Authority
from letters.review import AreaEnd
from letters.year import DISPOSED
from tasks.archiving.review.gather import review_authority
from tasks.archiving.review.keep import last_review
from tasks.archiving.review.years import gather, open_year
from tasks.archiving.year_ledger import read_year_ledger
from tasks.case.case import Case
from tasks.case.record import StepRun
from tasks.drafting.change import STEP, order_withdrawal
from tests.archiving.review.reviewing import (
    AREAS,
    WHY,
    answering,
    draft_in,
    first_day_in,
    in_april,
    issue_in,
    next_january,
    reference_in,
    review_year,
    westmere_in,
)
from tests.archiving.test_changes import ordered, sent
from tests.archiving.test_disposal import disposed, later
from tests.issuing import copied, issue, submit

LATE, SLOW, OLD, NEW = "One is late.", "Two is slow.", "Three is old.", "Four is new."


@pytest.fixture(scope="module")
def three_years(tmp_path_factory):
    """Letters of 2008 to 2010: of two areas one is answered and one waived, one stays open."""
    root = tmp_path_factory.mktemp("three") / "office"
    issue_in(root, 2008, LATE, SLOW)
    issue_in(root, 2009, OLD, waived=("areas-for-development/2",))
    issue_in(root, 2010, NEW)
    return root


@pytest.fixture
def root(three_years, tmp_path):
    """The office's folder, to be done with as one likes."""
    return copied(three_years, tmp_path / "office")


def areas_told(areas):
    return [(area.text, area.end.how if area.end else "open") for area in areas]


def corrected(root, year, area):
    """Correct the letter of a year after the year, to ask for another area."""
    case = Case(next_january(root, year), reference_in(year))
    data = AREAS.sub(f"- {area}\n".encode(), case.get("r1/draft/original.md"))
    sent(case, ordered(case, data, reason="The area was another."))
    return case


def withdrawn(root, year):
    """Withdraw the letter of a year after the year."""
    case = Case(next_january(root, year), reference_in(year))
    sent(case, order_withdrawal(StepRun(case, STEP), reason="It was written to another."))
    return case


def test_areas_are_raised_answered_waived_and_carried_over_from_year_to_year(root):
    office = next_january(root, 2010)

    review_year(office, 2010)

    told = {year: westmere_in(office, year) for year in (2008, 2009, 2010)}
    assert {
        year: [areas_told(areas) for areas in (one.raised, one.ended, one.still_open)]
        for year, one in told.items()
    } == {
        2008: [[(LATE, "open"), (SLOW, "open")], [], [(LATE, "open"), (SLOW, "open")]],
        2009: [[(OLD, "open")], [(LATE, "answered"), (SLOW, "waived")], [(OLD, "open")]],
        2010: [[(NEW, "open")], [(OLD, "answered")], [(NEW, "open")]],
    }
    dated = first_day_in(2009).replace(month=4, day=6)
    assert [area.end for area in told[2009].ended] == [
        AreaEnd(how="answered", reference=reference_in(2009), place="strengths/1", date=dated),
        AreaEnd(how="waived", reference=reference_in(2009), why=WHY, date=dated),
    ]


def test_the_figures_of_the_years_before_come_with_it(root):
    office = next_january(root, 2010)

    review_year(office, 2010)

    told = westmere_in(office, 2010)
    assert [(f.year, f.raised, f.answered, f.still_open) for f in told.history] == [
        (2008, 2, 0, 2),
        (2009, 1, 2, 1),
    ]
    assert (told.figures.raised, told.figures.answered, told.figures.still_open) == (1, 1, 1)
    kept = last_review(office, 2009, "westmere")
    assert kept is not None
    assert told.previous == kept.sha256


def test_what_a_letter_says_is_counted_by_its_sections(root):
    office = next_january(root, 2008)

    review_year(office, 2008)

    (letter,) = westmere_in(office, 2008).letters
    assert [(s.heading, s.findings, s.raises_areas) for s in letter.sections] == [
        ("Strengths", 1, False),
        ("Satisfactory practice", 1, False),
        ("Areas for development", 2, True),
    ]
    assert letter.title.startswith("Annual unannounced inspection of contact, referral")
    assert (letter.is_issued, letter.findings) == (True, 4)


def test_an_area_that_a_letter_of_the_same_year_answers_was_raised_and_is_not_open(tmp_path):
    root = tmp_path / "office"
    issue_in(root, 2008, LATE)
    office = next_january(root, 2008)
    second = draft_in(2008, SLOW).replace(b"11 and 12 March 2008", b"9 and 10 September 2008")
    second = second.replace(b"7 April 2008", b"6 October 2008")
    issue(office, answering(office, second))

    review_year(office, 2008)

    told = westmere_in(office, 2008)
    assert areas_told(told.raised) == [(LATE, "answered"), (SLOW, "open")]
    assert (areas_told(told.ended), areas_told(told.still_open)) == ([], [(SLOW, "open")])
    assert (told.figures.raised, told.figures.answered, told.figures.inspections) == (2, 1, 2)


def test_a_letter_that_only_waits_is_told_and_raises_nothing(tmp_path):
    office = in_april(tmp_path / "office", 2008)
    submit(office, draft_in(2008, LATE))

    review_year(office, 2008)

    told = westmere_in(office, 2008)
    assert [(each.row.state, each.date) for each in told.letters] == [("awaiting-sign-off", None)]
    assert (told.raised, told.figures.letters, told.is_inspected) == ((), 0, True)


def test_a_withdrawn_letter_raises_and_answers_nothing(root):
    case = withdrawn(root, 2010)
    assert case.state(1) is State.WITHDRAWN

    review_year(case.office, 2010)

    told = westmere_in(case.office, 2010)
    assert [(each.date, each.sections, each.row.replacements) for each in told.letters] == [
        (None, (), 1)
    ]
    assert (told.raised, told.ended) == ((), ())
    assert areas_told(told.still_open) == [(OLD, "open")]


def test_of_a_corrected_letter_the_correction_counts(root):
    case = corrected(root, 2010, "Four is as new as it was.")

    review_year(case.office, 2010)

    told = westmere_in(case.office, 2010)
    assert areas_told(told.raised) == [("Four is as new as it was.", "open")]
    assert areas_told(told.ended) == [(OLD, "answered")]
    assert [each.findings for each in told.letters] == [3]


def test_a_damaged_letter_is_named_and_the_others_are_told(root):
    office = next_january(root, 2010)
    (office.store.root / Case(office, reference_in(2010)).key("r1/pack.json")).unlink()

    review_year(office, 2010)

    told = westmere_in(office, 2010)
    assert [(row.reference, row.code) for row in told.damaged] == [
        (reference_in(2010), "case-damaged")
    ]
    assert (told.letters, told.is_whole) == ((), False)
    assert areas_told(told.still_open) == [(OLD, "open")]


def test_a_letter_that_the_ledger_knows_and_that_is_gone_is_named(root):
    office = next_january(root, 2010)
    shutil.rmtree(office.store.root / Case(office, reference_in(2010)).prefix)

    review_year(office, 2010)

    assert [row.reference for row in westmere_in(office, 2010).damaged] == [reference_in(2010)]


def test_a_letter_disposed_of_since_is_told_as_it_was(root):
    office = next_january(root, 2008)
    review_year(office, 2008)
    before = westmere_in(office, 2008)
    office = later(office, 30, "anna@desk-3")
    disposed(office, of=reference_in(2008))

    opened = open_year(office, 2008)
    (westmere,) = office.register.authorities
    again = gather(office, westmere, opened)

    assert opened.ledger.disposed.keys() == {reference_in(2008)}
    assert again.tells_as(before)
    unknown = review_authority(office, westmere, 2008, ledger=opened.ledger)
    assert [row.code for row in unknown.damaged] == [DISPOSED]
    assert unknown.is_whole


def test_another_authority_is_told_of_nothing(root):
    office = next_january(root, 2008)
    elsewhere = Authority(code="west", name="West", short_name="West")
    ledger = read_year_ledger(office, 2008)

    told = review_authority(office, elsewhere, 2008, ledger=ledger)

    assert (told.letters, told.damaged, told.still_open, told.is_inspected) == ((), (), (), False)
