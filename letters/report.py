"""What a verification found: differences, and what each check can and can't speak for."""

from __future__ import annotations

from typing import Literal, NamedTuple

from letters.letter import Frozen

Code = Literal[
    "changed",
    "missing",
    "added",
    "cut-off",
    "chain-broken",
    "unreadable",
    "anchor-differs",
    "pack-differs",
    "sign-off-invalid",
    "sent-differs",
    "seal-invalid",
    "words-differ",
    "event-differs",
    "not-locked",
]

Check = Literal[
    "hashes",
    "chains",
    "manifest",
    "packs",
    "sign-offs",
    "sent",
    "words",
    "seals",
    "notices",
    "events",
    "locks",
]


class Worth(NamedTuple):
    """What a check proves to somebody who doesn't trust the office, and what it can't."""

    proves: str
    cannot: str


CHECKS: dict[Check, Worth] = {
    "hashes": Worth(
        "Every object has the bytes with which a chain names it, and nothing else lies there.",
        "That what was written at the time was true.",
    ),
    "chains": Worth(
        "Each entry holds the hash of the one before; ledger, witness, claims, e-mails, time"
        " stamps and the heads you gave saw the same chain.",
        "Anything after the last anchor outside the office: whoever owns archive and witness can"
        " write that anew.",
    ),
    "manifest": Worth(
        "What was archived is complete and unaltered; one revision was issued, and closed.",
        "That nothing was left out before the manifest was written.",
    ),
    "packs": Worth(
        "Words, people, PDF, HTML, text and e-mails of the case are those that the pack names.",
        "Who approved them: that is the sign-off.",
    ),
    "sign-offs": Worth(
        "The owner of an enrolled key, verified by it, decided so on exactly this pack.",
        "That the key is that inspector's: compare its fingerprint with the one they hold.",
    ),
    "sent": Worth(
        "Each e-mail, written again from the case, has the hash it was claimed with before it was"
        " sent; what lies in the outbox says what was approved.",
        "That it was read, or by whom; and, once it is gone from the outbox, that it was sent:"
        " ask the recipient for the file.",
    ),
    "words": Worth(
        "The text in the sealed PDF is the approved letter's, word for word.",
        "What the page looks like: open the file.",
    ),
    "seals": Worth(
        "The sealed PDF begins with the approved one, and nothing but the office's seal was added.",
        "Who holds the seal's key; and, without a time stamp, when it was put on.",
    ),
    "notices": Worth(
        "What the office told its own people was announced in a chain before it went.",
        "That they read it.",
    ),
    "events": Worth(
        "What is told of deliveries stands in what the provider's webhook sent, unaltered since.",
        "That the provider told the truth; its signature was checked when it came.",
    ),
    "locks": Worth(
        "What the trail says was locked or held, the store (S3) still keeps, as strictly and as"
        " long as told.",
        "That whoever runs the store obeys it; and governance gives way to those who may bypass"
        " it.",
    ),
}


class CheckTold(Frozen):
    """One check: how much it looked at, what came of it, and what that is worth."""

    name: Check
    checked: int
    differences: int
    proves: str
    cannot: str


class Difference(Frozen):
    """One thing that is not as it was recorded."""

    code: Code
    object: str
    """The key in the archive, or the file of the outbox."""
    message: str
    check: Check
    """Which of the checks found it."""


class Disposed(Frozen):
    """One object that a certificate of disposal names."""

    object: str
    certificate: int


class Report(Frozen):
    """What was checked and what came of it."""

    cases: int = 0
    objects: int = 0
    entries: int = 0
    checks: tuple[CheckTold, ...] = ()
    differences: tuple[Difference, ...] = ()
    open_objects: tuple[str, ...] = ()
    """Objects that an interrupted run left without their entry: the next run names them."""
    emails_picked_up: tuple[str, ...] = ()
    """Files that the outbox took and has no more: picked up to be sent, or deleted."""
    disposed: tuple[Disposed, ...] = ()
    """Objects that are gone by a certificate: what they said can no longer be checked."""
    to_be_removed: tuple[Disposed, ...] = ()
    """Objects that are still there, as a disposal was interrupted: it is to be completed."""
    unwitnessed_entries: tuple[str, ...] = ()
    """Entries that the witness never noted. A process that died may leave one; more than
    that speak of a witness that could not be written, or of entries that someone else wrote."""
    unanchored_entries: int = 0
    """Entries after the last anchor of their chain: nothing but the witness speaks for them."""
    unanchored_in_ledger: int = 0
    """Entries of the ledger after its last head that went out of the office."""
    is_without_witness: bool = False
    """Whether the archive is a bucket, and this machine has no witness's record of any chain."""

    @property
    def is_clean(self) -> bool:
        """Whether nothing differs."""
        return not self.differences
