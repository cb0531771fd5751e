"""The automations of an office: what Prefect's server does by itself when something happens.

A letter that waits long leads to a round of `remind`, a run that failed or crashed to
`tell-of-failure`, an e-mail that didn't arrive to `tell-of-bounce`; a run whose heartbeats
stopped is ended as Crashed. They decide nothing about a letter: what is started looks at the
case. Owns that they are there, once each, and as written here. Imports Prefect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from prefect.automations import (
    AutomationCore,
    ChangeFlowRunState,
    EventTrigger,
    Posture,
    ResourceSpecification,
    RunDeployment,
)
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events.schemas.automations import Automation

from flows.heartbeats import HEARTBEAT, PROCESS_ENDED
from letters.events import FLAGS

PREFIX = "letters: "
"""Of the names of all of them, by which those that are no longer ours are known."""

WAITING = f"{PREFIX}sign-off waiting"
FAILED = f"{PREFIX}run failed or crashed"
LOST = f"{PREFIX}heartbeats lost"
BOUNCED = f"{PREFIX}e-mail did not arrive"

LOST_MESSAGE = (
    "Nothing was heard of its process any more. Nothing is lost: issue the letter again, and it"
    " goes on where it stopped."
)

STATES = "prefect.flow-run.*"
"""A run's states go by their names: `prefect.flow-run.Issued`. Heartbeats are among them."""

GOES_ON = {
    f"prefect.flow-run.{state}"
    for state in (
        *("Resuming", "Scheduled"),
        *("Cancelling", "Cancelled", "Completed", "Failed", "Crashed"),
    )
}
"""What may follow a suspension. Each event of an automation costs the server a transaction,
so what follows these is left out; and a heartbeat that comes late doesn't count."""

PAGE = 200


class Windows(NamedTuple):
    """How long nothing may happen; Prefect counts from ten seconds on."""

    sign_off: timedelta = timedelta(days=1)
    """To a suspended run, until `remind` looks whether it has waited too long."""
    heartbeat: timedelta = timedelta(minutes=5)
    """To a running one: of ten heartbeats one is enough, and so are Prefect's own, each 180 s."""


DEFAULT = Windows()


def register_automations(deployments: Mapping[str, UUID], windows: Windows = DEFAULT) -> None:
    """Make the automations whose deployments there are, or bring them up to date; no others stay.

    `deployments` are ids by the names of their flows. Whether one is switched on is left as
    a person has set it. Raises what Prefect's client raises.
    """
    wanted = {automation.name: automation for automation in _automations(deployments, windows)}
    with get_client(sync_client=True) as client:
        there = {one.name: one for one in _ours(client)}
        for one in _ours(client):
            if one.name not in wanted or one.id != there[one.name].id:
                client.delete_automation(one.id)
        for name, automation in wanted.items():
            known = there.get(name)
            if known is None:
                client.create_automation(automation)
            elif name == LOST or not _is_same(known, automation):
                # An update begins all windows anew. For heartbeats it must: a window that ran
                # out while nothing was served would crash a run that goes on by now.
                automation.enabled = known.enabled
                client.update_automation(known.id, automation)


def _automations(deployments: Mapping[str, UUID], windows: Windows) -> Iterator[AutomationCore]:
    issue = deployments["issue-letter"]
    if remind := deployments.get("remind"):
        yield AutomationCore(
            name=WAITING,
            description="A letter has waited for its sign-off for long: `remind` looks whether"
            " somebody is to be reminded.",
            trigger=EventTrigger(
                after={"prefect.flow-run.Suspended"},
                expect=GOES_ON,
                match=_runs(),
                match_related=_of_deployment(issue),
                for_each={"prefect.resource.id"},
                posture=Posture.Proactive,
                threshold=1,
                within=windows.sign_off,
            ),
            actions=[RunDeployment(deployment_id=remind)],
        )
    if tell := deployments.get("tell-of-failure"):
        yield AutomationCore(
            name=FAILED,
            description="The run of a letter failed or crashed: the letters office is told.",
            trigger=EventTrigger(
                expect={STATES},
                match=_runs(**{"prefect.state-type": ["FAILED", "CRASHED"]}),
                match_related=_of_deployment(issue),
                for_each={"prefect.resource.id"},
                posture=Posture.Reactive,
            ),
            actions=[
                RunDeployment(
                    deployment_id=tell,
                    parameters={
                        "flow_run_id": "{{ event.resource.id | replace('prefect.flow-run.', '') }}"
                    },
                )
            ],
        )
    yield AutomationCore(
        name=LOST,
        description="A run's process and its runner died together: the run ends as Crashed, so"
        " that its letter can be issued again.",
        trigger=EventTrigger(
            # Both, so that a run is found that died before its first heartbeat.
            after={"prefect.flow-run.Running", HEARTBEAT},
            expect={STATES, PROCESS_ENDED},
            match=_runs(),
            match_related=_of_deployment(issue),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=windows.heartbeat,
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message=LOST_MESSAGE)],
    )
    if tell := deployments.get("tell-of-bounce"):
        yield AutomationCore(
            name=BOUNCED,
            description="An e-mail with a letter bounced, was blocked or dropped, or was reported"
            " as spam: the letters office is told.",
            trigger=EventTrigger(
                expect={f"letters.delivery.{flag}" for flag in FLAGS},
                match=ResourceSpecification({"prefect.resource.id": "letters.delivery.*"}),
                for_each={"prefect.resource.id"},
                posture=Posture.Reactive,
            ),
            actions=[
                RunDeployment(
                    deployment_id=tell,
                    parameters={
                        "reference": "{{ event.resource_in_role['letter'].id"
                        " | replace('letters.letter.', '') }}",
                        "delivery": "{{ event.resource.id | replace('letters.delivery.', '') }}",
                    },
                )
            ],
        )


def _runs(**labels: list[str]) -> ResourceSpecification:
    return ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*", **labels})


def _of_deployment(deployment_id: UUID) -> ResourceSpecification:
    return ResourceSpecification(
        {
            "prefect.resource.role": "deployment",
            "prefect.resource.id": f"prefect.deployment.{deployment_id}",
        }
    )


def _ours(client: SyncPrefectClient) -> list[Automation]:
    return [one for one in client.read_automations(limit=PAGE) if one.name.startswith(PREFIX)]


def _is_same(known: AutomationCore, wanted: AutomationCore) -> bool:
    parts = {"description", "trigger", "actions"}
    return known.model_dump(include=parts) == wanted.model_dump(include=parts)
