"""The ledger: the office's own list of what happened to which case, chained.

Each entry names the object that made it so, and the head of the case's chain at
that moment: it anchors the case. After a crash the same event may stand twice
with the same hash; readers take the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from letters.audit import AuditEntry
from letters.canonical import sha256_hex
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.indexed_chain import IndexedChain
from tasks.case.office import Office
from tasks.case.record import ANNOUNCED, ObjectForeign, StepRun
from tasks.case.rounds import closing_name
from tasks.case.sign_offs import names_of, sign_off_name

LEDGER = "ledger"

Event = Literal[
    "opened",
    "signed",
    "confirmed",
    "returned",
    "archived",
    "closed",
    "changed",
    "recorded",
    "enrolled",
    "revoked",
    "delegated",
    "recalled",
    "invited",
    "invitation-used",
    "seal-introduced",
    "anchored",
    "held",
    "released",
    "disposal-proposed",
    "disposed",
    "disposal-completed",
    "review-begun",
    "reviewed",
]


def ledger_of(office: Office) -> IndexedChain:
    """Open the office's ledger."""
    return office.indexed_chain(LEDGER)


def enter(run: StepRun[Case], event: Event, name: str, *, with_names: Iterable[str] = ()) -> None:
    """Enter into the ledger that the case's object `name` came to be, unless it stands there.

    `with_names` are objects that made it so together with that one. The case's chain
    remembers where it stands. A crash between the two makes the entry stand twice.
    """
    case = run.record
    key = case.key(name)
    for entry in case.chain.entries():
        if entry.event == "ledgered" and entry.detail["of"] == key:
            return
    run.begin()
    entered = _write(case, event, key, [case.key(each) for each in with_names])
    run.note("ledgered", of=key, ledger_event=event, ledger_seq=entered.seq)


def enter_last(case: Case, event: Event, name: str) -> None:
    """Enter the case's last event: nothing follows in its chain, so that all of it is anchored.

    It is entered again where something followed after all: a notice that could be
    sent only later.
    """
    if not (has_last_entry(case, event, name) and _is_anchored(case)):
        _write(case, event, case.key(name))


def has_last_entry(case: Case, event: Event, name: str) -> bool:
    """Whether `enter_last` has entered the event."""
    key = case.key(name)
    since = max(
        (e.detail["ledger_seq"] for e in case.chain.entries() if e.event == "ledgered"), default=0
    )
    return any(
        entry.seq > since and entry.event == event and entry.detail.get("object") == key
        for entry in ledger_of(case.office).entries_about(case.reference)
    )


def enter_decision(run: StepRun[Case], revision: int) -> None:
    """Name a revision's sign-offs and enter them, where a crash left either undone.

    Who relies on a decision calls this: whoever took it may have died right after.
    What was laid in by hand is neither named nor entered. A letter of several
    signatories is signed when each has approved it: that is one entry, which names all
    their sign-offs, and is about the last signatory's, whoever enters it.
    """
    case = run.record
    decisions = case.decisions(revision)
    confirmations = []
    for part in decisions.parts:
        for name in names_of(revision, part):
            run.adopt(name)
        confirmations += names_of(revision, part)[1:]
    for part in decisions.returned:
        enter(run, "returned", sign_off_name(revision, part.number))
    if decisions.decision is Decision.APPROVE:
        names = [sign_off_name(revision, part.number) for part in decisions.parts]
        enter(run, "signed", names[-1], with_names=names if decisions.is_joint else ())
    for name in confirmations:
        enter(run, "confirmed", name)


def keep_and_enter(office: Office, event: Event, key: str, data: bytes, **detail: Any) -> bytes:
    """Store an object that belongs to no case, enter it, and return what is stored.

    It is announced first, as a step's start is in a case's chain. Raises
    ObjectForeign where something lies in its place that nobody announced.
    """
    ledger = ledger_of(office)
    if office.store.find(key) is None:
        told = {"sha256": sha256_hex(data), "of": event, "key": key}
        ledger.append("ledger", ANNOUNCED, detail=told)
    stored = office.store.put(key, data)
    sha256 = sha256_hex(stored)
    if not any(e.detail.get("object") == key for e in ledger.entries_of(event)):
        if not any(
            (e.detail.get("key"), e.detail.get("sha256")) == (key, sha256)
            for e in ledger.entries_of(ANNOUNCED)
        ):
            raise ObjectForeign(
                "Something lies here that was laid in by hand: the ledger knows nothing of it.",
                where=key,
                remedy="Find out who did it, take the file away, and do this again.",
            )
        ledger.append("ledger", event, detail={**detail, "object": key, "sha256": sha256})
    return stored


def is_finished(case: Case, revision: int) -> bool:
    """Whether the round that issued a revision is closed, and the ledger knows.

    Of the present round that is the case's last event; an earlier one was entered before the
    order that began the next.
    """
    rounds = case.rounds()
    issue = rounds.issue_of(revision)
    if issue is None or rounds.closing(issue.number) is None:
        return False
    is_earlier = issue.number < rounds.number
    return is_earlier or has_last_entry(case, "closed", closing_name(issue.number))


def _is_anchored(case: Case) -> bool:
    """Whether the ledger has seen the case's chain to its end."""
    seen = [
        (entry.detail["case_seq"], entry.detail["case_head"])
        for entry in ledger_of(case.office).entries_about(case.reference)
    ]
    return case.chain.head() in seen


def _write(case: Case, event: Event, key: str, together: Iterable[str] = ()) -> AuditEntry:
    seq, head = case.chain.head()
    detail: dict[str, Any] = {
        "reference": case.reference,
        **_named(case, key),
        "case_seq": seq,
        "case_head": head,
    }
    objects = [_named(case, each) for each in together]
    if objects:
        detail["objects"] = objects
    return ledger_of(case.office).append("ledger", event, detail=detail)


def _named(case: Case, key: str) -> dict[str, str]:
    return {"object": key, "sha256": sha256_hex(case.store.get(key))}
