"""The keys of inspectors as the archive holds them: enrolled, revoked."""

from __future__ import annotations

from letters.canonical import sha256_hex, stored_json
from letters.register import Inspector
from letters.signoff import Enrolment, Revocation, base64url
from tasks.case.ledger import keep_and_enter, ledger_of
from tasks.case.office import Office
from tasks.signoff.ceremony import creation_options, enrolment_from
from tasks.signoff.software_key import SoftwareKey, software_key


def enrolments(office: Office, inspector: str) -> tuple[Enrolment, ...]:
    """Read the public keys enrolled for an inspector.

    Only those count that the ledger names: a file laid into the folder by hand
    enrols nobody.
    """
    named = {
        (entry.detail["object"], entry.detail["sha256"])
        for entry in ledger_of(office).entries()
        if entry.event == "enrolled"
    }
    kept = (
        (key, office.store.get(key))
        for key in office.store.list(f"inspectors/{inspector}/")
        if not key.endswith(".revoked.json")
    )
    return tuple(
        Enrolment.model_validate_json(data)
        for key, data in kept
        if (key, sha256_hex(data)) in named
    )


def revocations(office: Office, inspector: str) -> tuple[Revocation, ...]:
    """Read the revocations of an inspector's keys."""
    return tuple(
        Revocation.model_validate_json(office.store.get(key))
        for key in office.store.list(f"inspectors/{inspector}/")
        if key.endswith(".revoked.json")
    )


def enrol(office: Office, enrolment: Enrolment) -> Enrolment:
    """Keep a public key, create-once, and enter it into the ledger; return what is kept."""
    key = (
        f"inspectors/{enrolment.inspector}/{sha256_hex(enrolment.credential_id.encode())[:32]}.json"
    )
    stored = keep_and_enter(
        office,
        "enrolled",
        key,
        stored_json(enrolment.model_dump(mode="json")),
        inspector=enrolment.inspector,
        sample=enrolment.sample,
    )
    return Enrolment.model_validate_json(stored)


def sample_key(office: Office, inspector: Inspector) -> tuple[SoftwareKey, Enrolment]:
    """Return a sample inspector's software key, made and enrolled at its first use."""
    key = software_key(office.keys_folder, inspector.id)
    for enrolment in enrolments(office, inspector.id):
        if enrolment.credential_id == base64url(key.credential_id):
            return key, enrol(office, enrolment)
    signing = office.settings.signing
    challenge = office.random_bytes(32)
    options = creation_options(
        inspector=inspector.id,
        name=inspector.name,
        challenge=challenge,
        rp_id=signing.rp_id,
        rp_name=office.settings.letterhead.organisation,
    )
    return key, enrol(
        office,
        enrolment_from(
            key.register(options, origin=signing.origin),
            challenge=challenge,
            inspector=inspector.id,
            name=inspector.name,
            rp_id=signing.rp_id,
            origin=signing.origin,
            at=office.clock(),
            sample=True,
        ),
    )
