"""What a bucket is like to somebody who means to keep letters in it for decades.

Owns what its settings say; what it does when it is tried is for `bucket_probes.py`.
Nothing that lies in the archive is touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import ClientError

from letters.errors import LettersError
from letters.finding import Finding
from tasks.case.bucket_probes import probe_findings
from tasks.case.s3_client import Client
from tasks.case.s3_errors import code_of, s3_errors
from tasks.case.settings import Archive

CLOCK = timedelta(seconds=60)
"""S3 refuses requests 15 minutes away from its own clock; long before, records bear wrong times."""

_EVERYBODY = ("/groups/global/AllUsers", "/groups/global/AuthenticatedUsers")
_UNSET = frozenset(
    {
        *("ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration"),
        *("NoSuchBucketPolicy", "NoSuchPublicAccessBlockConfiguration"),
        # Of servers that don't know the question.
        *("NotImplemented", "MethodNotAllowed"),
    }
)

Told = dict[str, Any]


def bucket_findings(
    client: Client, bucket: str, prefix: str, archive: Archive, now: datetime
) -> list[Finding]:
    """Look at the bucket, and try it out below `<prefix>/.doctor`."""
    found: list[Finding] = []
    try:
        found.extend(_Examination(client, bucket, prefix, archive, now).findings())
    except LettersError as error:
        found.append(
            Finding(level="failure", code=error.code, message=error.message, remedy=error.remedy)
        )
    return found


class _Examination:
    """One look at a bucket; questions that the credentials may not ask are kept for the end."""

    def __init__(
        self, client: Client, bucket: str, prefix: str, archive: Archive, now: datetime
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix else ""
        self._archive = archive
        self._now = now
        self._not_told: list[str] = []

    def findings(self) -> Iterator[Finding]:
        told = self._ask("list_object_versions", Prefix=self._prefix, MaxKeys=1)
        if told is None:
            yield Finding(
                level="failure",
                code="store-not-readable",
                message=f"The office may not list the versions in the bucket {self._bucket}.",
                remedy="Give its credentials s3:ListBucketVersions, and see that they are right.",
            )
            return
        yield _ok("bucket-reached", f"The bucket {self._bucket} can be reached and listed.")
        yield self._clock(told)
        versioning = self._versioning()
        yield versioning
        can_lock, locking = self._locking()
        yield from locking
        yield from self._openness()
        if versioning.level == "ok":
            yield from probe_findings(
                self._client,
                self._bucket,
                self._prefix,
                self._archive,
                max(self._now, _server_time(told) or self._now) if can_lock else None,
            )
        if self._not_told:
            yield Finding(
                level="warning",
                code="bucket-reticent",
                message=f"The credentials may not ask for {', '.join(self._not_told)}.",
                remedy="Ask who owns the bucket, or give the credentials the right to ask.",
            )

    def _ask(self, operation: str, **more: object) -> Told | None:
        """Ask; empty where nothing is set, None where asking isn't allowed."""
        with s3_errors(f"s3://{self._bucket}/{self._prefix}", is_writing=False):
            try:
                told: Told = getattr(self._client, operation)(Bucket=self._bucket, **more)
            except ClientError as error:
                if code_of(error) in _UNSET:
                    return {}
                if code_of(error) not in ("AccessDenied", "403"):
                    raise
                self._not_told.append(operation.removeprefix("get_").replace("_", " "))
                return None
        return told

    def _clock(self, told: Told) -> Finding:
        server = _server_time(told)
        if server is None:
            return Finding(
                level="warning", code="clock-unknown", message="The server doesn't tell its time."
            )
        apart = abs(server - self._now)
        message = f"This machine's clock and the server's are {apart.total_seconds():.0f} s apart."
        if apart <= CLOCK:
            return _ok("clock", message)
        return Finding(
            level="warning",
            code="clock-wrong",
            message=message,
            remedy="Set the clock (NTP): what is kept bears a wrong time, and from 15 minutes on"
            " the server refuses everything.",
        )

    def _versioning(self) -> Finding:
        told = self._ask("get_bucket_versioning")
        if told is not None and told.get("Status") == "Enabled":
            return _ok("versioning", "The bucket keeps every version.")
        may_ask = "off" if told is not None else "unknown: the office may not ask"
        return Finding(
            level="failure",
            code="bucket-not-versioned",
            message=f"Versioning is {may_ask}. The office writes into no such bucket.",
            remedy="Have versioning turned on, and give the credentials s3:GetBucketVersioning.",
        )

    def _locking(self) -> tuple[bool, list[Finding]]:
        asked = self._archive.lock
        told = self._ask("get_object_lock_configuration")
        configuration = (told or {}).get("ObjectLockConfiguration", {})
        can_lock = configuration.get("ObjectLockEnabled") == "Enabled"
        found = [self._lock_asked(asked, can_lock=can_lock, is_told=told is not None)]
        default = configuration.get("Rule", {}).get("DefaultRetention", {})
        if default:
            found.append(_default_retention(default))
        return can_lock, found

    def _lock_asked(self, asked: str, *, can_lock: bool, is_told: bool) -> Finding:
        if asked == "none" and not can_lock:
            return _ok("no-lock", "Nothing is locked: whoever may delete versions, can.")
        if asked == "none":
            return Finding(
                level="warning",
                code="lock-unused",
                message="The bucket can lock objects, and the office doesn't ask it to.",
                remedy="Set archive.lock to “governance”; “compliance” in production only.",
            )
        if can_lock:
            return _ok("lock", f"The bucket can lock objects; the record goes under {asked}.")
        return Finding(
            level="failure" if is_told else "warning",
            code="bucket-without-lock",
            message=f"archive.lock is “{asked}”, and the bucket "
            + ("has no Object Lock." if is_told else "doesn't tell whether it has Object Lock."),
            remedy="Have Object Lock turned on for the bucket, or make a new one with it, before"
            " the first letter is issued.",
        )

    def _openness(self) -> Iterator[Finding]:
        granted = (self._ask("get_bucket_acl") or {}).get("Grants", ())
        status = (self._ask("get_bucket_policy_status") or {}).get("PolicyStatus", {})
        is_granted = any(
            str(grant.get("Grantee", {}).get("URI", "")).endswith(_EVERYBODY) for grant in granted
        )
        if is_granted or status.get("IsPublic"):
            by = "access list" if is_granted else "policy"
            yield Finding(
                level="failure",
                code="bucket-public",
                message=f"The bucket's {by} lets people in who have nothing to do with the office.",
                remedy="Close it now; then find out who read what, for recipients' addresses lie"
                " in it.",
            )
            return
        if self._archive.endpoint:
            yield _ok("bucket-private", "The bucket is open to nobody else by list or policy.")
            return
        block = self._ask("get_public_access_block")
        if block is None:
            return
        settings = block.get("PublicAccessBlockConfiguration", {})
        if len(settings) == 4 and all(settings.values()):
            yield _ok("bucket-private", "The bucket blocks public access altogether.")
            return
        yield Finding(
            level="warning",
            code="public-access-not-blocked",
            message="The bucket is not public, but one mistake in a policy would make it so.",
            remedy="Turn on all four settings of Block Public Access.",
        )


def _default_retention(default: Told) -> Finding:
    years, days = default.get("Years"), default.get("Days")
    length = f"{years} years" if years else f"{days} days"
    if default.get("Mode") == "COMPLIANCE":
        return Finding(
            level="failure",
            code="default-compliance",
            message=f"Every object is under compliance for {length} from the moment it is put:"
            " drafts and addresses, too, which nobody could then delete.",
            remedy="Take the default retention away: the office locks its objects itself.",
        )
    return Finding(
        level="warning",
        code="default-retention",
        message=f"Every object is under governance for {length} from the moment it is put.",
        remedy="Take the default retention away, unless something else needs it: the office"
        " locks its objects itself.",
    )


def _server_time(told: Told) -> datetime | None:
    said = told.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        return parsedate_to_datetime(said) if said else None
    except ValueError:
        return None


def _ok(code: str, message: str) -> Finding:
    return Finding(level="ok", code=code, message=message)
