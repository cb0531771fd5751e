"""Opening an office: where its folder and register lie, and what it is made of."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path

from config.settings import load_settings
from flows.equipment import archive_of, notices_of, post_of, witness_of
from letters.errors import UsageError
from letters.register import Register
from tasks.case import faults
from tasks.case.office import Office
from tasks.case.process import this_actor
from tasks.drafting.kind_files import load_kinds
from tasks.drafting.register_files import load_register

DEFAULT_OFFICE = "office"
EMPTY = Register(authorities=(), contacts=(), inspectors=())


def office_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Say where the office lies: LETTERS_OFFICE, else `./office`."""
    return Path(environment.get("LETTERS_OFFICE") or DEFAULT_OFFICE).absolute()


def register_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Say where the register lies: LETTERS_REGISTER, else the office's `register`, if any."""
    if named := environment.get("LETTERS_REGISTER"):
        return Path(named).absolute()
    folder = office_folder(environment) / "register"
    return folder if folder.is_dir() else None


def keys_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Say where secrets lie that were made elsewhere: LETTERS_KEYS. Raises UsageError."""
    named = environment.get("LETTERS_KEYS")
    if not named:
        return None
    if not Path(named).is_dir():
        raise UsageError(
            "The folder of secrets that LETTERS_KEYS names isn't there.",
            where=named,
            remedy="Mount it, or unset the variable: then the office's own `keys` holds.",
            code="keys-missing",
        )
    return Path(named).absolute()


def open_office(
    environment: Mapping[str, str] = os.environ, *, is_register_needed: bool = True
) -> Office:
    """Put together the office that the environment names. Writes nothing.

    What only looks back works without a register: cases keep what they need.
    Raises UsageError for a register, kind or setting that can't be used.
    """
    root = office_folder(environment)
    if root.exists() and not root.is_dir():
        raise UsageError(
            "The office is a folder, and this is none.",
            where=str(root),
            remedy="Name a folder with --office DIR; it is made where there is none.",
            code="office-is-no-folder",
        )
    register = register_folder(environment)
    if register is None and is_register_needed:
        raise UsageError(
            "No register was named, and the office has none.",
            where=str(root / "register"),
            remedy="Name one with --register DIR; to try things out: config/sample_office.",
            code="register-missing",
        )
    with as_file(files("config").joinpath("kinds")) as kinds_folder:
        kinds = load_kinds(kinds_folder, own=root / "kinds")
    known = EMPTY if register is None else load_register(register)
    faults.arm(environment.get(faults.VARIABLE, ""), known)
    settings = load_settings(root, environment)
    provider = post_of(root, settings)
    return Office(
        root=root,
        given_keys=keys_folder(environment),
        settings=settings,
        store=archive_of(root, settings.archive),
        witness=witness_of(root, settings),
        register=known,
        kinds=kinds,
        clock=lambda: datetime.now(UTC),
        random_bytes=secrets.token_bytes,
        actor=this_actor(),
        provider=provider,
        notices=notices_of(root, settings, provider),
    )
