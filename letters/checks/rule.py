"""What a check is: a code, a severity, a source, and the function that finds.

One check has one code and one severity; `docs/checks.md` is written from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from letters.earlier import EarlierLetter
from letters.kind import Kind
from letters.letter import Letter
from letters.likeness import Alike
from letters.problem import Problem
from letters.reading import Answer
from letters.register import Register


class Given(NamedTuple):
    """All that a check may look at beside the letter itself."""

    kind: Kind
    register: Register
    earlier: EarlierLetter | None = None
    """The authority's last issued letter, if it raised areas."""
    answers: tuple[Answer, ...] = ()
    """Which passages answer those areas, as the draft says."""
    alike: tuple[Alike, ...] = ()
    """Passages that stand almost so in other authorities' letters."""


class Found(NamedTuple):
    """One thing found: where, what is wrong and what to do; the words at fault."""

    place: str
    message: str
    start: int | None = None
    """Where the words at fault begin, in characters of the place's text."""
    end: int | None = None
    about: str | None = None
    """What a clearance of it is given for beside the words at its place; else the message."""


Find = Callable[[Letter, Given], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Check:
    """A rule that letters keep."""

    code: str
    is_blocking: bool
    source: str
    """Where the rule comes from: a law, a standard, the kind's file, a published mistake."""
    find: Find
    is_overridable: bool = True
    """Whether a person's reason is enough to go on although it blocks."""

    @property
    def summary(self) -> str:
        """What it finds, in a sentence."""
        return (self.find.__doc__ or "").strip().partition("\n")[0]

    def problems(self, letter: Letter, given: Given) -> Iterator[Problem]:
        """Ask the rule."""
        for found in self.find(letter, given):
            yield Problem(
                code=self.code,
                place=found.place,
                message=found.message,
                is_blocking=self.is_blocking,
                start=found.start,
                end=found.end,
                about=found.about,
                is_overridable=self.is_overridable,
            )


def check(
    code: str, *, blocks: bool, source: str, is_overridable: bool = True
) -> Callable[[Find], Check]:
    """Make a check of the function that finds."""

    def made(find: Find) -> Check:
        return Check(code, blocks, source, find, is_overridable)

    return made
