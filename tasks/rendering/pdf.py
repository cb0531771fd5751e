"""A letter as PDF: tagged, archivable, and the same bytes each time.

Typst sets it by `templates/letter.typ`, in the fonts beside that template and no
others. The file claims PDF/UA-1 and PDF/A-2a; Typst refuses to write one that
breaks what it can check of them (`tasks/typesetting.py`). The seal is put on later, elsewhere.
"""

from __future__ import annotations

import calendar
import re
from pathlib import Path
from typing import Any, NoReturn

import typst

from letters.letter import Letter, day_in_words
from tasks.rendering.words import (
    SAMPLE_MARK,
    Block,
    CharacterNotPrintable,
    parts,
    refuse_unprintable,
)
from tasks.typesetting import typeset, typesetting_failed

_UNPRINTABLE = re.compile(r'the text `"(.+?)"` could not be displayed|codepoint `"(.+?)"`')


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
        values = _printed(letter, is_proof=is_proof)
        return typeset("letter", values, moment=moment, root=templates_root)
    except typst.TypstError as error:
        _refuse(letter, error)


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
            {**part._asdict(), "blocks": [_block(block) for block in part.blocks]}
            for part in parts(letter)
        ],
        "valediction": letter.valediction,
        "signatories": [
            {"name": signatory.name, "title": signatory.title} for signatory in letter.signatories
        ],
        "copies": [copy.line for copy in letter.copies],
    }


def _block(block: Block) -> dict[str, Any]:
    return {
        "style": block.style,
        "texts": [[run._asdict() for run in text] for text in block.texts],
    }


def _refuse(letter: Letter, error: typst.TypstError) -> NoReturn:
    """Tell a character that the fonts lack from a fault of the template."""
    found = _UNPRINTABLE.search(error.message)
    if not found:
        raise typesetting_failed(error.message) from error
    character = _unescaped(found[1] or found[2])
    where = next(
        (placed.place for placed in letter.printed_texts() if character in placed.text), ""
    )
    raise CharacterNotPrintable(character, where=where) from error


def _unescaped(shown: str) -> str:
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code[1], 16)), shown)
