"""The unsealed file inside a sealed one.

An electronic seal is appended to a PDF (ISO 32000-1 §7.5.6, incremental updates): the
sealed file begins with the bytes that the inspector approved, to the last.
"""

from __future__ import annotations

import re

from letters.canonical import sha256_hex

DEVELOPMENT_NAME = "DEVELOPMENT — proves nothing about who sealed"
"""Whom the certificate names that an office without one makes for itself."""

_END = re.compile(rb"%%EOF(?:\r\n|\r|\n)?")


def unsealed(pdf: bytes, sha256: str) -> bytes | None:
    """Return the file of that hash with which `pdf` begins, or None.

    It is the whole of it where nothing was sealed. A file ends with the marker %%EOF
    (§7.5.5); which of the ends it is, is told by the hash.
    """
    if sha256_hex(pdf) == sha256:
        return pdf
    for end in _END.finditer(pdf):
        # A line feed after the marker may belong to the file or to what follows.
        for stop in sorted({end.end(), end.start() + len(b"%%EOF")}):
            if sha256_hex(pdf[:stop]) == sha256:
                return pdf[:stop]
    return None
