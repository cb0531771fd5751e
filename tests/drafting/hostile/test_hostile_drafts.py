"""No draft does harm, whatever is in it: each is refused, or comes out as the words that it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.drafting.hostile.batch import try_all
from tests.drafting.hostile.every import every
from tests.drafting.hostile.trial import ENDINGS, MOST_MEMORY_BYTES, MOST_SECONDS, Outcome
from tests.thoroughness import EVERY

NEVER_A_LETTER = {"size", "draft's name"}


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest) -> dict[str, Outcome]:
    """What became of the drafts that this session asks about."""
    asked = [item for item in request.session.items if item.path == Path(__file__)]
    return try_all([item.callspec.params["name"] for item in asked])


@pytest.mark.parametrize("name", list(every())[::EVERY], ids=str)
def test_a_hostile_draft_does_no_harm(name: str, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[name]

    assert outcome.faults == []
    assert outcome.ending in ENDINGS
    assert outcome.ending == "refused" or every()[name].family not in NEVER_A_LETTER
    assert "draft-reader-failed" not in outcome.codes
    assert outcome.seconds <= MOST_SECONDS
    assert outcome.memory_bytes <= MOST_MEMORY_BYTES
