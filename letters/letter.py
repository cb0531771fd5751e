"""The letter: structured, validated, frozen.

Text that was read from a draft stands here as it was written. Facts (dates,
counts, an Act and its section) are spans that point into the text; nothing is
re-templated from them. A letter carries all that its rendering needs, the
letterhead included, so that no file edited later can change it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from letters.canonical import content_code, digest_of

LAYOUT = 1
"""The version of this structure. A new one is read beside the old, never instead of it."""

REFERENCE_PATTERN = r"^[A-Z]{2,6}-[A-Z0-9]+(?:-[A-Z0-9]+)*-[0-9]{4}(?:-[0-9]{2}-[0-9]{2})?$"
"""`CRA-WIRRAL-2010-07-20`: kind, authority, first inspection day (or only the year)."""

Line = Annotated[str, StringConstraints(min_length=1, max_length=400)]
"""One printed line: a name, a post, a line of an address."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
"""One paragraph or list item, without line breaks."""

Date = date
"""A day. For fields that are called `date` themselves."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60)]

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Frozen(BaseModel):
    """Base of every value in this room: frozen, and no field it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)


class Authority(Frozen):
    """A local authority as the register names it."""

    code: Slug
    name: Line
    short_name: Line


class Letterhead(Frozen):
    """Who writes: printed at the top of the first page."""

    organisation: Line
    lines: tuple[Line, ...] = ()
    """Address, telephone, e-mail, web site; one printed line each."""


class Addressee(Frozen):
    """Someone the letter is written to: the Director, as a rule."""

    role: Slug
    name: Line
    lines: tuple[Line, ...] = ()
    """Post, organisation and postal address as printed below the name."""


class Signatory(Frozen):
    """Whose name stands under the letter, and the title printed below it."""

    name: Line
    title: Line


class Copy(Frozen):
    """Someone who gets a copy: the role decides the address, the line is printed."""

    role: Slug
    name: Line
    line: Line


class Emphasis(Frozen):
    """Characters of a passage that are printed bold or in italics."""

    start: Annotated[int, Field(ge=0)]
    end: int
    style: Literal["bold", "italic", "bold-italic"]


def _is_empty(value: object) -> bool:
    return not value


class Passage(Frozen):
    """One paragraph, or one item of a list. Items that follow one another form a list."""

    style: Literal["paragraph", "item"]
    text: Text
    # Left out of the JSON where there is none: letters without emphasis keep their digest.
    emphasis: tuple[Emphasis, ...] = Field(default=(), exclude_if=_is_empty)
    """In the order of the text, without overlaps."""

    @model_validator(mode="after")
    def _emphasis_lies_in_the_text(self) -> Self:
        at = 0
        for each in self.emphasis:
            if not at <= each.start < each.end <= len(self.text):
                raise ValueError("emphasis overlaps, is empty, or reaches beyond the text")
            at = each.end
        return self


class Section(Frozen):
    """A heading and what stands below it."""

    key: Slug
    """The kind's own name for the section, such as `areas-for-development`."""
    heading: Line
    passages: tuple[Passage, ...]
    level: Literal[1, 2] = 1


class Replacement(Frozen):
    """The issued letter that this one corrects or withdraws."""

    kind: Literal["correction", "withdrawal"]
    revision: int
    pack: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """The hash of its pack, which was signed."""
    date: Date
    reason: Text


class Fact(Frozen):
    """Something the text says, where it says it, and how it was understood.

    `place` is a passage's place as `Letter.passages()` gives it; `start` and
    `end` count characters in that passage's text.
    """

    kind: Literal["inspection-dates", "statutory-basis", "count"]
    place: Line
    start: int
    end: int
    value: dict[str, str]
    """`{"first","last"}` ISO dates; `{"act","section"}`; `{"number","of"}`."""


class Placed(NamedTuple):
    """A passage of text with the place by which people and messages name it."""

    place: str
    text: str


