"""Charts of the annual review in numbers of things: areas by year, letters by state.

Honest: axes from zero and in whole numbers, every number printed, and nothing told by colour
alone. A chart with nothing to show is words only. How SVG comes of it is `chart_svg.py`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from letters.review import ReviewedLetter, YearFigures
from tasks.archiving.review.chart_marks import (
    PALE,
    SOLID,
    STRIPED,
    Bar,
    Look,
    Word,
    count_whole,
    fill_bars,
    name_columns,
    name_rows,
    number_bars,
    print_words,
)
from tasks.archiving.review.chart_svg import Chart, drawn
from tasks.archiving.review.dossier_words import listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SERIES: tuple[tuple[str, str, Look], ...] = (
    ("raised", "raised in the year", SOLID),
    ("answered", "answered or waived in the year", STRIPED),
    ("still_open", "left open", PALE),
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
        f" {year.still_open} left open."
        for year in years
    )
    most = max(max(year.raised, year.answered, year.still_open) for year in years)
    size = 6 if most > 99 and len(years) > 6 else 8

    def draw(all_axes: list[Axes]) -> None:
        (axes,) = all_axes
        for place, (field, label, look) in enumerate(_SERIES):
            left = (place - len(_SERIES) / 2) * _SHARE
            bars = [Bar(year.year + left, 0, _SHARE, getattr(year, field)) for year in years]
            fill_bars(axes, bars, look, label)
            number_bars(axes, bars, size)
        first, last = years[0].year, years[-1].year
        room = max(0, _FEWEST_YEARS - (last - first)) / 2
        axes.set_xlim(first - 0.5 - room, last + 0.5 + room)
        name_columns(axes, [(year.year, str(year.year)) for year in years])
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
    """Show where the year's letters stand, but samples that are in no figure."""
    name, title = "states", "Letters, by where they stand"
    counted = Counter(each.state for each in letters if each.left_out != "sample")
    if not counted:
        return Chart(name, title, "There is nothing to draw: no letter of the year is counted.")
    rows = sorted(counted.items(), key=lambda row: (-row[1], row[0]))
    words = listed([f"{number} {state}" for state, number in rows]) + "."
    most = rows[0][1]

    def draw(all_axes: list[Axes]) -> None:
        (axes,) = all_axes
        high = 0.62
        bars = [Bar(0, row - high / 2, number, high) for row, (_, number) in enumerate(rows)]
        fill_bars(axes, bars, SOLID)
        told = [Word(number, row, str(number)) for row, (_, number) in enumerate(rows)]
        print_words(axes, told, beside="left", moved=(3, 0))
        name_rows(axes, [state for state, _ in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(0, most * 1.1)
        count_whole(axes.xaxis)
        axes.set_xlabel("letters")

    svg = drawn(name, title, words, draw, panel_inches=0.25 * len(rows), left=0.17)
    return Chart(name, title, words, svg)
