"""A run that `letters serve` suspends and resumes goes on wherever its process is killed.

The same run goes on, as after a crash of the one who serves; a run left suspended is
resumed as housekeeping does it. What the case writes on its way is in the kill matrix;
here it is what Prefect is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from letters.case import State
from tasks.case.case import Case
from tasks.case.faults import RECORD, VARIABLE
from tests.faults.commands import Ended
from tests.faults.trial import (
    DRAFT,
    ELSEWHERE,
    Moment,
    Trial,
    a_trial,
    at_once,
    moments,
    not_issued_once,
    prefect_of_this_process,
    wrong_when_killed,
)
from tests.issuing import SIGNATORY

pytestmark = pytest.mark.slow

TO_THE_SUSPENSION, THE_SIGN_OFF, AFTER_THE_RESUMPTION = range(3)
"""The processes that a letter takes, one after the other."""

ROUNDS = 8
"""More processes than a letter takes after any kill."""


class Served:
    """The letter of a trial as a run of the office's deployment."""

    def __init__(self, trial: Trial, deployment_id: UUID) -> None:
        self.trial = trial
        drafts = trial.folder / "office" / "drafts"
        drafts.mkdir(parents=True)
        (trial.folder / DRAFT).rename(drafts / DRAFT)
        with a_client() as client:
            run = client.create_flow_run_from_deployment(deployment_id, parameters={"draft": DRAFT})
        self.run_id = run.id

    def part(self, part: int, *, kill_at: str = "") -> Ended:
        """Do one of the parts in a process of its own."""
        if part == THE_SIGN_OFF:
            arguments = ("sign", self.trial.reference, "--sign-as", SIGNATORY)
            return self.trial.letters(*arguments, kill_at=kill_at)
        told = {VARIABLE: kill_at} if kill_at else {}
        environment = self.trial.environment | told
        return self.trial.commands.flow_run(self.trial.folder, str(self.run_id), **environment)

    def go_on(self) -> str:
        """Go on with what a killed process left, to the run's end; return its last state."""
        from prefect.client.schemas.objects import StateType
        from prefect.states import Scheduled

        from flows.resuming import resume_decided

        for _ in range(ROUNDS):
            with a_client() as client:
                state = client.read_flow_run(self.run_id).state
            assert state is not None
            match state.type:
                case StateType.SCHEDULED:
                    self.part(AFTER_THE_RESUMPTION)
                case StateType.PAUSED if self.is_waiting():
                    self.part(THE_SIGN_OFF)
                case StateType.PAUSED:
                    resume_decided(self.trial.office(), self.trial.reference)
                case StateType.PENDING | StateType.RUNNING:
                    with a_client() as client:
                        client.set_flow_run_state(self.run_id, Scheduled(), force=True)
                case _:
                    break
        return state.name or ""

    def is_waiting(self) -> bool:
        """Whether the letter has no decision yet."""
        return Case(self.trial.office(), self.trial.reference).state(1) is State.AWAITING_SIGN_OFF


def a_client():
    from prefect.client.orchestration import get_client

    return get_client(sync_client=True)


@pytest.fixture(scope="module")
def deployment(engine) -> Iterator[UUID]:
    """The deployment of the flow, on the server of the session and for these tests only."""
    from flows.deployments import deployments

    of_letters = next(each for each in deployments() if each.flow_name == "issue-letter")
    deployment_id = of_letters.apply()
    yield deployment_id
    with a_client() as client:
        client.delete_deployment(deployment_id)


@pytest.fixture(scope="module")
def parts(commands, deployment, tmp_path_factory) -> list[list[Moment]]:
    """The moments of each part of a letter's way."""
    folder = tmp_path_factory.mktemp("recorded")
    trial = a_trial(commands, folder, "Servemere", prefect_of_this_process())
    served = Served(trial, deployment)
    recorded = []
    for part in (TO_THE_SUSPENSION, THE_SIGN_OFF, AFTER_THE_RESUMPTION):
        ended = served.part(part, kill_at=f"{RECORD}{trial.record}")
        assert ended.code == 0, ended.said
        recorded.append(list(moments(trial.record.read_text().splitlines())))
        trial.record.unlink()
    assert not_issued_once(trial) == []
    return recorded


def chosen(parts: list[list[Moment]]) -> Iterator[tuple[int, Moment]]:
    """Choose what lies outside the steps; of the sign-off its end; of the last part each step."""
    first, sign_off, last = parts
    yield from ((TO_THE_SUSPENSION, moment) for moment in first if moment.step == ELSEWHERE)
    yield from ((THE_SIGN_OFF, moment) for moment in sign_off[-3:])
    for step in dict.fromkeys(moment.step for moment in last):
        here = [moment for moment in last if moment.step == step]
        yield AFTER_THE_RESUMPTION, here[len(here) // 2]


def test_suspension_and_resumption_have_their_points(parts):
    told = [moment.point for part in parts for moment in part]

    assert {"before-suspend", "after-suspend", "before-resume", "after-resume"} <= set(told)


def test_a_served_letter_is_issued_once_wherever_its_run_is_killed(
    commands, deployment, parts, tmp_path
):
    part_of = {}

    def judge(trial: Trial, moments: list[Moment]) -> list[str]:
        (moment,) = moments
        served, part = Served(trial, deployment), part_of[trial.authority]
        for before in range(part):
            served.part(before)
        killed = served.part(part, kill_at=moment.point)
        wrong = wrong_when_killed(killed, trial, moment)
        ended_as = served.go_on()
        if ended_as != "Issued":
            wrong.append(f"ended as {ended_as}")
        return wrong + not_issued_once(trial)

    trials = []
    prefect = prefect_of_this_process()
    for number, (part, moment) in enumerate(chosen(parts)):
        trial = a_trial(commands, tmp_path / str(number), f"Suspendmere{number}", prefect)
        part_of[trial.authority] = part
        trials.append((trial, [moment]))

    assert at_once(judge, trials) == []
