"""Verification of the letter's PDF: approved, sealed by the office, and saying its words.

Owns what is asked of the PDF and of whom the seal must be; how a seal is judged is for
`verify_seal.py`, how words are read for `verify_words.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path

from letters.audit import AuditEntry
from letters.canonical import sha256_hex
from letters.pack import Pack
from letters.sealed import unsealed
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.archiving.timestamps import trusted_certificates
from tasks.case.case import Case
from tasks.case.ledger import LEDGER
from tasks.case.office import Office

SEALS = "seals/"


class PdfCheck:
    """Checks the PDFs of an office's letters; the certificates are read once."""

    def __init__(self, office: Office, named: Iterable[tuple[str, str]], found: Findings) -> None:
        self._office = office
        self._named = tuple((key, sha256) for key, sha256 in named if key.startswith(SEALS))
        self._found = found
        file = office.settings.seal.trust_file
        # Read first: a slip in the settings is no fault of a letter.
        self._trust_roots = (_certificates_in(office.root / file),) if file else ()

    def check(self, case: Case, revision: int, pack: Pack, entries: Iterable[AuditEntry]) -> None:
        """Check a revision's PDF, if there is one; `entries` are those of the case's chain."""
        key = case.key(f"r{revision}/letter.pdf")
        pdf = self._found.read(case.store, key, check="packs")
        if pdf is None:
            return
        if unsealed(pdf, pack.pdf_sha256) is None:
            message = "It does not begin with the PDF that was approved."
            self._found.differ("packs", "pack-differs", key, message)
        # pyHanko and PDFium take as long to import as all the rest.
        from tasks.archiving.verify_seal import seal_faults
        from tasks.archiving.verify_words import words_missing

        self._found.checked["seals"] += 1
        at = _sealed_at(key, sha256_hex(pdf), entries) or self._office.clock()
        roots = self._trust_roots
        faults = seal_faults(pdf, certificates=self._certificates, trust_roots=roots, at=at)
        if faults and self._has_new_certificates():
            faults = seal_faults(pdf, certificates=self._certificates, trust_roots=roots, at=at)
        for fault in faults:
            self._found.differ("seals", "seal-invalid", key, fault)
        self._found.checked["words"] += 1
        for fault in words_missing(pdf, case.letter(revision)):
            self._found.differ("words", "words-differ", key, fault)

    @cached_property
    def _certificates(self) -> tuple[bytes, ...]:
        """The certificates that the ledger introduced, unaltered."""
        read = ((self._found.read(self._office.store, key), sha) for key, sha in self._named)
        return tuple(data for data, sha in read if data is not None and sha256_hex(data) == sha)

    def _has_new_certificates(self) -> bool:
        """Read the ledger again: a seal may have been introduced since."""
        named = VerifiedChain(self._office, LEDGER, Findings()).named_objects()
        seals = tuple((key, sha256) for key, sha256 in named if key.startswith(SEALS))
        if seals == self._named:
            return False
        self._named = seals
        del self._certificates
        return True


def _certificates_in(file: Path) -> bytes:
    """Read a PEM file of certificates. Raises UsageError."""
    trusted_certificates(file)
    return file.read_bytes()


def _sealed_at(key: str, sha256: str, entries: Iterable[AuditEntry]) -> datetime | None:
    """Tell when the file was announced, which is when it was sealed; or else named."""
    moments: Iterator[str] = (
        entry.at
        for entry in entries
        if entry.detail.get("sha256") == sha256
        and key in (entry.detail.get("of"), entry.detail.get("object"))
    )
    first = next(moments, None)
    return None if first is None else datetime.fromisoformat(first)
