"""The decision on a revision: kept once, and checked whenever it is relied on.

An approval whose key is revoked before everything was sent is frozen; another key
confirms it, and the confirmation is checked and kept like the decision itself.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from letters.canonical import stored_json
from letters.case import Command, cell, demand
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
from letters.signoff import Decision, Revocation, SignOff, require_enrolled, revocation_of
from tasks.case.case import Case, all_cases
from tasks.case.ledger import enter_decision
from tasks.case.office import Office
from tasks.case.record import StepRun
from tasks.signoff.delegations import delegations
from tasks.signoff.evidence import check_sign_off
from tasks.signoff.inspectors import enrolments, revocations

STEP = "sign-off"


def decision_on(case: Case, revision: int) -> SignOff | None:
    """Return the valid decision on a revision, or its last confirmation; None before there is one.

    Everything is checked again: the pack against the letter, the key against the
    enrolments, the signature, who may sign, and that the case's chain knows of it.
    A key revoked since doesn't undo what it signed. Raises SignOffRefused, which
    names the object.
    """
    decision = None
    for name in case.sign_off_names(revision):
        try:
            decision = _checked(case, revision, name, before=decision)
        except SignOffRefused as refusal:
            refusal.where = case.key(name)
            raise
    return decision


def require_not_frozen(case: Case, revision: int) -> None:
    """Refuse to go on by an approval whose key has been revoked. Raises ApprovalFrozen.

    What has all been sent is past freezing.
    """
    revocation = freezing(case, revision)
    if revocation is not None:
        raise ApprovalFrozen(
            f"The key that approved it was revoked at {revocation.at}: {revocation.why}",
            where=f"{case.reference} r{revision}",
            remedy="Nothing more is sent until a signatory or delegate confirms the approval with"
            f" another key: `letters sign {case.reference}`.",
        )


def freezing(case: Case, revision: int) -> Revocation | None:
    """Find the revocation that keeps an approved revision from being sent, if any."""
    decision = decision_on(case, revision)
    may_be_confirmed = cell(case.state(revision), Command.CONFIRM).state is not None
    if decision is None or not may_be_confirmed or case.closed() is not None:
        return None
    revoked = revocations(case.office, decision.statement.inspector)
    return revocation_of(decision.credential_id, revoked)


def frozen_letters(office: Office) -> list[tuple[str, int]]:
    """List the frozen approvals: reference and revision. One that can't be read is left out."""
    found = []
    for case in all_cases(office):
        with suppress(LettersError):
            if case.closed() is None:
                found += [
                    (case.reference, revision)
                    for revision in case.revisions()
                    if freezing(case, revision) is not None
                ]
    return found


def require_awaited(case: Case, revision: int, decision: Decision) -> Command:
    """Return the command that a decision would be, if the revision waits for it.

    Raises CommandRefused; SignOffForeign where something was laid into its place.
    """
    is_frozen = freezing(case, revision) is not None
    if decision is Decision.RETURN:
        command = Command.RETURN
    else:
        command = Command.CONFIRM if is_frozen else Command.APPROVE
    demand(case.state(revision), command, where=f"{case.reference} r{revision}")
    return command


def keep(run: StepRun[Case], revision: int, sign_off: SignOff) -> SignOff:
    """Keep a sign-off as the one decision on a revision, or as its confirmation; return it.

    Raises SignOffRefused, and CommandRefused where another was first.
    """
    case, decision = run.record, sign_off.statement.decision
    name, before = f"r{revision}/signoff.json", None
    if require_awaited(case, revision, decision) is Command.CONFIRM:
        name = f"r{revision}/confirmation-{len(case.sign_off_names(revision))}.json"
        before = decision_on(case, revision)
    # By the very rules of later checks: what would not count then must not be kept now.
    _require_valid(case, revision, sign_off, before=before)
    data = stored_json(sign_off.model_dump(mode="json"))
    if run.once_announced(name, data) != data:
        require_awaited(case, revision, decision)
        raise _foreign(case, name)
    enter_decision(run, revision)
    run.complete(decision=str(decision), inspector=sign_off.statement.inspector)
    return sign_off


def _checked(case: Case, revision: int, name: str, *, before: SignOff | None) -> SignOff:
    if not case.vouches_for(name, case.get(name)):
        raise _foreign(case, name)
    sign_off = case.read_sign_off(name)
    _require_valid(case, revision, sign_off, before=before)
    return sign_off


def _pack_sha256(case: Case, revision: int) -> str:
    pack, letter = case.pack(revision), case.letter(revision)
    if pack is None or pack.letter_digest != letter.digest:
        raise PackStale(
            "The letter is not the one that the pack names.",
            remedy="It was altered after the proof: run `letters verify`.",
        )
    return pack.sha256


def _require_valid(case: Case, revision: int, sign_off: SignOff, *, before: SignOff | None) -> None:
    """Check pack, key, signature and entitlement as they stood when the statement was made."""
    office, statement, enrolment = case.office, sign_off.statement, sign_off.enrolment
    if (statement.reference, statement.revision) != (case.reference, revision):
        raise ChallengeMismatch(
            f"The sign-off is for {statement.reference} r{statement.revision}.",
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
