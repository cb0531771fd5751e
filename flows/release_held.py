"""Releasing held letters: each day those whose period has ended go on. Imports Prefect.

A run is begun for each; it finds for itself whether the letter may go out or has to be
given a new date (`tasks.archiving.hold_back`).
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed, Failed

from flows.idle_rounds import IDLE, forget_idle_rounds
from flows.office import open_office
from flows.picking_up import DEPLOYMENT
from flows.troubles import Troubles
from letters.case import State
from tasks.archiving.hold_back import current_hold
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.case.open_letters import open_references

log = logging.getLogger("flows")

RELEASED = "Released"


@flow(name="release-held", persist_result=False)
def release_held() -> RunState[Any]:
    """Begin a run for each held letter whose period has ended."""
    office, troubles = open_office(is_register_needed=False), Troubles()
    released = release(office, troubles)
    if troubles.told:
        return Failed(message="\n".join([*troubles.told, *released]))
    if not released:
        with suppress(Exception):  # they only take room, and the next round tries again
            forget_idle_rounds(release_held.name)
        return Completed(name=IDLE, message="Nothing to do.")
    return Completed(name=RELEASED, message="\n".join(released))


def release(office: Office, troubles: Troubles) -> list[str]:
    """Begin the runs and return the letters, `<reference> r<n>`."""
    released = []
    for reference in open_references(office):
        with troubles.met(f"looking at {reference}"):
            case = Case(office, reference)
            issue = case.issue()
            if issue is None or case.state(issue.revision) is not State.HELD:
                continue
            if current_hold(case, issue.revision) is None:
                _begin(case, issue.revision)
                released.append(f"{reference} r{issue.revision}")
    return released


def _begin(case: Case, revision: int) -> None:
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name(DEPLOYMENT)
        client.create_flow_run_from_deployment(
            deployment.id,
            parameters={"draft": case.reference},
            name=f"{case.reference} r{revision}",
            tags=[case.reference],
            # One a day: what failed is tried again on the next.
            idempotency_key=f"released:{case.reference}-r{revision}:{case.office.clock():%F}",
        )
