"""Where a letter stands, for those who look after many: for whom it waits, until when.

Owns the value, how it is put into words and in which order letters are listed. What a
letter stands at is judged from its case, in flows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Literal

from letters.audit import Moment
from letters.case import State
from letters.decisions import listed
from letters.letter import Frozen

UNREADABLE: Literal["unreadable"] = "unreadable"
"""Said in place of a state where the case can't be read."""


LONGEST_TOLD = 200
"""Characters of a comment, an answer or a run's message."""


class Role(StrEnum):
    """As what somebody is waited for."""

    INSPECTOR = "inspector"
    DELEGATE = "delegate"
    OFFICE = "letters office"
    AUTHOR = "author"


class Awaited(Frozen):
    """Somebody for whom a letter waits."""

    role: Role
    name: str = ""
    """Of an inspector or a delegate."""
    instead_of: str = ""
    """For whom a delegate may sign."""


OFFICE = Awaited(role=Role.OFFICE)
AUTHOR = Awaited(role=Role.AUTHOR)

_WITHOUT_NAME = {Role.OFFICE: "the letters office", Role.AUTHOR: "the draft’s author"}


class Standing(Frozen):
    """Where one letter stands, by its latest revision."""

    reference: str
    revision: int
    """0 where no revision can be read."""
    authority: str
    kind: str
    """Its title."""
    state: State | Literal["unreadable"]
    waits_for: tuple[Awaited, ...] = ()
    """Nobody where the machine goes on by itself, or nothing is left to do."""
    since: Moment | None = None
    """When it came to wait so."""
    held_until: date | None = None
    """The last day of the period in which letters like it aren't sent."""
    due_on: date | None = None
    working_days_left: int | None = None
    """Below 0 where it is late; None without a deadline, and once every copy was accepted."""
    working_days_taken: int | None = None
    """From the last inspection day to the last copy's acceptance; None before."""
    trouble: str = ""
    """What went wrong, in a sentence."""
    remedy: str = ""
    """What mends it: a command line, or what to click."""
    is_correction: bool = False
    """Whether it corrects or withdraws an earlier letter."""

    @property
    def is_late(self) -> bool:
        """Whether the deadline has passed and not every copy was accepted."""
        return self.working_days_left is not None and self.working_days_left < 0

    @property
    def name(self) -> str:
        """Name the letter and its revision: `CRA-WESTMERE-2011-03-08 r1`."""
        return f"{self.reference} r{self.revision}" if self.revision else self.reference

    @property
    def state_in_words(self) -> str:
        """Say the state, and until when it lasts by itself: `held until 2026-05-07`."""
        return f"{self.state} until {self.held_until}" if self.held_until else str(self.state)

    @property
    def waits_for_in_words(self) -> str:
        """Say for whom it waits: `Harriet Elmsley (or Tobias Reyne)`, or `nobody`."""
        names = [awaited.name for awaited in self.waits_for if awaited.role is Role.INSPECTOR]
        signatories = dict.fromkeys(
            awaited.instead_of or awaited.name for awaited in self.waits_for if awaited.name
        )
        told = [
            _who_signs(signatory, self._delegates_of(signatory), is_known=signatory in names)
            for signatory in signatories
        ]
        told += [_WITHOUT_NAME[one.role] for one in self.waits_for if one.role in _WITHOUT_NAME]
        return listed(told) or "nobody"

    @property
    def left_in_words(self) -> str:
        """Say how the deadline stands: `3`, `late by 2`, `taken 18`; empty without one."""
        if self.working_days_taken is not None:
            return f"taken {self.working_days_taken}"
        if self.working_days_left is None:
            return ""
        left = self.working_days_left
        return f"late by {-left}" if self.is_late else str(left)

    def _delegates_of(self, signatory: str) -> list[str]:
        return [one.name for one in self.waits_for if one.instead_of == signatory]


class BlockedDraft(Frozen):
    """A draft that was taken in and stopped by problems, and is no letter."""

    sha256: str
    name: str = ""
    """The file's in the office's drafts folder, while one there has these bytes."""
    problems: tuple[str, ...]
    """`<code> at <place>`."""
    since: Moment

    @property
    def called(self) -> str:
        """Name it for people: its file, or the beginning of its hash."""
        return self.name or f"sha256:{self.sha256[:12]}"


class OfficeStanding(Frozen):
    """All that is open in an office."""

    letters: tuple[Standing, ...] = ()
    """The most urgent first."""
    blocked: tuple[BlockedDraft, ...] = ()
    """The latest first."""

    @property
    def summary(self) -> str:
        """Count it in a line: `3 open letters, 1 of them late; 1 blocked draft`."""
        if not self.letters and not self.blocked:
            return "Nothing is open."
        told = []
        if self.letters:
            late = sum(letter.is_late for letter in self.letters)
            count = _counted(len(self.letters), "open letter")
            told.append(f"{count}, {late} of them late" if late else count)
            wrong = sum(bool(letter.trouble) for letter in self.letters)
            told += [f"something is wrong with {wrong}"] if wrong else []
        if self.blocked:
            told.append(_counted(len(self.blocked), "blocked draft"))
        return f"{'; '.join(told)}."

    def by_whom_they_wait_for(self) -> dict[str, list[Standing]]:
        """Group the letters by whom they wait for; who has the most urgent one comes first."""
        groups: dict[str, list[Standing]] = {}
        for letter in self.letters:
            groups.setdefault(letter.waits_for_in_words, []).append(letter)
        return groups


def most_urgent_first(letters: Iterable[Standing]) -> tuple[Standing, ...]:
    """Put the late ones first, then by the working days left; those without a deadline last."""

    def urgency(letter: Standing) -> tuple[bool, int, str]:
        left = letter.working_days_left
        return left is None, left or 0, letter.reference

    return tuple(sorted(letters, key=urgency))


def shortened(text: str) -> str:
    """Cut a line that would be too long for a table."""
    return text if len(text) <= LONGEST_TOLD else f"{text[: LONGEST_TOLD - 1]}…"


def _who_signs(signatory: str, delegates: Sequence[str], *, is_known: bool) -> str:
    if not is_known:
        return f"{' or '.join(delegates)} for {signatory}"
    return f"{signatory} (or {' or '.join(delegates)})" if delegates else signatory


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing if number == 1 else thing + 's'}"
