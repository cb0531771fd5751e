"""What charts are drawn with: bars, words, looks, and axes that count.

Matplotlib makes an object, or a dozen, of every bar, number and tick, which was most of the
time of a dossier and grew with the years that it shows. Here all bars of one look are one
path, and all words of one size one artist: ten years cost what one does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

# It takes half a second to import: only who draws pays for it.
if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

INK = "#1a1a1a"
QUIET = "#4d4d4d"
DARK = "#2f4f6f"
_STRIPES = "//////"

_DIGIT_SHARE = 0.35
"""Of a font's size, half the height of its digits and capitals."""


class Look(NamedTuple):
    """How a bar looks; nothing is told by colour alone."""

    fill: str
    hatch: str | None = None


SOLID = Look(DARK)
PALE = Look("#c9c9c9")
STRIPED = Look("#ffffff", _STRIPES)


class Bar(NamedTuple):
    """A bar, in the numbers of its axes."""

    left: float
    bottom: float
    width: float
    height: float


class Word(NamedTuple):
    """Some words, and the place that they keep to."""

    x: float
    y: float
    text: str


def fill_bars(axes: Axes, bars: Iterable[Bar], look: Look, label: str = "") -> None:
    """Draw bars that look alike as one path, which `label` names in a legend."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    corners: list[tuple[float, float]] = []
    for left, bottom, width, height in bars:
        right, top = left + width, bottom + height
        corners += [(left, bottom), (left, top), (right, top), (right, bottom), (left, bottom)]
    if not corners:
        return
    a_bar = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    path = Path(corners, a_bar * (len(corners) // len(a_bar)))
    axes.add_artist(
        PathPatch(
            path, facecolor=look.fill, edgecolor=INK, linewidth=0.6, hatch=look.hatch, label=label
        )
    )


def print_words(
    axes: Axes,
    words: Sequence[Word],
    *,
    size: float = 8,
    beside: Literal["left", "center", "right"] = "center",
    moved: tuple[float, float] = (0, 0),
    across: Transform | None = None,
) -> None:
    """Print words: `beside` is the side of them that keeps to their place.

    Their middle is at the height of their place; `moved` is by how many points to the right
    and up. `across` tells what the places are numbers of, if not of the axes' own scales.
    Words may lie outside the axes, where ticks would.
    """
    from matplotlib.artist import Artist
    from matplotlib.text import Text
    from matplotlib.transforms import IdentityTransform

    class _Words(Artist):
        def draw(self, renderer: Any) -> None:
            ink = renderer.new_gc()
            ink.set_foreground(INK)
            # One Text for all: it only tells the renderer what to keep to its place.
            keeper = Text(ha=beside, fontsize=size, transform=IdentityTransform())
            font, (right, up) = keeper.get_fontproperties(), moved
            point = renderer.points_to_pixels(1)
            places = (across or axes.transData).transform([(x, y) for x, y, _ in words])
            for (x, y), word in zip(places, words, strict=True):
                at = x + right * point, y + (up - _DIGIT_SHARE * size) * point
                keeper.set_position(at)
                renderer.draw_text(
                    ink, at[0], renderer.height - at[1], word.text, font, 0, False, mtext=keeper
                )
            ink.restore()

    if words:
        axes.add_artist(_Words())


def number_bars(axes: Axes, bars: Iterable[Bar], size: float = 8) -> None:
    """Print above each bar how high it is."""
    words = [Word(left + width / 2, height, f"{height:.0f}") for left, _, width, height in bars]
    print_words(axes, words, size=size, moved=(0, 1.5 + size / 2))


def name_columns(axes: Axes, names: Iterable[tuple[float, str]]) -> None:
    """Print below the axes what stands at each place across, without ticks."""
    axes.set_xticks([])
    words = [Word(place, 0, name) for place, name in names]
    print_words(axes, words, moved=(0, -9), across=axes.get_xaxis_transform())


def name_rows(axes: Axes, names: Iterable[str]) -> None:
    """Print to the left of the axes what each row is, from 0 on, without ticks."""
    axes.set_yticks([])
    words = [Word(0, row, name) for row, name in enumerate(names)]
    print_words(axes, words, beside="right", moved=(-4, 0), across=axes.get_yaxis_transform())


def count_whole(axis: Any) -> None:
    """Let an axis count in whole numbers."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
