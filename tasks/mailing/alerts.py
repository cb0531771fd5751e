"""Alerts: notices of what waits too long, or went wrong.

The signatory who keeps a letter waiting is reminded; later their delegates are asked, and
the letters office is told. The office is told, too, of a run that failed, and of an e-mail
that did not reach its recipient. Owns whom to tell, once each; when, is for flows to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from letters.case import State
from letters.decisions import listed
from letters.events import FLAGS
from letters.recipient import FrozenRecipient, masked, send_id
from tasks.case.case import Case
from tasks.case.record import StepRun
from tasks.mailing.notice_words import Notice
from tasks.mailing.notices import Summons
from tasks.mailing.progress import progress_of
from tasks.mailing.telling import SAID_CHARACTERS, notify, to_office, try_all
from tasks.mailing.waited import Waited

HOW = {
    "bounce": "It bounced.",
    "blocked": "The receiving server blocked it.",
    "dropped": "The provider dropped it, since it had met with a refusal before.",
    "spamreport": "It was reported as spam.",
}
"""What each of `letters.events.FLAGS` says of an e-mail."""


class FailedRun(NamedTuple):
    """A run that failed or crashed."""

    id: str
    name: str
    has_crashed: bool
    at: str
    """When, as a person reads it."""
    said: str


def remind(
    run: StepRun[Case], revision: int, summoned: Sequence[Summons], *, waited: Waited
) -> None:
    """Remind those for whose decision a revision still waits, once each.

    Raises NoticeUndelivered when all were tried.
    """
    if run.record.state(revision) is State.AWAITING_SIGN_OFF:
        says = {"waited": str(waited), "left": waited.left}
        told = (Notice("reminder", revision, *one, says=says) for one in summoned)
        try_all(partial(notify, run, notice) for notice in told)


def escalate(
    run: StepRun[Case],
    revision: int,
    delegates: Sequence[Summons],
    *,
    signatory: int | None,
    name: str,
    waited: Waited,
) -> None:
    """Ask a signatory's delegates to decide, and tell the letters office, once each.

    `name` is the signatory's, `signatory` their number among several. Without any delegate
    the office is told that there is none. Raises NoticeUndelivered when all were tried.
    """
    if run.record.state(revision) is State.AWAITING_SIGN_OFF:
        says: dict[str, Any] = {
            "waited": str(waited),
            "left": waited.left,
            "waits_for": name,
            "delegates": listed([one.name for one in delegates]),
        }
        told = [Notice("escalated", revision, *one, says=says) for one in delegates]
        told.append(to_office(run.record, "escalated", revision, signatory=signatory, **says))
        try_all(partial(notify, run, notice) for notice in told)


def tell_office_of_failure(run: StepRun[Case], revision: int, failed: FailedRun) -> None:
    """Tell the letters office that a run of the letter failed, once. Raises NoticeUndelivered."""
    said = masked(failed.said)[:SAID_CHARACTERS]
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    says: dict[str, Any] = {
        "run_name": failed.name,
        "has_crashed": failed.has_crashed,
        "failed_at": failed.at,
        "said": lines or ["It said nothing."],
    }
    notify(run, to_office(run.record, "failed", revision, about=failed.id, **says))


def tell_office_of_bounce(run: StepRun[Case], revision: int, recipient: FrozenRecipient) -> bool:
    """Tell the letters office that an e-mail did not reach its recipient, once; whether it is so.

    It is what the case's own events say. Raises NoticeUndelivered, CaseDamaged.
    """
    case = run.record
    progress = progress_of(case, revision, recipient)
    if not progress.flags:
        return False
    says: dict[str, Any] = {
        "recipient": f"{recipient.name} ({recipient.role})",
        "recipient_id": recipient.id,
        "how": " ".join(HOW[flag] for flag in FLAGS if flag in progress.flags),
        "reason": masked(progress.reason),
    }
    about = send_id(case.reference, revision, recipient.email)
    notify(run, to_office(case, "bounced", revision, about=about, **says))
    return True
