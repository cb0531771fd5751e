"""The office's sealing key: whose seal a letter's PDF bears.

Owns where the key comes from, what is refused of it, and how its certificate is made
known in the office's ledger. The seal itself is for `seal.py`. An office without a key
of its own makes one for development: it says in its own name that it proves nothing,
and no live office seals with it.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from letters.canonical import sha256_hex
from letters.errors import LettersError
from letters.finding import Finding
from letters.sealed import DEVELOPMENT_NAME
from tasks.case.folder import FolderStore
from tasks.case.ledger import keep_and_enter, ledger_of
from tasks.case.office import Office

DEVELOPMENT_FILE = "seal-development.pem"
DEVELOPMENT_YEARS = 10

INTRODUCED: Final = "seal-introduced"
"""The ledger's event that names a certificate before the first letter is sealed with it."""

EXPIRES_SOON = timedelta(days=60)
SMALLEST_RSA_BITS = 2048


class SealKeyUnusable(LettersError):
    """The office's sealing key can't be read, or may not be used."""

    code = "seal-key-unusable"


@dataclass(frozen=True)
class SealingKey:
    """A private key and the certificate that says whose it is."""

    certificate: x509.Certificate
    issuers: tuple[x509.Certificate, ...] = field(repr=False)
    """Certificates that came with it, up to whoever is trusted."""
    private_key: EllipticCurvePrivateKey | RSAPrivateKey = field(repr=False, compare=False)

    @property
    def is_development(self) -> bool:
        """Whether it was made here, and proves nothing about who sealed."""
        return is_development(self.certificate)

    @property
    def certificate_pem(self) -> bytes:
        """The certificate as it is kept in the archive."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate's DER, by which the archive names it."""
        return sha256_hex(self.certificate.public_bytes(Encoding.DER))

    @property
    def not_after(self) -> datetime:
        """The last moment at which it may seal."""
        return self.certificate.not_valid_after_utc


def is_development(certificate: x509.Certificate) -> bool:
    """Whether a certificate says of itself that it proves nothing about who sealed."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return [name.value for name in names] == [DEVELOPMENT_NAME]


def sealing_key(office: Office) -> SealingKey:
    """Open the key that the office seals with; one for development is made at its first use.

    Raises SealKeyUnusable, and what a folder that can't be used raises.
    """
    now = office.clock()
    where = office.settings.seal.pkcs12_file or f"keys/{DEVELOPMENT_FILE}"
    key = _configured(office)
    if office.is_live and (key is None or key.is_development):
        raise SealKeyUnusable(
            "A live office seals with a certificate of its own, and has none.",
            where="seal.pkcs12_file",
            remedy="Name the PKCS#12 file in office.toml, [seal] pkcs12_file, and its passphrase"
            " in passphrase_file.",
            code="seal-missing",
        )
    key = key or _development(office, now)
    if not key.certificate.not_valid_before_utc <= now <= key.not_after:
        raise SealKeyUnusable(
            f"The certificate that seals is valid from {key.certificate.not_valid_before_utc:%F}"
            f" to {key.not_after:%F}, and today is {now:%F}.",
            where=where,
            remedy="Have it renewed, and put the new file in its place.",
            code="seal-expired",
        )
    if not _may_sign(key.certificate):
        raise SealKeyUnusable(
            "The certificate is for something else: its key usage names neither digital"
            " signature nor non-repudiation.",
            where=where,
            remedy="Ask its issuer for a certificate for an electronic seal.",
            code="seal-key-usage",
        )
    return key


def introduce(office: Office, key: SealingKey) -> None:
    """Keep the certificate in the archive and enter it into the ledger, once for each.

    Verification believes a seal only by a certificate that stands there. Raises
    ObjectForeign and the store's errors.
    """
    place = f"seals/{key.fingerprint}.pem"
    introduced = ledger_of(office).entries_of(INTRODUCED)
    if not any(entry.detail.get("object") == place for entry in introduced):
        keep_and_enter(
            office, INTRODUCED, place, key.certificate_pem, is_development=key.is_development
        )


def seal_findings(office: Office, now: datetime) -> Iterator[Finding]:
    """Look at the office's sealing key, and make none."""
    named = office.settings.seal.pkcs12_file
    if not named:
        yield Finding(
            level="failure" if office.is_live else "warning",
            code="seal-missing" if office.is_live else "seal-development",
            message="Letters are sealed with a development certificate, which proves nothing"
            " about who sealed." + (" This live office refuses it." if office.is_live else ""),
            remedy="Name the office's PKCS#12 file in office.toml, [seal] pkcs12_file.",
        )
        return
    try:
        key = sealing_key(office)
    except LettersError as error:
        yield Finding(level="failure", code=error.code, message=str(error), remedy=error.remedy)
        return
    days = (key.not_after - now).days
    yield Finding(
        level="warning" if key.not_after - now < EXPIRES_SOON else "ok",
        code="seal-expires",
        message=f"Letters are sealed as {_name_of(key.certificate)},"
        f" until {key.not_after:%F} ({days} days).",
        remedy="Have the certificate renewed." if key.not_after - now < EXPIRES_SOON else "",
    )
    mode = stat.S_IMODE((office.root / named).stat().st_mode)
    if mode & 0o077:
        yield Finding(
            level="warning",
            code="seal-file-open",
            message=f"Others on this machine can reach the sealing key's file (mode {mode:04o}).",
            remedy=f"Run `chmod 600 {named}`.",
        )


