"""The chain: audit entries in a store, each holding the hash of the one before.

Owns how entries are added and read by many threads and processes at once. What
an entry is, and what is wrong with a chain, is for `letters/audit.py`; that
entries were cut off its end is for the witness and the anchors outside.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from letters.audit import NO_PREVIOUS, AuditEntry, Moment, moment_text
from letters.canonical import sha256_hex
from letters.errors import LettersError
from tasks.case.store import Store, check_key
from tasks.case.witness import Witness

_ENTRY_NAME = re.compile(r"[0-9]{8}\.json")

logger = logging.getLogger(__name__)


class ChainBroken(LettersError):
    """Entries are missing that the witness has noted: nothing may be added or judged."""

    code = "chain-broken"


class Part(NamedTuple):
    """The entries of a chain from somewhere on, and the entry that they end with."""

    entries: tuple[AuditEntry, ...]
    seq: int
    sha256: str
    """Of the last entry's stored bytes, be it one of `entries` or the one before them."""
    at: Moment | None
    """When the last entry was written; None of a chain without any."""


class _End:
    """The end of one chain as this process last saw it, and the lock for adding to it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.seq = 0
        self.sha256 = NO_PREVIOUS


# One for each chain of a store, however many Chain objects there are: threads that queue
# here append three times faster than threads that lose each other's puts.
_ENDS: WeakValueDictionary[tuple[Store, str], _End] = WeakValueDictionary()
_ENDS_LOCK = Lock()


class Chain:
    """The entries `<prefix>/<8 digits>.json` of a store, from 1 without a gap.

    Who loses the create-once put of a number takes the next one, so a number is
    never given twice. Two processes that write the very same entry (same moment
    to the millisecond, actor, words and detail) after the same one share it.
    """

    def __init__(
        self,
        store: Store,
        prefix: str,
        *,
        clock: Callable[[], datetime],
        actor: str,
        witness: Witness | None = None,
    ) -> None:
        check_key(entry_key(prefix, 1))
        self._store = store
        self._prefix = prefix
        self._clock = clock
        self._actor = actor
        self._witness = witness
        with _ENDS_LOCK:
            self._end = _ENDS.setdefault((store, prefix), _End())
        self._is_found_whole = False
        self._entries: list[AuditEntry] = []
        self._parts: dict[int, Part] = {}
        self._reading = Lock()

    @property
    def prefix(self) -> str:
        """The folder of the entries; the chain's name for the witness."""
        return self._prefix

    def append(
        self,
        step: str,
        event: str,
        *,
        attempt: int = 1,
        of: int = 1,
        detail: dict[str, Any] | None = None,
    ) -> AuditEntry:
        """Add an entry, stored and synced, and return it.

        Raises ChainBroken, AuditEntryTooLarge, ValueError for a detail that is not canonical
        JSON, and the store's errors. That the witness could not note it is logged,
        not raised: the entry stands, and who tried again would write it twice.
        """
        if not self._is_found_whole:
            self._require_dense()
        with self._end.lock:
            if self._end.seq == 0:
                self._find_end()
            while True:
                entry = AuditEntry(
                    seq=self._end.seq + 1,
                    previous=self._end.sha256,
                    at=moment_text(self._clock()),
                    actor=self._actor,
                    step=step,
                    event=event,
                    attempt=attempt,
                    of=of,
                    detail=detail or {},
                )
                data = entry.to_bytes()
                if self._store.put(self._key(entry.seq), data) == data:
                    break
                self._find_end()
            self._end.seq, self._end.sha256 = entry.seq, sha256_hex(data)
            self._note(entry.seq, self._end.sha256)
        return entry

    def entries(self) -> list[AuditEntry]:
        """Return every entry, first to last; only those not yet read are fetched.

        Raises AuditEntryUnreadable. Links are not checked here: see `chain_faults`.
        """
        with self._reading:
            first = len(self._entries) + 1
            for seq, data in enumerate(self._store.series(self._key, first), start=first):
                self._entries.append(AuditEntry.from_bytes(data, where=self._key(seq)))
            return list(self._entries)

    def known_entries(self) -> list[AuditEntry]:
        """Return the entries read so far, first to last, without asking the store for more."""
        return list(self._entries)

    def part_after(self, seq: int, sha256: str = "") -> Part:
        """Read the entries after `seq`, first to last, and none of those before it.

        Each is checked to be linked to the one before; entry `seq` itself to have the hash
        `sha256`, where somebody has seen it. Of what was read before only what came since
        is read. Raises ChainBroken, also where entries are missing at the end that the
        witness has noted, and AuditEntryUnreadable.
        """
        noted = self._noted()
        with self._reading:
            part = self._parts.get(seq) or self._begun_after(seq)
            if sha256 and not part.entries and part.sha256 != sha256:
                raise self._other(seq)
            if sha256 and part.entries and part.entries[0].previous != sha256:
                raise self._other(seq)
            entries, head = list(part.entries), part.sha256
            stored = self._store.series(self._key, part.seq + 1)
            for number, data in enumerate(stored, start=part.seq + 1):
                entry = AuditEntry.from_bytes(data, where=self._key(number))
                if (entry.seq, entry.previous) != (number, head):
                    raise self._other(number)
                entries.append(entry)
                head = sha256_hex(data)
            last = seq + len(entries)
            if last < noted:
                raise self._missing(last + 1, noted)
            at = entries[-1].at if entries else part.at
            part = Part(tuple(entries), last, head, at)
            self._parts = {seq: part}
        # Nothing is missing at its end: that is what adding to it asks for.
        self._is_found_whole = True
        return part

    def last_before(self, moment: datetime) -> int:
        """Find the last entry that was written before a moment; 0 where none was.

        By halving: entries are in order of time but for what the clocks of several
        machines differ, so let the moment be that much earlier than what is looked for.
        """
        before = moment_text(moment)
        low, high = 0, self.head()[0] + 1
        while high - low > 1:
            middle = (low + high) // 2
            key = self._key(middle)
            if AuditEntry.from_bytes(self._store.get(key), where=key).at < before:
                low = middle
            else:
                high = middle
        return low

    def require_whole(self) -> None:
        """Raise ChainBroken if the witness has noted an entry that doesn't lie here any more."""
        # Read first: whoever adds meanwhile notes an entry only when it lies there.
        noted = self._noted()
        found = len(self.entries())
        if found < noted:
            raise self._missing(found + 1, noted)
        self._is_found_whole = True

    def _require_dense(self) -> None:
        """Raise ChainBroken if an entry is missing that the witness has noted; reads none.

        What is asked of a chain that is only added to. Names are listed by the thousand;
        to read all of a ledger would cost each process what all letters ever cost.
        """
        noted = self._noted()
        lying = set(self._store.list(f"{self._prefix}/")) if noted else set()
        for seq in range(1, noted + 1):
            if self._key(seq) not in lying:
                raise self._missing(seq, noted)
        self._is_found_whole = True

    def head(self) -> tuple[int, str]:
        """Return the last entry's seq and the hash of its stored bytes; 0 and zeros for none."""
        with self._end.lock:
            self._find_end()
            return self._end.seq, self._end.sha256

    def _begun_after(self, seq: int) -> Part:
        if seq == 0:
            return Part((), 0, NO_PREVIOUS, None)
        data = self._store.find(self._key(seq))
        if data is None:
            raise self._missing(seq, seq)
        entry = AuditEntry.from_bytes(data, where=self._key(seq))
        return Part((), seq, sha256_hex(data), entry.at)

    def _missing(self, seq: int, noted: int) -> ChainBroken:
        return ChainBroken(
            f"Entry {seq} of the chain is missing; there were {noted} at least.",
            where=self._key(seq),
            remedy="Touch nothing: restore the file from a backup."
            " `letters verify` names all that differs.",
        )

    def _other(self, seq: int) -> ChainBroken:
        return ChainBroken(
            f"Entry {seq} of the chain is another than was seen before, or than the next names.",
            where=self._key(seq),
            remedy="Touch nothing: restore the files from a backup."
            " `letters verify` names all that differs.",
        )

    def _find_end(self) -> None:
        """Move on to the chain's end, from where it was last seen.

        Probes at doubling distances, then halves: some 2 log2(n) questions for n new
        entries, where listing would cost all entries there ever were (the ledger
        only grows) for each process that opens the chain. It holds as the chain is
        dense. In one that has lost an entry the gap may be taken for the end; the
        entry put there can't fit the one after it, and `chain_faults` tells.
        """
        low, step = max(self._end.seq, self._known_length()), 1
        while self._store.exists(self._key(low + step)):
            low += step
            step *= 2
        high = low + step
        while high - low > 1:
            middle = (low + high) // 2
            if self._store.exists(self._key(middle)):
                low = middle
            else:
                high = middle
        if low > self._end.seq:
            self._end.sha256 = sha256_hex(self._store.get(self._key(low)))
            self._end.seq = low

    def _known_length(self) -> int:
        """Tell how much of it was read: that lies there, whoever added it."""
        read = max((part.seq for part in self._parts.values()), default=0)
        return max(len(self._entries), read)

    def _note(self, seq: int, sha256: str) -> None:
        if self._witness is None:
            return
        try:
            self._witness.note(self._prefix, seq, sha256)
        except LettersError as error:
            logger.warning("The witness did not note %s: %s", self._key(seq), error)

    def _noted(self) -> int:
        """Return how many entries the witness knows of; 0 where it can't be asked."""
        if self._witness is None:
            return 0
        try:
            return max((seq for seq, _ in self._witness.heads(self._prefix)), default=0)
        except LettersError as error:
            logger.info("The witness could not be asked about %s: %s", self._prefix, error)
            return 0

    def _key(self, seq: int) -> str:
        return entry_key(self._prefix, seq)


def entry_key(prefix: str, seq: int) -> str:
    """Return the key of an entry: `cases/…/audit/00000001.json`."""
    return f"{prefix}/{seq:08d}.json"


def stored_entries(store: Store, prefix: str) -> list[tuple[int, bytes]]:
    """Read every entry that lies under `prefix`, gaps or not, as `chain_faults` takes them."""
    start = len(prefix) + 1
    return [
        (int(key[start : start + 8]), store.get(key))
        for key in store.list(prefix)
        if _ENTRY_NAME.fullmatch(key, start)
    ]
