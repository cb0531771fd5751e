"""A letter's name for life, and the place of its case in the archive."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from letters.errors import UsageError

_SHAPE = re.compile(r"([A-Z]{2,6})-([A-Z0-9]+(?:-[A-Z0-9]+)*)-([0-9]{4}(?:-[0-9]{2}-[0-9]{2})?)")


class Reference(NamedTuple):
    """The parts of a reference such as `CRA-WIRRAL-2010-07-20`."""

    kind_code: str
    authority_code: str
    """Lower case, as in the register."""
    period: str
    """The first inspection day as an ISO date, or a year alone."""

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Take a reference apart. Raises UsageError where it isn't one."""
        match = _SHAPE.fullmatch(text)
        if match is None:
            raise UsageError(
                f"“{text}” is not a letter's reference.",
                remedy="A reference looks like CRA-WESTMERE-2011-03-08; `letters list` shows them.",
                code="reference-malformed",
            )
        return cls(match[1], match[2].lower(), match[3])

    @classmethod
    def of(cls, kind_code: str, authority_code: str, period: str) -> Reference:
        """Make the reference of a kind's letter to an authority."""
        return cls(kind_code, authority_code, period)

    def __str__(self) -> str:
        return f"{self.kind_code}-{self.authority_code.upper()}-{self.period}"

    @property
    def year(self) -> str:
        """The year under which the case is kept."""
        return self.period[:4]

    @property
    def case_prefix(self) -> str:
        """Where the case lies in the archive."""
        return f"cases/{self.year}/{self.authority_code}/{self}"

    def days_from(self, other: Reference) -> int | None:
        """Count the days between two inspections of one kind and authority, else None."""
        if self[:2] != other[:2] or len(self.period) == 4 or len(other.period) == 4:
            return None
        return abs((date.fromisoformat(self.period) - date.fromisoformat(other.period)).days)
