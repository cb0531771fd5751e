"""Collecting what a verification finds, and checking one chain."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

from letters.audit import AuditEntry, AuditEntryUnreadable, chain_faults
from letters.canonical import sha256_hex
from letters.errors import LettersError, TransientError
from letters.report import CHECKS, Check, CheckTold, Code, Difference, Disposed, Report
from tasks.case.chain import entry_key
from tasks.case.office import Office
from tasks.case.store import Keys, Store


class Certified(NamedTuple):
    """What a certificate of disposal says of an object."""

    sha256: str
    number: int
    is_completed: bool
    """Whether all that the certificate names was removed, by the ledger."""


class Findings:
    """A report in the making."""

    def __init__(self) -> None:
        self.differences: list[Difference] = []
        self.open_objects: list[str] = []
        self.emails_picked_up: list[str] = []
        self.certified: dict[str, Certified] = {}
        self.look_again: Callable[[], None] = lambda: None
        """Take in the certificates that came since: something may be gone by one of them."""
        self.disposed: dict[str, Disposed] = {}
        self.to_be_removed: dict[str, Disposed] = {}
        self.unwitnessed_entries: list[str] = []
        self.checked = Counter[Check]()
        self.entries = 0
        self.unanchored_entries = 0
        self.unanchored_in_ledger = 0
        self.is_without_witness = False

    def differ(self, check: Check, code: Code, key: str, message: str) -> None:
        """Note a difference, once."""
        difference = Difference(code=code, object=key, message=message, check=check)
        if difference not in self.differences:
            self.differences.append(difference)

    def read(
        self, store: Store, key: str, *, room: str = "", check: Check = "hashes"
    ) -> bytes | None:
        """Read an object; one that can't be read differs. Raises only what may pass."""
        try:
            return store.find(key)
        except TransientError:
            raise
        except LettersError as error:
            shown = f"{room}/{key}" if room else key
            self.differ(check, "unreadable", shown, f"{error.message} [{error.code}]")
            return None

    def list(self, store: Store, prefix: str) -> Keys:
        """List a folder's keys; one that can't be read differs. Raises only what may pass."""
        try:
            return store.list(prefix)
        except TransientError:
            raise
        except LettersError as error:
            self.differ("hashes", "unreadable", prefix, f"{error.message} [{error.code}]")
            return []

    def check_object(self, store: Store, key: str, sha256: str, *, named_by: str) -> None:
        """Check that an object is there with the hash with which it is named."""
        self.checked["hashes"] += 1
        data = self.read(store, key)
        if data is None and key not in self.certified:
            self.look_again()
        certified = self.certified.get(key)
        if certified is not None and certified.sha256 == sha256:
            told = Disposed(object=key, certificate=certified.number)
            if data is None:
                self.disposed[key] = told
                return
            if certified.is_completed:
                message = f"By certificate {certified.number} it is disposed of, and lies there."
                self.differ("hashes", "added", key, message)
                return
            self.to_be_removed[key] = told
        if data is None:
            self.differ("hashes", "missing", key, f"It is gone; {named_by} names it.")
        elif sha256_hex(data) != sha256:
            self.differ("hashes", "changed", key, f"Its bytes are not those that {named_by} names.")

    def is_disposed(self, key: str) -> bool:
        """Whether a certificate of disposal names an object, which may still be there."""
        return key in self.certified

    def report(self, *, cases: int) -> Report:
        """Return what was found."""
        differing = Counter(difference.check for difference in self.differences)
        return Report(
            cases=cases,
            objects=self.checked["hashes"],
            entries=self.entries,
            checks=tuple(
                CheckTold(
                    name=check,
                    checked=self.checked[check],
                    differences=differing[check],
                    proves=worth.proves,
                    cannot=worth.cannot,
                )
                for check, worth in CHECKS.items()
            ),
            differences=tuple(self.differences),
            open_objects=tuple(self.open_objects),
            emails_picked_up=tuple(self.emails_picked_up),
            disposed=tuple(self.disposed.values()),
            to_be_removed=tuple(self.to_be_removed.values()),
            unwitnessed_entries=tuple(self.unwitnessed_entries),
            unanchored_entries=self.unanchored_entries,
            unanchored_in_ledger=self.unanchored_in_ledger,
            is_without_witness=self.is_without_witness,
        )


