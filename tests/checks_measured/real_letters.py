"""The real letters as drafts: from the truth made by hand, or by the product's own reader.

From the truth, the measurement judges the checks alone. A letter that can't be composed
for its days alone gets them, so that the other checks can be asked, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from letters.compose import Composition, compose
from letters.facts import find_facts
from letters.kind import Kind
from letters.known import NOTHING_KNOWN, Known
from letters.letter import Letterhead
from letters.reading import Reading, ReadSection
from letters.register import Register
from tasks.drafting.kind_files import load_kinds
from tasks.drafting.readers import read_draft
from tasks.templating import render_string
from tests.checks_measured.draft import Draft
from tests.drafting.truth_of import LETTERS, Expected, expected_of, register_of

LETTERHEAD = Letterhead(
    organisation="Ofsted",
    lines=("Piccadilly Gate", "T 0300 123 1231", "enquiries@ofsted.gov.uk", "www.ofsted.gov.uk"),
)


DAYS_REPAIRED = {
    "cambridgeshire-2025-08-29": ("", "29 August 2025"),
    "north-somerset-2025-11-06": ("6 November 20205", "6 November 2025"),
    "durham-2021-08-23": ("13 and 14 July.", "13 and 14 July 2021."),
}
"""Letters without a day that can be read: what stands there, and what would stand there."""


class Office(NamedTuple):
    """What all drafts are composed with."""

    kinds: Mapping[str, Kind]
    register: Register

    def composed(
        self, reading: Reading, known: Known = NOTHING_KNOWN, register: Register | None = None
    ) -> Composition:
        """Compose and check a reading."""
        return compose(
            reading,
            register=register or self.register,
            kinds=self.kinds,
            letterhead=LETTERHEAD,
            render_standard=render_string,
            find_facts=find_facts,
            known=known,
        )


@cache
def office() -> Office:
    """Return the office: the product's kinds, and the register of all who stand in the letters."""
    return Office(load_kinds(files("config") / "kinds"), register_of())


@cache
def names() -> tuple[str, ...]:
    """List the letters."""
    return tuple(sorted(path.stem for path in LETTERS.glob("*.txt")))


@cache
def true_draft(letter: str) -> Draft:
    """Return a letter as it truly stands."""
    reading = _reading_of(expected_of(letter))
    return Draft(letter, reading, office().kinds[reading.kind], office().register)


def read_by_the_product(letter: str) -> Draft:
    """Return a letter as the product's reader reads it, its doubts answered for."""
    path = LETTERS / f"{letter}.txt"
    kinds, register = office()
    reading = read_draft(
        path.read_bytes(),
        path.name,
        register=register,
        kinds=tuple(kinds.values()),
        limit_bytes=2_000_000,
    )
    true = true_draft(letter).reading
    # Neither the kind nor the authority of a plain text is sure: the operator says them.
    reading = reading.model_copy(
        update={"kind": true.kind, "authority": true.authority, "doubts": ()}
    )
    return Draft(letter, reading, kinds[reading.kind], register)


def with_days(draft: Draft) -> Draft:
    """Repair the days of a letter that couldn't be composed without them."""
    if draft.letter not in DAYS_REPAIRED:
        return draft
    wrong, right = DAYS_REPAIRED[draft.letter]
    if draft.reading.date == wrong:
        return replace(draft, reading=draft.reading_with(date=right))
    place, text = next(each for each in draft.passages("opening") if wrong in each.text)
    return replace(draft, reading=draft.with_text(place, text.replace(wrong, right)))


@cache
def sound_draft(letter: str) -> Draft:
    """Return a letter that can be composed: the one that faults are planted in."""
    return with_days(true_draft(letter))


def _reading_of(expected: Expected) -> Reading:
    return Reading(
        kind=expected.kind,
        authority=expected.authority,
        date=expected.date,
        addressees=expected.addressees,
        salutation=expected.salutation,
        subject=expected.subject,
        opening=expected.opening,
        sections=tuple(
            ReadSection(heading=each.heading, passages=each.passages, level=each.level)
            for each in expected.sections
        ),
        closing=expected.closing,
        valediction=expected.valediction,
        signatories=expected.signatories,
        copies=expected.copies,
    )
