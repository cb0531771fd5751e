"""The authority's letter before this one, and the areas that it raised."""

from __future__ import annotations

from datetime import date

from letters.letter import Frozen, Line, Placed


class EarlierLetter(Frozen):
    """What the authority's last issued letter asked to be done."""

    reference: Line
    date: date
    areas: tuple[Placed, ...]
    """By their places in that letter."""
