"""What is let in as a draft at all: kinds of file, sizes, characters.

Refuses what can't be a draft, or would show people other words than are printed,
with one clear DraftUnreadable; line breaks come out as line feeds. What the
words mean is left to the readers, and what is in a Word file to its own.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import NamedTuple

from letters.problem import DraftUnreadable

MOST_LINES = 20_000
LONGEST_LINE_CHARACTERS = 50_000
"""A passage has at most 20,000 characters, and Markdown may escape every one of them."""

MOST_MARKS_PILED_UP = 30
"""Marks on one letter, as in Unicode Standard Annex 15's stream-safe text."""

WORD = ".docx"
EXTENSIONS = (".md", ".txt", WORD)

LARGEST_WORD_BYTES = 10_000_000
"""A Word file is a ZIP; a picture in its letterhead may be larger than all its words."""

_SAVE_AS_WORD = "Open it in Word and save it as “Word Document (.docx)”."
_OTHER_KINDS = {
    ".doc": ("This is a file of an old version of Word.", _SAVE_AS_WORD),
    ".docm": ("This Word file can hold macros.", _SAVE_AS_WORD),
    ".dot": ("This is a template of an old version of Word.", _SAVE_AS_WORD),
    ".dotm": ("This is a Word template that can hold macros.", _SAVE_AS_WORD),
    ".dotx": ("This is a Word template.", _SAVE_AS_WORD),
    ".odt": ("OpenDocument files aren't read.", "Save it as a Word file (.docx)."),
    ".rtf": ("Rich text files aren't read.", _SAVE_AS_WORD),
    ".pdf": (
        "A PDF says where its words stand on the page, not in which order they are read.",
        "Submit the Word file or text from which it was made; or copy its words into a text (.txt)"
        " and look them over.",
    ),
}
_SIGNS_OF_OTHER_FILES = (
    (b"PK\x03\x04", "a ZIP, as Word files are", "If it is a Word file, end its name in .docx."),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a file of an old version of Word", _SAVE_AS_WORD),
    (b"{\\rtf", "rich text", _SAVE_AS_WORD),
    (b"%PDF-", "a PDF", "Copy its words into a text file, and look them over."),
)

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
# Half a character can't come from UTF-8, but from an escape in YAML.
_DAMAGED = re.compile("[\ufffd\ud800-\udfff]")
_BEYOND_LATIN = re.compile(f"[^\0-\u02ff]{{{MOST_MARKS_PILED_UP + 1},}}")
_CHARACTERS = (
    (_DAMAGED, "draft-damaged-character", "a sign of letters lost in an earlier conversion"),
    (_CONTROL, "draft-control-character", "a control character"),
    (_DIRECTION, "draft-direction-character", "a mark that turns the direction of reading"),
    (_INVISIBLE, "draft-invisible-character", "an invisible character"),
)


class RefusedCharacter(NamedTuple):
    """A character that a draft can't hold, and how people are told so."""

    code: str
    what: str
    """`an invisible character (U+00AD, soft hyphen)`."""
    offset: int
    in_all: int
    """Of its sort, in the whole text."""


def extension_of(name: str) -> str:
    """Return `.md`, `.txt` or `.docx`. Raises DraftUnreadable for every other kind of file."""
    dot = name.rfind(".")
    extension = name[dot:].casefold() if dot > 0 else ""
    if extension in EXTENSIONS:
        return extension
    message, remedy = _OTHER_KINDS.get(
        extension,
        (
            f"A draft's name ends in {', '.join(EXTENSIONS[:-1])} or {EXTENSIONS[-1]}; this one's"
            f" in {f'“{extension}”' if extension else 'none of them'}.",
            "Save the draft as Word Document (.docx), plain text (.txt) or Markdown (.md).",
        ),
    )
    raise DraftUnreadable(message, where=name, remedy=remedy, code="draft-extension-unknown")


def most_bytes(name: str, limit_bytes: int) -> int:
    """Tell how large a draft of this name may be, where texts may have `limit_bytes`."""
    return max(limit_bytes, LARGEST_WORD_BYTES) if name.casefold().endswith(WORD) else limit_bytes


def refuse_size(size: int, *, name: str, limit_bytes: int) -> None:
    """Raise DraftUnreadable where a draft of this size isn't read."""
    most = most_bytes(name, limit_bytes)
    if size > most:
        raise DraftUnreadable(
            f"The draft has {size:,} bytes; at most {most:,} are read.",
            where=name,
            remedy="A letter is a few pages: see whether it is the right file.",
            code="draft-too-large",
        )


def decode_draft(data: bytes, *, name: str, limit_bytes: int) -> str:
    """Return the text of a draft: UTF-8, without byte order mark, lines ended by line feeds.

    Raises DraftUnreadable, whose `where` names file, line and column.
    """
    refuse_size(len(data), name=name, limit_bytes=limit_bytes)
    text = _decoded(data, name).removeprefix(_BYTE_ORDER_MARK)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise DraftUnreadable(
            "The draft is empty.",
            where=name,
            remedy="See whether it was saved, and submit it again.",
            code="draft-empty",
        )
    _refuse_lengths(text, name)
    _refuse_characters(text, name)
    # The same letters spelt in other code points are the same letters (UAX 15): a name
    # typed on one machine must agree with the register typed on another.
    return unicodedata.normalize("NFC", text)


def refused_character(text: str) -> RefusedCharacter | None:
    """Find the first character that no draft holds, whatever its form."""
    for pattern, code, what in _CHARACTERS:
        found = pattern.search(text)
        if found is None:
            continue
        called = unicodedata.name(found[0], "")
        called = f"U+{ord(found[0]):04X}{', ' if called else ''}{called.lower()}"
        count = sum(1 for _ in pattern.finditer(text))
        return RefusedCharacter(code, f"{what} ({called})", found.start(), count)
    if (offset := _piled_up(text)) is not None:
        what = f"a letter with more than {MOST_MARKS_PILED_UP} marks on it"
        return RefusedCharacter("draft-marks-piled-up", what, offset, 1)
    return None


def _decoded(data: bytes, name: str) -> str:
    for mark, encoding in _WIDE_MARKS:
        if data.startswith(mark):
            raise DraftUnreadable(
                f"The draft is {encoding} text.",
                where=name,
                remedy="Save it again with the encoding UTF-8.",
                code="draft-utf16",
            )
    for sign, what, remedy in _SIGNS_OF_OTHER_FILES:
        if data.startswith(sign):
            raise DraftUnreadable(
                f"The draft is no text but {what}.", where=name, remedy=remedy, code="draft-no-text"
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
    refused = refused_character(text)
    if refused is None:
        return
    more = f", and {refused.in_all - 1} more of this sort." if refused.in_all > 1 else "."
    raise DraftUnreadable(
        f"The draft holds {refused.what}{more}",
        where=_position(text, refused.offset, name),
        remedy="Delete it there, and type the words again if in doubt.",
        code=refused.code,
    )


def _piled_up(text: str) -> int | None:
    """Find where marks are piled up: to order them (NFC) takes time by their number's square."""
    for run in _BEYOND_LATIN.finditer(text):
        marks = 0
        for offset, character in enumerate(run[0], start=run.start()):
            marks = marks + 1 if unicodedata.combining(character) else 0
            if marks > MOST_MARKS_PILED_UP:
                return offset
    return None


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
