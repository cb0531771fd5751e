"""Tables of figures: printed for whoever waits, written as Markdown for whoever reads later.

Owns how figures and targets are shown; measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Printed

from benchmarks.measures import Spread

NO_TARGET = ("", "")


@dataclass(frozen=True)
class Table:
    """A table: what was measured, a row for each contender, and what a reader should know."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a row that would shift its figures under the wrong heading."""
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{len(row)} cells for {len(self.columns)} columns: {row}")


def at_most(figure: float, target: float, unit: str) -> tuple[str, str]:
    """Give the cells for a target that a figure must not exceed."""
    return f"≤ {target:g} {unit}", _judged(figure <= target)


def at_least(figure: float, target: float, unit: str) -> tuple[str, str]:
    """Give the cells for a target that a figure must reach."""
    return f"≥ {target:g} {unit}", _judged(figure >= target)


def shown_spread(spread: Spread, *, scale: float = 1.0, digits: int = 2) -> tuple[str, ...]:
    """Give the cells n, min, median and p95."""
    figures = (spread.minimum, spread.median, spread.p95)
    return str(spread.n), *(f"{figure * scale:.{digits}f}" for figure in figures)


def shown_megabytes(size: float) -> str:
    """Give a size in MB (1,000,000 bytes)."""
    return f"{size / 1e6:.0f}"


def print_tables(tables: Iterable[Table], console: Console) -> None:
    """Print the tables with their notes."""
    for table in tables:
        printed = Printed(title=escape(table.title), title_justify="left", title_style="bold")
        for number, column in enumerate(table.columns):
            printed.add_column(
                escape(column), justify="right" if number else "left", no_wrap=number == 0
            )
        for row in table.rows:
            printed.add_row(*(_coloured(cell) for cell in row))
        console.print(printed)
        for note in table.notes:
            console.print(f"  [dim]{escape(note)}[/dim]", highlight=False)
        console.print()


def markdown(preface: Iterable[str], tables: Iterable[Table]) -> str:
    """Write a page: its preface, one line for each sentence, then each table with its notes."""
    lines = list(preface)
    for table in tables:
        lines += ["", f"## {table.title}", ""]
        lines.append(_row(table.columns))
        lines.append(_row(["---", *("---:" for _ in table.columns[1:])]))
        lines += [_row(row) for row in table.rows]
        if table.notes:
            lines += ["", *table.notes]
    return "\n".join(lines) + "\n"


def _judged(is_met: bool) -> str:
    return "met" if is_met else "missed"


def _coloured(cell: str) -> str:
    style = {"met": "green", "missed": "bold red"}.get(cell)
    return f"[{style}]{cell}[/{style}]" if style else escape(cell)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"
