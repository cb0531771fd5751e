"""Verification of what the provider told: its batches, and the events that cases hold of them.

An event in a case must stand, to the byte, in a batch that the chain of events names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from letters.canonical import sha256_hex
from letters.errors import LettersError
from tasks.archiving.anchors import EVENTS as CHAIN
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.archiving.judges import Judges
from tasks.case.office import Office

EVENTS = "events"

_IN_CHAIN = re.compile(rf"{CHAIN}/[0-9]{{8}}\.json")
_IN_CASE = re.compile(r"r[1-9]\d*/deliveries/[0-9a-f]{32}/event-[0-9a-f]{32}\.json")


class Batches:
    """The provider's batches as the chain of events names them, read at their first use."""

    def __init__(self, office: Office, judges: Judges) -> None:
        self._office = office
        self._judges = judges
        self._chain: VerifiedChain | None = None
        self._told: set[str] | None = None

    def check(
        self, keys: Iterable[str], anchors: Sequence[tuple[int, str]], found: Findings
    ) -> None:
        """Check every batch, and that no other lies there.

        `keys` were listed before; `anchors` are the heads that the ledger has seen.
        """
        self._chain = VerifiedChain(self._office, CHAIN, found)
        for seq, sha256 in anchors:
            self._chain.check_anchor(seq, sha256, found, anchor="the ledger")
        named = dict(self._chain.named_objects())
        store = self._office.store
        for key, sha256 in named.items():
            found.check_object(store, key, sha256, named_by="the chain of events")
        for key in keys:
            if key in named or _IN_CHAIN.fullmatch(key):
                continue
            data = found.read(store, key)
            if data is not None and self._judges.is_the_providers(self._office, key, data):
                found.open_objects.append(key)
            else:
                found.differ("hashes", "added", key, "The provider didn't sign it.")
        seen = max((seq for seq, _ in anchors), default=0)
        found.unanchored_entries += sum(1 for seq in self._chain.hashes if seq > seen)

    def check_case(self, prefix: str, names: Iterable[str], found: Findings) -> None:
        """Check that each event of a case stands in a batch."""
        for name in names:
            if not _IN_CASE.fullmatch(name):
                continue
            key = f"{prefix}/{name}"
            data = found.read(self._office.store, key, check="events")
            found.checked["events"] += 1
            if data is not None and sha256_hex(data) not in self._events(found):
                found.differ("events", "event-differs", key, "It stands in no batch that came.")

    def _events(self, found: Findings) -> set[str]:
        """Hash all events that came, as cases hold them."""
        if self._told is None:
            self._told = set()
            chain = self._chain or VerifiedChain(self._office, CHAIN, found)
            for key, sha256 in chain.named_objects():
                data = found.read(self._office.store, key)
                if data is None or sha256_hex(data) != sha256:
                    continue
                try:
                    self._told.update(map(sha256_hex, self._judges.read_events(data)))
                except (LettersError, ValueError):
                    found.differ("events", "unreadable", key, "It can't be read as a batch.")
        return self._told
