"""How calls are measured: their cost, contenders in turn, and what is said of a series."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple


class Spread(NamedTuple):
    """A series of figures in short; `p95` is the nearest rank, so of ten it is the largest."""

    n: int
    minimum: float
    median: float
    p95: float

    @classmethod
    def of(cls, figures: Iterable[float]) -> Spread:
        """Sum up a series of one figure or more."""
        ranked = sorted(figures)
        p95 = ranked[math.ceil(0.95 * len(ranked)) - 1]
        return cls(len(ranked), ranked[0], statistics.median(ranked), p95)


class Cost(NamedTuple):
    """What one call took."""

    wall_seconds: float
    cpu_seconds: float


def cost_of(do: Callable[[], object]) -> Cost:
    """Call `do` and tell what it took; the CPU time is that of all threads."""
    cpu, wall = time.process_time(), time.perf_counter()
    do()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def in_turn(contenders: Mapping[str, Callable[[int], Cost]], rounds: int) -> dict[str, list[Cost]]:
    """Run the contenders A B A B …, so that what else the machine does falls on all alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name, run in contenders.items():
            costs[name].append(run(number))
    return costs
