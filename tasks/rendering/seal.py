"""The electronic seal: an invisible PAdES signature appended to the letter's PDF.

ETSI EN 319 142-1, its levels B-B, B-T (with a time stamp over the signature) and B-LTA
(with what is needed to check it later, under a document time stamp). The sealed file
begins with the unsealed one, to the byte. It certifies the document and permits no change;
document time stamps and what they rest on are none (ISO 32000-2, table 257).

Importing pyHanko takes half a second: import this module where something is sealed.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from asn1crypto import cms, pem, x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.generic import DictionaryObject, NumberObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import (
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    append_signature_field,
)
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.signers.pdf_signer import (
    DSSContentSettings,
    PdfSignatureMetadata,
    PdfSigner,
    PdfSigningSession,
    TimestampDSSContentSettings,
)
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from letters.errors import LettersError, TransientError
from tasks.rendering.seal_keys import SealingKey

Profile = Literal["B-B", "B-T", "B-LTA"]

FIELD = "Seal"
TIME_FIELD = "DocumentTimeStamp"
HASH = "sha256"
NOTHING_AFTER_THE_TIME_STAMP = DSSContentSettings(
    include_vri=False,
    next_ts_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
)
TSA_SECONDS = 10
"""How long a time-stamp authority may take for one answer."""

BESIDE_BYTES = 2048
"""What a seal takes at most beside its certificates and its signature; some 700 are usual."""


class TimeStampUnavailable(TransientError):
    """The time-stamp authority gave no time stamp that can be used."""

    code = "time-stamp-unavailable"


class SealUntrusted(LettersError):
    """The office's trust file vouches for neither its certificate nor its time stamps."""

    code = "seal-untrusted"


def seal(
    pdf: bytes,
    key: SealingKey,
    *,
    profile: Profile,
    tsa_url: str,
    trust: bytes,
    reason: str,
    at: datetime,
) -> bytes:
    """Seal a PDF; another call gives other bytes. `at` is the time that the seal claims.

    `trust` are certificates (PEM) of those who vouch for the office's own and for the
    authority's: with time stamps they are needed, since neither can be exchanged later.
    Raises TimeStampUnavailable and SealUntrusted; never seals at a lower level.
    """
    roots = [*certificates_in(trust), *([_of(key.certificate)] if key.is_development else [])]
    is_stamped = profile != "B-B"
    is_lasting = profile == "B-LTA"
    context = ValidationContext(trust_roots=roots, allow_fetching=is_lasting)
    sealer = _Sealer(
        PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm=HASH,
            reason=reason,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            subfilter=SigSeedSubFilter.PADES,
            use_pades_lta=is_lasting,
            timestamp_field_name=TIME_FIELD,
            dss_settings=NOTHING_AFTER_THE_TIME_STAMP,
            embed_validation_info=is_lasting,
            validation_context=context if is_stamped else None,
            signer_key_usage=set(),  # the key was looked at when it was opened
        ),
        _Signer(key),
        timestamper=_Authority(tsa_url, roots) if is_stamped else None,
        at=at,
    )
    appended = _Appended(io.BytesIO(pdf))
    _add_field(appended, FIELD, "Electronic seal of the office")
    if is_lasting:
        # Here already: nothing can be tagged in what is added after the seal.
        _add_field(appended, TIME_FIELD, "Time stamp of the document")
    sealed = io.BytesIO()
    try:
        sealer.sign_pdf(
            appended, output=sealed, bytes_reserved=None if is_stamped else _room_for(key)
        )
    except SigningError as error:
        raise SealUntrusted(
            f"The PDF could not be sealed as {profile}: {error.__cause__ or error}.",
            where="seal.trust_file",
            remedy="Put the certificates (PEM) of those who vouch for the office's certificate"
            " and for the time-stamp authority into the trust file.",
        ) from error
    return sealed.getvalue()


