"""What is wrong with a draft: problems that the rules found, doubts of the reading."""

from __future__ import annotations

from letters.errors import LettersError
from letters.letter import Frozen, Line


class Problem(Frozen):
    """One thing wrong: a stable code, the place, and what to do about it."""

    code: Line
    place: str
    """A passage's place (`strengths/3`), a field (`copies/2`), or empty for the whole."""
    message: str
    """What is wrong and what to do next, in one or two sentences."""
    is_blocking: bool = True


class Doubt(Frozen):
    """A reading that a person should confirm: what stood there, how it was read.

    A blocking doubt stops the letter until it is accepted by its code and place.
    """

    code: Line
    place: str
    read: str
    """The passage as it stood in the source, shortened."""
    proposed: str
    """How it was read, or what is proposed."""
    is_blocking: bool = True
    accepted: bool = False


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
