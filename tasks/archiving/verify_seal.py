"""Verification of the letter's seal: whose it is, and that nothing came after it.

Judged by pyHanko and by the certificates that the office's ledger introduced, offline:
no list of revoked certificates is fetched. Whatever a damaged file makes a parser raise
means that its seal is invalid. Importing pyHanko takes half a second: import this module
where a seal is looked at.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from asn1crypto import cms, parser, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import read_certification_data
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from letters.errors import LettersError
from letters.sealed import DEVELOPMENT_NAME
from tasks.archiving.seal_added import faults_of_addition
from tasks.archiving.timestamps import awaited

USAGES = frozenset({"digital_signature", "non_repudiation"})
"""Either of them is enough."""

_DETACHED = {"content_type": "data"}
_STILL_SEALED = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES)

# What it logs, with tracebacks, is told as faults here.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)


class SealUnreadable(LettersError):
    """A PDF has no seal that can be read."""

    code = "seal-unreadable"


class SealFacts(NamedTuple):
    """What a seal says of itself; whether it holds is for `seal_faults`."""

    signer: str
    """Whom the certificate names."""
    certificate: str
    """SHA-256 of the certificate's DER, by which the archive names it."""
    sealed_at: datetime
    """By the office's clock."""
    stamped_at: datetime | None
    """By the time-stamp authority's."""
    profile: Literal["B-B", "B-T", "B-LTA"]
    is_development: bool
    """Whether it was sealed for trying out, and proves nothing about who sealed."""


def seal_faults(
    pdf: bytes,
    *,
    certificates: Iterable[bytes],
    trust_roots: Iterable[bytes] = (),
    at: datetime,
) -> tuple[str, ...]:
    """Tell in sentences what is wrong with a sealed PDF; nothing where its seal holds.

    `certificates` (PEM) are those that the ledger introduced, and `at` is when the
    case's chain says that it was sealed. With `trust_roots` (PEM), these must vouch for the
    certificate (a development certificate only for itself) and for the time stamps. Without,
    the ledger's word is enough, and time stamps are checked to be whole, whoever gave them.
    """
    try:
        return tuple(_faults(pdf, [*certificates], [*trust_roots], at))
    except Exception as error:  # what a damaged file makes the parsers raise is manifold
        told = str(error).partition("\n")[0][:200]
        return (f"The seal is invalid: it can't be read ({type(error).__name__}: {told}).",)


def describe_seal(pdf: bytes) -> SealFacts:
    """Tell what the seal of a PDF says of itself. Raises SealUnreadable."""
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        (seal,) = reader.embedded_regular_signatures
        sealed_at = seal.self_reported_timestamp
        stamps = [
            data["encap_content_info"]["content"].parsed["gen_time"].native
            for data in extract_tst_data_iter(seal.signer_info, signed=False)
        ]
        is_lasting = bool(reader.embedded_timestamp_signatures)
        return SealFacts(
            signer=seal.signer_cert.subject.human_friendly,
            certificate=seal.signer_cert.sha256.hex(),
            sealed_at=sealed_at,
            stamped_at=stamps[0] if stamps else None,
            profile="B-LTA" if is_lasting else "B-T" if stamps else "B-B",
            is_development=_is_development(seal.signer_cert),
        )
    except Exception as error:
        raise SealUnreadable(
            "The PDF has no seal that can be read.",
            remedy="It is not a file that the office sealed, or it was altered: verify the letter.",
        ) from error


