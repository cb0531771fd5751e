"""A paragraph of a Word file while it is read: its words so far, its fields, its oddities.

Of fields only links and dates are read; every other one may show something else tomorrow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from letters.emphasis import Style
from tasks.drafting.word.forbidden import printable
from tasks.drafting.word.links import Link
from tasks.drafting.word.refusals import refuse
from tasks.drafting.word.text import Sign, signs_of

_DATE_FIELDS = ("DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE")
_LINK_TARGET = re.compile(r'HYPERLINK\s+"([^"]*)"|HYPERLINK\s+([^\s"\\]+)', re.IGNORECASE)


class NoteMark(NamedTuple):
    """Where a footnote or endnote is called."""

    kind: str
    """`footnotes` or `endnotes`: its part."""
    id: str
    number: str
    """As it is read; empty where the mark is typed."""


class Oddity(NamedTuple):
    """Something that could be read in more than one way."""

    code: str
    read: str
    proposed: str


@dataclass(slots=True)
class Content:
    """The words of one paragraph, line breaks among them."""

    signs: list[Sign] = field(default_factory=list)
    oddities: list[Oddity] = field(default_factory=list)
    notes: list[NoteMark] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its words without their emphasis."""
        return "".join(each.text for each in self.signs)


@dataclass(slots=True)
class Field:
    """A field that began and hasn't ended."""

    starts: int
    code: str = ""
    shows: bool = False

    @property
    def shown(self) -> str:
        """Its instruction, for messages."""
        return printable(self.code) or "?"


@dataclass(slots=True)
class ParagraphReading:
    """A paragraph while it is read."""

    part: str
    where: str
    style_id: str | None
    """Of the paragraph's style."""
    content: Content
    open_links: int = 0
    fields: list[Field] = field(default_factory=list)

    def add(self, text: str, style: Style = "") -> None:
        """Take words; those within a field's instruction aren't shown, and none is a word."""
        silent = next((each for each in self.fields if not each.shows), None)
        if silent is None:
            self.content.signs += signs_of(text, style)
        elif text.strip():
            refuse("word-field", self.where, field=silent.shown)

    def add_symbol(self, text: str, style: Style) -> None:
        """Take a symbol before all words for a bullet; refuse any other."""
        if self.content.text.strip() or len(text.strip()) > 1:
            refuse("word-symbol", self.where)
        self.add("•", style)

    def add_oddity(self, code: str, read: str, proposed: str) -> None:
        """Note something; what goes on through several runs is noted once."""
        last = self.content.oddities[-1] if self.content.oddities else None
        if last is not None and last.code == code and last.proposed == proposed:
            self.content.oddities[-1] = Oddity(code, f"{last.read} {read}", proposed)
        else:
            self.content.oddities.append(Oddity(code, read, proposed))

    @property
    def is_in_link(self) -> bool:
        """Whether what comes now is the text of a link."""
        return self.open_links > 0 or any(
            _LINK_TARGET.match(each.code.strip()) for each in self.fields
        )

    def turn(self, turn: str) -> None:
        """Begin a field, show its result, end it."""
        if turn == "begin":
            self.fields.append(Field(len(self.content.signs)))
        elif not self.fields:
            refuse("word-field", self.where, field="?")
        elif turn == "separate":
            self.judge(self.fields[-1])
        else:
            ended = self.fields.pop()
            if not ended.shows:
                refuse("word-field", self.where, field=ended.shown)
            self.close(ended)

    def instruct(self, code: str) -> None:
        """Take a piece of a field's instruction."""
        if not self.fields or self.fields[-1].shows:
            refuse("word-field", self.where, field=printable(code))
        self.fields[-1].code += code

    def judge(self, opened: Field) -> None:
        """Refuse a field whose words aren't settled by the document."""
        name = (opened.code.split() or ["?"])[0].upper()
        if name != "HYPERLINK" and name not in _DATE_FIELDS:
            refuse("word-field", self.where, field=opened.shown)
        opened.shows = True
        opened.starts = len(self.content.signs)

    def close(self, ended: Field) -> None:
        """Take what a field shows."""
        if target := _LINK_TARGET.match(ended.code.strip()):
            self.close_link(ended.starts, target[1] or target[2] or "")
        elif ended.code.split()[0].upper() in _DATE_FIELDS:
            shown = self.content.text[ended.starts :].strip()
            self.add_oddity("date-field", shown, f"{shown}: the day that Word showed last.")

    def close_link(self, starts: int, target: str) -> None:
        """Note a link over the words since `starts`; one within the document has no target."""
        if target:
            self.content.links.append(Link(starts, len(self.content.signs), target))
