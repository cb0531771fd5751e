"""The sign-off: what an inspector states about one pack, and what is kept of it.

Owns the values (statement, enrolled key, revocation, sign-off); who may sign is for
`entitlement`, the reasons of refusals for `refusals`. It computes hashes but
checks no signature: tasks/signoff does that, once with the WebAuthn library when
a person signs and again, years later, with nothing but `cryptography`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, StrictBool, StrictInt, StringConstraints, model_validator
from pydantic import Field as Limits

from letters.audit import Moment, Sha256, moment_text
from letters.canonical import canonical_json, sha256_hex
from letters.letter import REFERENCE_PATTERN, Frozen, Line, Slug
from letters.refusals import CommentsMissing, KeyUnknown, SignOffRefused

MOST_SIGNATORIES = 10
"""As many as a letter can have (`Letter.signatories`)."""

LONGEST_COMMENTS = 20_000
"""Characters. About seven printed pages: more than that is another draft."""


def base64url(data: bytes) -> str:
    """Write bytes as WebAuthn does: base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Read base64url, refusing every spelling but the one that `base64url` writes.

    Raises ValueError.
    """
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if base64url(data) != text:
        raise ValueError("not base64url without padding in its one canonical spelling")
    return data


def _one_spelling(text: str) -> str:
    from_base64url(text)
    return text


def _real(moment: str) -> str:
    datetime.fromisoformat(moment)
    return moment


def _is_none(value: object) -> bool:
    return value is None


def _storable(text: str) -> str:
    # Half of a surrogate pair comes through JSON but has no UTF-8, so no hash.
    text.encode("utf-8")
    return text


Instant = Annotated[Moment, AfterValidator(_real)]
"""Always as long and always UTC, so that text compares as time does."""
Nonce = Annotated[
    str, StringConstraints(min_length=22, max_length=86), AfterValidator(_one_spelling)
]
"""16 to 64 bytes."""
CredentialId = Annotated[
    str, StringConstraints(min_length=22, max_length=1364), AfterValidator(_one_spelling)
]
"""16 to 1,023 bytes (WebAuthn section 4, "Credential ID")."""
Encoded = Annotated[
    str, StringConstraints(min_length=1, max_length=8_192), AfterValidator(_one_spelling)
]
"""Up to 6 KiB: client data, authenticator data, a signature or a public key."""
Attestation = Annotated[
    str, StringConstraints(min_length=1, max_length=65_536), AfterValidator(_one_spelling)
]
"""Up to 48 KiB: makers' certificates may travel in it."""
Host = Annotated[str, StringConstraints(min_length=1, max_length=253)]
Origin = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+$", max_length=270)]


class Decision(StrEnum):
    """What an inspector decides about a pack."""

    APPROVE = "approve"
    RETURN = "return"


class Entitlement(StrEnum):
    """By what right an inspector signs."""

    SIGNATORY = "signatory"
    DELEGATE = "delegate"


class Statement(Frozen):
    """What the inspector's key signs. Every field is covered by the challenge."""

    layout: Literal[1] = 1
    reference: Annotated[str, StringConstraints(pattern=REFERENCE_PATTERN, max_length=80)]
    revision: Annotated[StrictInt, Limits(ge=1, le=9_999)]
    pack: Sha256
    """SHA-256 of the pack's canonical JSON."""
    decision: Decision
    comments_sha256: Sha256
    inspector: Slug
    # Left out of the JSON where there is none: what one inspector signs alone keeps its bytes.
    signatory: Annotated[StrictInt, Limits(ge=1, le=MOST_SIGNATORIES)] | None = Limits(
        default=None, exclude_if=_is_none
    )
    """For which of several signatories, by the order of the letter; None for the only one."""
    nonce: Nonce
    at: Instant


