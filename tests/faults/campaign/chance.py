"""What is drawn by lot in a campaign, from its seed and from names that don't change.

Nothing is drawn from a sequence: which process asks first is for the system to say, and
must change nothing.
"""

from __future__ import annotations

import random
from enum import StrEnum
from typing import Literal

Decision = Literal["resend", "sent", "none"]

MORE_REQUESTS_AT_MOST = 3
"""Requests of a delivery after which nobody decides to send again."""


def lot(*told: object) -> random.Random:
    """Draw from these names."""
    return random.Random("/".join(map(str, told)))  # noqa: S311 - it chooses faults, no secrets


class Evidence(StrEnum):
    """When the provider can tell what became of a request about a letter."""

    AT_ONCE = "at once"
    LATER = "later"
    """As when delivery checks find it out, or an event comes in."""
    NEVER = "never"


def evidence_of(seed: str, send_id: str) -> Evidence:
    """Tell when there is evidence about a delivery."""
    return lot(seed, "evidence", send_id).choice([*Evidence])


def decision_of(seed: str, send_id: str, *, requests: int, is_refused: bool) -> Decision:
    """Decide a delivery in doubt, as an operator does who can't find anything out."""
    chance = lot(seed, "decision", send_id, requests).random()
    if is_refused:
        return "resend" if chance < 0.7 and requests < MORE_REQUESTS_AT_MOST else "none"
    if chance < 0.4 and requests < MORE_REQUESTS_AT_MOST:
        return "resend"
    return "sent" if chance < 0.8 else "none"
