"""Writes a reading as a Word file in the house styles.

`read_word(write_word(reading, kind))` has the same words, sections, items and
emphasis, as long as no heading is empty and no passage looks like something
else: a heading of the kind, a short bold line, an item with its bullet typed.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime

from docx.document import Document
from docx.text.paragraph import Paragraph

from letters.emphasis import runs_of
from letters.kind import Kind
from letters.letter import Passage
from letters.reading import Reading
from tasks.drafting.word.house import (
    ADDRESS,
    ADDRESSEE,
    CLOSING,
    CLOSING_BULLET,
    COPY,
    DATE,
    SALUTATION,
    SIGNATORY,
    SIGNATORY_TITLE,
    SUBJECT,
    VALEDICTION,
)
from tasks.drafting.word.house_styles import BODY, BULLET, HEADINGS, house_document
from tasks.drafting.word.parts import DEEPEST_LEVEL
from tasks.drafting.word.zip import pack, unpack

COPY_LABEL = "Copy:"
_WRITTEN = datetime(2000, 1, 1)  # noqa: DTZ001  # Word's are in no zone; the same on every day


def write_word(reading: Reading, kind: Kind) -> bytes:
    """Write the words of a reading, the same words as the same bytes."""
    document = house_document()
    _describe(document, kind)
    write = _Writer(document)
    write.lines(DATE, [reading.date])
    for addressee in reading.addressees:
        write.lines(ADDRESSEE, [addressee.name])
        write.lines(ADDRESS, addressee.lines)
    write.lines(SALUTATION, [reading.salutation])
    write.lines(SUBJECT, [reading.subject])
    write.passages(reading.opening, BODY, BULLET)
    for section in reading.sections:
        write.lines(HEADINGS[min(section.level, DEEPEST_LEVEL) - 1], [section.heading])
        write.passages(section.passages, BODY, BULLET)
    write.passages(reading.closing, CLOSING, CLOSING_BULLET)
    write.lines(VALEDICTION, [reading.valediction])
    for signatory in reading.signatories:
        write.lines(SIGNATORY, [signatory.name])
        write.lines(SIGNATORY_TITLE, [signatory.title])
    if reading.copies:
        write.lines(COPY, [COPY_LABEL, *(copy.line for copy in reading.copies)])
    written = io.BytesIO()
    document.save(written)
    return pack(unpack(written.getvalue(), source="the file just written"))


class _Writer:
    """Adds paragraphs to a document."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def lines(self, style: str, texts: Iterable[str]) -> None:
        for text in texts:
            if text:
                self._document.add_paragraph(text, style)

    def passages(self, passages: Iterable[Passage], paragraph: str, item: str) -> None:
        for passage in passages:
            style = item if passage.style == "item" else paragraph
            _add_runs(self._document.add_paragraph(style=style), passage)


def _add_runs(paragraph: Paragraph, passage: Passage) -> None:
    """Add a passage's text, a run for each stretch of one style."""
    for text, style in runs_of(passage):
        run = paragraph.add_run(text)
        run.bold = True if "bold" in style else None
        run.italic = True if "italic" in style else None


def _describe(document: Document, kind: Kind) -> None:
    """Say what Word shows as the file's properties; nobody's name, and no day."""
    properties = document.core_properties
    properties.title = kind.title[:255]
    properties.language = "en-GB"
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = _WRITTEN
    properties.revision = 1
