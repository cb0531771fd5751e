"""Who may sign a letter: its signatories, and those whom they let sign for them.

Owns the delegation, its recall and the rule. Which delegations an office keeps is
for tasks/signoff to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal, Self

from pydantic import model_validator

from letters.decisions import parts_of
from letters.letter import Frozen, Letter, Line, Slug
from letters.refusals import NotEntitled, NotSample
from letters.signoff import Entitlement, Instant


class Delegation(Frozen):
    """A signatory lets another inspector sign for them; the printed name stays."""

    layout: Literal[1] = 1
    signatory: Line
    """As the register and the letter print the name."""
    delegate: Slug
    first_day: date
    last_day: date
    """Both days included; days are UTC's, as moments are."""
    at: Instant
    actor: Line

    @model_validator(mode="after")
    def _has_a_day(self) -> Self:
        if self.last_day < self.first_day:
            raise ValueError("a delegation ends before it begins")
        return self


class Recall(Frozen):
    """From this moment a delegation counts no more; what was signed before stays signed."""

    layout: Literal[1] = 1
    signatory: Line
    delegate: Slug
    at: Instant
    actor: Line


def entitlement(
    letter: Letter,
    *,
    signatory: int | None = None,
    inspector: str,
    name: str,
    is_sample: bool,
    on: date,
    delegations: Sequence[Delegation] = (),
) -> Entitlement:
    """Say by what right an inspector (id, name in the register) may sign for a signatory.

    `signatory` is the number of one of several, None for the only one. `delegations`
    are those that had been given, and not been recalled, at the moment that is judged.
    Raises NotSample or NotEntitled. Names are compared exactly, as the register and the
    letter print them; one that is printed twice is its inspector's own once.
    """
    require_sample_alike(signer_is_sample=is_sample, letter_is_sample=letter.sample)
    parts = parts_of(letter)
    printed = [part.name for part in parts if part.number == signatory]
    own = next((part for part in parts if part.name == name), None)
    if own is not None and own.number == signatory:
        return Entitlement.SIGNATORY
    for delegation in delegations:
        is_current = delegation.first_day <= on <= delegation.last_day
        if delegation.delegate == inspector and delegation.signatory in printed and is_current:
            return Entitlement.DELEGATE
    raise NotEntitled(
        f"{name} may not sign {f'for {printed[0]}' if printed else 'this letter'} on {on}.",
        where=letter.reference,
        remedy="Its signatory signs, or a delegate recorded by name for this day.",
    )


def require_sample_alike(*, signer_is_sample: bool, letter_is_sample: bool) -> None:
    """Refuse a real letter from a sample key, and a sample letter from a real one."""
    if signer_is_sample != letter_is_sample:
        signer = "A sample" if signer_is_sample else "A real"
        letter = "a sample" if letter_is_sample else "a real"
        raise NotSample(
            f"{signer} inspector can't sign {letter} letter.",
            remedy="Sample inspectors sign sample letters only, real ones real letters only.",
        )
