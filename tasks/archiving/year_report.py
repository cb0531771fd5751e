"""The year's report for auditors: an accessible PDF, and the tables beside it.

Owns the values that `templates/year_report.typ` shows, and how the files are written:
0600, each whole or not at all, and only where their bytes are others. There is no clock
in it: the same archive gives the same bytes.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from letters.audit import Moment
from letters.errors import UsageError
from letters.letter import day_in_words
from letters.year import Figures, LetterRow, Punctuality, YearAudit, figures_of
from tasks.archiving.printed_values import printable_values
from tasks.archiving.year_tables import tables_of
from tasks.typesetting import typeset

PDF = "report.pdf"

_PUNCTUALITY: dict[Punctuality, str] = {
    "in time": "in time",
    "late": "late",
    "overdue": "overdue: not with everyone yet",
    "open": "not due yet",
    "": "no deadline",
}

_WHAT = {
    "confirmed": "confirmed with another key",
    "new-date": "new date asked for",
    "override": "problem overridden",
    "clearance": "doubt cleared",
}


def report_files(audit: YearAudit, *, organisation: str) -> dict[str, bytes]:
    """Make the report of a year: the PDF and the tables, by the names of their files."""
    at = audit.as_of.at
    moment = datetime(audit.year, 1, 1, tzinfo=UTC) if at is None else datetime.fromisoformat(at)
    values = report_values(audit, organisation=organisation)
    pdf = typeset("year_report", values, moment=int(moment.timestamp()))
    return {PDF: pdf, **tables_of(audit)}


def write_files(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write files into a folder that only its owner may read; return the names of the changed.

    What else lies there stays. Raises UsageError where the folder can't be written to.
    """
    changed = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, data in files.items():
            path = folder / name
            if path.is_file() and path.read_bytes() == data:
                continue
            # mkstemp gives 0600.
            handle, made = tempfile.mkstemp(prefix=f".{name}-", dir=folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                Path(made).replace(path)
            except BaseException:
                Path(made).unlink(missing_ok=True)
                raise
            changed.append(name)
    except OSError as error:
        raise UsageError(
            f"The report can't be written: {error.strerror}.",
            where=str(folder),
            remedy="Name a folder that is yours with -o DIR; it is made where there is none.",
            code="output-not-writable",
        ) from error
    return changed


def report_values(audit: YearAudit, *, organisation: str) -> dict[str, Any]:
    """Put together what the PDF shows."""
    figures = figures_of(audit)
    values: dict[str, Any] = printable_values(
        {
            "title": f"Letters of {audit.year}: {organisation}",
            "heading": f"Letters of {audit.year}",
            "organisation": organisation,
            "subject": "All letters after inspections that began in this year: how long they"
            " took, what was decided on the way, and what had to be tried again.",
            "is_whole": audit.is_whole,
            "verdict": f"{_counted(figures.letters, 'letter')} told of"
            if audit.is_whole
            else f"NOT all letters could be told of: {figures.damaged} damaged",
            "verdict_says": list(_verdict(audit)),
            "figures": [[name, value] for name, value in _figures(figures) if value],
            "damaged": [
                [row.reference, row.code, " ".join((row.message, row.where)).strip()]
                for row in audit.damaged
            ],
            "letters": [_letter(row, audit) for row in audit.letters],
            "steps": [
                [
                    step,
                    str(figures.retries.get(step, 0)),
                    str(figures.failures.get(step, 0)),
                    str(len({row.reference for row in audit.steps if row.step == step})),
                    ", ".join(sorted({e for r in audit.steps if r.step == step for e in r.errors})),
                ]
                for step in sorted({row.step for row in audit.steps})
            ],
            "decisions": [
                [
                    f"{row.reference} r{row.revision}",
                    ", ".join(filter(None, (_WHAT.get(row.what, row.what), row.code, row.about))),
                    row.who,
                    "" if row.at is None else _moment(row.at),
                    row.why,
                ]
                for row in audit.decisions
                # Who approved a letter stands in its own row.
                if row.what != "approved"
            ],
        }
    )
    return values


def _verdict(audit: YearAudit) -> Iterator[str]:
    as_of = audit.as_of
    yield (
        "Made from the archive alone, without Prefect: the same archive gives this file again,"
        " byte for byte. letters.csv beside it has every time, decisions.csv every approval."
    )
    if as_of.at is not None:
        yield (
            f"As of {_moment(as_of.at)} UTC, when the ledger ended with entry {as_of.seq}, of this"
            f" hash: {as_of.head}"
        )
    yield (
        "Whether the archive is unaltered was not checked for this report: letters verify does,"
        " and each letter’s bag (letters export) lets a stranger check it. "
        + (
            "The ledger’s head has not left the house since the year began."
            if as_of.anchored_at is None
            else f"The ledger’s head last left the house on {_moment(as_of.anchored_at)} UTC, as"
            " the nightly check of the archive sends it."
        )
    )


def _figures(figures: Figures) -> Iterator[tuple[str, str]]:
    yield "Letters", str(figures.letters)
    yield "Of them samples", str(figures.samples or "")
    yield "Damaged", str(figures.damaged or "")
    yield "Where they stand", _listed(figures.states)
    yield "By their deadline", _listed(figures.punctuality)
    yield "Working days to signature", _or_none(figures.to_signature)
    yield "Working days to the last copy", _or_none(figures.to_acceptance)
    yield "Rounds", _or_none(figures.rounds)
    yield "Decisions", _listed(figures.decisions)
    yield "Overrides by code", _listed(figures.overrides)
    yield "Retries by step", _listed(figures.retries)
    yield "Failures by step", _listed(figures.failures)
    yield "E-mails in doubt", str(figures.in_doubt or "")
    yield "E-mails refused", str(figures.refused or "")
    yield "E-mails that bounced", str(figures.bounced or "")


def _letter(row: LetterRow, audit: YearAudit) -> dict[str, Any]:
    taken, allowed = row.days_to_acceptance, row.deadline_working_days
    punctuality = row.punctuality(audit.as_of.at)
    days = [
        f"{taken} of {allowed}" if taken is not None else f"allowed {allowed}" if allowed else "",
        _PUNCTUALITY[punctuality],
    ]
    return {
        "reference": row.reference,
        "authority": row.authority,
        "state": row.state.replace("-", " "),
        "inspected": "" if row.inspected_until is None else day_in_words(row.inspected_until),
        "drafted": _moment(row.drafted_at),
        "signed": [f"{one.signer}, {_moment(one.at)}" for one in row.sign_offs] or ["not yet"],
        "to_signature": "" if row.days_to_signature is None else str(row.days_to_signature),
        "accepted": "not yet" if row.last_accepted_at is None else _moment(row.last_accepted_at),
        "to_acceptance": ", ".join(filter(None, days)),
        "is_late": punctuality in ("late", "overdue"),
        "notes": ", ".join(_notes(row)),
    }


def _notes(row: LetterRow) -> Iterator[str]:
    yield _counted(row.rounds, "round")
    for number, thing in (
        (row.returns, "return"),
        (row.overrides, "override"),
        (row.clearances, "cleared doubt"),
        (row.retries, "retry"),
        (row.settlements, "settlement"),
        (row.replacements, "correction or withdrawal"),
    ):
        if number:
            yield _counted(number, thing)
    for number, thing in (
        (row.in_doubt, "in doubt"),
        (row.refused, "refused"),
        (row.bounced, "bounced"),
    ):
        if number:
            yield f"{number} {thing}"
    if row.held_by:
        yield f"held: {row.held_by}"
    if row.is_sample:
        yield "SAMPLE"


def _counted(number: int, thing: str) -> str:
    things = {"retry": "retries", "correction or withdrawal": "corrections or withdrawals"}
    return f"{number} {thing if number == 1 else things.get(thing, f'{thing}s')}"


def _listed(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counted.items())


def _or_none(value: object) -> str:
    return "" if value is None else str(value)


def _moment(at: Moment) -> str:
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M}"
