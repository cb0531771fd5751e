"""An authority's year, told of letters that were really issued over several years."""

import re
import shutil
from dataclasses import replace
from datetime import date

import pytest

from letters.case import State
from letters.letter import Authority
from letters.review import AreaEnd
from letters.signoff import Decision
from letters.year import DISPOSED
from tasks.archiving.review.gather import ended_since, review_authority
from tasks.archiving.review.keep import last_review
from tasks.archiving.review.open_draft import (
    ADDRESS,
    DATE,
    JUDGEMENT,
    NO_AREAS,
    SIGNATORY,
    open_draft,
)
from tasks.archiving.review.year import gather, open_year
from tasks.archiving.year_ledger import read_year_ledger
from tasks.case.case import Case
from tasks.case.record import StepRun
from tasks.drafting.change import STEP, order_withdrawal
from tests.archiving.locking_folder import settings_that_lock
from tests.archiving.review.reviewing import (
    AREAS,
    WHY,
    answering,
    at,
    draft_in,
    first_day_in,
    in_april,
    issue_in,
    next_january,
    reference_in,
    review_year,
    westmere_in,
)
from tests.archiving.test_changes import ordered, packed, sent
from tests.archiving.test_disposal import CONTACTS, disposed, later
from tests.issuing import (
    JOINT_INSPECTION,
    as_another_process,
    copied,
    decide,
    issue,
    submit,
)

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


def test_only_sections_that_hold_findings_are_counted(tmp_path):
    root = tmp_path / "office"
    issue(at(root, date(2016, 4, 4)), JOINT_INSPECTION)
    office = next_january(root, 2016)

    review_year(office, 2016)

    told = westmere_in(office, 2016)
    assert told.findings_by_section == [("What needs to improve", 1), ("Strengths", 1)]
    assert told.figures.findings == 2


def test_a_letter_in_force_whose_correction_waits_or_was_returned_is_issued(tmp_path):
    root = tmp_path / "office"
    issue_in(root, 2008, LATE)
    case = Case(next_january(root, 2008), reference_in(2008))
    data = AREAS.sub(b"- It was early.\n", case.get("r1/draft/original.md"))
    revision = packed(ordered(case, data, reason="By mistake."))

    def standing():
        review_year(as_another_process(case.office), 2008)
        (letter,) = westmere_in(case.office, 2008).letters
        return letter.state, letter.standing, letter.date

    issued_on = date(2008, 4, 7)
    assert standing() == ("issued", "issued, its change awaiting sign off", issued_on)
    decide(case, revision, Decision.RETURN)
    assert standing() == ("issued", "issued, its change returned", issued_on)


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
    assert (told.is_inspected, told.figures.in_time, told.letters[0].state) == (
        *(False, 0),
        "withdrawn",
    )


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
    disposed(office, CONTACTS, of=reference_in(2008))

    opened = open_year(office, 2008)
    (westmere,) = office.register.authorities
    again = gather(office, westmere, opened)

    assert opened.ledger.disposed.keys() == {reference_in(2008)}
    assert again.tells_as(before)
    unknown = review_authority(office, westmere, 2008, ledger=opened.ledger)
    assert [row.code for row in unknown.damaged] == [DISPOSED]
    assert (unknown.is_whole, unknown.is_inspected, unknown.may_be_inspected) == (True, False, True)


def test_without_its_working_papers_a_letter_is_told_all_the_same(root):
    office = next_january(root, 2009)
    review_year(office, 2009)
    before = westmere_in(office, 2009)
    office = later(office, 3, "anna@desk-3")
    for year in (2008, 2009):
        disposed(office, of=reference_in(year))

    (westmere,) = office.register.authorities
    opened = open_year(office, 2009)
    told = review_authority(office, westmere, 2008, ledger=read_year_ledger(office, 2008))
    again = review_authority(office, westmere, 2009, ledger=opened.ledger, previous=told)

    assert [areas_told(a) for a in (again.raised, again.ended, again.still_open)] == [
        areas_told(a) for a in (before.raised, before.ended, before.still_open)
    ]
    assert (again.damaged, again.figures) == ((), before.figures)


