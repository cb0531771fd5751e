"""The two meetings with an authenticator: enrolling a key, and signing with it.

Owns what the browser is asked and what becomes of its answer, by the `webauthn`
library. Sample inspectors' software keys answer the same questions. Which
challenge is open, and who may sign, is the desk's to know. Every fault ends in a
SignOffRefused, never in an exception of the library.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import webauthn
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json,
    parse_cbor,
)
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from letters.audit import moment_text
from letters.refusals import KeyRevoked, ResponseInvalid, SignOffRefused
from letters.signoff import (
    Enrolment,
    Entitlement,
    Revocation,
    SignOff,
    Statement,
    base64url,
    from_base64url,
    revocation_of,
)
from letters.signoff import challenge as challenge_of
from tasks.signoff.evidence import (
    check_authenticator_data,
    check_client_data,
    check_sign_off,
    cose_key,
)

LONGEST_PART = 65_536
"""Characters: an attestation with its maker's certificates fits."""


def creation_options(
    *,
    inspector: str,
    name: str,
    challenge: bytes,
    rp_id: str,
    rp_name: str,
    enrolled: Sequence[Enrolment] = (),
) -> dict[str, Any]:
    """Write the question that enrols a key, as JSON for `parseCreationOptionsFromJSON`.

    No attestation is asked for: the office trusts the one-time link, not a maker.
    An authenticator that holds one of the keys `enrolled` is to refuse: its new key
    would take the old one's place.
    """
    options = webauthn.generate_registration_options(
        rp_id=rp_id,
        rp_name=rp_name,
        user_name=name,
        # The user handle is stored on the key and should say nothing (WebAuthn section 14.6.1).
        user_id=hashlib.sha256(inspector.encode("utf-8")).digest(),
        challenge=challenge,
        attestation=AttestationConveyancePreference.NONE,
        exclude_credentials=_descriptors(enrolled),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    asked: dict[str, Any] = json.loads(options_to_json(options))
    return asked


def request_options(
    statement: Statement, *, enrolments: Sequence[Enrolment], rp_id: str
) -> dict[str, Any]:
    """Write the question that signs a statement, as JSON for `parseRequestOptionsFromJSON`."""
    options = webauthn.generate_authentication_options(
        rp_id=rp_id,
        challenge=challenge_of(statement),
        allow_credentials=_descriptors(enrolments),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    asked: dict[str, Any] = json.loads(options_to_json(options))
    return asked


def enrolment_from(
    response: Mapping[str, Any],
    *,
    challenge: bytes,
    inspector: str,
    name: str,
    rp_id: str,
    origin: str,
    at: datetime,
    sample: bool,
) -> Enrolment:
    """Turn the answer to `creation_options` into an enrolment; raises SignOffRefused."""
    enrolled_at = moment_text(at)
    answer = _answer(response, "clientDataJSON", "attestationObject")
    parts = answer["response"]
    try:
        client_data = from_base64url(parts["clientDataJSON"])
        authenticator_data = parse_cbor(from_base64url(parts["attestationObject"]))["authData"]
        check_client_data(client_data, kind="webauthn.create", challenge=challenge, origin=origin)
        check_authenticator_data(authenticator_data, rp_id=rp_id)
        verified = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origin,
            require_user_verification=True,
        )
        key = decoded_public_key_to_cryptography(
            decode_credential_public_key(verified.credential_public_key)
        )
        return Enrolment(
            inspector=inspector,
            name=name,
            credential_id=base64url(verified.credential_id),
            public_key=base64url(cose_key(key)),
            public_key_pem=key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(
                "ascii"
            ),
            sample=sample,
            backup_eligible=verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            backed_up=verified.credential_backed_up,
            rp_id=rp_id,
            origin=origin,
            at=enrolled_at,
            attestation_object=parts["attestationObject"],
            client_data_json=parts["clientDataJSON"],
        )
    except SignOffRefused:
        raise
    except Exception as error:  # the library and its parsers raise assorted things
        raise _unusable(error) from error


def sign_off_from(
    response: Mapping[str, Any],
    *,
    statement: Statement,
    comments: str,
    enrolment: Enrolment,
    pack_sha256: str,
    revocations: Sequence[Revocation],
    rp_id: str,
    origin: str,
    entitled_as: Entitlement,
    claimed_name: str = "",
) -> SignOff:
    """Turn the answer to `request_options` into a sign-off; raises SignOffRefused.

    `pack_sha256` is the pack that the case holds now, `enrolment` one that the
    office keeps (a sample one for sample letters only), `entitled_as` what
    `letters.signoff.entitlement` said. The offline check and the library must both
    accept, so nothing is kept that could not be checked later. The signature
    counter is left alone: synced keys and software keys have none.
    """
    # Someone may have revoked the key while the page stood open: now is what counts.
    revocation = revocation_of(enrolment.credential_id, revocations)
    if revocation is not None:
        raise KeyRevoked(
            f"The key was revoked at {revocation.at}: {revocation.why}",
            where=f"{statement.reference} r{statement.revision}",
            remedy="Enrol another key and sign with that.",
        )
    answer = _answer(response, "clientDataJSON", "authenticatorData", "signature")
    parts = answer["response"]
    try:
        sign_off = SignOff(
            statement=statement,
            comments=comments,
            credential_id=answer["id"],
            client_data_json=parts["clientDataJSON"],
            authenticator_data=parts["authenticatorData"],
            signature=parts["signature"],
            enrolment=enrolment,
            entitled_as=entitled_as,
            claimed_name=claimed_name,
        )
    except ValidationError as error:
        raise _unusable(error) from error
    check_sign_off(
        sign_off, pack_sha256=pack_sha256, rp_id=rp_id, origin=origin, revocations=revocations
    )
    try:
        webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge_of(statement),
            expected_rp_id=rp_id,
            expected_origin=origin,
            credential_public_key=from_base64url(enrolment.public_key),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as error:  # the library and its parsers raise assorted things
        raise _unusable(error) from error
    return sign_off


def _descriptors(enrolments: Sequence[Enrolment]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=from_base64url(enrolment.credential_id))
        for enrolment in enrolments
    ]


def _answer(response: Any, *parts: str) -> dict[str, Any]:
    """Copy out of a browser's answer what is read of it, if it is text of a decent size."""
    try:
        outer = {name: response[name] for name in ("id", "rawId", "type")}
        inner = {name: response["response"][name] for name in parts}
    except (TypeError, KeyError, IndexError) as error:
        raise _unusable(error) from error
    for name, value in {**outer, **inner}.items():
        if not isinstance(value, str) or len(value) > LONGEST_PART:
            raise ResponseInvalid(
                f"{name} in the authenticator's answer is no text, or too long.",
                remedy="Try again, or with another key.",
            )
    return {**outer, "response": inner}


def _unusable(error: Exception) -> ResponseInvalid:
    if isinstance(error, ValidationError):
        fields = sorted({".".join(map(str, fault["loc"])) for fault in error.errors()})
        what = f"unfit: {', '.join(fields)}"
    else:
        what = f"{type(error).__name__}: {error}"[:200]
    return ResponseInvalid(
        f"The authenticator's answer can't be used ({what}).",
        remedy="Try again, or with another key.",
    )
