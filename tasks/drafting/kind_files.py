"""Kinds of letter as files: one TOML file a kind, named by its id.

Reads and refuses; what a kind then answers is `letters.kind`'s.
"""

from __future__ import annotations

import re
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from letters.kind import (
    Framework,
    Kind,
    KindError,
    Period,
    PriorityAction,
    Retention,
    SectionRule,
    SignatoryTitle,
    Standard,
    StatutoryBasis,
)
from letters.suggestion import did_you_mean
from tasks.drafting.plain_files import read_toml, refuse_unknown

TABLES: dict[str, type[BaseModel]] = {
    "sections": SectionRule,
    "statutory_basis": StatutoryBasis,
    "frameworks": Framework,
    "priority_action": PriorityAction,
    "signatory_titles": SignatoryTitle,
    "standard": Standard,
    "retention": Retention,
}
"""What stands in each of a kind's own tables."""

STANDARD_NAMES = ("authority", "short_name", "addressee")
"""What standard words may name between double braces."""

_FILLED_IN = re.compile(r"\{\{\s*([^}]*?)\s*\}\}")

RESERVED_SECTIONS = ("opening", "closing")
"""How the passages before and after the sections are called."""


def load_kinds(folder: Path | Traversable, *, own: Path | None = None) -> dict[str, Kind]:
    """Read every `*.toml` of a folder, by id, in the order of the ids.

    `own` is a folder of the office's own, if it has one: a file there is a kind more,
    or takes the place of the one of the same name. Raises KindError, whose `where`
    names file and key.
    """
    named = {file.name: file for file in _files_of(folder)}
    if own is not None and own.is_dir():
        named |= {file.name: file for file in _files_of(own)}
    kinds: dict[str, Kind] = {}
    for _, file in sorted(named.items()):
        kind = _kind(file)
        same = [other.id for other in kinds.values() if other.code == kind.code]
        if same:
            raise KindError(
                f"The code {kind.code} is also that of {same[0]}.",
                where=f"{file}, key code",
                remedy="Give each kind a code of its own: references begin with it.",
            )
        kinds[kind.id] = kind
    return kinds


def _files_of(folder: Path | Traversable) -> list[Path | Traversable]:
    if not folder.is_dir():
        raise KindError(
            "There is no folder with kinds of letter.",
            where=str(folder),
            remedy="Name the folder that holds the kinds' TOML files.",
        )
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    if not files:
        raise KindError(
            "The folder holds no kind of letter.",
            where=str(folder),
            remedy="Put a TOML file for each kind into it, such as unannounced-inspection.toml.",
        )
    return files


def _kind(file: Path | Traversable) -> Kind:
    content = read_toml(file, error=KindError)
    known = [field for field in Kind.model_fields if field != "id"]
    refuse_unknown(list(content), known, what="key", where=str(file), error=KindError)
    for name, model in TABLES.items():
        _refuse_unknown_in(content.get(name), model, where=f"{file}, key {name}")
    try:
        kind = Kind.model_validate(
            {"id": file.name.removesuffix(".toml"), **_tuples(content)}, strict=True
        )
    except ValidationError as invalid:
        first = invalid.errors()[0]
        if first["loc"] == ("id",):
            raise KindError(
                "A kind's file is named by lower-case letters, digits and hyphens.",
                where=str(file),
                remedy="Rename it, as in unannounced-inspection.toml.",
            ) from invalid
        said = "is missing" if first["type"] == "missing" else f"is wrong: {first['msg']}"
        raise KindError(
            f"The key {_dotted(first['loc'])} {said}.",
            where=str(file),
            remedy="Write it as the kinds that come with the product do.",
        ) from invalid
    _check_sections(kind, file)
    _check_periods(kind, file)
    _check_priority_action(kind, file)
    _check_standard(kind, file)
    return kind


def _refuse_unknown_in(value: Any, model: type[BaseModel], *, where: str) -> None:
    tables = value if isinstance(value, list) else [value]
    for number, table in enumerate(tables, start=1):
        if isinstance(table, dict):
            place = f"{where}[{number}]" if isinstance(value, list) else where
            refuse_unknown(
                list(table), list(model.model_fields), what="key", where=place, error=KindError
            )


def _check_sections(kind: Kind, file: Path | Traversable) -> None:
    keys: set[str] = set(RESERVED_SECTIONS)
    headings: set[str] = set()
    for number, rule in enumerate(kind.sections, start=1):
        names = {name.casefold() for name in (rule.heading, *rule.known_as)}
        if rule.key in keys or names & headings:
            raise KindError(
                f"The section “{rule.key}” can't be told from another by key or heading.",
                where=f"{file}, key sections[{number}]",
                remedy=f"Rename it; {' and '.join(RESERVED_SECTIONS)} can't be keys.",
            )
        keys.add(rule.key)
        headings |= names


def _check_priority_action(kind: Kind, file: Path | Traversable) -> None:
    action = kind.priority_action
    if action is not None and kind.section(action.section) is None:
        raise KindError(
            f"There is no section “{action.section}”.",
            where=f"{file}, key priority_action.section",
            remedy=did_you_mean(action.section, [rule.key for rule in kind.sections]),
        )


def _check_standard(kind: Kind, file: Path | Traversable) -> None:
    """Refuse a name that standard words don't know, long before a letter needs them."""
    texts = {
        "standard.salutation": kind.standard.salutation,
        "standard.closing": kind.standard.closing or "",
        "priority_action.standard": kind.priority_action.standard or ""
        if kind.priority_action
        else "",
    }
    for key, text in texts.items():
        for match in _FILLED_IN.finditer(text):
            if match[1] not in STANDARD_NAMES:
                raise KindError(
                    f"Standard words know no “{match[1]}”.",
                    where=f"{file}, key {key}",
                    remedy=did_you_mean(match[1], STANDARD_NAMES),
                )


def _check_periods(kind: Kind, file: Path | Traversable) -> None:
    periods: dict[str, tuple[Period, ...]] = {
        "statutory_basis": kind.statutory_basis,
        "frameworks": kind.frameworks,
        "signatory_titles": kind.signatory_titles,
    }
    for name, listed in periods.items():
        for number, period in enumerate(listed, start=1):
            if period.since and period.until and period.until < period.since:
                raise KindError(
                    f"It would end ({period.until}) before it begins ({period.since}).",
                    where=f"{file}, key {name}[{number}]",
                    remedy="Correct since or until.",
                )


def _tuples(value: Any) -> Any:
    """Turn TOML's lists into tuples, so that values can be taken strictly."""
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return value


def _dotted(loc: tuple[int | str, ...]) -> str:
    return "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in loc).lstrip(".")
