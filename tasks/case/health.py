"""What an office's own folders look like to somebody who means to rely on them."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from letters.errors import LettersError
from letters.finding import Finding
from tasks.case.folder import FolderStore
from tasks.case.keys import keys_findings
from tasks.case.ledger import ledger_of
from tasks.case.office import Office

ROOM_BYTES = 1_000_000_000
"""Some 2,000 letters to five recipients; with less, a full disk is near."""

PRIVATE_FOLDERS = ("", "archive", "keys", "outbox", "prefect", "witness")
PROBE = "doctor"


def office_findings(office: Office) -> Iterator[Finding]:
    """Look at the office's folders: whose they are, whether they hold, whether the ledger is whole.

    Writes and removes one small file outside the archive.
    """
    yield _privacy(office.root)
    yield _room(office.root)
    yield _hard_links(office.root)
    yield _ledger(office)
    yield from keys_findings(office)


def _privacy(root: Path) -> Finding:
    open_to_others = [
        path for path in _private_paths(root) if stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]
    if not open_to_others:
        return Finding(
            level="ok", code="private", message="Only its owner can read the office's folders."
        )
    named = ", ".join(str(path) for path in open_to_others[:5])
    return Finding(
        level="failure",
        code="open-to-others",
        message=f"Other users of this machine can enter or read {named}.",
        remedy="chmod 700 for the folders, 600 for the files of `keys`; and if others work here,"
        " make new secrets.",
    )


def _private_paths(root: Path) -> Iterator[Path]:
    for name in PRIVATE_FOLDERS:
        if (folder := root / name).is_dir():
            yield folder
    keys = root / "keys"
    if keys.is_dir():
        yield from (path for path in keys.iterdir() if path.is_file())


def _room(root: Path) -> Finding:
    free = shutil.disk_usage(root if root.is_dir() else root.parent).free
    told = f"{free / 1e9:.1f} GB are free on the office's disk."
    if free >= ROOM_BYTES:
        return Finding(level="ok", code="room", message=told)
    return Finding(
        level="warning",
        code="little-room",
        message=told,
        remedy="Free some space: a full disk stops letters, though it loses none.",
    )


def _hard_links(root: Path) -> Finding:
    """Make one file in the way in which all objects are made."""
    folder = root / ".doctor"
    try:
        FolderStore(folder).put(PROBE, os.urandom(8))
    except LettersError as error:
        return Finding(level="failure", code=error.code, message=error.message, remedy=error.remedy)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Finding(
        level="ok", code="writable", message="The office's folder takes files, once each."
    )


def _ledger(office: Office) -> Finding:
    try:
        ledger_of(office).require_whole()
    except LettersError as error:
        return Finding(level="failure", code=error.code, message=error.message, remedy=error.remedy)
    seq, _ = ledger_of(office).head()
    return Finding(
        level="ok", code="ledger", message=f"The ledger has all {seq} entries that are witnessed."
    )
