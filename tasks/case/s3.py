"""The store as a bucket of S3: AWS's, or another server's that speaks its language.

An object is created once by a conditional put; where a server ignores the condition,
the oldest version decides, and readers look at no other. How versions are listed is
for `s3_versions.py`, what the server's errors mean for `s3_errors.py`, how the bucket
is set up for `bucket.py`.

Needs versioning, and s3:PutObject, s3:GetObjectVersion, s3:ListBucketVersions and
s3:GetBucketVersioning; s3:DeleteObjectVersion tidies up after lost races, and removes what is
disposed of. Locks need Object Lock, s3:{Get,Put}ObjectRetention and s3:{Get,Put}ObjectLegalHold.
"""

from __future__ import annotations

import hashlib
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from itertools import count, groupby, takewhile
from operator import attrgetter
from typing import Any

from botocore.exceptions import ClientError

from letters.canonical import sha256_hex
from letters.errors import LettersError
from tasks.case.faults import reach_put
from tasks.case.s3_client import Client
from tasks.case.s3_client import make_client as make_client
from tasks.case.s3_errors import code_of, s3_errors
from tasks.case.s3_versions import list_folders, list_versions, oddities, oldest_version
from tasks.case.store import (
    Anomalies,
    Anomaly,
    Keys,
    Lock,
    StoreRefused,
    StoreUnavailable,
    check_key,
    check_prefix,
    check_size,
    is_key,
    object_missing,
)

PROBES = ".doctor"
"""Where `bucket.py` tries the bucket out, below the prefix; no key begins with a dot."""

AT_ONCE = 8
"""Objects of a series that are fetched side by side."""

KNOWN_AT_MOST = 100_000
"""Versions that a process remembers, before it begins anew."""

CONFLICT_TRIES = 5
CONFLICT_WAIT_SECONDS = 0.1

UNVERSIONED = "null"
"""The id of the one version that a bucket without versioning keeps."""


class ObjectDamaged(LettersError):
    """The bytes that the store returns are not those that were put."""

    code = "object-damaged"


