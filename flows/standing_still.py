"""Letters that stand still and nobody knows: found from the cases, and told to the office.

An approved letter whose run was cancelled, deleted or failed, or that never had one, is
stranded; one whose approving key was revoked is frozen, even while it waits for another
signatory. Each is told once for each revision, what is frozen for each signatory. So is a
return whose run died before it could tell. A delivery in doubt is neither: it waits for
`letters settle`. Imports Prefect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import TERMINAL_STATES, FlowRun, StateType

from flows.dead_runs import has_stood_long
from flows.kept_runs import LetterRevision, letter_of, pages_of_runs
from flows.troubles import Troubles
from flows.waiting import never_stopping
from letters.case import State
from letters.decisions import Decisions, Part, listed
from letters.delivery import DOUBTFUL, DeliveryState
from letters.letter import day_in_words
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.ledger import is_finished
from tasks.case.office import Office
from tasks.case.open_letters import open_references
from tasks.case.record import StepRun
from tasks.mailing.notices import (
    notify_office_of_frozen,
    notify_office_of_return,
    notify_office_of_stranded,
)
from tasks.signoff.decide import decisions_on, freezing

STANDS_STILL_AFTER = timedelta(minutes=10)
"""A run that was told of a decision has begun to go on by then."""

BEGINS_WITHIN_SECONDS = 300
"""A run that is Pending for longer began nowhere, and housekeeping could not have it taken up."""

UNFINISHED = frozenset(StateType) - TERMINAL_STATES


@dataclass
class Standstill:
    """What stands still, a line each, and what the office was told just now."""

    stranded: list[str] = field(default_factory=list)
    frozen: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def find_standstill(office: Office, troubles: Troubles) -> Standstill:
    """Find what stands still in the cases that aren't anchored to their end; tell the office."""
    found = Standstill()
    approved: list[LetterRevision] = []
    for reference in open_references(office):
        with troubles.met(f"looking at {reference}"):
            case = Case(office, reference)
            for letter, decisions in _decided(case):
                if not _is_long_ago(office, decisions):
                    continue
                if decisions.decision is not Decision.RETURN:
                    approved.append(letter)
                elif letter.revision == case.revisions()[-1]:
                    step = StepRun(case, "notify-office-of-return")
                    _tell(found, letter, "returned", step, notify_office_of_return)
    # The runs are read before the cases are judged: one that ends meanwhile is no loss.
    runs = _unfinished_runs() if approved else []
    for letter in approved:
        with troubles.met(f"looking at {letter}"):
            _judge(found, office, letter, runs)
    return found


def _decided(case: Case) -> Iterator[tuple[LetterRevision, Decisions]]:
    """Find the latest revision of a case on which anyone has decided, if any."""
    for revision in reversed(case.revisions()):
        decisions = case.decisions(revision)
        if decisions.sign_offs:
            yield LetterRevision(case.reference, revision), decisions
            return


def _is_long_ago(office: Office, decisions: Decisions) -> bool:
    return office.clock() - _at(decisions) >= STANDS_STILL_AFTER


def _at(decisions: Decisions) -> datetime:
    return datetime.fromisoformat(decisions.latest)


def _unfinished_runs() -> list[FlowRun]:
    with get_client(sync_client=True) as client:
        return [run for page in pages_of_runs(client, *UNFINISHED) for run in page]


def _judge(found: Standstill, office: Office, letter: LetterRevision, runs: list[FlowRun]) -> None:
    """Tell whether an approved letter is frozen, or stranded, or neither.

    One that is approved by some of its signatories can be frozen; it still waits.
    """
    case = Case(office, letter.reference)
    decisions = decisions_on(case, letter.revision)
    step = StepRun(case, "notify-office-of-standstill")
    frozen = [approval.part for approval in freezing(case, letter.revision)]
    if frozen:
        found.frozen.append(
            f"{letter}: frozen, since the key with which {_names(frozen)} approved it was revoked."
            f" Have it confirmed with another key: `letters sign {letter.reference}` prints the"
            f" link.{f' {decisions}.' if decisions.is_joint else ''}"
        )
        notify = partial(notify_office_of_frozen, signatories=[part.number for part in frozen])
        _tell(found, letter, "frozen", step, notify)
    elif (
        decisions.decision is Decision.APPROVE
        and case.state(letter.revision) not in {State.HELD, State.RETURNED}
        and _is_long_ago(office, decisions)  # it may have been confirmed only now
        and _is_left_undone(case, letter.revision)
        and not any(_works_on(office, run, letter) for run in runs)
    ):
        found.stranded.append(
            f"{letter}: approved on {day_in_words(_at(decisions).date())}, and no run goes on"
            f" with it. Start it again: `letters issue {letter.reference}`, or its reference in"
            " Prefect's form."
        )
        _tell(found, letter, "stranded", step, notify_office_of_stranded)


def _names(parts: list[Part]) -> str:
    return listed([part.sign_off.enrolment.name for part in parts if part.sign_off is not None])


def _is_left_undone(case: Case, revision: int) -> bool:
    """Whether a run would find something to do: to send, or, with all sent well, to close."""
    states = set(case.delivery_states(revision).values())
    if DeliveryState.PENDING in states:
        return True
    return states.isdisjoint({*DOUBTFUL, DeliveryState.IN_FLIGHT}) and not is_finished(
        case, revision
    )


def _works_on(office: Office, run: FlowRun, letter: LetterRevision) -> bool:
    """Whether a run that goes on is bound to the letter's draft, or will be once it begins."""
    if run.state_type is StateType.PENDING and has_stood_long(run, BEGINS_WITHIN_SECONDS):
        return False
    named = str(run.parameters.get("draft", "")).strip()
    return named == letter.reference or letter_of(office, run) == letter


def _tell(
    found: Standstill,
    letter: LetterRevision,
    what: str,
    step: StepRun[Case],
    notify: Callable[[StepRun[Case], int], None],
) -> None:
    with never_stopping():
        notify(step, letter.revision)
        step.complete()
        if step.has_begun:  # it was told only now
            found.told.append(f"{letter}: {what}")
