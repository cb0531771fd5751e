"""Notices: what the office tells its own people about a letter, by e-mail.

An inspector is told that a letter waits for them (a delegate of two of its signatories
twice, with two links), and gets a receipt when it is
issued; the letters office is told of a return, and of an approved letter that stands
still. Owns whom to tell, once each, of what belongs to a letter's way; what waits too long
or went wrong is `alerts.py`'s. How a notice is told and noted is `telling.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

from letters.case import State
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.record import StepRun
from tasks.mailing.notice_words import Notice, OfficeKind
from tasks.mailing.telling import NoticeUndelivered, notify, to_office, try_all, undelivered

__all__ = [
    "NoticeUndelivered",
    "Summons",
    "notify_inspectors",
    "notify_office_of_frozen",
    "notify_office_of_lapse",
    "notify_office_of_return",
    "notify_office_of_stranded",
    "send_receipt",
]


class Summons(NamedTuple):
    """Who is asked to sign, and where."""

    inspector: str
    """Their id in the register."""
    name: str
    address: str
    link: str
    """To the signing page."""
    signatory: int | None = None
    """For which of several signatories, by the order of the letter."""


def notify_inspectors(run: StepRun[Case], revision: int, summoned: Sequence[Summons]) -> None:
    """Tell those who may sign that the revision waits for them, while it does.

    Raises NoticeUndelivered when all were tried.
    """
    if run.record.state(revision) is State.AWAITING_SIGN_OFF:
        try_all(partial(notify, run, Notice("waiting", revision, *one)) for one in summoned)


def notify_office_of_return(run: StepRun[Case], revision: int) -> None:
    """Tell the letters office who returned the revision, and why. Raises NoticeUndelivered."""
    _notify_office(run, "returned", revision, decided=Decision.RETURN)


def notify_office_of_stranded(run: StepRun[Case], revision: int) -> None:
    """Tell the office that no run goes on with an approved letter. Raises NoticeUndelivered."""
    _notify_office(run, "stranded", revision, decided=Decision.APPROVE)


def notify_office_of_lapse(run: StepRun[Case], revision: int) -> None:
    """Tell the office that a held letter was given back for a new date.

    Raises NoticeUndelivered.
    """
    if run.record.rounds().replaced_by(revision) == "new-date":
        notify(run, to_office(run.record, "lapsed", revision))


def notify_office_of_frozen(
    run: StepRun[Case], revision: int, signatories: Iterable[int | None] = (None,)
) -> None:
    """Tell the office that approvals wait to be confirmed: the signatories' whose key is revoked.

    Raises NoticeUndelivered when all were tried.
    """
    approved = {part.number for part in run.record.decisions(revision).approved}
    try_all(
        partial(notify, run, to_office(run.record, "frozen", revision, signatory=signatory))
        for signatory in signatories
        if signatory in approved
    )


def send_receipt(run: StepRun[Case], revision: int) -> None:
    """Send the closing to each inspector who approved the revision, once it is closed.

    Raises NoticeUndelivered when all were tried.
    """
    case = run.record
    if case.closing_of(revision) is not None:
        approved = case.decisions(revision).approved
        signers = {s.statement.inspector for part in approved for s in part.sign_offs}
        try_all(partial(_send_receipt_to, run, revision, signer) for signer in sorted(signers))


def _notify_office(
    run: StepRun[Case], kind: OfficeKind, revision: int, *, decided: Decision
) -> None:
    if run.record.decisions(revision).decision is decided:
        notify(run, to_office(run.record, kind, revision))


def _send_receipt_to(run: StepRun[Case], revision: int, inspector_id: str) -> None:
    case = run.record
    inspector = case.office.register.inspector(inspector_id)
    if inspector is None:
        raise undelivered(
            f"The register knows no inspector “{inspector_id}” any more",
            f"{case.reference} r{revision}, receipt",
            is_for_good=True,
        )
    notify(run, Notice("issued", revision, inspector.id, inspector.name, inspector.email))
