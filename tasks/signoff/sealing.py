"""Marks of authenticity: what the office wrote, and is handed back, is known again by them.

HMAC-SHA256 with a secret of the office, so that links and questions need no memory
and outlive a restart.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Literal

from letters.canonical import canonical_json
from letters.signoff import base64url
from tasks.case.office import Office

Purpose = Literal["link", "question", "enrolment"]


def mark(office: Office, purpose: Purpose, *said: Any) -> str:
    """Mark what was said for a purpose: 43 characters of base64url."""
    data = canonical_json([purpose, *said])
    return base64url(hmac.digest(office.secret("signing"), data, hashlib.sha256))


def is_mark(claimed: str, office: Office, purpose: Purpose, *said: Any) -> bool:
    """Whether a mark is the office's own, compared in constant time."""
    own = mark(office, purpose, *said)
    return hmac.compare_digest(claimed.encode("utf-8", "replace"), own.encode("ascii"))
