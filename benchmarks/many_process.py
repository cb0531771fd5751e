"""Twenty letters one after another in one process: through the flow, and through its steps alone.

Arguments: `plain` or `both`, a folder with a register, and the file for what was
measured. `plain` loads nothing of Prefect, so that it also tells the memory which
the work itself needs.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.measures import Cost
from benchmarks.plain_steps import PlainSteps, issue_block
from benchmarks.processes import cpu_seconds_of, peak_bytes_of
from benchmarks.sample import Authority, authorities
from flows.engine import embedded_prefect
from flows.engine_home import EngineHome

LETTERS = 20
BLOCK = 5
WARM_UP = 1

Figures = dict[str, Any]


def measure_plain(folder: Path) -> Figures:
    """Issue the letters through the plain steps."""
    issue_block(folder / "plain", authorities(WARM_UP + LETTERS), PlainSteps().run_once)
    return {"peak_bytes": peak_bytes_of()}


def measure_both(folder: Path) -> Figures:
    """Issue the same letters both ways, in blocks, and count what Prefect has recorded.

    By blocks and not letter by letter: Prefect goes on working after a flow has ended,
    and would be at it while the other is measured. Each block waits for that.
    """
    home = folder / "flow" / "prefect"
    names = authorities(WARM_UP + LETTERS)
    with embedded_prefect(home, announce=lambda _: None):
        from flows.issue_letter import one_client, run_once
        from tasks.step import Step

        announced = EngineHome.at(home).announced()
        if announced is None:
            raise ValueError("Prefect's server announced nothing.")
        calls = 0

        def counted(self: Step[Any, ..., Any], *args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            return call(self, *args, **kwargs)

        call = Step.__call__
        plain, flow = Contender(), Contender(server=announced.pid)
        steps = PlainSteps()
        with one_client(), patch.object(Step, "__call__", counted):
            for start, stop in _blocks():
                block = names[start:stop]
                plain.issue(folder / "plain", block, steps.run_once)
                flow.issue(folder / "flow", block, run_once)
        recorded, ended = _task_runs()
        return {
            "plain": plain.figures(),
            "flow": flow.figures(),
            "steps": steps.seconds,
            "task_runs": {"called": calls, "recorded": recorded, "ended": ended},
            "client_peak_bytes": peak_bytes_of(),
            "server_peak_bytes": peak_bytes_of(announced.pid),
        }


class Contender:
    """One way of issuing letters, and what its blocks took; the first one warms up."""

    def __init__(self, server: int | None = None) -> None:
        self._server = server
        self._has_warmed_up = False
        self._letters: list[Cost] = []
        self._wall_seconds = 0.0
        self._client_cpu_seconds = 0.0
        self._server_cpu_seconds = 0.0

    def issue(
        self, root: Path, names: tuple[Authority, ...], run_once: Callable[[str], object]
    ) -> None:
        """Issue a block of letters, until all of it is recorded."""
        from flows.recording import settle

        server, client, wall = self._server_cpu(), time.process_time(), time.perf_counter()
        costs = issue_block(root, names, run_once)
        if self._server is not None and (missing := settle()):
            raise ValueError(f"Prefect has not recorded {missing} task runs.")
        if self._has_warmed_up:
            self._letters += costs
            self._wall_seconds += time.perf_counter() - wall
            self._client_cpu_seconds += time.process_time() - client
            self._server_cpu_seconds += self._server_cpu() - server
        self._has_warmed_up = True

    def figures(self) -> Figures:
        """Tell the figures as JSON."""
        return {
            "letter_seconds": [cost.wall_seconds for cost in self._letters],
            "wall_seconds": self._wall_seconds,
            "client_cpu_seconds": self._client_cpu_seconds,
            "server_cpu_seconds": self._server_cpu_seconds,
        }

    def _server_cpu(self) -> float:
        return 0.0 if self._server is None else cpu_seconds_of(self._server) or 0.0


def _blocks() -> Iterator[tuple[int, int]]:
    yield 0, WARM_UP
    for start in range(WARM_UP, WARM_UP + LETTERS, BLOCK):
        yield start, start + BLOCK


def _task_runs() -> tuple[int, int]:
    """Count the task runs that Prefect knows, and those of them that have ended."""
    from prefect.client.orchestration import get_client

    from flows.recording import PAGE

    recorded = ended = 0
    with get_client(sync_client=True) as client:
        while page := client.read_task_runs(limit=PAGE, offset=recorded):
            recorded += len(page)
            ended += sum(run.state is not None and run.state.is_final() for run in page)
    return recorded, ended


def main(contender: str, folder: Path, measured: Path) -> None:
    """Measure and write down."""
    measure = measure_plain if contender == "plain" else measure_both
    measured.write_text(json.dumps(measure(folder)))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
