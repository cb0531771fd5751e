"""Reminding those who keep letters waiting for their sign-off.

For each open letter that waits: after some working days the signatory is reminded, after
some more their delegates are asked and the letters office is told. How many, the settings
say; each is told once for each revision and signatory, so that a round may be made at any
time, and again. Imports Prefect.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed, Failed

from flows.idle_rounds import IDLE, forget_idle_rounds
from flows.office import open_office
from flows.troubles import Troubles
from letters.case import State
from letters.decisions import Part
from letters.refusals import SignOffRefused
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.case.open_letters import open_references
from tasks.case.record import StepRun
from tasks.mailing.alerts import escalate
from tasks.mailing.alerts import remind as remind_signatories
from tasks.mailing.notices import Summons
from tasks.mailing.waited import Waited, waited
from tasks.signoff.decide import awaited_parts
from tasks.signoff.links import signing_url
from tasks.signoff.signers import Signer, awaited_signers

log = logging.getLogger("flows")

STEP = "remind"

REMINDED = "Reminded"
"""The name of the state in which a round ends that has told somebody."""


@dataclass(frozen=True)
class ReminderReport:
    """What one round did."""

    waiting: int = 0
    """How many letters wait for a sign-off."""
    told: tuple[str, ...] = ()
    """A line for each letter of which somebody was told just now."""
    troubles: tuple[str, ...] = ()
    """What failed, and why."""

    def __str__(self) -> str:
        """Say it, one letter or trouble a line."""
        told = "\n".join((*self.troubles, *self.told))
        return told or f"Nobody was told now. Letters that wait for a sign-off: {self.waiting}."


@flow(name="remind", persist_result=False)
def remind() -> RunState[Any]:
    """Remind once: signatories, then their delegates and the letters office."""
    report = remind_of_waiting(open_office())
    if report.troubles:
        return Failed(message=str(report))
    with suppress(Exception):  # they only take room, and the next round tries again
        forget_idle_rounds(remind.name)
    return Completed(name=REMINDED if report.told else IDLE, message=str(report))


def remind_of_waiting(office: Office) -> ReminderReport:
    """Do a round, and tell what was done and what failed; one letter stops no other."""
    troubles = Troubles()
    told: list[str] = []
    waiting = 0
    for reference in open_references(office):
        with troubles.met(f"reminding of {reference}"):
            case = Case(office, reference)
            revision = case.revisions()[-1]
            if case.state(revision) is not State.AWAITING_SIGN_OFF:
                continue
            waiting += 1
            so_far = waited(case, revision)
            if so_far is not None:
                told += _remind_of(case, revision, so_far, troubles)
    report = ReminderReport(waiting, tuple(told), tuple(troubles.told))
    log.info("%s", report)
    return report


def _remind_of(case: Case, revision: int, so_far: Waited, troubles: Troubles) -> Iterable[str]:
    """Tell whoever is to be told by now; return the letter if anyone was told only now."""
    settings = case.office.settings.reminders
    if so_far.working_days < settings.after_working_days:
        return
    step = StepRun(case, STEP)
    signers = awaited_signers(case, revision, so_far.today)
    parts = _awaited_parts(case, revision)
    tasks = [partial(_remind, step, revision, part, signers, so_far) for part in parts]
    if so_far.working_days >= settings.escalate_after_working_days:
        tasks += [partial(_escalate, step, revision, part, signers, so_far) for part in parts]
    for task in tasks:
        with troubles.met(f"telling of {case.reference} r{revision}"):
            task()
    step.complete()
    if step.has_begun:  # somebody was told only now
        yield f"{case.reference} r{revision}: it has waited for {so_far}. {so_far.left}".rstrip()


def _awaited_parts(case: Case, revision: int) -> tuple[Part, ...]:
    """List for whom it waits; for all, where what lies there as a decision doesn't count."""
    try:
        return awaited_parts(case, revision)
    except SignOffRefused:
        return case.parts(revision)


def _remind(
    step: StepRun[Case], revision: int, part: Part, signers: Iterable[Signer], so_far: Waited
) -> None:
    """Remind the signatory; where the register doesn't know them, whoever may sign for them."""
    may_sign = [one for one in signers if one.part.number == part.number]
    asked = [one for one in may_sign if one.inspector.name == part.name] or may_sign
    remind_signatories(step, revision, _summoned(step.record, revision, asked), waited=so_far)


def _escalate(
    step: StepRun[Case], revision: int, part: Part, signers: Iterable[Signer], so_far: Waited
) -> None:
    delegates = [
        one for one in signers if one.part.number == part.number and one.inspector.name != part.name
    ]
    escalate(
        step,
        revision,
        _summoned(step.record, revision, delegates),
        signatory=part.number,
        name=part.name,
        waited=so_far,
    )


def _summoned(case: Case, revision: int, signers: Iterable[Signer]) -> list[Summons]:
    return [
        Summons(
            one.inspector.id,
            one.inspector.name,
            one.inspector.email,
            signing_url(case.office, case.reference, revision, one.inspector.id, one.part.number),
            one.part.number,
        )
        for one in signers
    ]
