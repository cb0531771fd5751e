"""What a review lacks: which years are to be told, and in a year which authorities.

What the ledger tells since of letters of earlier years (issued late, corrected, withdrawn,
closed) and of their summaries, and a deadline that still ran, say which of those years must
be looked at again first, and for which authorities; all years after one that changed follow,
for those authorities. What only a case's own trail tells, such as an e-mail that bounced, is
seen when the year is asked for itself: then all its authorities are gathered. Nothing here
reads a case, but for the name of an authority that nothing else knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from letters.errors import LettersError, TransientError
from letters.letter import Authority
from letters.reference import Reference
from letters.review import YearSummary
from letters.year import AsOf
from tasks.archiving.review.keep import last_summary, named_review
from tasks.archiving.review.year import (
    Year,
    kept_review,
    known_years,
    named_before,
    previous_review,
)
from tasks.archiving.year_ledger import YearLedger, read_year_ledger, year_of
from tasks.case.case import Case, references_of
from tasks.case.office import Office

_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
CODE_AT_MOST = 60
"""Characters of an authority's code: a folder of another name is none of ours."""


class LookedBack(NamedTuple):
    """What a look at the years before came to."""

    years: list[int]
    """That must be reviewed, in order."""
    as_of: AsOf | None
    """How far the ledger was read for that; None where no year was whole, and all are named."""


def look_back(office: Office, year: int) -> LookedBack:
    """Find the earlier years that must be reviewed before `year`.

    Of those that have cases or a review: all since the last complete one, and all from the
    first on of which the ledger tells something new, or in which a deadline ran when it was
    told of. Raises the errors of a damaged review.
    """
    earlier = [one for one in known_years(office) if one < year]
    lacking: list[int] = []
    for one in reversed(earlier):
        kept = last_summary(office, one)
        if kept is not None and not kept.review.not_reviewed:
            # Those before it were whole when it was made, but for what the ledger told since.
            since = kept.review.looked_back or kept.review.as_of
            ledger = read_year_ledger(office, year, since=since)
            told = [year_of(name) or year for name in ledger.touched]
            anew = [*told, *kept.review.awaited, *_outdated(office, earlier, ledger, kept.review)]
            first = min((each for each in anew if each <= one), default=year)
            years = [each for each in earlier if each >= first or each in lacking]
            return LookedBack(years, ledger.as_of)
        lacking.append(one)
    return LookedBack(earlier, None)


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


def _is_settled(office: Office, code: str, opened: Year) -> bool:
    """Whether the review that the year's summary names is current: else it is to be made."""
    named = None if opened.own is None else opened.own.review_of(code)
    if opened.own is None or named is None or named.is_awaited:
        return False
    try:
        kept = named_review(office, opened.year, named)
        previous = named_before(code, opened)
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
