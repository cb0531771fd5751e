"""One year that is reviewed: what its authorities' reviews share, and what it is made of.

A year is told after the one before, whose summary says how far the ledger was read for it,
which later letters it knew of, and which reviews it is made of: on those alone the year is
built. An authority of which the year before could not be told is not told of either, until
it can. What an authority's cases tell is for `gather.py`; which years and authorities are to
be told at all, for `lacking.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from letters.errors import LettersError
from letters.letter import Authority
from letters.review import (
    YEARS_BACK,
    AuthorityReview,
    NamedReview,
    NotReviewed,
    YearFigures,
    YearReview,
    YearSummary,
    total,
)
from letters.year import AsOf
from tasks.archiving.review.gather import review_authority
from tasks.archiving.review.keep import (
    FOLDER,
    Kept,
    authority_record,
    last_summary,
    named_review,
)
from tasks.archiving.year_ledger import YearLedger, read_year_ledger, year_of
from tasks.case.office import Office

_YEAR = re.compile(r"(?:19|[2-9][0-9])[0-9]{2}")


class EarlierNotReviewed(LettersError):
    """An authority's year can't be told, as the one before could not be."""

    code = "earlier-not-reviewed"


class Year(NamedTuple):
    """A year that is being reviewed: what all of its authorities' reviews share."""

    year: int
    ledger: YearLedger
    own: YearSummary | None
    """Its summary, where it was reviewed before."""
    previous: Kept[YearSummary] | None
    """Of the last year before that has one."""


def known_years(office: Office) -> list[int]:
    """List the years that have cases or a review, in order."""
    names = {*office.store.folders("cases"), *office.store.folders(FOLDER)}
    return sorted(int(name) for name in names if _YEAR.fullmatch(name))


def open_year(office: Office, year: int) -> Year:
    """Read what a year begins with: its summary, the one before it, and the ledger since."""
    kept = last_summary(office, year)
    own = None if kept is None else kept.review
    before = [one for one in known_years(office) if one < year]
    summaries = (last_summary(office, one) for one in reversed(before[-YEARS_BACK:]))
    previous = next((each for each in summaries if each is not None), None)
    if previous is None:
        return Year(year, read_year_ledger(office, year), own, None)
    told = previous.review
    # The year before may have been made anew since this one was made first.
    read = [told.as_of] if own is None else [told.as_of, own.as_of]
    since = min(read, key=lambda as_of: as_of.seq)
    ledger = read_year_ledger(
        office, year, since=since, ahead=told.ahead, disposed_before=told.disposed
    )
    return Year(year, ledger, own, previous)


def gather(office: Office, authority: Authority, opened: Year) -> AuthorityReview:
    """Tell an authority's year from its cases and its last review before; keeps nothing.

    An authority is called what it was when the year was told first. Raises ReviewDamaged,
    EarlierNotReviewed, and the errors of a store that can't be reached.
    """
    previous = previous_review(office, authority.code, opened)
    kept = kept_review(office, authority.code, opened)
    return review_authority(
        office,
        authority if kept is None else kept.review.authority,
        opened.year,
        ledger=opened.ledger,
        previous=None if previous is None else previous.review,
        previous_sha256="" if previous is None else previous.sha256,
        kept=None if kept is None else kept.review,
    )


def kept_review(office: Office, code: str, opened: Year) -> Kept[AuthorityReview] | None:
    """Find an authority's review of the year that held last, as its summary names it.

    Raises ReviewDamaged.
    """
    named = _named_in_own(code, opened)
    return None if named is None else named_review(office, opened.year, named)


def previous_review(office: Office, code: str, opened: Year) -> Kept[AuthorityReview] | None:
    """Find an authority's review of the year before, as the summary of that one names it.

    Whom that didn't tell of begins anew. Raises ReviewDamaged, and EarlierNotReviewed where
    it could not tell of it.
    """
    named = named_before(code, opened)
    if opened.previous is None or named is None:
        return None
    return named_review(office, opened.previous.review.year, named)


def summarise(
    office: Office,
    opened: Year,
    kept: Iterable[Kept[AuthorityReview]],
    not_reviewed: Iterable[NotReviewed] = (),
    looked_back: AsOf | None = None,
) -> YearSummary:
    """Put together what is kept of the whole year.

    `looked_back` is how far the ledger had been read when the years before were looked at.
    """
    reviews = sorted(kept, key=lambda each: each.review.authority.code)
    named = tuple(_named(office, each) for each in reviews)
    missing = sorted(not_reviewed, key=lambda each: each.authority.code)
    set_aside = (_named_in_own(each.authority.code, opened) for each in missing)
    previous = None if opened.previous is None else opened.previous.review
    is_awaited = any(each.is_awaited for each in named)
    return YearSummary(
        year=opened.year,
        as_of=opened.ledger.as_of,
        looked_back=looked_back,
        figures=total(opened.year, (each.review.figures for each in reviews)),
        reviews=named,
        not_reviewed=tuple(missing),
        history=_history(previous),
        ahead=opened.ledger.ahead,
        disposed={
            name: by
            for name, by in opened.ledger.disposed.items()
            if (year_of(name) or 0) > opened.year
        },
        previous="" if opened.previous is None else opened.previous.sha256,
        awaited=(
            *(() if previous is None else previous.awaited),
            *((opened.year,) if is_awaited else ()),
        ),
        set_aside=tuple(each for each in set_aside if each is not None),
    )


def year_review(summary: YearSummary, reviews: Sequence[AuthorityReview]) -> YearReview:
    """Tell the whole year, for those who make files of it, from its parts."""
    return YearReview(
        year=summary.year,
        as_of=summary.as_of,
        authorities=tuple(sorted(reviews, key=lambda each: each.authority.code)),
        not_reviewed=summary.not_reviewed,
        history=summary.history,
    )


def _named_in_own(code: str, opened: Year) -> NamedReview | None:
    """Find what the year's summary names an authority's review that held last."""
    if opened.own is None:
        return None
    named = (*opened.own.reviews, *opened.own.set_aside)
    return next((each for each in named if each.code == code), None)


def named_before(code: str, opened: Year) -> NamedReview | None:
    """Find what the summary of the year before names an authority's review, if it knows of it."""
    if opened.previous is None:
        return None
    before = opened.previous.review
    for missing in before.not_reviewed:
        if missing.authority.code == code:
            raise _earlier_not_reviewed(before.year, missing)
    return before.review_of(code)


def _earlier_not_reviewed(year: int, missing: NotReviewed) -> EarlierNotReviewed:
    is_repeated = missing.code == EarlierNotReviewed.code
    said = f"Its review of {year} could not be made: {missing.message} [{missing.code}]"
    return EarlierNotReviewed(
        missing.message if is_repeated else said,
        remedy="Mend that, and review the year again: the earlier one is made first.",
    )


def _named(office: Office, kept: Kept[AuthorityReview]) -> NamedReview:
    review = kept.review
    code = review.authority.code
    seq, head = authority_record(office, review.year, code).chain.head()
    told = (each.row.punctuality(review.as_of.at) for each in review.letters)
    return NamedReview(
        code=code,
        number=kept.number,
        sha256=kept.sha256,
        seq=seq,
        head=head,
        still_open=len(review.still_open),
        is_awaited="open" in told,
    )


def _history(previous: YearSummary | None) -> tuple[YearFigures, ...]:
    return () if previous is None else (*previous.history, previous.figures)[-YEARS_BACK:]
