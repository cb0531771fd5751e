"""The software key of a sample inspector: an authenticator made of one file.

Owns the file and the answers an authenticator gives (WebAuthn Level 2, sections
6.1 and 6.5). It asks nobody before it signs, so it is for trying out and for
tests only: whoever calls it sees to it that the register says `sample = true`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cbor2
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from pydantic import TypeAdapter, ValidationError

from letters.errors import LettersError
from letters.letter import Slug
from letters.signoff import base64url, from_base64url
from tasks.case.folder import FolderStore

PRESENT_AND_VERIFIED = 0x01 | 0x04
ATTESTED_KEY_FOLLOWS = 0x40
NO_COUNTER = bytes(4)
NO_MAKER = bytes(16)
"""The AAGUID of an authenticator that doesn't say what it is."""


class SoftwareKeyUnreadable(LettersError):
    """The file of a software key holds no P-256 private key."""

    code = "software-key-unreadable"


@dataclass(frozen=True)
class SoftwareKey:
    """Answers like an authenticator, always with user presence and verification."""

    inspector: str
    _private_key: EllipticCurvePrivateKey = field(repr=False, compare=False)

    @property
    def credential_id(self) -> bytes:
        """The same 32 bytes for the same key: SHA-256 of its COSE form."""
        return hashlib.sha256(self._public_key()).digest()

    def register(self, options: Mapping[str, Any], *, origin: str) -> dict[str, Any]:
        """Answer `ceremony.creation_options` as a browser's `toJSON()` writes it."""
        attested = (
            NO_MAKER
            + len(self.credential_id).to_bytes(2, "big")
            + self.credential_id
            + self._public_key()
        )
        authenticator_data = (
            _authenticator_data(options["rp"]["id"], PRESENT_AND_VERIFIED | ATTESTED_KEY_FOLLOWS)
            + attested
        )
        attestation_object = cbor2.dumps(
            {"fmt": "none", "attStmt": {}, "authData": authenticator_data}
        )
        client_data = _client_data(
            "webauthn.create", challenge=from_base64url(options["challenge"]), origin=origin
        )
        return self._answer(
            clientDataJSON=base64url(client_data),
            attestationObject=base64url(attestation_object),
        )

    def assert_(self, challenge: bytes, *, rp_id: str, origin: str) -> dict[str, Any]:
        """Sign a statement's challenge, as a browser's `toJSON()` writes it."""
        client_data = _client_data("webauthn.get", challenge=challenge, origin=origin)
        authenticator_data = _authenticator_data(rp_id, PRESENT_AND_VERIFIED)
        signature = self._private_key.sign(
            authenticator_data + hashlib.sha256(client_data).digest(), ECDSA(SHA256())
        )
        return self._answer(
            clientDataJSON=base64url(client_data),
            authenticatorData=base64url(authenticator_data),
            signature=base64url(signature),
        )

    def _answer(self, **response: str) -> dict[str, Any]:
        name = base64url(self.credential_id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }

    def _public_key(self) -> bytes:
        point = self._private_key.public_key().public_numbers()
        return cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        )


def software_key(keys_folder: Path, inspector: str) -> SoftwareKey:
    """Open an inspector's software key, made at its first use.

    Of several processes that make it at once one wins, and all return its key.
    Raises SoftwareKeyUnreadable, and what a folder that can't be used raises.
    """
    try:
        TypeAdapter(Slug).validate_python(inspector)
    except ValidationError as error:
        raise SoftwareKeyUnreadable(
            f"{inspector!r} is no inspector's id, so it names no key file.",
            remedy="Use the id as inspectors.toml has it.",
        ) from error
    name = f"{inspector}.pem"
    keys = FolderStore(keys_folder)
    pem = keys.find(name)
    if pem is None:
        pem = keys.put(name, _new_key())
    try:
        private_key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private_key = None  # the parser's own message could quote the file
    if not isinstance(private_key, EllipticCurvePrivateKey) or not isinstance(
        private_key.curve, SECP256R1
    ):
        raise SoftwareKeyUnreadable(
            f"The software key of {inspector} is not a P-256 private key.",
            where=name,
            remedy="Put back the file, or remove it and enrol the new key that is then made.",
        )
    return SoftwareKey(inspector, private_key)


def _new_key() -> bytes:
    return generate_private_key(SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


def _client_data(kind: str, *, challenge: bytes, origin: str) -> bytes:
    # The order and spelling of section 5.8.1.1, which browsers keep to.
    said = {
        "type": kind,
        "challenge": base64url(challenge),
        "origin": origin,
        "crossOrigin": False,
    }
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def _authenticator_data(rp_id: str, flags: int) -> bytes:
    return hashlib.sha256(rp_id.encode("utf-8")).digest() + bytes([flags]) + NO_COUNTER
