"""Verification of one case: its chain, its objects, its pack, its sign-off, what was sent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NamedTuple

from letters.canonical import sha256_hex, stored_json
from letters.delivery import Claim, Outcome, Settlement
from letters.email import Email
from letters.errors import LettersError
from letters.letter import Letter
from letters.pack import Pack, PackRecipient
from letters.recipient import FrozenRecipient, normalised_address, send_id
from letters.signoff import SignOff
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.case.case import Case

LAYOUT: dict[str, Callable[[bytes], object]] = {
    r"case\.json|closed\.json|issue-[1-9]\d*\.json": json.loads,
    r"r[1-9]\d*/letter\.json": Letter.model_validate_json,
    r"r[1-9]\d*/pack\.json": Pack.model_validate_json,
    r"r[1-9]\d*/signoff\.json": SignOff.model_validate_json,
    r"r[1-9]\d*/(recipients|manifest|draft/cleared)\.json": json.loads,
    r"r[1-9]\d*/draft/original\.(md|txt)": bytes,
    r"r[1-9]\d*/(proof|letter)\.pdf": bytes,
    r"r[1-9]\d*/letter\.(html|txt)": bytes,
    r"r[1-9]\d*/emails/[a-z0-9-]+\.json": Email.model_validate_json,
    r"r[1-9]\d*/deliveries/[0-9a-f]{32}/claim-[1-9]\d*\.json": Claim.model_validate_json,
    r"r[1-9]\d*/deliveries/[0-9a-f]{32}/outcome-[1-9]\d*\.json": Outcome.model_validate_json,
    r"r[1-9]\d*/deliveries/[0-9a-f]{32}/settlement-[1-9]\d*\.json": Settlement.model_validate_json,
}
"""Each object that a case may hold, by its name, with what it must read as."""


class SentMessage(NamedTuple):
    """What a sent e-mail says, as `verify` compares it with the pack."""

    subject: str
    text: str
    html: str
    pdf: bytes
    to_address: str
    case_head: str


class Judges(NamedTuple):
    """What verification asks of other rooms, handed in since steps don't import each other."""

    decision_on: Callable[[Case, int], SignOff | None]
    """Check a revision's sign-off. Raises SignOffRefused."""
    read_message: Callable[[bytes], SentMessage]
    """Take a sent e-mail apart. Raises LettersError, ValueError."""


def verify_case(
    case: Case, anchors: list[tuple[int, str]], *, is_closed: bool, judges: Judges, found: Findings
) -> None:
    """Check one case. `anchors` are the heads that the ledger has seen of its chain."""
    chain = VerifiedChain(case.office, case.chain.prefix, found)
    for seq, sha256 in anchors:
        chain.check_anchor(seq, sha256, found, anchor="the ledger")
    named = chain.named_objects()
    for key, sha256 in named:
        found.check_object(case.store, key, sha256, named_by="the case's chain")
    _check_unnamed(case, {key for key, _ in named}, is_closed=is_closed, found=found)
    last_anchor = max((seq for seq, _ in anchors), default=0)
    for revision in case.revisions():
        try:
            heads = _check_revision(case, revision, chain, judges, found)
        except (LettersError, ValueError, KeyError) as error:
            found.differ("unreadable", case.key(f"r{revision}"), _first_line(error))
        else:
            last_anchor = max([last_anchor, *heads])
    found.unanchored_entries += sum(1 for seq in chain.hashes if seq > last_anchor)


def _check_unnamed(case: Case, named: set[str], *, is_closed: bool, found: Findings) -> None:
    for name in case.names():
        key = case.key(name)
        if key in named or re.fullmatch(r"audit/[0-9]{8}\.json", name):
            continue
        if not is_closed and _is_well_formed(name, case.get(name)):
            found.open_objects.append(key)
        else:
            found.differ("added", key, "No entry of the case's chain names it.")


def _is_well_formed(name: str, data: bytes) -> bool:
    for pattern, read in LAYOUT.items():
        if re.fullmatch(pattern, name):
            try:
                read(data)
            except (LettersError, ValueError, RecursionError):
                return False
            return True
    return False


