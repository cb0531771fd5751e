"""The run's process and Prefect's server both die: the next command starts anew and issues.

Each office has a Prefect of its own here, as `letters issue` starts it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.faults.trial import (
    ELSEWHERE,
    Moment,
    Trial,
    a_trial,
    at_once,
    wrong_when_issued,
    wrong_when_killed,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

AROUND = ("claim-1.json", "outbox/*.eml", "outcome-1.json")
"""What is put at a delivery's claim, its sending and its outcome."""


@pytest.fixture(scope="module")
def prefect(commands, tmp_path_factory) -> Path:
    """A Prefect whose tables are made: making them takes as long as all the rest."""
    trial = a_trial(commands, tmp_path_factory.mktemp("own"), "Ownmere", {})
    ended = trial.issue()
    assert ended.code == 0, ended.said
    return trial.folder / "office" / "prefect"


def chosen(way: list[Moment]) -> Iterator[Moment]:
    """Choose the middle of each step, and the moments before and after what matters most."""
    for step in dict.fromkeys(moment.step for moment in way):
        here = [moment for moment in way if moment.step == step]
        yield here[len(here) // 2]
    for what in AROUND:
        before = next(n for n, moment in enumerate(way) if moment.point.endswith(what))
        yield from way[before : before + 2]


def kill_server(home: Path) -> None:
    """Kill the Prefect server of an office, and wait until it has ended."""
    announced = home / "server.json"
    if announced.exists():
        server = psutil.Process(json.loads(announced.read_text())["pid"])
        server.kill()
        psutil.wait_procs([server])


def test_a_letter_is_issued_once_when_the_server_dies_with_its_process(
    commands, way, prefect, tmp_path
):
    def judge(trial: Trial, moment: Moment) -> list[str]:
        home = trial.folder / "office" / "prefect"
        shutil.copytree(prefect, home)
        killed = trial.issue(kill_at=moment.point)
        kill_server(home)
        wrong = wrong_when_killed(killed, trial)
        again = trial.issue()
        is_marked = "is marked Crashed" in again.said
        if is_marked is not (moment.step != ELSEWHERE):
            wrong.append(f"marked Crashed: {is_marked}")
        return wrong + wrong_when_issued(again, trial)

    trials = [
        (a_trial(commands, tmp_path / str(number), "Ownmere", {}), moment)
        for number, moment in enumerate(dict.fromkeys(chosen(way)))
    ]

    assert at_once(judge, trials) == []
