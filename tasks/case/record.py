"""A record: a place in the store, every object of which its chain names.

`once` is how each step does its work: what is there already is returned, and
what is not there is made, stored create-once and named in the chain with its
hash. The object goes first, its entry after it; a process that dies between the
two leaves an object without an entry, which the next run adopts by one.

Whoever can write in the archive could lay an object there before its step runs. So
only that is adopted which the step would make again to the byte, or which the chain
announced by its hash before it was stored (`once_announced`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from letters.audit import AuditEntry
from letters.canonical import sha256_hex
from letters.errors import LettersError
from letters.recipient import masked
from tasks.case.faults import reach
from tasks.case.office import Office

log = logging.getLogger("tasks")

ANNOUNCED = "announced"
"""The event before an object is stored that nobody but its step may have made."""


class ObjectForeign(LettersError):
    """An object lies in the archive that no step of this product put there."""

    code = "object-foreign"


P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound="Record")


class Record:
    """The objects under one prefix and the chain that names them."""

    def __init__(self, office: Office, prefix: str) -> None:
        self.office = office
        self.store = office.store
        self.prefix = prefix
        self.chain = office.chain(f"{prefix}/audit")

    def key(self, name: str) -> str:
        """Give the store's key of an object of this record."""
        return f"{self.prefix}/{name}"

    def find(self, name: str) -> bytes | None:
        """Return an object's bytes, or None."""
        return self.store.find(self.key(name))

    def get(self, name: str) -> bytes:
        """Return an object's bytes. Raises ObjectMissing."""
        return self.store.get(self.key(name))

    def names(self) -> list[str]:
        """List the record's objects in order, chain entries included."""
        start = len(self.prefix) + 1
        return [key[start:] for key in self.store.list(f"{self.prefix}/")]

    def find_known(self, name: str) -> bytes | None:
        """Return an object's bytes, or None where none lies there but one laid in by hand."""
        data = self.find(name)
        if data is None or self._named_as(name) is not None or self.vouches_for(name, data):
            return data
        return None

    def find_vouched(self, name: str) -> bytes | None:
        """Return an object's bytes, or None where the chain doesn't vouch for what lies there."""
        data = self.find(name)
        return data if data is not None and self.vouches_for(name, data) else None

    def vouches_for(self, name: str, data: bytes) -> bool:
        """Whether the chain names the object with these bytes, or else announced it with them.

        The chain is read to its end, after `data`: what another process announced
        before it stored it is seen.
        """
        sha256 = sha256_hex(data)
        named = self._named_as(name)
        if named is not None:
            return named == sha256
        return (self.key(name), sha256) in announced_in(self.chain.known_entries())

    def _named_as(self, name: str) -> str | None:
        """Tell with which hash the chain names the object, or None where it doesn't."""
        key = self.key(name)
        # The first naming decides: where one is known, what came since changes nothing.
        return named_in(self.chain.known_entries()).get(key) or self.recorded().get(key)

    def recorded(self) -> dict[str, str]:
        """Map each object named in the chain to the hash it is named with, first naming first."""
        return named_in(self.chain.entries())


