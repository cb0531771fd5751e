"""An authority's year as its cases tell it, and what the year before left open.

Reads the authority's folder of that year, the cases in it, and what the ledger tells of
the year (`year_ledger.py`); of earlier years only the review handed in. So a year costs
what lies in it. What came later of an earlier letter (issued late, corrected, withdrawn)
is in the review of that letter's own year, which is made anew first: which ones that are
is for `lacking.py`. No clock: as of when it speaks is the ledger's last moment.

How a review is kept is for `keep.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Literal, NamedTuple

from letters.change import ChangeKind
from letters.earlier import answers_in, areas_of
from letters.inspection import inspection_in
from letters.kind import Kind
from letters.letter import Authority, Letter, Placed
from letters.pack import Pack
from letters.reference import Reference
from letters.review import (
    YEARS_BACK,
    Area,
    AreaEnd,
    AuthorityReview,
    Ending,
    ReviewedLetter,
    SectionCount,
)
from letters.year import DISPOSED, DamagedRow, LetterRow
from tasks.archiving.review.follow import Said, follow
from tasks.archiving.year_audit import as_archived, told_or_damaged
from tasks.archiving.year_ledger import YearLedger, year_of
from tasks.archiving.year_letter import tell_letter
from tasks.case.case import Case, CaseDamaged
from tasks.case.in_force import InForce, is_withdrawn, letter_in_force, letters_before
from tasks.case.office import Office


class _Told(NamedTuple):
    """What one letter adds to the review."""

    letter: ReviewedLetter
    said: Said


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
    by it is told what of a letter was disposed of since. Raises the errors of a store that
    can't be reached.
    """
    office = as_archived(office)
    told: list[_Told] = []
    damaged: list[DamagedRow] = []
    for reference in _references(office, authority.code, year, ledger):
        case, was = Case(office, reference), _as_told(kept, reference)
        one = told_or_damaged(case, partial(_told, was=was), ledger)
        if isinstance(one, DamagedRow) and one.code == DISPOSED and was is not None:
            one = told_or_damaged(case, partial(_as_left, was=was), ledger)
        if isinstance(one, DamagedRow):
            damaged.append(one)
        elif one is not None:
            told.append(one)
    begins_with = () if previous is None else previous.still_open
    said = [one.said for one in told]
    sent_late = [one.day for one in said if one.asks and one.day.year > year]
    later = _later_letters(office, authority.code, ledger, until=max(sent_late, default=None))
    asked_later = [area for one in later for area in one.asks]
    areas, asks_ahead, ends_ahead = follow(begins_with, [*said, *_handed_on(previous)], asked_later)
    before, raised = areas[: len(begins_with)], areas[len(begins_with) :]
    still_open = [area for area in areas if area.is_open]
    return AuthorityReview(
        year=year,
        authority=authority,
        as_of=ledger.as_of,
        letters=tuple(one.letter for one in told),
        raised=tuple(sorted(raised, key=lambda area: (area.reference, area.place))),
        ended=tuple(area for area in before if not area.is_open),
        still_open=tuple(sorted(still_open, key=lambda area: area.date)),
        asks_ahead=tuple(asks_ahead),
        ends_ahead=tuple(each for each in ends_ahead if (year_of(each.reference) or 0) > year),
        damaged=tuple(damaged),
        history=() if previous is None else (*previous.history, previous.figures)[-YEARS_BACK:],
        previous=previous_sha256,
    )


def ended_since(office: Office, review: AuthorityReview, ledger: YearLedger) -> list[Area]:
    """List the areas that a review leaves open and letters of later years have ended by now.

    A year is reviewed long after its letters: whoever writes of it should know. `ledger` is
    that of the review's year. Raises the errors of a store that can't be reached.
    """
    office = as_archived(office)
    later = _later_letters(office, review.authority.code, ledger, until=date.max)
    followed = follow(review.still_open, later)
    return [area for area in followed.areas[: len(review.still_open)] if not area.is_open]


def _later_letters(
    office: Office, code: str, ledger: YearLedger, *, until: date | None
) -> list[Said]:
    """Read what an authority's letters of later years say, as far as they can be told of.

    Those about inspections that began by `until`; none without it.
    """
    names = (Reference.parse(name) for name in ledger.ahead)
    told = (
        told_or_damaged(Case(office, str(name)), partial(_told, was=None), ledger)
        for name in names
        if until is not None and name.authority_code == code and name.period <= until.isoformat()
    )
    return [one.said for one in told if isinstance(one, _Told)]


def _handed_on(previous: AuthorityReview | None) -> Iterator[Said]:
    """Yield what the year before has said of areas of this one's letters, or of later ones."""
    if previous is not None:
        for area in previous.asks_ahead:
            yield Said(area.date, area.reference, asks=(area,))
        for each in previous.ends_ahead:
            yield Said(each.end.date, each.end.reference, endings=(each,))


def _references(office: Office, code: str, year: int, ledger: YearLedger) -> list[str]:
    """Name the letters that lie in the authority's folder, and those the ledger knows of it."""
    lying = {key.split("/")[3] for key in office.store.list(f"cases/{year:04d}/{code}/")}
    names = (name for name in (*lying, *ledger.letters) if year_of(name) == year)
    return sorted({name for name in names if Reference.parse(name).authority_code == code})


