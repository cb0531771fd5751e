"""The run's process and Prefect's server both die: the next command starts anew and issues.

Each office has a Prefect of its own here, as `letters issue` starts it. A letter and its
server are killed in parts of the way, like those of the kill matrix.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import psutil
import pytest

from tests.faults.commands import Ended
from tests.faults.trial import (
    ELSEWHERE,
    PARTS_BEGIN,
    Moment,
    Trial,
    a_trial,
    at_once,
    in_turn,
    wrong_when_issued,
    wrong_when_killed,
)
from tests.thoroughness import EVERY

pytestmark = pytest.mark.slow

AROUND = ("claim-1.json", "outbox/*.eml", "outcome-1.json")
"""What is put at a delivery's claim, its sending and its outcome."""


@pytest.fixture(scope="module")
def prefect(commands, tmp_path_factory) -> Path:
    """A Prefect whose tables are made: making them takes as long as all the rest."""
    trial = a_trial(commands, tmp_path_factory.mktemp("own"), "Ownmere", {})
    ended = trial.issue()
    assert ended.code == 0, ended.said
    return trial.folder / "office" / "prefect"


def chosen(way: list[Moment]) -> list[Moment]:
    """Choose the middle of a step, and the moments before and after what matters most."""
    numbers = set()
    steps = list(dict.fromkeys(moment.step for moment in way))
    for step in {*steps[::EVERY], *PARTS_BEGIN}:
        here = [number for number, moment in enumerate(way) if moment.step == step]
        numbers.add(here[len(here) // 2])
    for what in AROUND:
        before = next(n for n, moment in enumerate(way) if moment.point.endswith(what))
        numbers |= {before, before + 1}
    return [way[number] for number in sorted(numbers)]


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
    def judge(trial: Trial, moments: list[Moment]) -> list[str]:
        home = trial.folder / "office" / "prefect"
        shutil.copytree(prefect, home)
        wrong, dead = [], 0
        for kills, moment in enumerate(moments, start=1):
            killed = trial.issue(kill_at=moment.point)
            kill_server(home)
            wrong += wrong_when_killed(killed, trial, moment, kills=kills)
            wrong += wrong_marks(killed, dead)
            dead = int(moment.step != ELSEWHERE)
        again = trial.issue()
        return wrong + wrong_marks(again, dead) + wrong_when_issued(again, trial, kills=kills)

    trials = [
        (a_trial(commands, tmp_path / str(number), "Ownmere", {}), moments)
        for number, moments in enumerate(in_turn(chosen(way)))
    ]

    assert at_once(judge, trials) == []


def wrong_marks(ended: Ended, dead: int) -> list[str]:
    """List what is wrong with how a command marks the runs that the one before it left."""
    marked = ended.said.count("is marked Crashed")
    return [] if marked == dead else [f"{marked} marked Crashed, not {dead}"]
