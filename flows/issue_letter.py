"""The main flow: a draft becomes an issued letter.

It says in which order the steps run. Whether a step has anything left to do is
known to the case: run again after a crash, a retry or a sign-off, the flow walks
to the first thing not yet done.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State as RunState
from prefect.context import FlowRunContext, SyncClientContext
from prefect.states import Cancelled, Completed, Failed

from flows.artifacts import (
    show_deliveries,
    show_history,
    show_manifest,
    show_problems,
    show_sign_off,
)
from flows.dead_runs import PREFIX, process_tag
from flows.equipment import BlockUnavailable, require_post, require_seal
from flows.mail_rate import wait_for_turn
from flows.office import open_office
from flows.office_page import show_office_page
from flows.resuming import resume_decided
from flows.waiting import await_sign_off, can_suspend, never_stopping, suspend
from letters.case import CommandRefused, State
from letters.delivery import ENDED, DeliveryState
from letters.errors import UsageError
from letters.problem import DraftUnreadable
from letters.refusals import ApprovalFrozen, SignOffRefused
from letters.signoff import Decision
from tasks.archiving.hold_back import is_concerned
from tasks.archiving.task import anchor_case, archive_letter, close_case, hold_back_letter
from tasks.case.case import Case, CaseDamaged
from tasks.case.chain import ChainBroken
from tasks.case.office import Office
from tasks.case.record import ObjectForeign
from tasks.drafting.draft import Blocked
from tasks.drafting.submitted import bound_name, submitted
from tasks.drafting.task import draft_letter
from tasks.mailing.task import (
    email_recipient,
    notify_office_of_lapse,
    notify_office_of_return,
    send_receipt,
)
from tasks.rendering.seal_keys import SealKeyUnusable
from tasks.rendering.task import prepare_pack, render_letter
from tasks.signoff.decide import require_not_frozen
from tasks.signoff.rights import InspectorsDamaged

PAGE_EVERY = timedelta(seconds=30)
"""Where many runs end at once, each would read all open letters; housekeeping comes after them."""

REFUSALS = (
    *(UsageError, DraftUnreadable, CommandRefused, SignOffRefused),
    *(CaseDamaged, ChainBroken, InspectorsDamaged, ObjectForeign, BlockUnavailable),
    SealKeyUnusable,
)
"""What a person has to put right: the run ends by saying so."""


@flow(name="issue-letter", persist_result=False)
def issue_letter(draft: str) -> RunState[Any]:
    """Issue a letter: draft, sign-off, rendering, archive, e-mails. Safe to run again.

    Args:
        draft: The draft's file name in the office's drafts folder, such as
            westmere-2011-04-04.md; or the reference of a letter to go on with.

    """
    office = open_office()
    try:
        return take_on(office, draft)
    finally:  # a run that is suspended, too
        show_office_page(office, at_most_every=PAGE_EVERY)


def take_on(office: Office, draft: str) -> RunState[Any]:
    """Take a draft as far as it goes, and tell how the run ends. Raises Pause where it waits."""
    try:
        require_post(office)
        require_seal(office)
        intake = submitted(office, draft)
        drafted = draft_letter(office, intake.draft_sha256)
        if isinstance(drafted, Blocked):
            show_problems(intake)
            return Failed(name="Blocked", message=str(drafted))
        reference, revision = drafted
        bind_run(bound_name(draft, intake), reference, revision)
        prepare_pack(office, reference, revision)
        if revision > 1:
            resume_decided(office, reference)
        case = Case(office, reference)
        was_closed = case.closing_of(revision) is not None
        decisions = await_sign_off(case, revision)
        if decisions is None:
            so_far = case.decisions(revision)
            is_for_several = so_far.is_joint and so_far.decision is None
            waits = f"waits: {so_far}" if is_for_several else "waits for its inspector"
            return Completed(name="AwaitingSignOff", message=f"{reference} r{revision} {waits}.")
        show_sign_off(case, revision)
        if decisions.decision is Decision.RETURN:
            with never_stopping():
                notify_office_of_return(office, reference, revision)
            show_history(case)
            return Completed(name="Returned", message=f"{reference} r{revision} was returned.")
        render_letter(office, reference, revision)
        require_not_frozen(case, revision)
        archive_letter(office, reference, revision)
        show_manifest(case, revision)
        if is_concerned(case, revision):
            held = hold_back_letter(office, reference, revision)
            if held.outcome == "lapsed":
                with never_stopping():
                    notify_office_of_lapse(office, reference, revision)
            if held.is_back:
                return Completed(name=held.name, message=f"{reference} r{revision} {held}")
        states = email_recipients(case, revision)
        show_deliveries(case, revision)
        is_closed = close_case(office, reference, revision)
        if is_closed:
            with never_stopping():
                send_receipt(office, reference, revision)
            anchor_case(office, reference, revision)
        show_history(case)
    except REFUSALS as refusal:
        if refusal.code == State.SUPERSEDED:
            return Cancelled(name="Superseded", message=str(refusal))
        if isinstance(refusal, ApprovalFrozen) and can_suspend():
            suspend(case, revision)
        return Failed(name="Refused", message=f"{refusal} [{refusal.code}]")
    told = ", ".join(f"{recipient} {state}" for recipient, state in states.items())
    if is_closed:
        when = "was issued before; nothing was sent now" if was_closed else told
        return Completed(name="Issued", message=f"{reference} r{revision}: {when}")
    # What another run can bring further comes before what needs a person.
    if all(state in ENDED for state in states.values()):
        return Completed(name="IssuedInDoubt", message=f"{reference} r{revision}: {told}")
    return Failed(name="Undelivered", message=f"{reference} r{revision}: {told}. Run it again.")


def one_client() -> AbstractContextManager[object]:
    """Let all runs of a command share a client: each new one loads all certificates anew."""
    return SyncClientContext.get_or_create()


def run_once(draft: str) -> tuple[str, str]:
    """Run the flow in this process; return the name of its last state and what it said."""
    state = issue_letter(draft, return_state=True)
    return state.name or "", state.message or ""


def email_recipients(case: Case, revision: int) -> dict[str, DeliveryState]:
    """Deliver to each recipient in the order of the letter; one failure stops no other.

    Raises ApprovalFrozen as soon as the key that approved it is revoked.
    """
    states = {}
    for recipient in case.recipients(revision):
        if case.delivery_state(revision, recipient) not in ENDED:
            wait_for_turn(case.office)
        require_not_frozen(case, revision)
        states[recipient.id] = email_recipient(case.office, case.reference, revision, recipient.id)
    return states


def bind_run(draft: str, reference: str, revision: int) -> None:
    """Bind the flow run to the bytes of its draft, and have it tell its letter and process."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return
    run = context.flow_run
    others = [tag for tag in run.tags if not tag.startswith(PREFIX) and tag != reference]
    with get_client(sync_client=True) as client:
        client.update_flow_run(
            run.id,
            name=f"{reference} r{revision}",
            parameters={"draft": draft},
            tags=[*others, reference, process_tag()],
        )
