"""The store: what every cabinet must do, its keys and its errors.

An object is written once and never again. Owns the contract, the key pattern and
what an error of the file system means; where the bytes lie is for `folder.py`
and `s3.py`.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from letters.errors import LettersError, TransientError

MAX_OBJECT_BYTES = 64 * 1024 * 1024
MAX_KEY_LENGTH = 200
MAX_KEY_SEGMENTS = 12

_SEGMENT = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_KEY = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")

_MAY_PASS = frozenset(
    {
        *(errno.EIO, errno.ETIMEDOUT, errno.ESTALE, errno.EAGAIN, errno.EINTR),
        *(errno.EMFILE, errno.ENFILE),
        # A folder disposed of, or a temporary file swept, between two of our calls.
        errno.ENOENT,
    }
)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class InvalidKey(LettersError):
    """A key that no object can have."""

    code = "invalid-key"


class ObjectMissing(LettersError):
    """The store holds no object under this key."""

    code = "object-missing"


class ObjectTooLarge(LettersError):
    """An object has more than MAX_OBJECT_BYTES."""

    code = "object-too-large"


class ObjectNotPlain(LettersError):
    """A symbolic link or a device stands where only files and folders may: it is not followed."""

    code = "object-not-plain"


class StoreFailed(LettersError):
    """The store answered with an error that none of the others describes."""

    code = "store-failed"


class StoreUnavailable(TransientError):
    """The store can't be reached or used just now."""

    code = "store-unavailable"


class StoreFull(TransientError):
    """There is no room left, or the quota is used up."""

    code = "store-full"


class StoreRefused(LettersError):
    """The store is there, but this user may not write it (or, by its code, not read it)."""

    code = "store-not-writable"


class StoreWithoutHardLinks(StoreRefused):
    """The file system can't make hard links, so nothing can be created only once."""

    code = "store-without-hard-links"


class Anomaly(NamedTuple):
    """Something in the cabinet that no step of this product can have put there."""

    key: str
    message: str


class Lock(NamedTuple):
    """Until when the store itself refuses to let an object go (S3 Object Lock)."""

    mode: Literal["governance", "compliance"]
    until: datetime

    def covers(self, other: Lock) -> bool:
        """Whether it is as strict as the other, and lasts as long."""
        is_as_strict = other.mode == "governance" or self.mode == "compliance"
        return is_as_strict and self.until >= other.until


Keys = list[str]
"""`list` is also the name of a method below."""
Anomalies = list[Anomaly]


class Store(Protocol):
    """A cabinet of objects that are created once. Keys are checked by `check_key`.

    Every method may be called from many threads and processes at once, and may
    raise InvalidKey, StoreUnavailable, StoreFull, StoreRefused or StoreFailed.
    Instances are hashable, and equal when they are the same cabinet.
    """

    @property
    def name(self) -> str:
        """What the cabinet is called where a moment of the work is named: `archive`."""
        ...

    def put(self, key: str, data: bytes) -> bytes:
        """Create an object and return what is stored, which is then sure to last.

        That is `data` for whoever was first, and the earlier bytes for all others.
        Raises ObjectTooLarge.
        """
        ...

    def get(self, key: str) -> bytes:
        """Return an object's bytes. Raises ObjectMissing."""
        ...

    def find(self, key: str) -> bytes | None:
        """Return an object's bytes, or None where there is no such object."""
        ...

    def series(self, key_of: Callable[[int], str], first: int) -> Iterator[bytes]:
        """Yield the objects numbered from `first` on, up to the first number that has none.

        `key_of` gives the key of a number; all are of one folder, in order of their numbers.
        """
        ...

    def exists(self, key: str) -> bool:
        """Whether there is such an object, without reading it."""
        ...

    def list(self, prefix: str) -> Keys:
        """List every key below a folder, at any depth, in order of the whole key.

        `prefix` names a whole folder: `a/b` and `a/b/` cover `a/b/c`, but neither
        `a/b` nor `a/bc`. Empty for all.
        """
        ...

    def folders(self, prefix: str) -> Keys:
        """List the names of the folders just below a folder, in order, and not what is in them."""
        ...

    def sweep(self, now: datetime) -> int:
        """Remove what dead processes left unfinished, and return how much."""
        ...

    def strangers(self, prefix: str = "") -> Anomalies:
        """List what lies below a folder and can be no object, or lies over one, in order."""
        ...


