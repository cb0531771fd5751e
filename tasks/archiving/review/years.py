"""Which reviews are to be made: of which years, and in a year of which authorities.

A year is told after the one before, whose summary says how far the ledger was read for it,
which later letters it knew of, and which reviews it is made of: on those alone the year is
built. An authority of which the year before could not be told is not told of either, until
it can. What the ledger tells since of letters of earlier years (issued late, corrected,
withdrawn, closed) and of their summaries, and a deadline that still ran, say which of those
years must be looked at again first, and for which authorities; all years after one that
changed follow, for those authorities. What only a case's own trail tells, such as an e-mail
that bounced, is seen when the year is asked for itself: then all its authorities are
gathered. Nothing here reads a case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from letters.errors import LettersError, TransientError
from letters.letter import Authority
from letters.reference import Reference
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
from tasks.archiving.review.gather import review_authority
from tasks.archiving.review.keep import (
    FOLDER,
    Kept,
    authority_record,
    last_summary,
    named_review,
)
from tasks.archiving.year_ledger import YearLedger, read_year_ledger, year_of
from tasks.case.case import Case, references_of
from tasks.case.office import Office

_YEAR = re.compile(r"(?:19|[2-9][0-9])[0-9]{2}")

_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
CODE_AT_MOST = 60
"""Characters of an authority's code: a folder of another name is none of ours."""


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


def years_to_review(office: Office, year: int) -> list[int]:
    """List the earlier years that must be reviewed before `year`, in order.

    Of those that have cases or a review: all since the last complete one, and all from the
    first on of which the ledger tells something new, or in which a deadline ran when it was
    told of. Raises the errors of a damaged review.
    """
    earlier = [one for one in _years(office) if one < year]
    lacking: list[int] = []
    for one in reversed(earlier):
        kept = last_summary(office, one)
        if kept is not None and not kept.review.not_reviewed:
            # Those before it were whole when it was made, but for what the ledger told since.
            ledger = read_year_ledger(office, year, since=kept.review.as_of)
            told = [year_of(name) or year for name in ledger.touched]
            anew = [*told, *kept.review.awaited, *_outdated(office, earlier, ledger, kept.review)]
            first = min((each for each in anew if each <= one), default=year)
            return [each for each in earlier if each >= first or each in lacking]
        lacking.append(one)
    return earlier


def open_year(office: Office, year: int) -> Year:
    """Read what a year begins with: its summary, the one before it, and the ledger since."""
    kept = last_summary(office, year)
    own = None if kept is None else kept.review
    before = [one for one in _years(office) if one < year]
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


def authorities_of(office: Office, opened: Year) -> list[Authority]:
    """List the authorities that a year is to be told of, in order of their codes.

    The register's, whoever has letters or had them, whoever was told of in it before, and of
    the year before those that left areas open or could not be told of.
    """
    found = {one.code: one for one in office.register.authorities}
    folders = office.store.folders(f"cases/{opened.year:04d}")
    codes = {code for code in folders if _CODE.fullmatch(code) and len(code) <= CODE_AT_MOST}
    codes |= {Reference.parse(name).authority_code for name in opened.ledger.letters}
    if opened.own is not None:
        codes |= {each.code for each in opened.own.reviews}
        codes |= {each.authority.code for each in opened.own.not_reviewed}
    if opened.previous is not None:
        codes |= {each.code for each in opened.previous.review.reviews if each.still_open}
        codes |= {each.authority.code for each in opened.previous.review.not_reviewed}
    for code in codes - found.keys():
        found[code] = _as_told(office, code, opened) or _as_written_to(office, code, opened.year)
    return [found[code] for code in sorted(found)]


def authorities_to_review(office: Office, opened: Year) -> list[Authority]:
    """List the authorities that lack a current review of the year, without reading a case.

    Those without one, those whose year before was made anew, those of whose letters the
    ledger tells something since, and those with a letter whose deadline ran. One whose review
    is damaged is among them.
    """
    return [
        one for one in authorities_of(office, opened) if not _is_settled(office, one.code, opened)
    ]


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
    named = _own_named(code, opened)
    return None if named is None else named_review(office, opened.year, named)


