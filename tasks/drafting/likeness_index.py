"""What the letters of the archive say, as sketches: to find text taken from another letter.

A cache in the office's folder, `cache/likeness.sqlite`. It may be deleted at any time and
is made anew; it is trusted for nothing but a warning. What was archived since the last
time is read from the ledger, however large the archive is. What sketches are is
`letters.likeness`' matter.
"""

from __future__ import annotations

import logging
import os
import re
import struct
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from letters.audit import AuditEntry
from letters.canonical import sha256_hex
from letters.errors import LettersError, UsageError
from letters.kind import Kind
from letters.letter import Letter, Placed
from letters.likeness import ALIKE_FROM, SKETCHED_AS, Alike, Sketch, likeness, sketch_of
from tasks.case.cache import FOLDER, WAIT_SECONDS, begin_anew, forget_cache, open_cache
from tasks.case.case import Case, CaseDamaged
from tasks.case.chain import entry_key
from tasks.case.ledger import LEDGER
from tasks.case.office import Office
from tasks.case.store import InvalidKey, ObjectMissing

if TYPE_CHECKING:
    import sqlite3

LAYOUT = 100 + SKETCHED_AS
"""The version of the cache: one of another version is made anew."""

ENTRIES_AT_ONCE = 500
"""Entries of the ledger after which what was read is kept, so that a first reading that is
cut short goes on from there."""

_TABLES = """
CREATE TABLE read_to (entry INTEGER NOT NULL, sha256 TEXT NOT NULL);
CREATE TABLE letters (id INTEGER PRIMARY KEY, reference TEXT UNIQUE, code TEXT, name TEXT);
CREATE TABLE passages (id INTEGER PRIMARY KEY, letter INTEGER, place TEXT, hashes BLOB);
CREATE INDEX passages_of_letter ON passages (letter);
CREATE TABLE bands (band INTEGER, passage INTEGER, PRIMARY KEY (band, passage)) WITHOUT ROWID;
CREATE INDEX bands_of_passage ON bands (passage);
INSERT INTO read_to VALUES (0, '')
"""
_LIKELY = """
SELECT DISTINCT letters.reference, letters.name, passages.place, passages.hashes
FROM bands JOIN passages ON passages.id = bands.passage JOIN letters ON letters.id = letter
WHERE band IN (%s) AND code <> ? ORDER BY letters.reference, passages.id
"""
_FORGET = (
    "DELETE FROM bands WHERE passage IN (SELECT passages.id FROM passages"
    " JOIN letters ON letters.id = letter WHERE reference = ?)",
    "DELETE FROM passages WHERE letter IN (SELECT id FROM letters WHERE reference = ?)",
    "DELETE FROM letters WHERE reference = ?",
)
_ARCHIVED = re.compile(r"cases/[^/]+/[^/]+/([^/]+)/r([1-9]\d*)/manifest\.json")
_VALUE = re.compile(r"\{\{[^}]*\}\}")

_NOT_OURS = (struct.error, TypeError, ValueError, InvalidKey)
"""What a cache raises that is a sound database, but holds what was never put there."""

log = logging.getLogger("tasks")


def alike(office: Office, letter: Letter, kind: Kind) -> tuple[Alike, ...]:
    """Find the passages of a letter that stand nearly so in letters to other authorities.

    Each with the passage most like it. Neither what the kinds have as standard words
    counts, nor opening and closing, which are alike in all letters of a kind. Finds
    nothing, and logs why, where the cache can't be used.
    """
    path = office.root / FOLDER / "likeness.sqlite"
    if not os.path.exists(path) and not office.store.exists(entry_key(LEDGER, 1)):  # noqa: PTH110 - Path.exists raises where it may not look
        return ()
    sketches = list(_sketches(letter, (kind, *office.kinds.values())))
    if not sketches:
        return ()
    import sqlite3  # only an office that has issued letters needs it

    try:
        try:
            return _looked_up(office, path, letter, sketches)
        except (sqlite3.DatabaseError, *_NOT_OURS) as error:
            if isinstance(error, sqlite3.OperationalError) and not _is_of_what_it_holds(error):
                raise  # in use, or not to be written: it may be sound
            forget_cache(path)
            return _looked_up(office, path, letter, sketches)
    except (sqlite3.Error, OSError, LettersError, *_NOT_OURS) as error:
        log.warning("The letter was not compared with others: %s", error)
        return ()


def _is_of_what_it_holds(error: sqlite3.OperationalError) -> bool:
    """Whether the cache lacks a table or column, or holds text that is none."""
    import sqlite3

    # Python's own error, of text that isn't UTF-8, has no code.
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code == sqlite3.SQLITE_ERROR


