"""Settings: where they come from, and which source wins.

Arguments, then `LETTERS_*` variables, then secret files, then the office's
`office.toml`, then `config/defaults.toml`. A file that was named and is missing
is an error; so is a key or a variable that nobody knows.

A variable names a setting by its table and key: `LETTERS_MAIL__FROM_NAME`. With
`_FILE` at its end it names a file that holds the value: `LETTERS_MAIL__FROM_NAME_FILE`.

Secrets never stand in `office.toml`, which people show each other; there the key with
`_file` at its end names the file, relative to the office: `sendgrid_key_file = "keys/sendgrid"`.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from letters.errors import UsageError
from tasks.case.settings import Settings

PREFIX = "LETTERS_"
PLACES = frozenset({"LETTERS_OFFICE", "LETTERS_REGISTER", "LETTERS_CONFIG", "LETTERS_KEYS"})
"""Variables that say where things lie; they are no settings of an office."""
NO_SETTINGS = PLACES | {"LETTERS_KILL_AT"}
"""What else is no setting: where a trial's process is to end (`tasks.case.faults`)."""

OFFICE_FILE = "office.toml"
MAX_BYTES = 1_000_000


class SettingsInvalid(UsageError):
    """A setting can't be understood; the message names source, key and what to do."""

    code = "setting-invalid"


def load_settings(office: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of the office in the folder `office`.

    Raises SettingsInvalid for a misspelt key or variable, a value that doesn't
    fit, a missing file that was named.
    """
    merged = tomllib.loads(files("config").joinpath("defaults.toml").read_text("utf-8"))
    named = environment.get("LETTERS_CONFIG")
    source = Path(named) if named else office / OFFICE_FILE
    if named and not source.is_file():
        raise SettingsInvalid(
            "The settings file that LETTERS_CONFIG names does not exist.",
            where=str(source),
            remedy="Correct the variable or unset it.",
        )
    if source.is_file():
        told = _read_toml(source)
        _read_secret_files(told, office, where=str(source))
        _lay_over(merged, told, where=str(source))
    for name, value in _variables(environment):
        _lay_over(merged, _nested(name, value), where=name)
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise SettingsInvalid(
            f"The setting {key} doesn't fit: {first['msg'].removeprefix('Value error, ')}.",
            where=f"{source if source.is_file() else 'LETTERS_* variables'}",
            remedy="`config/defaults.toml` shows every setting with a value that fits.",
        ) from None


def _read_toml(source: Path) -> dict[str, Any]:
    try:
        with source.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ValueError(f"larger than {MAX_BYTES} bytes")
        return tomllib.loads(data.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsInvalid(
            f"The settings file can't be read: {error}.",
            where=str(source),
            remedy="Correct the file; it is TOML in UTF-8.",
        ) from None


def _read_secret_files(told: dict[str, Any], office: Path, *, where: str) -> None:
    """Put in place of each `<key>_file` what the file holds; refuse a secret that stands there."""
    for table, key in _secrets():
        values = told.get(table)
        if not isinstance(values, dict):
            continue
        if key in values:
            raise SettingsInvalid(
                f"The secret {table}.{key} stands in the settings file.",
                where=where,
                remedy=f"Put it into a file of its own that only you can read, name that as"
                f" {key}_file, and make a new secret: this one may have been seen.",
                code="secret-in-settings",
            )
        path = values.pop(f"{key}_file", None)
        if path is not None:
            try:
                values[key] = _read_value(office / str(path))
            except (OSError, UnicodeDecodeError) as error:
                raise _file_unreadable(f"{table}.{key}_file", error) from None


def _secrets() -> list[tuple[str, str]]:
    """List the settings that are secrets, as (table, key)."""
    return [
        (table, key)
        for table, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        for key, inner in field.annotation.model_fields.items()
        if inner.annotation == SecretStr | None
    ]


def _read_value(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES)
    return data.decode("utf-8").rstrip("\r\n")


def _file_unreadable(name: str, error: Exception) -> SettingsInvalid:
    # The decoder's own message could quote the file.
    why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
    return SettingsInvalid(
        f"The file that {name} names can't be read: {why}.",
        where=name,
        remedy="Correct the name, or the file's permissions.",
    )


def _variables(environment: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Yield each LETTERS_* setting with its value, secret files first: variables win."""
    known = {f"{PREFIX}{key.upper()}" for key in _all_keys()}
    names = sorted(
        name for name in environment if name.startswith(PREFIX) and name not in NO_SETTINGS
    )
    for name in names:
        if name not in known and name.removesuffix("_FILE") not in known:
            near = difflib.get_close_matches(name, known | PLACES, n=1)
            meant = f" Did you mean {near[0]}?" if near else ""
            raise SettingsInvalid(
                f"No setting answers to the variable {name}.{meant}",
                where="environment",
                remedy="Correct or unset it; `config/defaults.toml` shows every setting.",
                code="setting-unknown",
            )
    for name in names:
        # Some settings are themselves the names of files: LETTERS_SEAL__PKCS12_FILE.
        if name not in known:
            path = Path(environment[name])
            try:
                yield name.removesuffix("_FILE"), _read_value(path)
            except (OSError, UnicodeDecodeError) as error:
                raise _file_unreadable(name, error) from None
    for name in names:
        if name in known:
            yield name, environment[name]


def _nested(name: str, value: str) -> dict[str, Any]:
    parts = name.removeprefix(PREFIX).lower().split("__")
    nested: Any = value
    for part in reversed(parts):
        nested = {part: nested}
    return dict(nested)


def _lay_over(base: dict[str, Any], over: Mapping[str, Any], *, where: str) -> None:
    """Lay `over` on `base` in place, refusing keys that no setting has."""
    _refuse_unknown(over, Settings, where=where, path=())
    for table, values in over.items():
        if isinstance(values, Mapping) and isinstance(base.get(table), dict):
            base[table].update(values)
        else:
            base[table] = values


def _refuse_unknown(
    given: Mapping[str, Any], model: type[BaseModel], *, where: str, path: tuple[str, ...]
) -> None:
    for key, value in given.items():
        known = model.model_fields
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            near = near or difflib.get_close_matches(key, _all_keys(), n=1)
            meant = f" Did you mean “{near[0]}”?" if near else ""
            raise SettingsInvalid(
                f"There is no setting “{'.'.join((*path, key))}”.{meant}",
                where=where,
                remedy="`config/defaults.toml` shows every setting.",
                code="setting-unknown",
            )
        inner = known[key].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel) and isinstance(value, Mapping):
            _refuse_unknown(value, inner, where=where, path=(*path, key))


def _all_keys() -> list[str]:
    """List every setting as a variable would spell it, for near misses."""
    return [
        f"{table}__{key}"
        for table, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        for key in field.annotation.model_fields
    ]
