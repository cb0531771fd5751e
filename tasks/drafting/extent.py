"""How much a letter has at most: what has more is no letter, and would keep every step busy.

The longest of the published letters has some hundred passages and 40,000 characters.
"""

from __future__ import annotations

from collections.abc import Iterator

from letters.letter import Passage
from letters.problem import DraftUnreadable
from letters.reading import Reading

MOST_SECTIONS = 200
MOST_PASSAGES = 1_000
MOST_CHARACTERS = 100_000
MOST_ENTRIES = 1_000
"""Of a list beside the letter's body: addressees, copies, doubts, clearances and the like."""


def refuse_extent(reading: Reading, *, source: str) -> None:
    """Raise DraftUnreadable for a reading that has more than letters have."""
    passages = [len(passage.text) for passage in _passages(reading)]
    entries = (
        *(reading.addressees, reading.signatories, reading.copies),
        *(reading.doubts, reading.clearances, reading.answers),
    )
    for number, most, what, code in (
        (len(reading.sections), MOST_SECTIONS, "headings", "draft-too-many-sections"),
        (len(passages), MOST_PASSAGES, "paragraphs and items", "draft-too-many-passages"),
        (sum(passages), MOST_CHARACTERS, "characters in its body", "draft-too-long"),
        (max(map(len, entries)), MOST_ENTRIES, "entries in one list", "draft-too-many-entries"),
    ):
        if number > most:
            raise DraftUnreadable(
                f"The draft has {number:,} {what}; at most {most:,} are read.",
                where=source,
                remedy="See whether it is the right file, and one letter.",
                code=code,
            )


def _passages(reading: Reading) -> Iterator[Passage]:
    yield from reading.opening
    for section in reading.sections:
        yield from section.passages
    yield from reading.closing
