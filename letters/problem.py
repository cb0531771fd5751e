"""What is wrong with a draft: problems that the rules found, doubts of the reading."""

from __future__ import annotations

from pydantic import Field

from letters.errors import LettersError
from letters.letter import Frozen, Line


def _is_unsaid(value: object) -> bool:
    return value is None or value == ""


class Problem(Frozen):
    """One thing wrong: a stable code, the place, and what to do about it."""

    code: Line
    place: str
    """A passage's place (`strengths/3`), a field (`copies/2`), or empty for the whole."""
    message: str
    """What is wrong and what to do next, in one or two sentences."""
    is_blocking: bool = True
    # What is unsaid is left out of the JSON: packs of earlier days keep their hash.
    start: int | None = Field(default=None, exclude_if=_is_unsaid)
    """Where the words at fault begin, in characters of the place's text."""
    end: int | None = Field(default=None, exclude_if=_is_unsaid)
    why: str = Field(default="", exclude_if=_is_unsaid)
    """The reason for which a person overrode it."""
    about: str | None = Field(default=None, exclude=True)
    """What else than the message a clearance of it is given for."""
    binding: str = Field(default="", exclude=True)
    """What a clearance of it names: the SHA-256 of the words at its place and of what is said."""
    is_overridable: bool = Field(default=False, exclude=True)
    """Whether a reason is enough to go on; what a letter can't be built without is not."""


class Doubt(Frozen):
    """A reading that a person should confirm: what stood there, how it was read.

    A blocking doubt stops the letter until it is cleared, with a reason.
    """

    code: Line
    place: str
    read: str
    """The passage as it stood in the source, shortened."""
    proposed: str
    """How it was read, or what is proposed."""
    is_blocking: bool = True
    accepted: bool = False
    """Whether a person cleared it."""
    why: str = Field(default="", exclude_if=_is_unsaid)
    """The reason for which it was cleared."""


class DraftBlocked(LettersError):
    """The draft can't go on: its blocking problems are listed."""

    code = "draft-blocked"

    def __init__(self, problems: tuple[Problem, ...], *, where: str) -> None:
        self.problems = problems
        blocking = [problem for problem in problems if problem.is_blocking]
        listed = "; ".join(f"{p.place or 'letter'}: {p.message} [{p.code}]" for p in blocking)
        super().__init__(
            f"{len(blocking)} blocking problem{'s' if len(blocking) != 1 else ''}: {listed}",
            where=where,
            remedy="Correct the draft and submit it again.",
        )


class DraftUnreadable(LettersError):
    """The file could not be read as a draft at all."""

    code = "draft-unreadable"
