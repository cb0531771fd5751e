"""From a draft's bytes to its text: what is let in at all.

Refuses what can't be a draft, or would show people other words than are printed,
with one clear DraftUnreadable; line breaks come out as line feeds. What the
words mean is left to the readers.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from letters.problem import DraftUnreadable

MOST_LINES = 20_000
LONGEST_LINE_CHARACTERS = 50_000
"""A passage has at most 20,000 characters, and Markdown may escape every one of them."""

EXTENSIONS = (".md", ".txt")

_BYTE_ORDER_MARK = "\ufeff"
_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),  # begins like UTF-16's: looked for first
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u2028\u2029]")
# Unicode Standard Annex 9, explicit directional formatting: text reads otherwise than it is.
_DIRECTION = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Unicode's Default_Ignorable_Code_Point: nothing is seen, and names no longer compare equal.
# The soft hyphen is among them: it prints nothing, and hides in the middle of names.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_DAMAGED = re.compile("\ufffd")
_CHARACTERS = (
    (_DAMAGED, "draft-damaged-character", "a sign of letters lost in an earlier conversion"),
    (_CONTROL, "draft-control-character", "a control character"),
    (_DIRECTION, "draft-direction-character", "a mark that turns the direction of reading"),
    (_INVISIBLE, "draft-invisible-character", "an invisible character"),
)


def extension_of(name: str) -> str:
    """Return `.md` or `.txt`. Raises DraftUnreadable for every other kind of file."""
    dot = name.rfind(".")
    extension = name[dot:].casefold() if dot > 0 else ""
    if extension in EXTENSIONS:
        return extension
    if extension in (".docx", ".doc"):
        raise DraftUnreadable(
            "Word files can't be read yet.",
            where=name,
            remedy="Save the draft from Word as plain text (UTF-8, .txt) and submit that.",
            code="draft-word-file",
        )
    raise DraftUnreadable(
        f"Drafts are {' or '.join(EXTENSIONS)} files; this one is {extension or 'neither'}.",
        where=name,
        remedy="Save the draft as Markdown (.md) or plain text (.txt).",
        code="draft-extension-unknown",
    )


def decode_draft(data: bytes, *, name: str, limit_bytes: int) -> str:
    """Return the text of a draft: UTF-8, without byte order mark, lines ended by line feeds.

    Raises DraftUnreadable, whose `where` names file, line and column.
    """
    if len(data) > limit_bytes:
        raise DraftUnreadable(
            f"The draft has {len(data):,} bytes; at most {limit_bytes:,} are read.",
            where=name,
            remedy="See whether it is the right file.",
            code="draft-too-large",
        )
    text = _decoded(data, name).removeprefix(_BYTE_ORDER_MARK)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise DraftUnreadable(
            "The draft is empty.",
            where=name,
            remedy="See whether it was saved, and submit it again.",
            code="draft-empty",
        )
    _refuse_characters(text, name)
    _refuse_lengths(text, name)
    # The same letters spelt in other code points are the same letters (UAX 15): a name
    # typed on one machine must agree with the register typed on another.
    return unicodedata.normalize("NFC", text)


def _decoded(data: bytes, name: str) -> str:
    for mark, encoding in _WIDE_MARKS:
        if data.startswith(mark):
            raise DraftUnreadable(
                f"The draft is {encoding} text.",
                where=name,
                remedy="Save it again with the encoding UTF-8.",
                code="draft-utf16",
            )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        raise DraftUnreadable(
            f"The draft is not UTF-8 text: byte 0x{data[wrong.start]:02X} can't stand there.",
            where=f"{name}, line {line}, byte {wrong.start}",
            remedy="Save it again with the encoding UTF-8 (it may be Windows-1252).",
            code="draft-not-utf8",
        ) from wrong


def _refuse_characters(text: str, name: str) -> None:
    for pattern, code, what in _CHARACTERS:
        found = pattern.search(text)
        if found is None:
            continue
        called = unicodedata.name(found[0], "")
        called = f"U+{ord(found[0]):04X}{', ' if called else ''}{called.lower()}"
        count = sum(1 for _ in pattern.finditer(text))
        raise DraftUnreadable(
            f"The draft holds {what} ({called})"
            + (f", and {count - 1} more of this sort." if count > 1 else "."),
            where=_position(text, found.start(), name),
            remedy="Delete it there, and type the words again if in doubt.",
            code=code,
        )


def _refuse_lengths(text: str, name: str) -> None:
    lines = text.split("\n")
    count = len(lines) + text.count("\f")
    if count > MOST_LINES:
        raise DraftUnreadable(
            f"The draft has {count:,} lines; at most {MOST_LINES:,} are read.",
            where=name,
            remedy="See whether it is the right file.",
            code="draft-too-many-lines",
        )
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE_CHARACTERS:
            raise DraftUnreadable(
                f"The line has {len(line):,} characters; at most "
                f"{LONGEST_LINE_CHARACTERS:,} are read.",
                where=f"{name}, line {number}",
                remedy="Break it into paragraphs.",
                code="draft-line-too-long",
            )


def _position(text: str, offset: int, name: str) -> str:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return f"{name}, line {line}, column {column}"
