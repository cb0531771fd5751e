"""A chain with an index on this machine: nobody reads all of the ledger for one letter.

The ledger grows with every letter, for ever. The index says where entries stand, by their event
and their letter; what an entry says is read from the store, and compared with the hash it had
when it was indexed. Where they differ the chain is read, and decides. So a forged or spoilt
index can hide entries from this machine's runs, and can neither make up any nor stop a run.
`latest_of` alone takes the index at its word, where that can be true: it tells where a person
or a run is to look, and who does looks at the case. Verification never asks it. It is a cache
(`tasks.case.cache`), is written only where many entries are new, and where it can't be used
the chain is read from its beginning.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from letters.audit import NO_PREVIOUS, AuditEntry, is_moment
from letters.canonical import sha256_hex
from letters.letter import REFERENCE_PATTERN
from tasks.case.cache import WAIT_SECONDS, boot, forget_cache, is_sound, open_cache
from tasks.case.chain import Chain
from tasks.case.store import Store
from tasks.case.witness import Witness

if TYPE_CHECKING:
    import sqlite3

EVERY = 200
"""Entries that came since it was written, after which it is brought up to date."""

LAYOUT = 2

_TABLES = """
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY, sha256 TEXT NOT NULL,
    event TEXT NOT NULL, reference TEXT NOT NULL, at TEXT NOT NULL
);
CREATE INDEX by_event ON entries (event, reference);
CREATE INDEX by_reference ON entries (reference);
CREATE TABLE checked (occasion TEXT NOT NULL);
INSERT INTO checked VALUES ('')
"""
_COUNTED = """
SELECT (SELECT MIN(seq) FROM entries), (SELECT MAX(seq) FROM entries),
    (SELECT COUNT(*) FROM entries NOT INDEXED),
    (SELECT COUNT(*) FROM entries INDEXED BY by_event WHERE event >= ''),
    (SELECT COUNT(*) FROM entries INDEXED BY by_reference WHERE reference >= '')
