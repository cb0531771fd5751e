"""The tables beside the dossiers, for whoever counts on: a row an area, or an authority."""

from __future__ import annotations

from letters.review import Area, AuthorityReview, NotReviewed, YearReview
from tasks.archiving.review.dossier_blocks import FIGURES
from tasks.archiving.year_tables import csv_of

AREA_COLUMNS = (
    *("reference", "place", "text", "raised_on", "state"),
    *("ended_by", "ended_at", "ended_on", "why_waived"),
)
AUTHORITY_COLUMNS = (
    *("code", "authority", "reviewed", "inspected"),
    *(field for field, _ in FIGURES),
    *("open_since", "damaged", "problem"),
)


def areas_csv(review: AuthorityReview) -> bytes:
    """Write all areas that a review tells of, the oldest first."""
    areas = {
        (area.reference, area.place): area
        for area in (*review.still_open, *review.ended, *review.raised)
    }
    ordered = sorted(areas.values(), key=lambda area: (area.date, area.reference))
    return csv_of(AREA_COLUMNS, map(_area, ordered))


def authorities_csv(review: YearReview) -> bytes:
    """Write a row an authority, those that could not be reviewed too."""
    rows = [*map(_authority, review.authorities), *map(_not_reviewed, review.not_reviewed)]
    return csv_of(AUTHORITY_COLUMNS, sorted(rows, key=lambda row: str(row[0])))


def _area(area: Area) -> tuple[object, ...]:
    end = area.end
    raised = (area.reference, area.place, area.text, area.date)
    if end is None:
        return (*raised, "open", None, None, None, None)
    return (*raised, end.how, end.reference, end.place, end.date, end.why)


def _authority(review: AuthorityReview) -> tuple[object, ...]:
    figures = review.figures
    inspected = None if review.may_be_inspected else review.is_inspected
    return (
        *(review.authority.code, review.authority.name, True, inspected),
        *(getattr(figures, field) for field, _ in FIGURES),
        min((area.date for area in review.still_open), default=None),
        sum(row.code != "disposed" for row in review.damaged),
        None,
    )


def _not_reviewed(missing: NotReviewed) -> tuple[object, ...]:
    unknown = [None] * (len(FIGURES) + 3)
    problem = f"{missing.code}: {missing.message}"
    return (missing.authority.code, missing.authority.name, False, *unknown, problem)
