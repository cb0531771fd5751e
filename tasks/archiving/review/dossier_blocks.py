"""What a dossier is made of: headings, words, tables and charts, in order.

The templates for PDF and HTML print the same blocks, so that both say the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from letters.review import YearFigures
from letters.year import AsOf, DamagedRow
from tasks.archiving.printed_values import printable_values
from tasks.archiving.review.chart_svg import Chart
from tasks.archiving.review.dossier_words import moment_in_words

Block = dict[str, Any]

LONGEST_TITLE = 200
"""Characters of a file's title, by which readers tell windows apart; the heading has all."""

FIGURES = (
    ("inspections", "Letters after an inspection"),
    ("letters", "All letters that hold"),
    ("findings", "Findings"),
    ("raised", "Areas raised"),
    ("answered", "Areas answered or waived"),
    ("still_open", "Areas left open"),
    ("in_time", "Letters in time"),
    ("late", "Letters late or overdue"),
    ("in_doubt", "Deliveries in doubt"),
)
"""The figures of a year, by the names of YearFigures, in words."""


class Column(NamedTuple):
    """A column of a table."""

    name: str
    share: float = 1
    """Of the room for words; numbers take what they need."""
    is_number: bool = False


def heading(words: str, level: Literal[2, 3] = 2) -> Block:
    """Build a heading."""
    return {"is": "heading", "level": level, "text": words}


def words(text: str) -> Block:
    """Build a paragraph."""
    return {"is": "words", "text": text}


def table(columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> Block:
    """Build a table; the first cell of a row names it."""
    return {
        "is": "table",
        "columns": [column._asdict() for column in columns],
        "rows": [[str(cell) for cell in row] for row in rows],
    }


def chart(drawn: Chart) -> Block:
    """Build a chart with its description; the description alone where nothing is drawn."""
    return {
        "is": "chart",
        "name": drawn.name,
        "title": drawn.title,
        "words": drawn.words,
        "is_drawn": bool(drawn.svg),
    }


def figures_table(now: YearFigures, history: Sequence[YearFigures]) -> Block:
    """Build the table of a year's figures, beside those of the year before."""
    before = history[-1:]
    years = [*(str(each.year) for each in before), str(now.year)]
    return table(
        [Column("Figure"), *(Column(year, is_number=True) for year in years)],
        [
            [name, *(f"{getattr(each, field):,}" for each in (*before, now))]
            for field, name in FIGURES
        ],
    )


def years_table(years: Sequence[YearFigures]) -> Block:
    """Build the table of all years' figures, a row a year."""
    return table(
        [Column("Year"), *(Column(name, is_number=True) for _, name in FIGURES)],
        [
            [str(each.year), *(f"{getattr(each, field):,}" for field, _ in FIGURES)]
            for each in years
        ],
    )


def damaged_table(rows: Sequence[DamagedRow]) -> Block:
    """Build the table of letters that can't be told of."""
    return table(
        [Column("Letter"), Column("Code", 0.6), Column("Why", 1.6)],
        [[row.reference, row.code, f"{row.message} {row.where}".strip()] for row in rows],
    )


def as_of_in_words(as_of: AsOf) -> str:
    """Say as of when a review speaks."""
    if as_of.at is None:
        return "It speaks of an archive whose ledger had no entry yet."
    return (
        f"It speaks as of {moment_in_words(as_of.at)}, when the ledger ended with entry"
        f" {as_of.seq}, of this hash: {as_of.head}"
    )


def document(
    *,
    title: str,
    heading: str,
    organisation: str,
    subject: str,
    is_good: bool,
    verdict: Sequence[str],
    blocks: Sequence[Block],
) -> dict[str, Any]:
    """Put a dossier's values together; `verdict` begins with the words that stand out."""
    title_now = heading
    for block in blocks:
        if block["is"] == "heading":
            title_now = block["text"]
        elif block["is"] == "table":
            block["title"] = title_now
    values: dict[str, Any] = printable_values(
        {
            "title": title[:LONGEST_TITLE],
            "heading": heading,
            "organisation": organisation,
            "subject": subject,
            "is_good": is_good,
            "verdict": list(verdict),
            "blocks": list(blocks),
        }
    )
    return values
