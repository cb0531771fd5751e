"""Which reader reads a draft: told by its file's extension."""

from __future__ import annotations

from collections.abc import Sequence

from letters.kind import Kind
from letters.problem import DraftUnreadable
from letters.reading import Reading
from letters.register import Register
from tasks.drafting.limits import decode_draft, extension_of
from tasks.drafting.markdown import read_markdown
from tasks.drafting.text import read_text

MOST_SECTIONS = 200


def read_draft(
    data: bytes, name: str, *, register: Register, kinds: Sequence[Kind], limit_bytes: int
) -> Reading:
    """Read a draft's bytes; `name` is its file's, and names it in messages.

    Raises DraftUnreadable.
    """
    extension = extension_of(name)
    text = decode_draft(data, name=name, limit_bytes=limit_bytes)
    if extension == ".md":
        reading = read_markdown(text, source=name)
    else:
        reading = read_text(text, register=register, kinds=kinds, source=name)
    if len(reading.sections) > MOST_SECTIONS:
        raise DraftUnreadable(
            f"The draft has {len(reading.sections):,} headings; at most {MOST_SECTIONS} are read.",
            where=name,
            remedy="See whether it is the right file.",
            code="draft-too-many-sections",
        )
    return reading
