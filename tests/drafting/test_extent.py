"""How much a reading may have: as much as the longest letter, and not a hundred times as much."""

from __future__ import annotations

from typing import Any

import pytest

from letters.letter import Passage
from letters.problem import Doubt, DraftUnreadable
from letters.reading import CopyLine, Reading, ReadSection
from tasks.drafting.extent import (
    MOST_CHARACTERS,
    MOST_ENTRIES,
    MOST_PASSAGES,
    MOST_SECTIONS,
    refuse_extent,
)

DOUBT = Doubt(code="a", place="", read="", proposed="")
COPY = CopyLine(line="A, of B")


def passages(number: int, text: str = "A.") -> tuple[Passage, ...]:
    return (Passage(style="item", text=text),) * number


def sections(number: int) -> tuple[ReadSection, ...]:
    return (ReadSection(heading="A", passages=()),) * number


AT_THE_LIMIT: dict[str, dict[str, Any]] = {
    "headings": {"sections": sections(MOST_SECTIONS)},
    "passages": {"opening": passages(MOST_PASSAGES)},
    "characters": {"closing": passages(10, "x" * (MOST_CHARACTERS // 10))},
    "doubts": {"doubts": (DOUBT,) * MOST_ENTRIES},
    "copies": {"copies": (COPY,) * MOST_ENTRIES},
    "leftovers without end": {"leftovers": ("1",) * 10 * MOST_ENTRIES},
}


@pytest.mark.parametrize("parts", AT_THE_LIMIT.values(), ids=AT_THE_LIMIT)
def test_as_much_as_a_letter_may_have_is_let_in(parts: dict[str, Any]) -> None:
    refuse_extent(Reading(**parts), source="draft.md")


@pytest.mark.parametrize(
    ("parts", "code", "message"),
    [
        pytest.param(
            {"sections": sections(MOST_SECTIONS + 1)},
            "draft-too-many-sections",
            "The draft has 201 headings; at most 200 are read.",
            id="headings",
        ),
        pytest.param(
            {
                "opening": passages(1),
                "sections": (ReadSection(heading="A", passages=passages(MOST_PASSAGES - 1)),),
                "closing": passages(1),
            },
            "draft-too-many-passages",
            "The draft has 1,001 paragraphs and items; at most 1,000 are read.",
            id="passages in all parts of the body",
        ),
        pytest.param(
            {"opening": passages(10, "x" * (MOST_CHARACTERS // 10)), "closing": passages(1, "y")},
            "draft-too-long",
            "The draft has 100,001 characters in its body; at most 100,000 are read.",
            id="characters",
        ),
        pytest.param(
            {"doubts": (DOUBT,) * (MOST_ENTRIES + 1), "copies": (COPY,)},
            "draft-too-many-entries",
            "The draft has 1,001 entries in one list; at most 1,000 are read.",
            id="doubts",
        ),
        pytest.param(
            {"copies": (COPY,) * (MOST_ENTRIES + 1)},
            "draft-too-many-entries",
            "The draft has 1,001 entries in one list; at most 1,000 are read.",
            id="copies",
        ),
    ],
)
def test_more_is_refused(parts: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(DraftUnreadable) as refused:
        refuse_extent(Reading(**parts), source="draft.md")

    assert (refused.value.code, refused.value.message) == (code, message)
    assert (refused.value.where, bool(refused.value.remedy)) == ("draft.md", True)