def _looked_up(
    office: Office, path: Path, letter: Letter, sketches: list[tuple[str, Sketch]]
) -> tuple[Alike, ...]:
    with closing(_opened(path)) as cache:
        _bring_up_to_date(cache, office)
        found = (_most_alike(cache, letter, place, sketch) for place, sketch in sketches)
        return tuple(each for each in found if each is not None)


def _sketches(letter: Letter, kinds: tuple[Kind, ...]) -> Iterator[tuple[str, Sketch]]:
    """Sketch the passages that are the letter's own words."""
    standard = [
        sketch
        for kind in kinds
        for text in (
            kind.standard.closing,
            kind.priority_action.standard if kind.priority_action else None,
        )
        if text and (sketch := sketch_of(_VALUE.sub(" ", text)))
    ]
    for place, text in _own_passages(letter):
        sketch = sketch_of(text)
        if sketch and not any(likeness(sketch, other) >= ALIKE_FROM for other in standard):
            yield place, sketch


def _own_passages(letter: Letter) -> Iterator[Placed]:
    return (p for p in letter.passages() if not p.place.startswith(("opening/", "closing/")))


def _opened(path: Path) -> sqlite3.Connection:
    return open_cache(path, layout=LAYOUT, tables=_TABLES, wait_seconds=WAIT_SECONDS)


def _bring_up_to_date(cache: sqlite3.Connection, office: Office) -> None:
    """Take in what the ledger tells as archived since the entry that was read last.

    That entry is looked at again: a ledger that is another one by now, of a restored or
    exchanged archive, is read from its beginning.
    """
    (last, sha256) = cache.execute("SELECT entry, sha256 FROM read_to").fetchone()
    if last and sha256_hex(office.store.find(entry_key(LEDGER, last)) or b"") != sha256:
        cache.execute("PRAGMA user_version = 0")
        begin_anew(cache, layout=LAYOUT, tables=_TABLES)
        last = 0
    unread = office.store.series(lambda number: entry_key(LEDGER, number), last + 1)
    while batch := list(islice(unread, ENTRIES_AT_ONCE)):
        letters = list(_archived_in(batch, office))
        last += len(batch)
        cache.execute("BEGIN IMMEDIATE")
        for letter in letters:
            _take_in(cache, letter)
        cache.execute("UPDATE read_to SET entry = ?, sha256 = ?", (last, sha256_hex(batch[-1])))
        cache.execute("COMMIT")


def _archived_in(entries: list[bytes], office: Office) -> Iterator[Letter]:
    """Read the letters that entries of the ledger tell as archived."""
    for data in entries:
        entry = AuditEntry.from_bytes(data, where=LEDGER)
        manifest = _ARCHIVED.fullmatch(str(entry.detail.get("object")))
        if entry.event != "archived" or manifest is None:
            continue
        try:
            yield Case(office, manifest[1]).letter(int(manifest[2]))
        except (ObjectMissing, CaseDamaged, UsageError, InvalidKey, ValueError) as error:
            # The last three are of a key that names no letter: a bad reference, or one or a
            # revision that is too long.
            log.warning("A letter is compared with no other: %s", error)


def _take_in(cache: sqlite3.Connection, letter: Letter) -> None:
    """Put a letter's sketches into the cache, in place of what it had of that letter."""
    for statement in _FORGET:
        cache.execute(statement, (letter.reference,))
    authority = letter.authority
    number = cache.execute(
        "INSERT INTO letters (reference, code, name) VALUES (?, ?, ?)",
        (letter.reference, authority.code, authority.name),
    ).lastrowid
    for place, text in _own_passages(letter):
        if sketch := sketch_of(text):
            passage = cache.execute(
                "INSERT INTO passages (letter, place, hashes) VALUES (?, ?, ?)",
                (number, place, struct.pack(f"<{len(sketch.hashes)}I", *sketch.hashes)),
            ).lastrowid
            cache.executemany(
                "INSERT OR IGNORE INTO bands VALUES (?, ?)",
                ((band, passage) for band in sketch.bands),
            )


def _most_alike(
    cache: sqlite3.Connection, letter: Letter, place: str, sketch: Sketch
) -> Alike | None:
    """Find the passage of another authority's letter that is most like this one, if any is."""
    bands = sketch.bands
    marks = ", ".join("?" * len(bands))
    rows = cache.execute(_LIKELY % marks, (*bands, letter.authority.code))
    likely = [
        Alike(
            place=place,
            reference=reference,
            authority=name,
            their_place=their_place,
            likeness=likeness(sketch, Sketch(struct.unpack(f"<{len(hashes) // 4}I", hashes))),
        )
        for reference, name, their_place, hashes in rows
    ]
    most = max(likely, key=lambda each: each.likeness, default=None)
    return most if most is not None and most.likeness >= ALIKE_FROM else None
