"""A finding: one thing that `letters doctor` looked at, and what to do about it."""

from __future__ import annotations

from typing import Literal

from letters.letter import Frozen


class Finding(Frozen):
    """What was looked at and how it stands."""

    level: Literal["ok", "warning", "failure"]
    """A warning works but shouldn't stay; with a failure letters are not safe, or can't go out."""
    code: str
    message: str
    remedy: str = ""