@pytest.mark.parametrize("keeping", [None, CONTACTS], ids=["with", "without its contacts"])
def test_what_is_corrected_or_withdrawn_after_a_disposal_is_told(root, keeping):
    review_year(next_january(root, 2010), 2010)
    office = later(next_january(root, 2010), 3, "anna@desk-3")
    case = Case(office, reference_in(2010))
    data = AREAS.sub(b"- It was early.\n", case.get("r1/draft/original.md"))
    disposed(office, of=case.reference)
    (westmere,) = office.register.authorities

    def told():
        opened = open_year(as_another_process(office), 2010)
        return gather(as_another_process(office), westmere, opened)

    sent(case, ordered(case, data, reason="The area was another."))
    if keeping:
        office = later(office, 10, "anna@desk-3")
        disposed(office, keeping, of=case.reference)
    assert (areas_told(told().raised), told().damaged) == ([("It was early.", "open")], ())

    if keeping is None:
        sent(case, order_withdrawal(StepRun(case, STEP), reason="It was another's."))
        again = told()
        assert [(each.date, each.state) for each in again.letters] == [(None, "withdrawn")]
        assert (again.raised, again.figures.inspections, again.damaged) == ((), 0, ())
        assert areas_told(again.still_open) == [(OLD, "open")]


def test_a_certificate_excuses_nothing_but_that_something_is_gone(root):
    office = later(next_january(root, 2008), 3, "anna@desk-3")
    disposed(office, of=reference_in(2008))
    path = office.store.root / Case(office, reference_in(2008)).key("r1/pack.json")
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data.replace(b"pdf", b"psf"))

    (westmere,) = office.register.authorities
    told = review_authority(office, westmere, 2008, ledger=read_year_ledger(office, 2008))

    assert [row.code for row in told.damaged] == ["case-damaged"]


def test_another_authority_is_told_of_nothing(root):
    office = next_january(root, 2008)
    elsewhere = Authority(code="west", name="West", short_name="West")
    ledger = read_year_ledger(office, 2008)

    told = review_authority(office, elsewhere, 2008, ledger=ledger)

    assert (told.letters, told.damaged, told.still_open, told.is_inspected) == ((), (), (), False)


def test_an_area_that_a_correction_moved_stays_answered(root):
    case = Case(next_january(root, 2009), reference_in(2008))
    data = AREAS.sub(f"- {SLOW}\n- {LATE}\n".encode(), case.get("r1/draft/original.md"))
    sent(case, ordered(case, data, reason="The order was another."))

    review_year(case.office, 2009)

    told = westmere_in(case.office, 2009)
    assert areas_told(told.ended) == [(SLOW, "waived"), (LATE, "answered")]
    assert areas_told(told.still_open) == [(OLD, "open")]


def test_an_area_whose_words_are_corrected_stays_answered(root):
    case = Case(next_january(root, 2009), reference_in(2008))
    data = AREAS.sub(f"- One is laet.\n- {SLOW}\n".encode(), case.get("r1/draft/original.md"))
    sent(case, ordered(case, data, reason="The words were others."))

    review_year(case.office, 2009)

    told = westmere_in(case.office, 2009)
    assert areas_told(told.ended) == [("One is laet.", "answered"), (SLOW, "waived")]
    assert areas_told(told.still_open) == [(OLD, "open")]


def test_an_area_that_takes_the_place_of_one_that_a_correction_took_away_is_not_answered(root):
    case = Case(next_january(root, 2009), reference_in(2008))
    data = AREAS.sub(f"- {SLOW}\n- {NEW}\n".encode(), case.get("r1/draft/original.md"))
    sent(case, ordered(case, data, reason="The first was another's."))

    review_year(case.office, 2009)

    told = westmere_in(case.office, 2009)
    assert areas_told(told.ended) == [(SLOW, "waived")]
    assert areas_told(told.still_open) == [(NEW, "open"), (OLD, "open")]


def test_of_two_areas_in_the_same_words_the_place_tells_which_is_meant(tmp_path):
    root = tmp_path / "office"
    issue_in(root, 2008, LATE, LATE)
    issue_in(root, 2009, OLD, waived=("areas-for-development/1",))
    office = next_january(root, 2009)

    review_year(office, 2009)

    assert [(a.place[-1], a.end.how) for a in westmere_in(office, 2009).ended] == [
        ("1", "waived"),
        ("2", "answered"),
    ]


