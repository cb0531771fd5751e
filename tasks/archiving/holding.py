"""Legal hold: the store lets go of no object of a case, whatever its retention, until released.

Each hold and each release is an object with its reason, named in the case's chain and
entered into the ledger. Only a store that can lock (S3 Object Lock) can hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from letters.audit import AuditEntry, moment_text
from letters.canonical import stored_json
from letters.errors import UsageError
from tasks.archiving.layout import HOLDING
from tasks.archiving.locking import AT_ONCE, intake_keys
from tasks.case.case import Case
from tasks.case.ledger import Event, enter_last
from tasks.case.record import StepRun, attempt_step
from tasks.case.store import LockingStore

LAYOUT = 1
LONGEST_WHY = 2000
"""Characters."""


def hold(case: Case, *, is_held: bool, why: str) -> int:
    """Hold or release every object of a case; return how many that changed.

    Holding once more takes in what came since. The reason stays in the object of the hold;
    the chain has only its hash. Raises UsageError: hold-impossible, not-held, why-missing,
    why-too-long; and StoreRefused.
    """
    store, why = _locking(case), why.strip()
    if not why or len(why) > LONGEST_WHY:
        raise UsageError(
            f"The reason has {len(why)} characters; 1 to {LONGEST_WHY} are allowed.",
            remedy="Say who asks for it, and with what right; an auditor will read it.",
            code="why-too-long" if why else "why-missing",
        )
    if not is_held and not is_on_hold(case):
        raise UsageError(
            f"{case.reference} is not held.",
            remedy="`letters show` tells how it stands.",
            code="not-held",
        )
    run = StepRun(case, HOLDING)
    changed = attempt_step(run, _hold, lambda _: None, store, is_held, why)
    enter_last(case, _event(is_held), holds(case)[-1][0])
    # The entries about it are held, too.
    _set_all(case, store, is_held)
    return changed


def is_on_hold(case: Case) -> bool:
    """Whether the case's last word is that it is held."""
    return hold_in_force(case) is not None


def hold_in_force(case: Case) -> str | None:
    """Name the hold that the case is on, if it is on any."""
    found = holds(case)
    return found[-1][0] if found and found[-1][1]["is_held"] else None


def up_to_told(entries: Iterable[AuditEntry], key: str) -> int:
    """Tell up to which entry the hold or release `key` covers all that the chain names; or 0."""
    told = (
        entry.detail["up_to"]
        for entry in entries
        if entry.detail.get("of") == key and "up_to" in entry.detail
    )
    return max(told, default=0)


def holds(case: Case) -> list[tuple[str, dict[str, Any]]]:
    """Read the holds and releases of a case, in order, each with its object's name."""
    found: list[tuple[str, dict[str, Any]]] = []
    while True:
        name = f"hold-{len(found) + 1}.json"
        data = case.find_vouched(name)
        if data is None:
            return found
        found.append((name, json.loads(data)))


def _hold(run: StepRun[Case], store: LockingStore, is_held: bool, why: str) -> int:
    case = run.record
    if is_on_hold(case) == is_held:
        name = holds(case)[-1][0]
        run.adopt(name)
    else:
        name = f"hold-{len(holds(case)) + 1}.json"
        told = {
            "layout": LAYOUT,
            "reference": case.reference,
            "is_held": is_held,
            "why": why,
            "at": moment_text(case.office.clock()),
            "actor": case.office.actor,
        }
        run.once_announced(name, stored_json(told))
    # Before the listing: what is named by now is in it.
    up_to, _ = case.chain.head()
    changed = _set_all(case, store, is_held)
    told = {"of": case.key(name), "up_to": up_to}
    if changed or not up_to_told(case.chain.entries(), case.key(name)):
        run.note(_event(is_held), objects=changed, **told)
    return changed


def _set_all(case: Case, store: LockingStore, is_held: bool) -> int:
    def is_changed(key: str) -> bool:
        if store.is_held(key) == is_held:
            return False
        store.hold(key, is_held)
        return True

    keys = [*(case.key(name) for name in case.names()), *intake_keys(case)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(is_changed, keys))


def _event(is_held: bool) -> Event:
    return "held" if is_held else "released"


def _locking(case: Case) -> LockingStore:
    if not isinstance(case.store, LockingStore):
        raise UsageError(
            "The office's archive is a folder, and a folder can't hold anything: whoever may"
            " write it may delete it.",
            where=case.reference,
            remedy="Copy the case to where it is safe: `letters export` makes a bag of it. An"
            " archive on S3 with Object Lock can hold.",
            code="hold-impossible",
        )
    return case.store
