"""Wherever its process is killed, a letter is whole, and issued again it goes out once.

The points come from a recorded run: around the put of every object, every note of the
witness, every send, every step. At each moment the real command is killed (SIGKILL)
and verified. A letter is killed once in each part of its way, every time by the
command that takes it up again, and at last issued to its end and verified.
"""

from __future__ import annotations

import pytest

from tests.faults.trial import (
    ELSEWHERE,
    Moment,
    Trial,
    a_trial,
    at_once,
    in_turn,
    prefect_of_this_process,
    wrong_when_issued,
    wrong_when_killed,
)
from tests.thoroughness import EVERY

pytestmark = pytest.mark.slow

STEPS = (
    ELSEWHERE,
    "draft-letter",
    "prepare-pack",
    "notify-inspectors",
    "render-letter",
    "archive-letter",
    "email-recipient",
    "close-case",
    "send-receipt",
    "anchor-case",
)


def test_every_step_has_its_points_here(way):
    assert {moment.step for moment in way} == set(STEPS)


def test_a_letter_is_issued_once_wherever_its_process_is_killed(engine, commands, way, tmp_path):
    def judge(trial: Trial, moments: list[Moment]) -> list[str]:
        wrong = []
        for kills, moment in enumerate(moments, start=1):
            killed = trial.issue(kill_at=moment.point)
            wrong += wrong_when_killed(killed, trial, moment, kills=kills)
        return wrong + wrong_when_issued(trial.issue(), trial, kills=len(moments))

    prefect = prefect_of_this_process()
    trials = [
        (a_trial(commands, tmp_path / str(number), f"Killmere{number}", prefect), moments)
        for number, moments in enumerate(in_turn(way)[::EVERY])
    ]

    assert at_once(judge, trials) == []
