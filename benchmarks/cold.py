"""Commands from cold: whole processes, from their start to their end."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measures import Spread
from benchmarks.processes import Process, environment, python, run_process
from benchmarks.sample import SAMPLE, draft_path
from benchmarks.tables import NO_TARGET, Table, at_most, shown_megabytes, shown_spread

ROUNDS = 10
TARGET_SECONDS = {"letters check": 0.6, "letters preview": 1.2}

# What the installed command `letters` does, without needing it installed.
LETTERS = ("-c", "from desk.command_line import main; main()")


def measure() -> list[Table]:
    """Run the commands in turn, after one run of each that isn't counted."""
    with tempfile.TemporaryDirectory() as folder:
        commands = _commands(Path(folder))
        surroundings = environment(
            LETTERS_OFFICE=f"{folder}/office",
            LETTERS_REGISTER=str(SAMPLE),
            PREFECT_HOME=f"{folder}/prefect",
        )
        runs: dict[str, list[Process]] = {name: [] for name in commands}
        for number in range(ROUNDS + 1):
            for name, command in commands.items():
                run = run_process(command, surroundings)
                if number > 0:
                    runs[name].append(run)
    return [
        Table(
            "Commands from cold",
            ("command", "n", "min s", "median s", "p95 s", "CPU s", "peak MB", "target", "met?"),
            tuple(_row(name, found) for name, found in runs.items()),
            (
                "Whole processes; the files are in the system's cache and the modules compiled, "
                "as after an installation.",
                "CPU and peak memory: medians. The last two are there for scale.",
            ),
        )
    ]


def _commands(folder: Path) -> dict[str, list[str]]:
    draft = str(draft_path())
    return {
        "letters check": python(*LETTERS, "check", draft),
        "letters preview": python(*LETTERS, "preview", draft, "-o", str(folder / "preview")),
        "python -c pass": python("-c", "pass"),
        "python -c 'import prefect.flows'": python("-c", "import prefect.flows"),
    }


def _row(name: str, runs: list[Process]) -> tuple[str, ...]:
    wall = Spread.of(run.wall_seconds for run in runs)
    target = TARGET_SECONDS.get(name)
    return (
        f"`{name}`",
        *shown_spread(wall),
        f"{Spread.of(run.cpu_seconds for run in runs).median:.2f}",
        shown_megabytes(Spread.of(run.peak_bytes for run in runs).median),
        *(NO_TARGET if target is None else at_most(wall.median, target, "s")),
    )
