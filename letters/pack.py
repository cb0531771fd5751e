"""The pack: everything that one sign-off covers, told by hashes.

Its canonical JSON is hashed, and that hash is what an inspector signs. A pack
holds no address and no text, so that it can be shown to a stranger.
"""

from __future__ import annotations

from letters.audit import Sha256
from letters.canonical import digest_of
from letters.letter import Frozen, Line, Slug
from letters.problem import Doubt, Problem


class PackRecipient(Frozen):
    """A recipient as the pack tells it."""

    id: Slug
    role: Slug
    name: Line
    address_hash: Sha256


class PackEmail(Frozen):
    """A covering e-mail as the pack tells it: UTF-8 hashes of subject and bodies."""

    recipient: Slug
    subject_sha256: Sha256
    text_sha256: Sha256
    html_sha256: Sha256


class Pack(Frozen):
    """What is signed: change one byte of anything it names, and the hash is another."""

    layout: int = 1
    reference: Line
    revision: int
    letter_digest: Sha256
    recipients: tuple[PackRecipient, ...]
    pdf_sha256: Sha256
    """Of the PDF before the seal."""
    html_sha256: Sha256
    text_sha256: Sha256
    emails: tuple[PackEmail, ...]
    doubts_cleared: tuple[Doubt, ...]
    problems_overridden: tuple[Problem, ...]
    supersedes: Sha256 | None = None
    """The hash of the pack this one corrects or withdraws."""

    @property
    def sha256(self) -> str:
        """The hash that a sign-off names."""
        return digest_of(self.model_dump(mode="json"))

    def differences(self, other: Pack) -> tuple[str, ...]:
        """Name the parts in which two packs differ, in the words of the office."""
        parts = {
            "letter_digest": "the letter's words",
            "recipients": "the recipients",
            "pdf_sha256": "the PDF",
            "html_sha256": "the HTML",
            "text_sha256": "the plain text",
            "emails": "the covering e-mails",
        }
        return tuple(
            parts.get(field, field)
            for field in type(self).model_fields
            if getattr(self, field) != getattr(other, field)
        )