def _faults(
    pdf: bytes, certificates: list[bytes], trust_roots: list[bytes], at: datetime
) -> Iterator[str]:
    reader = PdfFileReader(io.BytesIO(pdf))
    seals, stamps = reader.embedded_regular_signatures, reader.embedded_timestamp_signatures
    if len(seals) != 1:
        yield f"The PDF bears {len(seals) or 'no'} seal{'s' * (len(seals) != 1)} instead of one."
        return
    (seal,) = seals
    introduced = [one for data in certificates for one in _certificates(data)]
    if seal.signer_cert.dump() not in [one.dump() for one in introduced]:
        yield (
            "It was sealed with a certificate that the office's ledger doesn't introduce:"
            f" {seal.signer_cert.subject.human_friendly}."
        )
    yield from _misuse(seal.signer_cert, at)
    if seal.signed_revision != 1:
        yield "The seal is not the first thing that was added to the approved file."
    else:
        yield from faults_of_addition(reader)
    if any("/V" not in field.get_object() for field in reader.root["/AcroForm"]["/Fields"]):
        yield "The document's time stamp was taken away."
    roots = [one for data in trust_roots for one in _certificates(data)]
    own = introduced if not roots else [one for one in introduced if _is_development(one)]
    status = awaited(
        async_validate_pdf_signature(
            seal,
            ValidationContext(trust_roots=[*roots, *own], moment=at),
            ValidationContext(trust_roots=roots or _stamping(seal), moment=at),
            key_usage_settings=KeyUsageConstraints(key_usage=USAGES),
        )
    )
    if not (status.intact and status.valid):
        yield "What was sealed was altered since, or the seal was."
    elif not status.bottom_line:
        yield f"The seal is not valid: {status.summary()}."
    certified = read_certification_data(reader)
    if (
        not status.docmdp_ok
        or seal.docmdp_level != MDPPerm.NO_CHANGES
        or certified is None
        or certified.author_sig.get_object() is not seal.sig_object
    ):
        yield "The document was changed after it was sealed, or the seal permits changes."
    for stamp in stamps:
        context = ValidationContext(trust_roots=roots or _given_with(stamp.signed_data), moment=at)
        judged = awaited(async_validate_pdf_timestamp(stamp, context))
        is_whole = judged.intact and judged.valid and judged.trusted
        if not is_whole or judged.modification_level not in _STILL_SEALED:
            yield f"A time stamp of the document is not valid: {judged.summary()}."
    last = max([seal, *stamps], key=lambda one: one.signed_revision)
    if last.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        yield "Something was added to the file after its seal."
    if not _is_plain(seal):
        yield "The seal's signature isn't as this product writes it."
    for one in (seal, *stamps):
        if not _fills_its_place(one, pdf):
            yield "The seal's place in the file holds more than the seal."


def _misuse(certificate: x509.Certificate, at: datetime) -> Iterator[str]:
    """Tell why a certificate may not have sealed: nobody asks it of one that is trusted itself."""
    if not certificate.not_valid_before <= at <= certificate.not_valid_after:
        yield f"The certificate was not valid on {at:%F}, when it sealed."
    usage = certificate.key_usage_value
    if usage is not None and not usage.native & USAGES:
        yield "The certificate is for something else than sealing."


def _fills_its_place(signature: EmbeddedPdfSignature, pdf: bytes) -> bool:
    """Whether the only bytes that a signature doesn't cover are its own, and zeros behind."""
    start, length, rest, _ = (int(number) for number in signature.byte_range)
    gap = pdf[start + length : rest]
    written = cms.ContentInfo.load(signature.pkcs7_content).dump()
    # Type and content (RFC 5652 §3): a length that takes in the zeros behind is read, too.
    parts = parser.parse(written)[4]
    first = parser.peek(parts)
    if first + parser.peek(parts[first:]) != len(parts):
        return False
    digits = written.hex().upper().encode()
    return bool(gap == b"<" + digits.ljust(len(gap) - 2, b"0") + b">")


def _is_plain(seal: EmbeddedPdfSignature) -> bool:
    """Whether the fields of a signature that nothing covers say what they can only say.

    RFC 5652 §5: versions, the list of hashes, whose signature it is. What is left are the
    certificates that merely accompany it.
    """
    data, signer, certificate = seal.signed_data, seal.signer_info, seal.signer_cert
    named = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    whose = cms.SignerIdentifier({"issuer_and_serial_number": cms.IssuerAndSerialNumber(named)})
    return (
        (data["version"].native, signer["version"].native) == ("v1", "v1")
        and len(data["signer_infos"]) == 1
        and [one.dump() for one in data["digest_algorithms"]] == [signer["digest_algorithm"].dump()]
        and data["encap_content_info"].dump() == cms.EncapsulatedContentInfo(_DETACHED).dump()
        and signer["sid"].dump() == whose.dump()
    )


def _certificates(data: bytes) -> list[x509.Certificate]:
    return [x509.Certificate.load(der) for _, _, der in pem.unarmor(data, multiple=True)]


def _is_development(certificate: x509.Certificate) -> bool:
    return bool(certificate.subject.native.get("common_name") == DEVELOPMENT_NAME)


def _stamping(seal: EmbeddedPdfSignature) -> list[x509.Certificate]:
    """List the certificates that came with the time stamps over a seal."""
    return [
        one
        for data in extract_tst_data_iter(seal.signer_info, signed=False)
        for one in _given_with(data)
    ]


def _given_with(signed: cms.SignedData) -> list[x509.Certificate]:
    found = extract_certs_for_validation(signed)
    return [found.signer_cert, *found.other_certs]
