"""The commit of the record: one issue, one manifest; and the closing of the case.

Closing comes in two, so that a receipt can go out in between: it names what was
closed, and the last anchor covers that it was sent.
"""

from __future__ import annotations

from letters.canonical import sha256_hex, stored_json
from letters.case import Command, CommandRefused, demand
from letters.delivery import DOUBTFUL, ENDED
from letters.errors import LettersError
from letters.recipient import send_id
from tasks.archiving.layout import left_over
from tasks.archiving.locking import lock_record, lock_trail
from tasks.case.case import Case
from tasks.case.ledger import enter, enter_last
from tasks.case.record import StepRun
from tasks.case.rounds import Issue, closing_name, issue_name
from tasks.case.store import LockingStore

LAYOUT = 1


class RecordIncomplete(LettersError):
    """Something that the record needs is not in the case, or is not what the pack names."""

    code = "record-incomplete"


def archive(run: StepRun[Case], revision: int) -> str:
    """Take the issue, write the manifest that commits the record, and return its hash.

    Raises CommandRefused where the issue was taken by another revision.
    """
    case = run.record
    folder = f"r{revision}"
    if not case.has_manifest(revision):
        demand(case.state(revision), Command.ARCHIVE, where=f"{case.reference} {folder}")
        number = take_issue(run, revision)
        run.once_announced(f"{folder}/manifest.json", _manifest(case, revision, number))
    for name in (issue_name(_issue_of(case, revision).number), f"{folder}/manifest.json"):
        run.adopt(name)
    enter(run, "archived", f"{folder}/manifest.json")
    lock_record(run, revision)
    return sha256_hex(case.get(f"{folder}/manifest.json"))


def take_issue(run: StepRun[Case], revision: int) -> int:
    """Let this revision be the one that its round issues; return the round's number.

    Whoever comes first wins.
    """
    case = run.record
    rounds = case.rounds()
    pack = case.pack(revision)
    if pack is None:
        raise RecordIncomplete("There is no pack.", where=case.key(f"r{revision}/pack.json"))
    claimed = stored_json({"layout": LAYOUT, "revision": revision, "pack": pack.sha256})
    if (taken := rounds.issue_of(revision)) is not None:
        return taken.number
    if run.once_announced(issue_name(rounds.number), claimed) != claimed:
        issue = case.issue()
        raise CommandRefused(
            f"Revision r{issue.revision if issue else '?'} of the letter is the one that is"
            " issued.",
            where=f"{case.reference} r{revision}",
            remedy=f"`letters show {case.reference}` tells how far it is.",
            code="issued-otherwise",
        )
    return rounds.number


def close(run: StepRun[Case], revision: int) -> bool:
    """Close the round when every delivery came to a good end; tell whether it did."""
    case = run.record
    issue = _issue_of(case, revision)
    name = closing_name(issue.number)
    recipients = case.recipients(revision)
    states = {r.id: case.delivery_state(revision, r) for r in recipients}
    if not all(state in ENDED and state not in DOUBTFUL for state in states.values()):
        return False
    if case.closing_of(revision) is None:
        # What runs of earlier revisions left: no further run takes those up again.
        for left in left_over(case, revision):
            run.name_object("adopted", left, case.get(left))
        run.begin()
        seq, head = case.chain.head()
        data = stored_json(
            {
                "layout": LAYOUT,
                "reference": case.reference,
                "revision": revision,
                "pack": issue.pack,
                "manifest_sha256": sha256_hex(case.get(f"r{revision}/manifest.json")),
                "case_seq": seq,
                "case_head": head,
                "deliveries": [
                    {
                        "recipient": recipient.id,
                        "send_id": send_id(case.reference, revision, recipient.email),
                        "state": str(states[recipient.id]),
                    }
                    for recipient in recipients
                ],
            }
        )
        run.once_announced(name, data)
    run.adopt(name)
    lock_record(run, revision)
    return True


def anchor(run: StepRun[Case], revision: int) -> None:
    """Enter the closing into the ledger, which anchors the case's chain to its very end.

    It is the last write of a case: the step itself writes nothing into the chain.
    Raises RecordIncomplete where the revision isn't closed.
    """
    case = run.record
    if case.closing_of(revision) is None:
        raise RecordIncomplete(
            "The case is not closed by this revision.",
            where=f"{case.reference} r{revision}",
            remedy="Run `letters issue` again.",
        )
    number = _issue_of(case, revision).number
    # An earlier round was entered before the order that began the next.
    if number == case.rounds().number:
        enter_last(case, "closed", closing_name(number))
        lock_trail(case, revision)


def _issue_of(case: Case, revision: int) -> Issue:
    """Find the issue that names a revision. Raises RecordIncomplete."""
    issue = case.rounds().issue_of(revision)
    if issue is None:
        raise RecordIncomplete(
            "No issue of the case names this revision.",
            where=f"{case.reference} r{revision}",
            remedy="Run `letters issue` again.",
        )
    return issue


def _manifest(case: Case, revision: int, number: int) -> bytes:
    """List every object of the revision with its hash, checked against the chain's.

    Where the store keeps versions, each with the id of the one that counts.
    """
    recorded = case.recorded()
    objects = []
    for name in case.names():
        folder, _, within = name.partition("/")
        # A manifest is another process's, which is a step ahead.
        if folder != f"r{revision}" or within.startswith(("deliveries/", "manifest.json")):
            continue
        data = case.get(name)
        if recorded.get(case.key(name)) != sha256_hex(data):
            raise RecordIncomplete(
                "An object of the record is not what the case's chain names.",
                where=case.key(name),
                remedy=f"Run `letters verify {case.reference}`; nothing has been sent.",
            )
        listed: dict[str, str | int] = {
            "name": name,
            "sha256": sha256_hex(data),
            "bytes": len(data),
        }
        if isinstance(case.store, LockingStore):
            listed["version"] = case.store.version(case.key(name))
        objects.append(listed)
    seq, head = case.chain.head()
    return stored_json(
        {
            "layout": LAYOUT,
            "reference": case.reference,
            "revision": revision,
            "issue": number,
            "objects": objects,
            "case_seq": seq,
            "case_head": head,
        }
    )
