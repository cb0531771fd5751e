"""Years of letters to one authority, really issued, and reviews made as the flow makes them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from letters.letter import day_in_words
from letters.review import NotReviewed
from tasks.archiving.review.keep import (
    Kept,
    ReviewDamaged,
    keep_review,
    keep_summary,
    last_review,
)
from tasks.archiving.review.lacking import authorities_of, authorities_to_review, look_back
from tasks.archiving.review.year import (
    EarlierNotReviewed,
    gather,
    kept_review,
    open_year,
    summarise,
)
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.drafting.draft import compose_draft
from tasks.drafting.markdown.entries import with_entry
from tests.issuing import SHORT_DRAFT, a_sample_office, issue
from tests.offices import TickingClock

WHY = "The team was disbanded."

AREAS = re.compile(rb"(?<=## Areas for development\n\n).*?(?=\n---)", re.DOTALL)


def is_current(office, gathered):
    """Whether a review that tells the same is kept, with all that was made of it."""
    kept = last_review(office, gathered.year, gathered.authority.code)
    return kept is not None and kept.review.tells_as(gathered)


def first_day_in(year: int) -> date:
    """A Tuesday in March."""
    return next(
        day for day in (date(year, 3, 8) + timedelta(n) for n in count()) if day.weekday() == 1
    )


def reference_in(year: int) -> str:
    return f"CRA-WESTMERE-{first_day_in(year)}"


def draft_in(year: int, *areas: str) -> bytes:
    """The letter after the inspection of a year, which asks for `areas`."""
    first = first_day_in(year)
    second, dated = first + timedelta(1), first + timedelta(27)
    days = f"{first.day} and {day_in_words(second)}"
    told = SHORT_DRAFT.replace(b"8 and 9 March 2011", days.encode())
    told = told.replace(b"4 April 2011", day_in_words(dated).encode())
    items = "".join(f"- {area}\n" for area in areas or ("Write down why it was decided.",))
    return AREAS.sub(items.encode(), told)


def answering(
    office: Office,
    data: bytes,
    *,
    waived: tuple[str, ...] = (),
    carried: tuple[str, ...] = ("strengths/1",),
) -> bytes:
    """The draft, its first strength the answer to all that was asked for but what is waived.

    Or what is `carried`: the places of the answers, in order, the last for the rest.
    """
    places = [*carried]
    text = data.decode()
    composition = compose_draft(office, data, "draft.md")
    for problem in composition.problems:
        if problem.code != "earlier-area-unanswered":
            continue
        area = problem.place.removeprefix("earlier/")
        if area in waived:
            key, entry = "cleared", {"code": problem.code, "place": problem.place, "why": WHY}
            entry["words"] = problem.binding
        else:
            place = places.pop(0) if len(places) > 1 else places[0]
            key, entry = "answers", {"area": area, "place": place}
            entry["asked"] = composition.words.sha256_at(problem.place)
            entry["words"] = composition.words.sha256_at(place)
        text = with_entry(text, key, entry, source="draft.md")
    return text.encode()


def at(root, day: date, **overrides) -> Office:
    """The office as a process of that day finds it."""
    clock = TickingClock(datetime.combine(day, time(10), UTC))
    return a_sample_office(root, clock=clock, **overrides)


def in_april(root, year: int, **overrides) -> Office:
    """The office as it is when the letter of a year is written."""
    return at(root, first_day_in(year) + timedelta(27), **overrides)


def next_january(root, year: int, **overrides) -> Office:
    """The office as it is when a year is over."""
    return at(root, date(year + 1, 1, 9), **overrides)


def issue_in(root, year: int, *areas: str, waived: tuple[str, ...] = ()) -> Case:
    """Issue the letter of a year, answering what the last one asked for."""
    office = in_april(root, year)
    case, _ = issue(office, answering(office, draft_in(year, *areas), waived=waived))
    assert case.closed() is not None
    return case


def files_made(review) -> dict[str, bytes]:
    """What stands for a dossier and its charts."""
    told = f"{review.year}: {review.figures}".encode()
    return {"dossier.pdf": b"%PDF " + told, "dossier.csv": told, "charts/areas.svg": b"<svg/>"}


def no_files(review) -> dict[str, bytes]:
    raise AssertionError(f"made again: {review}")


def review_one_year(office: Office, year: int, *, make_files=files_made, is_asked=True) -> Kept:
    """Review a year: all authorities where it is asked for, else those that lack a review."""
    opened = open_year(office, year)
    wanted = authorities_of(office, opened) if is_asked else authorities_to_review(office, opened)
    failed, kept = [], {}
    for authority in authorities_of(office, opened):
        try:
            if authority in wanted:
                gathered = gather(office, authority, opened)
                kept[authority.code] = keep_review(office, gathered, make_files)
                assert is_current(office, gathered)
            else:
                kept[authority.code] = kept_review(office, authority.code, opened)
        except (ReviewDamaged, EarlierNotReviewed) as error:
            failed.append(NotReviewed(authority=authority, code=error.code, message=error.message))
    return keep_summary(office, summarise(office, opened, kept.values(), failed), make_files)


def years_to_review(office: Office, year: int) -> list[int]:
    """The earlier years that are to be reviewed before it."""
    return look_back(office, year).years


def review_year(office: Office, year: int, *, make_files=files_made) -> Kept:
    """Review a year, and before it those that it needs."""
    for earlier in years_to_review(office, year):
        review_one_year(office, earlier, make_files=make_files, is_asked=False)
    return review_one_year(office, year, make_files=make_files)


def westmere_in(office: Office, year: int):
    """The review of Westmere that holds."""
    kept = last_review(office, year, "westmere")
    assert kept is not None
    return kept.review
