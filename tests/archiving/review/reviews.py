"""Reviews for tests: an invented authority over three years, and what is out of the ordinary."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from letters.letter import Authority
from letters.review import (
    Area,
    AreaEnd,
    AuthorityReview,
    NotReviewed,
    ReviewedLetter,
    SectionCount,
    YearFigures,
    YearReview,
    total,
)
from letters.working_days import nth_working_day_after
from letters.year import AsOf, DamagedRow, LetterRow

ORGANISATION = "Inspectorate of Children’s Services"
WESTMERE = Authority(code="westmere", name="Westmere Borough Council", short_name="Westmere")
UNANNOUNCED = "Annual unannounced inspection of contact, referral and assessment arrangements"
HEAD = "3f" * 32
AS_OF = AsOf(seq=412, head=HEAD, at="2012-01-09T07:30:00.000Z")

TEXTS = (
    "The reasons for a manager’s decision are not always written down. In nine of the files that"
    " we read it was clear what had been decided and by whom, but not why.",
    "Chronologies are begun in most cases but seldom kept up to date.",
    "Fathers who live apart from their children are too rarely contacted during an assessment,"
    " even where they share parental responsibility.",
    "Supervision takes place regularly, yet its records are mostly lists of tasks.",
    "Parents receive a copy of the assessment only if they ask for it.",
    "Interpreters are booked late: in 3 * 4 cases a child of the family had interpreted.",
)


def a_row(reference: str = "CRA-WESTMERE-2011-03-08", **changes: Any) -> LetterRow:
    """A letter that was issued, everyone's copy accepted after so many working `days`."""
    until = changes.pop("inspected_until", date(2011, 3, 9))
    days = changes.pop("days", 18)
    came = None
    if until is not None and days is not None:
        came = f"{nth_working_day_after(until, days)}T10:00:00.000Z"
    fields: dict[str, Any] = {
        "reference": reference,
        "authority": WESTMERE.name,
        "kind": "unannounced-inspection",
        "is_sample": False,
        "state": "issued",
        "rounds": 1,
        "revision": 1,
        "inspected_until": until,
        "drafted_at": "2011-03-10T09:00:00.000Z",
        "packed_at": came,
        "sign_offs": (),
        "signed_at": came,
        "archived_at": came,
        "first_accepted_at": came,
        "last_accepted_at": came,
        "issued_at": came,
        "deadline_working_days": None if until is None else 20,
        **dict.fromkeys(("returns", "overrides", "clearances", "retries", "settlements"), 0),
        **dict.fromkeys(("in_doubt", "refused", "bounced", "replacements"), 0),
        "recipients": 5,
        "attempts": 5,
        "case_head": f"94:{'0' * 64}",
    }
    return LetterRow(**(fields | changes))


def a_reviewed_letter(
    reference: str = "CRA-WESTMERE-2011-03-08",
    day: date | None = date(2011, 4, 4),
    findings: tuple[int, int, int] = (6, 9, 3),
    title: str = UNANNOUNCED,
    **changes: Any,
) -> ReviewedLetter:
    """A letter with so many strengths, points of satisfactory practice and areas."""
    headings = ("Strengths", "Satisfactory practice", "Areas for development")
    return ReviewedLetter(
        row=a_row(reference, **changes),
        title=title,
        date=day,
        sections=tuple(
            SectionCount(
                key="-".join(heading.lower().split()),
                heading=heading,
                findings=number,
                raises_areas=heading == headings[-1],
            )
            for heading, number in zip(headings, findings, strict=True)
        )
        if day is not None
        else (),
    )


def an_area(text: str, number: int = 1, **changes: Any) -> Area:
    """An area that the letter of March 2011 raised, unless said otherwise."""
    fields: dict[str, Any] = {
        "reference": "CRA-WESTMERE-2011-03-08",
        "place": f"areas-for-development/{number}",
        "text": text,
        "date": date(2011, 4, 4),
    }
    return Area(**(fields | changes))


def some_figures(year: int, **changes: int) -> YearFigures:
    """A year of two inspections."""
    fields = {
        "inspections": 2, "letters": 3, "findings": 31, "raised": 5, "answered": 3,
        "still_open": 4, "in_time": 2, "late": 0, "in_doubt": 0,
    }  # fmt: skip
    return YearFigures(year=year, **(fields | changes))


ANSWERED = AreaEnd(
    how="answered",
    reference="CRA-WESTMERE-2011-03-08",
    place="satisfactory-practice/4",
    date=date(2011, 4, 4),
)
WAIVED = AreaEnd(
    how="waived",
    reference="CRA-WESTMERE-2011-03-08",
    why="The service closed in May 2010.",
    date=date(2011, 4, 4),
)
OLD: dict[str, Any] = {"reference": "CRA-WESTMERE-2010-02-02", "date": date(2010, 3, 1)}
OLDEST: dict[str, Any] = {"reference": "CRA-WESTMERE-2009-06-16", "date": date(2009, 7, 14)}


