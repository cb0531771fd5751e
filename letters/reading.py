"""A reading: what a reader found in a draft, before any rule looked at it.

The readers of Markdown, Word and plain text all yield this one shape;
`letters.compose` makes a letter of it. Nothing of the source is dropped
silently: what is not part of the letter is in `leftovers`, and what could be
read in more than one way is a doubt.
"""

from __future__ import annotations

from letters.audit import Sha256
from letters.letter import Addressee, Frozen, Line, Passage, Signatory
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


class Source(Frozen):
    """A line of the source on which words of a place stood, as it stood."""

    place: str
    line: int
    """From 1; in a Word file the paragraph's number."""
    text: str


class Clearance(Frozen):
    """A person's word that a doubt or a problem is no reason to stop, and why.

    It holds for the words that stood there: an edit of them voids it.
    """

    code: Line
    place: str
    why: Line
    words: Sha256
    """Of what it was given for: the words at the place, and what was said of them."""
    by: str = ""
    """Who gave it, as the machine knew; in a file that people edit it proves nothing."""
    at: str = ""
    """When, as ISO 8601."""


class Answer(Frozen):
    """Where this letter answers an area for development of the authority's last one."""

    area: Line
    """The area's place in the earlier letter."""
    place: Line
    """The passage's place in this one."""
    asked: Sha256
    """Of the UTF-8 bytes of the area's text: another letter's area is another question."""
    words: Sha256
    """Of the UTF-8 bytes of that passage's text."""


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
    clearances: tuple[Clearance, ...] = ()
    answers: tuple[Answer, ...] = ()
    leftovers: tuple[str, ...] = ()
    """Page numbers, running heads and letterhead that are not part of the letter."""
    sources: tuple[Source, ...] = ()
    """Where the words stood, in the order of the source."""
