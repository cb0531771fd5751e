"""Correcting and withdrawing an issued letter from Prefect's pages.

The run writes down the order and begins a run of issue-letter for what replaces the letter;
that run is bound to its bytes, waits for the inspector and goes on like any other. Imports
Prefect.
"""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State as RunState
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed, Failed

from flows.issue_letter import REFUSALS
from flows.office import open_office
from flows.picking_up import DEPLOYMENT
from letters.errors import UsageError
from tasks.case.case import Case, open_case
from tasks.case.intake import Intake
from tasks.case.office import Office
from tasks.case.record import StepRun
from tasks.drafting.change import STEP, order_correction, order_withdrawal
from tasks.drafting.draft import Blocked, compose_draft
from tasks.drafting.submitted import bound_name, submitted


@flow(name="correct-letter", persist_result=False)
def correct_letter(reference: str, draft: str, reason: str) -> RunState[Any]:
    """Correct an issued letter: everyone who got it gets the corrected one. Safe to run again.

    Args:
        reference: The issued letter, such as CRA-WESTMERE-2011-03-08.
        draft: The corrected draft's file name in the office's drafts folder.
        reason: Why, in a sentence. It is printed in the letter.

    """
    office = open_office()
    try:
        case = open_case(office, reference.strip().upper())
        intake = submitted(office, draft)
        name = intake.original_name
        composition = compose_draft(office, intake.get(name), name)
        if composition.letter is None or composition.is_blocked:
            return Failed(name="Blocked", message=str(Blocked(composition.problems)))
        order_correction(StepRun(case, STEP), intake, composition.letter, reason=reason)
        return _begin(office, case.reference, bound_name(draft, intake), intake, "correction")
    except REFUSALS as refusal:
        return Failed(name="Refused", message=f"{refusal} [{refusal.code}]")


@flow(name="withdraw-letter", persist_result=False)
def withdraw_letter(reference: str, reason: str) -> RunState[Any]:
    """Withdraw an issued letter: everyone who got it gets a signed notice. Safe to run again.

    Args:
        reference: The issued letter, such as CRA-WESTMERE-2011-03-08.
        reason: Why, in a sentence. It is printed in the notice.

    """
    office = open_office()
    try:
        case = open_case(office, reference.strip().upper())
        intake = order_withdrawal(StepRun(case, STEP), reason=reason)
        return _begin(office, case.reference, intake.draft_sha256, intake, "withdrawal")
    except REFUSALS as refusal:
        return Failed(name="Refused", message=f"{refusal} [{refusal.code}]")


def _begin(office: Office, reference: str, draft: str, intake: Intake, kind: str) -> RunState[Any]:
    """Begin the run that issues what replaces the letter, once for each order."""
    with get_client(sync_client=True) as client:
        try:
            deployment_id = client.read_deployment_by_name(DEPLOYMENT).id
        except ObjectNotFound as missing:
            raise UsageError(
                "The order is kept, and nothing runs letters here.",
                where=str(office.root),
                remedy=f"Serve the office and run this again, or `letters issue {reference}`.",
                code="not-served",
            ) from missing
        key = f"{kind}:{intake.draft_sha256}"
        while True:
            run = client.create_flow_run_from_deployment(
                deployment_id,
                parameters={"draft": draft},
                name=f"{reference} {kind}",
                tags=[reference],
                idempotency_key=key,
            )
            is_over = run.state is not None and run.state.is_final()
            if not is_over or Case(office, reference).rounds().is_issue_taken:
                break
            key = f"{key}:{run.id}"  # that run failed, crashed or was cancelled: begin another
    return Completed(
        name="Ordered",
        message=f"The {kind} of {reference} is ordered; the run “{run.name}” goes on with it and"
        " waits for the inspector.",
    )
