"""The sections: that they are there, hold something, and stand in order.

Headings that the kind doesn't know are found while composing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from letters.kind import Kind
from letters.letter import Letter
from letters.problem import Problem


def sections_missing(letter: Letter, kind: Kind) -> Iterator[Problem]:
    """Find sections that the kind requires and the letter lacks. Source: the kind's file."""
    present = {section.key for section in letter.sections}
    for rule in kind.sections:
        if rule.is_required and rule.key not in present:
            yield Problem(
                code="section-missing",
                place=rule.key,
                message=f"The section “{rule.heading}” is missing. Write it, under that heading.",
            )


def sections_empty(letter: Letter) -> Iterator[Problem]:
    """Find headings with nothing below them, neither passages nor a subsection.

    Source: published letters, whose headings stood over nothing.
    """
    for number, section in enumerate(letter.sections):
        following = letter.sections[number + 1 : number + 2]
        has_subsection = any(later.level > section.level for later in following)
        if not section.passages and not has_subsection:
            yield Problem(
                code="section-empty",
                place=section.key,
                message=f"Nothing stands below “{section.heading}”. Write what belongs there, or "
                "take the heading out.",
            )


def sections_out_of_order(letter: Letter, kind: Kind) -> Iterator[Problem]:
    """Find sections out of the kind's order. Source: the kind's file."""
    order = [rule.key for rule in kind.sections]
    known = [section for section in letter.sections if section.key in order]
    for before, section in pairwise(known):
        if order.index(section.key) < order.index(before.key):
            yield Problem(
                code="section-out-of-order",
                place=section.key,
                message=f"“{section.heading}” usually stands before “{before.heading}”.",
                is_blocking=False,
            )
