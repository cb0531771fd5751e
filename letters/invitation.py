"""The invitation to enrol a passkey, and its one use.

The link's token is kept nowhere: an invitation holds its hash, so that nobody who
reads the archive can use it.
"""

from __future__ import annotations

from typing import Literal

from letters.audit import Sha256
from letters.letter import Frozen, Line, Slug
from letters.signoff import CredentialId, Instant


class Invitation(Frozen):
    """Someone at the office lets an inspector enrol one key, once."""

    layout: Literal[1] = 1
    inspector: Slug
    token_sha256: Sha256
    at: Instant
    expires_at: Instant
    actor: Line


class InvitationUse(Frozen):
    """The key that an invitation enrolled."""

    layout: Literal[1] = 1
    credential_id: CredentialId
    at: Instant
