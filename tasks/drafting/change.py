"""Changing an issued letter: the order by which a round begins, and what then goes out.

A correction is a draft like any other; a withdrawal is composed by the office from the
order itself, whose bytes stand in the intake in place of a draft. Both go to everyone who
got the letter that they replace, and to anyone new.
"""

from __future__ import annotations

from typing import Literal

from letters.canonical import stored_json
from letters.case import Command, CommandRefused, State, demand
from letters.change import Change, ChangeKind, WithdrawalNotice, corrected, withdrawn
from letters.deadline import day_of
from letters.delivery import DeliveryState
from letters.errors import UsageError
from letters.letter import Letter
from letters.printable import first_unprintable
from letters.recipient import Recipient, normalised_address
from tasks.case.case import Case
from tasks.case.change_orders import order, under_way
from tasks.case.intake import WITHDRAWAL, Intake, take_in
from tasks.case.record import StepRun
from tasks.case.rounds import Issue

STEP = "change-letter"
LONGEST_REASON = 1_000

_NEVER_SENT = frozenset({DeliveryState.PENDING, DeliveryState.REFUSED})


class ChangeRefused(UsageError):
    """A correction or withdrawal can't be ordered so."""

    code = "change-refused"


def order_correction(run: StepRun[Case], intake: Intake, letter: Letter, *, reason: str) -> Change:
    """Order that a draft, read as `letter`, corrects the letter that is in force.

    Ordered again it is the same order. Raises CommandRefused where there is no such letter
    or another change is under way, and ChangeRefused.
    """
    case = run.record
    if letter.reference != case.reference:
        raise ChangeRefused(
            f"The draft is of {letter.reference}, not of {case.reference}.",
            remedy="A correction has the same kind, authority and inspection days. Issue another"
            " letter, and withdraw this one.",
            code="other-letter",
        )
    rounds = case.rounds()
    for number, change in rounds.changes.items():
        is_done = number < rounds.number or rounds.is_issue_taken
        if change.draft_sha256 == intake.draft_sha256 and is_done:
            return change
    issue = _require_changeable(case, Command.CORRECT, draft_sha256=intake.draft_sha256)
    if _words(letter) == _words(case.letter(issue.revision)):
        raise ChangeRefused(
            "The draft says what was issued: nothing is corrected.",
            where=f"{case.reference} r{issue.revision}",
            remedy="Correct the draft first.",
            code="nothing-changed",
        )
    return order(run, ChangeKind.CORRECTION, issue, intake.draft_sha256, _checked(reason))


def order_withdrawal(run: StepRun[Case], *, reason: str) -> Intake:
    """Order that the letter in force is withdrawn; return the intake of the notice.

    Ordered again it is the same order. Raises as `order_correction`.
    """
    case = run.record
    change = case.rounds().change
    if change is not None and change.kind is ChangeKind.WITHDRAWAL and change.draft_sha256:
        return Intake(case.office, change.draft_sha256)
    issue = _require_changeable(case, Command.WITHDRAW)
    notice = WithdrawalNotice(
        withdraws=case.reference,
        revision=issue.revision,
        pack=issue.pack,
        date=day_of(case.office.clock()),
        reason=_checked(reason),
    )
    data = stored_json(notice.model_dump(mode="json"))
    intake = take_in(case.office, data, WITHDRAWAL)
    order(run, ChangeKind.WITHDRAWAL, issue, intake.draft_sha256, notice.reason)
    return intake


def as_change(
    case: Case, letter: Letter, recipients: tuple[Recipient, ...]
) -> tuple[Letter, tuple[Recipient, ...]]:
    """Make of a draft's letter the correction that the case waits for, if it waits for one.

    Raises CommandRefused while the letter is being withdrawn.
    """
    rounds = case.rounds()
    change = rounds.change
    if change is None or rounds.is_issue_taken or change.kind is ChangeKind.NEW_DATE:
        return letter, recipients
    if change.kind is ChangeKind.WITHDRAWAL:
        raise CommandRefused(
            "The letter is being withdrawn; no other words can take its place.",
            where=case.reference,
            remedy=f"`letters show {case.reference}` tells how far that is.",
            code="withdrawal-under-way",
        )
    issued = case.letter(change.revision)
    return corrected(letter, issued, change), _with_earlier(case, change, recipients)


