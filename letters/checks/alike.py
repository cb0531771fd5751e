"""What stands in the letter as it stood in one to another authority."""

from __future__ import annotations

from collections.abc import Iterator

from letters.checks.rule import Found, Given, check
from letters.letter import Letter


@check(
    "text-of-another-letter",
    blocks=False,
    source="An inspectorate that printed the same text in 78 reports.",
)
def text_of_another_letter(letter: Letter, given: Given) -> Iterator[Found]:
    """A passage stands, wholly or nearly so, in the letter to another authority."""
    for alike in given.alike:
        yield Found(
            alike.place,
            f"This stands nearly so in {alike.reference}, to {alike.authority} "
            f"({alike.their_place}): {alike.likeness:.0%} of its pairs of words. See whether it "
            "was found here, too, and say it in this letter’s own words.",
            0,
            len(letter.texts_at(alike.place)),
        )


CHECKS = (text_of_another_letter,)
