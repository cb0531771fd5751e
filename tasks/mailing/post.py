"""One recipient's e-mail, taken from the committed record and handed to the delivery."""

from __future__ import annotations

from letters.case import REFUSALS, Command, CommandRefused, demand
from letters.delivery import DeliveryState
from letters.email import Email
from tasks.case.case import Case
from tasks.case.record import StepRun
from tasks.mailing.deliver import PackMismatch, deliver


def post(run: StepRun[Case], revision: int, recipient_id: str) -> DeliveryState:
    """Deliver the issued revision to one recipient, if it wasn't yet.

    Only what the manifest has committed and an issue names is sent, and nothing that is held
    or has been replaced. Raises CommandRefused otherwise, and PackMismatch where the pack is
    another, or the sealed PDF was altered: the pack speaks of its beginning only.
    """
    case = run.record
    issue = case.rounds().issue_of(revision)
    where = f"{case.reference} r{revision}"
    if issue is None:
        message, remedy = REFUSALS["not-archived"]
        raise CommandRefused(message, where=where, remedy=remedy, code="not-archived")
    demand(case.state(revision), Command.CLOSE, where=where)
    recipient = next(r for r in case.recipients(revision) if r.id == recipient_id)
    is_changing = issue.number < case.rounds().number
    if is_changing and case.delivery_state(revision, recipient) is DeliveryState.PENDING:
        # Who gets the change was decided by who had got this by then.
        raise CommandRefused(
            "The letter is being corrected or withdrawn; what was not sent of it is not sent now.",
            where=where,
            remedy="Whoever should have it gets what replaces it.",
            code="change-under-way",
        )
    pack = case.pack(revision)
    if pack is None or pack.sha256 != issue.pack:
        raise PackMismatch(
            "The pack in the case is not the one that was approved and issued.",
            where=case.key(f"r{revision}/pack.json"),
            remedy=f"Nothing was sent. Run `letters verify {case.reference}`.",
        )
    pdf = case.find_vouched(f"r{revision}/letter.pdf")
    if pdf is None:
        raise PackMismatch(
            "The PDF in the case is not the one that was sealed.",
            where=case.key(f"r{revision}/letter.pdf"),
            remedy=f"Nothing was sent. Run `letters verify {case.reference}`.",
        )
    return deliver(
        case.office,
        run,
        revision,
        recipient,
        email=Email.model_validate_json(case.get(f"r{revision}/emails/{recipient_id}.json")),
        pdf=pdf,
        pdf_name=f"{case.reference}.pdf",
    )
