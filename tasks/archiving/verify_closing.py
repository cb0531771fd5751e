"""Verification of `closed.json`: what it says, against what the case holds."""

from __future__ import annotations

from typing import Any

from letters.canonical import sha256_hex
from letters.delivery import DOUBTFUL, ENDED, DeliveryState
from letters.recipient import FrozenRecipient, send_id
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.case.case import Case
from tasks.case.record import announced_in


def check_closing(case: Case, chain: VerifiedChain, found: Findings) -> None:
    """Check that the case was closed by its issue, after every delivery's good end."""
    key = case.key("closed.json")
    # By the chain as it was read: what came after it is for another verification.
    if key not in {name for name, _ in (*chain.named_objects(), *announced_in(chain.entries))}:
        return
    try:
        closed = case.closed()
        wrong = () if closed is None else _wrong(case, closed, chain)
    # Whatever an altered object makes our readers raise is one more finding.
    except Exception as error:
        wrong = (str(error).partition("\n")[0],)
    found.checked["manifest"] += 1
    for message in wrong:
        found.differ("manifest", "pack-differs", key, message)


def _wrong(case: Case, closed: dict[str, Any], chain: VerifiedChain) -> tuple[str, ...]:
    issue, revision = case.issue() or {}, closed["revision"]
    manifest = case.find(f"r{revision}/manifest.json")
    recipients = case.recipients(revision)
    is_so = {
        "It is of another letter.": closed["reference"] == case.reference,
        "It is of another pack than the issue.": (revision, closed["pack"])
        == (issue.get("revision"), issue.get("pack")),
        "It names another manifest.": manifest is not None
        and closed["manifest_sha256"] == sha256_hex(manifest),
        "It names an entry of the chain that isn't there.": chain.hashes.get(closed["case_seq"])
        == closed["case_head"],
        "It names other deliveries, or another end of one.": len(closed["deliveries"])
        == len(recipients)
        and all(
            _is_told(case, revision, *pair)
            for pair in zip(recipients, closed["deliveries"], strict=True)
        ),
    }
    return tuple(message for message, holds in is_so.items() if not holds)


def _is_told(case: Case, revision: int, recipient: FrozenRecipient, told: dict[str, str]) -> bool:
    """Whether a delivery is told as it is, or as it was before its acceptance came in late."""
    identity = send_id(case.reference, revision, recipient.email)
    state = case.delivery_state(revision, recipient)
    was = {state, DeliveryState.SETTLED_AS_SENT} if state is DeliveryState.ACCEPTED else {state}
    return (
        (told["recipient"], told["send_id"]) == (recipient.id, identity)
        and told["state"] in was
        and state in ENDED - DOUBTFUL
    )
