"""`letters issue` from cold to issued, and where the time goes; in an office new or in use."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.issue_process import ENDED, PHASES
from benchmarks.measures import Spread
from benchmarks.processes import Process, environment, python, run_process
from benchmarks.sample import Authority, authorities, draft_of, write_register
from benchmarks.tables import Table, shown_megabytes

ROUNDS = 3
NEW, IN_USE = "a new office", "an office in use"


class Phase(NamedTuple):
    """What one phase took; the server's share is unknown where there was none to ask."""

    wall_seconds: float
    client_cpu_seconds: float | None
    server_cpu_seconds: float | None


class Issue(NamedTuple):
    """One letter issued from cold."""

    phases: dict[str, Phase]
    whole: Phase
    client_peak_bytes: int
    server_peak_bytes: int


def measure() -> list[Table]:
    """Issue two letters, one after the other, in a new office each round."""
    issues: dict[str, list[Issue]] = {NEW: [], IN_USE: []}
    names = authorities(len(issues))
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            write_register(Path(folder, "register"), names)
            for found, name in zip(issues.values(), names, strict=True):
                found.append(_issue(Path(folder), name))
    return [
        _phases(
            f"`letters issue` from cold to issued, in {NEW}",
            issues[NEW],
            f"{ROUNDS} runs: five recipients, the outbox; Prefect's database is made anew.",
        ),
        _phases(
            f"`letters issue` from cold to issued, in {IN_USE}",
            issues[IN_USE],
            "The second letter of each of those offices: the database is there, no server runs.",
        ),
        _peaks(issues),
    ]


def _issue(folder: Path, name: Authority) -> Issue:
    draft, office, noted = folder / f"{name.code}.md", folder / "office", folder / "noted.json"
    draft.write_bytes(draft_of(name))
    process = run_process(
        python("-m", "benchmarks.issue_process", str(draft), str(office), str(noted)),
        environment(LETTERS_OFFICE=str(office), LETTERS_REGISTER=str(folder / "register")),
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
    # From outside it can't be told how much CPU time was the server's.
    phases[ENDED] = Phase(process.ended - before, None, None)
    return Issue(
        phases,
        Phase(process.wall_seconds, client_before, server_before),
        noted["client_peak_bytes"],
        noted["server_peak_bytes"],
    )


def _phases(title: str, issues: list[Issue], about: str) -> Table:
    whole_seconds = Spread.of(issue.whole.wall_seconds for issue in issues).median
    rows = [_row(phase, [i.phases[phase] for i in issues], whole_seconds) for phase in PHASES]
    rows.append(_row("in all", [issue.whole for issue in issues], whole_seconds))
    return Table(
        title,
        ("phase", "min s", "median s", "max s", "%", "client CPU s", "server CPU s"),
        tuple(rows),
        (about, "Each figure is a median by itself: the phases need not add up to the whole."),
    )


def _row(title: str, took: list[Phase], whole_seconds: float) -> tuple[str, ...]:
    wall = [phase.wall_seconds for phase in took]
    median = Spread.of(wall).median
    return (
        title,
        f"{min(wall):.2f}",
        f"{median:.2f}",
        f"{max(wall):.2f}",
        f"{100 * median / whole_seconds:.0f}",
        _median([phase.client_cpu_seconds for phase in took]),
        _median([phase.server_cpu_seconds for phase in took]),
    )


def _median(figures: list[float | None]) -> str:
    known = [figure for figure in figures if figure is not None]
    return f"{Spread.of(known).median:.2f}" if known else ""


def _peaks(issues: dict[str, list[Issue]]) -> Table:
    return Table(
        "Peak memory of `letters issue`, MB",
        ("process", *issues),
        (
            ("the command", *(_megabytes(i.client_peak_bytes for i in f) for f in issues.values())),
            (
                "its Prefect server",
                *(_megabytes(i.server_peak_bytes for i in f) for f in issues.values()),
            ),
        ),
        ("Medians. The two live side by side.",),
    )


def _megabytes(sizes: Iterable[int]) -> str:
    return shown_megabytes(Spread.of(sizes).median)
