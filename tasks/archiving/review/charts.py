"""Charts of the annual review in numbers of things: areas by year, letters by state.

Honest: axes from zero and in whole numbers, every number printed, and nothing told by colour
alone. A chart with nothing to show is words only. How SVG comes of it is `chart_svg.py`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from letters.review import ReviewedLetter, YearFigures
from tasks.archiving.review.chart_svg import (
    BAR,
    DARK,
    INK,
    STRIPES,
    Chart,
    count_whole,
    drawn,
    print_number,
)
from tasks.archiving.review.dossier_words import listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SERIES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("raised", "raised in the year", {"color": DARK}),
    ("answered", "answered or waived in the year", {"color": "#ffffff", "hatch": STRIPES}),
    ("still_open", "open when the year was reviewed", {"color": "#c9c9c9"}),
)
_SHARE = 0.27
"""Of a year's room, for each of its bars."""

_FEWEST_YEARS = 4
"""For which there is room: the bars of a single year would be as wide as the page."""


def areas_by_year(years: Sequence[YearFigures]) -> Chart:
    """Show the areas for development raised, ended and open, year by year."""
    name, title = "areas", "Areas for development, by year"
    if not any(year.raised or year.answered or year.still_open for year in years):
        told = listed([str(year.year) for year in years])
        return Chart(
            name,
            title,
            f"There is nothing to draw: no area was raised, answered or open in {told}.",
        )
    words = " ".join(
        f"{year.year}: {year.raised} raised, {year.answered} answered or waived,"
        f" {year.still_open} open when the year was reviewed."
        for year in years
    )
    most = max(max(year.raised, year.answered, year.still_open) for year in years)
    size = 6 if most > 99 and len(years) > 6 else 8

    def draw(all_axes: list[Axes]) -> None:
        (axes,) = all_axes
        for place, (field, label, style) in enumerate(_SERIES):
            numbers = [getattr(year, field) for year in years]
            at = [year.year + (place - 1) * _SHARE for year in years]
            axes.bar(at, numbers, _SHARE, label=label, edgecolor=INK, linewidth=0.6, **style)
            for x, number in zip(at, numbers, strict=True):
                print_number(axes, x, number, most, size=size)
        first, last = years[0].year, years[-1].year
        room = max(0, _FEWEST_YEARS - (last - first)) / 2
        axes.set_xlim(first - 0.5 - room, last + 0.5 + room)
        axes.set_xticks([year.year for year in years], [str(year.year) for year in years])
        axes.set_ylim(0, most * 1.12)
        count_whole(axes.yaxis)
        axes.set_ylabel("areas")
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(-0.01, 1.0),
            ncols=len(_SERIES),
            frameon=False,
            borderaxespad=0,
            handlelength=1.6,
        )

    svg = drawn(
        name, title, words, draw, panel_inches=2.3, left=0.075, above_inches=0.3, below_inches=0.22
    )
    return Chart(name, title, words, svg)


def letters_by_state(letters: Iterable[ReviewedLetter]) -> Chart:
    """Show where the year's letters stand."""
    name, title = "states", "Letters, by where they stand"
    counted = Counter(each.state for each in letters)
    if not counted:
        return Chart(name, title, "There is nothing to draw: no letter of the year can be told of.")
    rows = sorted(counted.items(), key=lambda row: (-row[1], row[0]))
    words = listed([f"{number} {state}" for state, number in rows]) + "."
    most = rows[0][1]

    def draw(all_axes: list[Axes]) -> None:
        (axes,) = all_axes
        axes.barh(range(len(rows)), [number for _, number in rows], 0.62, **BAR)
        for row, (_, number) in enumerate(rows):
            axes.text(number + most * 0.01, row, str(number), ha="left", va="center")
        axes.set_yticks(range(len(rows)), [state for state, _ in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(0, most * 1.1)
        count_whole(axes.xaxis)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("letters")

    svg = drawn(name, title, words, draw, panel_inches=0.25 * len(rows), left=0.17)
    return Chart(name, title, words, svg)
