"""The outbox: a folder in which each e-mail lies as a file, for something else to send.

The file's name is the send id and it is created once, so that the file itself is
the evidence: an outbox never leaves a delivery of its own machine unknown. A message handed in
again by whatever mistake is not written again, and nothing is replaced. Whatever
sends the e-mails may take them away: `laid/<send id>` goes on saying that it lay there.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from letters.canonical import sha256_hex
from letters.errors import LettersError
from tasks.case.folder import FolderStore
from tasks.case.office import Answer
from tasks.case.store import ObjectTooLarge


class Outbox:
    """A `Provider` that lays every message into a folder, `<send id>.eml`."""

    name = "outbox"
    takes_samples = True

    def __init__(self, folder: Path) -> None:
        self._store = FolderStore(folder)

    @property
    def folder(self) -> Path:
        """The folder, as an absolute path."""
        return self._store.root

    def carries_name(self, name: str) -> bool:  # noqa: ARG002 - a file can be addressed to anyone
        """Whether it can write to a person of this name: always."""
        return True

    def send(self, message: bytes, *, send_id: str) -> Answer:
        """Write the message, synced to the disk, unless one of this send id lies there."""
        file_name = f"{send_id}.eml"
        try:
            if self._was_taken_away(send_id):
                return Answer("accepted", provider_id=file_name, said="taken away already")
            lay_there = self._store.exists(file_name)
            stored = self._store.put(file_name, message)
            self._store.put(f"laid/{send_id}", f"{sha256_hex(stored)}\n".encode())
        except LettersError as error:
            return self._failed(error, send_id)
        said = f"sha256 {sha256_hex(stored)}"
        if lay_there or stored != message:
            said = f"lay there already, {said}"
        return Answer("accepted", provider_id=file_name, said=said)

    def find(self, send_id: str) -> Literal["accepted", "absent", "unknown"]:
        """Look whether it lies or lay there; `unknown` only where the folder can't be read.

        Another machine's outbox isn't looked into.
        """
        try:
            is_there = self._store.exists(f"{send_id}.eml") or self._was_taken_away(send_id)
        except LettersError:
            return "unknown"
        return "accepted" if is_there else "absent"

    def sweep(self, now: datetime) -> int:
        """Remove what dead processes left unfinished, and return how much."""
        return self._store.sweep(now)

    def _was_taken_away(self, send_id: str) -> bool:
        return self._store.exists(f"laid/{send_id}") and not self._store.exists(f"{send_id}.eml")

    def _failed(self, error: LettersError, send_id: str) -> Answer:
        """Tell what an error left behind: the file may lie there, with its folder unsynced."""
        said = f"{error.code}: {error.message}"
        match self.find(send_id):
            case "accepted":
                return Answer("accepted", provider_id=f"{send_id}.eml", said=f"lies there; {said}")
            case "absent" if isinstance(error, ObjectTooLarge):
                return Answer("refused", said=said)
            case "absent":
                return Answer("not-accepted", said=said)
            case _:
                return Answer("unknown", said=said)
