"""A process that reviews one year, by plain functions or as the flow does it; or issues a letter.

Arguments: the office, the year, the way, and the file for what was measured. The way is
`plain` or `flow`: what is measured is the first time, and then once more when nothing is
missing. Or it is the number of one more letter of the year, issued by a process that has
read nothing yet.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measures import cost_of
from benchmarks.processes import cpu_seconds_of, peak_bytes_of
from benchmarks.yearly_letters import issue_next
from flows.engine import embedded_prefect
from flows.engine_home import EngineHome
from flows.office import open_office
from flows.review_round import one_by_one, review_year

Figures = dict[str, Any]


def measure_plain(year: int) -> Figures:
    """Review the year in this thread, without Prefect."""
    return _twice(lambda: review_year(open_office(), year, one_by_one))


def measure_flow(root: Path, year: int) -> Figures:
    """Review the year by the flow, until Prefect has recorded all of it."""
    home = root / "prefect"
    with embedded_prefect(home, announce=lambda _: None):
        from flows.annual_review import WRITTEN, annual_review
        from flows.recording import settle

        announced = EngineHome.at(home).announced()
        server = 0 if announced is None else announced.pid
        states = []

        def run() -> None:
            states.append(annual_review(year, return_state=True).name)
            if missing := settle():
                raise ValueError(f"Prefect has not recorded {missing} task runs.")

        before = cpu_seconds_of(server) or 0.0
        figures = _twice(run)
        if states[0] != WRITTEN:
            raise ValueError(f"The review of {year} ended {states[0]}.")
        return {
            **figures,
            "server_cpu_seconds": (cpu_seconds_of(server) or 0.0) - before,
        }


def measure_letter(root: Path, year: int, number: int) -> Figures:
    """Issue one more letter of the year, the first thing that this process does."""
    cost = cost_of(lambda: issue_next(root, number, year=year))
    return {"seconds": cost.wall_seconds, "cpu_seconds": cost.cpu_seconds}


def _twice(review: Callable[[], object]) -> Figures:
    first, again = cost_of(review), cost_of(review)
    return {
        "seconds": first.wall_seconds,
        "cpu_seconds": first.cpu_seconds,
        "again_seconds": again.wall_seconds,
        "peak_bytes": peak_bytes_of(),
    }


def main(root: Path, year: int, way: str, measured: Path) -> None:
    """Measure and write down."""
    os.environ["LETTERS_OFFICE"] = str(root)
    if way == "plain":
        figures = measure_plain(year)
    elif way == "flow":
        figures = measure_flow(root, year)
    else:
        figures = measure_letter(root, year, int(way))
    measured.write_text(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
