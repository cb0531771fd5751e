"""Holding back: a letter is approved and archived, and not sent before a period has ended.

Afterwards it goes out, unless its date has grown too old meanwhile: then it gives way to a
revision with a new date, and nobody has ever been sent the old one. Owns when, and what the
case keeps of it; which letters a period is for is `letters.holds`'.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple

from letters.audit import moment_text
from letters.canonical import stored_json
from letters.case import Command, demand
from letters.change import ChangeKind
from letters.deadline import day_of
from letters.holds import Held, HoldPeriod, date_fits, hold_on
from letters.letter import day_in_words
from letters.recipient import send_id
from tasks.case.case import Case
from tasks.case.change_orders import order
from tasks.case.record import StepRun


class Holding(NamedTuple):
    """Whether a letter goes out now, and why it doesn't."""

    outcome: Literal["free", "held", "lapsed"]
    period: HoldPeriod | None = None
    dated: date | None = None

    @property
    def is_back(self) -> bool:
        """Whether it is held back."""
        return self.outcome != "free"

    @property
    def name(self) -> str:
        """What the run that finds it so is called."""
        return "Returned" if self.outcome == "lapsed" else "Held"

    def __str__(self) -> str:
        if self.period is None:
            return "is not held"
        until = day_in_words(self.period.until)
        if self.outcome == "lapsed" and self.dated is not None:
            return (
                f"was held until {until} ({self.period.name}), and its date,"
                f" {day_in_words(self.dated)}, no longer fits: nothing was sent. Submit the draft"
                " with a new date."
            )
        return (
            f"is approved and archived, and held until {until} ({self.period.name}); it goes on"
            " by itself afterwards."
        )


def hold_back(run: StepRun[Case], revision: int) -> Holding:
    """Hold the revision back, or find that it may go out; run again it tells the same.

    What was begun to be sent, and corrections and withdrawals, are never held.
    """
    case, office = run.record, run.record.office
    letter, rounds = case.letter(revision), case.rounds()
    run.adopt(f"r{revision}/held.json")
    held = rounds.hold_of(revision)
    if rounds.replaced_by(revision) == "new-date":
        told = Held.model_validate_json(case.get(f"r{revision}/held.json"))
        return Holding("lapsed", told.period, letter.date)
    if letter.replaces is not None or _is_begun(case, revision):
        return Holding("free")
    today = day_of(office.clock())
    period = current_hold(case, revision)
    if period is not None and held is None and not _was_released(case, revision):
        demand(case.state(revision), Command.HOLD, where=f"{case.reference} r{revision}")
        made = Held(period=period, at=moment_text(office.clock()))
        run.once_announced(f"r{revision}/held.json", stored_json(made.model_dump(mode="json")))
        run.complete(held_until=period.until.isoformat())
        return Holding("held", period)
    if held is None:
        run.adopt(f"r{revision}/released.json")
        return Holding("free")
    if period is not None:
        return Holding("held", period)
    if not date_fits(letter.date, today, working_days=office.settings.holds.date_working_days):
        demand(case.state(revision), Command.LAPSE, where=f"{case.reference} r{revision}")
        issue = rounds.issue_of(revision)
        assert issue is not None  # noqa: S101 - it is archived
        lapsed = Holding("lapsed", held.period, letter.date)
        order(run, ChangeKind.NEW_DATE, issue, None, f"It {lapsed}")
        return lapsed
    demand(case.state(revision), Command.RELEASE, where=f"{case.reference} r{revision}")
    released = stored_json({"layout": 1, "at": moment_text(office.clock())})
    run.once_announced(f"r{revision}/released.json", released)
    run.complete(released=True)
    return Holding("free")


def is_concerned(case: Case, revision: int) -> bool:
    """Whether a hold has anything to do with the revision, so that `hold_back` must be asked."""
    was_held = case.find(f"r{revision}/held.json") is not None
    return was_held or current_hold(case, revision) is not None


def current_hold(case: Case, revision: int) -> HoldPeriod | None:
    """Find the period that holds such a letter today, by the office's settings as they are."""
    letter, office = case.letter(revision), case.office
    return hold_on(
        office.settings.holds.period,
        day_of(office.clock()),
        kind=letter.kind,
        authority=letter.authority.code,
    )


def _is_begun(case: Case, revision: int) -> bool:
    """Whether anything of it was sent, or tried."""
    return any(
        case.attempts(revision, send_id(case.reference, revision, each.email))
        for each in case.recipients(revision)
    )


def _was_released(case: Case, revision: int) -> bool:
    return case.find_vouched(f"r{revision}/released.json") is not None
