"""The decisions on a revision: each kept once, and checked whenever it is relied on.

An approval whose key is revoked before everything was sent is frozen; another key
confirms it, and the confirmation is checked and kept like the decision itself.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import NamedTuple

from letters.canonical import stored_json
from letters.case import Command, CommandRefused, State, cell, demand
from letters.decisions import Decisions, Part
from letters.entitlement import entitlement
from letters.errors import LettersError
from letters.refusals import (
    ApprovalFrozen,
    ChallengeMismatch,
    ConfirmationUnfounded,
    PackStale,
    SignOffForeign,
    SignOffRefused,
)
from letters.signoff import (
    MOST_SIGNATORIES,
    Decision,
    Revocation,
    SignOff,
    require_enrolled,
    revocation_of,
)
from tasks.case.case import Case, all_cases
from tasks.case.ledger import enter_decision
from tasks.case.office import Office
from tasks.case.record import StepRun
from tasks.case.sign_offs import confirmation_name, sign_off_name
from tasks.signoff.delegations import delegations
from tasks.signoff.evidence import check_sign_off
from tasks.signoff.inspectors import enrolments, revocations

STEP = "sign-off"


class FrozenApproval(NamedTuple):
    """A signatory's approval by a key that was revoked before everything was sent."""

    part: Part
    revocation: Revocation


def decisions_on(case: Case, revision: int) -> Decisions:
    """Return what is decided of a revision, by each of its signatories.

    Everything is checked again: the pack against the letter, the keys against the
    enrolments, the signatures, who may sign for whom, and that the case's chain knows of
    it. A key revoked since doesn't undo what it signed. Raises SignOffRefused, which
    names the object.
    """
    parts = case.parts(revision)
    if not parts[0].name:  # the letter isn't what the chain names
        _require_none_of_several(case, revision)
    return Decisions.of(parts, partial(_checked, case, revision))


def require_not_frozen(case: Case, revision: int) -> None:
    """Refuse to go on by an approval whose key has been revoked. Raises ApprovalFrozen.

    What has all been sent is past freezing.
    """
    for part, revocation in freezing(case, revision):
        raise ApprovalFrozen(
            f"The key of {part.signer}, which approved it, was revoked at {revocation.at}:"
            f" {revocation.why}",
            where=f"{case.reference} r{revision}",
            remedy="Nothing more is sent until the signatory or a delegate confirms the approval"
            f" with another key: `letters sign {case.reference}`.",
        )


def freezing(case: Case, revision: int) -> tuple[FrozenApproval, ...]:
    """Find the approvals that keep a revision from being sent: their keys are revoked."""
    return _freezing(case, revision, decisions_on(case, revision))


def awaited_parts(case: Case, revision: int) -> tuple[Part, ...]:
    """List for whom a revision waits: who hasn't decided, and whose approval is frozen.

    Raises as `decisions_on` does.
    """
    decisions = decisions_on(case, revision)
    frozen = [approval.part for approval in _freezing(case, revision, decisions)]
    return tuple(part for part in decisions.parts if part in (*decisions.missing, *frozen))


def frozen_letters(office: Office) -> list[tuple[str, int]]:
    """List the frozen approvals: reference and revision. One that can't be read is left out."""
    found = []
    for case in all_cases(office):
        with suppress(LettersError):
            if case.closed() is None:
                found += [
                    (case.reference, revision)
                    for revision in case.revisions()
                    if freezing(case, revision)
                ]
    return found


def require_awaited(
    case: Case, revision: int, decision: Decision, *, signatory: int | None = None
) -> Command:
    """Return the command that a signatory's decision would be, if the revision waits for it.

    Raises CommandRefused; SignOffForeign where something was laid into a decision's place.
    """
    return _awaited(case, revision, decision, signatory)[0]


def keep(run: StepRun[Case], revision: int, sign_off: SignOff) -> SignOff:
    """Keep a sign-off as the one decision for its signatory, or as its confirmation; return it.

    Raises SignOffRefused, and CommandRefused where another was first.
    """
    case, statement = run.record, sign_off.statement
    decision, signatory = statement.decision, statement.signatory
    command, part = _awaited(case, revision, decision, signatory)
    name, before = sign_off_name(revision, signatory), None
    if command is Command.CONFIRM:
        name = confirmation_name(revision, signatory, len(part.sign_offs))
        before = part.sign_off
    # By the very rules of later checks: what would not count then must not be kept now.
    _require_valid(case, revision, sign_off, part, before=before)
    data = stored_json(sign_off.model_dump(mode="json"))
    if run.once_announced(name, data) != data:
        require_awaited(case, revision, decision, signatory=signatory)
        raise _foreign(case, name)
    enter_decision(run, revision)
    of = {} if signatory is None else {"signatory": signatory}
    run.complete(decision=str(decision), inspector=statement.inspector, **of)
    return sign_off