def previous_review(office: Office, code: str, opened: Year) -> Kept[AuthorityReview] | None:
    """Find an authority's review of the year before, as the summary of that one names it.

    Whom that didn't tell of begins anew. Raises ReviewDamaged, and EarlierNotReviewed where
    it could not tell of it.
    """
    named = _previous_named(code, opened)
    if opened.previous is None or named is None:
        return None
    return named_review(office, opened.previous.review.year, named)


def summarise(
    office: Office,
    opened: Year,
    kept: Iterable[Kept[AuthorityReview]],
    not_reviewed: Iterable[NotReviewed] = (),
) -> YearSummary:
    """Put together what is kept of the whole year."""
    reviews = sorted(kept, key=lambda each: each.review.authority.code)
    named = tuple(_named(office, each) for each in reviews)
    missing = sorted(not_reviewed, key=lambda each: each.authority.code)
    set_aside = (_own_named(each.authority.code, opened) for each in missing)
    previous = None if opened.previous is None else opened.previous.review
    is_awaited = any(each.is_awaited for each in named)
    return YearSummary(
        year=opened.year,
        as_of=opened.ledger.as_of,
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


def _years(office: Office) -> list[int]:
    names = {*office.store.folders("cases"), *office.store.folders(FOLDER)}
    return sorted(int(name) for name in names if _YEAR.fullmatch(name))


def _outdated(
    office: Office, earlier: Sequence[int], ledger: YearLedger, last: YearSummary
) -> Iterator[int]:
    """Find the years whose summary is built on another than the one kept of the year before.

    Where that one could not be told of whole, it is found itself: it is tried again.
    """
    for year, sha256 in ledger.reviewed.items():
        after = next((each for each in earlier if each > year), last.year + 1)
        if after < last.year:
            kept = last_summary(office, after)
            is_built_on_it = kept is not None and kept.review.previous == sha256
        else:
            is_built_on_it = after > last.year or last.previous == sha256
        if not is_built_on_it:
            changed = last_summary(office, year)
            yield year if changed is not None and changed.review.not_reviewed else after


def _own_named(code: str, opened: Year) -> NamedReview | None:
    """Find what the year's summary names an authority's review that held last."""
    if opened.own is None:
        return None
    named = (*opened.own.reviews, *opened.own.set_aside)
    return next((each for each in named if each.code == code), None)


def _previous_named(code: str, opened: Year) -> NamedReview | None:
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


def _is_settled(office: Office, code: str, opened: Year) -> bool:
    """Whether the review that the year's summary names is current: else it is to be made."""
    named = None if opened.own is None else opened.own.review_of(code)
    if opened.own is None or named is None or named.is_awaited:
        return False
    try:
        kept = named_review(office, opened.year, named)
        previous = _previous_named(code, opened)
    except TransientError:
        raise
    except LettersError:
        return False
    if kept.review.previous != ("" if previous is None else previous.sha256):
        return False
    return not any(
        seq > opened.own.as_of.seq and _is_about(name, code, opened.year)
        for name, seq in opened.ledger.touched.items()
    )


def _is_about(name: str, code: str, year: int) -> bool:
    reference = Reference.parse(name)
    return (reference.authority_code, reference.year) == (code, f"{year:04d}")


def _as_told(office: Office, code: str, opened: Year) -> Authority | None:
    """Tell an authority that the register knows no more as its last review names it."""
    try:
        kept = kept_review(office, code, opened) or previous_review(office, code, opened)
    except TransientError:
        raise
    except LettersError:
        return None
    return None if kept is None else kept.review.authority


def _as_written_to(office: Office, code: str, year: int) -> Authority:
    """Tell an authority that the register knows no more as its letters name it."""
    for reference in references_of(office, code, year):
        case = Case(office, str(reference))
        try:
            return case.letter(case.revisions()[-1]).authority
        except TransientError:
            raise
        except (LettersError, IndexError):
            continue
    return Authority(code=code, name=code, short_name=code)


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
