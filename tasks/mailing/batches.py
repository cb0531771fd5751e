"""The provider's batches as they came, and the chain that names each.

A batch is stored once under what was signed: `events/<day>/<sha256>.json`, then named by
an entry “received” in the chain `events/audit`; when it has been applied to the cases,
an entry “applied” says so. Owns nothing of what stands in a batch: see `events.py`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple
from weakref import WeakValueDictionary

from letters.audit import Moment, moment_text
from letters.canonical import sha256_hex, stored_json
from letters.errors import LettersError
from letters.events import read_batch
from letters.letter import Frozen
from tasks.case.office import Office
from tasks.case.record import ObjectForeign, Record
from tasks.case.store import Store
from tasks.mailing.event_signature import (
    SIGNATURE,
    TIMESTAMP,
    is_signed,
    load_public_key,
    signed_at,
    signed_bytes,
)

EVENTS = "events"
STEP = "webhook"
RECEIVED, APPLIED = "received", "applied"

KEPT_HEADERS = (SIGNATURE, TIMESTAMP, "content-type", "user-agent")
LONGEST_HEADER = 500

ON_ITS_WAY = timedelta(minutes=10)
"""A batch that came only now may be about to be named by who received it."""


class BatchUnvouched(LettersError):
    """What lies there as a batch is not what the chain of events names."""

    code = "batch-unvouched"


class Batch(Frozen):
    """One request of the provider, as it came."""

    received_at: Moment
    headers: dict[str, str]
    """Those that tell something: names in lower case."""
    body_base64: str

    @property
    def body(self) -> bytes:
        """The raw body. Raises ValueError."""
        return base64.b64decode(self.body_base64, validate=True)


class KeptBatch(NamedTuple):
    """Where a batch lies, and whether it came for the first time."""

    key: str
    is_new: bool


class _Turn:
    """A lock that can be forgotten when nobody holds it."""

    def __init__(self) -> None:
        self.lock = Lock()


_TURNS: WeakValueDictionary[tuple[Store, str], _Turn] = WeakValueDictionary()
_TURNS_LOCK = Lock()


def events_of(office: Office) -> Record:
    """Open the record of all batches."""
    return Record(office, EVENTS)


def batch_key(timestamp: str, body: bytes) -> str:
    """Name a batch by what was signed, so that it has one place whenever it comes."""
    moment = signed_at(timestamp)
    if moment is None:
        raise ValueError("a time stamp is a number of seconds")
    return f"{EVENTS}/{moment:%Y-%m-%d}/{sha256_hex(signed_bytes(timestamp, body))}.json"


def keep_batch(office: Office, *, headers: Mapping[str, str], body: bytes, size: int) -> KeptBatch:
    """Store a batch whose signature holds, and name it with its number of events.

    One that is there already is left as it is. Raises ObjectForeign where something else
    lies in its place, and the store's errors: then the provider is to send it again.
    """
    key = batch_key(headers[TIMESTAMP], body)
    batch = Batch(
        received_at=moment_text(office.clock()),
        headers={name: headers[name][:LONGEST_HEADER] for name in KEPT_HEADERS if name in headers},
        body_base64=base64.b64encode(body).decode("ascii"),
    )
    # Not the chain is asked first who was first: it holds every batch there ever was.
    turn = _turn(office, key)  # remembered only as long as someone holds it
    with turn.lock:
        if office.store.find(key) is None:
            data = stored_json(batch.model_dump(mode="json"))
            stored = office.store.put(key, data)
            if stored == data:
                _name(office, key, data, size)
                return KeptBatch(key, is_new=True)
        return KeptBatch(key, is_new=_adopt(office, key))


def read_kept(office: Office, key: str) -> Batch:
    """Read a batch that the chain names with these bytes. Raises BatchUnvouched."""
    data = events_of(office).find_vouched(key.removeprefix(f"{EVENTS}/"))
    batch = None if data is None else _parsed(data)
    if batch is None:
        raise BatchUnvouched(
            "No entry of the chain of events names a batch with these bytes.",
            where=key,
            remedy="Nothing of it was believed. Run `letters verify --all`.",
        )
    return batch


def unapplied(office: Office) -> list[str]:
    """List the batches that were received and not yet applied to their cases, in order."""
    applied = set[str]()
    received: dict[str, None] = {}
    for entry in events_of(office).chain.entries():
        if entry.event == RECEIVED:
            received[str(entry.detail["object"])] = None
        elif entry.event == APPLIED:
            applied.add(str(entry.detail["of"]))
    return [key for key in received if key not in applied]


def note_applied(office: Office, key: str, **detail: int) -> None:
    """Write that a batch has been applied, unless that stands there."""
    if key in unapplied(office):
        events_of(office).chain.append(STEP, APPLIED, detail={"of": key, **detail})


def adopt_batches(office: Office) -> list[str]:
    """Name the batches that a process stored and died before it named them; return their keys.

    Only the last days' folders are looked at: what is older the provider has long given
    up sending. Raises ObjectForeign.
    """
    record, now = events_of(office), office.clock()
    hours = office.settings.webhook.max_age_hours
    days = {f"{now - timedelta(hours=back):%Y-%m-%d}" for back in range(0, hours + 24, 12)}
    keys = [key for day in sorted(days) for key in record.store.list(f"{EVENTS}/{day}")]
    recorded = record.recorded()
    return [
        key
        for key in keys
        if key not in recorded and not _is_on_its_way(office, key) and _adopt(office, key)
    ]


def _adopt(office: Office, key: str) -> bool:
    """Name what lies there if nobody has, and tell whether nobody had.

    Its own signature says that it is the provider's. Raises ObjectForeign where that
    doesn't hold.
    """
    if key in events_of(office).recorded():
        return False
    data = office.store.get(key)
    batch = _parsed(data)
    if batch is None or not _is_the_providers(office, key, batch):
        raise ObjectForeign(
            "Something lies here that was laid in by hand: the provider didn't sign it.",
            where=key,
            remedy="Find out who did it, move the file out of the archive and keep it as"
            " evidence; the provider sends its own again.",
        )
    _name(office, key, data, read_batch(batch.body).size)
    return True


def _name(office: Office, key: str, data: bytes, size: int) -> None:
    detail = {"object": key, "sha256": sha256_hex(data), "bytes": len(data), "events": size}
    events_of(office).chain.append(STEP, RECEIVED, detail=detail)


def _is_on_its_way(office: Office, key: str) -> bool:
    batch = _parsed(office.store.get(key))
    return batch is not None and (
        office.clock() - datetime.fromisoformat(batch.received_at) < ON_ITS_WAY
    )


def _is_the_providers(office: Office, key: str, batch: Batch) -> bool:
    timestamp = batch.headers.get(TIMESTAMP, "")
    return (
        signed_at(timestamp) is not None
        and batch_key(timestamp, batch.body) == key
        and is_signed(
            load_public_key(office.settings.webhook.public_key),
            signature=batch.headers.get(SIGNATURE, ""),
            timestamp=timestamp,
            body=batch.body,
        )
    )


def _parsed(data: bytes) -> Batch | None:
    try:
        batch = Batch.model_validate_json(data)
        base64.b64decode(batch.body_base64, validate=True)
    except (ValueError, RecursionError):
        return None
    return batch


def _turn(office: Office, key: str) -> _Turn:
    with _TURNS_LOCK:
        return _TURNS.setdefault((office.store, key), _Turn())
