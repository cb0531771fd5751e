"""Many letters one after another: how fast, and what Prefect adds to the work itself."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from benchmarks.many_process import BLOCK, LETTERS, WARM_UP, Figures
from benchmarks.measures import Spread
from benchmarks.processes import environment, python, run_process
from benchmarks.sample import authorities, write_register
from benchmarks.tables import Table, shown_megabytes, shown_spread


def measure() -> list[Table]:
    """Issue the letters both ways in one process, then plainly in another for its memory."""
    both, plain = _measured("both"), _measured("plain")
    return [_speed(both), _steps(both), _memory(both, plain)]


def _measured(contender: str) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        register, measured = Path(folder, "register"), Path(folder, "measured.json")
        write_register(register, authorities(WARM_UP + LETTERS))
        run_process(
            python("-m", "benchmarks.many_process", contender, folder, str(measured)),
            environment(LETTERS_REGISTER=str(register)),
        )
        figures: Figures = json.loads(measured.read_text())
        return figures


def _speed(both: Figures) -> Table:
    plain, flow, task_runs = both["plain"], both["flow"], both["task_runs"]
    wall = {name: Spread.of(both[name]["letter_seconds"]) for name in ("plain", "flow")}
    cpu = {
        name: both[name]["client_cpu_seconds"] + both[name]["server_cpu_seconds"]
        for name in ("plain", "flow")
    }

    def row(name: str, title: str) -> tuple[str, ...]:
        figures = both[name]
        return (
            title,
            *shown_spread(wall[name], scale=1000, digits=0),
            f"{LETTERS / figures['wall_seconds']:.2f}",
            f"{figures['client_cpu_seconds'] / LETTERS * 1000:.0f}",
            f"{figures['server_cpu_seconds'] / LETTERS * 1000:.0f}",
        )

    price = (
        "the price of Prefect",
        "",
        f"× {wall['flow'].minimum / wall['plain'].minimum:.1f}",
        f"× {wall['flow'].median / wall['plain'].median:.1f}",
        f"× {wall['flow'].p95 / wall['plain'].p95:.1f}",
        f"÷ {flow['wall_seconds'] / plain['wall_seconds']:.1f}",
        f"× {flow['client_cpu_seconds'] / plain['client_cpu_seconds']:.1f}",
        f"× {cpu['flow'] / cpu['plain']:.1f} both",
    )
    kept = "met" if task_runs["called"] == task_runs["ended"] == task_runs["recorded"] else "missed"
    return Table(
        f"{LETTERS} letters one after another",
        (
            "contender",
            "n",
            "min ms a letter",
            "median ms",
            "p95 ms",
            "letters/s",
            "client CPU ms a letter",
            "server CPU ms a letter",
        ),
        (
            row("flow", "through the flow"),
            row("plain", "the same steps without Prefect"),
            price,
        ),
        (
            f"In turn by blocks of {BLOCK}, after {WARM_UP} letter each to warm up; "
            "each letter is another authority's, from its draft to five e-mails in the outbox.",
            "Letters/s and CPU count until Prefect has recorded everything; ms a letter until "
            "the flow has ended.",
            f"Task runs called {task_runs['called']}, recorded {task_runs['recorded']}, of these "
            f"in a final state {task_runs['ended']}; target: all of them: {kept}.",
        ),
    )


def _steps(both: Figures) -> Table:
    seconds = both["steps"]
    letters = WARM_UP + LETTERS
    return Table(
        "Where a letter's time goes without Prefect",
        ("step", "calls a letter", "median ms a call", "p95 ms", "ms a letter"),
        tuple(
            (
                name,
                f"{len(taken) / letters:g}",
                f"{Spread.of(taken).median * 1000:.1f}",
                f"{Spread.of(taken).p95 * 1000:.1f}",
                f"{sum(taken) / letters * 1000:.1f}",
            )
            for name, taken in seconds.items()
        ),
        ("The same letters; drafting and the pack are walked through again after the sign-off.",),
    )


def _memory(both: Figures, plain: Figures) -> Table:
    return Table(
        f"Peak memory after {LETTERS} letters",
        ("process", "MB"),
        (
            ("the flow's process", shown_megabytes(both["client_peak_bytes"])),
            ("its Prefect server", shown_megabytes(both["server_peak_bytes"])),
            ("the steps without Prefect", shown_megabytes(plain["peak_bytes"])),
        ),
    )
