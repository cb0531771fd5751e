"""The round of a year's review: in which order years and authorities are told of, kept and shown.

Owns that order, and that an authority which fails stops no other. Who does the authorities
of a year, one after another or several at once, is handed in. What a review says, how it is
kept and printed is `tasks.archiving`'s. Imports nothing of Prefect.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from letters.deadline import day_of
from letters.errors import LettersError, UsageError
from letters.kind import Kind
from letters.letter import Authority
from letters.reference import Reference
from letters.review import AuthorityReview, NotReviewed, YearReview, YearSummary
from letters.year import AsOf
from tasks.archiving.review.dossier import authority_files, whole_files
from tasks.archiving.review.gather import ended_since
from tasks.archiving.review.keep import Kept, keep_review, keep_summary
from tasks.archiving.review.lacking import authorities_of, authorities_to_review, look_back
from tasks.archiving.review.laid_open import How, lay_open_draft
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
from tasks.case.ledger import Event, ledger_of
from tasks.case.office import Office

log = logging.getLogger("flows")

ANNUAL_REVIEW = "annual-review"
"""The kind of the letters for which drafts are laid down."""

BEGUN: Event = "review-begun"

DRAFT = "draft.md"

NO_LETTERS = "no-letters-yet"
"""The code of a year before the archive's first letter."""


class Reviewed(NamedTuple):
    """What became of one authority."""

    kept: Kept[AuthorityReview]
    is_new: bool
    """Whether it is another than the year's summary names, as it was found: show it.

    It stays new until the year is whole. Whatever cut an earlier attempt short after the review
    was kept, nobody may have been told of it.
    """
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
    """The codes of the authorities with a review that no summary had named before."""
    is_new: bool
    """Whether anything of the year is new."""
    drafts: dict[str, How]
    """What became of the open drafts, by the authorities' codes."""


class _ToTell(NamedTuple):
    """A year of the round."""

    opened: Year
    looked_back: AsOf | None
    """How far the ledger had been read when the round looked at the years before."""
    is_asked: bool
    """Whether it was asked for, or comes before one that was."""
    are_drafts_laid: bool


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
    _bring_to_today(office, year)
    before, looked_back = look_back(office, year)
    for earlier in before:
        opened = open_year(office, earlier)
        # Each year is opened later than the one before: what came between is left to see.
        looked_back = looked_back or opened.ledger.as_of
        told = _ToTell(opened, looked_back, is_asked=False, are_drafts_laid=False)
        _review(office, told, authorities_to_review(office, opened), do_all)
    opened = open_year(office, year)
    told = _ToTell(opened, looked_back, is_asked=True, are_drafts_laid=year < this_year)
    return _review(office, told, authorities_of(office, opened), do_all)


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


def _bring_to_today(office: Office, year: int) -> None:
    """Let the ledger know what day it is: a review judges deadlines by its last moment.

    In an office where nothing happened for weeks a letter would else be taken to be in time.
    """
    ledger, now = ledger_of(office), office.clock()
    last = ledger.part_after(ledger.head()[0]).at
    if last is None or day_of(datetime.fromisoformat(last)) < day_of(now):
        ledger.append("ledger", BEGUN, detail={"year": year})


def _review(
    office: Office, told: _ToTell, authorities: Sequence[Authority], do_all: DoAll
) -> Round:
    opened = told.opened

    def one(authority: Authority) -> Reviewed:
        return _review_authority(office, authority, opened, is_draft_laid=told.are_drafts_laid)

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
    summary = summarise(office, opened, kept_all, failed, told.looked_back)
    reviews = [each.review for each in kept_all]
    organisation = office.settings.letterhead.organisation
    is_new = False

    def make_files(kept: YearSummary) -> dict[str, bytes]:
        nonlocal is_new
        is_new = True
        try:
            return whole_files(year_review(kept, reviews), organisation=organisation)
        except Exception as error:
            if told.is_asked:
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
    kind = office.kinds.get(ANNUAL_REVIEW)

    def make_files(review: AuthorityReview) -> dict[str, bytes]:
        files = authority_files(review, organisation=office.settings.letterhead.organisation)
        if kind is not None:
            files[DRAFT] = draft_of(review, kind)
        return files

    def draft_of(review: AuthorityReview, kind: Kind) -> bytes:
        since = ended_since(office, review, opened.ledger) if is_draft_laid else ()
        return open_draft(review, kind=kind, register=office.register, since=since)

    kept = keep_review(office, gathered, make_files)
    is_new = not _is_named(kept, opened)
    is_written_to = authority in office.register.authorities
    if not (is_draft_laid and kind and is_written_to and kept.review.is_whole):
        return Reviewed(kept, is_new, None)
    try:
        return Reviewed(
            kept, is_new, _lay_draft(office, kept.review, kind, draft_of(kept.review, kind))
        )
    except LettersError as error:  # the review is kept all the same
        log.warning("The draft of %s could not be laid. %s", authority.code, error)
    except Exception as error:
        log.error("The draft of %s could not be laid.", authority.code, exc_info=error)
    return Reviewed(kept, is_new, "unwritable")


def _is_named(kept: Kept[AuthorityReview], opened: Year) -> bool:
    """Whether the year's summary names it, in force or set aside."""
    named = () if opened.own is None else (*opened.own.reviews, *opened.own.set_aside)
    told = (kept.review.authority.code, kept.number, kept.sha256)
    return any((each.code, each.number, each.sha256) == told for each in named)


def _lay_draft(office: Office, review: AuthorityReview, kind: Kind, data: bytes) -> How:
    code = review.authority.code
    return lay_open_draft(
        office,
        review.year,
        code,
        reference=str(Reference.of(kind.code, code, f"{review.year:04d}")),
        name=open_draft_name(review),
        data=data,
    )


def _not_reviewed(authority: Authority, error: Exception) -> NotReviewed:
    if isinstance(error, LettersError):
        return NotReviewed(authority=authority, code=error.code, message=error.message)
    log.error("%s could not be reviewed.", authority.code, exc_info=error)
    said = f"It could not be reviewed ({type(error).__name__}); the run's log tells more."
    return NotReviewed(authority=authority, code="review-failed", message=said)
