"""Planting: one fault at a time in every real letter, and whether the checks find it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from random import Random
from typing import NamedTuple

from letters.known import Known
from letters.problem import Problem
from letters.reading import Reading
from letters.register import Register
from tests.checks_measured import (
    faults_left_open,
    faults_of_acronyms,
    faults_of_authorities,
    faults_of_contents,
    faults_of_days,
    faults_of_people,
    faults_of_persons,
    faults_of_privacy,
    faults_of_repetition,
    faults_of_sections,
    faults_of_spelling,
    faults_of_the_date,
    faults_of_words,
)
from tests.checks_measured.draft import Draft
from tests.checks_measured.fault import Fault, Planter
from tests.checks_measured.other_letters import ARCHIVE_KNOWN
from tests.checks_measured.real_letters import names, office, sound_draft

PLANTERS: tuple[Planter, ...] = (
    *faults_of_the_date.PLANTERS,
    *faults_of_days.PLANTERS,
    *faults_of_contents.PLANTERS,
    *faults_of_sections.PLANTERS,
    *faults_of_people.PLANTERS,
    *faults_of_authorities.PLANTERS,
    *faults_left_open.PLANTERS,
    *faults_of_words.PLANTERS,
    *faults_of_spelling.PLANTERS,
    *faults_of_acronyms.PLANTERS,
    *faults_of_privacy.PLANTERS,
    *faults_of_persons.PLANTERS,
    *faults_of_repetition.PLANTERS,
)
"""What plants the faults of every check, and of the days without which there is no letter."""

SEED = 20260


class Planted(NamedTuple):
    """What came of one planted fault."""

    code: str
    letter: str
    places: tuple[str, ...]
    planted: str
    found_by: tuple[str, ...]
    """The codes that told it: none where it was missed."""
    beside: tuple[str, ...]
    """Other codes that told something anew."""
    blocks_beside: tuple[str, ...]
    """Those of them that block."""

    @property
    def is_found(self) -> bool:
        """Whether the check told it, where it stands."""
        return bool(self.found_by)


def plant_all(
    *,
    seed: int = SEED,
    variants: int = 2,
    letters: Iterable[str] | None = None,
    codes: Iterable[str] = (),
) -> Iterator[Planted]:
    """Plant so many faults of each code in each letter, one at a time."""
    letters = tuple(names() if letters is None else letters)
    wanted = set(codes)
    for planter in PLANTERS:
        if wanted and planter.code not in wanted:
            continue
        for letter in letters:
            told = set()
            for variant in range(variants):
                fault = _fault(planter, sound_draft(letter), seed, variant)
                if fault is not None and fault.reading not in told:
                    told.add(fault.reading)
                    yield _judged(planter, sound_draft(letter), fault)


def _fault(planter: Planter, draft: Draft, seed: int, variant: int) -> Fault | None:
    # A text seeds alike in every process; Random is for variety, not for secrets.
    rng = Random(f"{seed} {planter.code} {draft.letter} {variant}")  # noqa: S311
    return planter.plant(draft, rng)


def _judged(planter: Planter, draft: Draft, fault: Fault) -> Planted:
    before = Counter(map(_told, _problems_of_sound(draft, fault)))
    after = _problems(fault.reading, fault.known, fault.register)
    new = [problem for problem in after if not _taken(before, _told(problem))]
    codes = (planter.code, *planter.also)
    found = [p for p in new if p.code in codes and _is_there(p, fault)]
    beside = [p for p in new if p.code not in codes]
    return Planted(
        code=planter.code,
        letter=draft.letter,
        places=fault.places,
        planted=fault.planted,
        found_by=tuple(sorted({p.code for p in found})),
        beside=tuple(sorted({p.code for p in beside})),
        blocks_beside=tuple(sorted({p.code for p in beside if p.is_blocking})),
    )


def _is_there(problem: Problem, fault: Fault) -> bool:
    """Whether a problem is told where the fault stands, and of its words if it names words."""
    at = [
        p for p in fault.places if problem.place == p or (p and problem.place.startswith(f"{p}/"))
    ]
    if not at:
        return False
    if fault.words is None or problem.start is None or problem.end is None:
        return True
    start, end = fault.words
    return problem.start < end and start < problem.end


def _told(problem: Problem) -> tuple[str, str, str]:
    return problem.code, problem.place, problem.message


def _taken(before: Counter[tuple[str, str, str]], told: tuple[str, str, str]) -> bool:
    """Whether a problem was told before the fault was there; each counts once."""
    if not before[told]:
        return False
    before[told] -= 1
    return True


def _problems_of_sound(draft: Draft, fault: Fault) -> tuple[Problem, ...]:
    if fault.sound is None:
        return _problems_of_draft(draft.letter)
    return _problems(fault.sound, fault.known, fault.register)


@cache
def _problems_of_draft(letter: str) -> tuple[Problem, ...]:
    return _problems(sound_draft(letter).reading, ARCHIVE_KNOWN, None)


def _problems(reading: Reading, known: Known, register: Register | None) -> tuple[Problem, ...]:
    return office().composed(reading, known, register).problems
