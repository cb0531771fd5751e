"""A chain with an index on this machine: nobody reads all of the ledger for one letter.

The ledger grows with every letter, for ever. The index says where entries stand, by their event
and their letter; what an entry says is read from the store, and compared with the hash it had
when it was indexed. So a forged or spoilt index can hide entries from this machine's runs, and
can make up none. `latest_of` alone takes the index at its word: it tells where a person or a
run is to look, and who does looks at the case. Verification never asks it. It is a cache
(`tasks.case.cache`), is written only where many entries are new, and where it can't be used
the chain is read from its beginning.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

from letters.audit import AuditEntry
from letters.canonical import sha256_hex
from tasks.case.cache import WAIT_SECONDS, forget_cache, open_cache
from tasks.case.chain import Chain
from tasks.case.store import Store
from tasks.case.witness import Witness

if TYPE_CHECKING:
    import sqlite3

EVERY = 200
"""Entries that came since it was written, after which it is brought up to date."""

LAYOUT = 1

_TABLES = """
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY, sha256 TEXT NOT NULL,
    event TEXT NOT NULL, reference TEXT NOT NULL, at TEXT NOT NULL
);
CREATE INDEX by_event ON entries (event, reference);
CREATE INDEX by_reference ON entries (reference)
"""
_END = "SELECT seq, sha256 FROM entries ORDER BY seq DESC LIMIT 1"
_LAST = "SELECT COALESCE(MAX(seq), 0) FROM entries"
_OF = "SELECT seq, sha256 FROM entries WHERE seq <= ? AND event IN (%s) ORDER BY seq"
_ABOUT = "SELECT seq, sha256 FROM entries WHERE seq <= ? AND reference = ? ORDER BY seq"
# SQLite gives the other columns of the row that has the maximum.
_LATEST = """
SELECT reference, event, at, MAX(seq) FROM entries
WHERE seq <= ? AND event IN (%s) AND reference <> '' GROUP BY reference
"""
_ADD = "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?)"

log = logging.getLogger(__name__)


class Latest(NamedTuple):
    """The last entry about a letter, of the events that were asked for."""

    event: str
    at: str
    """The moment as the entry tells it."""


class IndexedChain(Chain):
    """A chain whose entries are asked for by their events, at a cost that doesn't grow with it."""

    def __init__(
        self,
        store: Store,
        prefix: str,
        *,
        clock: Callable[[], datetime],
        actor: str,
        index: Path,
        witness: Witness | None = None,
    ) -> None:
        super().__init__(store, prefix, clock=clock, actor=actor, witness=witness)
        self._index = index
        self._is_index_used = True
        self._has_begun = False
        self._indexed = 0
        """Up to which entry this process relies on the index; what comes after is `_newer`."""
        self._newer: list[AuditEntry] = []
        self._newer_hashes: list[str] = []
        self._known: dict[int, AuditEntry] = {}
        """Entries that were looked up and read."""
        self._asking = RLock()

    def entries_of(self, *events: str) -> list[AuditEntry]:
        """Return the entries of some events, first to last, and read few others.

        Raises ChainBroken where one is gone or another than was indexed, and
        AuditEntryUnreadable.
        """
        rows, newer = self._found(_OF % _marks(events), events)
        return [e for e in (*map(self._as_indexed, rows), *newer) if e.event in events]

    def entries_about(self, reference: str) -> list[AuditEntry]:
        """Return the entries about one letter, first to last. Raises as `entries_of`."""
        rows, newer = self._found(_ABOUT, (reference,))
        return [e for e in (*map(self._as_indexed, rows), *newer) if _reference(e) == reference]

    def latest_of(self, *events: str) -> dict[str, Latest]:
        """Map each letter that entries of these events are about to the last of them."""
        rows, newer = self._found(_LATEST % _marks(events), events)
        latest = {reference: Latest(event, at) for reference, event, at, _ in rows}
        for entry in newer:
            if entry.event in events and (reference := _reference(entry)):
                latest[reference] = Latest(entry.event, entry.at)
        return latest

    def leave_index(self) -> None:
        """Read all of the chain from now on: what is to be proven rests on no cache."""
        with self._asking:
            self._has_begun, self._is_index_used = True, False
            self._begin_at(0)

    def _require_dense(self) -> None:
        with self._asking:
            self._begin()
            if not self._indexed:
                super()._require_dense()
                return
            # What is indexed was there, and its last entry is: the end is what can be cut off.
            noted = self._noted()
            self._read_on()
            if (found := self._known_length()) < noted:
                raise self._missing(found + 1, noted)
            self._is_found_whole = True

    def _known_length(self) -> int:
        return max(super()._known_length(), self._indexed + len(self._newer))

    def _found(self, query: str, told: Sequence[str]) -> tuple[list[Any], list[AuditEntry]]:
        """Look rows up in the index; give all entries that it hasn't, as of the same moment."""
        with self._asking:
            self._begin()
            self._read_on()
            rows: list[Any] = []
            try:
                if len(self._newer) >= EVERY and self._is_index_used:
                    self._index_newer()
                if self._indexed:
                    rows = self._looked_up(query, told)
            except _errors() as error:
                self._give_up(error)
                self._read_on()
            return rows, list(self._newer)

    def _looked_up(self, query: str, told: Sequence[str]) -> list[Any]:
        with closing(self._opened()) as cache:
            cache.execute("BEGIN")  # one state of it for both questions
            self._require_begun(cache)
            return cache.execute(query, (self._indexed, *told)).fetchall()

    def _begin(self) -> None:
        """Rely on what is indexed, unless it is of another chain: a restored archive's."""
        if self._has_begun:
            return
        self._has_begun = True
        if not self._index.exists():
            return
        try:
            with closing(self._opened()) as cache:
                end = cache.execute(_END).fetchone()
            stored = None if end is None else self._store.find(self._key(end[0]))
            if stored is not None and sha256_hex(stored) == end[1]:
                self._begin_at(end[0])
            elif end is not None:
                forget_cache(self._index)
        except _errors() as error:
            self._give_up(error)

    def _begin_at(self, seq: int) -> None:
        self._indexed, self._newer, self._newer_hashes = seq, [], []

    def _read_on(self) -> None:
        first = self._indexed + len(self._newer) + 1
        for seq, data in enumerate(self._store.series(self._key, first), start=first):
            self._newer.append(AuditEntry.from_bytes(data, where=self._key(seq)))
            self._newer_hashes.append(sha256_hex(data))

    def _index_newer(self) -> None:
        rows = [
            (seq, sha256, entry.event, _reference(entry), entry.at)
            for seq, (entry, sha256) in enumerate(
                zip(self._newer, self._newer_hashes, strict=True), start=self._indexed + 1
            )
        ]
        with closing(self._opened()) as cache:
            cache.execute("BEGIN IMMEDIATE")
            self._require_begun(cache)
            cache.executemany(_ADD, rows)
            cache.execute("COMMIT")
        self._begin_at(self._indexed + len(rows))

    def _give_up(self, error: Exception) -> None:
        """Read all of the chain from now on; who comes next begins the index anew."""
        log.warning("The index of %s can't be used: %s", self.prefix, error)
        self._is_index_used = False
        self._begin_at(0)
        if not _is_in_use(error):
            with suppress(OSError):
                forget_cache(self._index)

    def _require_begun(self, cache: sqlite3.Connection) -> None:
        """Raise ValueError where another process has begun the index anew since.

        Whoever adds rows begins at most one after the last, so that none is missing in between.
        """
        if cache.execute(_LAST).fetchone()[0] < self._indexed:
            raise ValueError("it was begun anew, and has not all that was indexed")

    def _as_indexed(self, row: tuple[int, str]) -> AuditEntry:
        seq, sha256 = row
        if (known := self._known.get(seq)) is not None:
            return known
        key = self._key(seq)
        data = self._store.find(key)
        if data is None:
            raise self._missing(seq, self._indexed)
        if sha256_hex(data) != sha256:
            raise self._other(seq)
        return self._known.setdefault(seq, AuditEntry.from_bytes(data, where=key))

    def _opened(self) -> sqlite3.Connection:
        return open_cache(self._index, layout=LAYOUT, tables=_TABLES, wait_seconds=WAIT_SECONDS)


def _marks(told: Sequence[str]) -> str:
    return ", ".join("?" * len(told))


def _reference(entry: AuditEntry) -> str:
    return str(entry.detail.get("reference", ""))


def _errors() -> tuple[type[Exception], ...]:
    """List what an index raises that can't be used, or holds what was never put there."""
    import sqlite3  # most commands read a short ledger and need none

    return sqlite3.Error, OSError, TypeError, ValueError


def _is_in_use(error: Exception) -> bool:
    import sqlite3

    return getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
