"""Verification of what was sent: the outbox against the claims and the packs.

The outbox is a place of handing over: whatever sends the e-mails may take them
away. So a file that is gone is told but is no difference; one that was changed,
or that nobody claimed to send, is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from letters.canonical import sha256_hex
from letters.delivery import Attempt
from letters.errors import LettersError
from letters.pack import Pack
from letters.recipient import FrozenRecipient, normalised_address, send_id
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.case.case import Case
from tasks.case.folder import FolderStore
from tasks.case.office import Office

OUTBOX = "outbox"

_CLAIM = re.compile(r"(?:.*/)?deliveries/([0-9a-f]{32})/claim-[1-9]\d*\.json")


class SentMessage(NamedTuple):
    """What a sent e-mail says, as it is compared with the pack."""

    subject: str
    text: str
    html: str
    pdf: bytes
    to_address: str
    case_head: str


MessageReader = Callable[[bytes], SentMessage]
"""Takes a sent e-mail apart. Raises LettersError, ValueError."""


def outbox_names(office: Office) -> list[str]:
    """List the e-mails in the outbox, and what else stands there under such a name."""
    outbox = FolderStore(office.outbox_folder)
    return [name for name in {*outbox.list(""), *outbox.strangers()} if name.endswith(".eml")]


def check_outbox(names: Iterable[str], keys: Iterable[str], found: Findings) -> None:
    """Check that each e-mail was claimed. `names` were listed before the archive's `keys`."""
    claimed = {f"{match[1]}.eml" for key in keys if (match := _CLAIM.fullmatch(key))}
    for name in sorted(set(names) - claimed):
        found.differ("added", f"{OUTBOX}/{name}", "No delivery claimed to send it.")


def read_sent(case: Case, names: Iterable[str], found: Findings) -> dict[str, bytes | None]:
    """Read the e-mail of each claimed send id, None for one that isn't in the outbox."""
    outbox = FolderStore(case.office.outbox_folder)
    send_ids = {match[1] for name in names if (match := _CLAIM.fullmatch(name))}
    sent = {}
    for one in sorted(send_ids):
        file = f"{one}.eml"
        try:
            sent[one] = outbox.find(file)
        except LettersError as error:
            sent[one] = None
            found.differ("sent-differs", f"{OUTBOX}/{file}", f"{error.message} [{error.code}]")
    return sent


def check_sent(
    case: Case,
    revision: int,
    recipient: FrozenRecipient,
    pack: Pack,
    sent: dict[str, bytes | None],
    chain: VerifiedChain,
    read_message: MessageReader,
    found: Findings,
) -> int | None:
    """Check the e-mail to one recipient; return the seq of the head that it anchors."""
    identity = send_id(case.reference, revision, recipient.email)
    if identity not in sent:
        return None
    path, data = f"{OUTBOX}/{identity}.eml", sent[identity]
    attempts = case.attempts(revision, identity)
    if data is None:
        if any(map(_was_laid_out, attempts)):
            found.emails_picked_up.append(path)
        return None
    if sha256_hex(data) not in {attempt.claim.message_sha256 for attempt in attempts}:
        found.differ("sent-differs", path, "Its bytes are not those that were claimed to be sent.")
        return None
    try:
        message = read_message(data)
        number, _, sha256 = message.case_head.partition(":")
        seq = int(number)
    except (LettersError, ValueError) as error:
        found.differ("sent-differs", path, str(error).partition("\n")[0])
        return None
    if not _is_as_approved(message, pack, recipient):
        found.differ("sent-differs", path, "What was sent is not what was approved.")
    chain.check_anchor(seq, sha256, found, anchor=f"the e-mail to the {recipient.role}")
    return seq


def _was_laid_out(attempt: Attempt) -> bool:
    outcome = attempt.outcome
    return outcome is not None and (outcome.result, outcome.provider) == ("accepted", OUTBOX)


def _is_as_approved(message: SentMessage, pack: Pack, recipient: FrozenRecipient) -> bool:
    approved = [email for email in pack.emails if email.recipient == recipient.id]
    said = tuple(
        sha256_hex(part.encode()) for part in (message.subject, message.text, message.html)
    )
    return (
        [said]
        == [(email.subject_sha256, email.text_sha256, email.html_sha256) for email in approved]
        and sha256_hex(message.pdf) == pack.pdf_sha256
        and normalised_address(message.to_address) == normalised_address(recipient.email)
    )
