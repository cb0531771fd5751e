"""What can be wrong with a letter, one small function a rule.

Every rule yields problems with a stable code; its docstring names where the rule
comes from. What keeps a letter from being composed at all (no date, an unknown
authority) is found earlier, in `letters.compose`.
"""

from __future__ import annotations

from letters.checks import characters, dates, people, statute, structure, wording
from letters.kind import Kind
from letters.letter import Letter
from letters.problem import Problem
from letters.register import Register

__all__ = ["check_letter"]


def check_letter(letter: Letter, *, kind: Kind, register: Register) -> tuple[Problem, ...]:
    """Ask every rule; the problems come in the order of the rules below."""
    return (
        *dates.date_before_inspection(letter),
        *dates.date_at_weekend(letter),
        *dates.inspection_reversed(letter),
        *dates.inspection_too_long(letter),
        *dates.dates_unclear(letter),
        *statute.statutory_basis(letter, kind),
        *structure.sections_missing(letter, kind),
        *structure.sections_empty(letter),
        *structure.sections_out_of_order(letter, kind),
        *people.addressee_roles_missing(letter, kind),
        *people.copy_roles_missing(letter, kind),
        *people.salutation_of_another(letter),
        *people.signatories_unknown(letter, register),
        *people.signatory_titles(letter, kind),
        *wording.valediction(letter, kind),
        *wording.placeholders(letter),
        *wording.template_markup(letter),
        *wording.bracketed_text(letter),
        *wording.doubled_words(letter),
        *characters.characters_not_printable(letter),
    )
