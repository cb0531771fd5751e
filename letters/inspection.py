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


def inspection_in(facts: Iterable[Fact]) -> Inspection | None:
    """Pick the inspection's days: the first that the opening gives."""
    for fact in facts:
        if fact.kind == "inspection-dates" and fact.place.startswith("opening/"):
            return Inspection(
                date.fromisoformat(fact.value["first"]), date.fromisoformat(fact.value["last"])
            )
    return None
