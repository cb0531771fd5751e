"""The decision on a revision: taken once, kept, and checked whenever it is relied on."""

from __future__ import annotations

from datetime import datetime

from letters.canonical import stored_json
from letters.case import Command, demand
from letters.errors import UsageError
from letters.register import Inspector
from letters.signoff import (
    ChallengeMismatch,
    Decision,
    NotEntitled,
    PackStale,
    SignOff,
    SignOffRefused,
    Statement,
    challenge,
    entitlement,
    require_enrolled,
    statement_about,
)
from tasks.case.case import Case
from tasks.case.ledger import enter_decision
from tasks.case.record import StepRun
from tasks.signoff.ceremony import sign_off_from
from tasks.signoff.evidence import check_sign_off
from tasks.signoff.inspectors import enrolments, revocations, sample_key

STEP = "sign-off"
NONCE_BYTES = 32


def sign_as_sample(
    case: Case, revision: int, *, inspector_id: str, decision: Decision, comments: str
) -> SignOff:
    """Decide as a sample inspector, with the software key that the office keeps.

    Raises SignOffRefused (recorded; the letter still waits), CommandRefused where
    the revision isn't waiting, UsageError for someone who isn't a sample inspector.
    """
    office = case.office
    inspector = known_inspector(case, inspector_id)
    if not inspector.sample:
        raise UsageError(
            f"{inspector.name} signs with a passkey; --sign-as is for sample inspectors only.",
            where=f"inspectors.toml, {inspector_id}",
            remedy="Leave --sign-as out and let the inspector open the signing page.",
            code="not-a-sample-inspector",
        )
    run = StepRun(case, STEP)
    try:
        demand(case.state(revision), command_of(decision), where=f"{case.reference} r{revision}")
        entitled_as = entitlement(
            case.letter(revision),
            inspector=inspector.id,
            name=inspector.name,
            is_sample=inspector.sample,
            on=office.clock().date(),
        )
        # The key before the statement: one that is enrolled later can't have signed it.
        key, enrolment = sample_key(office, inspector)
        statement = statement_for(case, revision, inspector, decision, comments)
        signing = office.settings.signing
        sign_off = sign_off_from(
            key.assert_(  # noqa: PT009 -- WebAuthn calls it an assertion
                challenge(statement), rp_id=signing.rp_id, origin=signing.origin
            ),
            statement=statement,
            comments=comments,
            enrolment=enrolment,
            pack_sha256=statement.pack,
            revocations=revocations(office, inspector_id),
            rp_id=signing.rp_id,
            origin=signing.origin,
            entitled_as=entitled_as,
        )
    except SignOffRefused as refusal:
        run.note("refused", code=refusal.code, inspector=inspector_id)
        raise
    return keep(run, revision, sign_off)


def keep(run: StepRun[Case], revision: int, sign_off: SignOff) -> SignOff:
    """Keep a checked sign-off as the one decision on its revision; return what is kept.

    Raises CommandRefused where another decision was first.
    """
    case = run.record
    name = f"r{revision}/signoff.json"
    data = stored_json(sign_off.model_dump(mode="json"))
    demand(
        case.state(revision),
        command_of(sign_off.statement.decision),
        where=f"{case.reference} r{revision}",
    )
    stored = SignOff.model_validate_json(run.once(name, lambda: data))
    if stored != sign_off:
        demand(case.state(revision), command_of(sign_off.statement.decision), where=case.reference)
    enter_decision(run, revision)
    run.complete(decision=str(stored.statement.decision), inspector=stored.statement.inspector)
    return stored


def decision_on(case: Case, revision: int) -> SignOff | None:
    """Return the valid decision on a revision, or None where there is none yet.

    Everything is checked again: the pack against the letter, the key against the
    enrolments, the signature, who may sign. Raises SignOffRefused.
    """
    sign_off = case.sign_off(revision)
    if sign_off is None:
        return None
    where = f"{case.reference} r{revision}"
    statement, pack, letter = sign_off.statement, case.pack(revision), case.letter(revision)
    if (statement.reference, statement.revision) != (case.reference, revision):
        raise ChallengeMismatch(
            f"The sign-off is for {statement.reference} r{statement.revision}.",
            where=where,
            remedy="Someone put it here: run `letters verify`.",
        )
    if pack is None or pack.letter_digest != letter.digest:
        raise PackStale(
            "The letter is not the one that the pack names.",
            where=where,
            remedy="It was altered after the proof: run `letters verify`.",
        )
    office, enrolment = case.office, sign_off.enrolment
    require_enrolled(sign_off, enrolments(office, statement.inspector))
    # The origin and relying party of the key's enrolment, which the ledger names: the
    # office may have moved since.
    check_sign_off(
        sign_off,
        pack_sha256=pack.sha256,
        rp_id=enrolment.rp_id,
        origin=enrolment.origin,
        revocations=revocations(office, statement.inspector),
    )
    entitlement(
        letter,
        inspector=statement.inspector,
        name=enrolment.name,
        is_sample=enrolment.sample,
        on=datetime.fromisoformat(statement.at).date(),
    )
    return sign_off


def statement_for(
    case: Case, revision: int, inspector: Inspector, decision: Decision, comments: str
) -> Statement:
    """Put into words what an inspector is about to sign about the waiting pack."""
    pack = case.pack(revision)
    if pack is None:
        raise PackStale("There is no pack yet.", where=case.reference, remedy="Prepare it first.")
    return statement_about(
        reference=case.reference,
        revision=revision,
        pack=pack.sha256,
        decision=decision,
        comments=comments,
        inspector=inspector.id,
        nonce=case.office.random_bytes(NONCE_BYTES),
        at=case.office.clock(),
    )


def known_inspector(case: Case, inspector_id: str) -> Inspector:
    """Find an inspector in the register. Raises NotEntitled."""
    inspector = case.office.register.inspector(inspector_id)
    if inspector is None:
        known = ", ".join(sorted(i.id for i in case.office.register.inspectors)) or "nobody"
        raise NotEntitled(
            f"The register knows no inspector “{inspector_id}”.",
            where="inspectors.toml",
            remedy=f"It knows {known}.",
        )
    return inspector


def command_of(decision: Decision) -> Command:
    """Name the command that a decision is in the table of states."""
    return Command.APPROVE if decision is Decision.APPROVE else Command.RETURN
