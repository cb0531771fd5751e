"""A letter as PDF: tagged, archivable, and the same bytes each time.

Typst sets it by `templates/letter.typ`, in the fonts beside that template and no
others. The file claims PDF/UA-1 and PDF/A-2a; Typst refuses to write one that
breaks what it can check of them. The seal is put on later, elsewhere.
"""

from __future__ import annotations

import calendar
import json
import re
import threading
from functools import cache
from pathlib import Path
from typing import NoReturn

import typst

from letters.errors import LettersError
from letters.letter import Letter, day_in_words
from tasks.rendering.words import (
    SAMPLE_MARK,
    CharacterNotPrintable,
    parts,
    refuse_unprintable,
)
from tasks.templating import TEMPLATES

STANDARDS: list[typst.PDFStandard] = ["ua-1", "a-2a"]

_UNPRINTABLE = re.compile(r'the text `"(.+?)"` could not be displayed|codepoint `"(.+?)"`')


class TypesettingFailed(LettersError):
    """The template or the fonts are at fault, not the letter."""

    code = "typesetting-failed"


def render_pdf(
    letter: Letter, *, is_proof: bool = False, templates_root: Path | None = None
) -> bytes:
    """Render `letter` as PDF; a proof bears its mark and the content code on every page.

    The same letter gives the same bytes, in any process. `templates_root` is a
    folder with another `letter.typ` and `fonts/`. Raises CharacterNotPrintable and
    TypesettingFailed.
    """
    refuse_unprintable(letter.printed_texts())
    # The moment that stands in the file is the letter's date: a clock would change the bytes.
    moment = calendar.timegm(letter.date.timetuple())
    try:
        return _typesetter(templates_root or TEMPLATES).typeset(
            json.dumps(_printed(letter, is_proof=is_proof), ensure_ascii=False), moment
        )
    except typst.TypstError as error:
        _refuse(letter, error)


class _Typesetter:
    """Typst with the template and the fonts read in: a warm one takes a tenth of the time."""

    def __init__(self, root: Path) -> None:
        self._template = (root / "letter.typ").read_bytes()
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[root / "fonts"],
        )
        # What a template may read lies below the root, or is linked from there, so the
        # root is a folder in which there is nothing but fonts.
        self._compiler = typst.Compiler(
            root=root / "fonts", font_paths=fonts, ignore_system_fonts=True
        )
        self._lock = threading.Lock()

    def typeset(self, letter: str, moment: int) -> bytes:
        with self._lock:
            pdf, warnings = self._compiler.compile_with_warnings(
                input=self._template,
                format="pdf",
                sys_inputs={"letter": letter},
                pdf_standards=STANDARDS,
                timestamp=moment,
            )
        if warnings:  # a missing font is no more than a warning to Typst
            raise _failure("; ".join(warning.message for warning in warnings))
        if not isinstance(pdf, bytes):
            raise _failure("it made no file")
        return pdf


@cache
def _typesetter(root: Path) -> _Typesetter:
    return _Typesetter(root)


def _printed(letter: Letter, *, is_proof: bool) -> dict[str, object]:
    marks = [SAMPLE_MARK] if letter.sample else []
    if is_proof:
        marks.append(f"PROOF — not issued. Content code {letter.content_code}")
    return {
        "marks": marks,
        # Marks in the margin are not read out: the title, which is, names them too.
        "title": ": ".join([*(mark.split()[0] for mark in marks), letter.subject]),
        "reference": letter.reference,
        "organisation": letter.letterhead.organisation,
        "letterhead": letter.letterhead.lines,
        "date": day_in_words(letter.date),
        "addressees": [(addressee.name, *addressee.lines) for addressee in letter.addressees],
        "salutation": letter.salutation,
        "subject": letter.subject,
        "parts": [
            {**part._asdict(), "blocks": [block._asdict() for block in part.blocks]}
            for part in parts(letter)
        ],
        "valediction": letter.valediction,
        "signatories": [
            {"name": signatory.name, "title": signatory.title} for signatory in letter.signatories
        ],
        "copies": [copy.line for copy in letter.copies],
    }


def _refuse(letter: Letter, error: typst.TypstError) -> NoReturn:
    """Tell a character that the fonts lack from a fault of the template."""
    found = _UNPRINTABLE.search(error.message)
    if not found:
        raise _failure(error.message) from error
    character = _unescaped(found[1] or found[2])
    where = next(
        (placed.place for placed in letter.printed_texts() if character in placed.text), ""
    )
    raise CharacterNotPrintable(character, where=where) from error


def _unescaped(shown: str) -> str:
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code[1], 16)), shown)


def _failure(what: str) -> TypesettingFailed:
    return TypesettingFailed(
        f"The letter could not be set as PDF: {what}.",
        remedy="The fault is in the template or the fonts, not in the letter:"
        " install the package again, or tell those who look after it.",
    )
