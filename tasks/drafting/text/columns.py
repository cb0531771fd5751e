"""Lines that stand side by side: taken apart into columns, each to be read on its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tasks.drafting.text.lines import SourceLine, blanked

_CELL = re.compile(r"\S+(?:[ \t]{1,2}\S+)*")
_FARTHEST_FROM_COLUMN = 6
"""Signs by which a cell may begin before or after the others of its column."""


def cells_of(line: SourceLine) -> list[SourceLine]:
    """Take a line apart where three or more spaces stand within it; a blank one has no cells."""
    if not line.text:
        return []
    expanded = line.source.expandtabs(8)
    return [
        replace(line, text=" ".join(cell[0].split()), indent=cell.start(), length=cell.end())
        for cell in _CELL.finditer(expanded)
    ]


def has_columns(line: SourceLine) -> bool:
    """Whether three or more spaces stand within a line."""
    return len(cells_of(line)) > 1


def columns_of(lines: Sequence[SourceLine]) -> list[list[SourceLine]]:
    """Read lines column by column, from left to right; each has a line for each of the source."""
    starts: list[int] = []
    for start in sorted({cell.indent for line in lines for cell in cells_of(line)}):
        if not starts or start - starts[-1] > _FARTHEST_FROM_COLUMN:
            starts.append(start)
    columns: list[list[SourceLine]] = [[] for _ in starts]
    for line in lines:
        for column in columns:
            column.append(blanked(line, is_page_break=line.is_page_break))
        for cell in cells_of(line):
            at = min(range(len(starts)), key=lambda n: abs(starts[n] - cell.indent))
            columns[at][-1] = cell
    return columns
