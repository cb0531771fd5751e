"""The ledger: the office's own list of what happened to which case, chained.

Each entry names the object that made it so, and the head of the case's chain at
that moment: it anchors the case. After a crash the same event may stand twice
with the same hash; readers take the first.
"""

from __future__ import annotations

from typing import Any, Literal

from letters.audit import AuditEntry
from letters.canonical import sha256_hex
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.chain import Chain
from tasks.case.office import Office
from tasks.case.record import StepRun

LEDGER = "ledger"

ANNOUNCED = "announced"
"""The event before an object of no case is stored: without it, one that lies there is foreign."""

Event = Literal["opened", "signed", "returned", "archived", "closed", "enrolled", "revoked"]


def ledger_of(office: Office) -> Chain:
    """Open the office's ledger."""
    return office.chain(LEDGER)


def enter(run: StepRun[Case], event: Event, name: str) -> None:
    """Enter into the ledger that the case's object `name` came to be, unless it stands there.

    The case's chain remembers where it stands. A crash between the two makes the
    entry stand twice.
    """
    case = run.record
    key = case.key(name)
    for entry in case.chain.entries():
        if entry.event == "ledgered" and entry.detail["of"] == key:
            return
    run.begin()
    entered = _write(case, event, key)
    run.note("ledgered", of=key, ledger_event=event, ledger_seq=entered.seq)


def enter_last(case: Case, event: Event, name: str) -> None:
    """Enter the case's last event: nothing follows in its chain, so that all of it is anchored."""
    key = case.key(name)
    since = max(
        (e.detail["ledger_seq"] for e in case.chain.entries() if e.event == "ledgered"), default=0
    )
    for entry in ledger_of(case.office).entries():
        if entry.seq > since and entry.event == event and entry.detail.get("object") == key:
            return
    _write(case, event, key)


def enter_decision(run: StepRun[Case], revision: int) -> None:
    """Name a revision's sign-off and enter it, where there is one and a crash left either undone.

    Who relies on a decision calls this: whoever took it may have died right after.
    """
    name = f"r{revision}/signoff.json"
    sign_off = run.record.sign_off(revision)
    if sign_off is not None:
        run.adopt(name)
        is_approval = sign_off.statement.decision is Decision.APPROVE
        enter(run, "signed" if is_approval else "returned", name)


def keep_and_enter(office: Office, event: Event, key: str, data: bytes, **detail: Any) -> bytes:
    """Store an object that belongs to no case, enter it, and return what is stored.

    It is announced first, as a step's start is in a case's chain.
    """
    ledger = ledger_of(office)
    if office.store.find(key) is None:
        ledger.append("ledger", ANNOUNCED, detail={"sha256": sha256_hex(data), "of": event})
    stored = office.store.put(key, data)
    if not any(e.event == event and e.detail.get("object") == key for e in ledger.entries()):
        ledger.append(
            "ledger", event, detail={**detail, "object": key, "sha256": sha256_hex(stored)}
        )
    return stored


def _write(case: Case, event: Event, key: str) -> AuditEntry:
    seq, head = case.chain.head()
    return ledger_of(case.office).append(
        "ledger",
        event,
        detail={
            "reference": case.reference,
            "object": key,
            "sha256": sha256_hex(case.store.get(key)),
            "case_seq": seq,
            "case_head": head,
        },
    )
