"""The client of boto3 that an office's settings describe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3.session
from botocore.config import Config

from letters.errors import UsageError
from tasks.case.s3_errors import s3_errors
from tasks.case.settings import Archive

Client = Any
"""A client of boto3, whose methods are made at run time from AWS's descriptions."""

CONNECTIONS = 32
ANY_REGION = "us-east-1"
"""Signatures name a region; servers other than AWS's have none."""


def make_client(
    archive: Archive,
    *,
    root: Path,
    credentials: Mapping[str, str] | None = None,
    profile: str = "",
) -> Client:
    """Make the client of boto3 that the settings describe. Asks the server nothing yet.

    Without `credentials` AWS's usual places are searched, for a `profile` if one is named.
    `root` is the office's folder.
    Raises UsageError (ca-file-missing) and StoreRefused (credentials-missing).
    """
    trusted = root / archive.ca_file if archive.ca_file else None
    if trusted is not None and not trusted.is_file():
        raise UsageError(
            "There is no file of the authority that vouches for the archive's server.",
            where=f"{trusted} (archive.ca_file)",
            remedy="Put the authority's certificate there, or correct the setting.",
            code="ca-file-missing",
        )
    config = Config(
        connect_timeout=archive.connect_seconds,
        read_timeout=archive.read_seconds,
        retries={"mode": "standard", "total_max_attempts": archive.attempts},
        s3={"addressing_style": "path" if archive.path_style else "auto"},
        signature_version="s3v4",
        max_pool_connections=CONNECTIONS,
        # Servers other than AWS's refuse the checksums that boto3 adds of itself.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    with s3_errors(f"s3://{archive.bucket}", is_writing=False):
        session = boto3.session.Session(
            **dict[str, Any](credentials or {}), profile_name=profile or None
        )
        return session.client(
            "s3",
            endpoint_url=archive.endpoint or None,
            region_name=archive.region or (ANY_REGION if archive.endpoint else None),
            verify=None if trusted is None else str(trusted),
            config=config,
        )
