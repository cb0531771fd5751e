"""What a failure means to the shell, and what is kept of one that nobody foresaw."""

from __future__ import annotations

import os
import traceback
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path

from letters.case import CommandRefused
from letters.errors import LettersError, UsageError
from letters.kind import KindError
from letters.problem import DraftUnreadable
from letters.refusals import SignOffRefused
from letters.register import RegisterError


class Exit(IntEnum):
    """Exit codes of `letters`; those of `issue` are the contract of issue scripts."""

    DONE = 0
    BLOCKED = 1
    USAGE = 2
    WAITING = 3
    IN_DOUBT = 4
    FAILED = 5
    INTERRUPTED = 130


class Unforeseen(LettersError):
    """A failure that nobody foresaw: a fault of the product."""

    code = "unforeseen"


def exit_code_of(error: LettersError) -> Exit:
    """Tell which exit code an error means."""
    match error:
        case UsageError() | RegisterError() | KindError():
            return Exit.USAGE
        case DraftUnreadable():
            return Exit.BLOCKED
        case CommandRefused() | SignOffRefused():
            return Exit.WAITING
        case _:
            return Exit.FAILED


def unforeseen(error: Exception, office: Path) -> Unforeseen:
    """Keep the traceback in the office and return what to tell the user."""
    where = "no place to keep the details"
    folder = office / "failures"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            traceback.print_exception(error, file=file)
        where = str(path)
    except OSError:
        pass
    return Unforeseen(
        f"Something failed that should not: {type(error).__name__}: {error}.",
        where=where,
        remedy="Run it again: nothing is done twice. If it comes back, report it with that file.",
    )
