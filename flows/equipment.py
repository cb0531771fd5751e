"""What an office is equipped with, as its settings say: its archive and its post.

The libraries of S3, SendGrid and Prefect are imported only by offices that use them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from letters.errors import LettersError, UsageError
from tasks.archiving.timestamps import trusted_certificates
from tasks.case.folder import FolderStore
from tasks.case.office import Office, Provider
from tasks.case.settings import Archive, Mail, Settings
from tasks.case.store import Store
from tasks.case.witness import StoreWitness, Witness
from tasks.mailing.outbox import Outbox
from tasks.rendering.seal_keys import sealing_key


class BlockUnavailable(LettersError):
    """A block of Prefect that the settings name can't be loaded."""

    code = "block-unavailable"


def archive_of(root: Path, archive: Archive) -> Store:
    """Open the archive: the office's own folder, or a bucket. Raises BlockUnavailable."""
    if archive.store == "folder":
        return FolderStore(root / "archive")
    from tasks.case.s3 import S3Store, make_client

    credentials = _credentials(archive.credentials_block) if archive.credentials_block else None
    client = make_client(archive, root=root, credentials=credentials)
    return S3Store(client, archive.bucket, archive.prefix, endpoint=archive.endpoint)


def witness_of(root: Path, settings: Settings) -> Witness:
    """Open the witness: the office's own folder, or a bucket that its machines share."""
    told, archive = settings.witness, settings.archive
    if told.store == "folder":
        return Witness(root / "witness")
    from tasks.case.s3 import S3Store, make_client

    if told.endpoint:
        archive = archive.model_copy(update={"endpoint": told.endpoint})
    client = make_client(archive, root=root, profile=told.profile)
    return StoreWitness(S3Store(client, told.bucket, told.prefix, endpoint=archive.endpoint))


def post_of(root: Path, settings: Settings) -> Provider:
    """Make the provider that hands e-mails over.

    Its key is fetched when it is needed: who only looks back, needs none.
    """
    mail = settings.mail
    match mail.provider:
        case "outbox":
            return Outbox(root / "outbox")
        case "sendgrid":
            from tasks.mailing.sendgrid import SendGrid

            return SendGrid(
                lambda: _sendgrid_key(mail),
                host=mail.sendgrid_host,
                request_seconds=mail.request_seconds,
            )
        case "smtp":
            from tasks.mailing.smtp import Smtp

            return Smtp(mail, root=root)


def notices_of(root: Path, settings: Settings, provider: Provider) -> Provider:
    """Say how the office's own people are told something: as the letters go, to a place apart."""
    if settings.mail.provider == "outbox":
        return Outbox(root / "outbox" / "notices")
    return provider


def require_post(office: Office) -> None:
    """Raise where the post has no key, before a letter is begun that couldn't go out."""
    if office.settings.mail.provider == "sendgrid":
        from tasks.mailing.sendgrid import SendGrid

        if isinstance(office.provider, SendGrid):
            office.provider.require_ready()


def require_seal(office: Office) -> None:
    """Raise where letters couldn't be sealed, before an inspector is asked to sign one."""
    sealing_key(office)
    if trust := office.settings.seal.trust_file:
        trusted_certificates(office.root / trust)


def _sendgrid_key(mail: Mail) -> SecretStr:
    if mail.sendgrid_key is not None:
        return mail.sendgrid_key
    if mail.sendgrid_key_block:
        return _secret(mail.sendgrid_key_block)
    raise UsageError(
        "SendGrid is the office's provider, and there is no key for it.",
        where="mail.sendgrid_key",
        remedy="Put it into a file that only you can read, and name that in office.toml:"
        ' sendgrid_key_file = "keys/sendgrid".',
        code="key-missing",
    )


def _secret(name: str) -> SecretStr:
    """Load a Secret block of Prefect."""
    _require_prefect("Secret", name)
    from prefect.blocks.system import Secret

    try:
        block: Any = Secret.load(name, _sync=True)  # type: ignore[call-arg]
        value = block.get()
    except Exception as error:  # Prefect's own, its client's, the network's
        raise _unavailable("Secret", name, error) from None
    return value if isinstance(value, SecretStr) else SecretStr(str(value))


def _credentials(name: str) -> dict[str, str]:
    """Load an AwsCredentials block of Prefect, as `make_client` takes it."""
    _require_prefect("AwsCredentials", name)
    try:
        from prefect_aws.credentials import AwsCredentials

        block: Any = AwsCredentials.load(name, _sync=True)  # type: ignore[call-arg]
    except Exception as error:  # the package's absence, Prefect's own, its client's, the network's
        raise _unavailable("AwsCredentials", name, error) from None
    secret, token = block.aws_secret_access_key, block.aws_session_token
    told = {
        "aws_access_key_id": block.aws_access_key_id,
        "aws_secret_access_key": secret.get_secret_value() if secret else None,
        "aws_session_token": token,
    }
    return {key: value for key, value in told.items() if value}


def _require_prefect(kind: str, name: str) -> None:
    """Raise where no server is known: Prefect would start one of its own, without our blocks."""
    if not os.environ.get("PREFECT_API_URL"):
        raise BlockUnavailable(
            f"The {kind} block “{name}” lies in Prefect, of which no server is known here.",
            remedy="A run finds the office's own. Elsewhere set PREFECT_API_URL to a server that"
            " runs by itself; or keep the secret in a file, and credentials where AWS looks for"
            " them.",
        )


def _unavailable(kind: str, name: str, error: Exception) -> BlockUnavailable:
    # The error's own words could quote what the block holds.
    return BlockUnavailable(
        f"The {kind} block “{name}” can't be loaded from Prefect ({type(error).__name__}).",
        remedy="See that Prefect is reachable (PREFECT_API_URL, or `letters serve`), that the block"
        " is there, and for AwsCredentials that `prefect-aws` is installed.",
    )
