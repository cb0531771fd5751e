"""How the desk prints: tables for people, JSON for machines, errors for both."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from letters.errors import LettersError

WIDTH_OF_NO_TERMINAL = 140
"""Columns when the output goes to a file or another program."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_NO_TERMINAL)
err = Console(stderr=True, highlight=False)

STATE_STYLES = {
    "ok": "green",
    "warning": "yellow",
    "failure": "bold red",
    "issued": "green",
    "accepted": "green",
    "settled-as-sent": "green",
    "awaiting-sign-off": "yellow",
    "returned": "yellow",
    "in-flight": "yellow",
    "unknown": "bold red",
    "refused": "bold red",
    "blocks": "bold red",
    "blocked": "bold red",
}


def print_json(value: Any) -> None:
    """Print a value as JSON, readable and stable."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table. Values are text: no markup in them is interpreted."""
    table = Table(title=escape(title), title_justify="left", title_style="bold", box=None)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    out.print(table)


def print_cells(rows: Iterable[Sequence[Any]]) -> None:
    """Print rows of cells below something, indented, without a head."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(width=1)
    rows = list(rows)
    for number in range(len(rows[0]) if rows else 0):
        table.add_column(overflow="fold", no_wrap=number < len(rows[0]) - 1)
    for row in rows:
        table.add_row("", *(_cell(value) for value in row))
    out.print(table)


def print_fields(title: str, fields: Iterable[tuple[str, Any]]) -> None:
    """Print names and values below one another; a path stays on one line, to be copied."""
    if title:
        out.print(f"[bold]{escape(title)}[/bold]")
    told = [(name, value) for name, value in fields if value is not None]
    width = max((len(name) for name, _ in told), default=0)
    for name, value in told:
        out.print(f"  [dim]{escape(name):<{width}}[/dim]  {_cell(value)}", soft_wrap=True)


def say(message: str, *, style: str = "") -> None:
    """Print one line for a person."""
    out.print(escape(message), style=style or None, soft_wrap=True)


def counted(number: int, thing: str, things: str = "") -> str:
    """Say how many: `1 letter`, `2 letters`."""
    return f"{number} {thing if number == 1 else things or thing + 's'}"


def print_error(error: LettersError, *, as_json: bool = False) -> None:
    """Print what is wrong, where, and what to do next."""
    if as_json:
        print_json(
            {
                "error": {
                    "code": error.code,
                    "message": error.message,
                    "where": error.where,
                    "remedy": error.remedy,
                }
            }
        )
        return
    err.print(f"[bold red]{escape(error.message)}[/bold red] [dim]\\[{escape(error.code)}][/dim]")
    if error.where:
        err.print(f"  [dim]where[/dim]  {escape(error.where)}", soft_wrap=True)
    if error.remedy:
        err.print(f"  [dim]do[/dim]     {escape(error.remedy)}", soft_wrap=True)


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    style = STATE_STYLES.get(text)
    return f"[{style}]{escape(text)}[/{style}]" if style else escape(text)
