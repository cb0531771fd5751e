"""The ledger's head goes out of the house, so that its past can't be written anew.

By e-mail to a mailbox that the office doesn't own, and as a time stamp by an authority
(RFC 3161) over the hash of the ledger's last entry. Nothing goes out while nothing but
anchors came since the last. Before, the ledger sees the head of the chain of the
provider's batches, as it sees those of cases. Owns when and what; the message is
`tasks/mailing`'s, the stamp `timestamps.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from letters.audit import AuditEntry
from tasks.archiving.timestamps import check_stamp, request_stamp, trusted_certificates
from tasks.case.ledger import keep_and_enter, ledger_of
from tasks.case.office import Answer, Office
from tasks.case.record import ANNOUNCED

SENT = "anchor-sent"
STAMPED: Final = "anchored"
TOLD = "differences-told"
"""The office was told of differences: it anchors nothing, and needs no anchor."""

SEEN = "events-seen"
"""The head of the chain of the provider's batches, as it was."""

EVENTS = "events/audit"

ROOM = "anchors"

SendAnchor = Callable[[Office, int, str], Answer]
"""Sends a head of the ledger to the mailbox, and notes that in the ledger."""


class Anchored(NamedTuple):
    """What went out."""

    seq: int
    head: str
    mailed: str = ""
    """What the mailbox's provider made of it; empty where nothing was to be sent."""
    stamp: str = ""
    """The key of the time stamp; empty where none was to be made."""


def anchor_ledger(office: Office, *, send_anchor: SendAnchor) -> Anchored | None:
    """Send the ledger's head out where the office says, unless nothing came since the last time.

    Raises ChainBroken, and the errors of the authority once the e-mail was sent.
    """
    ledger, anchors = ledger_of(office), office.settings.anchors
    ledger.require_whole()
    if anchors.mailbox is not None or anchors.tsa_url:
        _see_events(office)
    entries = ledger.entries()
    last = max((entry.seq for entry in entries if not _is_of_anchoring(entry)), default=0)
    is_mailed = anchors.mailbox is None or last <= last_sent(entries)
    is_stamped = not anchors.tsa_url or last <= last_stamped(entries)
    if last == 0 or (is_mailed and is_stamped):
        return None
    seq, head = ledger.head()
    mailed = "" if is_mailed else send_anchor(office, seq, head).result
    return Anchored(seq, head, mailed, "" if is_stamped else _stamp(office, seq, head))


def last_sent(entries: Iterable[AuditEntry]) -> int:
    """Tell up to which entry the ledger was sent to the mailbox."""
    return max(
        (
            int(entry.detail["seq"])
            for entry in entries
            if entry.event == SENT and entry.detail.get("result") == "accepted"
        ),
        default=0,
    )


def last_stamped(entries: Iterable[AuditEntry]) -> int:
    """Tell up to which entry the ledger was stamped."""
    return max((int(e.detail["seq"]) for e in entries if e.event == STAMPED), default=0)


def _see_events(office: Office) -> None:
    """Enter the head of the chain of events, unless the ledger has seen it."""
    seq, head = office.chain(EVENTS).head()
    seen = max((int(e.detail["seq"]) for e in ledger_of(office).entries_of(SEEN)), default=0)
    if seq > seen:
        ledger_of(office).append("ledger", SEEN, detail={"seq": seq, "head": head})


def _stamp(office: Office, seq: int, head: str) -> str:
    anchors = office.settings.anchors
    trust = (
        trusted_certificates(office.root / anchors.tsa_trust_file) if anchors.tsa_trust_file else ()
    )
    response = request_stamp(anchors.tsa_url, head)
    check_stamp(response, head, trust)
    key = f"{ROOM}/{seq:08d}-{head[:16]}.tsr"
    keep_and_enter(office, STAMPED, key, response, seq=seq, head=head)
    return key


def _is_of_anchoring(entry: AuditEntry) -> bool:
    if entry.event != ANNOUNCED:
        return entry.event in (SENT, STAMPED, TOLD)
    return entry.detail.get("of") == STAMPED or str(entry.detail.get("of")).startswith("notices/")
