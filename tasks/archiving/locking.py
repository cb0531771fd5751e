"""Locks on the record: until when the store itself refuses to let which object go.

What was approved and sent is kept longest, and under compliance where the office asks
for it: then nobody can delete it before its time, by no right and no mistake. Working
papers and addresses are never under compliance, so that what must go can go. Only a
store that can lock (S3 Object Lock) is asked; holding a case back from its end is for
`holding.py`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from letters.audit import moment_text
from letters.disposal import Keeping as Keeping
from letters.kind import Retention
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.case.record import StepRun
from tasks.case.store import Lock, LockingStore

Mode = Literal["governance", "compliance"]

AT_ONCE = 8
"""Objects that are asked about side by side: each costs a few requests."""

LOCKED = "locked"
"""The event: which class was locked how, of the objects that the chain named by then."""

RUN = 50
"""Objects in a row that bear a lock: what is older than those bears one, too."""

_REVISION = re.compile(r"r[1-9]\d*")
_INTAKE = re.compile(r"(intake/[0-9a-f]{64})/.+")
_TRAIL = re.compile(r"(audit|runs)/.+")
_LATER = re.compile(
    rf"{_TRAIL.pattern}|hold-[^/]+|{_REVISION.pattern}/deliveries/[^/]+/event-[^/]+"
)

_AGAIN = re.compile(
    r"/(?:whole|authorities/[^/]+)/(?:(?:[2-9]|[1-9]\d+)/|audit/(?!0000000[123]\.))"
)
"""Of a year's reviews, what was not kept when an authority was told of first: in three entries."""


def keeping_of(name: str, revision: int) -> Keeping:
    """Tell what the object `name` of a case is kept as, of which `revision` is the issued one."""
    folder, _, within = name.partition("/")
    if _REVISION.fullmatch(folder) is None:
        return Keeping.RECORD
    if folder != f"r{revision}" or within.startswith("draft/") or within == "proof.pdf":
        return Keeping.WORKING
    return Keeping.CONTACTS if within == "recipients.json" else Keeping.RECORD


def kept_as(case: Case, key: str, revision: int) -> Keeping | None:
    """Tell as what `lock_record` locks an object; None for the trail, and for what isn't its."""
    if _INTAKE.fullmatch(key):
        return Keeping.WORKING
    name = key.removeprefix(f"{case.prefix}/")
    return None if name == key or _TRAIL.fullmatch(name) else keeping_of(name, revision)


def lock_record(run: StepRun[Case], revision: int) -> int:
    """Lock all that the case holds but its trail; return how many objects that changed.

    For when the record is committed, and again when the case is closed. What is locked long
    enough is left alone. Raises StoreRefused where the bucket or its rights don't allow it.
    """
    case = run.record
    # Before the listing: what is named by now is in it, whatever other processes add meanwhile.
    up_to, _ = case.chain.head()
    keys: defaultdict[Keeping, list[str]] = defaultdict(list)
    for key in (*map(case.key, case.names()), *intake_keys(case)):
        keeping = kept_as(case, key, revision)
        if keeping is not None:
            keys[keeping].append(key)
    changed = 0
    for keeping, lock in _locks(case, revision).items():
        count = _lock_all(case, keys[keeping], lock)
        if count:
            told = {"class": str(keeping), "mode": lock.mode, "until": moment_text(lock.until)}
            run.note(LOCKED, objects=count, revision=revision, up_to=up_to, **told)
        changed += count
    return changed


def lock_trail(case: Case, revision: int) -> int:
    """Lock the case's audit entries and its runs' histories; return how many that changed.

    For after the case's last entry. It writes none itself: that would again be unlocked.
    """
    lock = _locks(case, revision).get(Keeping.RECORD)
    keys = [case.key(name) for name in case.names() if _TRAIL.fullmatch(name)] if lock else []
    return _lock_all(case, keys, lock) if lock else 0


def lock_what_came_later(case: Case) -> int:
    """Lock what a case got after its closing: its provider's events, histories, entries."""
    closed = case.closed()
    if closed is None:
        return 0
    lock = _locks(case, closed["revision"]).get(Keeping.RECORD)
    keys = [case.key(name) for name in case.names() if _LATER.fullmatch(name)] if lock else []
    return _lock_all(case, keys, lock) if lock else 0


def lock_office(office: Office) -> int:
    """Lock what belongs to no letter and bears no lock yet; return how many objects that changed.

    Ledger, inspectors' keys, seals, anchors, disposals and annual reviews, each from the day
    it is locked, for as long as the record of any kind is kept; the provider's batches, in
    which addresses stand, as contacts are. For every night: where most bears a lock, little
    more than what is new is asked about.
    """
    asked = office.settings.archive.lock
    if asked == "none" or not isinstance(office.store, LockingStore):
        return 0
    kept = [kind.retention for kind in office.kinds.values()] or [Retention()]
    today = office.clock().date()
    wanted: tuple[tuple[Keeping, Mode, int], ...] = (
        (Keeping.RECORD, asked, max(each.record_years for each in kept)),
        (Keeping.CONTACTS, "governance", max(each.contacts_years for each in kept)),
    )
    locks = {
        keeping: Lock(mode, _years_after(today, years)) for keeping, mode, years in wanted if years
    }
    return sum(
        _lock_new(office.store, lots, locks[keeping])
        for keeping, lots in _lots(office)
        if keeping in locks
    )


