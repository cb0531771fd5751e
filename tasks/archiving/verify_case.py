"""Verification of one case: its chain, its objects, its packs, its sign-offs, its issue."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from letters.canonical import sha256_hex
from letters.email import Email
from letters.errors import LettersError
from letters.pack import Pack, PackRecipient
from letters.refusals import SignOffRefused
from letters.signoff import Decision, SignOff
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.archiving.layout import (
    AFTER_CLOSING,
    ENTRY_NAME,
    is_left_over,
    unfinished_steps,
)
from tasks.archiving.verify_closing import check_closing
from tasks.archiving.verify_notices import check_notices
from tasks.archiving.verify_sent import MessageReader, SentEmails
from tasks.case.case import Case
from tasks.case.record import announced_in

_MAY_COME_LATER = re.compile(r"/(deliveries/|confirmation-[1-9])")
"""What a revision still gets after its manifest."""


class Judges(NamedTuple):
    """What verification asks of other rooms, handed in since steps don't import each other."""

    decision_on: Callable[[Case, int], SignOff | None]
    """Check a revision's sign-offs. Raises SignOffRefused, which names the object."""
    read_message: MessageReader
    read_case_head: Callable[[bytes], str]
    """Read which head of its case's chain an e-mail tells. Raises LettersError."""


def verify_case(
    case: Case,
    names: list[str],
    anchors: list[tuple[int, str]],
    *,
    is_closed: bool,
    judges: Judges,
    found: Findings,
) -> VerifiedChain:
    """Check one case and return its chain.

    `names` are its objects, listed before; `anchors` the heads that the ledger
    has seen of its chain.
    """
    sent = SentEmails(case, names, found)
    chain = VerifiedChain(case.office, case.chain.prefix, found)
    for seq, sha256 in anchors:
        chain.check_anchor(seq, sha256, found, anchor="the ledger")
    for key, sha256 in chain.named_objects():
        found.check_object(case.store, key, sha256, named_by="the case's chain")
    named = dict(chain.named_objects())
    unfinished, announced = unfinished_steps(chain.entries), announced_in(chain.entries)
    if is_closed:
        unfinished &= AFTER_CLOSING
    for name in names:
        if case.key(name) in named or re.fullmatch(ENTRY_NAME, name):
            continue
        data = found.read(case.store, case.key(name))
        was_announced = data is not None and (case.key(name), sha256_hex(data)) in announced
        if data is not None and is_left_over(name, data, unfinished, was_announced=was_announced):
            found.open_objects.append(case.key(name))
        else:
            found.differ("added", case.key(name), "No entry of the case's chain names it.")
    anchored = max(
        (*(seq for seq, _ in anchors), *check_notices(case, chain, judges.read_case_head, found)),
        default=0,
    )
    for revision in sorted({int(m[1]) for name in names if (m := re.match(r"r([1-9]\d*)/", name))}):
        check = _Revision(case, revision, names, named, found)
        try:
            check.sign_off(judges.decision_on)
            anchored = max([anchored, *check.contents(sent, chain, judges.read_message)])
        # Whatever an altered object makes our readers raise is one more finding.
        except Exception as error:
            found.differ("unreadable", case.key(f"r{revision}"), str(error).partition("\n")[0])
    check_closing(case, chain, found)
    found.unanchored_entries += sum(1 for seq in chain.hashes if seq > anchored)
    return chain


