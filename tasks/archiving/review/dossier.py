"""The dossiers of the annual review: accessible PDF, HTML, CSV, and the charts as files.

Owns how a review becomes bytes; what a dossier says is in `dossier_authority.py` and
`dossier_whole.py`. There is no clock in it: the same review gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from letters.review import AuthorityReview, YearReview
from letters.year import AsOf
from tasks.archiving.review.chart_days import days_of_all, days_of_letters
from tasks.archiving.review.chart_svg import Chart
from tasks.archiving.review.charts import areas_by_year, letters_by_state
from tasks.archiving.review.dossier_authority import authority_values
from tasks.archiving.review.dossier_tables import areas_csv, authorities_csv
from tasks.archiving.review.dossier_whole import whole_values
from tasks.templating import render_html_template
from tasks.typesetting import typeset

PDF, HTML, CSV = "dossier.pdf", "dossier.html", "dossier.csv"


def authority_files(review: AuthorityReview, *, organisation: str) -> dict[str, bytes]:
    """Make the dossier of an authority's year: its files by their names.

    Raises TypesettingFailed and TemplateFailed.
    """
    areas = areas_by_year([*review.history, review.figures])
    days = days_of_letters(review.letters, review.as_of.at)
    values = authority_values(review, organisation=organisation, areas=areas, days=days)
    printed = _printed(values, (areas, days), review.year, review.as_of)
    return {**printed, CSV: areas_csv(review)}


def whole_files(review: YearReview, *, organisation: str) -> dict[str, bytes]:
    """Make the dossier of the year of all authorities: its files by their names.

    Raises TypesettingFailed and TemplateFailed.
    """
    letters = [letter for each in review.authorities for letter in each.letters]
    areas = areas_by_year([*review.history, review.figures])
    days = days_of_all(letters, review.as_of.at)
    states = letters_by_state(letters)
    values = whole_values(review, organisation=organisation, areas=areas, days=days, states=states)
    printed = _printed(values, (areas, days, states), review.year, review.as_of)
    return {**printed, CSV: authorities_csv(review)}


def _printed(
    values: dict[str, Any], charts: Sequence[Chart], year: int, as_of: AsOf
) -> dict[str, bytes]:
    drawn = {chart.name: chart.svg for chart in charts if chart.svg}
    values["charts"] = {name: svg.decode() for name, svg in drawn.items()}
    moment = (
        datetime(year, 1, 1, tzinfo=UTC) if as_of.at is None else datetime.fromisoformat(as_of.at)
    )
    return {
        PDF: typeset("dossier", values, moment=int(moment.timestamp())),
        HTML: render_html_template("dossier.html.j2", dossier=values).encode(),
        **{f"charts/{name}.svg": svg for name, svg in drawn.items()},
    }
