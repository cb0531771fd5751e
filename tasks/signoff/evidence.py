"""The offline check of a sign-off, with `cryptography` and the standard library alone.

Owns what makes a kept assertion count (WebAuthn Level 2, section 7.2, without the
steps that need the ceremony's own moment) and the one spelling of a public key as
COSE. Whether the key is its inspector's is the ledger's to say; whether the
inspector may sign is `letters.signoff.entitlement`'s.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from letters.refusals import (
    ChallengeMismatch,
    KeyRevoked,
    KeyUnknown,
    PackStale,
    ResponseInvalid,
    SignatureInvalid,
    UserNotVerified,
    WrongOrigin,
    WrongRelyingParty,
)
from letters.signoff import (
    Enrolment,
    Revocation,
    SignOff,
    base64url,
    challenge,
    comments_sha256,
    from_base64url,
    revocation_of,
)

PublicKey = EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey
"""ES256 on P-256, RS256, Ed25519: what `cose_key` can write."""

# Authenticator data: rpIdHash (32), flags (1), counter (4), then what the flags announce.
RP_ID_HASH_LENGTH = 32
SHORTEST_AUTHENTICATOR_DATA = 37
USER_PRESENT = 0x01
USER_VERIFIED = 0x04
BACKUP_ELIGIBLE = 0x08
BACKED_UP = 0x10

SIGN_AGAIN = "Open the signing page of this revision and sign again."


def check_sign_off(
    sign_off: SignOff,
    *,
    pack_sha256: str,
    rp_id: str,
    origin: str,
    revocations: Sequence[Revocation],
) -> None:
    """Return if the sign-off counts for that pack; raise a SignOffRefused if not.

    The key is the one the sign-off carries: call `letters.signoff.require_enrolled`
    first. The signature counter is ignored, for kept assertions are checked in any
    order. A revocation counts from its own moment on, not backwards.
    """
    statement = sign_off.statement
    where = f"{statement.reference} r{statement.revision}"
    if statement.pack != pack_sha256:
        raise PackStale(
            f"What was signed is pack {statement.pack[:12]}…, not {pack_sha256[:12]}….",
            where=where,
            remedy="Read the pack as it is now, then sign that.",
        )
    if statement.comments_sha256 != comments_sha256(sign_off.comments):
        raise ChallengeMismatch(
            "The comments are not those that were signed.", where=where, remedy=SIGN_AGAIN
        )
    client_data = from_base64url(sign_off.client_data_json)
    check_client_data(
        client_data, kind="webauthn.get", challenge=challenge(statement), origin=origin
    )
    authenticator_data = from_base64url(sign_off.authenticator_data)
    check_authenticator_data(authenticator_data, rp_id=rp_id)
    _check_key(sign_off, rp_id=rp_id, revocations=revocations)
    _check_signature(
        public_key_of(sign_off.enrolment),
        signature=from_base64url(sign_off.signature),
        signed=authenticator_data + hashlib.sha256(client_data).digest(),
        where=where,
    )


def check_client_data(client_data: bytes, *, kind: str, challenge: bytes, origin: str) -> None:
    """Check what the browser says it was asked: section 5.8.1, clientDataJSON.

    Raises ResponseInvalid, ChallengeMismatch or WrongOrigin.
    """
    try:
        said = json.loads(client_data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ResponseInvalid("The client data is not JSON.", remedy=SIGN_AGAIN) from error
    if not isinstance(said, dict) or said.get("type") != kind:
        raise ResponseInvalid(f"The client data is not of type {kind}.", remedy=SIGN_AGAIN)
    if said.get("challenge") != base64url(challenge):
        raise ChallengeMismatch(
            "The key answered another challenge than this statement's.", remedy=SIGN_AGAIN
        )
    if said.get("origin") != origin:
        raise WrongOrigin(
            f"The answer was given at {str(said.get('origin'))[:200]!r}, not at {origin}.",
            remedy="Use the office's own signing page only, and report the other one.",
        )
    if said.get("crossOrigin", False) is not False:
        raise WrongOrigin(
            "The signing page stood inside a page of another origin.",
            remedy="Open the office's signing page by itself.",
        )


def check_authenticator_data(data: bytes, *, rp_id: str) -> None:
    """Check what the authenticator says of itself and its user: section 6.1.

    Raises ResponseInvalid, WrongRelyingParty or UserNotVerified.
    """
    if len(data) < SHORTEST_AUTHENTICATOR_DATA:
        raise ResponseInvalid("The authenticator data is cut short.", remedy=SIGN_AGAIN)
    if data[:RP_ID_HASH_LENGTH] != hashlib.sha256(rp_id.encode("utf-8")).digest():
        raise WrongRelyingParty(
            f"The key answered for another relying party than {rp_id}.",
            remedy="Use a key that was enrolled with this office.",
        )
    flags = data[RP_ID_HASH_LENGTH]
    if not (flags & USER_PRESENT and flags & USER_VERIFIED):
        raise UserNotVerified(
            "The authenticator did not verify who was there.",
            remedy="Sign again, with the PIN, fingerprint or face that the key asks for.",
        )
    if flags & BACKED_UP and not flags & BACKUP_ELIGIBLE:
        # Section 6.1 of Level 3: a key that can't be backed up is never backed up.
        raise ResponseInvalid("The authenticator contradicts itself.", remedy=SIGN_AGAIN)


def public_key_of(enrolment: Enrolment) -> PublicKey:
    """Read an enrolment's public key; its PEM and its COSE form must be the same key.

    Raises KeyUnknown.
    """
    where = f"key {enrolment.credential_id} of {enrolment.inspector}"
    remedy = "Enrol the key again; see who changed the enrolment."
    try:
        key = load_pem_public_key(enrolment.public_key_pem.encode("utf-8"))
        cose = cose_key(key)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnknown(
            "The enrolled public key can't be used.", where=where, remedy=remedy
        ) from error
    if base64url(cose) != enrolment.public_key:
        raise KeyUnknown("The enrolment names two different keys.", where=where, remedy=remedy)
    assert isinstance(key, PublicKey)  # noqa: S101 - cose_key takes no other
    return key


def cose_key(key: object) -> bytes:
    """Write a public key as COSE in the CTAP2 canonical form (section 6.5.1.1).

    Three fixed shapes, so no CBOR library is needed to compare them. Raises
    ValueError for a key that WebAuthn's ES256, RS256 and EdDSA don't cover.
    """
    match key:
        case EllipticCurvePublicKey() if isinstance(key.curve, SECP256R1):
            point = key.public_numbers()
            x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
            # A map of five: key type 2 (EC2), algorithm -7 (ES256), curve 1 (P-256), x, y.
            return b"\xa5\x01\x02\x03\x26\x20\x01\x21" + _cbor(x) + b"\x22" + _cbor(y)
        case RSAPublicKey() if 2048 <= key.key_size <= 4096:
            numbers = key.public_numbers()
            # A map of four: key type 3 (RSA), algorithm -257 (RS256), modulus, exponent.
            head = b"\xa4\x01\x03\x03\x39\x01\x00\x20"
            return head + _cbor(_shortest(numbers.n)) + b"\x21" + _cbor(_shortest(numbers.e))
        case Ed25519PublicKey():
            # A map of four: key type 1 (OKP), algorithm -8 (EdDSA), curve 6 (Ed25519), x.
            return b"\xa4\x01\x01\x03\x27\x20\x06\x21" + _cbor(key.public_bytes_raw())
    raise ValueError("not an ES256, RS256 (2048 to 4096 bits) or Ed25519 key")


def _cbor(data: bytes) -> bytes:
    # RFC 8949 section 3.1, major type 2: a byte string and the length before it.
    if len(data) < 24:
        return bytes([0x40 + len(data)]) + data
    if len(data) < 0x100:
        return bytes([0x58, len(data)]) + data
    return b"\x59" + len(data).to_bytes(2, "big") + data


def _shortest(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _check_key(sign_off: SignOff, *, rp_id: str, revocations: Sequence[Revocation]) -> None:
    statement, enrolment = sign_off.statement, sign_off.enrolment
    where = f"{statement.reference} r{statement.revision}"
    if sign_off.credential_id != enrolment.credential_id:
        raise KeyUnknown(
            "The key that answered is not the enrolled one.",
            where=where,
            remedy=f"Sign with a key that was enrolled for {statement.inspector}.",
        )
    if statement.inspector != enrolment.inspector:
        raise KeyUnknown(
            f"The key is {enrolment.inspector}'s, and {statement.inspector} was to sign.",
            where=where,
            remedy=f"Sign with a key that was enrolled for {statement.inspector}.",
        )
    if enrolment.rp_id != rp_id:
        raise WrongRelyingParty(
            f"The key was enrolled for {enrolment.rp_id}, not for {rp_id}.",
            where=where,
            remedy="Use a key that was enrolled with this office.",
        )
    if statement.at < enrolment.at:
        raise KeyUnknown(
            f"The key was enrolled at {enrolment.at}, after the statement of {statement.at}.",
            where=where,
            remedy=SIGN_AGAIN,
        )
    revocation = revocation_of(sign_off.credential_id, revocations)
    if revocation is not None and revocation.at <= statement.at:
        raise KeyRevoked(
            f"The key was revoked at {revocation.at}: {revocation.why}",
            where=where,
            remedy="Enrol another key and sign with that.",
        )


def _check_signature(key: PublicKey, *, signature: bytes, signed: bytes, where: str) -> None:
    try:
        match key:
            case EllipticCurvePublicKey():
                key.verify(signature, signed, ECDSA(SHA256()))
            case RSAPublicKey():
                key.verify(signature, signed, PKCS1v15(), SHA256())
            case Ed25519PublicKey():
                key.verify(signature, signed)
    except InvalidSignature as error:
        raise SignatureInvalid(
            "The signature does not fit the key and what was signed.",
            where=where,
            remedy=SIGN_AGAIN,
        ) from error