def intake_keys(case: Case) -> list[str]:
    """List what lies in the intakes of the drafts that became the case."""
    places = {match[1] for key in case.recorded() if (match := _INTAKE.fullmatch(key))}
    return [key for place in sorted(places) for key in case.store.list(place)]


def _locks(case: Case, revision: int) -> dict[Keeping, Lock]:
    """Tell how each kind of object is to be locked; nothing where the office locks nothing."""
    asked = case.office.settings.archive.lock
    if asked == "none" or not isinstance(case.store, LockingStore):
        return {}
    letter = case.letter(revision)
    kind = case.office.kinds.get(letter.kind)
    kept = Retention() if kind is None else kind.retention
    # A letter may be dated back: it is kept for all its years from its commit at least.
    since = max(letter.date, _committed_on(case, revision))
    wanted: tuple[tuple[Keeping, Mode, int], ...] = (
        (Keeping.RECORD, asked, kept.record_years),
        (Keeping.WORKING, "governance", kept.working_years),
        (Keeping.CONTACTS, "governance", kept.contacts_years),
    )
    locks = {
        keeping: Lock(mode, _years_after(since, years)) for keeping, mode, years in wanted if years
    }
    now = case.office.clock()
    # No server takes a lock that would be over already.
    return {keeping: lock for keeping, lock in locks.items() if lock.until > now}


def _committed_on(case: Case, revision: int) -> date:
    """Tell on which day the record was committed, so that asked again the locks are the same."""
    manifest = case.key(f"r{revision}/manifest.json")
    for entry in case.chain.entries():
        if entry.detail.get("object") == manifest:
            return datetime.fromisoformat(entry.at).date()
    return case.office.clock().date()


def _years_after(day: date, years: int) -> datetime:
    """Return the end of the same day, `years` later."""
    try:
        last = day.replace(year=day.year + years)
    except ValueError:  # 29 February
        last = date(day.year + years, 3, 1)
    return datetime.combine(last + timedelta(days=1), time(), UTC)


def _lock_all(case: Case, keys: list[str], lock: Lock) -> int:
    store = case.store
    assert isinstance(store, LockingStore)  # noqa: S101 - `_locks` has asked

    def is_changed(key: str) -> bool:
        present = store.locked(key)
        if present == lock:
            return False
        store.lock(key, lock)
        return present is None or store.locked(key) != present

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(is_changed, keys))


def _lots(office: Office) -> Iterator[tuple[Keeping, list[list[str]]]]:
    """List the objects of each room that belong to no letter, in lots, the newest first."""
    for room in ("inspectors", "seals", "disposals"):
        yield Keeping.RECORD, [office.store.list(room)]  # in no order of time, and few
    for room in ("ledger", "anchors"):
        yield Keeping.RECORD, _in_lots(office.store.list(room))
    yield Keeping.RECORD, _in_years(office.store.list("reviews"))
    # A provider tries for a while: until then, a batch may still come to its day.
    late = timedelta(hours=office.settings.webhook.max_age_hours + 24)
    open_since = f"{office.clock() - late:%Y-%m-%d}"
    trail, days = list[str](), defaultdict[str, list[str]](list)
    for key in office.store.list("events"):
        day = key.split("/")[1]
        (trail if day == "audit" else days[min(day, open_since)]).append(key)
    yield Keeping.RECORD, _in_lots(trail)
    yield Keeping.CONTACTS, [days[day] for day in sorted(days, reverse=True)]


def _in_lots(keys: list[str]) -> list[list[str]]:
    newest_first = keys[::-1]
    return [newest_first[start : start + RUN] for start in range(0, len(keys), RUN)]


def _in_years(keys: list[str]) -> list[list[str]]:
    """Put reviews in lots by their years; what was reviewed anew of an earlier one is new, too."""
    years, newest = defaultdict[str, list[str]](list), max(keys, default="/").split("/")[1]
    for key in keys:
        years[newest if _AGAIN.search(key) else key.split("/")[1]].append(key)
    return [years[year] for year in sorted(years, reverse=True)]


def _lock_new(store: LockingStore, lots: Iterable[list[str]], lock: Lock) -> int:
    """Lock what bears no lock, back to the first RUN in a row that do."""
    bare, in_a_row = list[str](), 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for lot in lots:
            present = pool.map(store.locked, lot)
            found = [key for key, lock_ in zip(lot, present, strict=True) if lock_ is None]
            bare += found
            in_a_row = 0 if found else in_a_row + len(lot)
            if in_a_row >= RUN:
                break
        # The oldest first and never more than RUN at once: whoever is interrupted leaves no
        # gap behind so many in a row.
        oldest_first = bare[::-1]
        for start in range(0, len(bare), RUN):
            list(pool.map(lambda key: store.lock(key, lock), oldest_first[start : start + RUN]))
    return len(bare)
