"""A Word file as the ZIP it is: unpacked within limits, and packed.

What the parts hold is left to `word_package`.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping

from tasks.drafting.word.refusals import refuse

MOST_PARTS = 300
MOST_BYTES = 20_000_000
"""All parts together, unpacked."""
MOST_RATIO = 100
SMALLEST_JUDGED_BYTES = 200_000
"""A short part may pack well: white pixels, a thousand equal styles."""

CONTENT_TYPES = "[Content_Types].xml"

_OLE = b"\xd0\xcf\x11\xe0"  # a compound file: Word's until 2003, and what a password makes
_ZIP = b"PK\x03\x04"
_IS_ENCRYPTED = 0x1 | 0x40
_BAD_NAME = re.compile(r"^/|\\|:|[\x00-\x1f\x7f]|(?:^|/)\.{1,2}(?:/|$)")
_EARLIEST = (1980, 1, 1, 0, 0, 0)
# RuntimeError and NotImplementedError are what zipfile raises for sorts of ZIP it can't read.
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError),
    *(RuntimeError, NotImplementedError),
)


def unpack(data: bytes, *, source: str) -> dict[str, bytes]:
    """Return the parts of a Word file by name. Raises DraftUnreadable; `source` names the file."""
    if data.startswith(_OLE):
        refuse("word-file-old-or-locked", source)
    if not data.startswith(_ZIP):
        refuse("word-not-a-document", source)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check(entries, source)
            return {entry.filename: _content(archive, entry) for entry in entries}
    except _UNREADABLE as wrong:
        refuse("word-package-damaged", source, cause=wrong)


def pack(parts: Mapping[str, bytes]) -> bytes:
    """Pack parts as a ZIP: the same parts give the same bytes on every day."""
    written = io.BytesIO()
    # The content types come first, for those who read a package as a stream.
    names = sorted(parts, key=lambda name: (name != CONTENT_TYPES, name))
    with zipfile.ZipFile(written, "w") as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, date_time=_EARLIEST)
            entry.create_system = 0
            archive.writestr(entry, parts[name], zipfile.ZIP_DEFLATED, 6)
    return written.getvalue()


def _check(entries: list[zipfile.ZipInfo], source: str) -> None:
    if len(entries) > MOST_PARTS:
        refuse("word-package-too-many-parts", source, most=MOST_PARTS)
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        refuse("word-package-too-large", source, most=MOST_BYTES)
    names: set[str] = set()
    for entry in entries:
        where = f"{source}, part {entry.filename.encode('unicode_escape').decode()[:100]}"
        # ECMA-376-2, 6.2.2.3: the names of parts are the same whatever their case.
        name = entry.filename.casefold()
        if _BAD_NAME.search(name) or name in names:
            refuse("word-package-part-name", where)
        names.add(name)
        if entry.flag_bits & _IS_ENCRYPTED:
            refuse("word-package-encrypted", where)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            refuse("word-package-compression", where)
        is_long = entry.file_size > SMALLEST_JUDGED_BYTES
        if is_long and entry.file_size > MOST_RATIO * entry.compress_size:
            refuse("word-package-ratio", where, most=MOST_RATIO)


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Unpack no more than is declared: a read without a size would unpack all there is."""
    with archive.open(entry) as opened:
        content = opened.read(entry.file_size)
    if len(content) != entry.file_size:
        raise zipfile.BadZipFile("the part is shorter than it declares")
    return content
