"""An authority's year in figures, and when two reviews tell the same."""

from __future__ import annotations

from datetime import date

import pytest

from letters.canonical import stored_json
from letters.review import (
    Area,
    AreaEnd,
    AuthorityReview,
    DisposedBy,
    NamedReview,
    NotReviewed,
    ReviewedLetter,
    SectionCount,
    YearFigures,
    YearReview,
    YearSummary,
    total,
)
from letters.year import DISPOSED, AsOf, DamagedRow
from tests.builders import WESTMERE
from tests.letters.checking import cases
from tests.letters.test_year import a_row, at

DATED = date(2011, 3, 14)
AS_OF = AsOf(seq=94, head="1" * 64, at=at("2011-12-30"))
ELSEWHERE = WESTMERE.model_copy(update={"code": "eastmere"})

STRENGTHS = SectionCount(key="strengths", heading="Strengths", findings=3)
AREAS = SectionCount(
    key="areas-for-development", heading="Areas for development", findings=2, raises_areas=True
)


def a_reviewed_letter(*, day=DATED, sections=(STRENGTHS, AREAS), left_out="", **row):
    """A letter that was issued in time, with three strengths and two areas."""
    return ReviewedLetter(
        row=a_row(**row),
        title="Unannounced inspection",
        date=day,
        sections=sections,
        left_out=left_out,
    )


def an_area(number=1, *, day=DATED, end=None):
    return Area(
        reference=f"CRA-WESTMERE-{day.year}-03-08",
        place=f"areas-for-development/{number}",
        text=f"Number {number} is late.",
        date=day,
        end=end,
    )


ANSWERED = AreaEnd(
    how="answered", reference="CRA-WESTMERE-2011-09-06", place="strengths/1", date=DATED
)
WAIVED = AreaEnd(
    how="waived", reference="CRA-WESTMERE-2011-09-06", why="The team is no more.", date=DATED
)


def a_review(**changes):
    return AuthorityReview(**{"year": 2011, "authority": WESTMERE, "as_of": AS_OF} | changes)


def a_summary(**changes):
    return YearSummary(**{"year": 2011, "as_of": AS_OF, "figures": FIGURES} | changes)


def figures(year=2011, **counts):
    names = [name for name in YearFigures.model_fields if name != "year"]
    return YearFigures(year=year, **{name: counts.get(name, 0) for name in names})


FIGURES = figures(letters=1)


@pytest.mark.parametrize(
    ("review", "counted"),
    cases(
        {
            "nothing at all": ({}, {}),
            "a letter that was issued in time": (
                {"letters": (a_reviewed_letter(),)},
                {"inspections": 1, "letters": 1, "findings": 5, "in_time": 1},
            ),
            "one after its deadline": (
                {"letters": (a_reviewed_letter(last_accepted_at=at("2011-09-06")),)},
                {"inspections": 1, "letters": 1, "findings": 5, "late": 1},
            ),
            "one that is overdue and not issued": (
                {
                    "letters": (
                        a_reviewed_letter(
                            day=None, sections=(), last_accepted_at=None, state="awaiting-sign-off"
                        ),
                    )
                },
                {"late": 1},
            ),
            "an annual review is no inspection": (
                {"letters": (a_reviewed_letter(inspected_until=None),)},
                {"letters": 1},
            ),
            "a withdrawn letter is none, and its copies stay in doubt": (
                {"letters": (a_reviewed_letter(day=None, left_out="withdrawn", in_doubt=1),)},
                {"in_doubt": 1},
            ),
            "a sample among letters that were really sent is in no figure": (
                {"letters": (a_reviewed_letter(day=None, left_out="sample", in_doubt=1),)},
                {},
            ),
            "deliveries in doubt, of whatever letter": (
                {
                    "letters": (
                        a_reviewed_letter(in_doubt=2),
                        a_reviewed_letter(in_doubt=1, day=None, sections=()),
                    )
                },
                {"inspections": 1, "letters": 1, "findings": 5, "in_time": 2, "in_doubt": 3},
            ),
            "areas raised, of which one was answered in the same year": (
                {
                    "raised": (an_area(1, end=ANSWERED), an_area(2)),
                    "still_open": (an_area(2),),
                },
                {"raised": 2, "answered": 1, "still_open": 1},
            ),
            "areas of the year before, answered and waived": (
                {"ended": (an_area(1, end=ANSWERED), an_area(2, end=WAIVED))},
                {"answered": 2},
            ),
        }
    ),
)
def test_figures(review, counted):
    assert a_review(**review).figures == figures(**counted)


