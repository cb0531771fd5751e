"""What an authority's dossier says of its year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from letters.letter import day_in_words
from letters.review import Area, AuthorityReview, ReviewedLetter
from letters.year import Punctuality
from tasks.archiving.review.chart_svg import Chart
from tasks.archiving.review.dossier_blocks import (
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
from tasks.archiving.review.dossier_words import counted, listed

PUNCTUALITY: dict[Punctuality, str] = {
    "in time": "in time",
    "late": "late",
    "overdue": "overdue: not with everyone yet",
    "open": "not due yet",
    "": "no deadline",
}


def authority_values(
    review: AuthorityReview, *, organisation: str, areas: Chart, days: Chart
) -> dict[str, Any]:
    """Put together what the templates print of an authority's year."""
    name, year = review.authority.name, review.year
    return document(
        title=f"Annual review of {year}: {name}",
        heading=f"{name} in {year}",
        organisation=organisation,
        subject="Annual review: what the archive of issued letters tells of this authority’s year.",
        is_good=review.is_whole and review.is_inspected,
        verdict=[*_verdict(review)],
        blocks=[
            heading(f"{year} in figures"),
            figures_table(review.figures, review.history),
            *_letters(review, days),
            heading("Findings, by section"),
            *_findings(review),
            heading("Areas for development"),
            *_areas(review),
            heading("Year by year"),
            chart(areas),
            years_table([*review.history, review.figures]),
            *_no_history(review),
            heading("Deliveries"),
            *_deliveries(review),
            *_damaged(review),
            heading("What this rests on"),
            *_rests_on(review),
        ],
    )


def _verdict(review: AuthorityReview) -> Iterator[str]:
    year = review.year
    if not review.is_whole:
        damaged = sum(row.code != "disposed" for row in review.damaged)
        yield (
            f"Not all of the year can be told: {counted(damaged, 'letter')} can’t be read, and"
            " no figure here holds what they say."
        )
    if review.may_be_inspected:
        yield f"Whether it was inspected in {year} can’t be told: {_only_references(review)}."
    elif not review.is_inspected:
        yield (
            f"Not inspected in {year}: no letter of the year{_readable(review)} tells of an"
            " inspection."
        )
    else:
        inspections = review.figures.inspections
        yield f"Inspected in {year}: {counted(inspections, 'letter')} issued after an inspection."
    samples = sum(each.row.is_sample for each in review.letters)
    if samples:
        is_left_out = any(each.left_out == "sample" for each in review.letters)
        count = "in no figure here" if is_left_out else "counted like any other"
        yield f"SAMPLE: {counted(samples, 'letter')} signed by sample inspectors, {count}."
    if review.still_open:
        number, oldest = len(review.still_open), min(area.date for area in review.still_open)
        were = "area for development was" if number == 1 else "areas for development were"
        yield f"{number} {were} left open, the oldest of {day_in_words(oldest)}."
    else:
        yield "No area for development was left open."


def _readable(review: AuthorityReview) -> str:
    """Say of which letters something is told, where it isn't all."""
    return " that can be read" if review.damaged else ""


def _only_references(review: AuthorityReview) -> str:
    untold = review.untold_inspections
    if len(untold) == 1:
        return f"of a letter after an inspection only the reference is known, {untold[0]}"
    return f"of letters after inspections only the references are known, {listed(untold)}"


def _letters(review: AuthorityReview, days: Chart) -> Iterator[Block]:
    yield heading("Letters")
    if not review.letters:
        year = review.year
        none = f"No letter of {year} can be told of."
        yield words(none if review.damaged else f"There is no letter of {year}.")
        return
    yield table(
        [
            Column("Letter", 1.3),
            Column("Kind", 1.5),
            Column("Dated", 0.95),
            Column("State", 0.8),
            Column("Inspected until", 0.95),
            Column("Working days", 0.95),
            Column("Findings", is_number=True),
        ],
        [_letter(each, review.as_of.at) for each in review.letters],
    )
    yield chart(days)


