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

WARNINGS_RIGHT_AT_LEAST = 0.7


@pytest.fixture(scope="module")
def told() -> Sequence[Told]:
    return problems_as_they_stand()


@pytest.mark.parametrize("mistake", real_mistakes(), ids=lambda at: f"{at.letter} has {at.code}")
def test_the_mistakes_that_stand_in_them_are_told(told: Sequence[Told], mistake: At) -> None:
    assert mistake in {each.at for each in told}


def test_hardly_anything_blocks_without_reason(told: Sequence[Told]) -> None:
    assert len(false_blocking(told)) / len(names()) <= FALSE_BLOCKING_AT_MOST


def test_most_warnings_are_right(told: Sequence[Told]) -> None:
    verdicts = [each.verdict for each in told if not each.problem.is_blocking]

    assert verdicts.count("true") / len(verdicts) >= WARNINGS_RIGHT_AT_LEAST


def test_the_data_speaks_of_letters_that_are_there() -> None:
    spoken_of = {at.letter for at in (*real_mistakes(), *judged_warnings())}

    assert spoken_of | {each.letter for each in beyond_the_checks()} <= set(names())


def test_the_products_own_reader_leads_to_the_same_problems(told: Sequence[Told]) -> None:
    assert problems_as_they_stand(read_by_the_product) == told