"""
_CHECKED = "SELECT occasion FROM checked"
_NOTE = "UPDATE checked SET occasion = ?"
_END = "SELECT seq, sha256 FROM entries ORDER BY seq DESC LIMIT 1"
_LAST = "SELECT COALESCE(MAX(seq), 0) FROM entries"
_HASH = "SELECT sha256 FROM entries WHERE seq = ?"
_OF = "SELECT seq, sha256 FROM entries WHERE seq BETWEEN 1 AND ? AND event IN (%s) ORDER BY seq"
_ABOUT = "SELECT seq, sha256 FROM entries WHERE seq BETWEEN 1 AND ? AND reference = ? ORDER BY seq"
# SQLite gives the other columns of the row that has the maximum.
_LATEST = """
SELECT reference, event, at, MAX(seq), sha256 FROM entries
WHERE seq BETWEEN 1 AND ? AND event IN (%s) AND reference <> '' GROUP BY reference
"""
_ADD = "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?)"

T = TypeVar("T")

log = logging.getLogger(__name__)


class Spoilt(ValueError):
    """The index holds what was never put there, or lacks what was."""


class BegunAnew(ValueError):
    """Another process has begun the index anew since this one relies on it."""


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
        self._indexed_sha256 = NO_PREVIOUS
        """Of that entry, as the archive had it."""
        self._newer: list[AuditEntry] = []
        self._newer_hashes: list[str] = []
        self._known: dict[int, AuditEntry] = {}
        """Entries that were looked up and read."""
        self._asking = RLock()

    def entries_of(self, *events: str) -> list[AuditEntry]:
        """Return the entries of some events, first to last, and read few others.

        Raises ChainBroken where one is another than was indexed, and the chain isn't whole
        either; AuditEntryUnreadable.
        """
        found, newer = self._asked(_OF % _marks(events), events, self._as_indexed)
        return [entry for entry in (*found, *newer) if entry.event in events]

    def entries_about(self, reference: str) -> list[AuditEntry]:
        """Return the entries about one letter, first to last. Raises as `entries_of`."""
        found, newer = self._asked(_ABOUT, (reference,), self._as_indexed)
        return [entry for entry in (*found, *newer) if _reference(entry) == reference]

    def latest_of(self, *events: str) -> dict[str, Latest]:
        """Map each letter that entries of these events are about to the last of them."""
        told, newer = self._asked(_LATEST % _marks(events), events, self._as_told)
        latest = dict(told)
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

    def _asked(
        self, query: str, told: Sequence[str], read: Callable[[Any], T]
    ) -> tuple[list[T], list[AuditEntry]]:
        """Look rows up and read each; give all entries too that the index hasn't.

        Where a row isn't as the archive has it, those are all there are.
        """
        rows, newer = self._found(query, told)
        try:
            return [read(row) for row in rows], newer
        except Spoilt as fault:
            return [], self._read_whole(fault)

    def _read_whole(self, fault: Spoilt) -> list[AuditEntry]:
        """Find out whether index or archive is at fault: read all of the chain, and its links.

        Raises ChainBroken if it is the archive; the index is left then, as it tells what was
        there.
        """
        with self._asking:
            reading = Chain(
                self._store,
                self.prefix,
                clock=self._clock,
                actor=self._actor,
                witness=self._witness,
            )
            part = reading.part_after(0)
            if part.seq < self._indexed:
                raise self._missing(part.seq + 1, self._indexed)
            hashes = [NO_PREVIOUS, *(entry.previous for entry in part.entries[1:]), part.sha256]
            if hashes[self._indexed] != self._indexed_sha256:
                raise self._other(self._indexed)
            self._give_up(fault)
            self._newer, self._newer_hashes = list(part.entries), hashes[1:]
            return list(part.entries)

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
        """Rely on what is indexed, unless it is damaged, or of another chain: a restored archive's.

        Then the index is begun anew.
        """
        if self._has_begun:
            return
        try:
            if self._index.exists():
                self._begin_on_index()
        except Spoilt as fault:
            log.warning("The index of %s is begun anew: %s", self.prefix, fault)
            self._forget()
        except _errors() as error:
            self._give_up(error)
        self._has_begun = True

    def _begin_on_index(self) -> None:
        with closing(self._opened()) as cache:
            seq, sha256 = self._sound_end(cache)
        if seq:
            stored = self._store.find(self._key(seq))
            if stored is None or sha256_hex(stored) != sha256:
                raise Spoilt(f"entry {seq} is another than the archive's")
        self._begin_at(seq, sha256)

    def _sound_end(self, cache: sqlite3.Connection) -> tuple[int, str]:
        """Tell the last entry's number and hash; 0 of an index without any. Raises Spoilt.

        Rows are counted by each process: 2 ms of 20,000 entries, 8 of 100,000. To compare each
        row with what the indexes name takes 20 ms, and 180 of 100,000: no letter should pay
        that. So it is done once a day, and after each start of the machine, before which the
        power may have failed.
        """
        cache.execute("BEGIN")
        first, last, *counts = cache.execute(_COUNTED).fetchone()
        if (first or 1, {*counts}) != (1, {last or 0}):
            raise Spoilt("rows are missing")
        end: tuple[int, str] = cache.execute(_END).fetchone() or (0, NO_PREVIOUS)
        cache.execute("COMMIT")
        occasion = f"{self._clock():%Y-%m-%d} {boot()}".strip()
        if cache.execute(_CHECKED).fetchone() != (occasion,):
            if not is_sound(cache):
                raise Spoilt("its parts contradict each other")
            self._note_checked(cache, occasion)
        return end

    def _note_checked(self, cache: sqlite3.Connection, occasion: str) -> None:
        import sqlite3

        with suppress(sqlite3.OperationalError):  # in use, or no room: who comes next checks again
            cache.execute(_NOTE, (occasion,))

    def _begin_at(self, seq: int, sha256: str = NO_PREVIOUS) -> None:
        self._indexed, self._indexed_sha256 = seq, sha256
        self._newer, self._newer_hashes = [], []

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
        self._begin_at(self._indexed + len(rows), self._newer_hashes[-1])

    def _give_up(self, error: Exception) -> None:
        """Read all of the chain from now on; who comes next begins the index anew.

        It is left as it is where others use it.
        """
        log.warning("The index of %s can't be used: %s", self.prefix, error)
        self._is_index_used = False
        self._begin_at(0)
        if not (isinstance(error, BegunAnew) or _is_in_use(error)):
            self._forget()

    def _forget(self) -> None:
        with suppress(OSError):
            forget_cache(self._index)

    def _require_begun(self, cache: sqlite3.Connection) -> None:
        """Raise BegunAnew where another process has done so, for this archive or another.

        Whoever adds rows begins at most one after the last, so that none is missing in between.
        The last entry that is indexed and known here tells whose they are: entries name those
        before them.
        """
        last = min(cache.execute(_LAST).fetchone()[0], self._indexed + len(self._newer))
        if last < self._indexed:
            raise BegunAnew("it was begun anew, and has not all that was indexed")
        hashes = [self._indexed_sha256, *self._newer_hashes]
        if last and cache.execute(_HASH, (last,)).fetchone() != (hashes[last - self._indexed],):
            raise BegunAnew("it was begun anew, of another archive")

    def _as_indexed(self, row: tuple[int, str]) -> AuditEntry:
        seq, sha256 = row
        if (known := self._known.get(seq)) is not None:
            return known
        key = self._key(seq)
        data = self._store.find(key)
        if data is None or sha256_hex(data) != sha256:
            raise Spoilt(f"it has another entry {seq} than the archive")
        return self._known.setdefault(seq, AuditEntry.from_bytes(data, where=key))

    def _as_told(self, row: tuple[Any, str, Any, int, str]) -> tuple[str, Latest]:
        """Take a row at its word, but for a name or a moment that is none.

        Over those somebody would stumble: the entry itself has to say so.
        """
        reference, event, at, seq, sha256 = row
        if not (_is_reference(reference) and isinstance(at, str) and is_moment(at)):
            entry = self._as_indexed((seq, sha256))
            if (_reference(entry), entry.event, entry.at) != (reference, event, at):
                raise Spoilt(f"it tells of entry {seq} what the archive doesn't")
        return reference, Latest(event, at)

    def _opened(self) -> sqlite3.Connection:
        return open_cache(self._index, layout=LAYOUT, tables=_TABLES, wait_seconds=WAIT_SECONDS)


def _marks(told: Sequence[str]) -> str:
    return ", ".join("?" * len(told))


def _is_reference(told: object) -> bool:
    return isinstance(told, str) and re.fullmatch(REFERENCE_PATTERN, told) is not None


def _reference(entry: AuditEntry) -> str:
    return str(entry.detail.get("reference", ""))


def _errors() -> tuple[type[Exception], ...]:
    """List what an index raises that can't be used, or holds what was never put there."""
    import sqlite3  # most commands read a short ledger and need none

    return sqlite3.Error, OSError, TypeError, ValueError


def _is_in_use(error: Exception) -> bool:
    import sqlite3

    return getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
