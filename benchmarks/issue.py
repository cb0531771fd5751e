"""`letters issue` from cold to issued, in a fresh office each time, and where the time goes."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.issue_process import ENDED, PHASES
from benchmarks.measures import Spread
from benchmarks.processes import Process, environment, python, run_process
from benchmarks.sample import SAMPLE
from benchmarks.tables import Table, shown_megabytes

ROUNDS = 1


class Phase(NamedTuple):
    """What one phase took; the server's share is unknown where there was none to ask."""

    wall_seconds: float
    client_cpu_seconds: float
    server_cpu_seconds: float | None


class Issue(NamedTuple):
    """One letter issued from cold."""

    process: Process
    phases: dict[str, Phase]
    client_cpu_seconds: float
    server_cpu_seconds: float
    client_peak_bytes: int
    server_peak_bytes: int


def measure() -> list[Table]:
    """Issue the sample letter, each time in a new office."""
    issues = [_issue() for _ in range(ROUNDS)]
    whole = Spread.of(issue.process.wall_seconds for issue in issues)
    shares = {
        phase: Spread.of(issue.phases[phase].wall_seconds for issue in issues) for phase in PHASES
    }
    rows = [
        (
            phase,
            f"{shares[phase].minimum:.2f}",
            f"{shares[phase].median:.2f}",
            f"{100 * shares[phase].median / whole.median:.0f}",
            _median([issue.phases[phase].client_cpu_seconds for issue in issues]),
            _median([issue.phases[phase].server_cpu_seconds for issue in issues]),
        )
        for phase in PHASES
    ]
    rows.append(
        (
            "**in all**",
            f"{whole.minimum:.2f}",
            f"{whole.median:.2f}",
            "100",
            _median([issue.client_cpu_seconds for issue in issues]),
            _median([issue.server_cpu_seconds for issue in issues]),
        )
    )
    return [
        Table(
            "`letters issue` from cold to issued",
            ("phase", "min s", "median s", "%", "client CPU s", "server CPU s"),
            tuple(rows),
            (
                f"{ROUNDS} runs, each in a new office: five recipients, the outbox, Prefect's "
                "database made anew.",
                "Each figure is a median by itself: the phases need not add up to the whole.",
            ),
        ),
        Table(
            "Peak memory of `letters issue`",
            ("process", "n", "median MB"),
            tuple(
                (name, str(ROUNDS), shown_megabytes(Spread.of(found).median))
                for name, found in (
                    ("the command", [issue.client_peak_bytes for issue in issues]),
                    ("its Prefect server", [issue.server_peak_bytes for issue in issues]),
                )
            ),
        ),
    ]


def _issue() -> Issue:
    with tempfile.TemporaryDirectory() as folder:
        office, noted = Path(folder, "office"), Path(folder, "noted.json")
        process = run_process(
            python("-m", "benchmarks.issue_process", str(office), str(noted)),
            environment(LETTERS_OFFICE=str(office), LETTERS_REGISTER=str(SAMPLE)),
        )
        return _read(process, json.loads(noted.read_text()))


def _read(process: Process, noted: dict[str, Any]) -> Issue:
    phases: dict[str, Phase] = {}
    before, client_before, server_before = process.began, 0.0, 0.0
    for phase, moment, client_cpu, server_cpu in noted["ends"]:
        used = None if server_cpu is None else server_cpu - server_before
        phases[phase] = Phase(moment - before, client_cpu - client_before, used)
        before, client_before = moment, client_cpu
        server_before = server_before if server_cpu is None else server_cpu
    # The kernel counts a server that was waited for with its parent; the stopwatch does not.
    phases[ENDED] = Phase(process.ended - before, 0.0, None)
    return Issue(
        process=process,
        phases=phases,
        client_cpu_seconds=client_before,
        server_cpu_seconds=server_before,
        client_peak_bytes=noted["client_peak_bytes"],
        server_peak_bytes=noted["server_peak_bytes"],
    )


def _median(figures: list[float | None]) -> str:
    known = [figure for figure in figures if figure is not None]
    return f"{Spread.of(known).median:.2f}" if known else ""