@runtime_checkable
class LockingStore(Protocol):
    """A store that can refuse to let an object go, whoever asks it to."""

    def version(self, key: str) -> str:
        """Return the id of the version that counts, the oldest. Raises ObjectMissing."""
        ...

    def lock(self, key: str, lock: Lock) -> None:
        """Lock the version that counts; only ever for longer. Raises StoreRefused."""
        ...

    def locked(self, key: str) -> Lock | None:
        """Tell until when the version that counts is locked."""
        ...

    def hold(self, key: str, is_held: bool) -> None:
        """Put the version that counts under legal hold, or release it. Raises StoreRefused."""
        ...

    def is_held(self, key: str) -> bool:
        """Whether the version that counts is under legal hold."""
        ...


@runtime_checkable
class DisposingStore(Protocol):
    """A store from which an object can be removed for good. For disposal, and nothing else."""

    def remove(self, key: str) -> None:
        """Remove an object with all its versions; nothing where there is none.

        Raises StoreRefused where it is locked, held, or not this user's to remove.
        """
        ...


def is_key(key: str) -> bool:
    """Whether an object may have this key."""
    is_short = len(key) <= MAX_KEY_LENGTH and key.count("/") < MAX_KEY_SEGMENTS
    return is_short and _KEY.fullmatch(key) is not None


def check_key(key: str) -> str:
    """Return `key` if an object may have it. Raises InvalidKey."""
    if not is_key(key):
        shown = key if len(key) <= MAX_KEY_LENGTH else f"{key[:MAX_KEY_LENGTH]}…"
        raise InvalidKey(
            f"{shown!r} can't be a key.",
            remedy=f"A key has up to {MAX_KEY_SEGMENTS} parts between slashes and {MAX_KEY_LENGTH}"
            " characters in all; each part begins with a letter or digit and goes on with"
            " letters, digits, dots, hyphens and underscores.",
        )
    return key


def check_prefix(prefix: str) -> str:
    """Return the folder that `prefix` names, without its closing slash. Raises InvalidKey."""
    return check_key(prefix.removesuffix("/")) if prefix else ""


def check_size(key: str, size: int) -> None:
    """Refuse an object of more than MAX_OBJECT_BYTES. Raises ObjectTooLarge."""
    if size > MAX_OBJECT_BYTES:
        raise ObjectTooLarge(
            f"The object has {size} bytes or more; {MAX_OBJECT_BYTES} are allowed.",
            where=key,
            remedy="Make the document or its pictures smaller.",
        )


def object_missing(key: str) -> ObjectMissing:
    """Build the error that `get` raises."""
    return ObjectMissing(
        "There is no such object in the store.",
        where=key,
        remedy="Check the reference and the office; if it was there before, verify the case.",
    )


def store_error(error: OSError, *, where: str, is_writing: bool) -> LettersError:
    """Say what an error of the operating system means for the store at `where`."""
    if error.errno in _FULL:
        return StoreFull(
            "The store is full.",
            where=where,
            remedy="Free some space or raise the quota; the step is tried again.",
        )
    if error.errno in _REFUSED:
        return StoreRefused(
            f"The store may not be {'written' if is_writing else 'read'}: {error.strerror}.",
            where=where,
            remedy="Check who owns the folder, its permissions, and whether it is mounted"
            " read-only.",
            code="store-not-writable" if is_writing else "store-not-readable",
        )
    if error.errno in _MAY_PASS:
        return StoreUnavailable(
            f"The store can't be used just now: {error.strerror}.",
            where=where,
            remedy="The step is tried again; if this goes on, check the disk or its server.",
        )
    return StoreFailed(
        f"The store failed: {error.strerror or error}.",
        where=where,
        remedy="Check that the path is a folder on a working disk.",
    )
