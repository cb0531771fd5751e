"""A reading: what a reader found in a draft, before any rule looked at it.

Readers for Markdown and plain text (Word later) all yield this one shape;
`letters.compose` makes a letter of it. Nothing of the source is dropped
silently: what is not part of the letter is in `leftovers`, and what could be
read in more than one way is a doubt.
"""

from __future__ import annotations

from letters.letter import Addressee, Frozen, Passage, Signatory
from letters.problem import Doubt


class ReadSection(Frozen):
    """A heading as it stood, and what stood below it."""

    heading: str
    passages: tuple[Passage, ...]
    level: int = 1


class CopyLine(Frozen):
    """One line of the copy list; role and name only where they are sure."""

    line: str
    role: str = ""
    name: str = ""


class Reading(Frozen):
    """The words of a draft, in its own order. Empty where the draft says nothing."""

    kind: str = ""
    """The kind's file name, such as `unannounced-inspection`."""
    authority: str = ""
    """The authority's code in the register."""
    date: str = ""
    """The letter's date as written, `18 August 2010`."""
    addressees: tuple[Addressee, ...] = ()
    salutation: str = ""
    subject: str = ""
    opening: tuple[Passage, ...] = ()
    sections: tuple[ReadSection, ...] = ()
    closing: tuple[Passage, ...] = ()
    valediction: str = ""
    signatories: tuple[Signatory, ...] = ()
    copies: tuple[CopyLine, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    leftovers: tuple[str, ...] = ()
    """Page numbers, running heads and letterhead that are not part of the letter."""
