"""Caches of a machine: small databases in the office's folder that may be deleted at any time.

Owns how one is opened, begun anew where it is of another layout, and seen to be damaged. What
it holds, and how far it may be trusted, is for whoever keeps one. Proves nothing.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

FOLDER = "cache"
"""In the office's folder, for its owner alone."""

WAIT_SECONDS = 5
"""How long one process waits for another that writes."""

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def open_cache(
    path: Path, *, layout: int, tables: str, wait_seconds: float = WAIT_SECONDS
) -> sqlite3.Connection:
    """Open a cache, empty where there is none of this layout. The caller closes it.

    `tables` are the statements that begin an empty one. Raises sqlite3.Error, OSError.
    """
    import sqlite3  # most commands need none

    path.parent.mkdir(mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600))
    cache = sqlite3.connect(path, timeout=wait_seconds, isolation_level=None)
    try:
        # With a rollback journal only this leaves whole transactions after a power cut, the
        # newest perhaps missing. With less, old pages can lie among new ones, and rows are
        # hidden without an error.
        cache.execute("PRAGMA synchronous = FULL")
        if cache.execute("PRAGMA user_version").fetchone() != (layout,):
            begin_anew(cache, layout=layout, tables=tables)
    except BaseException:
        cache.close()
        raise
    return cache


def begin_anew(cache: sqlite3.Connection, *, layout: int, tables: str) -> None:
    """Empty a cache, unless another process has just begun it in this layout."""
    cache.execute("BEGIN IMMEDIATE")
    if cache.execute("PRAGMA user_version").fetchone() != (layout,):
        found = cache.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in found:
            cache.execute(f'DROP TABLE IF EXISTS "{name}"')
        for statement in filter(str.strip, tables.split(";")):
            cache.execute(statement)
        cache.execute(f"PRAGMA user_version = {layout:d}")
    cache.execute("COMMIT")


def is_sound(cache: sqlite3.Connection) -> bool:
    """Whether its pages make tables, and each index names every row. Reads all of it.

    Raises sqlite3.Error where not even that can be read.
    """
    answer: tuple[str] = cache.execute("PRAGMA integrity_check(1)").fetchone()
    return answer == ("ok",)


def boot() -> str:
    """Name the time since the machine was started, which a power cut ends; empty if it tells none.

    Linux tells, to each container the same.
    """
    with suppress(OSError):
        return _BOOT.read_text().strip()
    return ""


def forget_cache(path: Path) -> None:
    """Delete a cache that can't be used. Raises OSError."""
    for file in (path, path.with_name(f"{path.name}-journal")):
        file.unlink(missing_ok=True)
