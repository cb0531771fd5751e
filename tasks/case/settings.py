"""What an office can be told: the shape of its settings.

`config.settings` reads them from their sources; everything else is handed them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from letters.letter import Frozen, Letterhead, Line
from letters.register import EmailAddress


class Mail(Frozen):
    """Who the e-mails come from, and how they go out."""

    provider: Literal["outbox"]
    from_name: Line
    from_address: EmailAddress
    reply_to: EmailAddress | None = None
    office_address: EmailAddress
    """Where the letters office reads what it is told, such as a return."""
    claim_seconds: Annotated[int, Field(ge=1, le=3600)]
    """How long a delivery's claim holds before it reads as unknown."""


class Signing(Frozen):
    """The relying party that passkeys belong to (WebAuthn §5.4.2): for ever the same."""

    rp_id: Line
    origin: Line
    link_days: Annotated[int, Field(ge=1, le=90)]
    """How long a link to the signing page opens it."""
    invitation_hours: Annotated[int, Field(ge=1, le=720)]
    """How long a one-time link enrols a key."""


class Steps(Frozen):
    """How often a step is tried, and how long it may take."""

    attempts: Annotated[int, Field(ge=1, le=20)]
    first_wait_seconds: Annotated[int, Field(ge=0, le=600)]
    """Doubled before each further attempt, and jittered."""
    timeout_seconds: Annotated[int, Field(ge=1, le=3600)]


class Serve(Frozen):
    """What `letters serve` listens on (loopback), and how it runs what is started."""

    prefect_port: Annotated[int, Field(ge=0, le=65535)]
    """Of Prefect's pages; 0 for any."""
    signing_port: Annotated[int, Field(ge=0, le=65535)]
    """Of the signing page, which `signing.origin` names to the browser."""
    poll_seconds: Annotated[float, Field(ge=0.2, le=60)]
    """Between two looks for runs to begin."""
    runs_at_once: Annotated[int, Field(ge=1, le=64)]
    """Processes that issue letters side by side; further runs wait."""


class Limits(Frozen):
    """How large an input may be."""

    draft_bytes: Annotated[int, Field(ge=1, le=50_000_000)]


class Settings(Frozen):
    """All settings of an office."""

    letterhead: Letterhead
    mail: Mail
    signing: Signing
    steps: Steps
    limits: Limits
    serve: Serve