def a_review(**changes: Any) -> AuthorityReview:
    """Westmere's 2011: two inspections, one of them late and in doubt; two years before it."""
    raised = (
        an_area(TEXTS[0], 1),
        an_area(
            TEXTS[1],
            2,
            end=AreaEnd(
                how="answered",
                reference="CRA-WESTMERE-2011-09-13",
                place="strengths/2",
                date=date(2011, 10, 24),
            ),
        ),
        an_area(TEXTS[2], 3),
        an_area(TEXTS[3], 1, reference="CRA-WESTMERE-2011-09-13", date=date(2011, 10, 24)),
    )
    earlier_open = an_area(TEXTS[5], 4, **OLDEST)
    fields: dict[str, Any] = {
        "year": 2011,
        "authority": WESTMERE,
        "as_of": AS_OF,
        "letters": (
            a_reviewed_letter(
                "ANR-WESTMERE-2011",
                date(2011, 1, 24),
                (2, 0, 1),
                title="Annual review of children's services",
                inspected_until=None,
                kind="annual-review",
            ),
            a_reviewed_letter(),
            a_reviewed_letter(
                "CRA-WESTMERE-2011-09-13",
                date(2011, 10, 24),
                (4, 5, 1),
                inspected_until=date(2011, 9, 14),
                days=28,
                in_doubt=1,
                bounced=2,
            ),
        ),
        "raised": raised,
        "ended": (
            an_area(TEXTS[4], 2, end=ANSWERED, **OLD),
            an_area("The team in Wellgate is short of two workers.", 5, end=WAIVED, **OLD),
        ),
        "still_open": (earlier_open, *(area for area in raised if area.is_open)),
        "history": (some_figures(2009), some_figures(2010, raised=4, still_open=3, late=1)),
        "previous": "ab" * 32,
    }
    return AuthorityReview(**(fields | changes))


def an_empty_review(**changes: Any) -> AuthorityReview:
    """A year in which there was nothing, and none before it."""
    return AuthorityReview(**({"year": 2011, "authority": WESTMERE, "as_of": AsOf()} | changes))


def a_crowded_review(areas: int = 60) -> AuthorityReview:
    """Very long names, many areas, many letters, damage of every sort, ten years."""
    code = "-".join(["kirkby-overblow-with-stainburn"] * 2)[:60].strip("-")
    name = "The Metropolitan Borough Council of " + " ".join(["Kirkby Overblow-with-Stainburn"] * 5)
    authority = Authority(code=code, name=name, short_name=name[:80])
    first = date(2011, 1, 4)
    letters = []
    for number in range(36):
        day = first + timedelta(days=7 * number)
        is_open = number > 33
        letters.append(
            a_reviewed_letter(
                f"CRA-{code.upper()}-{day}",
                None if is_open else day + timedelta(days=40),
                inspected_until=day,
                days=None if is_open else 5 + number,
                state="awaiting-sign-off" if is_open else "issued",
                in_doubt=number % 3,
                authority=name,
            )
        )
    raised = tuple(
        an_area(
            f"{TEXTS[number % len(TEXTS)]} {'This was so in every team. ' * (number % 9)}".strip(),
            number % 5 + 1,
            reference=letters[number // 5].row.reference,
            date=letters[number // 5].date,
        )
        for number in range(areas)
    )
    return AuthorityReview(
        year=2011,
        authority=authority,
        as_of=AS_OF,
        letters=tuple(letters),
        raised=raised,
        still_open=raised,
        damaged=(
            DamagedRow(
                reference=f"CRA-{code.upper()}-2011-12-01",
                code="chain-broken",
                message="The chain has a gap \u202e after entry 12.",
                where=f"cases/2011/{code}/audit/00000013.json",
            ),
            DamagedRow(reference="CRA-X-2011-12-02", code="disposed", message="Its time was up."),
        ),
        history=tuple(
            some_figures(year, raised=1234, still_open=90 * (year - 2000))
            for year in range(2001, 2011)
        ),
    )


def many_reviews(number: int = 152) -> tuple[AuthorityReview, ...]:
    """Reviews of so many authorities, each year of them another."""
    reviews = []
    for index in range(number):
        code = f"mere-{index:03}"
        authority = Authority(
            code=code, name=f"{'North ' if index % 2 else ''}Mere {index} Council", short_name=code
        )
        changes: dict[str, Any] = {"authority": authority}
        if index % 19 == 7:
            changes |= {"letters": (), "raised": (), "ended": ()}
        else:
            until = date(2011, 3, 9) + timedelta(days=index)
            waits = index % 31 == 0
            changes["letters"] = (
                a_reviewed_letter(
                    f"CRA-{code.upper()}-2011-03-08",
                    None if waits else date(2011, 4, 4),
                    authority=authority.name,
                    inspected_until=until,
                    days=None if waits else 10 + index * 7 % 17,
                    state="awaiting-sign-off" if waits else "issued",
                    deadline_working_days=60 if index % 5 == 0 else 20,
                    in_doubt=int(index % 40 == 0),
                ),
            )
        reviews.append(a_review(**changes))
    return tuple(reviews)


def a_year(number: int = 152, **changes: Any) -> YearReview:
    """The year of so many authorities, two of which could not be reviewed."""
    reviews = many_reviews(number)
    histories = zip(*(review.history for review in reviews), strict=True)
    fields: dict[str, Any] = {
        "year": 2011,
        "as_of": AS_OF,
        "authorities": reviews,
        "not_reviewed": tuple(
            NotReviewed(
                authority=Authority(code=name.lower(), name=f"{name} Council", short_name=name),
                code="chain-broken",
                message="The chain of the last review can’t be read.",
            )
            for name in ("Eastmere", "Upmere")
        ),
        "history": tuple(total(each[0].year, each) for each in histories),
    }
    return YearReview(**(fields | changes))
