"""Charts of how long letters took: a row a letter, or the spread of all against their deadlines.

Working days are those from the last inspection day to the day the last copy was accepted.
How SVG comes of it is `chart_svg.py`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from letters.audit import Moment
from letters.deadline import day_of
from letters.reference import Reference
from letters.review import ReviewedLetter
from letters.working_days import working_days_after
from letters.year import Punctuality
from tasks.archiving.review.chart_marks import (
    DARK,
    INK,
    QUIET,
    SOLID,
    STRIPED,
    Bar,
    Word,
    count_whole,
    fill_bars,
    name_rows,
    number_bars,
    print_words,
)
from tasks.archiving.review.chart_svg import Chart, drawn
from tasks.archiving.review.dossier_words import counted, listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ROWS = 30
"""Letters of an authority that have a row of their own."""


class _Days(NamedTuple):
    """How long one letter took, or has taken so far."""

    reference: str
    taken: int
    allowed: int | None
    punctuality: Punctuality
    is_with_everyone: bool

    @property
    def label(self) -> str:
        """What is printed beside its dot."""
        if not self.is_with_everyone:
            return f"{self.taken} so far" + (", overdue" if self.punctuality == "overdue" else "")
        return f"{self.taken}" + (", late" if self.punctuality == "late" else "")

    @property
    def words(self) -> str:
        """What the chart shows of it."""
        taken, comma, late = self.label.partition(",")
        allowed = "without a deadline" if self.allowed is None else f"of {self.allowed}"
        return f"{_short(self.reference)}: {taken} {allowed}{comma}{late}."


def days_of_letters(letters: Iterable[ReviewedLetter], at: Moment | None) -> Chart:
    """Show, a row a letter, the working days from inspection to the last copy."""
    name, title = "days", "Working days from the inspection to the last copy"
    all_days = [days for each in letters if (days := _days(each, at)) is not None]
    if not all_days:
        return Chart(
            name,
            title,
            "There is nothing to draw: no letter of the year has an inspection"
            " day and a copy that was accepted.",
        )
    shown, before = all_days, ""
    if len(all_days) > MOST_ROWS:
        longest = sorted(enumerate(all_days), key=lambda each: -each[1].taken)[:MOST_ROWS]
        shown = [days for _, days in sorted(longest)]
        before = f"Drawn are the {MOST_ROWS} letters that took longest, of {len(all_days)}. "
    words = f"{before}Working days, of those allowed. " + " ".join(days.words for days in shown)
    most = max(max(days.taken, days.allowed or 0) for days in shown)

    def draw(all_axes: list[Axes]) -> None:
        (axes,) = all_axes
        due = [(row, days.allowed) for row, days in enumerate(shown) if days.allowed is not None]
        axes.hlines(range(len(shown)), 0, [days.taken for days in shown], QUIET, linewidth=0.8)
        axes.vlines(
            [allowed for _, allowed in due],
            [row - 0.38 for row, _ in due],
            [row + 0.38 for row, _ in due],
            INK,
            linewidth=1.6,
        )
        for (is_late, is_there), dots in _by_look(shown).items():
            axes.plot(
                [days.taken for _, days in dots],
                [row for row, _ in dots],
                linestyle="none",
                marker="s" if is_late else "o",
                markersize=5.5,
                markerfacecolor=DARK if is_there else "#ffffff",
                markeredgecolor=INK,
                clip_on=False,
            )
        told = [Word(_beside(days), row, days.label) for row, days in enumerate(shown)]
        print_words(axes, told, beside="left", moved=(6, 0))
        name_rows(axes, [_short(days.reference) for days in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlim(0, most * 1.25 + 1)
        count_whole(axes.xaxis)
        axes.set_xlabel("working days; the upright line is the deadline, a square is late")

    inches = 0.23 * max(len(shown), 2)
    svg = drawn(name, title, words, draw, panel_inches=inches, left=0.17)
    return Chart(name, title, words, svg)


def _beside(days: _Days) -> int:
    """Say beside which day the label stands: near the upright line it would lie on it."""
    allowed = days.allowed or 0
    return max(days.taken, allowed) if days.taken > 0.6 * allowed else days.taken


def _by_look(shown: Sequence[_Days]) -> dict[tuple[bool, bool], list[tuple[int, _Days]]]:
    """Put together the rows whose dots look alike: late or not, with everyone or not."""
    looks: dict[tuple[bool, bool], list[tuple[int, _Days]]] = {}
    for row, days in enumerate(shown):
        look = days.punctuality in ("late", "overdue"), days.is_with_everyone
        looks.setdefault(look, []).append((row, days))
    return looks


class _Spell(NamedTuple):
    """A few working days, and how many letters took that long."""

    first: int
    last: int
    letters: int
    is_late: bool

    @property
    def words(self) -> str:
        """What the chart shows by it."""
        days = f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"
        return f"{self.letters} took {days}"

    @property
    def bar(self) -> Bar:
        """What stands for it in the chart."""
        return Bar(self.first - 0.5, 0, self.last - self.first + 1, self.letters)


def days_of_all(letters: Iterable[ReviewedLetter], at: Moment | None) -> Chart:
    """Show how many letters took how many working days, for each deadline."""
    name, title = "days", "Working days from the inspection to the last copy"
    known = [days for each in letters if (days := _days(each, at)) is not None]
    groups: dict[int, Counter[int]] = {}
    for days in known:
        if days.is_with_everyone and days.allowed is not None:
            groups.setdefault(days.allowed, Counter())[days.taken] += 1
    waiting = _waiting_in_words([days for days in known if not days.is_with_everyone])
    if not groups:
        said = "There is nothing to draw: no letter with a deadline has reached everyone."
        return Chart(name, title, f"{said}{waiting}")
    most_days = max(max(allowed, *taken) for allowed, taken in groups.items())
    width = 1 if most_days <= 60 else 5 if most_days <= 300 else 20
    panels = [(allowed, _spells(groups[allowed], allowed, width)) for allowed in sorted(groups)]
    words = " ".join(_spread_in_words(allowed, spells) for allowed, spells in panels) + waiting

    def draw(all_axes: list[Axes]) -> None:
        for axes, (allowed, spells) in zip(all_axes, panels, strict=True):
            most = max(spell.letters for spell in spells)
            for is_late, look in ((False, SOLID), (True, STRIPED)):
                fill_bars(axes, [one.bar for one in spells if one.is_late is is_late], look)
            number_bars(axes, [one.bar for one in spells], 7)
            axes.axvline(allowed + 0.5, color=INK, linewidth=1.4, linestyle=(0, (4, 2)))
            axes.text(
                allowed + 0.5 + most_days * 0.008,
                most * 1.26,
                f"deadline: {allowed}",
                ha="left",
                va="top",
            )
            axes.set_xlim(-0.5, most_days * 1.12 + width)
            axes.set_ylim(0, most * 1.28)
            count_whole(axes.xaxis)
            count_whole(axes.yaxis)
            axes.set_ylabel("letters")
        each = f"a bar is {width} days; " if width > 1 else ""
        all_axes[-1].set_xlabel(f"working days; {each}striped bars are late")

    return Chart(
        name,
        title,
        words,
        drawn(name, title, words, draw, panels=len(panels), panel_inches=1.5, left=0.075),
    )


def _days(letter: ReviewedLetter, at: Moment | None) -> _Days | None:
    row = letter.row
    if letter.left_out:
        return None
    punctuality, taken = row.punctuality(at), row.days_to_acceptance
    allowed = row.deadline_working_days
    if taken is not None:
        return _Days(row.reference, taken, allowed, punctuality, True)
    if row.inspected_until is None or at is None or allowed is None:
        return None
    so_far = working_days_after(row.inspected_until, day_of(datetime.fromisoformat(at)))
    return _Days(row.reference, so_far, allowed, punctuality, False)


def _spells(taken: Counter[int], allowed: int, width: int) -> list[_Spell]:
    """Put days together; none of these holds days of both sides of the deadline."""
    numbers = Counter[int]()
    for days, letters in taken.items():
        numbers[(days - allowed - 1) // width] += letters
    return [
        _Spell(
            first=max(0, allowed + 1 + place * width),
            last=allowed + (place + 1) * width,
            letters=numbers[place],
            is_late=place >= 0,
        )
        for place in sorted(numbers)
    ]


def _spread_in_words(allowed: int, spells: Sequence[_Spell]) -> str:
    letters = sum(spell.letters for spell in spells)
    late = sum(spell.letters for spell in spells if spell.is_late)
    told = listed([spell.words for spell in spells])
    are = "was late" if late == 1 else "were late"
    return (
        f"Of {counted(letters, 'letter')} with a deadline of {allowed} working days, {told};"
        f" {late or 'none'} {are}."
    )


def _waiting_in_words(waiting: Sequence[_Days]) -> str:
    if not waiting:
        return ""
    overdue = sum(days.punctuality == "overdue" for days in waiting)
    said = f" Not drawn: {counted(len(waiting), 'letter')} not with everyone yet"
    return f"{said}, {overdue or 'none'} of them overdue."


def _short(reference: str) -> str:
    """Leave the authority out of a reference, where all are of one."""
    told = Reference.parse(reference)
    return f"{told.kind_code} {told.period}"
