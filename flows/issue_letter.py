"""The main flow: a draft becomes an issued letter.

It says in which order the steps run. Whether a step has anything left to do is
known to the case: run again after a crash, a retry or a sign-off, the flow walks
to the first thing not yet done.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext, SyncClientContext
from prefect.states import Completed, Failed

from flows.office import open_office
from letters.case import CommandRefused
from letters.delivery import DOUBTFUL, DeliveryState
from letters.signoff import Decision, SignOffRefused
from tasks.archiving.task import archive_letter, close_case
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.drafting.draft import Blocked
from tasks.drafting.task import draft_letter
from tasks.mailing.task import email_recipient
from tasks.rendering.task import prepare_pack, render_letter
from tasks.signoff.decide import decision_on


@flow(name="issue-letter", persist_result=False)
def issue_letter(draft: str) -> State[Any]:
    """Issue the letter whose draft the office took in.

    Args:
        draft: SHA-256 of the draft's bytes, under which the office keeps it.

    """
    office = open_office()
    try:
        drafted = draft_letter(office, draft)
        if isinstance(drafted, Blocked):
            return Failed(name="Blocked", message=str(drafted))
        reference, revision = drafted
        name_run(reference, revision)
        prepare_pack(office, reference, revision)
        decision = decision_on(Case(office, reference), revision)
        if decision is None:
            return Completed(
                name="AwaitingSignOff",
                message=f"{reference} r{revision} waits for its inspector.",
            )
        if decision.statement.decision is Decision.RETURN:
            return Completed(name="Returned", message=f"{reference} r{revision} was returned.")
        render_letter(office, reference, revision)
        archive_letter(office, reference, revision)
        states = email_recipients(office, reference, revision)
        is_closed = close_case(office, reference, revision)
    except (CommandRefused, SignOffRefused) as refusal:
        return Failed(name="Refused", message=f"{refusal} [{refusal.code}]")
    told = ", ".join(f"{recipient} {state}" for recipient, state in states.items())
    if is_closed:
        return Completed(name="Issued", message=f"{reference} r{revision}: {told}")
    if any(state in DOUBTFUL for state in states.values()):
        return Completed(name="IssuedInDoubt", message=f"{reference} r{revision}: {told}")
    return Failed(name="Undelivered", message=f"{reference} r{revision}: {told}. Run it again.")


def one_client() -> AbstractContextManager[object]:
    """Let all runs of a command share a client: each new one loads all certificates anew."""
    return SyncClientContext.get_or_create()


def run_once(draft: str) -> tuple[str, str]:
    """Run the flow in this process; return the name of its last state and what it said."""
    state = issue_letter(draft, return_state=True)
    return state.name or "", state.message or ""


def email_recipients(office: Office, reference: str, revision: int) -> dict[str, DeliveryState]:
    """Deliver to each recipient in the order of the letter; one failure stops no other."""
    return {
        recipient.id: email_recipient(office, reference, revision, recipient.id)
        for recipient in Case(office, reference).recipients(revision)
    }


def name_run(reference: str, revision: int) -> None:
    """Give the flow run the letter's reference as its name and tag, for the UI."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return
    run = context.flow_run
    with get_client(sync_client=True) as client:
        client.update_flow_run(run.id, name=f"{reference} r{revision}", tags=[*run.tags, reference])
