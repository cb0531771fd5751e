"""The versions that a bucket keeps of its objects: how they are listed, and what is odd in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from tasks.case.s3_client import Client
from tasks.case.s3_errors import s3_errors

PAGE = 1000

RACE = timedelta(seconds=60)
"""Who loses a race puts a later version within moments; what comes after this is no race."""


class Version(NamedTuple):
    """One version of an object, or a delete marker, as the server lists it."""

    key: str
    id: str
    at: datetime
    """The server's time: nobody who puts an object can choose it."""
    etag: str
    is_marker: bool


def list_versions(client: Client, bucket: str, start: str, *, after: str = "") -> Iterator[Version]:
    """List what begins with `start` in order of the keys; of one key newest first, markers last.

    With `after`, only what comes after that key.
    """
    told = {"Bucket": bucket, "Prefix": start, "MaxKeys": PAGE}
    if after:
        told["KeyMarker"] = after
    while True:
        with s3_errors(f"s3://{bucket}/{start}", is_writing=False):
            page = client.list_object_versions(**told)
        found = [
            Version(
                key=each["Key"],
                id=each["VersionId"],
                at=each["LastModified"],
                etag=each.get("ETag", ""),
                is_marker=kind == "DeleteMarkers",
            )
            for kind in ("Versions", "DeleteMarkers")
            for each in page.get(kind, ())
        ]
        yield from sorted((each for each in found if each.key > after), key=attrgetter("key"))
        if not page.get("IsTruncated"):
            return
        told |= {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}


def list_folders(client: Client, bucket: str, start: str) -> Iterator[str]:
    """List the names of the folders just below `start`, which is empty or ends with a slash."""
    asked = {"Bucket": bucket, "Prefix": start, "MaxKeys": PAGE, "Delimiter": "/"}
    told = asked
    while True:
        with s3_errors(f"s3://{bucket}/{start}", is_writing=False):
            page = client.list_object_versions(**told)
        for each in page.get("CommonPrefixes", ()):
            yield each["Prefix"].removeprefix(start).removesuffix("/")
        if not page.get("IsTruncated"):
            return
        # A page that ends with a folder has no version to go on from.
        told = asked | {"KeyMarker": page["NextKeyMarker"]}
        if page.get("NextVersionIdMarker"):
            told |= {"VersionIdMarker": page["NextVersionIdMarker"]}


def oldest_version(client: Client, bucket: str, key: str) -> Version | None:
    """Find the version of an object that counts, or None where there is none."""
    oldest = None
    for each in list_versions(client, bucket, key):
        # A key comes before all others that begin with it.
        if each.key != key:
            break
        if not each.is_marker:
            oldest = each
    return oldest


def oddities(versions: Sequence[Version]) -> Iterator[str]:
    """Say what no writer of this product can have made of one key."""
    objects = [each for each in versions if not each.is_marker]
    markers = [each for each in versions if each.is_marker]
    if not objects:
        yield f"Only a delete marker is left of it, laid on {_moment(markers[-1])}."
        return
    oldest = objects[-1]
    for each in objects[:-1]:
        if each.etag != oldest.etag and each.at - oldest.at > RACE:
            yield (
                f"Someone laid another version over it on {_moment(each)}. It is read by nobody:"
                f" the oldest counts, of {_moment(oldest)}."
            )
    if markers:
        yield (
            f"Someone deleted it on {_moment(markers[-1])}. That hides it from others; the object"
            " is still there, and is read."
        )


def _moment(version: Version) -> str:
    return f"{version.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
