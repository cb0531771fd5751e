"""Reads a draft written in Word: in the house styles, or in none.

Nothing of the file is run, fetched or repaired. Its words are in the reading or
in its leftovers, in order; only footnotes are moved.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from letters.kind import Kind
from letters.problem import DraftUnreadable
from letters.reading import Reading
from letters.register import Register
from tasks.drafting.word.document import read_document
from tasks.drafting.word.free import read_free
from tasks.drafting.word.house import is_in_house_styles, read_house


def read_word(data: bytes, *, register: Register, kinds: Sequence[Kind], source: str) -> Reading:
    """Read the bytes of a `.docx` file; `source` names it in messages.

    Raises DraftUnreadable, whose `where` names the part or the paragraph.
    """
    document = read_document(data, source=source)
    if not any(paragraph.lines for paragraph in document.paragraphs):
        raise DraftUnreadable(
            "The draft is empty.",
            where=source,
            remedy="See whether it was saved, and submit it again.",
            code="draft-empty",
        )
    read = read_house if is_in_house_styles(document) else read_free
    try:
        return read(document, register=register, kinds=kinds)
    except ValidationError as invalid:
        raise DraftUnreadable(
            "A line or passage is longer than letters have.",
            where=f"{source}, {invalid.title} {invalid.errors()[0]['msg']}",
            remedy="Break it into paragraphs, and put each name and line of an address on a line of"
            " its own.",
            code="draft-passage-too-long",
        ) from invalid
