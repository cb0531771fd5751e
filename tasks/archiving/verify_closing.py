"""Verification of each round's closing: what it says, against what the case holds."""

from __future__ import annotations

import re
from typing import Any

from letters.canonical import sha256_hex
from letters.delivery import DOUBTFUL, ENDED, DeliveryState
from letters.recipient import FrozenRecipient, send_id
from tasks.archiving.findings import Findings, VerifiedChain
from tasks.case.case import Case
from tasks.case.record import announced_in
from tasks.case.rounds import CLOSING_NAME, Rounds, closing_name

MOST_ROUNDS = 10_000


def check_closing(case: Case, chain: VerifiedChain, found: Findings) -> None:
    """Check that each round was closed by its issue, after every delivery's good end."""
    # By the chain as it was read: what came after it is for another verification.
    known = {name for name, _ in (*chain.named_objects(), *announced_in(chain.entries))}
    start = case.key("")
    for key in sorted(known):
        is_closing = key.startswith(start) and re.fullmatch(CLOSING_NAME, key.removeprefix(start))
        if is_closing and not found.is_disposed(key):
            _check_one(case, key, chain, found)


def _check_one(case: Case, key: str, chain: VerifiedChain, found: Findings) -> None:
    try:
        number = next(n for n in range(1, MOST_ROUNDS) if case.key(closing_name(n)) == key)
        rounds = case.rounds()
        closed = rounds.closing(number)
        wrong = () if closed is None else _wrong(case, closed, rounds, number, chain, found)
    # Whatever an altered object makes our readers raise is one more finding.
    except Exception as error:
        wrong = (str(error).partition("\n")[0],)
    found.checked["manifest"] += 1
    for message in wrong:
        found.differ("manifest", "pack-differs", key, message)


def _wrong(
    case: Case,
    closed: dict[str, Any],
    rounds: Rounds,
    number: int,
    chain: VerifiedChain,
    found: Findings,
) -> tuple[str, ...]:
    revision = closed["revision"]
    issue = rounds.issue_of(revision)
    manifest = case.find(f"r{revision}/manifest.json")
    recipients = case.recipients(revision)
    is_so = {
        "It is of another letter.": closed["reference"] == case.reference,
        "It is of another pack than the issue.": issue is not None
        and issue == (number, revision, closed["pack"]),
        "It names another manifest.": manifest is not None
        and closed["manifest_sha256"] == sha256_hex(manifest),
        "It names an entry of the chain that isn't there.": chain.hashes.get(closed["case_seq"])
        == closed["case_head"],
        "It names other deliveries, or another end of one.": found.is_disposed(
            case.key(f"r{revision}/recipients.json")
        )
        or (
            len(closed["deliveries"]) == len(recipients)
            and all(
                _is_told(case, revision, *pair)
                for pair in zip(recipients, closed["deliveries"], strict=True)
            )
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
