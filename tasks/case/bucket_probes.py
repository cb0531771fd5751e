"""What a bucket does when it is tried: conditions, and what the office's credentials may do.

The probes lie below `.doctor`, where no object of an archive can lie, hold nothing and
are taken away again; where that isn't allowed, which is as it should be, a few empty
objects stay for good.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from botocore.exceptions import ClientError

from letters.finding import Finding
from tasks.case.s3 import PROBES
from tasks.case.s3_client import Client
from tasks.case.s3_errors import code_of, s3_errors
from tasks.case.s3_versions import oldest_version
from tasks.case.settings import Archive

LOCKED_FOR = timedelta(minutes=2)
EMPTY_MD5 = "1B2M2Y8AsgTpgAmY7PhCfg=="

_DENIED = frozenset({"AccessDenied", "403", "MethodNotAllowed", "InvalidBucketState"})


def probe_findings(
    client: Client, bucket: str, start: str, archive: Archive, server_time: datetime | None
) -> Iterator[Finding]:
    """Try the bucket out. `server_time` is None where it can't lock."""
    probes = _Probes(client, bucket, f"{start}{PROBES}/")
    with s3_errors(f"s3://{bucket}/{start}{PROBES}", is_writing=True):
        yield probes.conditions()
        yield probes.deletion(is_locking=archive.lock != "none")
        if server_time is not None:
            yield from probes.locks(archive.lock, until=server_time + LOCKED_FOR)
        yield probes.settings()


class _Probes:
    def __init__(self, client: Client, bucket: str, start: str) -> None:
        self._client = client
        self._bucket = bucket
        self._start = start

    def conditions(self) -> Finding:
        """Put an object anew under the condition that there is none."""
        version = self._object("condition")
        over = self._put("condition", IfNoneMatch="*")
        if over is not None:
            self._is_deleted("condition", over)
        self._is_deleted("condition", version)
        if over is None:
            return Finding(
                level="ok",
                code="conditional-writes",
                message="The server creates an object only once, as it is asked to.",
            )
        return Finding(
            level="ok",
            code="conditional-writes-ignored",
            message="The server writes over objects though it is asked not to; the oldest version"
            " decides, as in every bucket.",
        )

    def deletion(self, *, is_locking: bool) -> Finding:
        """Delete a version that isn't locked."""
        if not self._is_deleted("deletion", self._object("deletion")):
            return Finding(
                level="ok",
                code="versions-kept",
                message="The office's credentials can't delete versions.",
            )
        until_then = " until they are locked" if is_locking else ""
        return Finding(
            level="warning",
            code="versions-deletable",
            message="The office's credentials can delete versions of objects for good"
            f"{until_then}.",
            remedy="Take s3:DeleteObjectVersion from them, unless the server ignores conditional"
            " writes: there the office takes away with it what it wrote itself in a lost race.",
        )

    def locks(self, asked: str, *, until: datetime) -> Iterator[Finding]:
        """Lock a version under governance for a moment, and delete it with the right to bypass."""
        version = self._object("lock")
        retention = {"Mode": "GOVERNANCE", "RetainUntilDate": until}
        at = {"Bucket": self._bucket, "Key": f"{self._start}lock", "VersionId": version}
        try:
            self._client.put_object_retention(**at, Retention=retention)
        except ClientError as error:
            if code_of(error) not in _DENIED:
                raise
            if asked != "none":
                yield Finding(
                    level="failure",
                    code="lock-refused",
                    message=f"archive.lock is “{asked}”, and the office may not lock an object.",
                    remedy="Give its credentials s3:PutObjectRetention, s3:GetObjectRetention and"
                    " s3:PutObjectLegalHold, s3:GetObjectLegalHold.",
                )
            return
        if not self._is_deleted("lock", version, BypassGovernanceRetention=True):
            yield Finding(
                level="ok",
                code="governance-holds",
                message="A lock under governance holds against the office's own credentials.",
            )
            return
        yield Finding(
            level="failure" if asked == "governance" else "warning",
            code="governance-bypassed",
            message="The office's credentials can bypass governance: to them a lock is none.",
            remedy="Take s3:BypassGovernanceRetention from them.",
        )

    def settings(self) -> Finding:
        """Turn versioning on where it is on already: whoever may do that may turn it off."""
        try:
            self._client.put_bucket_versioning(
                Bucket=self._bucket, VersioningConfiguration={"Status": "Enabled"}
            )
        except ClientError as error:
            if code_of(error) not in _DENIED:
                raise
            return Finding(
                level="ok",
                code="bucket-not-changeable",
                message="The office's credentials can't change the bucket's versioning.",
            )
        return Finding(
            level="warning",
            code="bucket-changeable",
            message="The office's credentials can change the bucket's settings.",
            remedy="Give the office credentials of its own, that may put, read and list objects"
            " and ask for settings, and nothing else.",
        )

    def _object(self, name: str) -> str:
        """Return the version of a probe, put now unless an earlier visit had to leave it."""
        key = self._start + name
        left = oldest_version(self._client, self._bucket, key)
        return left.id if left is not None else str(self._put(name))

    def _put(self, name: str, **conditions: str) -> str | None:
        try:
            told = self._client.put_object(
                Bucket=self._bucket,
                Key=self._start + name,
                Body=b"",
                ContentMD5=EMPTY_MD5,
                **conditions,
            )
        except ClientError as error:
            if code_of(error) == "PreconditionFailed":
                return None
            raise
        return str(told["VersionId"])

    def _is_deleted(self, name: str, version: str, **more: object) -> bool:
        try:
            self._client.delete_object(
                Bucket=self._bucket, Key=self._start + name, VersionId=version, **more
            )
        except ClientError as error:
            if code_of(error) not in _DENIED:
                raise
            return False
        return True
