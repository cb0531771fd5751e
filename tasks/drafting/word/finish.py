"""What both readers of Word do in the end: leftovers, doubts and sources of every paragraph."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter

from letters.reading import Reading, Source
from tasks.drafting.text.lines import SourceLine
from tasks.drafting.text.notes import Notes
from tasks.drafting.text.pieces import Piece
from tasks.drafting.word.document import Document, Note, Paragraph
from tasks.drafting.word.doubts import Doubts
from tasks.drafting.word.parts import Part
from tasks.drafting.word.sections import Body

_COLUMN_CHARACTERS = 40


def source_lines(paragraph: Paragraph) -> list[SourceLine]:
    """Return a paragraph's lines as the reader of plain text takes them; a blank one if empty.

    What a tab parts stands in columns.
    """
    if not paragraph.lines:
        return [SourceLine(paragraph.number, "", "")]
    lines = []
    for text, raw in zip(paragraph.lines, paragraph.raw_lines, strict=True):
        cells = [cell.strip() for cell in raw.strip().split("\t") if cell.strip()]
        set_apart = "".join(cell.ljust(_COLUMN_CHARACTERS) + "   " for cell in cells[:-1])
        source = f"{set_apart}{cells[-1]}"
        lines.append(SourceLine(paragraph.number, source, text.text, length=len(source)))
    return lines


def pieces_of(parts: Iterable[Part]) -> list[Piece]:
    """Return parts as the reader of plain text takes them."""
    return [
        Piece(
            part.style,
            [SourceLine(part.number, part.text.text, part.text.text)],
            indent=0,
        )
        for part in parts
    ]


def notes_of(paragraphs: Iterable[Paragraph]) -> list[Note]:
    """List the footnotes that paragraphs call."""
    return [note for paragraph in paragraphs for note in paragraph.notes]


def finished(
    reading: Reading, document: Document, body: Body, notes: Notes, doubts: Doubts
) -> Reading:
    """Complete a reading with its doubts, its leftovers, and where its words stood."""
    paragraphs = {paragraph.number: paragraph for paragraph in document.paragraphs}
    stood = {(each.line, each.place): None for each in (*notes.sources, *body.sources)}
    known = sorted(stood, key=itemgetter(0))
    of_body = {each.line for each in body.sources}
    place_of: dict[int, str] = {}
    for line, place in known:
        place_of.setdefault(line, place)
    for paragraph in document.paragraphs:
        place = place_of.get(paragraph.number, "")
        for code, read, proposed in paragraph.oddities:
            doubts.add(code, place, read, proposed)
        if paragraph.number not in of_body:
            _doubt_number(paragraph, place, notes, doubts)
    if any(not line.isdecimal() for line in document.running):
        doubts.add(
            "header-removed",
            "",
            " / ".join(document.running),
            "Headers and footers, left out: the letter gets its own.",
        )
    return reading.model_copy(
        update={
            "doubts": doubts.beside(notes.doubts),
            "leftovers": (*document.running, *notes.leftovers),
            "sources": tuple(
                Source(place=place, line=line, text=paragraphs[line].text) for line, place in known
            ),
        }
    )


def _doubt_number(paragraph: Paragraph, place: str, notes: Notes, doubts: Doubts) -> None:
    """Note a number of Word's that stands where no passage is: it isn't printed."""
    mark = paragraph.mark
    if mark is not None and mark.style == "number":
        notes.leave(paragraph.number, mark.text)
        doubts.add(
            "numbers-dropped",
            place,
            f"{mark.text} {paragraph.text}",
            f"{paragraph.text}: without its number.",
        )