def _check_revision(
    case: Case, revision: int, chain: VerifiedChain, judges: Judges, found: Findings
) -> list[int]:
    """Check what a revision's objects say of one another; return the anchors its e-mails are."""
    letter, recipients, pack = case.letter(revision), case.recipients(revision), case.pack(revision)
    folder = case.key(f"r{revision}")
    if pack is None:
        return []
    if (pack.reference, pack.revision) != (case.reference, revision):
        found.differ("pack-differs", f"{folder}/pack.json", "The pack is another letter's.")
    if pack.letter_digest != letter.digest:
        found.differ("pack-differs", f"{folder}/letter.json", "The pack names other words.")
    told = tuple(
        PackRecipient(id=r.id, role=r.role, name=r.name, address_hash=r.address_hash)
        for r in recipients
    )
    if pack.recipients != told:
        found.differ("pack-differs", f"{folder}/recipients.json", "The pack names other people.")
    if pack.doubts_cleared != case.doubts_cleared(revision):
        found.differ("pack-differs", f"{folder}/draft/cleared.json", "The pack names others.")
    _check_rendered(case, revision, pack, found)
    try:
        judges.decision_on(case, revision)
    except LettersError as error:
        found.differ(
            "sign-off-invalid", f"{folder}/signoff.json", f"{error.message} [{error.code}]"
        )
    _check_manifest(case, revision, found)
    return [
        seq
        for recipient in recipients
        if (seq := _check_sent(case, revision, recipient, pack, chain, judges, found)) is not None
    ]


def _check_rendered(case: Case, revision: int, pack: Pack, found: Findings) -> None:
    expected = {
        "letter.pdf": pack.pdf_sha256,
        "letter.html": pack.html_sha256,
        "letter.txt": pack.text_sha256,
    }
    for name, sha256 in expected.items():
        data = case.find(f"r{revision}/{name}")
        if data is not None and sha256_hex(data) != sha256:
            found.differ("pack-differs", case.key(f"r{revision}/{name}"), "It is not as approved.")
    for email in pack.emails:
        name = f"r{revision}/emails/{email.recipient}.json"
        data = case.find(name)
        if data is None:
            continue
        kept = Email.model_validate_json(data)
        hashes = tuple(sha256_hex(part.encode()) for part in (kept.subject, kept.text, kept.html))
        if hashes != (email.subject_sha256, email.text_sha256, email.html_sha256):
            found.differ("pack-differs", case.key(name), "The e-mail is not as approved.")


def _check_manifest(case: Case, revision: int, found: Findings) -> None:
    data = case.find(f"r{revision}/manifest.json")
    if data is None:
        return
    manifest = json.loads(data)
    listed = {item["name"]: item["sha256"] for item in manifest["objects"]}
    for name, sha256 in listed.items():
        found.check_object(case.store, case.key(name), sha256, named_by="the manifest")
    for name in case.names():
        is_record = name.startswith(f"r{revision}/") and "/deliveries/" not in name
        if is_record and name not in listed and not name.endswith("/manifest.json"):
            found.differ("added", case.key(name), "It came after the manifest.")
    if data != stored_json(manifest):
        found.differ("changed", case.key(f"r{revision}/manifest.json"), "It is not canonical.")


def _check_sent(
    case: Case,
    revision: int,
    recipient: FrozenRecipient,
    pack: Pack,
    chain: VerifiedChain,
    judges: Judges,
    found: Findings,
) -> int | None:
    """Check the e-mail in the outbox, where it still lies there, and the anchor it carries."""
    identity = send_id(case.reference, revision, recipient.email)
    path = case.office.outbox_folder / f"{identity}.eml"
    if not path.is_file():
        return None
    email = next((e for e in pack.emails if e.recipient == recipient.id), None)
    try:
        sent = judges.read_message(path.read_bytes())
        seq, _, sha256 = sent.case_head.partition(":")
        head = int(seq)
    except (LettersError, ValueError, KeyError, OSError) as error:
        found.differ("sent-differs", str(path), _first_line(error))
        return None
    said = tuple(sha256_hex(part.encode()) for part in (sent.subject, sent.text, sent.html))
    is_as_approved = (
        email is not None
        and said == (email.subject_sha256, email.text_sha256, email.html_sha256)
        and sha256_hex(sent.pdf) == pack.pdf_sha256
        and normalised_address(sent.to_address) == normalised_address(recipient.email)
    )
    if not is_as_approved:
        found.differ("sent-differs", str(path), "What was sent is not what was approved.")
    chain.check_anchor(head, sha256, found, anchor=f"the e-mail to the {recipient.role}")
    return head


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
