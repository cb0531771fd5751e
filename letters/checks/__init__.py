"""What can be wrong with a letter, one small function a rule.

What keeps a letter from being composed at all (no date, an unknown authority) is
found earlier, in `letters.compose`.
"""

from __future__ import annotations

from letters.checks import (
    acronyms,
    addresses,
    alike,
    authorities,
    characters,
    counts,
    dates,
    deadline,
    earlier_areas,
    lists,
    people,
    persons,
    privacy,
    repetition,
    spelling,
    standard,
    statute,
    structure,
    wording,
)
from letters.checks.rule import Check, Given
from letters.letter import Letter
from letters.problem import Problem

__all__ = ["CHECKS", "check_letter"]

CHECKS: tuple[Check, ...] = (
    *dates.CHECKS,
    *deadline.CHECKS,
    *statute.CHECKS,
    *structure.CHECKS,
    *earlier_areas.CHECKS,
    *counts.CHECKS,
    *people.CHECKS,
    *authorities.CHECKS,
    *wording.CHECKS,
    *standard.CHECKS,
    *spelling.CHECKS,
    *acronyms.CHECKS,
    *lists.CHECKS,
    *repetition.CHECKS,
    *alike.CHECKS,
    *privacy.CHECKS,
    *persons.CHECKS,
    *addresses.CHECKS,
    *characters.CHECKS,
)
"""Every rule, in the order in which its problems are told."""


def check_letter(letter: Letter, given: Given) -> tuple[Problem, ...]:
    """Ask every rule."""
    return tuple(problem for rule in CHECKS for problem in rule.problems(letter, given))
