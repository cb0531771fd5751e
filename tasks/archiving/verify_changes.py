"""Verification of a case's changes: each order, what it changes, and the letter that says so."""

from __future__ import annotations

from letters.change import Change
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.case.case import Case
from tasks.case.record import announced_in
from tasks.case.rounds import Rounds, change_name, issue_name


def check_changes(case: Case, chain: VerifiedChain, found: Findings) -> None:
    """Check that every issue but the first was ordered, and replaces what the order names."""
    known = {key for key, _ in (*chain.named_objects(), *announced_in(chain.entries))}
    if not any(key.startswith(case.key("change-")) for key in known):
        return
    try:
        rounds = case.rounds()
        for number, change in rounds.changes.items():
            for message in _wrong(case, rounds, number, change):
                key = case.key(change_name(number))
                found.differ("manifest", "pack-differs", key, message)
    # Whatever an altered object makes our readers raise is one more finding.
    except Exception as error:
        told = str(error).partition("\n")[0] or type(error).__name__
        found.differ("manifest", "unreadable", case.key(change_name(2)), told)


def _wrong(case: Case, rounds: Rounds, number: int, change: Change) -> list[str]:
    wrong = []
    changed = rounds.issue_of(change.revision)
    if change.reference != case.reference:
        wrong.append("It is of another letter.")
    if changed is None or changed.pack != change.pack or changed.number >= number:
        wrong.append("It changes what was never issued.")
    issue = next((each for each in rounds.issues if each.number == number), None)
    if issue is not None and not change.is_answered_by(case.letter(issue.revision), issue.revision):
        wrong.append(
            f"The letter that {issue_name(number)} names doesn't say that it replaces this one."
        )
    return wrong
