"""Signing: what an inspector is asked, and what becomes of the answer.

A question travels to the browser and back under the office's mark, so that nothing
is remembered in between: whichever process is there takes the answer. Everything
is checked when it is asked and again when it is answered; a refusal is noted in
the case's chain, and the letter still waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from letters.case import CommandRefused
from letters.errors import UsageError
from letters.refusals import (
    KeyUnknown,
    PackStale,
    SignOffRefused,
)
from letters.register import Inspector
from letters.signoff import (
    Decision,
    Enrolment,
    SignOff,
    Statement,
    challenge,
    statement_about,
)
from tasks.case.case import Case
from tasks.case.record import StepRun
from tasks.signoff.ceremony import request_options, sign_off_from
from tasks.signoff.decide import STEP, keep, require_awaited
from tasks.signoff.inspectors import (
    enrolments,
    known_inspector,
    revocations,
    sample_key,
)
from tasks.signoff.questions import opened, sealed_question
from tasks.signoff.repetition import was_noted_lately
from tasks.signoff.signers import part_to_sign
from tasks.signoff.signing_keys import entitlement_now, signing_keys

NONCE_BYTES = 32
PackCheck = Callable[[Case, int], None]
"""Return if a revision is as it was packed; raise PackStale if not."""


class Question(NamedTuple):
    """What an inspector is about to sign, and how the browser is asked."""

    statement: Statement
    comments: str
    options: dict[str, Any]
    """JSON for `parseRequestOptionsFromJSON`."""
    sealed: str
    """Statement and comments under the office's mark: handed back with the answer."""


def ask(
    case: Case,
    revision: int,
    inspector: Inspector,
    *,
    decision: Decision,
    comments: str,
    signatory: int | None = None,
    is_as_packed: PackCheck | None = None,
) -> Question:
    """Put into words what an inspector would sign, for a signatory, and ask for it.

    A frozen approval is asked for once more. Raises SignOffRefused (noted in the
    case), and CommandRefused where the revision doesn't wait for this.
    """
    run = StepRun(case, STEP)
    office = case.office
    with _refusals_noted(run, revision, inspector, signatory):
        require_awaited(case, revision, decision, signatory=signatory)
        if is_as_packed is not None:
            is_as_packed(case, revision)
        keys = signing_keys(case, revision, inspector, signatory)
        pack = case.pack(revision)
        if pack is None:
            raise PackStale("There is no pack yet.", where=case.reference, remedy="Prepare it.")
        statement = statement_about(
            reference=case.reference,
            revision=revision,
            pack=pack.sha256,
            decision=decision,
            comments=comments,
            inspector=inspector.id,
            signatory=signatory,
            nonce=office.random_bytes(NONCE_BYTES),
            at=office.clock(),
        )
    return Question(
        statement=statement,
        comments=comments,
        options=request_options(statement, enrolments=keys, rp_id=office.settings.signing.rp_id),
        sealed=sealed_question(office, statement, comments),
    )


def answer(
    case: Case,
    revision: int,
    inspector: Inspector,
    *,
    sealed: str,
    response: Mapping[str, Any],
    signatory: int | None = None,
    is_as_packed: PackCheck,
) -> SignOff:
    """Check the browser's answer to a question, keep the sign-off and return it.

    Raises SignOffRefused and CommandRefused (both noted in the case).
    """
    run = StepRun(case, STEP)
    office = case.office
    signing = office.settings.signing
    with _refusals_noted(run, revision, inspector, signatory):
        statement, comments = opened(case, revision, inspector, sealed, signatory=signatory)
        require_awaited(case, revision, statement.decision, signatory=signatory)
        is_as_packed(case, revision)
        entitled_as = entitlement_now(case, revision, inspector, signatory)
        enrolment = _key_of(case, inspector, response)
        pack = case.pack(revision)
        sign_off = sign_off_from(
            response,
            statement=statement,
            comments=comments,
            enrolment=enrolment,
            pack_sha256="" if pack is None else pack.sha256,
            revocations=revocations(office, inspector.id),
            rp_id=signing.rp_id,
            origin=signing.origin,
            entitled_as=entitled_as,
        )
        return keep(run, revision, sign_off)


def sign_as_sample(
    case: Case,
    revision: int,
    *,
    inspector_id: str,
    decision: Decision,
    comments: str,
    on_behalf_of: str | None = None,
    is_as_packed: PackCheck = lambda _case, _revision: None,
) -> SignOff:
    """Decide as a sample inspector, with the software key that the office keeps.

    Of several signatories `on_behalf_of` names the one, as `part_to_sign` takes it. Raises
    as `ask` and `answer` do, and UsageError for someone who isn't a sample inspector.
    """
    office = case.office
    signing = office.settings.signing
    inspector = known_inspector(office, inspector_id)
    if not inspector.sample:
        raise UsageError(
            f"{inspector.name} signs with a passkey; --sign-as is for sample inspectors only.",
            where=f"inspectors.toml, {inspector_id}",
            remedy="Leave --sign-as out and let the inspector open the signing page.",
            code="not-a-sample-inspector",
        )
    with _refusals_noted(StepRun(case, STEP), revision, inspector):
        signatory = part_to_sign(case, revision, inspector, named=on_behalf_of).number
        # Before a key is made for someone who may not sign.
        require_awaited(case, revision, decision, signatory=signatory)
        entitlement_now(case, revision, inspector, signatory)
    key, _ = sample_key(office, inspector)
    question = ask(
        case, revision, inspector, decision=decision, comments=comments, signatory=signatory
    )
    response = key.assert_(  # noqa: PT009 -- WebAuthn calls it an assertion
        challenge(question.statement), rp_id=signing.rp_id, origin=signing.origin
    )
    return answer(
        case,
        revision,
        inspector,
        sealed=question.sealed,
        response=response,
        signatory=signatory,
        is_as_packed=is_as_packed,
    )


@contextmanager
def _refusals_noted(
    run: StepRun[Case], revision: int, inspector: Inspector, signatory: int | None = None
) -> Iterator[None]:
    try:
        yield
    except (SignOffRefused, CommandRefused) as refusal:
        of = {} if signatory is None else {"signatory": signatory}
        detail = {"code": refusal.code, "inspector": inspector.id, "revision": revision, **of}
        # After the closing nothing is added: the ledger has anchored the chain to its end.
        is_open = run.record.closed() is None
        if is_open and not was_noted_lately(run.record, "refused", detail):
            run.note("refused", **detail)
        raise


def _key_of(case: Case, inspector: Inspector, response: Mapping[str, Any]) -> Enrolment:
    """Find the enrolment of the key that answered; whether it stands is checked with the rest."""
    answered = response.get("id") if isinstance(response, Mapping) else None
    for enrolment in enrolments(case.office, inspector.id):
        if enrolment.credential_id == answered:
            return enrolment
    raise KeyUnknown(
        f"The key that answered is not one that {inspector.name} enrolled.",
        where=inspector.id,
        remedy="Sign with an enrolled key, or enrol this one first.",
    )
