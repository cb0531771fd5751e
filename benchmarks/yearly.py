"""What the review of a year costs, and how that grows with the years before it.

Years of letters are made one after another, and each is reviewed as it ends, as in an
office. Then those of `SHOWN` are reviewed in copies of the office as it stood, by plain functions
and by the flow, twice. What the next letter costs then is measured in the same copy.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.processes import ROOT
from benchmarks.tables import Table, at_most, shown_megabytes
from benchmarks.yearly_letters import AUTHORITIES, FIRST_YEAR, LAST_YEAR, add_year, begin

SHOWN = (1, 2, 5, 10)
WAYS = {"flow": "by the flow", "plain": "plain functions"}
TARGET_SECONDS = 60
NEXT_LETTERS = 7
"""Letters that are issued after a year, each by a process of its own."""

Figures = dict[str, Any]


def measure() -> list[Table]:
    """Make the years and measure the reviews of some."""
    with tempfile.TemporaryDirectory(prefix="letters-years-") as folder:
        root = Path(folder) / "office"
        begin(root, since=FIRST_YEAR)
        letters: dict[int, int] = {}
        for years, year in enumerate(range(FIRST_YEAR, LAST_YEAR + 1), start=1):
            letters[years] = letters.get(years - 1, 0) + add_year(root, year, since=FIRST_YEAR)
            if years in SHOWN:
                _copied(root, _after(root, years))
            _measured(root, year, "plain")
        reviews: dict[tuple[int, str], list[Figures]] = {}
        next_letters: dict[int, list[Figures]] = {}
        # There and back: a machine that grows slower, or faster, favours no year.
        for years in (*SHOWN, *reversed(SHOWN)):
            year = FIRST_YEAR + years - 1
            for way in WAYS:
                copy = root.with_name("copy")
                _copied(_after(root, years), copy)
                reviews.setdefault((years, way), []).append(_measured(copy, year, way))
                if way == "flow":
                    told = [_measured(copy, year, str(number)) for number in range(NEXT_LETTERS)]
                    next_letters.setdefault(years, []).extend(told)
                shutil.rmtree(copy)
    return [
        _table([(*key, letters[key[0]], _medians(told)) for key, told in reviews.items()]),
        _letters_table([(years, letters[years], told) for years, told in next_letters.items()]),
    ]


def _after(root: Path, years: int) -> Path:
    """Where a copy of the office lies as it stood after so many years, the last not reviewed."""
    return root.with_name(f"after-{years}")


def _copied(root: Path, copy: Path) -> None:
    """Copy an office: the archive's objects never change, so they are linked."""
    shutil.copytree(root / "archive", copy / "archive", copy_function=os.link)
    for other in root.iterdir():
        if other.name != "archive":
            shutil.copytree(other, copy / other.name)


def _medians(told: list[Figures]) -> Figures:
    return {name: median(figures[name] for figures in told) for name in told[0]}


def _measured(root: Path, year: int, way: str) -> Figures:
    measured = root.with_name(f"{way}.json")
    command = [sys.executable, "-m", "benchmarks.yearly_process", str(root), str(year), way]
    subprocess.run([*command, str(measured)], cwd=ROOT, check=True, capture_output=True)
    figures: Figures = json.loads(measured.read_text())
    return figures


def _table(rows: list[tuple[int, str, int, Figures]]) -> Table:
    took = {(years, way): figures["seconds"] for years, way, _, figures in rows}
    return Table(
        f"The annual review of {AUTHORITIES} authorities, a folder as the archive",
        (
            *("years", "letters in all", "way", "s", "× one year", "× two", "CPU s"),
            *("server CPU s", "again, s", "peak MB", "target", "met?"),
        ),
        tuple(
            (
                str(years),
                f"{letters:,}",
                WAYS[way],
                f"{figures['seconds']:.1f}",
                f"{figures['seconds'] / took[1, way]:.2f}",
                f"{figures['seconds'] / took[2, way]:.2f}" if years > 1 else "",
                f"{figures['cpu_seconds']:.1f}",
                f"{figures['server_cpu_seconds']:.1f}" if way == "flow" else "",
                f"{figures['again_seconds']:.1f}",
                shown_megabytes(figures["peak_bytes"]),
                *at_most(figures["seconds"], TARGET_SECONDS, "s"),
            )
            for years, way, letters, figures in rows
        ),
        (
            "Medians of two, measured there and back. Some 138 focused visits a year, each letter "
            "answering what the one before asked for; each year was reviewed as it ended. A year "
            "gives 152 dossiers and one of all: PDF, HTML, CSV, charts, all archived; and as many "
            "open drafts.",
            "Again: once more, when nothing is missing: all authorities are told anew from the "
            "archive, and nothing is drawn. The first year has less to tell: no letter answers an "
            "earlier one, and there is no year to compare it with. What grows after that, for ten "
            "years and no longer, is a table by a row a year. The server's memory is not counted.",
        ),
    )


def _letters_table(rows: list[tuple[int, int, list[Figures]]]) -> Table:
    def spread(told: list[Figures]) -> list[float]:
        return sorted(one["cpu_seconds"] * 1000 for one in told)

    first = median(spread(rows[0][2]))
    return Table(
        "The next letter in an office of so many, by plain functions",
        ("years", "letters before", "n", "min CPU ms", "median", "max", "× one year"),
        tuple(
            (
                str(years),
                f"{letters:,}",
                str(len(told)),
                f"{spread(told)[0]:.0f}",
                f"{median(spread(told)):.0f}",
                f"{spread(told)[-1]:.0f}",
                f"{median(spread(told)) / first:.2f}",
            )
            for years, letters, told in rows
        ),
        (
            "From the draft to closed, five recipients or fewer, each in a new process that has "
            "read nothing of the office yet. Of what was issued before it reads only what it is "
            "compared with, and where in the ledger what stands.",
        ),
    )
