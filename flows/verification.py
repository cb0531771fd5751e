"""Verification put together from the rooms that judge."""

from __future__ import annotations

from letters.report import Report
from tasks.archiving.verify import verify
from tasks.archiving.verify_case import Judges
from tasks.archiving.verify_sent import SentMessage
from tasks.case.office import Office
from tasks.mailing.message import case_head_of, parse_message
from tasks.signoff.decide import decision_on


def verify_office(office: Office, *, reference: str | None = None) -> Report:
    """Check one letter, or all of them. Raises UsageError for a letter that nobody knows."""
    return verify(office, judges=JUDGES, reference=reference)


def _read_message(data: bytes) -> SentMessage:
    parsed = parse_message(data)
    return SentMessage(
        subject=parsed.subject,
        text=parsed.text,
        html=parsed.html,
        pdf=parsed.pdf,
        to_address=parsed.to_address,
        case_head=parsed.case_head,
    )


JUDGES = Judges(decision_on=decision_on, read_message=_read_message, read_case_head=case_head_of)