def test_a_correction_on_a_day_of_its_own_changes_no_day_of_an_area(root):
    case = Case(next_january(root, 2010), reference_in(2009))
    review_year(case.office, 2010)
    before = [westmere_in(case.office, year) for year in (2009, 2010)]
    data = case.get("r1/draft/original.md").replace(b"6 April 2009", b"7 January 2011")
    sent(case, ordered(case, data, reason="The day was another."))

    review_year(case.office, 2010)

    told = [westmere_in(case.office, year) for year in (2009, 2010)]
    assert told[0].letters[0].date == date(2011, 1, 7)
    assert [(one.raised, one.ended, one.still_open, one.figures) for one in told] == [
        (one.raised, one.ended, one.still_open, one.figures) for one in before
    ]


def test_the_inspection_days_are_those_of_the_letter_as_it_holds_now(tmp_path):
    root = tmp_path / "office"
    issue_in(root, 2008, LATE)
    case = Case(next_january(root, 2008), reference_in(2008))
    data = case.get("r1/draft/original.md").replace(b"11 and 12 March", b"11 and 13 March")
    sent(case, ordered(case, data, reason="The days were others."))

    review_year(case.office, 2008)

    (letter,) = westmere_in(case.office, 2008).letters
    assert letter.last_inspection_day == date(2008, 3, 13)
    assert letter.row.inspected_until == date(2008, 3, 12)


def annual_letter(office, root, day, written, carried, asked=None):
    """Issue the annual review of 2008 from its open draft; an answer lies at each carried place."""
    text = open_draft(
        westmere_in(office, 2008), kind=office.kinds["annual-review"], register=office.register
    ).decode()
    text = text.replace(f"'{DATE}'", written).replace(f"'{SIGNATORY}'", "Harriet Elmsley")
    text = re.sub(r"\[Insert the grade[^]]*\]", "performs well", text)
    text = text.replace(JUDGEMENT, "Children are kept safe.")
    text = text.replace(f"'{ADDRESS}'", "Director of Children’s Services")
    if asked is not None:
        text = text.replace(f"\n- {LATE}\n", f"\n- {asked}\n")
    office = at(root, day)
    return issue(office, answering(office, text.encode(), carried=carried))[0]


def test_areas_that_the_annual_letter_lists_again_are_carried_over_and_not_raised(tmp_path):
    root = tmp_path / "office"
    issue_in(root, 2008, LATE, SLOW)
    office = next_january(root, 2008)
    review_year(office, 2008)
    before = westmere_in(office, 2008)
    places = ("areas-for-development/1", "areas-for-development/2")
    case = annual_letter(office, root, date(2009, 2, 2), "2 February 2009", places)

    review_year(case.office, 2008)

    told = westmere_in(case.office, 2008)
    assert [(area.text, area.letters) for area in told.still_open] == [
        (text, (reference_in(2008), case.reference)) for text in (LATE, SLOW)
    ]
    assert told.figures == before.figures.model_copy(update={"letters": 2})
    assert told.findings_by_section == before.findings_by_section

    issue_in(root, 2009, NEW, waived=("areas-for-development/2",))
    office = next_january(root, 2009)
    review_year(office, 2009)

    told = westmere_in(office, 2009)
    assert areas_told(told.ended) == [(LATE, "answered"), (SLOW, "waived")]
    assert areas_told(told.still_open) == [(NEW, "open")]


def test_an_annual_letter_ends_areas_of_a_letter_of_the_year_after(tmp_path):
    root = tmp_path / "office"
    issue_in(root, 2008, LATE)
    office = next_january(root, 2008)
    review_year(office, 2008)
    issue_in(root, 2009, SLOW)
    case = annual_letter(office, root, date(2009, 5, 5), "5 May 2009", ("judgement/2",))
    issue_in(root, 2010, NEW)
    office = next_january(root, 2010)

    review_year(office, 2010)

    told = [westmere_in(office, year) for year in (2008, 2009, 2010)]
    assert [each.reference for each in told[0].ends_ahead] == [reference_in(2009)]
    assert [(area.text, area.end.reference) for area in told[1].raised] == [(SLOW, case.reference)]
    assert (told[1].ends_ahead, told[1].figures.answered) == ((), 2)
    assert areas_told(told[2].still_open) == [(NEW, "open")]


