"""Verification of what was sent: each claim's message written again, and the outbox.

A claim names the hash of its message before that is sent. So the message that the case
gives, written again to the byte, is proven to be the one that was claimed, wherever it
went. The outbox is a place of handing over: whatever sends the e-mails may take them
away. So a file that is gone is told but is no difference; one that was changed, or that
nobody claimed to send, is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from letters.canonical import sha256_hex
from letters.delivery import Attempt, Claim
from letters.errors import LettersError
from letters.pack import Pack
from letters.recipient import FrozenRecipient, normalised_address, send_id
from letters.sealed import unsealed
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.case.case import Case
from tasks.case.folder import FolderStore
from tasks.case.office import Office

OUTBOX = "outbox"

NOTICES = "notices/"
"""What stands in this folder of the outbox is for `verify_notices.py`."""

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

MessageWriter = Callable[[Case, int, FrozenRecipient, Claim], bytes | None]
"""Writes a claim's message again, from the case; None where the claim doesn't tell enough."""


def outbox_names(office: Office) -> list[str]:
    """List the e-mails in the outbox, and what else stands there under such a name."""
    outbox = FolderStore(office.outbox_folder)
    strangers = {anomaly.key for anomaly in outbox.strangers()}
    return [name for name in {*outbox.list(""), *strangers} if name.endswith(".eml")]


def check_outbox(names: Iterable[str], keys: Iterable[str], found: Findings) -> None:
    """Check that each e-mail was claimed. `names` were listed before the archive's `keys`."""
    claimed = {f"{match[1]}.eml" for key in keys if (match := _CLAIM.fullmatch(key))}
    letters = {name for name in names if not name.startswith(NOTICES)}
    for name in sorted(letters - claimed):
        found.differ("sent", "added", f"{OUTBOX}/{name}", "No delivery claimed to send it.")


class SentEmails:
    """The e-mails of a case: as they lie in the outbox, and as the case gives them again.

    The outbox is read before the case's chain, which then has the heads that they carry.
    """

    def __init__(self, case: Case, names: Iterable[str], found: Findings) -> None:
        self._case = case
        self._found = found
        self._names = frozenset(names)
        self._files: dict[str, bytes | None] = {}
        outbox = FolderStore(case.office.outbox_folder)
        for one in sorted({match[1] for name in self._names if (match := _CLAIM.fullmatch(name))}):
            self._files[one] = found.read(outbox, f"{one}.eml", room=OUTBOX, check="sent")

    def check(
        self,
        revision: int,
        recipient: FrozenRecipient,
        pack: Pack,
        chain: VerifiedChain,
        *,
        read_message: MessageReader,
        rebuild: MessageWriter,
    ) -> Iterator[int]:
        """Check the e-mail to one recipient; yield the seq of the head that it anchors."""
        identity = send_id(self._case.reference, revision, recipient.email)
        if identity not in self._files:
            return
        attempts = self._case.attempts(revision, identity)
        folder = f"r{revision}/deliveries/{identity}"
        for attempt in attempts:
            # Else it was claimed after we had looked, and its head is not in the chain we read.
            if f"{folder}/claim-{attempt.claim.attempt}.json" in self._names:
                self._check_claim(revision, recipient, attempt.claim, chain, rebuild)
        path, data = f"{OUTBOX}/{identity}.eml", self._files[identity]
        if data is None:
            if any(
                _was_laid_out(attempt)
                # Else it was laid out after we had looked.
                and f"{folder}/outcome-{attempt.claim.attempt}.json" in self._names
                for attempt in attempts
            ):
                self._found.emails_picked_up.append(path)
            return
        self._found.checked["sent"] += 1
        if sha256_hex(data) not in {attempt.claim.message_sha256 for attempt in attempts}:
            self._differ(path, "Its bytes are not those of any claim.")
            return
        try:
            message = read_message(data)
            number, _, sha256 = message.case_head.partition(":")
            seq = int(number)
        except (LettersError, ValueError) as error:
            self._differ(path, str(error).partition("\n")[0])
            return
        if not _is_as_approved(message, pack, recipient):
            self._differ(path, "What was sent is not what was approved.")
        anchor = f"the e-mail to the {recipient.role}"
        chain.check_anchor(seq, sha256, self._found, anchor=anchor)
        yield seq

    def _check_claim(
        self,
        revision: int,
        recipient: FrozenRecipient,
        claim: Claim,
        chain: VerifiedChain,
        rebuild: MessageWriter,
    ) -> None:
        """Check a claim against the chain that it saw, and against the message it claims."""
        folder = f"r{revision}/deliveries/{claim.send_id}"
        key = self._case.key(f"{folder}/claim-{claim.attempt}.json")
        number, _, sha256 = claim.case_head.partition(":")
        chain.check_anchor(int(number), sha256, self._found, anchor="a delivery's claim")
        try:
            message = rebuild(self._case, revision, recipient, claim)
        except (LettersError, ValueError) as error:
            self._differ(key, f"Its e-mail can't be written again: {str(error).splitlines()[0]}")
            return
        if message is not None:
            self._found.checked["sent"] += 1
            if sha256_hex(message) != claim.message_sha256:
                self._differ(key, "The e-mail that the case gives is not the one it claims.")

    def _differ(self, key: str, message: str) -> None:
        self._found.differ("sent", "sent-differs", key, message)


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
        and unsealed(message.pdf, pack.pdf_sha256) is not None
        and normalised_address(message.to_address) == normalised_address(recipient.email)
    )