def test_findings_are_added_up_by_section_over_the_letters_that_hold():
    priority = SectionCount(key="priority", heading="Priority action", findings=1)
    review = a_review(
        letters=(
            a_reviewed_letter(),
            a_reviewed_letter(sections=(priority, STRENGTHS)),
            a_reviewed_letter(day=None, sections=(AREAS,)),
            a_reviewed_letter(inspected_until=None),
        )
    )

    assert review.findings_by_section == [
        ("Strengths", 6),
        ("Areas for development", 2),
        ("Priority action", 1),
    ]


@pytest.mark.parametrize(
    ("letters", "expected"),
    cases(
        {
            "not by no letter": ((), False),
            "not by a letter of the year": ((a_reviewed_letter(inspected_until=None),), False),
            "by one that waits": ((a_reviewed_letter(day=None),), True),
            "not by one that was withdrawn": (
                (a_reviewed_letter(day=None, left_out="withdrawn"),),
                False,
            ),
        }
    ),
)
def test_an_authority_is_inspected(letters, expected):
    assert a_review(letters=letters).is_inspected is expected


@pytest.mark.parametrize(
    ("letter", "state", "standing"),
    cases(
        {
            "issued": (a_reviewed_letter(), "issued", "issued"),
            "committed, its copies on their way": (
                a_reviewed_letter(state="archived"),
                "archived",
                "archived",
            ),
            "waiting to be issued first": (
                a_reviewed_letter(day=None, state="awaiting-sign-off"),
                "awaiting sign off",
                "awaiting sign off",
            ),
            "issued, and its correction waits": (
                a_reviewed_letter(state="awaiting-sign-off"),
                "issued",
                "issued, its change awaiting sign off",
            ),
            "issued, and its correction was returned": (
                a_reviewed_letter(state="returned"),
                "issued",
                "issued, its change returned",
            ),
            "withdrawn, and the withdrawal was issued": (
                a_reviewed_letter(day=None, left_out="withdrawn"),
                "withdrawn",
                "withdrawn",
            ),
        }
    ),
)
def test_the_state_of_a_letter_is_that_of_the_revision_in_force(letter, state, standing):
    assert (letter.state, letter.standing) == (state, standing)


@pytest.mark.parametrize(
    ("changes", "is_same"),
    cases(
        {
            "made later": ({"as_of": AsOf(seq=95, head="2" * 64, at=at("2011-12-31"))}, True),
            "a letter's trail has grown": (
                {"letters": (a_reviewed_letter(case_head=f"95:{'1' * 64}"),)},
                True,
            ),
            "a delivery bounced": ({"letters": (a_reviewed_letter(bounced=1),)}, False),
            "a letter is gone": ({"letters": ()}, False),
            "an area was answered": ({"still_open": ()}, False),
            "an answer is elsewhere": ({"ended": (an_area(2, end=WAIVED),)}, False),
            "the year before was told otherwise": ({"previous": "2" * 64}, False),
            "and in other figures": ({"history": (figures(2010),)}, False),
            "a letter is damaged": (
                {"damaged": (DamagedRow(reference="X", code="case-damaged", message="It is."),)},
                False,
            ),
            "the authority has another name": (
                {"authority": WESTMERE.model_copy(update={"name": "Westmere"})},
                False,
            ),
        }
    ),
)
def test_two_reviews_tell_the_same_where(changes, is_same):
    review = a_review(
        letters=(a_reviewed_letter(),),
        still_open=(an_area(),),
        ended=(an_area(2, end=ANSWERED),),
        previous="1" * 64,
    )

    assert review.tells_as(review.model_copy(update=changes)) is is_same


def test_a_letter_that_is_overdue_by_now_is_told_otherwise():
    waiting = a_reviewed_letter(day=None, sections=(), last_accepted_at=None)
    in_march, in_june = (AsOf(seq=9, at=at(day)) for day in ("2011-03-10", "2011-06-10"))

    before, after = (a_review(letters=(waiting,), as_of=as_of) for as_of in (in_march, in_june))

    assert not before.tells_as(after)


def named(**changes):
    fields = {"code": "westmere", "number": 1, "sha256": "1" * 64, "seq": 3, "head": "2" * 64}
    return NamedReview(**{"still_open": 0, "is_awaited": False} | fields | changes)


