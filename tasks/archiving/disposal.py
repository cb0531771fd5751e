"""Disposal: one person proposes to let go what is due, another approves, and it is removed.

The certificate is stored and entered into the ledger before the first byte goes. So whoever
is killed in between leaves a state that `verify` understands, and approving once more
removes what is left. The chains are never removed: they hold hashes, no words and no
addresses.
"""

from __future__ import annotations

import re
from typing import Any

from letters.audit import moment_text
from letters.canonical import sha256_hex
from letters.disposal import (
    LONGEST_WHY,
    Certificate,
    Disposal,
    Keeping,
    Named,
    is_same_user,
)
from tasks.archiving.certificates import (
    COMPLETED,
    DISPOSED,
    PROPOSED,
    certificate_key,
    find_certificate,
    find_proposal,
    is_completed,
    next_number,
    proposal_key,
    proposals,
)
from tasks.archiving.disposable import DisposalRefused, disposing_store, lot_of
from tasks.case.case import Case
from tasks.case.folder import FolderStore
from tasks.case.ledger import Event, keep_and_enter, ledger_of
from tasks.case.office import Office

_SENT = re.compile(r"r[1-9]\d*/deliveries/([0-9a-f]{32})/.+")


def propose(office: Office, of: str, keeping: Keeping, *, why: str) -> Disposal:
    """Propose to let go a class of a letter's (or `intake/<sha256>`), and enter that.

    Raises DisposalRefused, UsageError, StoreUnavailable.
    """
    why = _checked(why)
    lot = lot_of(office, of, keeping)
    for earlier in proposals(office):
        is_same = (earlier.of, earlier.keeping, earlier.objects) == (of, keeping, lot.objects)
        if is_same and find_certificate(office, earlier.number) is None:
            raise DisposalRefused(
                f"Proposal {earlier.number} of {earlier.proposed_by} asks for just this.",
                where=of,
                remedy=f"Another person approves it: `letters dispose --approve {earlier.number}`.",
                code="already-proposed",
            )
    while True:
        number = next_number(office)
        disposal = Disposal(
            number=number,
            of=of,
            keeping=keeping,
            objects=lot.objects,
            why=why,
            proposed_by=office.actor,
            proposed_at=moment_text(office.clock()),
            **lot.fields,
        )
        told = disposal.to_bytes()
        if _enter(office, disposal, PROPOSED, proposal_key(number), told) == told:
            return disposal


def approve(office: Office, number: int, *, why: str) -> Certificate:
    """Approve a proposal as another person than its proposer, and carry it out.

    What was approved before is carried out to its end, whoever asks. Raises
    DisposalRefused, UsageError, StoreRefused, StoreUnavailable.
    """
    proposal = find_proposal(office, number)
    certificate = find_certificate(office, number)
    if certificate is None:
        made = _certificate(office, proposal, why=_checked(why)).to_bytes()
        # One that a crash left without its entry was announced: it is entered now.
        stored = _enter(office, proposal, DISPOSED, certificate_key(number), made)
        certificate = Certificate.model_validate_json(stored)
    carry_out(office, certificate)
    return certificate


def carry_out(office: Office, certificate: Certificate) -> int:
    """Remove what a certificate names and is still there; return how many objects that were.

    Raises StoreRefused where the store keeps one of them after all.
    """
    if is_completed(office, certificate.number):
        return 0
    store, outbox = disposing_store(office), FolderStore(office.outbox_folder)
    # The e-mails first: what they say of the letter is checked against what goes next.
    for email in certificate.emails:
        outbox.remove(email.key)
    removed = 0
    for each in certificate.proposal.objects:
        if office.store.exists(each.key):
            store.remove(each.key)
            removed += 1
    ledger_of(office).append("ledger", COMPLETED, detail={"number": certificate.number})
    return removed


def _certificate(office: Office, proposal: Disposal, *, why: str) -> Certificate:
    if is_same_user(office.actor, proposal.proposed_by):
        raise DisposalRefused(
            f"{proposal.proposed_by} proposed it, and it is for another person to approve it.",
            where=f"proposal {proposal.number}",
            remedy="Have a colleague read `letters dispose` and approve it as another user of the"
            " operating system.",
            code="same-person",
        )
    lot = lot_of(office, proposal.of, proposal.keeping)
    # A closing of its own means that the case was reopened, and closed anew.
    if (lot.since.closing, lot.objects) != (proposal.closing, proposal.objects):
        now, then = set(lot.objects), set(proposal.objects)
        differing = sorted({each.key for each in now ^ then}) or ["its closing"]
        raise DisposalRefused(
            f"What would go is no longer what was proposed: {', '.join(differing[:5])}.",
            where=f"proposal {proposal.number}",
            remedy="Propose it anew, after you have seen what changed.",
            code="proposal-outdated",
        )
    return Certificate(
        proposal=proposal,
        emails=_emails(office, proposal),
        why=why,
        approved_by=office.actor,
        approved_at=moment_text(office.clock()),
    )


def _emails(office: Office, proposal: Disposal) -> tuple[Named, ...]:
    """Name the letter's e-mails that still lie in the outbox: addresses stand in them."""
    if proposal.keeping is Keeping.WORKING:
        return ()
    outbox, case = FolderStore(office.outbox_folder), Case(office, proposal.of)
    names = {f"{match[1]}.eml" for name in case.names() if (match := _SENT.fullmatch(name))}
    read = ((name, outbox.find(name)) for name in sorted(names))
    return tuple(Named(key=n, sha256=sha256_hex(data)) for n, data in read if data is not None)


def _enter(office: Office, disposal: Disposal, event: Event, key: str, data: bytes) -> bytes:
    detail: dict[str, Any] = {"number": disposal.number, "class": str(disposal.keeping)}
    if disposal.closing is None:
        detail["draft"] = disposal.of
    else:
        # As with every entry about a letter: the ledger anchors its chain.
        seq, head = Case(office, disposal.of).chain.head()
        detail |= {"reference": disposal.of, "case_seq": seq, "case_head": head}
    return keep_and_enter(office, event, key, data, **detail)


def _checked(why: str) -> str:
    why = why.strip()
    if not why or len(why) > LONGEST_WHY:
        raise DisposalRefused(
            f"The reason has {len(why)} characters; 1 to {LONGEST_WHY} are allowed.",
            where="--why",
            remedy="Say by which rule it may go; it stays in the certificate for good.",
            code="why-too-long" if why else "why-missing",
        )
    return why
