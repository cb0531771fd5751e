"""What the archive holds by class, since when, and what of it is due for disposal.

A letter's years count from the day on which its last round was closed; those of a draft
that became no letter from the day on which it was taken in.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from letters.audit import AuditEntry
from letters.canonical import sha256_hex
from letters.disposal import Keeping, Named, due_days
from letters.errors import LettersError, TransientError
from letters.kind import Retention
from tasks.archiving.holding import is_on_hold
from tasks.archiving.layout import ENTRY_NAME
from tasks.archiving.locking import intake_keys, keeping_of
from tasks.case.case import Case, all_cases
from tasks.case.intake import Intake
from tasks.case.office import Office
from tasks.case.rounds import closing_name

ALWAYS_KEPT = re.compile(rf"{ENTRY_NAME}|case\.json")
"""Of a case: its trail, which has hashes only; and what keeps its reference from being given
to another letter."""

_INTAKE = re.compile(r"(intake/([0-9a-f]{64}))/(.+)")
_REVISION = re.compile(r"r([1-9]\d*)/")


class Since(NamedTuple):
    """From when a letter's or a draft's years count."""

    day: date
    closing: str | None
    """The hash of the last closing; None for a draft."""


class Due(NamedTuple):
    """A class of a letter's, or a draft, that may go."""

    of: str
    keeping: Keeping
    since: date
    due_on: date
    objects: int
    is_held: bool


def due(office: Office) -> list[Due]:
    """List what may go by today, the longest due first. A damaged case is `verify`'s to tell."""
    today = office.clock().date()
    found = [
        Due(of, keeping, since.day, due_on, count, is_held)
        for of, since, keeping, due_on, count, is_held in (*_of_cases(office), *_of_drafts(office))
        if due_on <= today and count
    ]
    return sorted(found, key=lambda each: (each.due_on, each.of, each.keeping))


def since_closed(case: Case) -> Since | None:
    """Tell when a case's last round was closed; None while it is open. Raises CaseDamaged."""
    rounds = case.rounds()
    name = closing_name(rounds.number)
    data = case.find_vouched(name)
    if data is None:
        return None
    key = case.key(name)
    day = _first_day(e for e in case.chain.entries() if key in (e.detail.get("object"), _of(e)))
    return None if day is None else Since(day, sha256_hex(data))


def since_taken_in(intake: Intake) -> Since | None:
    """Tell when a draft was taken in that became no letter; None for any other."""
    if intake.became() is not None:
        return None
    day = _first_day(iter(intake.chain.entries()))
    return None if day is None else Since(day, None)


def days_of_case(case: Case, since: Since) -> dict[Keeping, date]:
    """Tell from which day on each class of a case may go, by its kind's retention."""
    told = json.loads(case.get("case.json"))
    kind = case.office.kinds.get(told["kind"])
    return due_days(Retention() if kind is None else kind.retention, since.day)


def day_of_draft(office: Office, since: Since) -> date:
    """Tell from which day on a draft may go: of which kind it was to be, nothing says."""
    kept = [kind.retention for kind in office.kinds.values()] or [Retention()]
    return max(due_days(each, since.day)[Keeping.WORKING] for each in kept)


def keys_of_case(case: Case, keeping: Keeping) -> list[str]:
    """List what a case still holds of a class; of the record all that is left."""
    issued = {issue.revision for issue in case.rounds().issues}
    latest = max(issued, default=0)
    keys = []
    for name in case.names():
        match = _REVISION.match(name)
        number = int(match[1]) if match else 0
        is_so = keeping_of(name, number if number in issued else latest) is keeping
        if not ALWAYS_KEPT.fullmatch(name) and (is_so or keeping is Keeping.RECORD):
            keys.append(case.key(name))
    if keeping is not Keeping.CONTACTS:
        keys += [key for key in intake_keys(case) if not _is_trail(key)]
    return keys


def keys_of_draft(intake: Intake) -> list[str]:
    """List what is still held of a draft."""
    return [intake.key(name) for name in intake.names() if not re.fullmatch(ENTRY_NAME, name)]


def named(office: Office, keys: list[str]) -> tuple[Named, ...]:
    """Give each object's hash, as its bytes are. Raises ObjectMissing."""
    return tuple(Named(key=key, sha256=sha256_hex(office.store.get(key))) for key in keys)


_Found = tuple[str, Since, Keeping, date, int, bool]


def _of_cases(office: Office) -> Iterator[_Found]:
    today = office.clock().date()
    for case in all_cases(office):
        try:
            since = since_closed(case)
            days = {} if since is None else days_of_case(case, since)
            for keeping, day in days.items():
                if since is not None and day <= today:
                    count = len(keys_of_case(case, keeping))
                    yield case.reference, since, keeping, day, count, is_on_hold(case)
        except TransientError:
            raise
        except (LettersError, ValueError, KeyError):
            continue


def _of_drafts(office: Office) -> Iterator[_Found]:
    places: defaultdict[str, int] = defaultdict(int)
    for key in office.store.list("intake"):
        match = _INTAKE.fullmatch(key)
        if match and not _is_trail(key):
            places[match[2]] += 1
    for sha256, count in places.items():
        intake = Intake(office, sha256)
        since = since_taken_in(intake)
        if since is not None:
            day = day_of_draft(office, since)
            yield intake.prefix, since, Keeping.WORKING, day, count, False


def _is_trail(key: str) -> bool:
    match = _INTAKE.fullmatch(key)
    return match is not None and re.fullmatch(ENTRY_NAME, match[3]) is not None


def _of(entry: AuditEntry) -> object:
    return entry.detail.get("of")


def _first_day(entries: Iterator[AuditEntry]) -> date | None:
    first = next(entries, None)
    return None if first is None else datetime.fromisoformat(first.at).date()
