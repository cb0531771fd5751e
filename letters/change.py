"""What happens to an issued letter: it is corrected, withdrawn, or given a new date.

A case begins with its first round, which ends when its letter is issued. Each change begins
another round, which issues another revision; what was issued before stays as it is. Owns
the order by which a round begins, and the words in which a letter says what it replaces.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from letters.audit import Sha256
from letters.letter import Date as LetterDate
from letters.letter import Frozen, Letter, Line, Passage, Replacement, Text, day_in_words


class ChangeKind(StrEnum):
    """Why another revision is issued."""

    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    NEW_DATE = "new-date"
    """It was held for so long that its date no longer fits; nothing of it was sent."""


class Change(Frozen):
    """The order that begins a round."""

    layout: Literal[1] = 1
    kind: ChangeKind
    reference: Line
    revision: int
    """The revision that it changes."""
    pack: Sha256
    """The hash of that revision's pack."""
    draft_sha256: Sha256 | None = None
    """The one draft that may open the round; none for a new date, which any draft may bring."""
    reason: Text
    """Why. Of a correction and a withdrawal it is printed in the letter."""
    at: str
    """UTC, ISO 8601."""
    actor: Line
    claimed_name: Line | None = None

    def is_answered_by(self, letter: Letter, revision: int) -> bool:
        """Whether a revision is one that this order lets go out."""
        if revision <= self.revision:
            return False
        replaces = letter.replaces
        if self.kind is ChangeKind.NEW_DATE:
            return replaces is None
        return replaces is not None and (
            (replaces.kind, replaces.revision, replaces.pack, replaces.reason)
            == (str(self.kind), self.revision, self.pack, self.reason)
        )


class WithdrawalNotice(Frozen):
    """What stands in place of a draft where a letter is withdrawn; its bytes bind the run."""

    withdraws: Line
    """The reference."""
    revision: int
    pack: Sha256
    date: LetterDate
    """The date of the notice."""
    reason: Text
    ordered_at: str
    """UTC, ISO 8601: ordered again after a return, it is another notice."""


def corrected(letter: Letter, issued: Letter, change: Change) -> Letter:
    """Give a correction its first words: what it replaces, and why.

    Facts and standard words of the opening keep their passages, which move by one.
    """
    said = (
        f"This letter corrects and replaces our letter of {day_in_words(issued.date)}, which"
        f" should no longer be used. Reason for the correction: {change.reason}"
    )
    return letter.model_copy(
        update={
            "opening": (Passage(style="paragraph", text=said), *letter.opening),
            "facts": tuple(
                fact.model_copy(update={"place": _one_later(fact.place)}) for fact in letter.facts
            ),
            "composed": ("opening/1", *(_one_later(place) for place in letter.composed)),
            "replaces": _replacement(issued, change),
        }
    )


def withdrawn(issued: Letter, change: Change, *, on: date) -> Letter:
    """Compose the notice that withdraws a letter, to the same people under the same names."""
    dated = day_in_words(issued.date)
    said = (
        f"We withdraw our letter of {dated}. Please do not use it any longer, and tell those to"
        " whom you have given it.",
        f"Reason for the withdrawal: {change.reason}",
    )
    return issued.model_copy(
        update={
            "date": on,
            "subject": f"Withdrawal of our letter of {dated}: {issued.subject}"[:400],
            "opening": tuple(Passage(style="paragraph", text=text) for text in said),
            "sections": (),
            "closing": (),
            "facts": (),
            "composed": ("subject", *(f"opening/{n}" for n in range(1, len(said) + 1))),
            "replaces": _replacement(issued, change),
        }
    )


def _replacement(issued: Letter, change: Change) -> Replacement:
    return Replacement(
        kind="withdrawal" if change.kind is ChangeKind.WITHDRAWAL else "correction",
        revision=change.revision,
        pack=change.pack,
        date=issued.date,
        reason=change.reason,
    )


def _one_later(place: str) -> str:
    area, _, number = place.partition("/")
    return f"{area}/{int(number) + 1}" if area == "opening" and number else place
