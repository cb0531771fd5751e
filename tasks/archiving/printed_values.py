"""Values made fit for a Typst template: one line each, and nothing that the fonts lack."""

from __future__ import annotations

from typing import Any

from letters.printable import first_unprintable

UNPRINTABLE = "□"


def printable_values(value: Any) -> Any:
    """Put a box in the place of every character that the fonts can't print."""
    if isinstance(value, str):
        told = " ".join(value.splitlines())
        while (character := first_unprintable(told)) is not None:
            told = told.replace(character, UNPRINTABLE)
        return told
    if isinstance(value, dict):
        return {name: printable_values(inner) for name, inner in value.items()}
    return [printable_values(inner) for inner in value] if isinstance(value, list) else value
