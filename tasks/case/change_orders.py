"""The order that begins a case's next round: announced, kept, and entered into the ledger."""

from __future__ import annotations

from letters.audit import moment_text
from letters.canonical import stored_json
from letters.case import CommandRefused
from letters.change import Change, ChangeKind
from tasks.case.case import Case
from tasks.case.ledger import enter
from tasks.case.record import StepRun
from tasks.case.rounds import GIVEN_UP, Issue, Rounds, change_name, issue_name


def order(
    run: StepRun[Case],
    rounds: Rounds,
    kind: ChangeKind,
    issue: Issue,
    draft_sha256: str | None,
    reason: str,
) -> Change:
    """Begin a round that changes what `issue` names; ordered again it is the same order.

    `rounds` are those by which it was judged that the order may be given: a round begun
    since is another's, who was first. A round that hasn't issued anything is given up, by the
    same create-once rule by which its issue would be taken. Raises CommandRefused.
    """
    case, office = run.record, run.record.office
    change = rounds.change
    asked = (kind, draft_sha256, issue.revision, reason)
    if change is not None and asked == (
        *(change.kind, change.draft_sha256, change.revision),
        change.reason,
    ):
        enter_change(run)
        return change
    if not rounds.is_issue_taken:
        given_up = stored_json({"layout": 1, GIVEN_UP: True})
        if run.once_announced(issue_name(rounds.number), given_up) != given_up:
            raise under_way(case)  # it was issued meanwhile
    number = rounds.number + 1
    made = Change(
        kind=kind,
        reference=case.reference,
        revision=issue.revision,
        pack=issue.pack,
        draft_sha256=draft_sha256,
        reason=reason,
        at=moment_text(office.clock()),
        actor=office.actor,
    )
    stored = Change.model_validate_json(
        run.once_announced(change_name(number), stored_json(made.model_dump(mode="json")))
    )
    if (stored.kind, stored.draft_sha256, stored.reason) != (kind, draft_sha256, reason):
        raise under_way(case)  # another was first
    enter(run, "changed", change_name(number))
    run.complete(change=str(kind), round=number)
    return stored


def enter_change(run: StepRun[Case]) -> None:
    """Name and enter the present round's order, where a crash left either undone."""
    rounds = run.record.rounds()
    if rounds.change is not None:
        run.adopt(change_name(rounds.number))
        enter(run, "changed", change_name(rounds.number))


def under_way(case: Case) -> CommandRefused:
    """Build the refusal of a change while another is on its way."""
    return CommandRefused(
        "A change of this letter is under way already.",
        where=case.reference,
        remedy=f"`letters issue {case.reference}` sends what is approved of it; then change that.",
        code="change-under-way",
    )
