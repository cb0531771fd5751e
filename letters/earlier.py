"""What the authority's last letter asked for: the areas that the next one must answer."""

from __future__ import annotations

from datetime import date

from letters.letter import Frozen, Placed


class EarlierLetter(Frozen):
    """The last letter that was issued to an authority, and the areas it raised."""

    reference: str
    date: date
    areas: tuple[Placed, ...]
    """The passages under its headings that raise areas, in order, with their places in it."""
