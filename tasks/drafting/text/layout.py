"""How a plain text draft is set: whether its lines are wrapped, and how wide.

A line that ends although the next word would have fitted was ended by its writer.
Typed text is wrapped by columns, and text out of a PDF by the widths of its letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from tasks.drafting.text.bullets import has_bullet
from tasks.drafting.text.lines import Block, SourceLine

NARROWEST_WRAPPED_LINE, WIDEST_WRAPPED_LINE = 50, 120
"""Longer lines are whole paragraphs, and shorter ones end where their writer meant them to."""

_FULL_SHARE = 0.85
# Measured with letters of another font than the PDF's: of 4,111 lines of published letters
# that end within a sentence none needed less than 0.975 of the margin for the next word.
_SURELY_FITS_SHARE, _FITS_SHARE = 0.97, 0.98
_MOST_FITTING_IF_TYPED = 0.1
_FEWEST_LINES_TO_MEASURE = 4


class _Widths(dict[str, int]):
    """Of letters, in thousandths of an em, as Helvetica has them (Adobe Core 14 AFM).

    Other sans-serifs differ in size more than in proportion.
    """

    def __missing__(self, sign: str) -> int:
        return 556


_WIDTHS = _Widths(
    (sign, width)
    for width, signs in (
        (222, "ijl'‘’"),
        (278, " !,./:;I[]ft"),
        (333, "()-r“”"),
        (500, "ckJsvxyz"),
        (556, "abdeghnopqu0123456789"),
        (611, "FTZ"),
        (667, "ABEKPSVXY&"),
        (722, "CDHNRUw"),
        (778, "GOQ"),
        (833, "Mm"),
        (944, "W"),
    )
    for sign in signs
)
_SPACE_OF_INDENT = 500


@dataclass(frozen=True, slots=True)
class Layout:
    """How wide the source's lines are, by columns or by their letters' widths."""

    measure: Literal["columns", "widths"] = "columns"
    margin: int | None = None
    """None where lines aren't wrapped: each is ended by its writer."""

    @property
    def is_wrapped(self) -> bool:
        """Whether lines end at a margin."""
        return self.margin is not None

    def is_full(self, line: SourceLine) -> bool:
        """Whether a wrapped line reaches the margin, so that its sentence may go on."""
        return self.margin is not None and self._length(line) >= _FULL_SHARE * self.margin

    def breaks_early(
        self, line: SourceLine, following: SourceLine, *, surely: bool = False
    ) -> bool:
        """Whether a line ends although the next one's first word would have fitted."""
        if self.margin is None:
            return True
        needed = self._length_with_word(line, following)
        if self.measure == "columns":
            return needed <= self.margin
        return needed <= (_SURELY_FITS_SHARE if surely else _FITS_SHARE) * self.margin

    def within(self, block: Block) -> Layout:
        """Measure a block of some lines by itself: boxes are set to other margins."""
        if self.measure == "columns" or len(block.lines) < _FEWEST_LINES_TO_MEASURE:
            return self
        return Layout("widths", max(map(width_of, block.lines)))

    def _length(self, line: SourceLine) -> int:
        return line.length if self.measure == "columns" else width_of(line)

    def _length_with_word(self, line: SourceLine, following: SourceLine) -> int:
        word = following.text.partition(" ")[0]
        if self.measure == "columns":
            return line.length + 1 + len(word)
        return width_of(line) + _width(f" {word}")


def layout_of(blocks: Sequence[Block]) -> Layout:
    """Measure the lines that go on in another one.

    Where lines are wrapped by columns, hardly one leaves room for the next word.
    """
    pairs = [
        (line, following)
        for block in blocks
        for line, following in pairwise(block.lines)
        if not has_bullet(following)
    ]
    if not pairs:
        return Layout()
    columns = _nth([line.length for line, _ in pairs], 0.98)
    if not NARROWEST_WRAPPED_LINE <= columns <= WIDEST_WRAPPED_LINE:
        return Layout()
    typed = Layout("columns", columns)
    fitting = sum(typed.breaks_early(line, following) for line, following in pairs)
    if fitting <= _MOST_FITTING_IF_TYPED * len(pairs):
        return typed
    return Layout("widths", _nth([width_of(line) for line, _ in pairs], 0.9))


def width_of(line: SourceLine) -> int:
    """Measure a line as a PDF would set it, its indent among it."""
    return _SPACE_OF_INDENT * line.indent + _width(line.text)


def _width(text: str) -> int:
    return sum(map(_WIDTHS.__getitem__, text))


def _nth(numbers: Iterable[int], share: float) -> int:
    """Return the number below which that share of them lies."""
    ordered = sorted(numbers)
    return ordered[round(share * (len(ordered) - 1))]
