"""Processes that work and are killed, until every letter has come to an end.

The one who kills forks them, from a process that has imported all they need. Each has
its life drawn by lot: how long it lasts, or the named point at which it ends itself
(`tasks.case.faults`). Owns who works when; what they do is `worker.py`'s.
"""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from tasks.case.faults import RECORD
from tests.faults.campaign.chance import lot
from tests.faults.campaign.offices import Shard
from tests.faults.campaign.worker import TOLD, TROUBLES, work

AT_ONCE = 8
"""They wait for the disk and the provider for much of their time."""

AN_OFFICE = 2
"""Processes at work in the same office, at least: they come upon the same letters."""

MEAN_SECONDS = {"folder": 1.6, "s3": 12.0}
"""How long a process lives on average: about as long as a few letters take it."""

TICK_SECONDS = 0.01
KILLED_IN_TIME, KILLED_AT_POINT, ENDED = "killed by the clock", "killed at a point", "not killed"


class Life(NamedTuple):
    """A process at work in an office."""

    shard: Shard
    ends_at: float


class Lives:
    """All processes of a campaign, one after the other and side by side."""

    def __init__(
        self, seed: str, points: Sequence[str], *, sabotage: str, deadline: float, at_once: int
    ) -> None:
        self.seed = seed
        self.points = points
        self.sabotage = sabotage
        self.deadline = deadline
        """By `time.monotonic`: then what isn't done stays undone."""
        self.at_once = at_once
        self.number = 0
        self.ends: Counter[str] = Counter()

    def take_all_to_their_end(self, shards: Sequence[Shard]) -> None:
        """Have all letters issued; then those in doubt looked after and decided."""
        for is_later in (False, True):
            self._take(shards, is_later=is_later)

    def _take(self, shards: Sequence[Shard], *, is_later: bool) -> None:
        at_work: dict[int, Life] = {}
        while time.monotonic() < self.deadline:
            left = [shard for shard in shards if remaining(shard, is_later=is_later)]
            if not left and not at_work:
                return
            for shard in left:
                here = sum(life.shard is shard for life in at_work.values())
                wanted = max(AN_OFFICE, self.at_once // len(left)) - here
                for _ in range(min(wanted, self.at_once - len(at_work))):
                    pid, life = self._begin(shard, is_later=is_later)
                    at_work[pid] = life
            self._reap(at_work)
            time.sleep(TICK_SECONDS)
        for pid in at_work:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _begin(self, shard: Shard, *, is_later: bool) -> tuple[int, Life]:
        self.number += 1
        chance = lot(self.seed, "life", self.number)
        seconds = chance.expovariate(1 / MEAN_SECONDS[shard.store])
        kill_at = ""
        if chance.random() < 0.5:
            kill_at, seconds = chance.choice(self.points), 4 * seconds
        numbers = remaining(shard, is_later=is_later)
        chance.shuffle(numbers)

        def live() -> None:
            work(shard, numbers, is_later=is_later, kill_at=kill_at, sabotage=self.sabotage)

        return forked(live), Life(shard, time.monotonic() + seconds)

    def _reap(self, at_work: dict[int, Life]) -> None:
        """Kill those whose time is over, and bury those who have ended."""
        for pid, life in list(at_work.items()):
            is_over = life.ends_at < time.monotonic()
            if is_over:
                os.kill(pid, signal.SIGKILL)
            buried, status = os.waitpid(pid, 0 if is_over else os.WNOHANG)
            if buried:
                del at_work[pid]
                match os.waitstatus_to_exitcode(status):
                    case 0:
                        self.ends[ENDED] += 1
                    case killed if killed == -signal.SIGKILL:
                        self.ends[KILLED_IN_TIME if is_over else KILLED_AT_POINT] += 1
                    case code:
                        self.ends[f"failed with {code}"] += 1


def rehearsed(shard: Shard) -> list[str]:
    """Take an office's letters to their end undisturbed; list the points by which they came."""
    record = shard.folder / "points.txt"
    numbers = range(len(shard.authorities))
    pid = forked(lambda: work(shard, numbers, is_later=True, kill_at=f"{RECORD}{record}"))
    os.waitpid(pid, 0)
    assert not (shard.folder / TROUBLES).exists(), (shard.folder / TROUBLES).read_text()
    return list(dict.fromkeys(record.read_text("utf-8").splitlines()))


def remaining(shard: Shard, *, is_later: bool) -> list[int]:
    """Number the letters of an office that haven't come to an end, or not to this one."""
    enough = {"closed", "left"} if is_later else {"closed", "left", "doubt"}
    with suppress(FileNotFoundError):
        lines = (shard.folder / TOLD).read_text("utf-8").splitlines()
        told = {
            number for number, _, how in (line.partition(" ") for line in lines) if how in enough
        }
        return [n for n in range(len(shard.authorities)) if str(n) not in told]
    return list(range(len(shard.authorities)))


def forked(do: Callable[[], None]) -> int:
    """Do something in a process of its own; return its number."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            do()
            code = 0
        except BaseException:  # nothing of the campaign may go on in the child
            traceback.print_exc()
        finally:
            os._exit(code)
    return child
