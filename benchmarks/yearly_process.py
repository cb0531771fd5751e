"""A process that reviews one year, by plain functions or as the flow does it.

Arguments: the office, the year, `plain` or `flow`, and the file for what was measured.
What is measured is the first time, and then once more when nothing is missing.
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
            "server_peak_bytes": peak_bytes_of(server),
        }


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
    figures = measure_plain(year) if way == "plain" else measure_flow(root, year)
    measured.write_text(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
