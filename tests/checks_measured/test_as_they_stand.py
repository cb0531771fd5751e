"""The real letters as they stand: their mistakes are found, and hardly anything else blocks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.checks_measured.measured import (
    FALSE_BLOCKING_AT_MOST,
    At,
    Told,
    beyond_the_checks,
    false_blocking,
    judged_warnings,
    problems_as_they_stand,
    real_mistakes,
)
from tests.checks_measured.real_letters import names, read_by_the_product

NOT_TOLD = {At("stockton-on-tees-2022-10-26", "postcode-malformed", "addressees/1")}
"""Mistakes that the checks still miss."""

WARNINGS_FALSE_AT_MOST = 0.1


@pytest.fixture(scope="module")
def told() -> Sequence[Told]:
    return problems_as_they_stand()


def test_the_mistakes_that_stand_in_them_are_told(told: Sequence[Told]) -> None:
    assert set(real_mistakes()) - {each.at for each in told} == NOT_TOLD


def test_hardly_anything_blocks_without_reason(told: Sequence[Told]) -> None:
    assert len(false_blocking(told)) / len(names()) <= FALSE_BLOCKING_AT_MOST


def test_hardly_a_warning_is_false(told: Sequence[Told]) -> None:
    verdicts = [each.verdict for each in told if not each.problem.is_blocking]

    assert verdicts.count("not judged") == 0
    assert verdicts.count("false") / len(verdicts) <= WARNINGS_FALSE_AT_MOST


def test_the_data_speaks_of_letters_that_are_there() -> None:
    spoken_of = {at.letter for at in (*real_mistakes(), *judged_warnings())}

    assert spoken_of | {each.letter for each in beyond_the_checks()} <= set(names())


def test_the_products_own_reader_leads_to_the_same_problems(told: Sequence[Told]) -> None:
    assert problems_as_they_stand(read_by_the_product) == told