@dataclass(frozen=True)
class _Revision:
    """What a revision's objects say of one another."""

    case: Case
    number: int
    names: list[str]
    named: dict[str, str]
    found: Findings

    def sign_off(self, decision_on: Callable[[Case, int], SignOff | None]) -> None:
        """Check the decision, and that nothing was archived that nobody approved."""
        key = self._key("signoff.json")
        try:
            sign_off = decision_on(self.case, self.number)
        except SignOffRefused as refusal:
            told = f"{refusal.message} [{refusal.code}]"
            self.found.differ("sign-off-invalid", refusal.where or key, told)
            return
        except LettersError as error:
            self.found.differ("sign-off-invalid", key, f"{error.message} [{error.code}]")
            return
        is_approved = sign_off is not None and sign_off.statement.decision is Decision.APPROVE
        if self._is_archived and not is_approved:
            self.found.differ("sign-off-invalid", key, "It is archived, and nobody approved it.")

    def contents(
        self, sent: SentEmails, chain: VerifiedChain, read_message: MessageReader
    ) -> list[int]:
        """Check all that the pack covers; return the heads that the sent e-mails anchor."""
        pack, recipients = self.case.pack(self.number), self.case.recipients(self.number)
        if pack is None:
            return []
        if (pack.reference, pack.revision) != (self.case.reference, self.number):
            self._differ("pack.json", "The pack is another letter's.")
        if pack.letter_digest != self.case.letter(self.number).digest:
            self._differ("letter.json", "The pack names other words.")
        told = tuple(
            PackRecipient(id=r.id, role=r.role, name=r.name, address_hash=r.address_hash)
            for r in recipients
        )
        if pack.recipients != told:
            self._differ("recipients.json", "The pack names other people.")
        if pack.doubts_cleared != self.case.doubts_cleared(self.number):
            self._differ("draft/cleared.json", "The pack names others.")
        self._rendered(pack)
        if self._is_archived:
            self._archived(pack)
        heads = (sent.check(self.number, r, pack, chain, read_message) for r in recipients)
        return [seq for seq in heads if seq is not None]

    def _rendered(self, pack: Pack) -> None:
        """Check what was rendered, where it was, against the pack."""
        for name, sha256 in {
            "letter.pdf": pack.pdf_sha256,
            "letter.html": pack.html_sha256,
            "letter.txt": pack.text_sha256,
        }.items():
            if self._sha256(name) not in (None, sha256):
                self._differ(name, "It is not as approved.")
        for email in pack.emails:
            name = f"emails/{email.recipient}.json"
            data = self.case.store.find(self._key(name))
            if data is None:
                continue
            kept = Email.model_validate_json(data)
            parts = (kept.subject, kept.text, kept.html)
            approved = (email.subject_sha256, email.text_sha256, email.html_sha256)
            if tuple(sha256_hex(part.encode()) for part in parts) != approved:
                self._differ(name, "The e-mail is not as approved.")

    def _archived(self, pack: Pack) -> None:
        """Check the manifest against what lies there, and the issue against the pack."""
        manifest = json.loads(self.case.store.get(self._key("manifest.json")))
        listed = {item["name"]: item["sha256"] for item in manifest["objects"]}
        folder = f"r{self.number}"
        for name, sha256 in listed.items():
            if self._sha256(name.removeprefix(f"{folder}/")) != sha256:
                self._differ(name.removeprefix(f"{folder}/"), "The manifest names another.")
        for name in self.names:
            is_record = name.startswith(f"{folder}/") and not _MAY_COME_LATER.search(name)
            if is_record and name not in (*listed, f"{folder}/manifest.json"):
                self.found.differ("added", self.case.key(name), "It came after the manifest.")
        issue = self.case.issue() or {}
        if (issue.get("revision"), issue.get("pack")) != (self.number, pack.sha256):
            key = self.case.key("issue-1.json")
            self.found.differ("pack-differs", key, "The issue is of another pack.")

    @property
    def _is_archived(self) -> bool:
        return f"r{self.number}/manifest.json" in self.names

    def _key(self, name: str) -> str:
        return self.case.key(f"r{self.number}/{name}")

    def _sha256(self, name: str) -> str | None:
        """Return the hash that the chain names, which was checked; else that of the bytes."""
        key = self._key(name)
        if key in self.named:
            return self.named[key]
        data = self.case.store.find(key)
        return None if data is None else sha256_hex(data)

    def _differ(self, name: str, message: str) -> None:
        self.found.differ("pack-differs", self._key(name), message)
