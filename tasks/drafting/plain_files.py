"""Files that people keep by hand: opened with limits, refused with the place and the fix.

Knows nothing of what the files hold; `register_files` and `kind_files` do.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from letters.errors import LettersError
from letters.suggestion import did_you_mean

LARGEST_FILE_BYTES = 5_000_000

_CONTROL = re.compile(
    # Characters that print nothing, or (bidirectional ones) print what follows out of order.
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2069\ufeff]"
)
_LINE_BREAK = re.compile(r"[\t\r\n]")


def read_plain_file(file: Path | Traversable, *, error: type[LettersError]) -> str:
    """Read a UTF-8 file; a byte order mark, as spreadsheets write it, is dropped.

    Raises `error` where the file is missing, too large, not UTF-8, or holds
    control characters.
    """
    if not file.is_file():
        raise error(
            f"{file.name} is missing.", where=str(file), remedy="Put the file into that folder."
        )
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST_FILE_BYTES + 1)
    except OSError as failed:
        raise error(
            f"{file.name} can't be read: {failed.strerror}.",
            where=str(file),
            remedy="See that this user may read the file.",
        ) from failed
    if len(data) > LARGEST_FILE_BYTES:
        raise error(
            f"{file.name} is larger than {LARGEST_FILE_BYTES // 1_000_000} MB.",
            where=str(file),
            remedy="See whether it is the right file.",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        raise error(
            f"{file.name} is not UTF-8 text.",
            where=f"{file}, line {line}",
            remedy="Save it again with the encoding UTF-8 (a spreadsheet calls it “CSV UTF-8”).",
        ) from wrong
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise error(
            f"{file.name} holds the control character U+{ord(found[0]):04X}.",
            where=f"{file}, line {line}",
            remedy="Delete the character; type that line anew if it can't be seen.",
        )
    return unicodedata.normalize("NFC", text)


def read_toml(file: Path | Traversable, *, error: type[LettersError]) -> dict[str, Any]:
    """Read a TOML file with the same limits. Raises `error`."""
    text = read_plain_file(file, error=error)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        raise error(
            f"{file.name} is not valid TOML: {wrong}.",
            where=str(file),
            remedy='Correct that place; text stands in quotes: key = "value".',
        ) from wrong


def refuse_unprintable(value: str, *, where: str, error: type[LettersError]) -> None:
    """Raise `error` where a value that is printed on one line holds anything but that line."""
    if found := _LINE_BREAK.search(value) or _CONTROL.search(value):
        raise error(
            f"The text holds a line break or control character (U+{ord(found[0]):04X}).",
            where=where,
            remedy="Write it on one line, without tabs.",
        )


def refuse_unknown(
    found: list[str], known: list[str], *, what: str, where: str, error: type[LettersError]
) -> None:
    """Raise `error` for the first of `found` that is not `known`, suggesting the nearest."""
    for name in found:
        if name not in known:
            raise error(
                f"There is no {what} “{name}”.", where=where, remedy=did_you_mean(name, known)
            )
