"""What can be wrong with a letter, one small function a rule.

What keeps a letter from being composed at all (no date, an unknown authority) is
found earlier, in `letters.compose`.
"""

from __future__ import annotations

from letters.checks import characters, dates, people, statute, structure, wording
from letters.checks.rule import Check, Given
from letters.letter import Letter
from letters.problem import Problem

__all__ = ["CHECKS", "check_letter"]

CHECKS: tuple[Check, ...] = (
    *dates.CHECKS,
    *statute.CHECKS,
    *structure.CHECKS,
    *people.CHECKS,
    *wording.CHECKS,
    *characters.CHECKS,
)
"""Every rule, in the order in which its problems are told."""


def check_letter(letter: Letter, given: Given) -> tuple[Problem, ...]:
    """Ask every rule."""
    return tuple(problem for rule in CHECKS for problem in rule.problems(letter, given))
