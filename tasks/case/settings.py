"""What an office can be told: the shape of its settings.

`config.settings` reads them from their sources; everything else is handed them.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from letters.holds import HoldPeriod
from letters.letter import Frozen, Letterhead, Line
from letters.register import EmailAddress

StampUrl = Annotated[str, Field(pattern=r"^(https?://[^/?#\s@]+(/[^\s@]*)?)?$")]
"""Of a time-stamp authority; nobody's password may stand in it, since errors name it."""


class Mail(Frozen):
    """Who the e-mails come from, and how they go out."""

    provider: Literal["outbox", "sendgrid", "smtp"]
    from_name: Line
    from_address: EmailAddress
    reply_to: EmailAddress | None = None
    office_address: EmailAddress
    """Where the letters office reads what it is told, such as a return."""
    claim_seconds: Annotated[int, Field(ge=1, le=3600)]
    """How long a delivery's claim holds before it reads as unknown."""
    request_seconds: Annotated[float, Field(gt=0, le=600)]
    """How long one request to a provider may take, all in all."""
    per_second: Annotated[float, Field(gt=0, le=1000)]
    """How many e-mails the office hands to a provider in a second, at most."""
    sendgrid_key: SecretStr | None = None
    sendgrid_key_block: str
    """The name of a Prefect Secret block that holds the key instead."""
    sendgrid_host: Annotated[str, Field(pattern=r"^https?://[^/?#\s]+$")]
    smtp_host: str
    smtp_port: Annotated[int, Field(ge=1, le=65535)]
    smtp_security: Literal["starttls", "tls", "none"]
    smtp_user: str
    smtp_password: SecretStr | None = None
    smtp_ca_file: str
    """Who vouches for the server's certificate, where the system's own list doesn't."""

    @model_validator(mode="after")
    def _is_over_before_its_claim(self) -> Self:
        # A claim must not be judged by others while its request is still on the way.
        if self.provider != "outbox" and self.request_seconds >= self.claim_seconds / 2:
            raise ValueError("request_seconds must be less than half of claim_seconds")
        return self


class Archive(Frozen):
    """Where the archive lies, and whether the store itself refuses to let its objects go."""

    store: Literal["folder", "s3"]
    bucket: str
    prefix: str
    endpoint: Annotated[str, Field(pattern=r"^(https?://[^/?#\s]+)?$")]
    """Of another server than AWS's."""
    region: str
    path_style: bool
    """Whether the bucket stands in the path, as servers other than AWS's want it."""
    ca_file: str
    credentials_block: str
    """The name of a Prefect AwsCredentials block; else AWS's usual places are searched."""
    connect_seconds: Annotated[float, Field(gt=0, le=120)]
    read_seconds: Annotated[float, Field(gt=0, le=600)]
    attempts: Annotated[int, Field(ge=1, le=10)]
    lock: Literal["none", "governance", "compliance"]

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.store == "s3" and not self.bucket:
            raise ValueError("a store of S3 needs the name of its bucket")
        if self.store == "folder" and self.lock != "none":
            raise ValueError('a folder can\'t lock objects; use S3 or lock = "none"')
        return self


class WitnessPlace(Frozen):
    """Where the heads of all chains are noted, apart from the archive."""

    store: Literal["folder", "s3"]
    """The office's own folder, or a bucket that all of its machines share."""
    bucket: str
    prefix: str
    endpoint: Annotated[str, Field(pattern=r"^(https?://[^/?#\s]+)?$")]
    """Of another server than the archive's."""
    profile: str
    """Whose credentials: a profile of AWS's files. Else those of the archive."""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.store == "s3" and not self.bucket:
            raise ValueError("a witness in S3 needs the name of its bucket")
        return self


class Seal(Frozen):
    """The electronic seal of the letter's PDF (PAdES, ETSI EN 319 142-1)."""

    pkcs12_file: str
    """The office's key and certificate; without it a development certificate is made."""
    passphrase: SecretStr | None = None
    profile: Literal["B-B", "B-T", "B-LTA"]
    tsa_url: StampUrl
    trust_file: str
    """Certificates (PEM) of those who vouch for the office's."""

    @model_validator(mode="after")
    def _has_its_time(self) -> Self:
        if self.profile != "B-B" and not self.tsa_url:
            raise ValueError(f"the profile {self.profile} needs tsa_url")
        if self.profile != "B-B" and not self.trust_file:
            raise ValueError(f"the profile {self.profile} needs trust_file")
        return self


class Webhook(Frozen):
    """Where the provider tells what became of e-mails (loopback, behind a proxy)."""

    port: Annotated[int, Field(ge=0, le=65535)]
    public_key: str
    """With which the provider's signature is checked; without it nothing is served."""
    max_age_hours: Annotated[int, Field(ge=1, le=168)]


class Anchors(Frozen):
    """Where the ledger's head is kept outside the office."""

    mailbox: EmailAddress | None = None
    """An address that the office doesn't own."""
    tsa_url: StampUrl
    tsa_trust_file: str


class Signing(Frozen):
    """The relying party that passkeys belong to (WebAuthn §5.4.2): for ever the same."""

    rp_id: Line
    origin: Line
    link_days: Annotated[int, Field(ge=1, le=90)]
    """How long a link to the signing page opens it."""
    invitation_hours: Annotated[int, Field(ge=1, le=720)]
    """How long a one-time link enrols a key."""


class Reminders(Frozen):
    """When those are told who keep a letter waiting for its sign-off."""

    after_working_days: Annotated[int, Field(ge=1, le=260)]
    """After so many the signatory is reminded."""
    escalate_after_working_days: Annotated[int, Field(ge=1, le=260)]
    """After so many the signatory's delegates are asked, and the letters office is told."""

    @model_validator(mode="after")
    def _reminds_first(self) -> Self:
        if self.escalate_after_working_days < self.after_working_days:
            raise ValueError("escalate_after_working_days must not be less than after_working_days")
        return self


class Holds(Frozen):
    """When approved letters are not sent, and how old they may be when they are sent after it."""

    date_working_days: Annotated[int, Field(ge=0, le=260)]
    """A letter that was held goes out if it is dated at most so many working days before."""
    period: tuple[HoldPeriod, ...] = ()


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
    archive: Archive
    witness: WitnessPlace
    seal: Seal
    mail: Mail
    webhook: Webhook
    anchors: Anchors
    signing: Signing
    reminders: Reminders
    holds: Holds
    steps: Steps
    limits: Limits
    serve: Serve
