"""Where matplotlib draws: one chart as SVG, the same bytes each time, in the letters' own font.

Owns the library, its lock and the form of the file. What charts are drawn with is
`chart_marks.py`; what they show, and say in words, is for `charts.py` and `chart_days.py`.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.sax.saxutils import escape

from tasks.archiving.review.chart_marks import INK, QUIET
from tasks.templating import TEMPLATES

# It takes half a second to import: only who draws pays for it.
if TYPE_CHECKING:
    from matplotlib.axes import Axes

Draw = Callable[["list[Axes]"], None]

WIDTH_INCHES = 6.7
"""The width of a page's text."""

_FAMILY = "letters-sans"
_FAMILIES = "'Liberation Sans', Arial, Helvetica, sans-serif"
_SETTINGS: dict[Any, Any] = {
    "font.family": [_FAMILY],
    "font.size": 8,
    "text.color": INK,
    "text.parse_math": False,
    "hatch.linewidth": 0.8,
    "hatch.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.unicode_minus": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "letters",
}
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))

_HEAD = re.compile(r"\A.*?<svg[^>]* viewBox=\"([^\"]+)\"[^>]*>\s*", re.DOTALL)
_STYLE = re.compile(r"<defs>\s*<style[^>]*>[^<]*</style>\s*</defs>\s*")
_UNUSED_ID = re.compile(r"<g id=\"[^\"]*\">")
_ID = re.compile(r"(?<=\bid=\")|(?<=url\(#)|(?<=href=\"#)")

_BETWEEN_INCHES = 0.3

# Matplotlib's settings and its memory of fonts are those of the whole process.
_lock = threading.Lock()


class Chart(NamedTuple):
    """A chart, and the words that say all that it shows."""

    name: str
    title: str
    words: str
    svg: bytes = b""
    """Empty where there is nothing to draw: the words say so."""


class _Room(NamedTuple):
    """How a figure is parted into panels, below one another."""

    panels: int
    panel_inches: float
    left: float
    above_inches: float
    below_inches: float

    @property
    def height_inches(self) -> float:
        """Of the figure."""
        between = _BETWEEN_INCHES * (self.panels - 1)
        return self.panels * self.panel_inches + between + self.above_inches + self.below_inches

    def places(self) -> Iterator[tuple[float, float, float, float]]:
        """Yield each panel's left, bottom, width and height as shares of the figure."""
        whole = self.height_inches
        top = whole - self.above_inches
        for _ in range(self.panels):
            yield (
                self.left,
                (top - self.panel_inches) / whole,
                0.98 - self.left,
                self.panel_inches / whole,
            )
            top -= self.panel_inches + _BETWEEN_INCHES


def drawn(
    name: str,
    title: str,
    words: str,
    draw: Draw,
    *,
    panels: int = 1,
    panel_inches: float,
    left: float,
    above_inches: float = 0.06,
    below_inches: float = 0.42,
) -> bytes:
    """Draw a chart as SVG, with its title and its description in words.

    `draw` is given the axes of the panels, which are below one another, each of
    `panel_inches`. `left` is the share of the width that the labels at the left take.
    `name` begins every id of the file, so that several can stand in one page.
    """
    with _lock:
        told = _drawing(draw, _Room(panels, panel_inches, left, above_inches, below_inches))
    view_box = _HEAD.match(told)
    if view_box is None:
        raise RuntimeError("matplotlib writes another head of an SVG than it did")
    body = told[view_box.end() :].replace(f"'{_FAMILY}'", _FAMILIES).replace(_FAMILY, _FAMILIES)
    body = _ID.sub(f"{name}-", _UNUSED_ID.sub("<g>", _STYLE.sub("", body, count=1)))
    width, height = view_box[1].split()[2:]
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' width="{width}pt" height="{height}pt" viewBox="{view_box[1]}" role="img"'
        f' aria-labelledby="{name}-title" stroke-linejoin="round" stroke-linecap="butt">\n'
        f'<title id="{name}-title">{escape(title)}</title>\n<desc>{escape(words)}</desc>\n'
    )
    return (head + body).encode()


def _drawing(draw: Draw, room: _Room) -> str:
    _set_up()
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_INCHES, room.height_inches))
    axes = [figure.add_axes(each) for each in room.places()]
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
    draw(axes)
    told = io.StringIO()
    canvas = FigureCanvasSVG(figure)
    canvas.print_svg(told, metadata=_NO_METADATA)  # type: ignore[no-untyped-call]
    return told.getvalue()


@cache
def _set_up() -> None:
    """Set matplotlib up for this process, with our font under a name that no other has."""
    import dataclasses

    import matplotlib
    from matplotlib import font_manager

    path = TEMPLATES / "fonts" / "LiberationSans-Regular.ttf"
    font_manager.fontManager.addfont(path)
    (ours,) = (e for e in font_manager.fontManager.ttflist if e.fname == str(path))
    font_manager.fontManager.ttflist.append(dataclasses.replace(ours, name=_FAMILY))
    # A matplotlibrc of the machine would change the bytes.
    matplotlib.rcdefaults()
    matplotlib.rcParams.update(_SETTINGS)
