"""Housekeeping: what no letter's own run can do for itself.

Schedules runs again that a worker left, marks those of dead processes Crashed, resumes
those whose letter is decided, picks up approved letters whose run crashed, tells the office
which letters stand still, copies the histories of ended runs into their cases, and sweeps
what killed processes left half written. Every part can be done at any time by any process,
and again; one that fails stops no other. Imports Prefect.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.context import SyncClientContext
from prefect.states import Completed, Failed

from flows.dead_runs import mark_dead_runs_crashed
from flows.idle_rounds import IDLE, STILL_STRANDED, forget_idle_rounds
from flows.kept_runs import keep_ended_runs
from flows.left_runs import take_up_left
from flows.office import open_office
from flows.office_page import show_office_page
from flows.picking_up import pick_up_crashed
from flows.resuming import resume_decided
from flows.standing_still import Standstill, find_standstill
from flows.troubles import Troubles
from tasks.case.office import Office
from tasks.mailing.outbox import Outbox

log = logging.getLogger("flows")

STRANDED = "Stranded"
"""The name of the state in which a round ends that did something, and knows stranded letters."""


@dataclass(frozen=True)
class HouseReport:
    """What one round of housekeeping did."""

    runs_taken_up: tuple[str, ...] = ()
    """Names of the runs that a worker left, and that go on."""
    runs_crashed: tuple[str, ...] = ()
    """Names of the runs whose process had died."""
    runs_resumed: int = 0
    letters_picked_up: tuple[str, ...] = ()
    """`<reference> r<n>` of each approved letter that got a new run."""
    letters_stranded: tuple[str, ...] = ()
    """A line for each approved letter with which no run goes on."""
    letters_frozen: tuple[str, ...] = ()
    """A line for each letter whose approval waits to be confirmed."""
    office_told: tuple[str, ...] = ()
    """Of what stands still the office was sent a notice: `<reference> r<n>: stranded`."""
    runs_recorded: int = 0
    """Ends of runs whose histories are new in their cases."""
    files_swept: int = 0
    troubles: tuple[str, ...] = ()
    """What failed, and why."""

    @property
    def has_done_anything(self) -> bool:
        """Whether anything was changed."""
        return replace(self, letters_stranded=(), letters_frozen=()) != HouseReport()

    @property
    def state_name(self) -> str | None:
        """What a round without troubles is called; None is Prefect's own word for it."""
        if self.letters_stranded:
            return STRANDED if self.has_done_anything else STILL_STRANDED
        return None if self.has_done_anything else IDLE

    def __str__(self) -> str:
        """Say it in one line, and one for each trouble and each letter that stands still."""
        standing = (*self.letters_stranded, *self.letters_frozen)
        if self.troubles:
            return "\n".join((*self.troubles, *standing))
        done = {
            "taken up": len(self.runs_taken_up),
            "marked Crashed": len(self.runs_crashed),
            "resumed": self.runs_resumed,
            "picked up": len(self.letters_picked_up),
            "told to the office": len(self.office_told),
            "recorded": self.runs_recorded,
            "files swept": self.files_swept,
        }
        told = ", ".join(f"{count} {what}" for what, count in done.items() if count)
        return "\n".join(line for line in (*standing, told) if line) or "Nothing to do."


@flow(name="housekeeping", persist_result=False)
def housekeeping() -> State[Any]:
    """Keep house once: dead runs, decided, crashed and stranded letters, histories, leftovers."""
    report = keep_house(open_office(is_register_needed=False))
    if report.troubles:
        return Failed(message=str(report))
    with suppress(Exception):  # they only take room, and the next round tries again
        forget_idle_rounds(housekeeping.name)
    return Completed(name=report.state_name, message=str(report))


def keep_house(office: Office, *, is_thorough: bool = False) -> HouseReport:
    """Do every part of housekeeping once, and tell what was done and what failed.

    The parts are no tasks of Prefect's: where there is nothing to do, that would be
    most of the work. `is_thorough` looks at all runs that ever ended, not only at
    the latest.
    """
    troubles = Troubles()
    taken_up: tuple[str, ...] = ()
    crashed: tuple[str, ...] = ()
    picked_up: tuple[str, ...] = ()
    standstill = Standstill()
    resumed = recorded = swept = 0
    with SyncClientContext.get_or_create():
        with troubles.met("taking up left runs"):
            taken_up = take_up_left()
        with troubles.met("marking dead runs"):
            crashed = tuple(run.name for run in mark_dead_runs_crashed())
        with troubles.met("resuming decided letters"):
            resumed = resume_decided(office, tell=troubles.told.append)
        with troubles.met("picking up crashed letters"):
            picked_up = pick_up_crashed(office, troubles)
        with troubles.met("looking for letters that stand still"):
            standstill = find_standstill(office, troubles)
        with troubles.met("recording runs"):
            recorded = keep_ended_runs(office, troubles, is_thorough=is_thorough)
        with troubles.met("showing the office's page"):
            show_office_page(office)
    with troubles.met("sweeping the archive"):
        swept += office.store.sweep(office.clock())
    for outbox in (office.provider, office.notices):
        with troubles.met("sweeping an outbox"):
            if isinstance(outbox, Outbox):
                swept += outbox.sweep(office.clock())
    report = HouseReport(
        runs_taken_up=taken_up,
        runs_crashed=crashed,
        runs_resumed=resumed,
        letters_picked_up=picked_up,
        letters_stranded=tuple(standstill.stranded),
        letters_frozen=tuple(standstill.frozen),
        office_told=tuple(standstill.told),
        runs_recorded=recorded,
        files_swept=swept,
        troubles=tuple(troubles.told),
    )
    log.info("%s", report)
    return report
