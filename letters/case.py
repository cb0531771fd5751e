"""The states of a letter's revision, and what each command does in each of them.

One table, printed into docs/states.md and tested cell by cell. A state is never
stored: it is told from what the case holds (`state_of`), so that it can't
contradict the evidence.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

from letters.errors import LettersError


class State(StrEnum):
    """Where a revision stands."""

    DRAFTED = "drafted"
    BLOCKED = "blocked"
    AWAITING_SIGN_OFF = "awaiting-sign-off"
    RETURNED = "returned"
    SUPERSEDED = "superseded"
    SIGNED = "signed"
    HELD = "held"
    ARCHIVED = "archived"
    ISSUED = "issued"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


class Command(StrEnum):
    """What someone, or the flow, asks of a revision."""

    SUBMIT_SAME = "submit-same"
    """The same words to the same people, once more."""
    SUBMIT_NEW = "submit-new"
    """Other words, or other people, under the same reference."""
    BLOCK = "block"
    PREPARE = "prepare"
    APPROVE_IN_PART = "approve-in-part"
    """Approve as one of several signatories, while others still have to."""
    APPROVE = "approve"
    """Approve as the only signatory, or as the last of several."""
    RETURN = "return"
    CONFIRM = "confirm"
    """Approve once more what a revoked key had approved."""
    ARCHIVE = "archive"
    HOLD = "hold"
    RELEASE = "release"
    LAPSE = "lapse"
    """Give up a held revision: its date no longer fits."""
    CLOSE = "close"
    CORRECT = "correct"
    WITHDRAW = "withdraw"


class Cell(NamedTuple):
    """What a command does in a state: the next state, or the code of a refusal."""

    state: State | None
    refusal: str = ""
    opens_revision: bool = False

    def __str__(self) -> str:
        if self.state is None:
            return f"✗ {self.refusal}"
        return f"{self.state}{' + new revision' if self.opens_revision else ''}"


class CommandRefused(LettersError):
    """The case's state doesn't allow what was asked."""

    code = "command-refused"


REFUSALS = {
    "already-signed": (
        "The letter is approved; other words can't take its place.",
        "`letters issue` with its reference goes on with the approved words.",
    ),
    "already-decided": ("This revision has been decided on already.", ""),
    "superseded": (
        "A later revision has taken this one's place.",
        "Work on the latest revision; `letters show` names it.",
    ),
    "returned": (
        "An inspector returned this revision.",
        "Change the draft as the comments ask and submit it again.",
    ),
    "not-prepared": ("There is no pack to decide on yet.", "Run `letters issue` on the draft."),
    "not-signed": (
        "Not every signatory has approved this revision.",
        "Have it signed first.",
    ),
    "not-archived": ("The record is not archived yet.", "Run `letters issue` again."),
    "not-held": ("The letter is not held.", ""),
    "not-issued": ("The letter has not been issued.", "Submit a new draft instead."),
    "already-issued": (
        "The letter has been issued.",
        "Correct it with `letters correct` or withdraw it with `letters withdraw`; in Prefect,"
        " `correct-letter` and `withdraw-letter`.",
    ),
    "held": ("The letter is held until its period ends.", "It goes on by itself then."),
    "corrected": ("A correction has taken this letter's place.", "Work on the correction."),
    "withdrawn": ("The letter was withdrawn.", ""),
}
"""Refusal codes with what they say and what to do next."""


def _to(state: State, *, opens: bool = False) -> Cell:
    return Cell(state, opens_revision=opens)


def _no(refusal: str) -> Cell:
    return Cell(None, refusal)


def _row(state: State, otherwise: str, **cells: Cell) -> dict[Command, Cell]:
    """Build a row: the same words again change nothing, what is not named is refused."""
    row = {command: _no(otherwise) for command in Command}
    row[Command.SUBMIT_SAME] = _to(state)
    row.update({Command[name.upper()]: cell for name, cell in cells.items()})
    return row


_S = State
_DECIDED = {command: _no("already-decided") for command in ("approve_in_part", "approve", "return")}

TABLE: dict[State, dict[Command, Cell]] = {
    _S.DRAFTED: _row(
        _S.DRAFTED,
        "not-signed",
        submit_new=_to(_S.SUPERSEDED, opens=True),
        block=_to(_S.BLOCKED),
        prepare=_to(_S.AWAITING_SIGN_OFF),
        approve_in_part=_no("not-prepared"),
        approve=_no("not-prepared"),
        correct=_no("not-issued"),
        withdraw=_no("not-issued"),
        **{"return": _no("not-prepared")},
    ),
    # A blocked draft opened no revision: the same file is checked again, since a
    # corrected register may have cleared what blocked it.
    _S.BLOCKED: _row(
        _S.BLOCKED,
        "not-prepared",
        submit_same=_to(_S.DRAFTED),
        submit_new=_to(_S.DRAFTED),
        block=_to(_S.BLOCKED),
        correct=_no("not-issued"),
        withdraw=_no("not-issued"),
    ),
    _S.AWAITING_SIGN_OFF: _row(
        _S.AWAITING_SIGN_OFF,
        "not-signed",
        submit_new=_to(_S.SUPERSEDED, opens=True),
        prepare=_to(_S.AWAITING_SIGN_OFF),
        approve_in_part=_to(_S.AWAITING_SIGN_OFF),
        approve=_to(_S.SIGNED),
        confirm=_to(_S.AWAITING_SIGN_OFF),  # what one of several had approved
        correct=_no("not-issued"),
        withdraw=_no("not-issued"),
        **{"return": _to(_S.RETURNED)},
    ),
    _S.RETURNED: _row(
        _S.RETURNED,
        "returned",
        submit_new=_to(_S.RETURNED, opens=True),
        correct=_no("not-issued"),
        withdraw=_no("not-issued"),
        **_DECIDED,
    ),
    _S.SUPERSEDED: _row(_S.SUPERSEDED, "superseded", submit_same=_no("superseded")),
    _S.SIGNED: _row(
        _S.SIGNED,
        "already-signed",
        confirm=_to(_S.SIGNED),
        archive=_to(_S.ARCHIVED),
        hold=_no("not-archived"),
        release=_no("not-held"),
        lapse=_no("not-held"),
        close=_no("not-archived"),
        correct=_no("not-issued"),
        withdraw=_no("not-issued"),
        **_DECIDED,
    ),
    # Held letters are signed and archived; only their sending waits.
    _S.HELD: _row(
        _S.HELD,
        "already-signed",
        confirm=_to(_S.HELD),
        archive=_to(_S.HELD),
        hold=_to(_S.HELD),
        release=_to(_S.ARCHIVED),
        lapse=_to(_S.RETURNED),
        close=_no("held"),
        correct=_no("not-issued"),
        withdraw=_no("not-issued"),
        **_DECIDED,
    ),
    _S.ARCHIVED: _row(
        _S.ARCHIVED,
        "already-signed",
        confirm=_to(_S.ARCHIVED),
        archive=_to(_S.ARCHIVED),
        hold=_to(_S.HELD),
        release=_no("not-held"),
        lapse=_no("not-held"),
        close=_to(_S.ISSUED),
        correct=_no("not-issued"),
        withdraw=_no("not-issued"),
        **_DECIDED,
    ),
    _S.ISSUED: _row(
        _S.ISSUED,
        "already-issued",
        archive=_to(_S.ISSUED),
        close=_to(_S.ISSUED),
        correct=_to(_S.CORRECTED, opens=True),
        withdraw=_to(_S.WITHDRAWN, opens=True),
        **_DECIDED,
    ),
    _S.CORRECTED: _row(_S.CORRECTED, "corrected", **_DECIDED),
    _S.WITHDRAWN: _row(_S.WITHDRAWN, "withdrawn", **_DECIDED),
}


def cell(state: State, command: Command) -> Cell:
    """Look up what `command` does to a revision in `state`."""
    return TABLE[state][command]


def demand(state: State, command: Command, *, where: str) -> Cell:
    """Look up the cell, and raise CommandRefused with its code where it is a refusal."""
    found = cell(state, command)
    if found.state is None:
        message, remedy = REFUSALS[found.refusal]
        raise CommandRefused(message, where=where, remedy=remedy, code=found.refusal)
    return found


class Holdings(NamedTuple):
    """What a case holds of one revision: all that its state is told from."""

    has_pack: bool = False
    decision: Literal["approve", "return"] | None = None
    """Approved by every signatory, or returned by any."""
    has_later_revision: bool = False
    has_manifest: bool = False
    is_outdated: bool = False
    """It isn't what the present round is to issue: another change was ordered since."""
    is_held: bool = False
    is_delivered: bool = False
    """Every delivery has come to an end, good or bad."""
    replaced_by: Literal["correction", "withdrawal", "new-date"] | None = None
    """By what was committed in its place; by a new date already when that is asked for."""