class Letter(Frozen):
    """All the words of one letter, and what is needed to print them."""

    layout: Literal[1] = 1
    reference: Annotated[str, StringConstraints(pattern=REFERENCE_PATTERN, max_length=80)]
    kind: Slug
    kind_title: Line
    authority: Authority
    sample: bool
    """Signed by a sample inspector: SAMPLE stands on every page."""
    letterhead: Letterhead
    date: date
    addressees: Annotated[tuple[Addressee, ...], Field(min_length=1, max_length=20)]
    salutation: Line
    subject: Line
    opening: tuple[Passage, ...]
    sections: tuple[Section, ...]
    closing: tuple[Passage, ...]
    valediction: Line
    signatories: Annotated[tuple[Signatory, ...], Field(min_length=1, max_length=10)]
    copies: Annotated[tuple[Copy, ...], Field(max_length=40)]
    facts: tuple[Fact, ...] = ()
    composed: tuple[Line, ...] = ()
    """Places of the standard words that the draft left out and the kind supplied."""
    # Left out of the JSON where there is none: first letters keep their digest.
    replaces: Replacement | None = Field(default=None, exclude_if=_is_empty)

    @property
    def digest(self) -> str:
        """SHA-256 of the letter's canonical JSON, as hexadecimal."""
        return digest_of(self.model_dump(mode="json"))

    @property
    def content_code(self) -> str:
        """The short form of the digest that stands on every proof page."""
        return content_code(self.digest)

    def passages(self) -> Iterator[Placed]:
        """Yield every passage of the body, subject and headings apart, in reading order."""
        for area, passages in (
            ("opening", self.opening),
            *((section.key, section.passages) for section in self.sections),
            ("closing", self.closing),
        ):
            for number, passage in enumerate(passages, start=1):
                yield Placed(f"{area}/{number}", passage.text)

    def printed_texts(self) -> Iterator[Placed]:
        """Yield every text that is printed, with the place by which messages name it."""
        yield Placed("reference", self.reference)
        for text in (self.letterhead.organisation, *self.letterhead.lines):
            yield Placed("letterhead", text)
        yield Placed("date", day_in_words(self.date))
        for number, addressee in enumerate(self.addressees, start=1):
            for text in (addressee.name, *addressee.lines):
                yield Placed(f"addressees/{number}", text)
        yield Placed("salutation", self.salutation)
        yield Placed("subject", self.subject)
        yield from (Placed(section.key, section.heading) for section in self.sections)
        yield from self.passages()
        yield Placed("valediction", self.valediction)
        for number, signatory in enumerate(self.signatories, start=1):
            yield Placed(f"signatories/{number}", signatory.name)
            yield Placed(f"signatories/{number}", signatory.title)
        for number, copy in enumerate(self.copies, start=1):
            yield Placed(f"copies/{number}", copy.line)

    def texts_at(self, place: str) -> str:
        """Return all that is printed at a place, a line a text; of a section, all below it too.

        An empty place is the whole letter. Empty where nothing has that place.
        """
        texts = (
            each.text
            for each in self.printed_texts()
            if not place or each.place == place or each.place.startswith(f"{place}/")
        )
        return "\n".join(texts)

    def words_in_order(self) -> Iterator[str]:
        """Yield every printed text of the letter in reading order, letterhead first.

        PDF, HTML and plain text must each say exactly these, in this order.
        """
        yield self.letterhead.organisation
        yield from self.letterhead.lines
        yield day_in_words(self.date)
        for addressee in self.addressees:
            yield addressee.name
            yield from addressee.lines
        yield self.salutation
        yield self.subject
        yield from (passage.text for passage in self.opening)
        for section in self.sections:
            yield section.heading
            yield from (passage.text for passage in section.passages)
        yield from (passage.text for passage in self.closing)
        yield self.valediction
        for signatory in self.signatories:
            yield signatory.name
            yield signatory.title
        if self.copies:
            yield "Copy:"
            yield from (copy.line for copy in self.copies)


def day_in_words(day: date) -> str:
    """Write a day as letters print it: `18 August 2010`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def words(texts: Iterator[str] | list[str]) -> list[str]:
    """Split texts into the words compared between PDF, HTML and plain text."""
    return re.findall(r"\S+", " ".join(texts))