def test_an_area_that_the_annual_letter_repeats_was_raised_by_the_letter_of_the_year_after(
    tmp_path,
):
    root = tmp_path / "office"
    issue_in(root, 2008, LATE)
    review_year(next_january(root, 2008), 2008)
    issue_in(root, 2009, SLOW)
    case = annual_letter(
        next_january(root, 2008),
        root,
        date(2009, 5, 5),
        "5 May 2009",
        ("areas-for-development/1",),
        asked=SLOW,
    )
    issue_in(root, 2010, NEW)
    office = next_january(root, 2010)

    review_year(office, 2010)

    told = [westmere_in(office, year) for year in (2008, 2009, 2010)]
    assert areas_told(told[0].raised) == [(LATE, "open")]
    assert [area.reference for area in told[0].asks_ahead] == [case.reference]
    (raised,) = told[1].raised
    assert (raised.text, raised.letters) == (SLOW, (reference_in(2009), case.reference))
    assert (areas_told(told[1].ended), told[1].asks_ahead) == ([(LATE, "answered")], ())
    assert areas_told(told[2].ended) == [(SLOW, "answered")]
    assert [each.figures.raised for each in told] == [1, 1, 1]


def test_of_what_a_year_leaves_open_later_letters_tell_what_was_answered_since(root):
    office = at(root, date(2009, 9, 1))
    review_year(office, 2008)
    told = westmere_in(office, 2008)
    assert areas_told(told.still_open) == [(LATE, "open"), (SLOW, "open")]

    since = ended_since(office, told, open_year(office, 2008).ledger)

    assert areas_told(since) == [(LATE, "answered"), (SLOW, "waived")]
    draft = open_draft(
        told, kind=office.kinds["annual-review"], register=office.register, since=since
    ).decode()
    assert "0 answered or closed; 2 have been answered or closed since; 0 are open now." in draft
    assert f"“{LATE}” Raised on 7 April 2008" in draft
    assert NO_AREAS in draft


def test_a_case_whose_trail_is_gone_is_damaged(root):
    office = next_january(root, 2010)
    shutil.rmtree(root / "archive" / Case(office, reference_in(2010)).prefix / "audit")
    shutil.rmtree(root / "witness")

    office = next_january(root, 2010)
    review_year(office, 2010)

    (row,) = westmere_in(office, 2010).damaged
    assert (row.reference, row.message) == (reference_in(2010), "The case's trail is gone.")


def test_a_letter_of_a_kind_that_is_no_more_is_told_as_it_was_or_is_named(root):
    office = next_january(root, 2010)
    review_year(office, 2010)
    kept = westmere_in(office, 2010)
    kinds = {k: kind for k, kind in office.kinds.items() if k != "unannounced-inspection"}
    without = next_january(root, 2010, kinds=kinds)
    (westmere,) = office.register.authorities

    again = gather(without, westmere, open_year(without, 2010))
    unknown = review_authority(without, westmere, 2010, ledger=open_year(without, 2010).ledger)

    assert again.tells_as(kept)
    assert ([row.code for row in unknown.damaged], unknown.is_whole) == (["kind-unknown"], False)


def test_samples_count_only_where_nothing_is_sent_in_earnest(root):
    trying_out = next_january(root, 2010)
    live = replace(trying_out, settings=settings_that_lock(root, "governance"))
    (westmere,) = trying_out.register.authorities

    counted, left_out = (
        review_authority(office, westmere, 2010, ledger=read_year_ledger(office, 2010))
        for office in (trying_out, live)
    )

    assert (counted.figures.letters, counted.figures.inspections, len(counted.raised)) == (1, 1, 1)
    assert [(each.row.is_sample, each.left_out) for each in left_out.letters] == [(True, "sample")]
    assert (left_out.raised, left_out.is_inspected, left_out.figures.in_time) == ((), False, 0)
