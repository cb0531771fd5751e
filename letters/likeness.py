"""How alike two passages are."""

from __future__ import annotations

from letters.letter import Frozen, Line


class Alike(Frozen):
    """A passage that stands almost so in another authority's letter."""

    place: Line
    reference: Line
    authority: Line
    their_place: Line
    likeness: float