def _told(case: Case, *, was: _Told | None) -> _Told | None:
    told = tell_letter(case)
    if told is None:
        return None
    in_force = letter_in_force(case)
    if in_force is None:
        return _not_holding(case, told.letter)
    if in_force.letter.kind not in case.office.kinds:
        if was is not None and was.letter.row.replacements == told.letter.replacements:
            return was  # nothing was corrected or withdrawn since the kind was taken away
        raise CaseDamaged(
            "The office has no such kind of letter any more: what it raises can't be told.",
            where=case.reference,
            remedy=f"Put the kind “{in_force.letter.kind}” back.",
            code="kind-unknown",
        )
    return _holding(case, told.letter, in_force)


def _as_left(case: Case, *, was: _Told) -> _Told:
    """Tell a letter of which something was disposed of: by its record, or else as it was told."""
    rounds = case.rounds()
    if not case.revisions() or rounds.in_force() is None:
        return was
    row = was.letter.row.model_copy(
        update={
            "state": str(case.state(case.revisions()[-1])),
            "replacements": sum(
                change.kind is not ChangeKind.NEW_DATE for change in rounds.changes.values()
            ),
        }
    )
    in_force = letter_in_force(case)
    return _not_holding(case, row) if in_force is None else _holding(case, row, in_force)


def _not_holding(case: Case, row: LetterRow) -> _Told:
    letter = ReviewedLetter(
        row=row,
        title=case.letter(row.revision).kind_title,
        date=None,
        left_out=_sample_left_out(case, row) or ("withdrawn" if is_withdrawn(case) else ""),
    )
    return _says_nothing(letter)


def _holding(case: Case, row: LetterRow, in_force: InForce) -> _Told:
    letter, day = in_force.letter, in_force.first_dated
    kind = case.office.kinds[letter.kind]
    areas = tuple(areas_of(letter, kind))
    earlier = _corrected(areas, kind, letters_before(case, in_force.revision))
    raising = {area.place.partition("/")[0] for area in areas}
    days = inspection_in(letter.facts) if row.inspected_until is not None else None
    told = ReviewedLetter(
        row=row,
        title=letter.kind_title,
        date=letter.date,
        sections=tuple(_counts(letter, kind, raising)),
        inspected_until=None if days is None else max(days),
    )
    if left_out := _sample_left_out(case, row):
        left = told.model_copy(update={"date": None, "sections": (), "left_out": left_out})
        return _says_nothing(left)
    pack = case.pack(in_force.revision)
    asks = (
        Area(
            reference=letter.reference,
            place=area.place,
            text=area.text,
            was=tuple(earlier.get(area.place, ())),
            date=day,
        )
        for area in areas
    )
    endings = () if pack is None else _endings(letter.reference, day, pack)
    return _Told(told, Said(day, letter.reference, tuple(asks), tuple(endings)))


def _says_nothing(letter: ReviewedLetter) -> _Told:
    return _Told(letter, Said(date.max, letter.row.reference))


def _corrected(
    areas: Sequence[Placed], kind: Kind, before: Iterable[Letter]
) -> dict[str, list[str]]:
    """Map the places of areas that were corrected to what stood there in the letters before.

    Words that still stand somewhere were moved, not corrected.
    """
    found = dict[str, list[str]]()
    there = {area.place: area.text for area in areas}
    for letter in before:
        stood = {area.place: area.text for area in areas_of(letter, kind)}
        for place in stood.keys() & there.keys():
            is_new = there[place] not in stood.values()
            if is_new and stood[place] not in there.values():
                found.setdefault(place, []).append(stood[place])
    return found


def _sample_left_out(case: Case, row: LetterRow) -> Literal["", "sample"]:
    """Leave out a sample in an office whose letters are sent in earnest: others are no letters."""
    return "sample" if row.is_sample and case.office.is_live else ""


def _counts(letter: Letter, kind: Kind, raising: set[str]) -> Iterator[SectionCount]:
    """Count the findings of each section that holds some, by the letter's kind."""
    for section in letter.sections:
        rule = kind.section(section.key)
        if rule is not None and not rule.holds_findings:
            continue
        items = sum(passage.style == "item" for passage in section.passages)
        yield SectionCount(
            key=section.key,
            heading=section.heading,
            findings=items or len(section.passages),
            raises_areas=section.key in raising,
        )


def _endings(reference: str, day: date, pack: Pack) -> Iterator[Ending]:
    for answer in answers_in(pack):
        yield Ending(
            reference=answer.reference,
            place=answer.area,
            asked=answer.asked,
            end=AreaEnd(
                how="answered" if answer.place else "waived",
                reference=reference,
                place=answer.place,
                why=answer.why,
                date=day,
            ),
        )


def _as_told(kept: AuthorityReview | None, reference: str) -> _Told | None:
    """Take a letter from the review that is kept, with what it asked for and ended."""
    if kept is None:
        return None
    letter = next((each for each in kept.letters if each.row.reference == reference), None)
    if letter is None:
        return None
    areas = {
        (area.reference, area.place): area for area in (*kept.raised, *kept.ended, *kept.still_open)
    }.values()
    asks = (
        *(
            area.model_copy(update={"end": None, "carried": (), "reference": reference})
            for area in areas
            if reference in area.letters
        ),
        *(area for area in kept.asks_ahead if area.reference == reference),
    )
    endings = (
        *(
            Ending(reference=area.reference, place=area.place, asked=area.text, end=area.end)
            for area in areas
            if area.end is not None and area.end.reference == reference
        ),
        *(each for each in kept.ends_ahead if each.end.reference == reference),
    )
    days = [a.date for a in (*kept.raised, *kept.asks_ahead) if a.reference == reference]
    days += [each.end.date for each in endings]
    day = min(days, default=letter.date or date.max)
    return _Told(letter, Said(day, reference, asks, endings))
