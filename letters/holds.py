"""Holds: periods in which approved letters are not sent, such as before an election.

A letter is held where a period covers the day, its kind and its authority. Corrections and
withdrawals are never held: whoever has a wrong letter must be told.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from letters.letter import Frozen, Line, Slug
from letters.working_days import working_days_after


class HoldPeriod(Frozen):
    """Days, both included, on which letters of some kinds to some authorities are not sent."""

    name: Line
    """As operators know it: `Local elections 2026`."""
    since: date
    until: date
    kinds: tuple[Slug, ...] = ()
    """Empty: every kind."""
    authorities: tuple[Slug, ...] = ()
    """Codes; empty: every authority."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until < self.since:
            raise ValueError(f"the hold “{self.name}” ends ({self.until}) before it begins")
        return self

    def covers(self, day: date, *, kind: str, authority: str) -> bool:
        """Whether a letter of this kind to this authority is not sent on `day`."""
        return (
            self.since <= day <= self.until
            and kind in (self.kinds or (kind,))
            and authority in (self.authorities or (authority,))
        )


class Held(Frozen):
    """That a revision was held, as its case keeps it."""

    layout: Literal[1] = 1
    period: HoldPeriod
    at: str = Field(description="UTC, ISO 8601")


def hold_on(
    periods: Iterable[HoldPeriod], day: date, *, kind: str, authority: str
) -> HoldPeriod | None:
    """Find the period that holds such a letter on `day`: of several the one that ends last."""
    found = (p for p in periods if p.covers(day, kind=kind, authority=authority))
    return max(found, key=lambda period: period.until, default=None)


def date_fits(dated: date, sent: date, *, working_days: int) -> bool:
    """Whether a letter dated `dated` may still be sent on `sent`.

    It is not from the future, and at most so many working days old.
    """
    return dated <= sent and working_days_after(dated, sent) <= working_days
