"""With which of their keys an inspector can sign a revision now."""

from __future__ import annotations

from letters.entitlement import entitlement
from letters.refusals import KeyOutdated, KeyRevoked, KeyUnknown, NotEntitled, NotSample
from letters.register import Inspector
from letters.signoff import Enrolment, Entitlement
from tasks.case.case import Case
from tasks.signoff.delegations import delegations
from tasks.signoff.inspectors import enrolments, standing


def signing_keys(
    case: Case, revision: int, inspector: Inspector, signatory: int | None = None
) -> tuple[Enrolment, ...]:
    """Find the keys with which an inspector can sign a revision now, for a signatory.

    A key counts under the name that it was enrolled with, as it will whenever the
    sign-off is checked. Raises NotEntitled, NotSample; KeyUnknown, KeyRevoked or
    KeyOutdated where no key is left.
    """
    entitlement_now(case, revision, inspector, signatory)
    keys = _standing_keys(case, inspector)
    current = tuple(key for key in keys if _is_current(case, revision, key, signatory))
    if current:
        return current
    names = sorted({f"{key.name}{' (sample)' if key.sample else ''}" for key in keys})
    raise KeyOutdated(
        f"Every key of {inspector.name} was enrolled as {' or '.join(names)}, before the register"
        " was changed.",
        where=inspector.id,
        remedy=f"Enrol again; the letters office makes a link: letters inspectors enrol"
        f" {inspector.id}",
    )


def entitlement_now(
    case: Case, revision: int, inspector: Inspector, signatory: int | None = None
) -> Entitlement:
    """Say by what right the register's inspector signs. Raises NotEntitled, NotSample."""
    return _entitlement_of(
        case, revision, inspector.id, inspector.name, signatory, is_sample=inspector.sample
    )


def _entitlement_of(
    case: Case, revision: int, inspector: str, name: str, signatory: int | None, *, is_sample: bool
) -> Entitlement:
    return entitlement(
        case.letter(revision),
        signatory=signatory,
        inspector=inspector,
        name=name,
        is_sample=is_sample,
        on=case.office.clock().date(),
        delegations=delegations(case.office),
    )


def _is_current(case: Case, revision: int, key: Enrolment, signatory: int | None) -> bool:
    try:
        _entitlement_of(case, revision, key.inspector, key.name, signatory, is_sample=key.sample)
    except (NotEntitled, NotSample):
        return False
    return True


def _standing_keys(case: Case, inspector: Inspector) -> tuple[Enrolment, ...]:
    keys = standing(case.office, inspector.id)
    if keys:
        return keys
    is_revoked = bool(enrolments(case.office, inspector.id))
    refusal = KeyRevoked if is_revoked else KeyUnknown
    raise refusal(
        f"Every key of {inspector.name} is revoked."
        if is_revoked
        else f"{inspector.name} has not enrolled a key yet.",
        where=inspector.id,
        remedy=f"The letters office makes a link to enrol one: letters inspectors enrol"
        f" {inspector.id}",
    )
