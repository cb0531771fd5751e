"""`python -m benchmarks`: measure, print, and write docs/benchmarks.md.

With `--only` a part is measured and printed, and nothing is written: the page holds
the figures of one whole run.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version

from rich.console import Console

from benchmarks import (
    cold,
    hundred,
    issue,
    keeping,
    many,
    rate,
    reading,
    render,
    served,
    verify,
    webhook,
    yearly,
)
from benchmarks.processes import ROOT
from benchmarks.tables import Table, markdown, print_tables

WIDTH_OF_NO_TERMINAL = 140

PAGE = ROOT / "docs" / "benchmarks.md"

PARTS: dict[str, Callable[[], list[Table]]] = {
    "render": render.measure,
    "cold": cold.measure,
    "reading": reading.measure,
    "issue": issue.measure,
    "many": many.measure,
    "served": served.measure,
    "hundred": hundred.measure,
    "rate": rate.measure,
    "keeping": keeping.measure,
    "verify": verify.measure,
    "webhook": webhook.measure,
    "yearly": yearly.measure,
}


def main() -> None:
    only = _only()
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_NO_TERMINAL)
    load = os.getloadavg()[0]
    began = time.monotonic()
    tables: list[Table] = []
    for name in only or PARTS:
        console.print(f"[dim]measuring {name} …[/dim]")
        measured = PARTS[name]()
        print_tables(measured, console)
        tables += measured
    preface = _preface(load, time.monotonic() - began)
    console.print("\n".join(preface[-3:]), highlight=False, markup=False)
    if not only:
        PAGE.write_text(markdown(preface, tables), "utf-8")
        console.print(f"Written to {PAGE.relative_to(ROOT)}.")


def _only() -> list[str]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", metavar="PART,…", default="", help=f"Some of: {', '.join(PARTS)}."
    )
    names: list[str] = [name for name in parser.parse_args().only.split(",") if name]
    if unknown := [name for name in names if name not in PARTS]:
        parser.error(f"there is no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    return names


def _preface(load: float, seconds: float) -> list[str]:
    versions = ", ".join(
        f"{title} {version(package)}"
        for title, package in (
            ("Prefect", "prefect"),
            ("Typst", "typst"),
            ("WeasyPrint", "weasyprint"),
        )
    )
    return [
        "# Benchmarks",
        "",
        "Measured by `make bench`, which is `python -m benchmarks`, in one run; "
        "the command writes this page.",
        "Contenders ran in turn, so trust the ratios before the figures.",
        "",
        f"{datetime.now(UTC):%-d %B %Y}, {seconds:.0f} s in all.",
        f"Python {platform.python_version()}, {versions}; {platform.system()}.",
        f"{os.cpu_count()} cores; load before the run {load:.1f}.",
    ]


if __name__ == "__main__":
    main()
