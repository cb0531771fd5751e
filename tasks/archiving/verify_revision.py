"""Verification of one revision: what its objects say of one another.

The sign-off names the pack; the pack names the words, the people and everything that
was rendered; the manifest names what was archived. What was sent is `verify_sent.py`'s.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from letters.canonical import sha256_hex
from letters.decisions import Decisions
from letters.email import Email
from letters.errors import LettersError
from letters.pack import Pack, PackRecipient
from letters.refusals import SignOffRefused
from letters.report import Check
from letters.signoff import Decision
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.archiving.judges import Judges
from tasks.archiving.verify_pdf import PdfCheck
from tasks.archiving.verify_sent import SentEmails
from tasks.case.case import Case
from tasks.case.rounds import issue_name
from tasks.case.sign_offs import SIGN_OFF_NAME, sign_off_name

_MAY_COME_LATER = re.compile(r"/(deliveries/|confirmation-[1-9]|(held|released)\.json$)")
"""What a revision still gets after its manifest."""


@dataclass(frozen=True)
class RevisionCheck:
    """What a revision's objects say of one another."""

    case: Case
    number: int
    names: list[str]
    named: dict[str, str]
    found: Findings

    def sign_offs(self, decisions_on: Callable[[Case, int], Decisions]) -> None:
        """Check the decisions, and that nothing was archived that not everyone approved."""
        of_a_signatory = self.case.sign_off_names(self.number)
        self.found.checked["sign-offs"] += len(of_a_signatory)
        for name in self.names:
            is_one = re.fullmatch(rf"r{self.number}/{SIGN_OFF_NAME}", name) is not None
            if is_one and name not in of_a_signatory:
                self._not_valid(name, "It is no sign-off of a signatory of the letter.")
        try:
            decisions = decisions_on(self.case, self.number)
        except SignOffRefused as refusal:
            told = f"{refusal.message} [{refusal.code}]"
            where = refusal.where or self._key("signoff.json")
            self.found.differ("sign-offs", "sign-off-invalid", where, told)
            return
        except LettersError as error:
            key = self._key("signoff.json")
            self.found.differ(
                "sign-offs", "sign-off-invalid", key, f"{error.message} [{error.code}]"
            )
            return
        for part in decisions.parts if self._is_archived else ():
            if part.decision is not Decision.APPROVE:
                who = f"{part.name} has not" if decisions.is_joint else "nobody"
                name = sign_off_name(self.number, part.number)
                self._not_valid(name, f"It is archived, and {who} approved it.")

    def contents(
        self, sent: SentEmails, chain: VerifiedChain, pdfs: PdfCheck, judges: Judges
    ) -> Iterator[int]:
        """Check all that the pack covers; yield the heads that the sent e-mails anchor."""
        pack, recipients = self.case.pack(self.number), self.case.recipients(self.number)
        if pack is None:
            return
        self.found.checked["packs"] += 1
        if (pack.reference, pack.revision) != (self.case.reference, self.number):
            self._differ("pack.json", "The pack is another letter's.")
        if pack.letter_digest != self.case.letter(self.number).digest:
            self._differ("letter.json", "The pack names other words.")
        told = tuple(
            PackRecipient(id=r.id, role=r.role, name=r.name, address_hash=r.address_hash)
            for r in recipients
        )
        if pack.recipients != told and not self._is_disposed("recipients.json"):
            self._differ("recipients.json", "The pack names other people.")
        if not self._is_disposed("draft/cleared.json"):
            if pack.doubts_cleared != self.case.doubts_cleared(self.number):
                self._differ("draft/cleared.json", "The pack names others.")
            if pack.problems_overridden != self.case.problems_overridden(self.number):
                self._differ("draft/overridden.json", "The pack names others.")
        self._rendered(pack)
        pdfs.check(self.case, self.number, pack, chain.entries)
        if self._is_archived:
            self._archived(pack)
        for recipient in recipients:
            yield from sent.check(
                self.number,
                recipient,
                pack,
                chain,
                read_message=judges.read_message,
                rebuild=judges.rebuild,
            )

    def _rendered(self, pack: Pack) -> None:
        """Check what was rendered, where it was, against the pack."""
        for name, sha256 in {
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
        self.found.checked["manifest"] += len(listed)
        folder = f"r{self.number}"
        for name, sha256 in listed.items():
            if self._sha256(name.removeprefix(f"{folder}/")) != sha256:
                self._differ(
                    name.removeprefix(f"{folder}/"), "The manifest names another.", "manifest"
                )
        for name in self.names:
            is_record = name.startswith(f"{folder}/") and not _MAY_COME_LATER.search(name)
            if is_record and name not in (*listed, f"{folder}/manifest.json"):
                self.found.differ(
                    "manifest", "added", self.case.key(name), "It came after the manifest."
                )
        issue = self.case.rounds().issue_of(self.number)
        if issue is None or issue.pack != pack.sha256 or issue.number != manifest["issue"]:
            key = self.case.key(issue_name(manifest["issue"]))
            self.found.differ("manifest", "pack-differs", key, "The issue is of another pack.")

    @property
    def _is_archived(self) -> bool:
        return f"r{self.number}/manifest.json" in self.names

    def _is_disposed(self, name: str) -> bool:
        return self.found.is_disposed(self._key(name))

    def _key(self, name: str) -> str:
        return self.case.key(f"r{self.number}/{name}")

    def _sha256(self, name: str) -> str | None:
        """Return the hash that the chain names, which was checked; else that of the bytes."""
        key = self._key(name)
        if key in self.named:
            return self.named[key]
        data = self.case.store.find(key)
        return None if data is None else sha256_hex(data)

    def _not_valid(self, name: str, message: str) -> None:
        self.found.differ("sign-offs", "sign-off-invalid", self.case.key(name), message)

    def _differ(self, name: str, message: str, check: Check = "packs") -> None:
        self.found.differ(check, "pack-differs", self._key(name), message)