def _awaited(
    case: Case, revision: int, decision: Decision, signatory: int | None
) -> tuple[Command, Part]:
    where = f"{case.reference} r{revision}"
    decisions = decisions_on(case, revision)
    part = decisions.part(signatory)
    if part is None:
        raise PackStale(
            "The letter has not the signatories that it had.",
            where=where,
            remedy="It was altered after the proof: run `letters verify`.",
        )
    frozen = [one.part for one in _freezing(case, revision, decisions)]
    if decision is Decision.RETURN:
        command = Command.RETURN
    elif part in frozen:
        command = Command.CONFIRM
    else:
        is_last = all(missing == part for missing in decisions.missing)
        command = Command.APPROVE if is_last else Command.APPROVE_IN_PART
    state = case.state(revision)
    is_decided = part.decision is not None and command is not Command.CONFIRM
    if is_decided and state is State.AWAITING_SIGN_OFF:
        raise CommandRefused(
            f"It has been decided for {part.name} already: {decisions}.",
            where=where,
            code="already-decided",
        )
    demand(state, command, where=where)
    return command, part


def _freezing(case: Case, revision: int, decisions: Decisions) -> tuple[FrozenApproval, ...]:
    may_be_confirmed = cell(case.state(revision), Command.CONFIRM).state is not None
    if not decisions.approved or not may_be_confirmed or case.closed() is not None:
        return ()
    found = ((part, _revocation(case.office, part)) for part in decisions.approved)
    return tuple(FrozenApproval(part, revoked) for part, revoked in found if revoked is not None)


def _require_none_of_several(case: Case, revision: int) -> None:
    """Refuse to read as undecided what several decided on, before their letter was altered."""
    names = (sign_off_name(revision, number) for number in range(1, MOST_SIGNATORIES + 1))
    if any(case.find_vouched(name) is not None for name in names):
        raise PackStale(
            "The letter is not the one that its signatories signed.",
            where=case.key(f"r{revision}/letter.json"),
            remedy="It was altered after the proof: run `letters verify`.",
        )


def _revocation(office: Office, part: Part) -> Revocation | None:
    """Find the revocation of the key of a part's sign-off that counts."""
    if part.sign_off is None:
        return None
    revoked = revocations(office, part.sign_off.statement.inspector)
    return revocation_of(part.sign_off.credential_id, revoked)


def _checked(case: Case, revision: int, part: Part) -> tuple[SignOff, ...]:
    """Read a signatory's decision and its confirmations, each as it has to be."""
    found: list[SignOff] = []
    for name in case.sign_off_names_of(revision, part.number):
        try:
            if not case.vouches_for(name, case.get(name)):
                raise _foreign(case, name)
            sign_off = case.read_sign_off(name)
            before = found[-1] if found else None
            _require_valid(case, revision, sign_off, part, before=before)
        except SignOffRefused as refusal:
            refusal.where = case.key(name)
            raise
        found.append(sign_off)
    return tuple(found)


def _pack_sha256(case: Case, revision: int) -> str:
    pack, letter = case.pack(revision), case.letter(revision)
    if pack is None or pack.letter_digest != letter.digest:
        raise PackStale(
            "The letter is not the one that the pack names.",
            remedy="It was altered after the proof: run `letters verify`.",
        )
    return pack.sha256


def _require_valid(
    case: Case, revision: int, sign_off: SignOff, part: Part, *, before: SignOff | None
) -> None:
    """Check pack, key, signature and entitlement as they stood when the statement was made."""
    office, statement, enrolment = case.office, sign_off.statement, sign_off.enrolment
    if (statement.reference, statement.revision) != (case.reference, revision):
        raise ChallengeMismatch(
            f"The sign-off is for {statement.reference} r{statement.revision}.",
            remedy="Someone put it here: run `letters verify`.",
        )
    if statement.signatory != part.number:
        raise ChallengeMismatch(
            f"The sign-off is not for {part.name}.",
            remedy="Someone put it here: run `letters verify`.",
        )
    require_enrolled(sign_off, enrolments(office, statement.inspector))
    # The origin and relying party of the key's enrolment, which the ledger names: the
    # office may have moved since.
    check_sign_off(
        sign_off,
        pack_sha256=_pack_sha256(case, revision),
        rp_id=enrolment.rp_id,
        origin=enrolment.origin,
        revocations=revocations(office, statement.inspector),
    )
    entitlement(
        case.letter(revision),
        signatory=statement.signatory,
        inspector=statement.inspector,
        name=enrolment.name,
        is_sample=enrolment.sample,
        on=datetime.fromisoformat(statement.at).date(),
        delegations=delegations(office, at=statement.at),
    )
    if before is not None:
        _require_founded(case, sign_off, before)


def _require_founded(case: Case, sign_off: SignOff, before: SignOff) -> None:
    """Check that a confirmation approves what an approval by a revoked key had approved."""
    decisions = {sign_off.statement.decision, before.statement.decision}
    revoked = revocations(case.office, before.statement.inspector)
    revocation = revocation_of(before.credential_id, revoked)
    if decisions != {Decision.APPROVE} or (
        revocation is None or revocation.at > sign_off.statement.at
    ):
        raise ConfirmationUnfounded(
            "It confirms what no revoked key had approved.",
            remedy="Someone put it here: run `letters verify`.",
        )


def _foreign(case: Case, name: str) -> SignOffForeign:
    """Build the refusal of what the chain knows nothing of. Raises ChainBroken, if it is cut."""
    case.chain.require_whole()
    return SignOffForeign(
        "A sign-off lies here that was laid in by hand: the case's chain knows nothing of it.",
        where=case.key(name),
        remedy="Find out who did it, move the file out of the archive and keep it as evidence;"
        " the letter still waits.",
    )
