"""The authority's last letter: found in the archive by the names of its cases, and read.

Whether the new letter answers what it asked for is `letters.checks.earlier_areas`' matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from letters.earlier import EarlierLetter
from letters.kind import Kind
from letters.letter import Letter, Placed
from letters.reference import Reference
from tasks.case.case import Case, CaseDamaged
from tasks.case.office import Office

YEARS_LOOKED_BACK = 6
"""Authorities are visited or inspected at least every third year: what was asked for longer
ago was looked at since, or is for a full inspection."""


def earlier_letter(
    office: Office, authority_code: str, before: date, kinds: Mapping[str, Kind]
) -> EarlierLetter | None:
    """Find the authority's last issued letter of a kind that raises areas.

    Lists the authority's cases year by year, and reads those of the latest year that
    has one. Raises CaseDamaged where that letter isn't the one that was issued.
    """
    raising = {kind.code: kind for kind in kinds.values() if _raises_areas(kind)}
    if not raising:
        return None
    for year in range(before.year, before.year - YEARS_LOOKED_BACK - 1, -1):
        letters = [
            (letter, kind)
            for reference in _references(office, authority_code, year)
            if (kind := raising.get(reference.kind_code)) is not None
            and (letter := _issued(Case(office, str(reference)))) is not None
            and letter.date < before
        ]
        if letters:
            latest, kind = max(letters, key=lambda each: each[0].date)
            return EarlierLetter(
                reference=latest.reference, date=latest.date, areas=tuple(areas_of(latest, kind))
            )
    return None


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


def _references(office: Office, authority_code: str, year: int) -> Iterator[Reference]:
    """List the letters of a year by the names of their folders: nothing is read."""
    for key in office.store.list(f"cases/{year:04d}/{authority_code}"):
        *_, reference, name = key.split("/")
        if name == "case.json":
            yield Reference.parse(reference)


def _issued(case: Case) -> Letter | None:
    """Read the letter that a case issued, if it did; only what its chain vouches for."""
    issue = case.issue()
    if issue is None or not case.has_manifest(issue["revision"]):
        return None
    name = f"r{issue['revision']}/letter.json"
    data = case.find_vouched(name)
    if data is None:
        raise CaseDamaged(
            "The authority's last letter isn't the one that was issued: its areas can't be told.",
            where=case.key(name),
            remedy=f"Run `letters verify {case.reference}` to see what was altered.",
        )
    return Letter.model_validate_json(data)