class S3Store:
    """A `Store` and a `LockingStore` in a bucket, below a prefix."""

    def __init__(
        self, client: Client, bucket: str, prefix: str = "", *, endpoint: str = ""
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._start = _folder(prefix)
        self._place = (endpoint.rstrip("/"), bucket, self._start)
        self._is_known_versioned = False
        # The oldest version stays the oldest: asking the server once is enough to read it.
        self._known: dict[str, str] = {}

    @property
    def name(self) -> str:
        """The archive's name where a moment of the work is named."""
        return "archive"

    @property
    def client(self) -> Client:
        """The client, for those who look at the bucket itself."""
        return self._client

    def __eq__(self, other: object) -> bool:
        return isinstance(other, S3Store) and other._place == self._place

    def __hash__(self) -> int:
        return hash(self._place)

    def __repr__(self) -> str:
        return f"S3Store({self._where('')!r})"

    def put(self, key: str, data: bytes) -> bytes:
        """Create an object and return what is stored, in the oldest version of the key.

        Raises StoreRefused (bucket-not-versioned).
        """
        check_key(key)
        check_size(key, len(data))
        reach_put("before-put", self.name, key, data)
        self._require_versioning()
        # A server that ignores the condition would pile up a version with each put.
        stored = self.find(key)
        if stored is None:
            stored = self._create(key, data)
        reach_put("after-put", self.name, key, data)
        return stored

    def get(self, key: str) -> bytes:
        """Return an object's bytes. Raises ObjectMissing, ObjectDamaged."""
        data = self.find(key)
        if data is None:
            raise object_missing(key)
        return data

    def find(self, key: str) -> bytes | None:
        """Return an object's bytes, or None where there is no such object."""
        known = self._known.get(check_key(key))
        if known is not None and (data := self._read(key, known)) is not None:
            return data
        version = self._oldest(key)
        return None if version is None else self._read(key, version)

    def series(self, key_of: Callable[[int], str], first: int) -> Iterator[bytes]:
        """Yield the objects numbered from `first` on, up to the first number that has none.

        One question finds them all, and they are fetched side by side.
        """
        folder = check_key(key_of(first)).rpartition("/")[0]
        # Not every server lists rightly after a key that isn't there.
        found = self._list_objects(folder, after=key_of(first - 1) if first > 1 else "")
        keys = list(takewhile(found.__contains__, map(key_of, count(first))))
        if len(keys) < 2:
            yield from map(self.get, keys)
            return
        with ThreadPoolExecutor(AT_ONCE) as pool:
            yield from pool.map(self.get, keys)

    def exists(self, key: str) -> bool:
        """Whether there is such an object; a delete marker over it changes nothing."""
        return self._oldest(key) is not None

    def list(self, prefix: str) -> Keys:
        """List every key below a folder, at any depth, in order of the whole key."""
        return sorted(key for key in self._list_objects(prefix) if is_key(key))

    def folders(self, prefix: str) -> Keys:
        """List the names of the folders just below a folder, in order."""
        start = self._start + _folder(prefix)
        return sorted({*filter(is_key, list_folders(self._client, self._bucket, start))})

    def sweep(self, now: datetime) -> int:  # noqa: ARG002 - a folder's sweep asks for it
        """Remove nothing: a put that was cut short leaves nothing behind."""
        return 0

    def strangers(self, prefix: str = "") -> Anomalies:
        """List names that can be no key, delete markers, and what was laid over an object."""
        found: Anomalies = []
        listed = list_versions(self._client, self._bucket, self._start + _folder(prefix))
        for whole, versions in groupby(listed, key=attrgetter("key")):
            key = whole.removeprefix(self._start)
            if key.startswith(f"{PROBES}/"):
                continue
            if not is_key(key):
                found.append(Anomaly(key, "It is no object of an archive."))
            else:
                found += [Anomaly(key, message) for message in oddities([*versions])]
        return sorted(found)

    def version(self, key: str) -> str:
        """Return the id of the version that counts, the oldest. Raises ObjectMissing."""
        version = self._oldest(key)
        if version is None:
            raise object_missing(key)
        return version

    def lock(self, key: str, lock: Lock) -> None:
        """Lock the version that counts; only ever for longer, or more strictly.

        Raises StoreRefused: bucket-without-lock; lock-too-strict where governance is asked
        for beyond the end of a lock under compliance, which must not be prolonged; and
        store-not-writable where compliance is asked for over governance and the server
        allows that only to those who may bypass it.
        """
        which = self._at(key, self._known_version(key))
        present = _lock_told(self._state(key, which))
        until = _whole_seconds(lock.until)
        if present is not None:
            if present.covers(Lock(lock.mode, until)):
                return
            if (present.mode, lock.mode) == ("compliance", "governance"):
                raise StoreRefused(
                    "The object is locked under compliance, for less long than it is to be kept.",
                    where=self._where(key),
                    remedy="Take the default retention under compliance away from the bucket:"
                    " the office locks its objects itself.",
                    code="lock-too-strict",
                )
            until = max(until, present.until)
        told = {"Mode": lock.mode.upper(), "RetainUntilDate": until}
        with self._errors(key, is_writing=True):
            self._client.put_object_retention(**which, Retention=told)

    def locked(self, key: str) -> Lock | None:
        """Tell until when the version that counts is locked. Raises ObjectMissing."""
        return _lock_told(self._state(key, self._at(key, self._known_version(key))))

    def hold(self, key: str, is_held: bool) -> None:
        """Put the version that counts under legal hold, or release it. Raises StoreRefused."""
        which = self._at(key, self._known_version(key))
        with self._errors(key, is_writing=True):
            told = {"Status": "ON" if is_held else "OFF"}
            self._client.put_object_legal_hold(**which, LegalHold=told)

    def is_held(self, key: str) -> bool:
        """Whether the version that counts is under legal hold. Raises ObjectMissing."""
        which = self._at(key, self._known_version(key))
        return bool(self._state(key, which).get("ObjectLockLegalHoldStatus") == "ON")

    def remove(self, key: str) -> None:
        """Remove an object: delete markers, later versions, and last the one that counts.

        So it is read to the end, wherever it is interrupted. Raises StoreRefused where the
        server keeps a version.
        """
        whole = self._start + check_key(key)
        listed = list_versions(self._client, self._bucket, whole)
        versions = [*takewhile(lambda each: each.key == whole, listed)]
        for each in sorted(versions, key=lambda each: not each.is_marker):
            with self._errors(key, is_writing=True):
                self._client.delete_object(**self._at(key, each.id))
        self._known.pop(key, None)

    def _create(self, key: str, data: bytes) -> bytes:
        made = self._put_new(key, data)
        oldest = self._oldest(key)
        if oldest is None:
            raise StoreUnavailable(
                "The object was put, and someone took it away at once.",
                where=self._where(key),
                remedy="The step is tried again; see who may delete versions in the bucket.",
            )
        if oldest == made:
            return data
        if made is not None:
            # Nobody reads ours. Where it may not be deleted it stays, and does no harm.
            with suppress(LettersError), self._errors(key, is_writing=True):
                self._client.delete_object(**self._at(key, made))
        return self.get(key)

    def _put_new(self, key: str, data: bytes) -> str | None:
        """Put a version unless there is one; return its id, or None where there was one."""
        digest = hashlib.md5(data, usedforsecurity=False).digest()
        for _ in range(CONFLICT_TRIES):
            with self._errors(key, is_writing=True):
                try:
                    answer = self._client.put_object(
                        **self._at(key),
                        Body=data,
                        ContentMD5=b64encode(digest).decode(),
                        IfNoneMatch="*",
                        Metadata={"sha256": sha256_hex(data)},
                    )
                except ClientError as error:
                    if code_of(error) == "PreconditionFailed":
                        return None
                    if code_of(error) != "ConditionalRequestConflict":
                        raise
                else:
                    return self._require_version(answer.get("VersionId"))
            time.sleep(CONFLICT_WAIT_SECONDS)
        raise StoreUnavailable(
            "Others write the same object over and over.",
            where=self._where(key),
            remedy="The step is tried again.",
        )

    def _require_versioning(self) -> None:
        if self._is_known_versioned:
            return
        with self._errors("", is_writing=True):
            answer = self._client.get_bucket_versioning(Bucket=self._bucket)
        self._require_version(UNVERSIONED if answer.get("Status") != "Enabled" else "any")
        self._is_known_versioned = True

    def _require_version(self, version: str | None) -> str:
        if version is None or version == UNVERSIONED:
            raise StoreRefused(
                "The bucket keeps no versions: whoever wrote an object anew would destroy it.",
                where=self._where(""),
                remedy="Have versioning turned on for the bucket.",
                code="bucket-not-versioned",
            )
        return version

    def _read(self, key: str, version: str) -> bytes | None:
        """Return a version's bytes, or None where someone has deleted it."""
        with self._errors(key, is_writing=False):
            try:
                answer = self._client.get_object(**self._at(key, version))
            except ClientError as error:
                if code_of(error) not in ("NoSuchVersion", "NoSuchKey"):
                    raise
                return None
            check_size(key, answer["ContentLength"])
            data: bytes = answer["Body"].read()
        promised = answer.get("Metadata", {}).get("sha256")
        if promised not in (None, sha256_hex(data)):
            raise ObjectDamaged(
                "The store returns other bytes than were put into this version.",
                where=self._where(key),
                remedy="Read it again; if it stays so, have the server's disks checked and this"
                " version restored from its own copies.",
            )
        return data

    def _list_objects(self, prefix: str, after: str = "") -> set[str]:
        """List the keys below a folder, and remember which version of each counts."""
        start = self._start + _folder(prefix)
        past = self._start + after if after else ""
        if len(self._known) > KNOWN_AT_MOST:
            self._known.clear()
        found = set[str]()
        for each in list_versions(self._client, self._bucket, start, after=past):
            if not each.is_marker:
                key = each.key.removeprefix(self._start)
                found.add(key)
                # The oldest comes last.
                self._known[key] = each.id
        return found

    def _oldest(self, key: str) -> str | None:
        """Return the id of the version that counts."""
        oldest = oldest_version(self._client, self._bucket, self._start + check_key(key))
        if oldest is None:
            self._known.pop(key, None)
            return None
        self._known[key] = oldest.id
        return oldest.id

    def _known_version(self, key: str) -> str:
        return self._known.get(check_key(key)) or self.version(key)

    def _state(self, key: str, which: Mapping[str, str]) -> dict[str, Any]:
        with self._errors(key, is_writing=False):
            try:
                state: dict[str, Any] = self._client.head_object(**which)
            except ClientError:
                self._known.pop(key, None)
                raise
        return state

    def _at(self, key: str, version: str | None = None) -> dict[str, str]:
        told = {"Bucket": self._bucket, "Key": self._start + key}
        return told if version is None else {**told, "VersionId": version}

    def _where(self, key: str) -> str:
        return f"s3://{self._bucket}/{self._start}{key}"

    def _errors(self, key: str, *, is_writing: bool) -> AbstractContextManager[None]:
        return s3_errors(self._where(key), is_writing=is_writing)


def _folder(prefix: str) -> str:
    start = check_prefix(prefix)
    return f"{start}/" if start else ""


def _lock_told(state: Mapping[str, Any]) -> Lock | None:
    """Read the lock that the server tells with an object's other headers."""
    mode = state.get("ObjectLockMode")
    if mode is None:
        return None
    until = state["ObjectLockRetainUntilDate"].astimezone(UTC)
    return Lock("compliance" if mode == "COMPLIANCE" else "governance", until)


def _whole_seconds(moment: datetime) -> datetime:
    """Round up: not every server keeps parts of a second."""
    whole = moment.astimezone(UTC).replace(microsecond=0)
    return whole if whole == moment else whole + timedelta(seconds=1)
