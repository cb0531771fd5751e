"""What an error of S3 means for the store: the server's, the network's, or the credentials'.

The server's own words stay out of our messages: they may quote what was signed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as boto
from urllib3.exceptions import HTTPError

from letters.errors import LettersError
from tasks.case.store import StoreFailed, StoreFull, StoreRefused, StoreUnavailable

NO_ANSWER = (
    *(boto.ConnectionError, boto.HTTPClientError, boto.IncompleteReadError),
    *(boto.ResponseStreamingError, HTTPError, OSError),
)
"""The request may have arrived or not."""

_NO_CREDENTIALS = (
    *(boto.NoCredentialsError, boto.PartialCredentialsError, boto.CredentialRetrievalError),
    *(boto.NoAuthTokenError, boto.TokenRetrievalError, boto.SSOError, boto.LoginError),
    *(
        boto.ProfileNotFound,
        boto.ConfigNotFound,
        boto.ConfigParseError,
        boto.UnknownCredentialError,
    ),
    boto.MetadataRetrievalError,
)
_MAY_PASS = frozenset(
    {
        *(
            "SlowDown",
            "Throttling",
            "ThrottlingException",
            "RequestLimitExceeded",
            "OperationAborted",
        ),
        *("InternalError", "ServiceUnavailable", "RequestTimeout", "RequestTimeoutException"),
        # The bytes were altered on their way.
        *("BadDigest", "IncompleteBody", "XAmzContentSHA256Mismatch"),
        # Someone took a version away while we asked about it.
        *("NoSuchVersion", "NoSuchKey", "404"),
    }
)
_FULL = frozenset({"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage"})
_BAD_KEYS = frozenset(
    {
        *("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken"),
        *("TokenRefreshRequired", "InvalidSecurity"),
    }
)
_LOCKING = frozenset({"PutObjectRetention", "PutObjectLegalHold"})


@contextmanager
def s3_errors(where: str, *, is_writing: bool) -> Iterator[None]:
    """Turn what boto3 raises into the store's errors."""
    try:
        yield
    except (boto.ClientError, boto.BotoCoreError, HTTPError, OSError) as error:
        raise meaning_of(error, where=where, is_writing=is_writing) from None


def code_of(error: Exception) -> str:
    """Return the code of a server's answer; empty for any other error."""
    if isinstance(error, boto.ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return ""


def meaning_of(error: Exception, *, where: str, is_writing: bool) -> LettersError:
    """Say what an error means for the store at `where`."""
    if isinstance(error, boto.ClientError):
        return _meaning_of_answer(error, where=where, is_writing=is_writing)
    if isinstance(error, boto.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return StoreRefused(
            "The store's certificate is vouched for by nobody whom this machine trusts.",
            where=where,
            remedy="Name its authority's certificate as archive.ca_file; if the certificate has"
            " run out, its server needs a new one.",
            code="store-not-trusted",
        )
    if isinstance(error, _NO_CREDENTIALS):
        return StoreRefused(
            f"There are no credentials for the store ({type(error).__name__}).",
            where=where,
            remedy="Name a file of them as AWS_SHARED_CREDENTIALS_FILE, use AWS's other places"
            " or the machine's role, or a Prefect block as archive.credentials_block.",
            code="credentials-missing",
        )
    if isinstance(error, NO_ANSWER):
        return StoreUnavailable(
            f"The store gave no answer ({type(error).__name__}).",
            where=where,
            remedy="The step is tried again; if this goes on, check archive.endpoint, the network"
            " and the server.",
        )
    return StoreFailed(
        f"The store can't be asked so ({type(error).__name__}).",
        where=where,
        remedy="Check the settings of the archive: bucket, region, endpoint.",
    )


def _meaning_of_answer(error: boto.ClientError, *, where: str, is_writing: bool) -> LettersError:
    code = code_of(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _FULL or status == 507:
        return StoreFull(
            f"The store has no room left ({code}).",
            where=where,
            remedy="Raise the quota, or make room; the step is tried again.",
        )
    if code in _MAY_PASS or (status >= 500 and status != 501) or status == 429:
        return StoreUnavailable(
            f"The store can't be used just now ({code}).",
            where=where,
            remedy="The step is tried again; if this goes on, ask who runs the server.",
        )
    if code == "NoSuchBucket":
        return StoreRefused(
            "There is no such bucket.",
            where=where,
            remedy="Check archive.bucket and archive.endpoint, or have the bucket made, with"
            " versioning on and Object Lock if it is to lock.",
            code="bucket-missing",
        )
    if code in ("RequestTimeTooSkewed", "RequestExpired"):
        return StoreRefused(
            "This machine's clock is wrong by so much that the store refuses it.",
            where=where,
            remedy="Set the clock (NTP): what is kept would bear a wrong time, too.",
            code="clock-wrong",
        )
    if code == "InvalidRequest" and error.operation_name in _LOCKING:
        return StoreRefused(
            "The bucket has no Object Lock.",
            where=where,
            remedy="Have it turned on for the bucket, or set archive.lock to “none”.",
            code="bucket-without-lock",
        )
    if code in _BAD_KEYS or status in (401, 403):
        return _refused(code, is_bad_key=code in _BAD_KEYS, where=where, is_writing=is_writing)
    return StoreFailed(
        f"The store answered {code or status} to {error.operation_name}.",
        where=where,
        remedy="Check the settings of the archive: bucket, region, endpoint, path_style.",
    )


def _refused(code: str, *, is_bad_key: bool, where: str, is_writing: bool) -> StoreRefused:
    remedy = (
        "Check the credentials: they are unknown to the server, wrong, or have run out."
        if is_bad_key
        else "Have the office's credentials given what it needs on the bucket: `letters doctor`"
        " tells what is missing."
    )
    return StoreRefused(
        f"The store may not be {'written' if is_writing else 'read'} ({code}).",
        where=where,
        remedy=remedy,
        code="store-not-writable" if is_writing else "store-not-readable",
    )
