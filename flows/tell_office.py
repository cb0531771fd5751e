"""Telling the letters office what went wrong: a run that failed, an e-mail that didn't arrive.

Both flows are started by automations (`flows.automations`), with what an event of Prefect
named. Events can be made by anybody who reaches Prefect: what is told is read from the run
itself and from the case. Each is told once, however often its flow runs. Imports Prefect.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.objects import State as RunState
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed, Failed

from flows.idle_rounds import IDLE
from flows.kept_runs import FLOW, LetterRevision, letter_of
from flows.office import open_office
from letters.case import State
from letters.deadline import OFFICES
from letters.errors import LettersError, UsageError
from letters.letter import day_in_words
from letters.recipient import send_id
from tasks.case.case import Case, open_case
from tasks.case.ledger import enter_last
from tasks.case.office import Office
from tasks.case.record import StepRun
from tasks.mailing.alerts import FailedRun, tell_office_of_bounce, tell_office_of_failure
from tasks.mailing.events import EVENT_OBJECT

TOLD = "Told"
"""The name of the state in which a run ends that told the office something new."""

OVER = frozenset({State.RETURNED, State.SUPERSEDED, State.CORRECTED, State.WITHDRAWN})
"""What became of a letter with which no run has to go on."""


@flow(name="tell-of-failure", persist_result=False)
def tell_of_failure(flow_run_id: str) -> RunState[Any]:
    """Tell the letters office that the run of a letter failed or crashed, and what to do.

    Args:
        flow_run_id: The id of the run of issue-letter.

    """
    return _told(lambda: tell_of_run(open_office(is_register_needed=False), UUID(flow_run_id)))


@flow(name="tell-of-bounce", persist_result=False)
def tell_of_bounce(reference: str, delivery: str) -> RunState[Any]:
    """Tell the letters office that an e-mail with a letter didn't arrive, and what to do.

    Args:
        reference: The letter's reference.
        delivery: The send id of the e-mail: 32 hexadecimal digits.

    """
    return _told(
        lambda: tell_of_delivery(open_office(is_register_needed=False), reference, delivery)
    )


def tell_of_run(office: Office, flow_run_id: UUID) -> str:
    """Tell of a run, unless it was told; return what was told, empty for nothing.

    A run that ended before its draft became a letter has no case in which to note it:
    Prefect's pages show it. Raises NoticeUndelivered.
    """
    run = _run(flow_run_id)
    letter = None if run is None else _letter_of(office, run)
    if run is None or letter is None or run.state is None:
        return ""
    case = Case(office, letter.reference)
    if _is_over(case, letter.revision):
        return ""
    at = run.state.timestamp.astimezone(OFFICES)
    step = StepRun(case, tell_of_failure.name)
    tell_office_of_failure(
        step,
        letter.revision,
        FailedRun(
            id=str(run.id),
            name=run.name,
            has_crashed=run.state_type is StateType.CRASHED,
            at=f"{day_in_words(at.date())} at {at:%H:%M}",
            said=run.state.message or "",
        ),
    )
    step.complete()
    return f"{letter}: its run {run.name} ended as {run.state.name}." if step.has_begun else ""


def tell_of_delivery(office: Office, reference: str, delivery: str) -> str:
    """Tell of an e-mail that didn't arrive, unless it was told; return what was told.

    Raises UsageError for an unknown letter, NoticeUndelivered, CaseDamaged.
    """
    case = open_case(office, reference)
    for revision in case.revisions():
        for recipient in case.recipients(revision):
            if send_id(reference, revision, recipient.email) == delivery:
                step = StepRun(case, tell_of_bounce.name)
                tell_office_of_bounce(step, revision, recipient)
                step.complete()
                if step.has_begun:
                    _anchor_again(case)
                    return f"{reference} r{revision}, {recipient.id}: it didn't arrive."
    return ""


def _told(tell: Callable[[], str]) -> RunState[Any]:
    try:
        told = tell()
    except LettersError as failure:
        return Failed(message=f"{failure} [{failure.code}]")
    return Completed(name=TOLD if told else IDLE, message=told or "There was nothing to tell.")


def _is_over(case: Case, revision: int) -> bool:
    state = case.state(revision)
    return state in OVER or (state is State.ISSUED and case.closed() is not None)


def _run(flow_run_id: UUID) -> FlowRun | None:
    """Read a run of the flow that failed or crashed; None for any other."""
    with get_client(sync_client=True) as client:
        try:
            run = client.read_flow_run(flow_run_id)
        except ObjectNotFound:
            return None
        is_ours = client.read_flow(run.flow_id).name == FLOW
    return run if is_ours and run.state_type in {StateType.FAILED, StateType.CRASHED} else None


def _letter_of(office: Office, run: FlowRun) -> LetterRevision | None:
    """Tell which letter a run works on, by its bound draft or by the reference that it names."""
    letter = letter_of(office, run)
    if letter is None:
        try:
            case = open_case(office, str(run.parameters.get("draft", "")).strip())
        except UsageError:
            return None
        letter = LetterRevision(case.reference, case.revisions()[-1])
    return letter


def _anchor_again(case: Case) -> None:
    """Have the ledger see a closed case's chain to its end, where the notice now stands."""
    if case.closed() is not None:
        *_, last = (key for key in case.recorded() if EVENT_OBJECT.search(key))
        enter_last(case, "recorded", last.removeprefix(case.key("")))
