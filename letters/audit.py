"""Audit entries: who did what when, each bound to the one before it by a hash.

Owns what one entry is, how it is written, and what can be seen to be wrong with
a chain of them. It reads and stores nothing: `tasks/case/chain.py` does. A chain
whose last entries were cut off is still a whole chain; only an anchor kept
elsewhere can tell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError, field_validator

from letters.canonical import canonical_json, sha256_hex, stored_json
from letters.errors import LettersError
from letters.letter import Frozen, Line

LAST_SEQ = 99_999_999
"""Entries are kept under eight digits."""

MAX_ENTRY_BYTES = 64 * 1024
"""Entries carry hashes and names; what is larger is an object of its own."""

NO_PREVIOUS = "0" * 64
"""What the first entry has for the hash of the one before it."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"

Moment = Annotated[str, StringConstraints(pattern=_MOMENT)]
"""UTC, ISO 8601, milliseconds: `2010-08-18T09:30:00.000Z`."""


class AuditEntryTooLarge(LettersError):
    """An entry would be larger than MAX_ENTRY_BYTES: nothing was written."""

    code = "audit-entry-too-large"


class AuditEntryUnreadable(LettersError):
    """Bytes that should be an audit entry can't be read as one."""

    code = "audit-entry-unreadable"


class AuditEntry(Frozen):
    """One thing that happened, its place in the chain, and the hash of the entry before."""

    seq: Annotated[int, Field(ge=1, le=LAST_SEQ, strict=True)]
    previous: Sha256
    """SHA-256 of the stored bytes of entry `seq - 1`; NO_PREVIOUS for the first."""
    at: Moment
    """By the clock of whoever wrote it: it may be earlier than the entry before."""
    actor: Line
    step: Line
    event: Line
    attempt: Annotated[int, Field(ge=1, strict=True)]
    of: Annotated[int, Field(ge=1, strict=True)]
    """Attempt n of m."""
    detail: dict[str, Any]
    """What canonical JSON can hold: hashes and counts, never addresses or comments."""

    @field_validator("at")
    @classmethod
    def _is_a_real_moment(cls, at: str) -> str:
        datetime.fromisoformat(at)
        return at

    @field_validator("detail")
    @classmethod
    def _is_a_copy_in_canonical_json(cls, detail: dict[str, Any]) -> dict[str, Any]:
        # Kept apart from the caller's dictionary, which may change after the entry is written.
        try:
            copy: dict[str, Any] = json.loads(canonical_json(detail))
        except (TypeError, RecursionError) as error:
            raise ValueError(f"not canonical JSON: {error}") from None
        return copy

    def to_bytes(self) -> bytes:
        """Write the entry as it is stored. Raises AuditEntryTooLarge."""
        data = stored_json(self.model_dump())
        if len(data) > MAX_ENTRY_BYTES:
            raise AuditEntryTooLarge(
                f"The audit entry “{self.event}” has {len(data)} bytes;"
                f" {MAX_ENTRY_BYTES} are allowed.",
                where=self.step,
                remedy="Store the detail as an object and put its hash into the entry.",
            )
        return data

    @classmethod
    def from_bytes(cls, data: bytes, *, where: str = "") -> AuditEntry:
        """Read an entry, however it is spelt. Raises AuditEntryUnreadable.

        Whether the spelling is the canonical one is for `chain_faults` to say.
        """
        try:
            if len(data) > MAX_ENTRY_BYTES:
                raise ValueError(f"{len(data)} bytes; {MAX_ENTRY_BYTES} are allowed")
            return cls.model_validate(json.loads(data.decode("utf-8")))
        except (ValueError, RecursionError) as error:
            raise AuditEntryUnreadable(
                f"This is not an audit entry: {_first_reason(error)}.",
                where=where,
                remedy="It was not written by this product, or was altered since: verify the case.",
            ) from error


@dataclass(frozen=True, slots=True)
class ChainFault:
    """One thing wrong with a chain: the entry's number, a stable code, and words for people."""

    seq: int
    code: Literal["gap", "unexpected", "unreadable", "wrong-seq", "not-canonical", "wrong-previous"]
    message: str


def moment_text(moment: datetime) -> str:
    """Write a moment as audit entries hold it. Raises ValueError for one without a zone."""
    if moment.utcoffset() is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def is_moment(text: str) -> bool:
    """Whether it is one as audit entries hold it."""
    try:
        return bool(re.fullmatch(_MOMENT, text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def chain_faults(entries: Iterable[tuple[int, bytes]]) -> list[ChainFault]:
    """Find what is wrong with a chain, given each entry's number and its stored bytes.

    The number is the one in the entry's key. An empty list says that the entries
    are whole, dense from 1 and linked; it says nothing of entries cut off the end.
    """
    faults: list[ChainFault] = []
    expected, previous = 1, NO_PREVIOUS
    for seq, data in sorted(entries, key=itemgetter(0)):
        if seq < expected:
            faults.append(ChainFault(seq, "unexpected", f"A second or impossible entry {seq}."))
            continue
        if seq > expected:
            last = seq - 1
            lost = f"Entry {last} is" if expected == last else f"Entries {expected} to {last} are"
            faults.append(ChainFault(expected, "gap", f"{lost} missing."))
        faults += _entry_faults(seq, data, previous if seq == expected else None)
        expected, previous = seq + 1, sha256_hex(data)
    return faults


def _first_reason(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_input=False, include_url=False)[0]
    return ": ".join((*map(str, first["loc"]), first["msg"]))


def _entry_faults(seq: int, data: bytes, previous: str | None) -> list[ChainFault]:
    """Check one entry; `previous` is None where the entry before it is missing."""
    try:
        entry = AuditEntry.from_bytes(data)
    except AuditEntryUnreadable as error:
        return [ChainFault(seq, "unreadable", f"Entry {seq}: {error.message}")]
    faults = []
    if entry.seq != seq:
        faults.append(
            ChainFault(seq, "wrong-seq", f"Entry {seq} says that it is number {entry.seq}.")
        )
    if stored_json(entry.model_dump()) != data:
        faults.append(
            ChainFault(seq, "not-canonical", f"Entry {seq} is not spelt as this product writes.")
        )
    if previous is not None and entry.previous != previous:
        faults.append(
            ChainFault(
                seq,
                "wrong-previous",
                f"Entry {seq} names {entry.previous} as the hash of the entry before it,"
                f" which has {previous}: one of the two was altered or replaced.",
            )
        )
    return faults
