"""What the dossier of the whole year says: all authorities together, and a row of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from letters.letter import day_in_words
from letters.review import Area, AuthorityReview, YearReview
from tasks.archiving.review.chart_svg import Chart
from tasks.archiving.review.dossier_authority import days_in_words
from tasks.archiving.review.dossier_blocks import (
    FIGURES,
    Block,
    Column,
    as_of_in_words,
    chart,
    damaged_table,
    document,
    figures_table,
    heading,
    table,
    words,
    years_table,
)
from tasks.archiving.review.dossier_words import counted

MOST_LISTED = 60
"""Letters or areas that are listed; of the rest it is said how many there are."""


def whole_values(
    review: YearReview, *, organisation: str, areas: Chart, days: Chart, states: Chart
) -> dict[str, Any]:
    """Put together what the templates print of the year of all authorities."""
    year = review.year
    return document(
        title=f"Annual review of {year}: all authorities",
        heading=f"All authorities in {year}",
        organisation=organisation,
        subject="Annual review: what the archive of issued letters tells of the year.",
        is_good=review.is_whole,
        verdict=[*_verdict(review)],
        blocks=[
            *_not_reviewed(review),
            heading(f"{year} in figures"),
            figures_table(review.figures, review.history),
            heading("Authorities with no inspection"),
            *_not_inspected(review),
            heading("Letters"),
            chart(states),
            chart(days),
            heading("Late letters", 3),
            *_late(review),
            heading("Open areas for development, the oldest first"),
            *_open_areas(review),
            heading("Year by year"),
            chart(areas),
            years_table([*review.history, review.figures]),
            heading("A row an authority"),
            *_rows(review),
            *_damaged(review),
            heading("What this rests on"),
            *_rests_on(review),
        ],
    )


def _verdict(review: YearReview) -> Iterator[str]:
    reviewed, missing = len(review.authorities), len(review.not_reviewed)
    if missing:
        yield f"{reviewed} of {counted(reviewed + missing, 'authority')} could be reviewed."
    else:
        yield f"{counted(reviewed, 'authority')} reviewed."
    damaged = sum(row.code != "disposed" for each in review.authorities for row in each.damaged)
    if damaged:
        are = "letter of theirs" if damaged == 1 else "letters of theirs"
        yield f"{damaged} {are} can’t be read: no figure here holds what was said there."
    samples = sum(each.row.is_sample for one in review.authorities for each in one.letters)
    if samples:
        yield f"SAMPLE: {counted(samples, 'letter')} signed by sample inspectors."
    uninspected = len(list(review.not_inspected))
    if uninspected:
        yield f"{counted(uninspected, 'authority')} not inspected in {review.year}."
    unknown = len(list(review.inspection_unknown))
    if unknown:
        were = "it was" if unknown == 1 else "they were"
        yield (
            f"{counted(unknown, 'authority')} of which it can’t be told whether {were} inspected in"
            f" {review.year}."
        )


def _not_reviewed(review: YearReview) -> Iterator[Block]:
    if review.not_reviewed:
        yield heading("Authorities that could not be reviewed")
        yield words("They are in no figure here.")
        yield table(
            [Column("Authority"), Column("Code", 0.7), Column("Why", 1.8)],
            [[each.authority.name, each.code, each.message] for each in review.not_reviewed],
        )


def _not_inspected(review: YearReview) -> Iterator[Block]:
    names = [authority.name for authority in review.not_inspected]
    unknown = [authority.name for authority in review.inspection_unknown]
    if not review.authorities:
        yield words("None was reviewed.")
    elif not names and not unknown:
        yield words(f"Every authority that was reviewed was inspected in {review.year}.")
    if names:
        yield words(f"No letter of {review.year} tells of an inspection of: {'; '.join(names)}.")
    if unknown:
        yield words(
            "Whether these were inspected can’t be told, as letters to them are damaged or were"
            f" disposed of: {'; '.join(unknown)}."
        )


def _late(review: YearReview) -> Iterator[Block]:
    at = review.as_of.at
    late = [
        [each.row.reference, authority.authority.name, days_in_words(each, at)]
        for authority in review.authorities
        for each in authority.letters
        if not each.left_out and each.row.punctuality(at) in ("late", "overdue")
    ]
    if not late:
        yield words("No letter was late, and none is overdue.")
        return
    yield table(
        [Column("Letter", 1.4), Column("Authority", 1.4), Column("Working days")],
        late[:MOST_LISTED],
    )
    if len(late) > MOST_LISTED:
        yield words(
            f"Not listed: {counted(len(late) - MOST_LISTED, 'letter')}, told of in the dossiers of"
            " the authorities."
        )


def open_areas(review: YearReview) -> list[tuple[AuthorityReview, Area]]:
    """List the areas that were left open at any authority, the oldest first."""
    found = [(each, area) for each in review.authorities for area in each.still_open]
    return sorted(found, key=lambda one: (one[1].date, one[1].reference))


def _open_areas(review: YearReview) -> Iterator[Block]:
    found = open_areas(review)
    if not found:
        yield words("None was left open.")
        return
    yield table(
        [
            Column("Open since", 0.7),
            Column("Authority"),
            Column("Area", 2),
            Column("Raised by", 1.1),
        ],
        [
            [
                day_in_words(area.date),
                each.authority.name,
                area.text,
                f"{area.reference}, {area.place}",
            ]
            for each, area in found[:MOST_LISTED]
        ],
    )
    if len(found) > MOST_LISTED:
        yield words(
            f"Not listed: {counted(len(found) - MOST_LISTED, 'area')}, told of in the dossiers of"
            " the authorities, and in the table (CSV) of each."
        )


def _rows(review: YearReview) -> Iterator[Block]:
    if not review.authorities:
        yield words("None was reviewed.")
        return
    yield table(
        [Column("Authority"), *(Column(name, is_number=True) for _, name in FIGURES)],
        [
            [each.authority.name, *(f"{getattr(figures, field):,}" for field, _ in FIGURES)]
            for each, figures in ((each, each.figures) for each in review.authorities)
        ],
    )


def _damaged(review: YearReview) -> Iterator[Block]:
    damaged = [row for each in review.authorities for row in each.damaged]
    if damaged:
        yield heading("Letters that can’t be told of")
        yield damaged_table(damaged)


def _rests_on(review: YearReview) -> Iterator[Block]:
    yield words(
        "It was made from the reviews of the authorities alone: the same reviews give this file"
        " again, byte for byte. The table beside it (CSV) has a row an authority. Whether the"
        " archive is unaltered was not checked for it: letters verify does."
    )
    yield words(as_of_in_words(review.as_of))