class StepRun(Generic[R]):
    """One attempt of one step at a record; writes to the chain only when it does something."""

    def __init__(self, record: R, step: str, *, attempt: int = 1, of: int = 1) -> None:
        self.record = record
        self.step = step
        self.attempt = attempt
        self.of = of
        self.has_begun = False
        self._has_ended = False

    def begin(self) -> None:
        """Write that the attempt started, before its first change."""
        if not self.has_begun:
            self.has_begun = True
            self._write("started", {})

    def once(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Return the object `name`, making and storing it where it isn't there yet.

        Whoever stores first wins: the bytes returned are those that are stored. `make`
        gives the same bytes each time. Raises ObjectForeign where others lie there, and
        neither named nor announced.
        """
        stored = self.record.find(name)
        is_new = stored is None
        if stored is not None and self.record.key(name) in self.record.recorded():
            return stored
        made = make()
        if stored is None:
            self.begin()
            stored = self.record.store.put(self.record.key(name), made)
        if stored != made:
            require_ours(self.record, name, stored)
        if self.record.key(name) not in self.record.recorded():
            self.name_object("stored" if is_new else "adopted", name, stored)
        return stored

    def once_announced(self, name: str, data: bytes) -> bytes:
        """Store an object that can't be made again, announced first; return what is stored.

        Raises ObjectForeign where something lies there that nobody announced.
        """
        is_new = self.record.find(name) is None
        stored = self.put_announced(name, data)
        if self.record.key(name) not in self.record.recorded():
            self.name_object("stored" if is_new else "adopted", name, stored)
        return stored

    def put_announced(self, name: str, data: bytes, **detail: Any) -> bytes:
        """Announce and store an object, and return what is stored; naming it is the caller's.

        `detail` stands in the announcement. Raises ObjectForeign where something lies there
        that nobody announced.
        """
        stored = self.record.find(name)
        if stored is None:
            self.note(ANNOUNCED, of=self.record.key(name), sha256=sha256_hex(data), **detail)
            stored = self.record.store.put(self.record.key(name), data)
        if stored != data:
            # Whoever was first had announced it before it was stored.
            require_ours(self.record, name, stored)
        return stored

    def adopt(self, name: str) -> None:
        """Name the object `name` in the chain, if it is there and a crash left it unnamed.

        Raises ObjectForeign where nobody announced it.
        """
        if self.record.key(name) not in self.record.recorded():
            stored = self.record.find(name)
            if stored is not None:
                require_ours(self.record, name, stored)
                self.name_object("adopted", name, stored)

    def name_object(self, event: str, name: str, data: bytes, **detail: Any) -> None:
        """Write an entry that names an object of the record with its hash and size."""
        self.note(
            event,
            object=self.record.key(name),
            sha256=sha256_hex(data),
            bytes=len(data),
            **detail,
        )

    def note(self, event: str, **detail: Any) -> AuditEntry:
        """Write an entry of this step. Hashes and codes only: no addresses, no comments."""
        self.begin()
        return self._write(event, detail)

    def complete(self, **detail: Any) -> None:
        """Write that the step is done, if it did anything and hasn't said so yet."""
        if self.has_begun and not self._has_ended:
            self._has_ended = True
            self._write("completed", detail)

    def fail(self, error: BaseException, *, again_in_seconds: float | None) -> None:
        """Write why the attempt failed, and when it is tried again (None: it isn't)."""
        detail: dict[str, Any] = {
            "error": _code_of(error),
            "message": _printable(masked(str(error)))[:500],
        }
        if again_in_seconds is not None:
            detail["again_in_ms"] = round(again_in_seconds * 1000)
        self._has_ended = True
        self.note("failed", **detail)

    def _write(self, event: str, detail: dict[str, Any]) -> AuditEntry:
        entry = self.record.chain.append(
            self.step, event, attempt=self.attempt, of=self.of, detail=detail
        )
        log.log(
            logging.WARNING if event == "failed" else logging.INFO,
            "%s: %s (attempt %d of %d) %s",
            self.step,
            event,
            self.attempt,
            self.of,
            " ".join(f"{key}={value}" for key, value in detail.items()),
            extra={"letters_entry": entry},
        )
        return entry


def require_ours(record: Record, name: str, data: bytes) -> None:
    """Return if the chain names or announced the object with these bytes.

    Raises ObjectForeign.
    """
    if not record.vouches_for(name, data):
        raise ObjectForeign(
            "Something lies here that was laid in by hand: the chain knows nothing of it, and no"
            " step would make it.",
            where=record.key(name),
            remedy="Find out who did it, move the file out of the archive and keep it as"
            " evidence, then run it again.",
        )


def named_in(entries: Iterable[AuditEntry]) -> dict[str, str]:
    """Map each object that entries name to the hash it is named with, first naming first."""
    named: dict[str, str] = {}
    for entry in entries:
        if "object" in entry.detail:
            named.setdefault(entry.detail["object"], entry.detail["sha256"])
    return named


def announced_in(entries: Iterable[AuditEntry]) -> set[tuple[str, str]]:
    """List the objects that were about to be stored: key and hash."""
    return {
        (str(entry.detail.get("of")), str(entry.detail.get("sha256")))
        for entry in entries
        if entry.event == ANNOUNCED
    }


def attempt_step(
    run: StepRun[R],
    do: Callable[Concatenate[StepRun[R], P], T],
    again_in_seconds: Callable[[BaseException], float | None],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Do one attempt of a step and write how it ended. Raises what `do` raises.

    `again_in_seconds` tells after how long an error's step is tried again, or
    None where it isn't.
    """
    reach("step-begins", run.step)
    try:
        result = do(run, *args, **kwargs)
    except BaseException as error:  # a time-out and Ctrl-C are failures of the attempt too
        run.fail(error, again_in_seconds=again_in_seconds(error))
        raise
    run.complete()
    reach("step-ended", run.step)
    return result


def is_transient(error: BaseException) -> bool:
    """Whether the same step may succeed later without anyone changing anything.

    A time-out counts: what was slow may be quick the next time, and every step
    finds what it had done before.
    """
    if isinstance(error, LettersError):
        return error.is_transient
    return isinstance(error, ConnectionError) or _code_of(error) == "timed-out"


def _code_of(error: BaseException) -> str:
    if isinstance(error, LettersError):
        return error.code
    # Prefect's own CancelledError says that the step's time is up; it can't be imported here.
    is_time_up = isinstance(error, TimeoutError) or type(error).__name__ == "CancelledError"
    return "timed-out" if is_time_up else type(error).__name__


def _printable(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)
