"""Verification of locks and legal holds: the store still keeps what the chain says it keeps.

Judged by what the chain told when it was done, never by today's settings, and only of what
it named by then: the trail grows on, and what came later is locked by nightly slices. How
objects are locked and held is for `locking.py` and `holding.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from letters.errors import TransientError
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.archiving.holding import hold_in_force, up_to_told
from tasks.archiving.locking import AT_ONCE, LOCKED, kept_as
from tasks.case.case import Case
from tasks.case.store import Lock, LockingStore, ObjectMissing


def check_locks(case: Case, chain: VerifiedChain, found: Findings) -> None:
    """Check that the objects of a case are locked and held at least as its chain tells."""
    if not isinstance(case.store, LockingStore):
        return
    try:
        _check_locks(case, case.store, chain, found)
        _check_hold(case, case.store, chain, found)
    except TransientError:
        raise
    # Whatever an altered object makes our readers raise is one more finding.
    except Exception as error:
        message = str(error).partition("\n")[0] or type(error).__name__
        found.differ("locks", "unreadable", case.prefix, message)


def _check_locks(case: Case, store: LockingStore, chain: VerifiedChain, found: Findings) -> None:
    told, now = _told(case, chain), case.office.clock()
    # One that is over keeps nothing any more.
    in_force = {key: [lock for lock in locks if lock.until > now] for key, locks in told.items()}

    def fault_of(key: str) -> str:
        present = store.locked(key)
        lacking = [lock for lock in in_force[key] if present is None or not present.covers(lock)]
        is_now = "not locked" if present is None else f"locked {_words(present)}"
        return f"It is {is_now}; the chain says: {_words(lacking[-1])}." if lacking else ""

    for key, fault in _faults([key for key, locks in in_force.items() if locks], fault_of, found):
        found.differ("locks", "not-locked", key, fault)


def _check_hold(case: Case, store: LockingStore, chain: VerifiedChain, found: Findings) -> None:
    name = hold_in_force(case)
    if name is None:
        return
    up_to = up_to_told(chain.entries, case.key(name))
    keys = [key for key, seq in _named(case, chain).items() if seq <= up_to]
    fault = "It is not held; the chain says that the case is on legal hold."
    faults = _faults(keys, lambda key: "" if store.is_held(key) else fault, found)
    # It may have been released meanwhile, which the chain says before it is done.
    if faults and hold_in_force(case) == name:
        for key, message in faults:
            found.differ("locks", "not-locked", key, message)


def _told(case: Case, chain: VerifiedChain) -> dict[str, list[Lock]]:
    """List for each object the locks that the chain says it was given."""
    named = _named(case, chain)
    locks: defaultdict[str, list[Lock]] = defaultdict(list)
    for entry in chain.entries:
        match entry.detail:
            case {
                "class": str(keeping),
                "mode": ("governance" | "compliance") as mode,
                "until": str(until),
                "revision": int(revision),
                "up_to": int(up_to),
            } if entry.event == LOCKED:
                lock = Lock(mode, datetime.fromisoformat(until))
                for key, seq in named.items():
                    if seq <= up_to and kept_as(case, key, revision) == keeping:
                        locks[key].append(lock)
    return dict(locks)


def _named(case: Case, chain: VerifiedChain) -> dict[str, int]:
    """Map each object of the case and its intakes to the first entry that names it."""
    named: dict[str, int] = {}
    for entry in chain.entries:
        key = entry.detail.get("object")
        if isinstance(key, str) and key.startswith((f"{case.prefix}/", "intake/")):
            named.setdefault(key, entry.seq)
    return named


def _faults(
    keys: Iterable[str], fault_of: Callable[[str], str], found: Findings
) -> list[tuple[str, str]]:
    def ask(key: str) -> tuple[str, str]:
        try:
            return key, fault_of(key)
        except ObjectMissing:  # the hashes tell that
            return key, ""

    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [*pool.map(ask, keys)]
    found.checked["locks"] += len(asked)
    return [(key, fault) for key, fault in asked if fault]


def _words(lock: Lock) -> str:
    return f"under {lock.mode} until {lock.until:%F}"
