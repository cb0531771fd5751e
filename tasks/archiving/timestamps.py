"""Time stamps of a hash, by an authority that the office doesn't own (RFC 3161).

Owns how one is asked for and how it is checked, with pyHanko. What is stamped, and
when, is for `anchors.py`. A response is kept as it came: `openssl ts -verify` reads it.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from letters.errors import LettersError, TransientError, UsageError

# pyHanko takes as long to import as all the rest of a verification.
if TYPE_CHECKING:
    from asn1crypto.tsp import TimeStampResp
    from asn1crypto.x509 import Certificate

REQUEST_SECONDS = 20

T = TypeVar("T")


class StampInvalid(LettersError):
    """A time stamp doesn't say what it should, or nobody who is trusted says it."""

    code = "time-stamp-invalid"


class StampUnavailable(TransientError):
    """The authority could not be asked just now."""

    code = "time-stamp-unavailable"


class Stamp(NamedTuple):
    """What a time stamp is worth."""

    at: datetime
    is_trusted: bool
    """False where nobody was named who is trusted: then the signature alone was checked."""


def request_stamp(url: str, sha256: str) -> bytes:
    """Ask the authority to stamp a hash; return its response as it came.

    Raises StampUnavailable, and StampInvalid where it refuses or answers otherwise.
    """
    from pyhanko.sign.timestamps.common_utils import handle_tsp_response
    from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

    client: Any = RequestsHTTPTimeStamper(url, timeout=REQUEST_SECONDS)
    nonce, request = client.request_cms(bytes.fromhex(sha256), "sha256")
    try:
        response: TimeStampResp = awaited(client.async_request_tsa_response(request))
    except Exception as error:  # requests', pyHanko's and asn1crypto's own
        raise StampUnavailable(
            f"The time-stamp authority can't be asked: {error}.",
            where=url,
            remedy="It is tried again the next time; check `anchors.tsa_url`.",
        ) from error
    try:
        handle_tsp_response(response, nonce)
        data: bytes = response.dump()
    except Exception as error:
        raise _invalid(f"The authority refused it, or answered something else: {error}") from error
    return data


def check_stamp(response: bytes, sha256: str, trust: Sequence[Certificate]) -> Stamp:
    """Check the authority's signature, that it is over this hash, and who vouches for it.

    Certificates are judged as they stood at the moment stamped. Raises StampInvalid.
    """
    from asn1crypto.tsp import TimeStampResp
    from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
    from pyhanko.sign.validation.status import TimestampSignatureStatus
    from pyhanko_certvalidator import ValidationContext

    # What it logs, with tracebacks, is told by what is raised here.
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    try:
        signed = TimeStampResp.load(response, strict=True)["time_stamp_token"]["content"]
        at: datetime = signed["encap_content_info"]["content"].parsed["gen_time"].native
        context = ValidationContext(trust_roots=list(trust), moment=at, allow_fetching=False)
        told = awaited(
            validate_tst_signed_data(signed, context, lambda name: _imprint(name, sha256))
        )
        status = TimestampSignatureStatus(**told)
    except Exception as error:  # altered bytes make the readers raise whatever they may
        raise _invalid(f"It can't be read: {str(error).splitlines()[0]}") from error
    if not (status.intact and status.valid):
        raise _invalid("Its signature doesn't hold, or is over another hash")
    if trust and not status.trusted:
        raise _invalid("Nobody who is trusted vouches for its signature")
    return Stamp(at, bool(trust))


def trusted_certificates(file: Path) -> list[Certificate]:
    """Read the certificates (PEM) of those who are trusted. Raises UsageError."""
    from asn1crypto import pem, x509

    try:
        found = [
            x509.Certificate.load(der, strict=True)
            for kind, _, der in pem.unarmor(file.read_bytes(), multiple=True)
            if kind == "CERTIFICATE"
        ]
    except (OSError, ValueError) as error:
        found, why = [], f": {error}"
    else:
        why = ""
    if not found:
        raise UsageError(
            f"No certificates can be read from the file{why}.",
            where=os.fspath(file),
            remedy="Correct the file's name in office.toml, relative to the office's folder: it"
            " holds certificates as PEM.",
            code="trust-file-unreadable",
        )
    return found


def _imprint(name: str, sha256: str) -> bytes:
    if name != "sha256":
        raise ValueError(f"the hash is stamped as {name}")
    return bytes.fromhex(sha256)


def awaited(coroutine: Coroutine[Any, Any, T]) -> T:
    """Wait for pyHanko, whether or not this thread runs a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def _invalid(what: str) -> StampInvalid:
    return StampInvalid(
        f"{what}.",
        remedy="Keep the file as evidence, and ask the authority; it proves nothing as it is.",
    )
