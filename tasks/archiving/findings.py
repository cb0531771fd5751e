"""Collecting what a verification finds, and checking one chain."""

from __future__ import annotations

from letters.audit import AuditEntry, AuditEntryUnreadable, chain_faults
from letters.canonical import sha256_hex
from letters.report import Code, Difference, Report
from tasks.case.chain import entry_key, stored_entries
from tasks.case.office import Office
from tasks.case.store import Store


class Findings:
    """A report in the making."""

    def __init__(self) -> None:
        self.differences: list[Difference] = []
        self.open_objects: list[str] = []
        self.objects = 0
        self.entries = 0
        self.unanchored_entries = 0

    def differ(self, code: Code, key: str, message: str) -> None:
        """Note a difference, once."""
        difference = Difference(code=code, object=key, message=message)
        if difference not in self.differences:
            self.differences.append(difference)

    def check_object(self, store: Store, key: str, sha256: str, *, named_by: str) -> bytes | None:
        """Check that an object is there with the hash it is named with; return its bytes."""
        self.objects += 1
        data = store.find(key)
        if data is None:
            self.differ("missing", key, f"It is gone; {named_by} names it.")
        elif sha256_hex(data) != sha256:
            self.differ("changed", key, f"Its bytes are not those that {named_by} names.")
        return data

    def report(self, *, cases: int) -> Report:
        """Return what was found."""
        return Report(
            cases=cases,
            objects=self.objects,
            entries=self.entries,
            differences=tuple(self.differences),
            open_objects=tuple(self.open_objects),
            unanchored_entries=self.unanchored_entries,
        )


class VerifiedChain:
    """A chain as it lies in the store, with each entry's hash, its faults noted."""

    def __init__(self, office: Office, prefix: str, findings: Findings) -> None:
        stored = stored_entries(office.store, prefix)
        self.prefix = prefix
        self.hashes = {seq: sha256_hex(data) for seq, data in stored}
        self.entries: list[AuditEntry] = []
        findings.entries += len(stored)
        for fault in chain_faults(stored):
            findings.differ("chain-broken", entry_key(prefix, fault.seq), fault.message)
        for seq, data in stored:
            try:
                self.entries.append(AuditEntry.from_bytes(data, where=entry_key(prefix, seq)))
            except AuditEntryUnreadable:
                findings.differ("unreadable", entry_key(prefix, seq), "It is no audit entry.")
        for seq, sha256 in office.witness.heads(prefix):
            self.check_anchor(seq, sha256, findings, anchor="the witness")

    def check_anchor(self, seq: int, sha256: str, findings: Findings, *, anchor: str) -> None:
        """Check that the chain still has the entry that an anchor saw."""
        key = entry_key(self.prefix, seq)
        if seq == 0:
            return
        if seq not in self.hashes:
            findings.differ("cut-off", key, f"{anchor.capitalize()} has seen it; it is gone.")
        elif self.hashes[seq] != sha256:
            findings.differ("anchor-differs", key, f"{anchor.capitalize()} has seen another entry.")

    def named_objects(self) -> list[tuple[str, str]]:
        """List each object that an entry names, with the hash it is named with."""
        return [
            (entry.detail["object"], entry.detail["sha256"])
            for entry in self.entries
            if isinstance(entry.detail.get("object"), str)
            and isinstance(entry.detail.get("sha256"), str)
        ]