@pytest.mark.parametrize(
    ("changes", "is_same"),
    cases(
        {
            "made later": ({"as_of": AsOf(seq=95, head="2" * 64)}, True),
            "letters of the next year came": ({"ahead": ("CRA-WESTMERE-2012-03-08",)}, True),
            "a letter of the next year went": (
                {"disposed": {"ANR-WESTMERE-2012": DisposedBy(number=1, key="x", sha256="4" * 64)}},
                True,
            ),
            "a chain has grown": ({"reviews": (named(seq=4, head="3" * 64),)}, False),
            "the year before is another": ({"previous": "3" * 64}, False),
            "an authority's review is another": (
                {"reviews": (named(number=2, sha256="3" * 64),)},
                False,
            ),
            "an authority's can't be made": (
                {
                    "not_reviewed": (
                        NotReviewed(authority=WESTMERE, code="review-damaged", message="It is."),
                    )
                },
                False,
            ),
            "its figures are others": ({"figures": figures(letters=2)}, False),
            "those of the years before are": ({"history": (figures(2010),)}, False),
        }
    ),
)
def test_two_summaries_tell_the_same_where(changes, is_same):
    summary = a_summary(reviews=(named(),))

    assert summary.tells_as(summary.model_copy(update=changes)) is is_same


def test_a_review_comes_back_as_it_was_stored():
    review = a_review(
        letters=(a_reviewed_letter(), a_reviewed_letter(day=None, sections=())),
        raised=(an_area(1, end=ANSWERED), an_area(2, end=WAIVED), an_area(3)),
        still_open=(an_area(3),),
        history=(figures(2010, letters=3),),
        previous="1" * 64,
    )

    stored = stored_json(review.model_dump(mode="json"))

    assert AuthorityReview.model_validate_json(stored) == review


def test_a_summary_comes_back_as_it_was_stored():
    summary = a_summary(
        reviews=(named(),),
        ahead=("ANR-WESTMERE-2012",),
        disposed={"ANR-WESTMERE-2012": DisposedBy(number=1, key="x", sha256="4" * 64)},
        previous="1" * 64,
        awaited=(2010, 2011),
        set_aside=(named(code="eastmere"),),
    )

    stored = stored_json(summary.model_dump(mode="json"))

    assert YearSummary.model_validate_json(stored) == summary


def test_the_year_of_all_authorities():
    disposed = DamagedRow(reference="X", code=DISPOSED, message="Certificate 1.")
    year = YearReview(
        year=2011,
        as_of=AS_OF,
        authorities=(
            a_review(letters=(a_reviewed_letter(),), damaged=(disposed,)),
            a_review(authority=ELSEWHERE, raised=(an_area(),)),
        ),
    )

    assert year.figures == total(2011, (each.figures for each in year.authorities))
    assert year.figures == figures(letters=1, inspections=1, findings=5, in_time=1, raised=1)
    assert (list(year.not_inspected), year.is_whole) == ([ELSEWHERE], True)


def an_untold_row(reference="CRA-WESTMERE-2011-03-08", code=DISPOSED):
    return DamagedRow(reference=reference, code=code, message="It is gone.")


@pytest.mark.parametrize(
    ("review", "expected"),
    cases(
        {
            "nothing is untold": (a_review(), False),
            "a letter of an inspection was disposed of": (
                a_review(damaged=(an_untold_row(),)),
                True,
            ),
            "one is damaged": (a_review(damaged=(an_untold_row(code="chain-broken"),)), True),
            "another tells of one": (
                a_review(letters=(a_reviewed_letter(),), damaged=(an_untold_row(),)),
                False,
            ),
            "another was withdrawn": (
                a_review(
                    letters=(a_reviewed_letter(day=None, left_out="withdrawn"),),
                    damaged=(an_untold_row(),),
                ),
                True,
            ),
            "by its reference it is a letter a year": (
                a_review(damaged=(an_untold_row("ANR-WESTMERE-2011"),)),
                False,
            ),
        }
    ),
)
def test_whether_an_authority_was_inspected_cannot_be_told_where(review, expected):
    year = YearReview(year=2011, as_of=AS_OF, authorities=(review,))

    assert review.may_be_inspected is expected
    assert list(year.inspection_unknown) == ([WESTMERE] if expected else [])
    not_inspected = not expected and not review.is_inspected
    assert list(year.not_inspected) == ([WESTMERE] if not_inspected else [])


def test_a_year_of_which_an_authority_could_not_be_told_is_not_whole():
    failed = NotReviewed(authority=WESTMERE, code="review-damaged", message="It is.")

    assert not YearReview(year=2011, as_of=AS_OF, not_reviewed=(failed,)).is_whole