UNNOTED_AT_MOST = 8
"""Entries that a chain may have without any in the witness: as many processes died in between."""


class VerifiedChain:
    """A chain as it lies in the store, with each entry's hash, its faults noted."""

    def __init__(self, office: Office, prefix: str, findings: Findings) -> None:
        self.prefix = prefix
        # Before the entries: what is noted by now is surely there, however fast the chain grows.
        heads = office.witness.heads(prefix)
        stored = _stored(office.store, prefix, findings)
        self.hashes = {seq: sha256_hex(data) for seq, data in stored}
        self.entries: list[AuditEntry] = []
        findings.entries += len(stored)
        findings.checked["chains"] += len(stored)
        for fault in chain_faults(stored):
            findings.differ("chains", "chain-broken", entry_key(prefix, fault.seq), fault.message)
        for seq, data in stored:
            try:
                self.entries.append(AuditEntry.from_bytes(data, where=entry_key(prefix, seq)))
            except AuditEntryUnreadable:
                key = entry_key(prefix, seq)
                findings.differ("chains", "unreadable", key, "It is no audit entry.")
        for seq, sha256 in heads:
            self.check_anchor(seq, sha256, findings, anchor="the witness")
        noted = {seq for seq, _ in heads}
        if stored and not noted and _is_without_witness(office):
            findings.is_without_witness = True
            return
        if not noted and len(stored) > UNNOTED_AT_MOST:
            gone = f"witness of {prefix}"
            findings.differ("chains", "missing", gone, "The witness's record is gone.")
            return
        findings.unwitnessed_entries += [
            entry_key(prefix, seq) for seq in self.hashes if seq not in noted
        ]

    def check_anchor(self, seq: int, sha256: str, findings: Findings, *, anchor: str) -> None:
        """Check that the chain still has the entry that an anchor saw."""
        if seq == 0:
            return
        findings.checked["chains"] += 1
        key = entry_key(self.prefix, seq)
        if seq not in self.hashes:
            told = f"{anchor[0].upper()}{anchor[1:]} has seen it; it is gone."
            findings.differ("chains", "cut-off", key, told)
        elif self.hashes[seq] != sha256:
            told = f"{anchor[0].upper()}{anchor[1:]} has seen another entry."
            findings.differ("chains", "anchor-differs", key, told)

    def named_objects(self) -> list[tuple[str, str]]:
        """List each object that an entry names, with the hash it is named with."""
        told = (
            each
            for entry in self.entries
            for each in (entry.detail, *_listed_in(entry.detail.get("objects")))
        )
        return [
            (each["object"], each["sha256"])
            for each in told
            if isinstance(each.get("object"), str) and isinstance(each.get("sha256"), str)
        ]


def _listed_in(objects: Any) -> list[dict[str, Any]]:
    """Take the objects that an entry names together; none where it is no such list."""
    listed = objects if isinstance(objects, list) else []
    return [each for each in listed if isinstance(each, dict)]


def _is_without_witness(office: Office) -> bool:
    """Whether the archive lies elsewhere, and this machine has never added to any chain of it."""
    return office.settings.archive.store == "s3" and not office.witness.chains()


def witnessed_chains(office: Office) -> list[str]:
    """List the chains of which the witness knows, whether the archive still has them or not."""
    return office.witness.chains()


def _stored(store: Store, prefix: str, findings: Findings) -> list[tuple[int, bytes]]:
    start = len(prefix) + 1
    listed = [
        int(key[start : start + 8])
        for key in findings.list(store, prefix)
        if re.fullmatch(r"[0-9]{8}\.json", key[start:])
    ]
    found = {seq: findings.read(store, entry_key(prefix, seq), check="chains") for seq in listed}
    # A folder that grows while it is listed may show a later entry and not an earlier one.
    for before, after in pairwise((0, *sorted(listed))):
        for seq in range(before + 1, after):
            data = findings.read(store, entry_key(prefix, seq), check="chains")
            if data is None:
                break
            found[seq] = data
    return sorted((seq, data) for seq, data in found.items() if data is not None)