def state_of(holdings: Holdings) -> State:
    """Tell a revision's state from what the case holds of it."""
    match holdings:
        case Holdings(replaced_by="correction"):
            return State.CORRECTED
        case Holdings(replaced_by="withdrawal"):
            return State.WITHDRAWN
        case Holdings(replaced_by="new-date"):
            return State.RETURNED
        case Holdings(has_manifest=True, is_delivered=True):
            return State.ISSUED
        case Holdings(has_manifest=True, is_held=True):
            return State.HELD
        case Holdings(has_manifest=True):
            return State.ARCHIVED
        case Holdings(decision="return"):
            return State.RETURNED
        case Holdings(is_outdated=True):
            return State.SUPERSEDED
        case Holdings(decision="approve"):
            return State.SIGNED
        case Holdings(has_later_revision=True):
            return State.SUPERSEDED
        case Holdings(has_pack=True):
            return State.AWAITING_SIGN_OFF
        case _:
            return State.DRAFTED


def table_in_markdown() -> str:
    """Print the table for docs/states.md: a row a state, a column a command."""
    lines = [
        "| state | " + " | ".join(Command) + " |",
        "|---|" + "---|" * len(Command),
        *(
            f"| **{state}** | " + " | ".join(str(cell(state, c)) for c in Command) + " |"
            for state in State
        ),
        "",
        "| refusal | what it says | what to do |",
        "|---|---|---|",
        *(f"| `{code}` | {said} | {do} |" for code, (said, do) in sorted(REFUSALS.items())),
    ]
    return "\n".join(lines) + "\n"
