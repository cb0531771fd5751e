"""Waiting for the inspectors: a run is suspended, and goes on only by what the case holds.

Resuming a run authorises nothing. Whoever resumes it, the flow starts from the top,
comes here, finds no valid decision and suspends the run again. Owns that. Imports Prefect.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.exceptions import Pause
from prefect.flow_runs import suspend_flow_run

from flows.artifacts import show_proof
from letters.case import State
from letters.decisions import Decisions
from letters.errors import LettersError
from letters.refusals import SignOffRefused
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.faults import reach
from tasks.case.record import StepRun
from tasks.mailing.notices import NoticeUndelivered, Summons
from tasks.mailing.task import notify_inspectors
from tasks.signoff.decide import decisions_on, require_not_frozen
from tasks.signoff.links import signing_url
from tasks.signoff.signers import Signer, awaited_signers

log = logging.getLogger("flows")


def await_sign_off(case: Case, revision: int) -> Decisions | None:
    """Return the decision that stands; without one tell who may sign, and suspend the run.

    A run without a deployment can't be suspended: None is returned, the run ends, and
    is run again. A sign-off that doesn't count is written down, and the letter waits; so
    it does until the last of several signatories has signed.
    """
    try:
        decisions = standing_decision(case, revision)
    except SignOffRefused as refusal:
        StepRun(case, "await-sign-off").note("refused", code=refusal.code, revision=revision)
        log.warning("%s r%d still waits: %s", case.reference, revision, refusal)
        decisions = None
    if decisions is None:
        told = case.decisions(revision)
        log.info("%s r%d has no decision that stands: %s.", case.reference, revision, told)
        tell_signers(case, revision)
        if can_suspend():
            suspend(case, revision)
    return decisions


def tell_signers(case: Case, revision: int) -> None:
    """Send each who may sign the link to the signing page, once, and show it on the run's page.

    Of several signatories those are told for whom it still waits.
    """
    summoned = tuple(
        Summons(one.inspector.id, one.inspector.name, one.inspector.email, url, one.part.number)
        for one, url in _links(case, revision)
    )
    with never_stopping():
        notify_inspectors(case.office, case.reference, revision, summoned)
    show_waiting(case, revision)


def show_waiting(case: Case, revision: int, *, flow_run_id: UUID | None = None) -> None:
    """Show on a run's page whom it waits for; on the current run's without an id."""
    links = [(str(one), url) for one, url in _links(case, revision)]
    show_proof(case, revision, links, flow_run_id=flow_run_id)


def _links(case: Case, revision: int) -> list[tuple[Signer, str]]:
    office = case.office
    return [
        (one, signing_url(office, case.reference, revision, one.inspector.id, one.part.number))
        for one in awaited_signers(case, revision, office.clock().date())
    ]


@contextmanager
def never_stopping() -> Iterator[None]:
    """Let a notice that can't be sent be logged: it stops no letter."""
    try:
        yield
    except NoticeUndelivered as failure:
        log.warning("%s", failure)


def standing_decision(case: Case, revision: int) -> Decisions | None:
    """Return the decision by which a revision can go on, None while there is none.

    Raises SignOffRefused where one lies there that doesn't count, or no longer.
    """
    decisions = decisions_on(case, revision)
    if decisions.decision is Decision.APPROVE:
        require_not_frozen(case, revision)
    return None if decisions.decision is None else decisions


def can_suspend() -> bool:
    """Whether the current run belongs to a deployment, so that something can start it again."""
    context = FlowRunContext.get()
    return context is not None and context.flow_run is not None and is_deployed(context.flow_run)


def is_deployed(run: FlowRun) -> bool:
    """Whether a run was started from a deployment."""
    return run.deployment_id is not None


def suspend(case: Case, revision: int) -> None:
    """End this process and leave the run Suspended. Raises Pause, which Prefect heeds."""
    reach("before-suspend")
    try:
        # A key that was used before would let the run go on: each round has its own.
        suspend_flow_run(key=f"sign-off-{uuid4()}")
    except Pause:
        reach("after-suspend")
        # The decision may have come between our looking and the suspension, when
        # there was no suspended run to resume yet.
        if not is_waiting(case, revision):
            context = FlowRunContext.get()
            assert context is not None  # noqa: S101 - it was suspended a moment ago
            assert context.flow_run is not None  # noqa: S101
            with get_client(sync_client=True) as client:
                client.resume_flow_run(context.flow_run.id)
        raise


def is_waiting(case: Case, revision: int) -> bool:
    """Whether a revision has nothing to go on with: no decision that counts, nor a successor."""
    if case.state(revision) is State.SUPERSEDED:
        return False
    try:
        return standing_decision(case, revision) is None
    except LettersError:
        return True
