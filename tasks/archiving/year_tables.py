"""A year's letters as CSV, for whoever counts on: a row a letter, a step, a decision.

UTF-8 with a byte order mark, since spreadsheets take a file without one for another
encoding and spoil the names. A cell that a spreadsheet would take for a formula begins
with an apostrophe (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from letters.year import DamagedRow, DecisionRow, LetterRow, StepRow, YearAudit

FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")

LETTER_COLUMNS = (
    *("reference", "authority", "kind", "sample", "state", "rounds", "revision"),
    *("inspected_until", "drafted_at", "packed_at", "sign_offs", "signed_at", "archived_at"),
    *("first_accepted_at", "last_accepted_at", "issued_at", "held_by"),
    *("working_days_to_signature", "working_days_to_acceptance", "deadline_working_days"),
    *("punctuality", "returns", "overrides", "clearances", "retries", "settlements"),
    *("recipients", "attempts", "in_doubt", "refused", "bounced", "replacements"),
    *("case_head", "damage"),
)
STEP_COLUMNS = ("reference", "step", "retries", "failures", "errors")
DECISION_COLUMNS = ("reference", "revision", "what", "code", "about", "who", "at", "why")


def tables_of(audit: YearAudit) -> dict[str, bytes]:
    """Write the year's tables, by the names of their files."""
    letters = [
        *(_letter(row, audit) for row in audit.letters),
        *(_damaged(row) for row in audit.damaged),
    ]
    letters.sort(key=lambda cells: str(cells[0]))
    return {
        "letters.csv": csv_of(LETTER_COLUMNS, letters),
        "retries.csv": csv_of(STEP_COLUMNS, map(_step, audit.steps)),
        "decisions.csv": csv_of(DECISION_COLUMNS, map(_decision, audit.decisions)),
    }


def csv_of(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table as CSV (RFC 4180)."""
    told = io.StringIO()
    writer = csv.writer(told)
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return told.getvalue().encode("utf-8-sig")


def cell(value: object) -> str:
    """Write a value so that a spreadsheet shows it and computes nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    told = " ".join(str(value).splitlines())
    return f"'{told}" if told.startswith(FORMULA_BEGINS) else told


def _letter(row: LetterRow, audit: YearAudit) -> tuple[object, ...]:
    return (
        *(row.reference, row.authority, row.kind, row.is_sample, row.state, row.rounds),
        *(row.revision, row.inspected_until, row.drafted_at, row.packed_at),
        "; ".join(f"{one.signer} {one.at}" for one in row.sign_offs),
        *(row.signed_at, row.archived_at, row.first_accepted_at, row.last_accepted_at),
        *(row.issued_at, row.held_by, row.days_to_signature, row.days_to_acceptance),
        *(row.deadline_working_days, row.punctuality(audit.as_of.at), row.returns),
        *(row.overrides, row.clearances, row.retries, row.settlements, row.recipients),
        *(row.attempts, row.in_doubt, row.refused, row.bounced, row.replacements),
        *(row.case_head, ""),
    )


def _damaged(row: DamagedRow) -> tuple[object, ...]:
    unknown = (None,) * (len(LETTER_COLUMNS) - 2)
    return (row.reference, *unknown, f"{row.code}: {row.message} {row.where}".strip())


def _step(row: StepRow) -> tuple[object, ...]:
    return (row.reference, row.step, row.retries, row.failures, "; ".join(row.errors))


def _decision(row: DecisionRow) -> tuple[object, ...]:
    return tuple(getattr(row, column) for column in DECISION_COLUMNS)
