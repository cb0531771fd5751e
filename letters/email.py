"""A covering e-mail: the words with which a letter is sent to one recipient."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from letters.letter import Frozen, Line

Subject = Annotated[
    str, StringConstraints(min_length=1, max_length=1500, pattern=r"^[^\p{C}\p{Zl}\p{Zp}]+$")
]
"""One line without control characters: a line break in it could begin another header."""


class Email(Frozen):
    """What one recipient is sent, the attachment and the addresses apart.

    `text` and `html` say the same words.
    """

    recipient: Line
    """The recipient's id in the pack."""
    subject: Subject
    text: str
    html: str
