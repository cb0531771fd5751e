"""A Word file as paragraphs in their order, each with a number by which messages name it.

Headers and footers are set aside; footnotes are read where they are called.
What the paragraphs are in the letter is left to others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from letters.emphasis import Emphasised
from tasks.drafting.word.content import ContentReader
from tasks.drafting.word.fields import Content, NoteMark, Oddity
from tasks.drafting.word.forbidden import (
    printable,
    raw_text,
    refuse_characters,
    refuse_forbidden,
    refuse_unfilled,
    refuse_unknown,
)
from tasks.drafting.word.numbering import Mark, Numbering
from tasks.drafting.word.package import WordPackage
from tasks.drafting.word.refusals import refuse
from tasks.drafting.word.running import running_texts
from tasks.drafting.word.styles import Styles
from tasks.drafting.word.text import composed, joined, lines_of, words_of
from tasks.drafting.word.xml import Element, child, get, tag_of

MOST_PARAGRAPHS = 5_000
MOST_CHARACTERS = 500_000
LONGEST_PARAGRAPH_CHARACTERS = 50_000
"""A passage has at most 20,000, and a paragraph of lines may be several."""

_MARKERS = (
    *("w:bookmarkStart", "w:bookmarkEnd", "w:proofErr", "w:permStart", "w:permEnd"),
    *("w:commentRangeEnd", "w:sdtPr", "w:sdtEndPr", "w:customXmlPr"),
)
_WRAPPERS = ("w:sdtContent", "w:customXml")


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote or endnote, read where it is called."""

    text: Emphasised
    """Its number first, if Word counts it."""
    oddities: tuple[Oddity, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of the document."""

    number: int
    """From 1, the empty ones counted."""
    lines: tuple[Emphasised, ...] = ()
    """Parted by line breaks, the empty ones left out; none where the paragraph is empty."""
    raw_lines: tuple[str, ...] = ()
    """The same with tabs and all."""
    style_names: tuple[str, ...] = ()
    """Its style and those that it is based on."""
    heading_level: int | None = None
    mark: Mark | None = None
    oddities: tuple[Oddity, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def words(self) -> Emphasised:
        """Its words on one line."""
        return self.lines[0] if len(self.lines) == 1 else joined(self.lines)

    @property
    def text(self) -> str:
        """Its words on one line, without their emphasis."""
        return self.words.text


@dataclass(frozen=True, slots=True)
class Document:
    """The words of a file."""

    paragraphs: tuple[Paragraph, ...]
    running: tuple[str, ...]
    """Headers and footers, a line a paragraph."""


def read_document(data: bytes, *, source: str) -> Document:
    """Read a Word file's paragraphs; `source` names it in messages. Raises DraftUnreadable."""
    package = WordPackage(data, source=source)
    root = package.tree(package.main)
    body = child(root, "w:body")
    if body is None:
        refuse("word-package-damaged", source)
    reader = _DocumentReader(package, source)
    reader.read(body)
    return Document(tuple(reader.paragraphs), tuple(running_texts(package, source)))


class _DocumentReader:
    """Reads the body's paragraphs one by one."""

    def __init__(self, package: WordPackage, source: str) -> None:
        self.paragraphs: list[Paragraph] = []
        self._package = package
        self._source = source
        self._styles = Styles(package.related("styles"))
        self._numbering = Numbering(package.related("numbering"), self._styles)
        self._reader = ContentReader(package, self._styles)
        self._notes: dict[str, tuple[str, dict[str, Element]]] = {}
        self._number = self._characters = 0

    def read(self, container: Element) -> None:
        for element in container:
            tag = tag_of(element)
            if tag == "w:p":
                self._number += 1
                if self._number > MOST_PARAGRAPHS:
                    _refuse_long("The document", "paragraphs", MOST_PARAGRAPHS, self._source)
                self.paragraphs.append(self._paragraph(element))
            elif tag == "w:sdt":
                refuse_unfilled(element, self._where(element, self._number + 1))
                self.read(element)
            elif tag in _WRAPPERS:
                self.read(element)
            elif tag not in _MARKERS:
                where = self._where(element, self._number + 1)
                refuse_forbidden(element, where)
                if tag != "w:sectPr":
                    refuse_unknown(element, where)

    def _where(self, element: Element, number: int) -> str:
        words = printable(raw_text(element), 40)
        said = f" (“{words}”)" if words else ""
        return f"{self._source}, paragraph {number}{said}"

    def _paragraph(self, element: Element) -> Paragraph:
        where = self._where(element, self._number)
        self._refuse_length(element, where)
        content = self._reader.read(element, part=self._package.main, where=where)
        raw_lines, lines = _lines(content, where)
        mark = self._numbering.mark(element) if lines else None
        if mark is not None and mark.style == "unread":
            refuse("word-numbering", where)
        return Paragraph(
            number=self._number,
            lines=lines,
            raw_lines=raw_lines,
            style_names=tuple(self._styles.names(element)),
            heading_level=self._styles.heading_level(element),
            mark=mark,
            oddities=tuple(content.oddities),
            notes=tuple(self._note(mark, where) for mark in content.notes),
        )

    def _refuse_length(self, paragraph: Element, where: str) -> None:
        length = len(raw_text(paragraph))
        self._characters += length
        if length > LONGEST_PARAGRAPH_CHARACTERS:
            _refuse_long("The paragraph", "characters", LONGEST_PARAGRAPH_CHARACTERS, where)
        if self._characters > MOST_CHARACTERS:
            _refuse_long("The document", "characters", MOST_CHARACTERS, where)

    def _note(self, mark: NoteMark, where: str) -> Note:
        part, notes = self._notes_in(mark.kind)
        found = notes.get(mark.id)
        if found is None:
            refuse("word-package-damaged", where)
        texts = [Emphasised(mark.number, ())] if mark.number else []
        oddities: list[Oddity] = []
        for element in found:
            if tag_of(element) != "w:p":
                refuse_forbidden(element, where)
                refuse_unknown(element, where)
            content = self._reader.read(element, part=part, where=where)
            if content.notes:
                refuse("word-content-unknown", where, name="a footnote in a footnote")
            texts += _lines(content, where)[1]
            oddities += content.oddities
        return Note(joined(texts), tuple(oddities))

    def _notes_in(self, kind: str) -> tuple[str, dict[str, Element]]:
        """Return the name of the part that holds footnotes or endnotes, and each by its id."""
        if kind not in self._notes:
            relations = self._package.relations(self._package.main).values()
            part = next((each.target for each in relations if each.kind == kind), "")
            tree = self._package.tree(part)
            notes = () if tree is None else tree
            self._notes[kind] = part, {get(each, "w:id"): each for each in notes}
        return self._notes[kind]


def _refuse_long(which: str, what: str, most: int, where: str) -> NoReturn:
    refuse("word-too-long", where, which=which, what=what, most=most)


def _lines(content: Content, where: str) -> tuple[tuple[str, ...], tuple[Emphasised, ...]]:
    """Return a paragraph's lines that aren't empty, as they are and single-spaced."""
    refuse_characters(content.text, where)
    signs = composed(content.signs)
    found = [(line, words_of(line)) for line in lines_of(signs)]
    kept = [(line, text) for line, text in found if text.text]
    return (
        tuple("".join(each.text for each in line) for line, _ in kept),
        tuple(text for _, text in kept),
    )
