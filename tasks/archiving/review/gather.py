"""An authority's year as its cases tell it, and what the year before left open.

Reads the authority's folder of that year, the cases in it, and what the ledger tells of
the year (`year_ledger.py`); of earlier years only the review handed in. So a year costs
what lies in it. What came later of an earlier letter (issued late, corrected, withdrawn)
is in the review of that letter's own year, which is made anew first: which ones that are
is for `years.py`. No clock: as of when it speaks is the ledger's last moment.

How a review is kept is for `keep.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from letters.canonical import sha256_hex
from letters.earlier import AnsweredArea, EarlierAnswered, areas_of
from letters.letter import Authority, Letter
from letters.reference import Reference
from letters.review import (
    YEARS_BACK,
    Area,
    AreaEnd,
    AuthorityReview,
    ReviewedLetter,
    SectionCount,
)
from letters.year import DISPOSED, DamagedRow, LetterRow
from tasks.archiving.year_audit import as_archived, told_or_damaged
from tasks.archiving.year_ledger import YearLedger, year_of
from tasks.archiving.year_letter import tell_letter
from tasks.case.case import Case
from tasks.case.in_force import InForce, letter_in_force
from tasks.case.office import Office

_Asked = tuple[str, str, str]
"""An area: its letter, its place there, and the hash of its words."""


class _Told(NamedTuple):
    """What one letter adds to the review."""

    letter: ReviewedLetter
    raised: tuple[Area, ...] = ()
    ends: tuple[tuple[_Asked, AreaEnd], ...] = ()


def review_authority(
    office: Office,
    authority: Authority,
    year: int,
    *,
    ledger: YearLedger,
    previous: AuthorityReview | None = None,
    previous_sha256: str = "",
    kept: AuthorityReview | None = None,
) -> AuthorityReview:
    """Tell an authority's year.

    `previous` is the last review of a year before, as it is kept, and `previous_sha256` the
    hash of its stored bytes. `kept` is the review of this very year as it is kept, if it is:
    a letter of which something was disposed of since is told as it was told there. Raises
    the errors of a store that can't be reached.
    """
    office = as_archived(office)
    told: list[_Told] = []
    damaged: list[DamagedRow] = []
    for reference in _references(office, authority.code, year, ledger):
        one = told_or_damaged(Case(office, reference), _told, ledger)
        if isinstance(one, DamagedRow):
            was = _as_told(kept, reference) if one.code == DISPOSED else None
            if was is None:
                damaged.append(one)
            else:
                told.append(was)
        elif one is not None:
            told.append(one)
    ends = _first_ends(end for one in told for end in one.ends)
    raised = tuple(_ended(area, ends) for one in told for area in one.raised)
    before = () if previous is None else tuple(_ended(a, ends) for a in previous.still_open)
    still_open = [area for area in (*before, *raised) if area.is_open]
    return AuthorityReview(
        year=year,
        authority=authority,
        as_of=ledger.as_of,
        letters=tuple(one.letter for one in told),
        raised=raised,
        ended=tuple(area for area in before if not area.is_open),
        still_open=tuple(sorted(still_open, key=lambda area: area.date)),
        damaged=tuple(damaged),
        history=() if previous is None else (*previous.history, previous.figures)[-YEARS_BACK:],
        previous=previous_sha256,
    )


def _references(office: Office, code: str, year: int, ledger: YearLedger) -> list[str]:
    """Name the letters that lie in the authority's folder, and those the ledger knows of it."""
    lying = {key.split("/")[3] for key in office.store.list(f"cases/{year:04d}/{code}/")}
    names = (name for name in (*lying, *ledger.letters) if year_of(name) == year)
    return sorted({name for name in names if Reference.parse(name).authority_code == code})


def _told(case: Case) -> _Told | None:
    told = tell_letter(case)
    if told is None:
        return None
    in_force = letter_in_force(case)
    if in_force is None:
        title = case.letter(told.letter.revision).kind_title
        return _Told(ReviewedLetter(row=told.letter, title=title, date=None))
    return _of_issued(case, told.letter, in_force)


def _of_issued(case: Case, row: LetterRow, in_force: InForce) -> _Told:
    letter = in_force.letter
    kind = case.office.kinds.get(letter.kind)
    areas = () if kind is None else tuple(areas_of(letter, kind))
    raising = {area.place.partition("/")[0] for area in areas}
    answered = case.earlier_answered(in_force.revision)
    return _Told(
        ReviewedLetter(
            row=row,
            title=letter.kind_title,
            date=letter.date,
            sections=tuple(_counts(letter, raising)),
        ),
        raised=tuple(
            Area(reference=letter.reference, place=area.place, text=area.text, date=letter.date)
            for area in areas
        ),
        ends=() if answered is None else tuple(_ends(letter, answered)),
    )


def _counts(letter: Letter, raising: set[str]) -> Iterator[SectionCount]:
    for section in letter.sections:
        items = sum(passage.style == "item" for passage in section.passages)
        yield SectionCount(
            key=section.key,
            heading=section.heading,
            findings=items or len(section.passages),
            raises_areas=section.key in raising,
        )


def _ends(letter: Letter, answered: EarlierAnswered) -> Iterator[tuple[_Asked, AreaEnd]]:
    for area in answered.areas:
        yield (answered.reference, area.area, area.asked), _end(letter, area)


def _end(letter: Letter, area: AnsweredArea) -> AreaEnd:
    return AreaEnd(
        how="waived" if area.place is None else "answered",
        reference=letter.reference,
        place=area.place or "",
        why=area.why or "",
        date=letter.date,
    )


def _first_ends(ends: Iterable[tuple[_Asked, AreaEnd]]) -> dict[_Asked, AreaEnd]:
    """Map each area to what first ended it, by the letters' days."""
    found: dict[_Asked, AreaEnd] = {}
    for asked, end in sorted(ends, key=lambda each: (each[1].date, each[1].reference)):
        found.setdefault(asked, end)
    return found


def _ended(area: Area, ends: dict[_Asked, AreaEnd]) -> Area:
    end = ends.get(_asked(area))
    return area if end is None else area.model_copy(update={"end": end})


def _asked(area: Area) -> _Asked:
    return area.reference, area.place, sha256_hex(area.text.encode())


def _as_told(kept: AuthorityReview | None, reference: str) -> _Told | None:
    """Take a letter from the review that is kept, with what it raised and answered."""
    if kept is None:
        return None
    letter = next((each for each in kept.letters if each.row.reference == reference), None)
    if letter is None:
        return None
    return _Told(
        letter,
        raised=tuple(
            area.model_copy(update={"end": None})
            for area in kept.raised
            if area.reference == reference
        ),
        ends=tuple(
            (_asked(area), area.end)
            for area in (*kept.raised, *kept.ended)
            if area.end is not None and area.end.reference == reference
        ),
    )
