"""A sample of the planted faults: each check finds the faults that it is for.

The whole measurement is `python -m tests.checks_measured`; docs/checks-measured.md has what
came of it.
"""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from letters.checks import CHECKS
from tests.checks_measured.calendar_of_england import working_days_later
from tests.checks_measured.fault import Planter, marked
from tests.checks_measured.planting import PLANTERS, plant_all
from tests.checks_measured.real_letters import names

LETTERS_EACH = 4
MAY_MISS = {
    "authority-name-varies": 1,
    "date-impossible": 1,
    "placeholder": 1,
    "postcode-malformed": 2,
    "salutation-of-another": 1,
}
"""Of so many faults of the sample; all others are found. Below what is measured, a test fails."""

STOPPING = ("date-missing", "date-unreadable", "inspection-dates-missing")
"""Told while composing: no check is asked without them."""


def letters_for(planter: Planter) -> tuple[str, ...]:
    """Choose letters by the code, so that all codes together use all letters."""
    rng = Random(planter.code)  # noqa: S311 - for variety, not for secrets
    joint = [name for name in names() if "jtai" in name or name.startswith("wirral-2010")]
    return (*rng.sample(names(), LETTERS_EACH - 1), rng.choice(joint))


@pytest.mark.parametrize("planter", PLANTERS, ids=lambda planter: f"{planter.code} is found")
def test_planted_faults_are_found(planter: Planter) -> None:
    planted = list(plant_all(variants=1, letters=letters_for(planter), codes=[planter.code]))

    missed = [each for each in planted if not each.is_found]
    assert planted
    assert len(missed) <= MAY_MISS.get(planter.code, 0), missed


def test_every_check_has_its_planter() -> None:
    planted = {planter.code for planter in PLANTERS}

    assert {check.code for check in CHECKS} == planted - set(STOPPING)


def test_the_same_seed_plants_the_same_faults() -> None:
    once, again = (
        [each.planted for each in plant_all(letters=names()[:1], codes=["doubled-word"])]
        for _ in range(2)
    )

    assert once == again


def test_marks_stand_around_what_is_wrong() -> None:
    plain, start, end = marked("It opened on ‹31 June 2021›.")

    assert (plain, plain[start:end]) == ("It opened on 31 June 2021.", "31 June 2021")


def test_working_days_pass_over_the_jubilee() -> None:
    assert working_days_later(date(2022, 5, 31), 2) == date(2022, 6, 6)
