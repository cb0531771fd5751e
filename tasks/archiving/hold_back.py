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
from letters.letter import Letter, day_in_words
from letters.recipient import send_id
from tasks.case.case import Case
from tasks.case.change_orders import enter_change, order
from tasks.case.record import StepRun
from tasks.case.rounds import Issue, Rounds


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
    for name in (_held(revision), _released(revision)):
        run.adopt(name)
    if case.key(_held(revision)) in case.recorded():
        case.get(_held(revision))  # that it was taken away must not send the letter
    held, end = rounds.hold_of(revision), rounds.end_of_hold(revision)
    issue = rounds.issue_of(revision)
    if letter.replaces is not None or issue is None or end == "sent" or _is_begun(case, revision):
        return Holding("free")
    if end == "lapsed" and held is not None:
        return _lapse(run, rounds, issue, held, letter)
    period = current_hold(case, revision)
    if held is None:
        if period is None:
            return Holding("free")
        demand(case.state(revision), Command.HOLD, where=f"{case.reference} r{revision}")
        made = Held(period=period, at=moment_text(office.clock()))
        run.once_announced(_held(revision), stored_json(made.model_dump(mode="json")))
        run.complete(held_until=period.until.isoformat())
        return Holding("held", period)
    today = day_of(office.clock())
    if period is not None or letter.date > today:
        return Holding("held", period or held.period)
    is_fitting = date_fits(letter.date, today, working_days=office.settings.holds.date_working_days)
    demand(
        case.state(revision),
        Command.RELEASE if is_fitting else Command.LAPSE,
        where=f"{case.reference} r{revision}",
    )
    # Of two runs that see it differently, the one that stores the end first decides.
    ended = run.once_announced(_released(revision), _end("sent" if is_fitting else "lapsed"))
    if ended == _end("lapsed"):
        return _lapse(run, rounds, issue, held, letter)
    run.complete(released=True)
    return Holding("free")


def _lapse(run: StepRun[Case], rounds: Rounds, issue: Issue, held: Held, letter: Letter) -> Holding:
    """Begin the round that brings the new date, unless it has begun."""
    lapsed = Holding("lapsed", held.period, letter.date)
    if rounds.replaced_by(issue.revision) == "new-date":
        if rounds.number == issue.number + 1:
            enter_change(run)
        return lapsed
    order(run, rounds, ChangeKind.NEW_DATE, issue, None, f"It {lapsed}")
    return lapsed


def is_concerned(case: Case, revision: int) -> bool:
    """Whether a hold has anything to do with the revision, so that `hold_back` must be asked."""
    was_held = case.key(_held(revision)) in case.recorded()
    return (
        was_held
        or case.find(_held(revision)) is not None
        or current_hold(case, revision) is not None
    )


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


def _held(revision: int) -> str:
    return f"r{revision}/held.json"


def _released(revision: int) -> str:
    return f"r{revision}/released.json"


def _end(outcome: Literal["sent", "lapsed"]) -> bytes:
    """Write how a hold ended: the same bytes whoever writes it; when, the chain says."""
    return stored_json({"layout": 1, "outcome": outcome})
