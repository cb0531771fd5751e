"""Which reader reads a draft: told by its file's extension."""

from __future__ import annotations

from collections.abc import Sequence

from letters.kind import Kind
from letters.reading import Reading
from letters.register import Register
from tasks.drafting.extent import refuse_extent
from tasks.drafting.limits import WORD, decode_draft, extension_of, refuse_size
from tasks.drafting.markdown.reader import read_markdown
from tasks.drafting.text.reader import read_text


def read_draft(
    data: bytes, name: str, *, register: Register, kinds: Sequence[Kind], limit_bytes: int
) -> Reading:
    """Read a draft's bytes; `name` is its file's, and names it in messages.

    Raises DraftUnreadable.
    """
    extension = extension_of(name)
    if extension == WORD:
        # What reads Word files takes longer to import than all the rest of a check.
        from tasks.drafting.word.reader import read_word

        refuse_size(len(data), name=name, limit_bytes=limit_bytes)
        reading = read_word(data, register=register, kinds=kinds, source=name)
    else:
        text = decode_draft(data, name=name, limit_bytes=limit_bytes)
        if extension == ".md":
            reading = read_markdown(text, source=name, kinds=kinds)
        else:
            reading = read_text(text, register=register, kinds=kinds, source=name)
    refuse_extent(reading, source=name)
    return reading
