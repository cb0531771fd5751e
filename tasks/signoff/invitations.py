"""Invitations: the one-time links by which inspectors enrol their passkeys.

Of all who use one link, one key is enrolled: the use is written create-once
before the key. A use that died in between is completed by the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from letters.audit import moment_text
from letters.canonical import sha256_hex, stored_json
from letters.invitation import Invitation, InvitationUse
from letters.refusals import InvitationUsed, LinkExpired, LinkInvalid
from letters.register import Inspector
from letters.signoff import Enrolment, base64url, from_base64url
from tasks.case.ledger import keep_and_enter
from tasks.case.office import Office
from tasks.signoff.ceremony import creation_options, enrolment_from
from tasks.signoff.inspectors import (
    enrol,
    known_inspector,
    require_enrollable,
    standing,
)
from tasks.signoff.rights import FOLDER, given, taken
from tasks.signoff.sealing import mark

TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def invite(office: Office, inspector: Inspector) -> str:
    """Keep an invitation and return its link. The token in it is kept nowhere."""
    token = base64url(office.random_bytes(TOKEN_BYTES))
    now = office.clock()
    expires_at = now + timedelta(hours=office.settings.signing.invitation_hours)
    invitation = Invitation(
        inspector=inspector.id,
        token_sha256=sha256_hex(token.encode()),
        at=moment_text(now),
        expires_at=moment_text(expires_at),
        actor=office.actor,
    )
    keep_and_enter(
        office,
        "invited",
        f"{_stem(invitation)}.invitation.json",
        stored_json(invitation.model_dump(mode="json")),
        inspector=inspector.id,
    )
    return f"{office.settings.signing.origin}/enrol/{inspector.id}/{token}"


def open_invitation(office: Office, inspector_id: str, token: str) -> Invitation:
    """Find the invitation that a link belongs to.

    Raises LinkInvalid, LinkExpired, InvitationUsed.
    """
    is_known = office.register.inspector(inspector_id) is not None
    invitation = None
    if is_known and _TOKEN.fullmatch(token):
        sha256 = sha256_hex(token.encode())
        invitation = invitations(office, inspector_id).get(sha256[:32])
        if invitation is not None and invitation.token_sha256 != sha256:
            invitation = None
    if invitation is None:
        raise LinkInvalid(
            "This link is not one that the office made.",
            remedy="Copy it whole, or ask the letters office for a new one.",
        )
    _require_open(office, invitation)
    return invitation


def invitations(office: Office, inspector_id: str) -> dict[str, Invitation]:
    """Read an inspector's invitations, used, expired or open, by the stems of their names."""
    return given(office, inspector_id, ".invitation.json", Invitation, entered_as="invited")


def open_invitations(office: Office, inspector_id: str) -> tuple[Invitation, ...]:
    """List what could be used now: the latest, unless it was used or has expired."""
    now = office.clock()
    return tuple(
        invitation
        for invitation in invitations(office, inspector_id).values()
        if _use_of(office, invitation) is None
        and not _has_expired(invitation, now)
        and not _is_replaced(office, invitation)
    )


def enrolment_question(office: Office, invitation: Invitation) -> dict[str, Any]:
    """Write what the browser is asked, as JSON for `parseCreationOptionsFromJSON`."""
    inspector = known_inspector(office, invitation.inspector)
    return creation_options(
        inspector=inspector.id,
        name=inspector.name,
        challenge=_challenge(office, invitation),
        rp_id=office.settings.signing.rp_id,
        rp_name=office.settings.letterhead.organisation,
        enrolled=standing(office, inspector.id),
    )


def take_up(office: Office, invitation: Invitation, response: Mapping[str, Any]) -> Enrolment:
    """Check the browser's answer and enrol its key, if the link wasn't used meanwhile.

    Raises SignOffRefused; the link can still be used then, unless it was used.
    """
    signing = office.settings.signing
    inspector = known_inspector(office, invitation.inspector)
    now = office.clock()
    enrolment = enrolment_from(
        response,
        challenge=_challenge(office, invitation),
        inspector=inspector.id,
        name=inspector.name,
        rp_id=signing.rp_id,
        origin=signing.origin,
        at=now,
        sample=inspector.sample,
    )
    require_enrollable(office, enrolment)
    _require_open(office, invitation, by=enrolment.credential_id)
    use = InvitationUse(credential_id=enrolment.credential_id, at=moment_text(now))
    stored = keep_and_enter(
        office,
        "invitation-used",
        f"{_stem(invitation)}.used.json",
        stored_json(use.model_dump(mode="json")),
        inspector=inspector.id,
    )
    if InvitationUse.model_validate_json(stored).credential_id != enrolment.credential_id:
        raise _used(invitation)
    return enrol(office, enrolment)


def _challenge(office: Office, invitation: Invitation) -> bytes:
    """Derive the challenge, so that nothing need be remembered between question and answer."""
    return from_base64url(mark(office, "enrolment", invitation.inspector, invitation.token_sha256))


def _require_open(office: Office, invitation: Invitation, *, by: str = "") -> None:
    use = _use_of(office, invitation)
    if use is not None and use.credential_id != by:
        raise _used(invitation)
    if use is None and _has_expired(invitation, office.clock()):
        raise LinkExpired(
            f"This link was good until {invitation.expires_at}.",
            where=invitation.inspector,
            remedy="Ask the letters office for a new one.",
        )
    if use is None and _is_replaced(office, invitation):
        # A link that was mislaid is made worthless by making another.
        raise LinkExpired(
            "A newer link has taken this one's place.",
            where=invitation.inspector,
            remedy="Use the newer one, or ask the letters office for another.",
        )


def _is_replaced(office: Office, invitation: Invitation) -> bool:
    """Whether the inspector was given a later link."""
    others = invitations(office, invitation.inspector).values()
    return any(other.at > invitation.at for other in others)


def _use_of(office: Office, invitation: Invitation) -> InvitationUse | None:
    uses = taken(
        office, invitation.inspector, ".used.json", InvitationUse, entered_as="invitation-used"
    )
    return uses.get(invitation.token_sha256[:32])


def _has_expired(invitation: Invitation, now: datetime) -> bool:
    return now >= datetime.fromisoformat(invitation.expires_at)


def _used(invitation: Invitation) -> InvitationUsed:
    return InvitationUsed(
        "This link has enrolled a key already.",
        where=invitation.inspector,
        remedy="If that wasn't you, tell the letters office at once; else ask it for a new link.",
    )


def _stem(invitation: Invitation) -> str:
    return f"{FOLDER}/{invitation.inspector}/{invitation.token_sha256[:32]}"
