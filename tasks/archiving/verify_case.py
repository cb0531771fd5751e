"""Verification of one case: its chain, its objects, its packs, its sign-offs, its issue."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NamedTuple

from letters.canonical import sha256_hex
from letters.email import Email
from letters.errors import LettersError
from letters.pack import Pack, PackRecipient
from letters.signoff import Decision, SignOff
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.archiving.layout import CASE_NAME, ENTRY_NAME, is_left_over, unfinished_steps
from tasks.archiving.verify_sent import MessageReader, check_sent, read_sent
from tasks.case.case import Case


class Judges(NamedTuple):
    """What verification asks of other rooms, handed in since steps don't import each other."""

    decision_on: Callable[[Case, int], SignOff | None]
    """Check a revision's sign-off. Raises SignOffRefused."""
    read_message: MessageReader


def verify_case(
    case: Case,
    names: list[str],
    anchors: list[tuple[int, str]],
    *,
    is_closed: bool,
    is_being_drafted: Callable[[], bool],
    judges: Judges,
    found: Findings,
) -> VerifiedChain:
    """Check one case and return its chain.

    `names` are its objects, listed before; `anchors` the heads that the ledger
    has seen of its chain; `is_being_drafted` tells whether a draft was begun that
    may have opened it.
    """
    sent = read_sent(case, names, found)
    chain = VerifiedChain(case.office, case.chain.prefix, found)
    for seq, sha256 in anchors:
        chain.check_anchor(seq, sha256, found, anchor="the ledger")
    named = dict(chain.named_objects())
    for key, sha256 in chain.named_objects():
        found.check_object(case.store, key, sha256, named_by="the case's chain")
    unfinished = unfinished_steps(chain.entries)
    if case.key(CASE_NAME) not in named and is_being_drafted():
        unfinished |= {"draft-letter"}
    for name in names:
        if case.key(name) in named or re.fullmatch(ENTRY_NAME, name):
            continue
        data = found.read(case.store, case.key(name))
        if not is_closed and data is not None and is_left_over(name, data, unfinished):
            found.open_objects.append(case.key(name))
        else:
            found.differ("added", case.key(name), "No entry of the case's chain names it.")
    anchored = max((seq for seq, _ in anchors), default=0)
    revisions = sorted({int(match[1]) for n in names if (match := re.match(r"r([1-9]\d*)/", n))})
    for revision in revisions:
        try:
            heads = _check_revision(case, revision, names, sent, chain, judges, found)
            anchored = max([anchored, *heads])
        # Whatever an altered object makes our readers raise is one more finding.
        except Exception as error:
            found.differ("unreadable", case.key(f"r{revision}"), str(error).partition("\n")[0])
    found.unanchored_entries += sum(1 for seq in chain.hashes if seq > anchored)
    return chain


def _check_revision(
    case: Case,
    revision: int,
    names: list[str],
    sent: dict[str, bytes | None],
    chain: VerifiedChain,
    judges: Judges,
    found: Findings,
) -> list[int]:
    """Check what a revision's objects say of one another; return the anchors its e-mails are."""
    folder = f"r{revision}"
    _check_sign_off(
        case, revision, is_issued=f"{folder}/manifest.json" in names, judges=judges, found=found
    )
    pack, recipients = case.pack(revision), case.recipients(revision)
    if pack is None:
        return []

    def differ(name: str, message: str) -> None:
        found.differ("pack-differs", case.key(f"{folder}/{name}"), message)

    if (pack.reference, pack.revision) != (case.reference, revision):
        differ("pack.json", "The pack is another letter's.")
    if pack.letter_digest != case.letter(revision).digest:
        differ("letter.json", "The pack names other words.")
    told = tuple(
        PackRecipient(id=r.id, role=r.role, name=r.name, address_hash=r.address_hash)
        for r in recipients
    )
    if pack.recipients != told:
        differ("recipients.json", "The pack names other people.")
    if pack.doubts_cleared != case.doubts_cleared(revision):
        differ("draft/cleared.json", "The pack names others.")
    _check_rendered(case, revision, pack, differ)
    if f"{folder}/manifest.json" in names:
        _check_issued(case, revision, names, pack, found)
    heads = (
        check_sent(case, revision, one, pack, sent, chain, judges.read_message, found)
        for one in recipients
    )
    return [seq for seq in heads if seq is not None]


def _check_sign_off(
    case: Case, revision: int, *, is_issued: bool, judges: Judges, found: Findings
) -> None:
    key = case.key(f"r{revision}/signoff.json")
    try:
        sign_off = judges.decision_on(case, revision)
    except LettersError as error:
        found.differ("sign-off-invalid", key, f"{error.message} [{error.code}]")
        return
    is_approved = sign_off is not None and sign_off.statement.decision is Decision.APPROVE
    if is_issued and not is_approved:
        found.differ("sign-off-invalid", key, "The revision is archived, and nobody approved it.")


def _check_rendered(
    case: Case, revision: int, pack: Pack, differ: Callable[[str, str], None]
) -> None:
    expected = {
        "letter.pdf": pack.pdf_sha256,
        "letter.html": pack.html_sha256,
        "letter.txt": pack.text_sha256,
    }
    for name, sha256 in expected.items():
        data = case.find(f"r{revision}/{name}")
        if data is not None and sha256_hex(data) != sha256:
            differ(name, "It is not as approved.")
    for email in pack.emails:
        name = f"emails/{email.recipient}.json"
        data = case.find(f"r{revision}/{name}")
        if data is None:
            continue
        kept = Email.model_validate_json(data)
        hashes = tuple(sha256_hex(part.encode()) for part in (kept.subject, kept.text, kept.html))
        if hashes != (email.subject_sha256, email.text_sha256, email.html_sha256):
            differ(name, "The e-mail is not as approved.")


def _check_issued(case: Case, revision: int, names: list[str], pack: Pack, found: Findings) -> None:
    """Check the manifest against what lies there, and the issue against the pack."""
    manifest = json.loads(case.get(f"r{revision}/manifest.json"))
    listed = {item["name"]: item["sha256"] for item in manifest["objects"]}
    for name, sha256 in listed.items():
        found.check_object(case.store, case.key(name), sha256, named_by="the manifest")
    for name in names:
        is_record = name.startswith(f"r{revision}/") and "/deliveries/" not in name
        if is_record and name not in listed and not name.endswith("/manifest.json"):
            found.differ("added", case.key(name), "It came after the manifest.")
    issue = case.issue() or {}
    if (issue.get("revision"), issue.get("pack")) != (revision, pack.sha256):
        found.differ("pack-differs", case.key("issue-1.json"), "The issue is of another pack.")
