"""Options and arguments that several verbs take."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from letters.errors import LettersError


class SettleAs(StrEnum):
    """What a person decides about a delivery in doubt."""

    RESEND = "resend"
    SENT = "sent"


def _place(variable: str) -> object:
    """Make a callback that lets an option win over its variable, here and in processes begun."""

    def take(value: Path | None) -> Path | None:
        if value is not None:
            os.environ[variable] = str(value.absolute())
        return value

    return take


def _as_written(reference: str | None) -> str | None:
    """Write a reference as the office does: people type it in small letters, too."""
    return None if reference is None else reference.strip().upper()


def _as_named(of: str | None) -> str | None:
    """Write a letter's reference or a draft's place as the office does."""
    told = (of or "").strip()
    return told.lower() if told.lower().startswith("intake/") else _as_written(of)


def _complete_reference(incomplete: str) -> list[str]:
    from flows.office import open_office
    from tasks.case.case import all_cases

    try:
        cases = all_cases(open_office())
    except LettersError:
        return []
    return [case.reference for case in cases if case.reference.startswith(incomplete.upper())]


OfficeDir = Annotated[
    Path | None,
    typer.Option(
        "--office",
        metavar="DIR",
        help="The office's folder. [dim]LETTERS_OFFICE, else ./office[/dim]",
        callback=_place("LETTERS_OFFICE"),
        show_default=False,
    ),
]
RegisterDir = Annotated[
    Path | None,
    typer.Option(
        "--register",
        metavar="DIR",
        help="The register's folder. [dim]LETTERS_REGISTER, else the office's register[/dim]",
        callback=_place("LETTERS_REGISTER"),
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
DraftPath = Annotated[Path, typer.Argument(metavar="DRAFT", help="The draft: .md, .txt or .docx.")]
SignAs = Annotated[
    str | None, typer.Option("--sign-as", metavar="ID", help="Sign as this sample inspector.")
]
SignAsEach = Annotated[
    list[str] | None,
    typer.Option(
        "--sign-as",
        metavar="ID",
        help="Sign as this sample inspector; once for each of several signatories.",
    ),
]
ForSignatory = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="SIGNATORY",
        help="For which of several signatories: number, name or id.",
    ),
]
Reference = Annotated[
    str,
    typer.Argument(
        metavar="REFERENCE",
        help="The letter's name for life, such as CRA-WESTMERE-2011-03-08.",
        callback=_as_written,
        autocompletion=_complete_reference,
    ),
]
OptionalReference = Annotated[
    str | None,
    typer.Argument(
        metavar="[REFERENCE]",
        help="One letter; without it, all of them.",
        callback=_as_written,
        autocompletion=_complete_reference,
    ),
]
OptionalOf = Annotated[
    str | None,
    typer.Argument(
        metavar="[REFERENCE]",
        help="One letter, or intake/<sha256> of a draft; without it, all that is due.",
        callback=_as_named,
        autocompletion=_complete_reference,
    ),
]
