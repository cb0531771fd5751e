"""The round of a year's review: in which order years and authorities are told of, kept and shown.

Owns that order, and that an authority which fails stops no other. Who does the authorities
of a year, one after another or several at once, is handed in. What a review says, how it is
kept and printed is `tasks.archiving`'s. Imports nothing of Prefect.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from letters.deadline import day_of
from letters.errors import LettersError, UsageError
from letters.letter import Authority
from letters.reference import Reference
from letters.review import AuthorityReview, NotReviewed, YearReview, YearSummary
from tasks.archiving.review.dossier import authority_files, whole_files
from tasks.archiving.review.keep import Kept, keep_review, keep_summary
from tasks.archiving.review.lacking import authorities_of, authorities_to_review, years_to_review
from tasks.archiving.review.laid_open import How, OpenDraftUnwritable, lay_open_draft
from tasks.archiving.review.open_draft import open_draft, open_draft_name
from tasks.archiving.review.year import (
    Year,
    gather,
    kept_review,
    known_years,
    open_year,
    summarise,
    year_review,
)
from tasks.case.office import Office

log = logging.getLogger("flows")

ANNUAL_REVIEW = "annual-review"
"""The kind of the letters for which drafts are laid down."""

DRAFT = "draft.md"

NO_LETTERS = "no-letters-yet"
"""The code of a year before the archive's first letter."""


class Reviewed(NamedTuple):
    """What became of one authority."""

    kept: Kept[AuthorityReview]
    is_new: bool
    """Whether it was kept now, and not before."""
    draft: How | None
    """What became of its open draft; None where none is laid down."""


Outcome = tuple[Authority, Reviewed | Exception]
One = Callable[[Authority], Reviewed]
DoAll = Callable[[int, Sequence[Authority], One], Iterable[Outcome]]
"""Do each of a year's authorities, and tell what became of it as it comes."""


class Round(NamedTuple):
    """What a year's review came to."""

    review: YearReview
    new: tuple[str, ...]
    """The codes of the authorities whose review was kept now."""
    is_new: bool
    """Whether anything of the year was kept now."""
    drafts: dict[str, How]
    """What became of the open drafts, by the authorities' codes."""


def one_by_one(_year: int, authorities: Sequence[Authority], one: One) -> Iterator[Outcome]:
    """Do the authorities one after another, in this thread."""
    for authority in authorities:
        try:
            yield authority, one(authority)
        except Exception as error:  # it stops no other; what it was is told of it
            yield authority, error


def review_year(office: Office, year: int, do_all: DoAll) -> Round:
    """Review a year: its authorities, then the whole. Does only what is missing.

    Earlier years that were not reviewed yet, or changed since, come first. All authorities of
    `year` itself are looked at; of an earlier one only those of which something is new, and
    one whose whole dossier can't be made is kept without it. Drafts are laid down for `year`
    alone, once it is over. Raises UsageError for a year that no letter can be of, and for one
    before the archive's first, the errors of the ledger, and of a store that can't be reached.
    """
    this_year = day_of(office.clock()).year
    _require_begun(year, this_year)
    _require_letters(office, year)
    for earlier in years_to_review(office, year):
        opened = open_year(office, earlier)
        lacking = authorities_to_review(office, opened)
        _review(office, opened, lacking, do_all, is_asked=False, are_drafts_laid=False)
    opened = open_year(office, year)
    every, is_over = authorities_of(office, opened), year < this_year
    return _review(office, opened, every, do_all, is_asked=True, are_drafts_laid=is_over)


def _require_begun(year: int, this_year: int) -> None:
    if year > this_year:
        raise UsageError(
            f"The year {year} has not begun.",
            remedy=f"Review {this_year} or an earlier year.",
            code="year-not-begun",
        )


def _require_letters(office: Office, year: int) -> None:
    """Refuse a year before the first: what it kept would stand in every later review."""
    years = known_years(office)
    if not years or year < years[0]:
        raise UsageError(
            f"The archive holds no letter of {year}, or of any year before it.",
            remedy=f"Its first letter is of {years[0]}: name that year or a later one."
            if years
            else "There is nothing to review until the first letter is drafted.",
            code=NO_LETTERS,
        )


def _review(
    office: Office,
    opened: Year,
    authorities: Sequence[Authority],
    do_all: DoAll,
    *,
    is_asked: bool,
    are_drafts_laid: bool,
) -> Round:
    def one(authority: Authority) -> Reviewed:
        return _review_authority(office, authority, opened, is_draft_laid=are_drafts_laid)

    done: dict[str, Reviewed] = {}
    failed: list[NotReviewed] = []
    for authority, outcome in do_all(opened.year, authorities, one):
        if isinstance(outcome, Exception):
            failed.append(_not_reviewed(authority, outcome))
        else:
            done[authority.code] = outcome
    looked_at = {authority.code for authority in authorities}
    others = [
        kept
        for authority in authorities_of(office, opened)
        if authority.code not in looked_at
        and (kept := kept_review(office, authority.code, opened)) is not None
    ]
    kept_all = [*(each.kept for each in done.values()), *others]
    summary = summarise(office, opened, kept_all, failed)
    reviews = [each.review for each in kept_all]
    organisation = office.settings.letterhead.organisation
    is_new = False

    def make_files(kept: YearSummary) -> dict[str, bytes]:
        nonlocal is_new
        is_new = True
        try:
            return whole_files(year_review(kept, reviews), organisation=organisation)
        except Exception as error:
            if is_asked:
                raise
            log.error("The whole dossier of %d could not be made.", kept.year, exc_info=error)
            return {}

    review = year_review(keep_summary(office, summary, make_files).review, reviews)
    new = tuple(sorted(code for code, each in done.items() if each.is_new))
    drafts = {code: each.draft for code, each in sorted(done.items()) if each.draft is not None}
    return Round(review, new, is_new or bool(new), drafts)


def _review_authority(
    office: Office, authority: Authority, opened: Year, *, is_draft_laid: bool
) -> Reviewed:
    gathered = gather(office, authority, opened)
    is_new = False
    kind = office.kinds.get(ANNUAL_REVIEW)

    def make_files(review: AuthorityReview) -> dict[str, bytes]:
        nonlocal is_new
        is_new = True
        files = authority_files(review, organisation=office.settings.letterhead.organisation)
        if kind is not None:
            files[DRAFT] = open_draft(review, kind=kind, register=office.register)
        return files

    kept = keep_review(office, gathered, make_files)
    is_written_to = authority in office.register.authorities
    if not (is_draft_laid and kind and is_written_to and kept.review.is_whole):
        return Reviewed(kept, is_new, None)
    reference = Reference.of(kind.code, authority.code, f"{opened.year:04d}")
    try:
        laid = lay_open_draft(
            office,
            opened.year,
            authority.code,
            reference=str(reference),
            name=open_draft_name(kept.review),
            data=open_draft(kept.review, kind=kind, register=office.register),
        )
    except OpenDraftUnwritable as error:  # the review is kept all the same
        log.warning("%s", error)
        laid = "unwritable"
    return Reviewed(kept, is_new, laid)


def _not_reviewed(authority: Authority, error: Exception) -> NotReviewed:
    if isinstance(error, LettersError):
        return NotReviewed(authority=authority, code=error.code, message=error.message)
    log.error("%s could not be reviewed.", authority.code, exc_info=error)
    said = f"It could not be reviewed ({type(error).__name__}); the run's log tells more."
    return NotReviewed(authority=authority, code="review-failed", message=said)
