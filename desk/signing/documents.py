"""The letter and its proof, handed out only as what the pack and the chain name."""

from __future__ import annotations

from desk.signing.refusals import PageMissing
from letters.canonical import sha256_hex
from letters.refusals import PackStale
from tasks.case.case import Case
from tasks.rendering.pages import render_html


def letter_html(case: Case, revision: int) -> bytes:
    """Return the letter as it goes out: as it is kept, else rendered again.

    Raises PageMissing before it is packed, PackStale where neither is what was packed.
    """
    pack = case.pack(revision)
    if pack is None:
        raise PageMissing
    kept = case.find(f"r{revision}/letter.html")
    html = render_html(case.letter(revision)).encode() if kept is None else kept
    if sha256_hex(html) != pack.html_sha256:
        raise _altered(case, revision, "The letter", "Its proof may still be read.")
    return html


def proof_pdf(case: Case, revision: int) -> bytes:
    """Return the proof. Raises PageMissing, PackStale where it isn't what the chain names."""
    name = f"r{revision}/proof.pdf"
    data = case.find(name)
    if data is None:
        raise PageMissing
    if case.recorded().get(case.key(name)) != sha256_hex(data):
        raise _altered(case, revision, "The proof", "Run `letters verify`.")
    return data


def _altered(case: Case, revision: int, what: str, remedy: str) -> PackStale:
    return PackStale(
        f"{what} is not what was packed.", where=f"{case.reference} r{revision}", remedy=remedy
    )