def _room_for(key: SealingKey) -> int:
    """Tell how many hexadecimal digits a seal without time stamps takes at most.

    Otherwise pyHanko makes each seal twice, the first time to see how long it gets.
    """
    certificates = (key.certificate, *key.issuers)
    in_certificates = sum(len(each.public_bytes(Encoding.DER)) for each in certificates)
    return 2 * (in_certificates + key.private_key.key_size // 8 + BESIDE_BYTES)


def certificates_in(data: bytes) -> list[x509.Certificate]:
    """Read the certificates of a PEM file. Raises ValueError."""
    if not data.strip():
        return []
    return [
        x509.Certificate.load(der)
        for name, _, der in pem.unarmor(data, multiple=True)
        if name == "CERTIFICATE"
    ]


def _add_field(pdf: IncrementalPdfFileWriter, name: str, read_as: str) -> None:
    """Add a signature field that takes no room on the last page.

    It is tagged as a form field with a name to be read out (PDF/UA-1, 7.18.4): hidden it
    would break PDF/A-2 (6.3.2).
    """
    append_signature_field(pdf, SigFieldSpec(name, on_page=-1, readable_field_name=read_as))
    field = pdf.root["/AcroForm"]["/Fields"].raw_get(-1)
    tags = pdf.root["/StructTreeRoot"]
    document = tags["/K"].raw_get(0)
    placed = {"/Type": pdf_name("/OBJR"), "/Obj": field, "/Pg": field.get_object().raw_get("/P")}
    element = pdf.add_object(
        DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/StructElem"),
                pdf_name("/S"): pdf_name("/Form"),
                pdf_name("/P"): document,
                pdf_name("/K"): DictionaryObject({pdf_name(k): v for k, v in placed.items()}),
            }
        )
    )
    # ISO 32000-1, 14.7.4.4: from the field back to its element.
    number = tags["/ParentTreeNextKey"]
    tags["/ParentTreeNextKey"] = NumberObject(number + 1)
    field.get_object()["/StructParent"] = number
    numbers, elements = tags["/ParentTree"]["/Nums"], document.get_object()["/K"]
    numbers.extend([number, element])
    elements.append(element)
    for changed in (tags, numbers, elements, field.get_object()):
        pdf.update_container(changed)


class _Appended(IncrementalPdfFileWriter):
    """Adds to a file and leaves what it says of itself: title, dates, claims, who made it."""

    def _update_meta(self) -> None:
        pass


class _Sealer(PdfSigner):
    """A signer whose clock is the office's, and who leaves the file's version as it is."""

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at = at

    def init_signing_session(
        self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False
    ) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._at
        return session

    def register_extensions(self, pdf_out: BasePdfFileWriter, **_: str) -> None:
        # For an ECDSA key pyHanko would call the file PDF 2.0, and PDF/A-2 is PDF 1.7.
        pdf_out.register_extension(ESIC_EXTENSION_1)


class _Signer(Signer):
    """Signs with a key that is open: pyHanko's own parses it anew for each signature."""

    def __init__(self, key: SealingKey) -> None:
        issuers = SimpleCertificateStore()
        issuers.register_multiple(_of(issuer) for issuer in key.issuers)
        super().__init__(signing_cert=_of(key.certificate), cert_registry=issuers)
        self._key = key.private_key

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,  # noqa: ARG002
        dry_run: bool = False,  # noqa: ARG002
    ) -> bytes:
        if isinstance(self._key, EllipticCurvePrivateKey):
            return self._key.sign(data, ECDSA(SHA256()))
        return self._key.sign(data, PKCS1v15(), SHA256())


class _Authority(HTTPTimeStamper):
    """A time-stamp authority (RFC 3161), each answer of which is looked at before it is used.

    A seal can't be made again: a token over something else, or of somebody else, must
    not come into it.
    """

    def __init__(self, url: str, roots: Iterable[x509.Certificate]) -> None:
        super().__init__(url, timeout=TSA_SECONDS)
        self._roots = list(roots)

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
            status = await self._judged(token, message_digest, md_algorithm)
        except Exception as error:  # what a broken answer makes the parser raise is manifold
            cause = error.__cause__ or error
            raise self._unavailable(f"{type(cause).__name__}: {cause}") from error
        if not (status.intact and status.valid):
            raise self._unavailable("its answer is not over what was asked, or was altered")
        if not status.trusted:
            raise SealUntrusted(
                "The office's trust file doesn't vouch for the time-stamp authority.",
                where=self.url,
                remedy="Put the certificate (PEM) of the authority's root into the file that"
                " [seal] trust_file names.",
            )
        return token

    async def _judged(
        self, token: cms.ContentInfo, digest: bytes, algorithm: str
    ) -> TimestampSignatureStatus:
        told = await validate_tst_signed_data(
            token["content"],
            ValidationContext(trust_roots=self._roots),
            lambda asked: digest if asked == algorithm else b"",
        )
        return TimestampSignatureStatus(**told)

    def _unavailable(self, why: str) -> TimeStampUnavailable:
        return TimeStampUnavailable(
            f"There is no time stamp to be had: {why}.",
            where=self.url,
            remedy="It is tried again. Nothing was sealed or sent.",
        )


def _of(certificate: Any) -> x509.Certificate:
    return x509.Certificate.load(certificate.public_bytes(Encoding.DER))
