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
        take_issue(run, revision)
        run.once_announced(f"{folder}/manifest.json", _manifest(case, revision))
    for name in ("issue-1.json", f"{folder}/manifest.json"):
        run.adopt(name)
    enter(run, "archived", f"{folder}/manifest.json")
    lock_record(run, revision)
    return sha256_hex(case.get(f"{folder}/manifest.json"))


def take_issue(run: StepRun[Case], revision: int) -> None:
    """Let this revision be the one that is issued. Whoever comes first wins."""
    case = run.record
    pack = case.pack(revision)
    if pack is None:
        raise RecordIncomplete("There is no pack.", where=case.key(f"r{revision}/pack.json"))
    claimed = stored_json({"layout": LAYOUT, "revision": revision, "pack": pack.sha256})
    if run.once_announced("issue-1.json", claimed) != claimed:
        issue = case.issue() or {}
        raise CommandRefused(
            f"Revision r{issue.get('revision')} of the letter is the one that is issued.",
            where=f"{case.reference} r{revision}",
            remedy=f"`letters show {case.reference}` tells how far it is.",
            code="issued-otherwise",
        )


def close(run: StepRun[Case], revision: int) -> bool:
    """Put `closed.json` when every delivery came to a good end; tell whether it did."""
    case = run.record
    recipients = case.recipients(revision)
    states = {r.id: case.delivery_state(revision, r) for r in recipients}
    if not all(state in ENDED and state not in DOUBTFUL for state in states.values()):
        return False
    if case.closed() is None:
        # What runs of earlier revisions left: no further run takes those up again.
        for name in left_over(case, revision):
            run.name_object("adopted", name, case.get(name))
        run.begin()
        seq, head = case.chain.head()
        data = stored_json(
            {
                "layout": LAYOUT,
                "reference": case.reference,
                "revision": revision,
                "pack": (case.issue() or {})["pack"],
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
        run.once_announced("closed.json", data)
    run.adopt("closed.json")
    lock_record(run, revision)
    return True


def anchor(run: StepRun[Case], revision: int) -> None:
    """Enter the closing into the ledger, which anchors the case's chain to its very end.

    It is the last write of a case: the step itself writes nothing into the chain.
    Raises RecordIncomplete where the revision isn't closed.
    """
    case = run.record
    if (case.closed() or {}).get("revision") != revision:
        raise RecordIncomplete(
            "The case is not closed by this revision.",
            where=f"{case.reference} r{revision}",
            remedy="Run `letters issue` again.",
        )
    enter_last(case, "closed", "closed.json")
    lock_trail(case, revision)


def _manifest(case: Case, revision: int) -> bytes:
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
            "issue": 1,
            "objects": objects,
            "case_seq": seq,
            "case_head": head,
        }
    )