class Enrolment(Frozen):
    """One public key of one inspector, with what its authenticator said when it was made."""

    layout: Literal[1] = 1
    inspector: Slug
    name: Line
    """The inspector's name in the register when the key was enrolled."""
    credential_id: CredentialId
    public_key: Encoded
    """The COSE key, as `evidence.cose_key` writes it."""
    public_key_pem: Annotated[str, StringConstraints(min_length=1, max_length=2_048)]
    """The same key in the form that `openssl` reads."""
    sample: StrictBool
    backup_eligible: StrictBool
    """May be copied to the owner's other devices: a synced passkey."""
    backed_up: StrictBool
    rp_id: Host
    origin: Origin
    at: Instant
    attestation_object: Attestation
    client_data_json: Encoded


class Revocation(Frozen):
    """From this moment the key signs nothing."""

    layout: Literal[1] = 1
    inspector: Slug
    credential_id: CredentialId
    at: Instant
    why: Line


class SignOff(Frozen):
    """A decision with all that is needed to check it: the file stands alone.

    Alone it proves that the key it carries signed. That this key is the
    inspector's is for `require_enrolled` and the office's ledger to say.
    """

    layout: Literal[1] = 1
    statement: Statement
    comments: str
    credential_id: CredentialId
    client_data_json: Encoded
    authenticator_data: Encoded
    signature: Encoded
    enrolment: Enrolment
    """A copy of the key's enrolment."""
    entitled_as: Entitlement
    claimed_name: Annotated[str, StringConstraints(max_length=200), AfterValidator(_storable)] = ""
    """What the person typed as their name. It proves nothing."""

    @model_validator(mode="after")
    def _comments_fit_the_decision(self) -> Self:
        check_comments(self.statement.decision, self.comments)
        return self


def check_comments(decision: Decision, comments: str) -> None:
    """Refuse comments that can't be kept, and a return that doesn't say why."""
    if decision is Decision.RETURN and not comments.strip():
        raise CommentsMissing(
            "A letter is returned without comments.",
            remedy="Write what has to change, then return it again.",
        )
    if len(comments) > LONGEST_COMMENTS:
        raise SignOffRefused(
            f"The comments have {len(comments)} characters, more than {LONGEST_COMMENTS}.",
            remedy="Shorten them, or send the marked-up draft to the letters office.",
        )
    try:
        _storable(comments)
    except UnicodeEncodeError as error:
        raise SignOffRefused(
            f"Character {error.start + 1} of the comments is half a character.",
            remedy="Type it again.",
        ) from error


def comments_sha256(comments: str) -> str:
    """Hash comments as a statement covers them; no comments are the empty text."""
    return sha256_hex(comments.encode("utf-8"))


def statement_about(
    *,
    reference: str,
    revision: int,
    pack: str,
    decision: Decision,
    comments: str,
    inspector: str,
    signatory: int | None = None,
    nonce: bytes,
    at: datetime,
) -> Statement:
    """Put into words what is about to be signed; refuses comments that could not be kept."""
    check_comments(decision, comments)
    return Statement(
        reference=reference,
        revision=revision,
        pack=pack,
        decision=decision,
        comments_sha256=comments_sha256(comments),
        inspector=inspector,
        signatory=signatory,
        nonce=base64url(nonce),
        at=moment_text(at),
    )


def challenge(statement: Statement) -> bytes:
    """Return what the authenticator is asked to sign: SHA-256 of the canonical statement."""
    return hashlib.sha256(canonical_json(statement.model_dump(mode="json"))).digest()


def require_enrolled(sign_off: SignOff, enrolments: Sequence[Enrolment]) -> None:
    """Refuse a sign-off whose own copy of the enrolment isn't one that the office keeps."""
    if sign_off.enrolment not in enrolments:
        raise KeyUnknown(
            f"The key in the sign-off was not enrolled for {sign_off.statement.inspector}.",
            where=f"{sign_off.statement.reference} r{sign_off.statement.revision}",
            remedy="Compare it with inspectors/ in the archive: the file may have been replaced.",
        )


def revocation_of(credential_id: str, revocations: Sequence[Revocation]) -> Revocation | None:
    """Find the earliest revocation of a key."""
    own = [revocation for revocation in revocations if revocation.credential_id == credential_id]
    return min(own, key=lambda revocation: revocation.at, default=None)
