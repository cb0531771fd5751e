"""The page that lists every check: `python -m letters.checks.page > docs/checks.md`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from letters.checks import CHECKS
from letters.checks.rule import Check

INTRODUCTION = """\
# What is checked

Written from the code: `python -m letters.checks.page > docs/checks.md`.

Each check has one code and one severity.
What **blocks** stops the letter until it is corrected, or overridden with a reason that becomes part of the pack and that the inspector reads before signing: `letters clear DRAFT CODE --why TEXT`.
What **warns** is worth a look; nobody has to answer for it.
`letters check DRAFT` shows what it finds with the line and the words at fault.
"""


def page() -> str:
    """Write the page: a table for each module of checks."""
    return "\n".join([INTRODUCTION, *_tables()])


def _tables() -> Iterator[str]:
    for module, checks in groupby(CHECKS, key=lambda check: check.find.__module__):
        yield f"## {module.rpartition('.')[2].replace('_', ' ').capitalize()}\n"
        yield "| code | severity | what it finds | source |"
        yield "|---|---|---|---|"
        yield from (_row(check) for check in checks)
        yield ""


def _row(check: Check) -> str:
    severity = "blocks" if check.is_blocking else "warns"
    if check.is_blocking and not check.is_overridable:
        severity = "blocks, can't be overridden"
    source = f"{check.source[0].upper()}{check.source[1:].rstrip('.')}."
    cells = (f"`{check.code}`", severity, check.summary, source)
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - the page is what is asked for
