"""The one family of errors that a person may see.

Every error has a stable `code`, and a message of three parts: what is wrong,
where, and what to do next. The desk prints them; it never prints a traceback.
"""

from __future__ import annotations


class LettersError(Exception):
    """Base of every error meant for people.

    `code` is stable across versions and may be matched by scripts. `where` and
    `remedy` may be empty only where the message already says them.
    """

    code = "letters-error"
    is_transient = False
    """Whether the same call may succeed later without anyone changing anything."""

    def __init__(self, message: str, *, where: str = "", remedy: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.remedy = remedy
        if code:
            self.code = code

    def __str__(self) -> str:
        where = f" ({self.where})" if self.where else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.message}{where}{remedy}"


class UsageError(LettersError):
    """The command or its arguments can't mean anything: nothing was begun."""

    code = "usage"


class TransientError(LettersError):
    """Something outside failed in a way that may pass: the step is tried again."""

    code = "transient"
    is_transient = True
