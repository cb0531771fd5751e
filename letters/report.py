"""What a verification found: differences, and what it could not speak for."""

from __future__ import annotations

from typing import Literal

from letters.letter import Frozen

Code = Literal[
    "changed",
    "missing",
    "added",
    "cut-off",
    "chain-broken",
    "unreadable",
    "anchor-differs",
    "pack-differs",
    "sign-off-invalid",
    "sent-differs",
]


class Difference(Frozen):
    """One thing that is not as it was recorded."""

    code: Code
    object: str
    """The key in the archive, or the file of the outbox."""
    message: str


class Report(Frozen):
    """What was checked and what came of it."""

    cases: int = 0
    objects: int = 0
    entries: int = 0
    differences: tuple[Difference, ...] = ()
    open_objects: tuple[str, ...] = ()
    """Objects that an interrupted run left without their entry: the next run names them."""
    emails_picked_up: tuple[str, ...] = ()
    """Files that the outbox took and has no more: picked up to be sent, or deleted."""
    unwitnessed_entries: tuple[str, ...] = ()
    """Entries that the witness never noted. A process that died may leave one; more than
    that speak of a witness that could not be written, or of entries that someone else wrote."""
    unanchored_entries: int = 0
    """Entries after the last anchor of their chain: nothing but the witness speaks for them."""

    @property
    def is_clean(self) -> bool:
        """Whether nothing differs."""
        return not self.differences
