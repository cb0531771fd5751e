"""What the readers of Word are not sure of: the table of its doubts.

As in `text_notes`, a doubt blocks where what is printed depends on a reading
that the source doesn't settle. Both readers may note the codes of either.
"""

from __future__ import annotations

from collections.abc import Iterable

from letters.problem import Doubt
from tasks.drafting.text.notes import shorten

IS_BLOCKING = {
    # How words look, which a letter's words can't.
    "underlining-lost": False,  # the words are the same
    "highlighting-lost": False,
    "raised-text": True,  # a power or a mark becomes a figure
    "link-target": True,
    "date-field": True,
    # What a paragraph is.
    "heading-by-look": True,
    "heading-too-deep": False,  # only how large it is printed is open
    "bullet-typed": False,
    "dash-typed": True,
    "item-without-bullet": True,
    "item-nested": True,
    "numbers-as-text": True,
    "numbers-dropped": True,
    "lines-joined": True,
    "footnote-moved": True,
    # Where it belongs.
    "header-removed": False,  # Word says that it is none of the text
    "closing-above-heading": True,
    "text-outside-styles": True,
    "signature-incomplete": True,
    "style-used-twice": True,
}


class Doubts:
    """Doubts in the order in which they came up."""

    def __init__(self) -> None:
        self._doubts: list[Doubt] = []

    def add(self, code: str, place: str, read: str, proposed: str) -> None:
        """Note that something was read in one of several ways."""
        self._doubts.append(
            Doubt(
                code=code,
                place=place,
                read=shorten(read),
                proposed=shorten(proposed),
                is_blocking=IS_BLOCKING[code],
            )
        )

    def beside(self, others: Iterable[Doubt]) -> tuple[Doubt, ...]:
        """Return all doubts, behind those of the other readers."""
        return (*others, *self._doubts)
