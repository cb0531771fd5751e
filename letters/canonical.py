"""One way to write a value as bytes, and the hashes taken of it.

Canonical JSON here is the subset of RFC 8785 that our values need: objects with
ASCII keys in order, strings, integers, booleans, null and arrays; no floats,
whose spelling differs between languages. UTF-8, no white space, and one line
feed at the end of a stored file so that it reads well in a terminal.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

CONTENT_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that a code can be read out on the telephone."""


def canonical_json(value: Any) -> bytes:
    """Write `value` as canonical JSON, without the closing line feed.

    Raises TypeError for floats and for anything JSON can't hold.
    """
    _refuse_floats(value)
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")


def stored_json(value: Any) -> bytes:
    """Write `value` as it lies in the archive: canonical JSON and a line feed."""
    return canonical_json(value) + b"\n"


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digest_of(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of `value`."""
    return sha256_hex(canonical_json(value))


def content_code(digest: str) -> str:
    """Shorten a digest to eight characters in two groups, like `7Q2F-M0XA`.

    Forty bits: for people to see that they look at the same thing. Two letters
    with the same code can be made in seconds, so it is never evidence.
    """
    number = int(digest[:10], 16)
    letters = "".join(CONTENT_CODE_ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
    return f"{letters[:4]}-{letters[4:]}"


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("canonical JSON holds no floats: write an integer or a string")
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise TypeError(f"canonical JSON has ASCII keys only, not {key!r}")
            _refuse_floats(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _refuse_floats(item)
