"""The keys of inspectors as the archive holds them: enrolled, revoked."""

from __future__ import annotations

from base64 import b64decode
from typing import NamedTuple

from letters.audit import moment_text
from letters.canonical import sha256_hex, stored_json
from letters.errors import UsageError
from letters.refusals import KeyRevoked, NotEntitled, ResponseInvalid
from letters.register import Inspector
from letters.signoff import Enrolment, Revocation, base64url, revocation_of
from tasks.case.ledger import keep_and_enter
from tasks.case.office import Office
from tasks.signoff.ceremony import creation_options, enrolment_from
from tasks.signoff.rights import FOLDER, given, taken
from tasks.signoff.software_key import SoftwareKey, software_key

SHORT_ID_DIGITS = 8
LONGEST_WHY = 400
"""Characters, as a `Line` holds."""


class InspectorKey(NamedTuple):
    """An enrolled key and what became of it."""

    enrolment: Enrolment
    revocation: Revocation | None

    @property
    def short_id(self) -> str:
        """What people call the key by: the beginning of its file's name."""
        return short_id(self.enrolment.credential_id)


def enrolments(office: Office, inspector: str) -> tuple[Enrolment, ...]:
    """Read the public keys enrolled for an inspector.

    Only those count that the ledger names: a file laid into the folder by hand
    enrols nobody.
    """
    return tuple(given(office, inspector, ".json", Enrolment, entered_as="enrolled").values())


def revocations(office: Office, inspector: str) -> tuple[Revocation, ...]:
    """Read the revocations of an inspector's keys, whether the ledger names them yet or not.

    Raises InspectorsDamaged where one that it names is gone.
    """
    return tuple(
        taken(office, inspector, ".revoked.json", Revocation, entered_as="revoked").values()
    )


def keys_of(office: Office, inspector: str) -> tuple[InspectorKey, ...]:
    """Tell every key an inspector ever enrolled, the oldest first."""
    revoked = revocations(office, inspector)
    return tuple(
        InspectorKey(enrolment, revocation_of(enrolment.credential_id, revoked))
        for enrolment in sorted(enrolments(office, inspector), key=lambda kept: kept.at)
    )


def standing(office: Office, inspector: str) -> tuple[Enrolment, ...]:
    """Read the keys with which an inspector can sign now."""
    return tuple(key.enrolment for key in keys_of(office, inspector) if key.revocation is None)


def enrol(office: Office, enrolment: Enrolment) -> Enrolment:
    """Keep a public key, create-once, and enter it into the ledger; return what is kept."""
    stored = keep_and_enter(
        office,
        "enrolled",
        f"{FOLDER}/{enrolment.inspector}/{stem_of(enrolment.credential_id)}.json",
        stored_json(enrolment.model_dump(mode="json")),
        inspector=enrolment.inspector,
        sample=enrolment.sample,
    )
    return Enrolment.model_validate_json(stored)


def require_enrollable(office: Office, enrolment: Enrolment) -> None:
    """Refuse a key that was revoked, and one that bears another key's name.

    An authenticator never gives a credential id twice (WebAuthn section 7.1, step 26).
    Raises KeyRevoked, ResponseInvalid.
    """
    revoked = revocations(office, enrolment.inspector)
    if revocation_of(enrolment.credential_id, revoked) is not None:
        raise KeyRevoked(
            "This key was enrolled before, and revoked.",
            where=enrolment.inspector,
            remedy="Remove it from the authenticator and let it make a new one.",
        )
    name = f"{stem_of(enrolment.credential_id)}.json"
    for key in office.store.list(FOLDER):
        if key.endswith(f"/{name}") and not _is_same_key(office.store.get(key), enrolment):
            raise ResponseInvalid(
                "This key's name is another key's already.",
                where=key,
                remedy="Enrol with another authenticator, or remove the passkey from it first.",
            )


def revoke(office: Office, inspector: str, credential_id: str, *, why: str) -> Revocation:
    """Let a key sign nothing from now on; return what is kept, the first revocation of it.

    What it approved and has not all been sent is frozen by it. Raises UsageError
    without a reason, or with one of more than a line.
    """
    if not why.strip() or len(why) > LONGEST_WHY or "\n" in why:
        raise UsageError(
            "A key is revoked with a line that says why.",
            where=inspector,
            remedy=f"Say what happened to it, in up to {LONGEST_WHY} characters: --why TEXT.",
            code="why-missing",
        )
    revocation = Revocation(
        inspector=inspector, credential_id=credential_id, at=moment_text(office.clock()), why=why
    )
    stored = keep_and_enter(
        office,
        "revoked",
        f"{FOLDER}/{inspector}/{stem_of(credential_id)}.revoked.json",
        stored_json(revocation.model_dump(mode="json")),
        inspector=inspector,
    )
    return Revocation.model_validate_json(stored)


def key_named(office: Office, inspector: str, short: str | None) -> Enrolment:
    """Find the key that a person means: by the beginning of its id, or as the only one.

    Raises UsageError where none or several are meant.
    """
    keys = keys_of(office, inspector)
    if short is None:
        meant = [key for key in keys if key.revocation is None]
    else:
        meant = [key for key in keys if stem_of(key.enrolment.credential_id).startswith(short)]
    if len(meant) == 1:
        return meant[0].enrolment
    known = ", ".join(key.short_id for key in keys if key.revocation is None)
    several = "several keys that stand" if short is None else "several such keys"
    none = "no key that stands" if short is None else "no such key"
    raise UsageError(
        f"{inspector} has {several if meant else none}.",
        where=f"{FOLDER}/{inspector}",
        remedy=f"Name one of {known}." if known else "`letters inspectors list` shows all keys.",
        code="key-not-named",
    )


def known_inspector(office: Office, inspector_id: str) -> Inspector:
    """Find an inspector in the register. Raises NotEntitled."""
    inspector = office.register.inspector(inspector_id)
    if inspector is None:
        known = ", ".join(sorted(i.id for i in office.register.inspectors)) or "nobody"
        raise NotEntitled(
            f"The register knows no inspector “{inspector_id}”.",
            where="inspectors.toml",
            remedy=f"It knows {known}.",
        )
    return inspector


def known_inspectors(office: Office) -> dict[str, str]:
    """Map the ids of all inspectors, those who left the register too, to their names."""
    known = {inspector.id: inspector.name for inspector in office.register.inspectors}
    for folder in sorted({key.split("/")[1] for key in office.store.list(FOLDER)}):
        for enrolment in () if folder in known else enrolments(office, folder):
            known[folder] = enrolment.name
    return known


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


def stem_of(credential_id: str) -> str:
    """Name a key's files: 32 hexadecimal digits."""
    return sha256_hex(credential_id.encode())[:32]


def short_id(credential_id: str) -> str:
    """Shorten a key's name for people."""
    return stem_of(credential_id)[:SHORT_ID_DIGITS]


def fingerprint(enrolment: Enrolment) -> str:
    """Hash a public key as `openssl pkey -outform DER | sha256sum` does, and our docs' program."""
    pem = enrolment.public_key_pem.strip().splitlines()[1:-1]
    return sha256_hex(b64decode("".join(pem)))


def _is_same_key(stored: bytes, enrolment: Enrolment) -> bool:
    try:
        other = Enrolment.model_validate_json(stored)
    except ValueError:
        return False
    return (other.inspector, other.public_key) == (enrolment.inspector, enrolment.public_key)
