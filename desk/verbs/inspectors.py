"""The verbs `letters inspectors …`: who can sign, with which keys, and for whom."""
# ruff: noqa: ARG001 -- the callbacks of --office and --register do their work

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from desk.options import AsJson, OfficeDir, RegisterDir
from flows.office import open_office

InspectorId = Annotated[
    str, typer.Argument(metavar="ID", help="The inspector's id in inspectors.toml.")
]
SignatoryId = Annotated[
    str, typer.Argument(metavar="SIGNATORY", help="Whose name is printed: id, or name as printed.")
]
DelegateId = Annotated[
    str, typer.Argument(metavar="DELEGATE", help="The id of who signs in their place.")
]

app = typer.Typer(
    name="inspectors",
    no_args_is_help=True,
    help="Who can sign: their keys, the links to enrol one, and who signs for whom.",
)


@app.command("list")
def list_inspectors(
    as_json: AsJson = False, office: OfficeDir = None, register: RegisterDir = None
) -> int:
    """List each inspector's keys, the links that still enrol one, and the delegations."""
    from desk.verbs.inspector_keys import tell_inspectors

    return tell_inspectors(open_office(is_register_needed=False), as_json=as_json)


@app.command()
def enrol(
    inspector: InspectorId,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Print a one-time link with which an inspector enrols a passkey."""
    from desk.verbs.inspector_keys import invite_inspector

    return invite_inspector(open_office(), inspector, as_json=as_json)


@app.command()
def revoke(
    inspector: InspectorId,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="What happened to it.")],
    key: Annotated[
        str | None,
        typer.Argument(metavar="KEY", help="As `list` shows it; needed if several keys stand."),
    ] = None,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Revoke a key for good. What it approved and has not all been sent waits for another key."""
    from desk.verbs.inspector_keys import revoke_key

    return revoke_key(
        open_office(is_register_needed=False), inspector, key, why=why, as_json=as_json
    )


@app.command()
def delegate(
    signatory: SignatoryId,
    delegate: DelegateId,
    first_day: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], metavar="DAY", help="First day.")
    ],
    last_day: Annotated[
        datetime, typer.Option("--until", formats=["%Y-%m-%d"], metavar="DAY", help="Last day.")
    ],
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Let one inspector sign for another on certain days. The printed name stays."""
    from desk.verbs.inspector_keys import give_delegation

    return give_delegation(
        open_office(),
        signatory,
        delegate,
        first_day=first_day.date(),
        last_day=last_day.date(),
        as_json=as_json,
    )


@app.command()
def recall(
    signatory: SignatoryId,
    delegate: DelegateId,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """End every delegation from one inspector to another. What was signed stays signed."""
    from desk.verbs.inspector_keys import recall_delegation

    return recall_delegation(
        open_office(is_register_needed=False), signatory, delegate, as_json=as_json
    )
