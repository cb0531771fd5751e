"""Who may sign a revision, for which of its signatories, and whom it waits for.

Whether a sign-off counts is judged elsewhere, by the same rule of entitlement: here it
is asked of the people in the register, to send them links and to let them in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from letters.decisions import Part, listed, parts_of
from letters.entitlement import Delegation, entitlement
from letters.errors import UsageError
from letters.letter import Letter
from letters.refusals import NotEntitled, NotSample, SignOffRefused
from letters.register import Inspector
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.signoff.decide import awaited_parts
from tasks.signoff.delegations import delegations


class Signer(NamedTuple):
    """An inspector who may sign, and for which signatory."""

    inspector: Inspector
    part: Part

    def __str__(self) -> str:
        """Name them, and for whom they sign: `Tobias Reyne for Harriet Elmsley`."""
        is_own = self.part.number is None or self.inspector.name == self.part.name
        return self.inspector.name if is_own else f"{self.inspector.name} for {self.part.name}"


def signers(case: Case, revision: int, on: date) -> tuple[Signer, ...]:
    """List who may sign a revision on that day: each signatory, then their delegates."""
    letter, given = case.letter(revision), delegations(case.office)
    return tuple(
        Signer(inspector, part)
        for part in parts_of(letter)
        for inspector in _known_as(case.office, part.name, given)
        if _may_sign(letter, part, inspector, on, given)
    )


def awaited_signers(case: Case, revision: int, on: date) -> tuple[Signer, ...]:
    """List who may sign a revision on that day, of those whose decision it waits for.

    Where something lies there as a decision that doesn't count, these are all of them.
    """
    may_sign = signers(case, revision, on)
    try:
        waits_for = {part.number for part in awaited_parts(case, revision)}
    except SignOffRefused:
        return may_sign
    return tuple(one for one in may_sign if one.part.number in waits_for)


def part_to_sign(
    case: Case, revision: int, inspector: Inspector, *, named: str | None = None
) -> Part:
    """Find the signatory for whom an inspector is to sign: the named one, or the one there is.

    Without `named` it is the only one for whom the inspector may sign and the revision
    waits. Raises UsageError where several are meant or none is; NotEntitled.
    """
    parts, today = case.parts(revision), case.office.clock().date()
    if named is not None or len(parts) == 1:
        return part_named(case, revision, named)
    may_sign = [one for one in signers(case, revision, today) if one.inspector == inspector]
    awaited = [one for one in awaited_signers(case, revision, today) if one in may_sign]
    meant = [one.part for one in awaited or may_sign[:1]]
    if not meant:
        raise NotEntitled(
            f"{inspector.name} may not sign this letter on {today}.",
            where=f"{case.reference} r{revision}",
            remedy="Its signatories sign, or delegates recorded by name for this day.",
        )
    if len(meant) > 1:
        raise _not_named(case, revision, meant, f"{inspector.name} may sign for several.")
    return meant[0]


def part_named(case: Case, revision: int, named: str | None) -> Part:
    """Find the signatory that a person means: by number, printed name or id in the register.

    Of a letter with one signatory nobody need be named. Raises UsageError.
    """
    parts = case.decisions(revision).parts
    if named is None and len(parts) == 1:
        return parts[0]
    known = None if named is None else case.office.register.inspector(named)
    means = {named, named if known is None else known.name}
    meant = [part for n, part in enumerate(parts, start=1) if means & {str(n), part.name}]
    if len(meant) != 1:
        said = "It has several signatories." if named is None else f"“{named}” is none of them."
        raise _not_named(case, revision, parts, said)
    return meant[0]


def _not_named(case: Case, revision: int, parts: Sequence[Part], said: str) -> UsageError:
    return UsageError(
        said,
        where=f"{case.reference} r{revision}",
        remedy=f"Say which one is meant, with --for: {listed([part.name for part in parts])}.",
        code="signatory-not-named",
    )


def _known_as(office: Office, name: str, given: Sequence[Delegation]) -> tuple[Inspector, ...]:
    """List the inspector of that name, and those to whom they ever delegated."""
    ids = [delegation.delegate for delegation in given if delegation.signatory == name]
    named = [office.register.inspector_named(name), *map(office.register.inspector, ids)]
    return tuple({known.id: known for known in named if known is not None}.values())


def _may_sign(
    letter: Letter, part: Part, inspector: Inspector, on: date, given: Sequence[Delegation]
) -> bool:
    try:
        entitlement(
            letter,
            signatory=part.number,
            inspector=inspector.id,
            name=inspector.name,
            is_sample=inspector.sample,
            on=on,
            delegations=given,
        )
    except (NotEntitled, NotSample):
        return False
    return True