def withdrawal(intake: Intake) -> tuple[Case, Letter, tuple[Recipient, ...]]:
    """Compose the notice that an intake stands for. Raises ChangeRefused where none was ordered."""
    notice = WithdrawalNotice.model_validate_json(intake.get(intake.original_name))
    case = Case(intake.office, notice.withdraws)
    ordered = [
        change
        for change in case.rounds().changes.values()
        if change.draft_sha256 == intake.draft_sha256 and change.kind is ChangeKind.WITHDRAWAL
    ]
    if not ordered:
        raise ChangeRefused(
            f"Nobody ordered the withdrawal of {notice.withdraws}.",
            where=intake.prefix,
            remedy=f"`letters withdraw {notice.withdraws}` orders it.",
            code="not-ordered",
        )
    letter = withdrawn(case.letter(notice.revision), ordered[0], on=notice.date)
    return case, letter, _with_earlier(case, ordered[0], ())


def opens_round(case: Case, draft_sha256: str) -> Literal[Command.CORRECT, Command.WITHDRAW] | None:
    """Tell as what a draft may follow the issued letter: only the one that was ordered may."""
    change = case.rounds().change
    if change is None or change.draft_sha256 != draft_sha256:
        return None
    return Command.CORRECT if change.kind is ChangeKind.CORRECTION else Command.WITHDRAW


def _require_changeable(case: Case, command: Command, *, draft_sha256: str = "") -> Issue:
    """Find the issue in force, if it may be changed. Raises CommandRefused."""
    rounds = case.rounds()
    latest = case.revisions()[-1]
    issue = rounds.in_force()
    if issue is None:
        demand(case.state(latest), command, where=f"{case.reference} r{latest}")
        raise under_way(case)  # an issue is taken, and its record isn't committed yet
    where = f"{case.reference} r{issue.revision}"
    replaces = case.letter(issue.revision).replaces
    is_withdrawn = replaces is not None and replaces.kind == "withdrawal"
    demand(State.WITHDRAWN if is_withdrawn else case.state(issue.revision), command, where=where)
    change = rounds.change
    is_the_same = change is not None and change.draft_sha256 == draft_sha256
    is_approved = latest != issue.revision and case.state(latest) in {
        State.SIGNED,
        State.HELD,
        State.ARCHIVED,
    }
    if not is_the_same and (is_approved or _is_waiting(case, change, issue)):
        raise under_way(case)
    return issue


def _is_waiting(case: Case, change: Change | None, issue: Issue) -> bool:
    """Whether a change was ordered whose draft hasn't come yet."""
    is_open = change is not None and change.revision == issue.revision
    return is_open and case.revisions()[-1] == issue.revision


def _checked(reason: str) -> str:
    """Return a reason as it is printed. Raises ChangeRefused."""
    told = " ".join(reason.split())
    wrong = first_unprintable(told)
    if not told or len(told) > LONGEST_REASON or wrong is not None:
        raise ChangeRefused(
            f"The reason has a character that can't be printed: {wrong!a}."
            if wrong is not None
            else f"The reason has {len(told)} characters; 1 to {LONGEST_REASON} are allowed.",
            where="--reason",
            remedy="Say in a sentence why; it is printed in the letter, and everyone who gets it"
            " reads it.",
            code="reason-invalid",
        )
    return told if told.endswith((".", "!", "?")) else f"{told}."


def _with_earlier(
    case: Case, change: Change, recipients: tuple[Recipient, ...]
) -> tuple[Recipient, ...]:
    """Add everyone who got, or may have got, what is replaced and isn't among the recipients."""
    known = {normalised_address(each.email) for each in recipients}
    revision = change.revision
    own = change.kind is ChangeKind.WITHDRAWAL
    earlier = tuple(
        Recipient(
            id=each.id if own else f"{each.id}-r{revision}",
            role=each.role,
            name=each.name,
            email=each.email,
        )
        for each in case.recipients(revision)
        if case.delivery_state(revision, each) not in _NEVER_SENT
        and normalised_address(each.email) not in known
    )
    return (*recipients, *earlier)


def _words(letter: Letter) -> dict[str, object]:
    """All that a letter says, without what it replaces."""
    body = letter.model_copy(update={"replaces": None})
    if letter.replaces is not None:  # its first words say so
        body = body.model_copy(update={"opening": letter.opening[1:]})
    return body.model_dump(exclude={"facts", "composed"})
