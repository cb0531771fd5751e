"""The authority's last letter: found in the archive by the names of its cases, and read.

Whether the new letter answers what it asked for is `letters.checks.earlier_areas`' matter.
"""

from __future__ import annotations

from letters.earlier import EarlierLetter, areas_of
from letters.kind import Kind
from letters.letter import Letter
from tasks.case.case import Case, references_of
from tasks.case.in_force import InForce, first_dated, letter_in_force
from tasks.case.office import Office

YEARS_LOOKED_BACK = 6
"""Authorities are visited or inspected at least every third year: what was asked for longer
ago was looked at since, or is for a full inspection."""


def earlier_letter(office: Office, letter: Letter) -> EarlierLetter | None:
    """Find the last letter of a kind that raises areas, issued to the letter's authority before it.

    Lists the authority's cases year by year, and reads those of the latest two years
    that have one: a letter may be dated in the year after its inspection. Which of two is
    the earlier one their first issues say: a correction answers what the letter answered,
    whatever day it bears itself. Raises CaseDamaged where one of them isn't the letter that
    was issued.
    """
    raising = {kind.code: kind for kind in office.kinds.values() if _raises_areas(kind)}
    if not raising:
        return None
    found: list[tuple[InForce, Kind]] = []
    day = first_dated(Case(office, letter.reference)) or letter.date
    for year in range(day.year, day.year - YEARS_LOOKED_BACK - 1, -1):
        is_last_year = bool(found)
        for reference in references_of(office, letter.authority.code, year):
            kind = raising.get(reference.kind_code)
            if kind is None or str(reference) == letter.reference:
                continue
            held = letter_in_force(Case(office, str(reference)))
            if held is not None and held.first_dated < day:
                found.append((held, kind))
        if is_last_year:
            break
    if not found:
        return None
    held, kind = max(found, key=lambda each: each[0].first_dated)
    latest = held.letter
    return EarlierLetter(
        reference=latest.reference, date=latest.date, areas=tuple(areas_of(latest, kind))
    )


def _raises_areas(kind: Kind) -> bool:
    return any(rule.raises_areas for rule in kind.sections)
