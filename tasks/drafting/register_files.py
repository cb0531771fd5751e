"""The register as an office keeps it: two CSV files and a TOML file in one folder.

Reads and refuses; what the register then answers is `letters.register`'s.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from letters.letter import Authority, Frozen
from letters.register import EVERY_AUTHORITY, Contact, Inspector, Register, RegisterError
from letters.suggestion import did_you_mean
from tasks.drafting.plain_files import (
    read_plain_file,
    read_toml,
    refuse_unknown,
    refuse_unprintable,
)

MOST_ROWS = 100_000

AUTHORITY_COLUMNS = ["code", "name", "short_name"]
CONTACT_COLUMNS = ["authority", "role", "name", "email"]
INSPECTOR_KEYS = ["id", "name", "email", "sample"]

REMEDIES = {
    "authority": "Write the authority's code from authorities.csv, or * for every authority.",
    "code": "Write lower-case letters, digits and hyphens, such as north-shire.",
    "email": "Write one address, such as director@council.example.",
    "id": "Write lower-case letters, digits and hyphens, such as jgwilt.",
    "name": "Write the name as letters print it, on one line.",
    "role": "Write lower-case letters and hyphens, such as chief-executive.",
    "sample": "Write true or false, without quotes.",
    "short_name": "Write the name as people say it, such as Wirral.",
}

Entry = TypeVar("Entry", bound=Frozen)


class Row(NamedTuple):
    """A row of a CSV file, with the line it ends on."""

    file: Path
    line: int
    cells: dict[str, str]

    def at(self, column: str) -> str:
        """Name a cell of the row for a message."""
        return f"{self.file}, line {self.line}, column {column}"


def load_register(folder: Path) -> Register:
    """Read authorities.csv, contacts.csv and inspectors.toml from `folder`.

    Raises RegisterError, whose `where` names file, line and column.
    """
    if not folder.is_dir():
        raise RegisterError(
            "There is no folder with a register.",
            where=str(folder),
            remedy="Name the folder that holds authorities.csv, contacts.csv and inspectors.toml.",
        )
    authorities = _authorities(folder / "authorities.csv")
    return Register(
        authorities=authorities,
        contacts=_contacts(folder / "contacts.csv", authorities),
        inspectors=_inspectors(folder / "inspectors.toml"),
    )


def _authorities(file: Path) -> tuple[Authority, ...]:
    authorities = []
    line_of: dict[str, int] = {}
    for row in _rows(file, AUTHORITY_COLUMNS):
        authority = _entry(Authority, row, row.cells)
        # A draft may name an authority by any of the three, so each must mean one only.
        for column, name in row.cells.items():
            other = line_of.setdefault(name.casefold(), row.line)
            if other != row.line:
                raise RegisterError(
                    f"“{name}” stands for two authorities: it is in line {other} already.",
                    where=row.at(column),
                    remedy="Delete one of the two rows, or name one of them otherwise.",
                )
        authorities.append(authority)
    return tuple(authorities)


def _contacts(file: Path, authorities: tuple[Authority, ...]) -> tuple[Contact, ...]:
    codes = [authority.code for authority in authorities]
    known = {*codes, EVERY_AUTHORITY}
    contacts = []
    line_of: dict[tuple[str, str, str], int] = {}
    for row in _rows(file, CONTACT_COLUMNS):
        code = row.cells["authority"]
        if code not in known:
            raise RegisterError(
                f"authorities.csv has no authority with the code “{code}”.",
                where=row.at("authority"),
                remedy=f"{did_you_mean(code, codes)} {REMEDIES['authority']}".strip(),
            )
        contact = _entry(Contact, row, {**row.cells, "email": row.cells["email"] or None})
        post = (contact.authority, contact.role, contact.name)
        other = line_of.setdefault(post, row.line)
        if other != row.line:
            raise RegisterError(
                f"{contact.name} holds the post “{contact.role}” in line {other} already.",
                where=row.at("name"),
                remedy="Delete one of the two rows: nothing says which address is right.",
            )
        contacts.append(contact)
    return tuple(contacts)


def _inspectors(file: Path) -> tuple[Inspector, ...]:
    content = read_toml(file, error=RegisterError)
    refuse_unknown(list(content), ["inspector"], what="key", where=str(file), error=RegisterError)
    tables = content.get("inspector", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise RegisterError(
            "Inspectors are a list of tables.",
            where=f"{file}, key inspector",
            remedy="Begin each inspector with a line [[inspector]], in double brackets.",
        )
    inspectors: list[Inspector] = []
    for number, table in enumerate(tables, start=1):
        where = f"{file}, inspector {number}"
        inspector = _inspector(table, where)
        for key in ("id", "name"):
            value = getattr(inspector, key)
            if value in (getattr(other, key) for other in inspectors):
                raise RegisterError(
                    f"There are two inspectors with the {key} “{value}”.",
                    where=f"{where}, key {key}",
                    remedy="Delete one of the two, or tell them apart.",
                )
        inspectors.append(inspector)
    return tuple(inspectors)


def _inspector(table: dict[str, object], where: str) -> Inspector:
    refuse_unknown(list(table), INSPECTOR_KEYS, what="key", where=where, error=RegisterError)
    try:
        inspector = Inspector.model_validate(table, strict=True)
    except ValidationError as invalid:
        raise _refusal(invalid, table, at=lambda key: f"{where}, key {key}") from invalid
    refuse_unprintable(inspector.name, where=f"{where}, key name", error=RegisterError)
    return inspector


def _rows(file: Path, columns: list[str]) -> Iterator[Row]:
    """Read a CSV file with exactly these columns, in any order; empty lines are passed over."""
    text = read_plain_file(file, error=RegisterError)
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, columns, file)
        for count, cells in enumerate(reader):
            if count >= MOST_ROWS:
                raise RegisterError(
                    f"{file.name} has more than {MOST_ROWS:,} rows.",
                    where=f"{file}, line {reader.line_num}",
                    remedy="See whether it is the right file.",
                )
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise RegisterError(
                    f"The row has {len(cells)} cells, but there are {len(header)} columns.",
                    where=f"{file}, line {reader.line_num}",
                    remedy='Put a text that holds a comma into quotes: "Smith, Jane".',
                )
            stripped = (cell.strip() for cell in cells)
            row = Row(file, reader.line_num, dict(zip(header, stripped, strict=True)))
            for column, cell in row.cells.items():
                refuse_unprintable(cell, where=row.at(column), error=RegisterError)
            yield row
    except csv.Error as wrong:
        raise RegisterError(
            f"{file.name} can't be read as a table: {wrong}.",
            where=f"{file}, line {reader.line_num}",
            remedy="See that every quotation mark in that line is closed, and doubled inside.",
        ) from wrong


def _check_header(header: list[str], columns: list[str], file: Path) -> None:
    where = f"{file}, line 1"
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise RegisterError(
            "The columns are not separated by commas.",
            where=where,
            remedy="Save the table again as comma-separated values.",
        )
    refuse_unknown(header, columns, what="column", where=where, error=RegisterError)
    for column in columns:
        if header.count(column) != 1:
            raise RegisterError(
                f"The column “{column}” {'is missing' if column not in header else 'is twice'}.",
                where=where,
                remedy=f"The first line is: {','.join(columns)}",
            )


def _entry(entry: type[Entry], row: Row, cells: Mapping[str, str | None]) -> Entry:
    try:
        return entry.model_validate(cells)
    except ValidationError as invalid:
        raise _refusal(invalid, cells, at=row.at) from invalid


def _refusal(
    invalid: ValidationError, values: Mapping[str, object], *, at: Callable[[str], str]
) -> RegisterError:
    """Say the first thing that is wrong; `at` names the place of a column or key."""
    key = str(invalid.errors()[0]["loc"][0])
    value = values.get(key)
    said = f"“{value}” is no valid {key}." if value else f"The {key} is missing."
    return RegisterError(said, where=at(key), remedy=REMEDIES[key])