def _letter(letter: ReviewedLetter, at: str | None) -> list[str]:
    row, until = letter.row, letter.last_inspection_day
    return [
        row.reference,
        letter.title,
        "" if letter.date is None else day_in_words(letter.date),
        letter.standing + (", SAMPLE" if row.is_sample else ""),
        "none" if until is None else day_in_words(until),
        days_in_words(letter, at),
        str(letter.findings) if letter.is_issued and letter.is_of_inspection else "",
    ]


def days_in_words(letter: ReviewedLetter, at: str | None) -> str:
    """Say how long a letter took, of how many working days, and whether that was in time."""
    row = letter.row
    taken, allowed = row.days_to_acceptance, row.deadline_working_days
    if row.inspected_until is None or allowed is None:
        return PUNCTUALITY[""]
    days = f"{allowed} allowed" if taken is None else f"{taken} of {allowed}"
    return f"{days}, {PUNCTUALITY[row.punctuality(at)]}"


def _findings(review: AuthorityReview) -> Iterator[Block]:
    found = review.findings_by_section
    if not found:
        yield words(f"No letter of the year{_readable(review)} holds any.")
        return
    yield table(
        [Column("Section"), Column("Findings", is_number=True)],
        [[name, str(number)] for name, number in found],
    )


def _areas(review: AuthorityReview) -> Iterator[Block]:
    year = review.year
    for title, areas, none in (
        (f"Raised in {year}", review.raised, f"No letter of {year}{_readable(review)} raised any."),
        (
            f"Raised before, answered or waived in {year}",
            review.ended,
            f"No earlier area came to its end in {year}.",
        ),
        ("Raised before, left open", open_from_before(review), "No earlier area was left open."),
    ):
        yield heading(title, 3)
        yield _areas_table(areas) if areas else words(none)


def open_from_before(review: AuthorityReview) -> list[Area]:
    """List the open areas that letters of earlier years raised."""
    raised = {(area.reference, area.place) for area in review.raised}
    return [a for a in review.still_open if (a.reference, a.place) not in raised]


def _areas_table(areas: Iterable[Area]) -> Block:
    return table(
        [Column("Raised"), Column("Area", 2.2), Column("What became of it", 1.1)],
        [
            [
                f"{day_in_words(area.date)}, {area.reference}, {area.place}",
                area.text,
                _end_in_words(area),
            ]
            for area in areas
        ],
    )


def _end_in_words(area: Area) -> str:
    end = area.end
    if end is None:
        again = f"; said again in {listed(list(area.carried))}" if area.carried else ""
        return f"Open since {day_in_words(area.date)}{again}"
    day = day_in_words(end.date)
    if end.how == "answered":
        return f"Answered: {day}, {end.reference}, {end.place}"
    return f"Waived: {day}, {end.reference}. {end.why}".strip()


def _no_history(review: AuthorityReview) -> Iterator[Block]:
    if not review.history:
        # There is none, or the authority was not in the register when it was made.
        yield words(
            "No review of the year before tells of this authority: areas that were raised before"
            f" {review.year} are not told of."
        )


def _deliveries(review: AuthorityReview) -> Iterator[Block]:
    rows = [
        [row.reference, str(row.in_doubt), str(row.refused), str(row.bounced)]
        for row in (each.row for each in review.letters)
        if row.in_doubt or row.refused or row.bounced
    ]
    if not rows:
        yield words("No copy is in doubt, and none was refused or bounced.")
        return
    numbers = (Column(name, is_number=True) for name in ("In doubt", "Refused", "Bounced"))
    yield table([Column("Letter"), *numbers], rows)
    yield words("A copy in doubt was sent, and nobody knows whether it was taken.")


def _damaged(review: AuthorityReview) -> Iterator[Block]:
    if review.damaged:
        yield heading("Letters that can’t be told of")
        yield damaged_table(review.damaged)


def _rests_on(review: AuthorityReview) -> Iterator[Block]:
    yield words(
        "It was made from the archive alone: the same review gives this file again, byte for"
        " byte. The table beside it (CSV) has every area. Whether the archive is unaltered was not"
        " checked for it: letters verify does."
    )
    yield words(as_of_in_words(review.as_of))
    yield words(
        f"An area is told of as open where no letter of {review.year}, or of a year before, has"
        " ended it. What letters of later years say became of it is told in their years."
    )
    if review.previous:
        yield words(
            f"The review before it, which it goes on from, has this hash: {review.previous}"
        )
