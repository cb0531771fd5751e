"""Which reviews are to be made: of which years, and in a year of which authorities.

A year is told after the one before, whose summary says how far the ledger was read for it
and which later letters it knew of. What the ledger tells since of letters of earlier years
(issued late, corrected, withdrawn, closed) says which of those years must be looked at
again first, and for which authorities; all years after one that changed follow, for those
authorities. What only a case's own trail tells, such as an e-mail that bounced, is
seen when the year is asked for itself: then all its authorities are gathered. Nothing
here reads a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    last_review,
    last_summary,
)
from tasks.archiving.year_ledger import YearLedger, read_year_ledger, year_of
from tasks.case.case import Case, references_of
from tasks.case.office import Office


class Year(NamedTuple):
    """A year that is being reviewed: what all of its authorities' reviews share."""

    year: int
    ledger: YearLedger
    previous: YearSummary | None
    """Of the last year before that has one."""


def years_to_review(office: Office, year: int) -> list[int]:
    """List the earlier years that must be reviewed before `year`, in order.

    Of those that have cases or a review: all since the last complete one, and all from the
    first on of which the ledger tells something new. Raises the errors of a damaged review.
    """
    earlier = [one for one in _years(office) if one < year]
    lacking: list[int] = []
    for one in reversed(earlier):
        kept = last_summary(office, one)
        if kept is not None and not kept.review.not_reviewed:
            # Those before it were whole when it was made, but for what the ledger told since.
            ledger = read_year_ledger(office, year, since=kept.review.as_of)
            told = [year_of(name) or year for name in ledger.touched]
            first = min((each for each in told if each <= one), default=year)
            return [each for each in earlier if each >= first or each in lacking]
        lacking.append(one)
    return earlier


def open_year(office: Office, year: int) -> Year:
    """Read what a year begins with: the summary before it, and the ledger since."""
    before = [one for one in _years(office) if one < year]
    previous = None
    for one in reversed(before[-YEARS_BACK:]):
        kept = last_summary(office, one)
        if kept is not None:
            previous = kept.review
            break
    if previous is None:
        return Year(year, read_year_ledger(office, year), None)
    own = last_summary(office, year)
    # The year before may have been made anew since this one was made first.
    read = [previous.as_of] if own is None else [previous.as_of, own.review.as_of]
    since = min(read, key=lambda as_of: as_of.seq)
    ledger = read_year_ledger(office, year, since=since, ahead=previous.ahead)
    return Year(year, ledger, previous)


def authorities_of(office: Office, year: int) -> list[Authority]:
    """List the authorities that a year is to be told of: the register's, and whoever has letters.

    In order of their codes.
    """
    found = {one.code: one for one in office.register.authorities}
    for code in office.store.folders(f"cases/{year:04d}"):
        if code not in found:
            found[code] = _as_written_to(office, code, year)
    return [found[code] for code in sorted(found)]


def authorities_to_review(office: Office, opened: Year) -> list[Authority]:
    """List the authorities that lack a current review of the year, without reading a case.

    Those without one, those whose year before was made anew, and those of whose letters the
    ledger tells something since. One whose review is damaged is among them.
    """
    return [
        one for one in authorities_of(office, opened.year) if not _is_settled(office, one, opened)
    ]


def gather(office: Office, authority: Authority, opened: Year) -> AuthorityReview:
    """Tell an authority's year from its cases and its last review before; keeps nothing.

    Raises ReviewDamaged, and the errors of a store that can't be reached.
    """
    previous = previous_review(office, authority.code, opened)
    kept = last_review(office, opened.year, authority.code)
    return review_authority(
        office,
        authority,
        opened.year,
        ledger=opened.ledger,
        previous=None if previous is None else previous.review,
        previous_sha256="" if previous is None else previous.sha256,
        kept=None if kept is None else kept.review,
    )


def previous_review(office: Office, code: str, opened: Year) -> Kept[AuthorityReview] | None:
    """Find an authority's last review of a year before, in the last YEARS_BACK at most."""
    last = opened.year - 1 if opened.previous is None else opened.previous.year
    for year in range(last, last - YEARS_BACK, -1):
        kept = last_review(office, year, code)
        if kept is not None:
            return kept
    return None


def summarise(
    office: Office,
    opened: Year,
    kept: Iterable[Kept[AuthorityReview]],
    not_reviewed: Iterable[NotReviewed] = (),
) -> YearSummary:
    """Put together what is kept of the whole year."""
    reviews = sorted(kept, key=lambda each: each.review.authority.code)
    return YearSummary(
        year=opened.year,
        as_of=opened.ledger.as_of,
        figures=total(opened.year, (each.review.figures for each in reviews)),
        reviews=tuple(_named(office, each) for each in reviews),
        not_reviewed=tuple(sorted(not_reviewed, key=lambda each: each.authority.code)),
        history=_history(opened.previous),
        ahead=opened.ledger.ahead,
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
    return sorted(int(name) for name in names if name.isdigit() and len(name) == 4)


def _is_settled(office: Office, authority: Authority, opened: Year) -> bool:
    try:
        kept = last_review(office, opened.year, authority.code)
        if kept is None or kept.review.as_of.seq < opened.ledger.after:
            return False
        previous = previous_review(office, authority.code, opened)
    except TransientError:
        raise
    except LettersError:
        return False
    if kept.review.previous != ("" if previous is None else previous.sha256):
        return False
    return not any(
        seq > kept.review.as_of.seq and _is_about(name, authority.code, opened.year)
        for name, seq in opened.ledger.touched.items()
    )


def _is_about(name: str, code: str, year: int) -> bool:
    reference = Reference.parse(name)
    return (reference.authority_code, reference.year) == (code, f"{year:04d}")


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
    code = kept.review.authority.code
    seq, head = authority_record(office, kept.review.year, code).chain.head()
    return NamedReview(code=code, number=kept.number, sha256=kept.sha256, seq=seq, head=head)


def _history(previous: YearSummary | None) -> tuple[YearFigures, ...]:
    return () if previous is None else (*previous.history, previous.figures)[-YEARS_BACK:]
