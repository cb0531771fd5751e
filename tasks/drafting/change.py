"""Changing an issued letter: the order by which a round begins, and what then goes out.

A correction is a draft like any other; a withdrawal is composed by the office from the
order itself, whose bytes stand in the intake in place of a draft. Both go to everyone who
got the letter that they replace, and to anyone new.
"""

from __future__ import annotations

from typing import Literal

from letters.audit import moment_text
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
from tasks.case.change_orders import enter_change, order, under_way
from tasks.case.intake import WITHDRAWAL, Intake, take_in
from tasks.case.record import StepRun
from tasks.case.rounds import Issue, Rounds

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
    case, told = run.record, _checked(reason)
    if letter.reference != case.reference:
        raise ChangeRefused(
            f"The draft is of {letter.reference}, not of {case.reference}.",
            remedy="A correction has the same kind, authority and inspection days. Issue another"
            " letter, and withdraw this one.",
            code="other-letter",
        )
    rounds = case.rounds()
    for number, change in rounds.changes.items():
        is_issued = any(issue.number == number for issue in rounds.issues)
        is_the_same = number == rounds.number and change.reason == told
        if change.draft_sha256 == intake.draft_sha256 and (is_issued or is_the_same):
            enter_change(run)
            return change
    issue = _require_changeable(case, rounds, Command.CORRECT)
    if _words(letter) == _words(case.letter(issue.revision)):
        raise ChangeRefused(
            "The draft says what was issued: nothing is corrected.",
            where=f"{case.reference} r{issue.revision}",
            remedy="Correct the draft first.",
            code="nothing-changed",
        )
    if (became := intake.became()) is not None:
        raise ChangeRefused(
            "This draft was submitted before: the same bytes are the same revision for ever.",
            where=f"{case.reference} r{became[1]}",
            remedy="Change anything in it, if only the order of its front matter.",
            code="draft-used",
        )
    return order(run, rounds, ChangeKind.CORRECTION, issue, intake.draft_sha256, told)


def order_withdrawal(run: StepRun[Case], *, reason: str) -> Intake:
    """Order that the letter in force is withdrawn; return the intake of the notice.

    Ordered again it is the same order. Raises as `order_correction`.
    """
    case = run.record
    rounds, told = case.rounds(), _checked(reason)
    change = rounds.change
    if change is not None and change.kind is ChangeKind.WITHDRAWAL and change.draft_sha256:
        ordered = Intake(case.office, change.draft_sha256)
        became = ordered.became()
        is_returned = became is not None and case.state(became[1]) is State.RETURNED
        if rounds.is_issue_taken or (change.reason == told and not is_returned):
            enter_change(run)
            return ordered
    issue = _require_changeable(case, rounds, Command.WITHDRAW)
    if not earlier_recipients(case, own=issue.revision):
        raise ChangeRefused(
            "Nobody was sent the letter: there is nobody to tell that it is withdrawn.",
            where=f"{case.reference} r{issue.revision}",
            remedy="`letters deliveries` tells what became of each e-mail.",
            code="nobody-to-tell",
        )
    notice = WithdrawalNotice(
        withdraws=case.reference,
        revision=issue.revision,
        pack=issue.pack,
        date=day_of(case.office.clock()),
        reason=told,
        ordered_at=moment_text(case.office.clock()),
    )
    data = stored_json(notice.model_dump(mode="json"))
    intake = take_in(case.office, data, WITHDRAWAL)
    order(run, rounds, ChangeKind.WITHDRAWAL, issue, intake.draft_sha256, told)
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
    return corrected(letter, issued, change), (
        *recipients,
        *earlier_recipients(case, besides=recipients),
    )


def withdrawal(intake: Intake) -> tuple[Case, Letter, tuple[Recipient, ...]]:
    """Compose the notice that an intake stands for. Raises ChangeRefused where none was ordered."""
    notice = WithdrawalNotice.model_validate_json(intake.get(intake.original_name))
    case = Case(intake.office, notice.withdraws)
    change = case.rounds().change
    is_ordered = change is not None and change.kind is ChangeKind.WITHDRAWAL
    if change is None or not is_ordered or change.draft_sha256 != intake.draft_sha256:
        raise ChangeRefused(
            f"This withdrawal of {notice.withdraws} isn't ordered, or no longer.",
            where=intake.prefix,
            remedy=f"`letters withdraw {notice.withdraws}` orders it.",
            code="not-ordered",
        )
    letter = withdrawn(case.letter(notice.revision), change, on=notice.date)
    return case, letter, earlier_recipients(case, own=notice.revision)


def opens_round(case: Case, draft_sha256: str) -> Literal[Command.CORRECT, Command.WITHDRAW] | None:
    """Tell as what a draft may follow the issued letter: only the one that was ordered may."""
    change = case.rounds().change
    if change is None or change.draft_sha256 != draft_sha256:
        return None
    return Command.CORRECT if change.kind is ChangeKind.CORRECTION else Command.WITHDRAW


def _require_changeable(case: Case, rounds: Rounds, command: Command) -> Issue:
    """Find the issue in force, if it may be changed. Raises CommandRefused.

    A change that nobody has approved yet gives way to another.
    """
    latest = case.revisions()[-1]
    issue = rounds.in_force()
    if issue is None:
        demand(case.state(latest), command, where=f"{case.reference} r{latest}")
        raise under_way(case)  # an issue is taken, and its record isn't committed yet
    where = f"{case.reference} r{issue.revision}"
    replaces = case.letter(issue.revision).replaces
    is_withdrawn = replaces is not None and replaces.kind == "withdrawal"
    demand(State.WITHDRAWN if is_withdrawn else case.state(issue.revision), command, where=where)
    on_its_way = {State.SIGNED, State.HELD, State.ARCHIVED}
    if latest != issue.revision and case.state(latest) in on_its_way:
        raise under_way(case)
    return issue


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


def earlier_recipients(
    case: Case, *, besides: tuple[Recipient, ...] = (), own: int | None = None
) -> tuple[Recipient, ...]:
    """List everyone who got, or may have got, any revision of the letter, an address once.

    The newest issue first. Those of revision `own` keep their ids; others get the number of
    theirs, since one post may have had several holders.
    """
    known = {normalised_address(each.email) for each in besides}
    found: list[Recipient] = []
    for issue in reversed(case.rounds().issues):
        for each in case.recipients(issue.revision):
            address = normalised_address(each.email)
            if address in known or case.delivery_state(issue.revision, each) in _NEVER_SENT:
                continue
            known.add(address)
            suffix = "" if issue.revision == own else f"-r{issue.revision}"
            told = {"role": each.role, "name": each.name, "email": each.email}
            found.append(Recipient(id=f"{each.id}{suffix}", **told))
    return tuple(found)


def _words(letter: Letter) -> dict[str, object]:
    """All that a letter says, without what it replaces."""
    body = letter.model_copy(update={"replaces": None})
    if letter.replaces is not None:  # its first words say so
        body = body.model_copy(update={"opening": letter.opening[1:]})
    return body.model_dump(exclude={"facts", "composed"})
