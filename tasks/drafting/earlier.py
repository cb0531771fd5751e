"""The authority's last letter: found in the archive by the names of its cases, and read.

Whether the new letter answers what it asked for is `letters.checks.earlier_areas`' matter.
"""

from __future__ import annotations

from collections.abc import Iterator

from letters.earlier import EarlierLetter
from letters.kind import Kind
from letters.letter import Letter, Placed
from tasks.case.case import Case, CaseDamaged, references_of
from tasks.case.office import Office

YEARS_LOOKED_BACK = 6
"""Authorities are visited or inspected at least every third year: what was asked for longer
ago was looked at since, or is for a full inspection."""


def earlier_letter(office: Office, letter: Letter) -> EarlierLetter | None:
    """Find the last letter of a kind that raises areas, issued to the letter's authority before it.

    Lists the authority's cases year by year, and reads those of the latest two years
    that have one: a letter may be dated in the year after its inspection. Raises
    CaseDamaged where one of them isn't the letter that was issued.
    """
    raising = {kind.code: kind for kind in office.kinds.values() if _raises_areas(kind)}
    if not raising:
        return None
    found: list[tuple[Letter, Kind]] = []
    for year in range(letter.date.year, letter.date.year - YEARS_LOOKED_BACK - 1, -1):
        is_last_year = bool(found)
        for reference in references_of(office, letter.authority.code, year):
            kind = raising.get(reference.kind_code)
            if kind is None or str(reference) == letter.reference:
                continue
            other = _issued(Case(office, str(reference)))
            if other is not None and other.date < letter.date:
                found.append((other, kind))
        if is_last_year:
            break
    if not found:
        return None
    latest, kind = max(found, key=lambda each: each[0].date)
    return EarlierLetter(
        reference=latest.reference, date=latest.date, areas=tuple(areas_of(latest, kind))
    )


def areas_of(letter: Letter, kind: Kind) -> Iterator[Placed]:
    """Yield the areas that a letter raises: the items of its lists, or else its paragraphs."""
    for section in letter.sections:
        rule = kind.section(section.key)
        if rule is None or not rule.raises_areas:
            continue
        has_items = any(passage.style == "item" for passage in section.passages)
        for number, passage in enumerate(section.passages, start=1):
            if passage.style == "item" or not has_items:
                yield Placed(f"{section.key}/{number}", passage.text)


def _raises_areas(kind: Kind) -> bool:
    return any(rule.raises_areas for rule in kind.sections)


def _issued(case: Case) -> Letter | None:
    """Read the letter that a case issued, if it did; only what its chain vouches for."""
    issue = case.rounds().in_force()
    if issue is None:
        return None
    name = f"r{issue.revision}/letter.json"
    data = case.find_vouched(name)
    if data is None:
        raise CaseDamaged(
            "The authority's last letter isn't the one that was issued: its areas can't be told.",
            where=case.key(name),
            remedy=f"Run `letters verify {case.reference}` to see what was altered.",
        )
    letter = Letter.model_validate_json(data)
    is_withdrawn = letter.replaces is not None and letter.replaces.kind == "withdrawal"
    return None if is_withdrawn else letter