def _configured(office: Office) -> SealingKey | None:
    told = office.settings.seal
    if not told.pkcs12_file:
        return None
    path = office.root / told.pkcs12_file
    try:
        state = path.stat()
        return _read_pkcs12(path, (state.st_mtime_ns, state.st_size, state.st_ino), told.passphrase)
    except OSError as error:
        raise SealKeyUnusable(
            f"The file of the sealing key can't be read: {error.strerror}.",
            where=told.pkcs12_file,
            remedy="Correct [seal] pkcs12_file in office.toml: it is relative to the office's"
            " folder.",
            code="seal-key-missing",
        ) from None


# A process seals many letters; taking the file's encryption off costs more than a seal.
@lru_cache(maxsize=4)
def _read_pkcs12(
    path: Path,
    _state: tuple[int, int, int],
    passphrase: SecretStr | None,
) -> SealingKey:
    secret = None if passphrase is None else passphrase.get_secret_value().encode()
    try:
        found = load_pkcs12(path.read_bytes(), secret)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The parser's own error is left out: nothing of the file or the passphrase is quoted.
        raise SealKeyUnusable(
            "The file of the sealing key can't be opened: its passphrase is another, or it is no"
            " PKCS#12 file.",
            where=path.name,
            remedy="Correct the passphrase ([seal] passphrase_file in office.toml, or"
            " LETTERS_SEAL__PASSPHRASE_FILE), or name the right file.",
            code="seal-passphrase-wrong",
        ) from None
    if found.key is None or found.cert is None:
        raise SealKeyUnusable(
            "The file of the sealing key lacks the key or its certificate.",
            where=path.name,
            remedy="Export both into one PKCS#12 file.",
        )
    if not isinstance(found.key, EllipticCurvePrivateKey | RSAPrivateKey) or (
        isinstance(found.key, RSAPrivateKey) and found.key.key_size < SMALLEST_RSA_BITS
    ):
        raise SealKeyUnusable(
            "The sealing key is of a kind that the readers of PDFs don't trust.",
            where=path.name,
            remedy=f"Use RSA with {SMALLEST_RSA_BITS} bits or more, or ECDSA.",
        )
    issuers = tuple(extra.certificate for extra in found.additional_certs)
    return SealingKey(found.cert.certificate, issuers, found.key)


def _development(office: Office, now: datetime) -> SealingKey:
    keys = FolderStore(office.keys_folder)
    pem = keys.find(DEVELOPMENT_FILE)
    if pem is None:
        pem = keys.put(DEVELOPMENT_FILE, _new_development_key(now))
    return _read_pem(pem)


@lru_cache(maxsize=4)
def _read_pem(pem: bytes) -> SealingKey:
    try:
        private_key = load_pem_private_key(pem, password=None)
        certificate = x509.load_pem_x509_certificate(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private_key = None
    if not isinstance(private_key, EllipticCurvePrivateKey):
        raise SealKeyUnusable(
            "The development key for the seal can't be read.",
            where=f"keys/{DEVELOPMENT_FILE}",
            remedy="Remove the file: another is made at the next seal.",
        )
    return SealingKey(certificate, (), private_key)


def _new_development_key(now: datetime) -> bytes:
    """Make a key and its self-signed certificate (RFC 5280) in one file."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DEVELOPMENT_NAME)])
    usage = dict.fromkeys(
        (
            *("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign"),
            *("crl_sign", "encipher_only", "decipher_only"),
        ),
        False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # The clocks of those who make and those who use it may differ.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * DEVELOPMENT_YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True
        )
        .sign(key, SHA256())
    )
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ) + certificate.public_bytes(Encoding.PEM)


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True  # RFC 5280 §4.2.1.3: without the extension nothing is excluded
    return usage.digital_signature or usage.content_commitment


def _name_of(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()
