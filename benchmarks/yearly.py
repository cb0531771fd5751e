"""What the review of a year costs, and that it costs the same however many years there are.

Years of letters are made one after another, and each is reviewed as it ends, as in an
office; those of `SHOWN` are reviewed in two copies of the office, by plain functions and by
the flow.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT
from benchmarks.tables import Table, at_most, shown_megabytes
from benchmarks.yearly_letters import AUTHORITIES, LAST_YEAR, add_year, begin

SHOWN = (1, 5, 10)
TARGET_SECONDS = 60

Figures = dict[str, Any]


def measure() -> list[Table]:
    """Make the years and measure the reviews of some."""
    with tempfile.TemporaryDirectory(prefix="letters-years-") as folder:
        root, first = Path(folder) / "office", LAST_YEAR - SHOWN[-1] + 1
        begin(root, since=first)
        rows, letters = [], 0
        for years, year in enumerate(range(first, LAST_YEAR + 1), start=1):
            letters += add_year(root, year, since=first)
            if years in SHOWN:
                copy = _copy_of(root)
                rows.append((years, letters, "flow", _reviewed(copy, year, "flow")))
                shutil.rmtree(copy)
            plain = _reviewed(root, year, "plain")
            if years in SHOWN:
                rows.append((years, letters, "plain", plain))
    return [_table(rows)]


def _copy_of(root: Path) -> Path:
    """Copy an office: the archive's objects never change, so they are linked."""
    copy = root.with_name("copy")
    shutil.copytree(root / "archive", copy / "archive", copy_function=os.link)
    for other in root.iterdir():
        if other.name != "archive":
            shutil.copytree(other, copy / other.name)
    return copy


def _reviewed(root: Path, year: int, way: str) -> Figures:
    measured = root.with_name(f"{way}.json")
    command = [sys.executable, "-m", "benchmarks.yearly_process", str(root), str(year), way]
    subprocess.run([*command, str(measured)], cwd=ROOT, check=True, capture_output=True)
    figures: Figures = json.loads(measured.read_text())
    return figures


def _table(rows: list[tuple[int, int, str, Figures]]) -> Table:
    first = {way: figures["seconds"] for years, _, way, figures in rows if years == SHOWN[0]}
    return Table(
        f"The annual review of {AUTHORITIES} authorities, a folder as the archive",
        (
            *("years", "letters in all", "way", "s", "× one year", "CPU s", "server CPU s"),
            *("again, s", "peak MB", "target", "met?"),
        ),
        tuple(
            (
                str(years),
                f"{letters:,}",
                "by the flow" if way == "flow" else "plain functions",
                f"{figures['seconds']:.1f}",
                f"{figures['seconds'] / first[way]:.2f}",
                f"{figures['cpu_seconds']:.1f}",
                f"{figures['server_cpu_seconds']:.1f}" if way == "flow" else "",
                f"{figures['again_seconds']:.1f}",
                shown_megabytes(figures["peak_bytes"]),
                *at_most(figures["seconds"], TARGET_SECONDS, "s"),
            )
            for years, letters, way, figures in rows
        ),
        (
            "Some 138 focused visits a year, each letter answering what the one before asked for; "
            "each year was reviewed as it ended. A year gives 152 dossiers and one of all: PDF, "
            "HTML, CSV, charts, kept in the archive, and as many open drafts.",
            "Again: once more, when nothing is missing. The server's memory is not counted.",
        ),
    )
