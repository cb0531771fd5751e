"""A sent e-mail written again, from what its case holds and its claim tells.

A provider keeps no copy that an auditor could be shown. Claim, recipient, covering e-mail
and sealed letter give the same bytes again, whose hash the claim has named before they
were sent. Whether they do is for who asks.
"""

from __future__ import annotations

from datetime import datetime

from letters.delivery import Claim
from letters.email import Email
from letters.recipient import FrozenRecipient
from tasks.case.case import Case
from tasks.mailing.message import build_message


def rebuild_message(
    case: Case, revision: int, recipient: FrozenRecipient, claim: Claim
) -> bytes | None:
    """Write a claimed e-mail again, to the byte; None where the claim doesn't tell its sender.

    Raises ObjectMissing, MessageRefused, ValueError for a record that isn't whole.
    """
    if claim.sender is None:
        return None
    return build_message(
        email=Email.model_validate_json(case.get(f"r{revision}/emails/{recipient.id}.json")),
        recipient=recipient,
        pdf=case.get(f"r{revision}/letter.pdf"),
        pdf_name=f"{case.reference}.pdf",
        mail=claim.sender,
        send_id=claim.send_id,
        reference=case.reference,
        revision=revision,
        case_head=claim.case_head,
        at=datetime.fromisoformat(claim.at),
        sample=case.letter(revision).sample,
    )
