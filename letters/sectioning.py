"""Which of the kind's sections a draft's headings are, and by which keys they go."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from letters.addressing import unused
from letters.kind import Kind
from letters.problem import Problem
from letters.reading import Reading
from letters.suggestion import did_you_mean

RESERVED = (
    *("kind", "authority", "date", "letterhead", "addressees", "salutation", "subject", "opening"),
    *("closing", "valediction", "signatories", "copies", "reference", "earlier"),
)
"""The names of the other places."""


class Sectioned(NamedTuple):
    """The draft's sections in its order, and what is wrong with their headings."""

    keys: tuple[str, ...]
    problems: tuple[Problem, ...]


def key_sections(reading: Reading, kind: Kind | None) -> Sectioned:
    """Key each section by the kind's rules, or by its heading where no rule knows it."""
    keys: list[str] = []
    problems: list[Problem] = []
    taken = set(RESERVED)
    for number, read in enumerate(reading.sections, start=1):
        rule = kind.section_headed(read.heading) if kind else None
        named = rule.key if rule else _slug(read.heading) or f"section-{number}"
        key = unused(named, taken)
        if kind is not None and rule is None and read.level == 1:
            problems.append(
                Problem(
                    code="section-unknown",
                    place=key,
                    message=f"“{read.heading}” is not a section of this kind of letter. "
                    + did_you_mean(read.heading, [rule.heading for rule in kind.sections]),
                    is_overridable=True,
                )
            )
        if rule is not None and key != rule.key:
            problems.append(
                Problem(
                    code="section-twice",
                    place=key,
                    message=f"“{read.heading}” stands twice. Bring its passages together.",
                )
            )
        taken.add(key)
        keys.append(key)
    return Sectioned(tuple(keys), tuple(problems))


def sections_of(reading: Reading, keys: tuple[str, ...]) -> list[dict[str, object]]:
    """Tell the sections as the letter's structure takes them (see `letters.letter.Section`)."""
    return [
        {
            "key": key,
            "heading": read.heading,
            "passages": read.passages,
            "level": 1 if read.level == 1 else 2,
        }
        for key, read in zip(keys, reading.sections, strict=True)
    ]


def _slug(heading: str) -> str:
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:50].strip("-")
