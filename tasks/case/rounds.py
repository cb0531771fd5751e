"""The rounds of a case: each issues one revision, and a change begins the next.

Owns the names `change-<k>.json`, `issue-<k>.json` and `closed-<k>.json`, and what they say
together. The first round has no change, and its closing is called `closed.json`.
"""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple

from letters.change import Change, ChangeKind
from letters.holds import Held
from letters.letter import Letter
from tasks.case.record import Record

CHANGE_NAME = r"change-([2-9]|[1-9]\d+)\.json"
ISSUE_NAME = r"issue-[1-9]\d*\.json"
CLOSING_NAME = r"closed(-([2-9]|[1-9]\d+))?\.json"
HELD_NAME = r"(held|released)\.json"
"""Within a revision's folder, after its manifest."""


GIVEN_UP = "given_up"
"""In place of an issue: the round issues nothing, since another change takes its place."""


class Issue(NamedTuple):
    """Which revision a round issues: whoever took the issue first decided it."""

    number: int
    """Of the round."""
    revision: int
    pack: str


def change_name(number: int) -> str:
    """Name the order that begins round `number`, 2 or more."""
    return f"change-{number}.json"


def issue_name(number: int) -> str:
    """Name the issue of round `number`."""
    return f"issue-{number}.json"


def closing_name(number: int) -> str:
    """Name the closing of round `number`."""
    return "closed.json" if number == 1 else f"closed-{number}.json"


class Rounds:
    """What a case's changes, issues and closings say. Reads them when it is made, once.

    Only what the chain vouches for counts. Raises ValueError where one of them can't be read.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self.changes: dict[int, Change] = {}
        while (data := record.find_vouched(change_name(self.number + 1))) is not None:
            self.changes[self.number + 1] = Change.model_validate_json(data)
        told = {n: self._told(n) for n in range(1, self.number + 1)}
        self.issues = tuple(
            Issue(number, int(issue["revision"]), str(issue["pack"]))
            for number, issue in told.items()
            if issue is not None and not issue.get(GIVEN_UP)
        )
        self.is_given_up = bool((told[self.number] or {}).get(GIVEN_UP))
        """Whether nothing can be issued in the present round, since another change is coming."""

    @property
    def number(self) -> int:
        """The number of the present round."""
        return len(self.changes) + 1

    @property
    def change(self) -> Change | None:
        """The order that began the present round, None in the first."""
        return self.changes.get(self.number)

    @property
    def issue(self) -> Issue | None:
        """The last issue that was taken."""
        return self.issues[-1] if self.issues else None

    @property
    def is_issue_taken(self) -> bool:
        """Whether the present round's issue is taken."""
        return self.issue is not None and self.issue.number == self.number

    def lets_out(self, letter: Letter, revision: int) -> bool:
        """Whether a revision is what the present round is to issue, or what a round has issued."""
        if self.issue_of(revision) is not None:
            return True
        is_answer = self.change is None or self.change.is_answered_by(letter, revision)
        return is_answer and not self.is_given_up

    def issue_of(self, revision: int) -> Issue | None:
        """Find the issue that names a revision."""
        return next((issue for issue in self.issues if issue.revision == revision), None)

    def replaced_by(self, revision: int) -> Literal["correction", "withdrawal", "new-date"] | None:
        """Tell by what a revision was replaced: what was committed after it, or a new date asked.

        An order alone replaces nothing: until the correction's record is committed, the
        letter that was issued is the one that holds.
        """
        own = self.issue_of(revision)
        if own is None:
            return None
        for number, change in sorted(self.changes.items()):
            if number <= own.number:
                continue
            if change.kind is ChangeKind.NEW_DATE and change.revision == revision:
                return "new-date"
            later = next((issue for issue in self.issues if issue.number == number), None)
            if later is not None and self._is_committed(later.revision):
                return "withdrawal" if change.kind is ChangeKind.WITHDRAWAL else "correction"
        return None

    def in_force(self) -> Issue | None:
        """Find the issue that holds: committed, and neither given up nor replaced."""
        standing = (
            issue
            for issue in self.issues
            if self._is_committed(issue.revision) and self.replaced_by(issue.revision) is None
        )
        return next(standing, None)

    def closing(self, number: int) -> dict[str, Any] | None:
        """Read the closing of a round, or None while it is open."""
        data = self._record.find_vouched(closing_name(number))
        if data is None:
            return None
        closed: dict[str, Any] = json.loads(data)
        return closed

    def hold_of(self, revision: int) -> Held | None:
        """Read by what a revision is held, None where it isn't, or was released."""
        held = self._record.find_vouched(f"r{revision}/held.json")
        if held is None or self.end_of_hold(revision) == "sent":
            return None
        return Held.model_validate_json(held)

    def end_of_hold(self, revision: int) -> Literal["sent", "lapsed"] | None:
        """Tell how a revision's hold ended: whoever stored the end first decided it."""
        data = self._record.find_vouched(f"r{revision}/released.json")
        if data is None:
            return None
        return "lapsed" if json.loads(data)["outcome"] == "lapsed" else "sent"

    def _told(self, number: int) -> dict[str, Any] | None:
        data = self._record.find_vouched(issue_name(number))
        if data is None:
            return None
        told: dict[str, Any] = json.loads(data)
        return told

    def _is_committed(self, revision: int) -> bool:
        return self._record.find_vouched(f"r{revision}/manifest.json") is not None
