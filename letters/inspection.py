"""When an inspection took place, as the letter itself says in its opening.

The finder of facts reads the days; here they are only picked. A later mention
of another inspection's dates, in a finding, doesn't count.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from letters.letter import Fact


class Inspection(NamedTuple):
    """The first and the last day of an inspection, both inspected on."""

    first: date
    last: date

    @classmethod
    def of(cls, fact: Fact) -> Inspection:
        """Read the days of a fact."""
        return cls(date.fromisoformat(fact.value["first"]), date.fromisoformat(fact.value["last"]))


def inspection_in(facts: Iterable[Fact]) -> Inspection | None:
    """Pick the inspection's days: the first that the opening gives."""
    fact = inspection_fact(facts)
    return None if fact is None else Inspection.of(fact)


def inspection_fact(facts: Iterable[Fact]) -> Fact | None:
    """Pick the words of the opening that give the inspection's days."""
    return next(
        (
            fact
            for fact in facts
            if fact.kind == "inspection-dates" and fact.place.startswith("opening/")
        ),
        None,
    )
