"""The order that begins a case's next round: announced, kept, and entered into the ledger."""

from __future__ import annotations

from letters.audit import moment_text
from letters.canonical import stored_json
from letters.case import CommandRefused
from letters.change import Change, ChangeKind
from tasks.case.case import Case
from tasks.case.ledger import enter
from tasks.case.record import StepRun
from tasks.case.rounds import Issue, change_name


def order(
    run: StepRun[Case], kind: ChangeKind, issue: Issue, draft_sha256: str | None, reason: str
) -> Change:
    """Begin a round that changes what `issue` names; ordered again it is the same order.

    Raises CommandRefused where another change was first.
    """
    case, office = run.record, run.record.office
    rounds = case.rounds()
    change = rounds.change
    asked = (kind, draft_sha256, issue.revision)
    if change is not None and (change.kind, change.draft_sha256, change.revision) == asked:
        run.adopt(change_name(rounds.number))
        enter(run, "changed", change_name(rounds.number))
        return change
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
    if (stored.kind, stored.draft_sha256) != (kind, draft_sha256):
        raise under_way(case)  # another was first
    enter(run, "changed", change_name(number))
    run.complete(change=str(kind), round=number)
    return stored


def under_way(case: Case) -> CommandRefused:
    """Build the refusal of a change while another is on its way."""
    return CommandRefused(
        "A change of this letter is under way already.",
        where=case.reference,
        remedy=f"`letters show {case.reference}` tells how far it is; let it be issued or"
        " returned first.",
        code="change-under-way",
    )
