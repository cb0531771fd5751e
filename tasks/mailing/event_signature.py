"""The signature of a provider's batch: ECDSA on P-256 with SHA-256, over time stamp and raw body.

As SendGrid signs its Event Webhook (its page “Getting started with the Event Webhook
security features”). The key is the office's setting; the moment that was signed is
judged by whoever asks.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from letters.errors import UsageError

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"

LONGEST_SIGNATURE = 200
"""Characters; a DER signature on this curve has 72 bytes at most."""

# Digits alone: a body begins with a bracket or a space, so that what was signed parts in one way.
_SECONDS = re.compile(r"[0-9]{1,11}")


@lru_cache(maxsize=8)
def load_public_key(text: str) -> EllipticCurvePublicKey:
    """Read the provider's public key, base64 of its DER. Raises UsageError."""
    try:
        key = load_der_public_key(base64.b64decode("".join(text.split()), validate=True))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _no_key() from error
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise _no_key()
    return key


def signed_bytes(timestamp: str, body: bytes) -> bytes:
    """Return what the provider signs."""
    return timestamp.encode("ascii", "replace") + body


def signed_at(timestamp: str) -> datetime | None:
    """Read the moment that was signed; None for what is no moment."""
    if _SECONDS.fullmatch(timestamp) is None:
        return None
    return datetime.fromtimestamp(int(timestamp), UTC)


def is_signed(key: EllipticCurvePublicKey, *, signature: str, timestamp: str, body: bytes) -> bool:
    """Whether the key's owner signed this time stamp and this body."""
    if len(signature) > LONGEST_SIGNATURE:
        return False
    try:
        key.verify(
            base64.b64decode(signature, validate=True),
            signed_bytes(timestamp, body),
            ECDSA(SHA256()),
        )
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _no_key() -> UsageError:
    return UsageError(
        "The webhook's public key is no ECDSA key on the curve P-256.",
        where="public_key under [webhook]",
        remedy="Copy it anew from SendGrid's Mail Settings, Event Webhook, Signature Verification.",
        code="webhook-key-unusable",
    )
