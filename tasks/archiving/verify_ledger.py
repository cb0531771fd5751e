"""Verification of the ledger: its chain, what it names, and who saw it from outside.

What belongs to no letter is named here: inspectors' keys, seals' certificates, time
stamps, disposals. The heads that it has seen of the cases' chains anchor those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from letters.canonical import sha256_hex
from letters.errors import LettersError
from tasks.archiving.anchors import SEEN, SENT, STAMPED
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.archiving.judges import Judges
from tasks.archiving.timestamps import check_stamp, trusted_certificates
from tasks.archiving.verify_notices import check_notices
from tasks.case.ledger import LEDGER, ledger_of
from tasks.case.office import Office
from tasks.case.record import ANNOUNCED

ROOMS = ("inspectors", "seals", "anchors", "disposals")
"""The folders whose objects the ledger names."""


class VerifiedLedger(NamedTuple):
    """What the ledger says of letters, and of the objects that belong to none."""

    chain: VerifiedChain
    heads: dict[str, list[tuple[int, str]]]
    """The heads that it has seen of each letter's chain."""
    closed: set[str]
    named: list[tuple[str, str]]
    announced: set[tuple[str, str]]
    """The objects that were about to be stored: key and hash."""
    events: list[tuple[int, str]]
    """The heads that it has seen of the chain of the provider's batches."""

    @classmethod
    def read(cls, office: Office, found: Findings) -> VerifiedLedger:
        """Read the ledger, its faults noted; what is checked after it asks no index of it."""
        ledger_of(office).leave_index()
        chain = VerifiedChain(office, LEDGER, found)
        heads: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        closed, announced = set[str](), set[tuple[str, str]]()
        events: list[tuple[int, str]] = []
        for entry in chain.entries:
            match entry.detail:
                case {"reference": str(told), "case_seq": int(seq), "case_head": str(head)}:
                    heads[told].append((seq, head))
                    if entry.event == "closed":
                        closed.add(told)
                    elif entry.event == "changed":
                        closed.discard(told)
                case {"key": str(key), "sha256": str(sha256)} if entry.event == ANNOUNCED:
                    announced.add((key, sha256))
                case {"seq": int(seq), "head": str(head)} if entry.event == SEEN:
                    events.append((seq, head))
        return cls(chain, dict(heads), closed, chain.named_objects(), announced, events)

    def check_named(self, office: Office, found: Findings, prefixes: tuple[str, ...]) -> None:
        """Check the objects below `prefixes` that the ledger names."""
        for key, sha256 in self.named:
            if key.startswith(prefixes):
                found.check_object(office.store, key, sha256, named_by="the ledger")

    def check_rooms(self, office: Office, keys: Iterable[str], found: Findings) -> None:
        """Check that nothing lies in the ledger's rooms that it doesn't name."""
        named = {key for key, _ in self.named}
        for key in keys:
            if key in named:
                continue
            data = found.read(office.store, key)
            if data is not None and (key, sha256_hex(data)) in self.announced:
                found.open_objects.append(key)
            else:
                found.differ("hashes", "added", key, "The ledger does not name it.")

    def check_anchors(self, office: Office, judges: Judges, found: Findings) -> None:
        """Check the ledger against what went out of it: e-mails and time stamps."""
        anchored = [0]
        for entry in self.chain.entries:
            match entry.detail:
                case {"seq": int(seq), "head": str(head)} if entry.event == SENT:
                    self.chain.check_anchor(seq, head, found, anchor="an e-mail of the ledger")
                    if entry.detail.get("result") == "accepted":
                        anchored.append(seq)
                case {"seq": int(seq), "head": str(head), "object": str(key)} if (
                    entry.event == STAMPED
                ):
                    self.chain.check_anchor(seq, head, found, anchor="a time stamp")
                    if _is_stamped(office, key, head, found):
                        anchored.append(seq)
        # Those in the outbox anchor what they were laid out for; that they left, nothing says.
        for _ in check_notices(office, self.chain, judges.read_ledger_head, found):
            pass
        found.unanchored_in_ledger = sum(1 for seq in self.chain.hashes if seq > max(anchored))


def _is_stamped(office: Office, key: str, head: str, found: Findings) -> bool:
    """Check a time stamp; tell whether somebody who is trusted vouches for it."""
    data = found.read(office.store, key)
    if data is None:
        return False
    try:
        file = office.settings.anchors.tsa_trust_file
        trust = trusted_certificates(office.root / file) if file else ()
        return check_stamp(data, head, trust).is_trusted
    except LettersError as error:
        found.differ("chains", "anchor-differs", key, f"{error.message} [{error.code}]")
        return False
