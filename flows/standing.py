"""Where every open letter of an office stands: for whom it waits, until when, what mends it.

Told from the cases alone, for the office's page, for `letters list --due` and `letters
show`. A letter that can't be read is told like the others: it never hides them. What a
standing is belongs to `letters.standing`, how a revision is judged to `flows.judgement`,
and which drafts are blocked to `flows.blocked_drafts`. Imports no Prefect.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flows.blocked_drafts import blocked_drafts
from flows.judgement import SUBMIT, judge
from letters.case import State
from letters.deadline import Deadline, accepted_at, day_of, deadline_of
from letters.errors import LettersError
from letters.letter import Letter
from letters.recipient import FrozenRecipient, send_id
from letters.reference import Reference
from letters.standing import (
    OFFICE,
    UNREADABLE,
    OfficeStanding,
    Standing,
    most_urgent_first,
    shortened,
)
from tasks.archiving.hold_back import current_hold
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.case.open_letters import open_references, references_closed_since

BOUNCES_TOLD_FOR = timedelta(days=14)
"""So long after its closing a letter is listed for what the provider told of its e-mails."""


def standing_of_office(office: Office) -> OfficeStanding:
    """Tell where every open letter stands, and every blocked draft.

    Letters closed lately are listed while an e-mail of theirs needs a person. Raises the
    store's errors, and ChainBroken where the ledger can't be read.
    """
    still_open = [_standing_by(office, name) for name in open_references(office)]
    lately = references_closed_since(office, office.clock() - BOUNCES_TOLD_FOR)
    closed = (_standing_by(office, name) for name in lately)
    return OfficeStanding(
        letters=most_urgent_first([*still_open, *(one for one in closed if one.trouble)]),
        blocked=blocked_drafts(office),
    )


def _standing_by(office: Office, reference: str) -> Standing:
    """Tell where the letter stands that the ledger calls so, though it may be no reference."""
    try:
        case = Case(office, reference)
    except LettersError as error:
        return Standing(
            reference=reference,
            revision=0,
            authority="",
            kind="",
            state=UNREADABLE,
            waits_for=(OFFICE,),
            trouble=_unread(error.message),
            remedy="letters verify tells what was altered.",
        )
    return standing_of(case)


def standing_of(case: Case) -> Standing:
    """Tell where one letter stands, by its latest revision. Never raises."""
    try:
        return _standing(case)
    except Exception as error:  # whatever somebody made of its objects
        return _unreadable(case, error)


def _standing(case: Case) -> Standing:
    revisions = case.revisions()
    if not revisions:
        return _nameless(case).model_copy(
            update={
                "waits_for": (OFFICE,),
                "trouble": "Its case was opened, and no letter came into it.",
                "remedy": f"Submit its draft again: {SUBMIT}.",
            }
        )
    revision = revisions[-1]
    letter, state = case.letter(revision), case.state(revision)
    judged = judge(case, revision, state)
    left, taken, deadline = _days(case, revision, letter)
    return Standing(
        reference=case.reference,
        revision=revision,
        authority=letter.authority.name,
        kind=letter.kind_title,
        state=state,
        waits_for=judged.waits_for,
        since=judged.since,
        held_until=_held_until(case, revision) if state is State.HELD else None,
        due_on=None if deadline is None else deadline.due_on,
        working_days_left=left,
        working_days_taken=taken,
        trouble=judged.trouble,
        remedy=judged.remedy,
        is_correction=letter.replaces is not None,
    )


def _held_until(case: Case, revision: int) -> date | None:
    """Tell the last day of the hold, by the periods that the settings name now."""
    current, held = current_hold(case, revision), case.rounds().hold_of(revision)
    if current is not None:
        return current.until
    return None if held is None else held.period.until


def _days(
    case: Case, revision: int, letter: Letter
) -> tuple[int | None, int | None, Deadline | None]:
    """Count the working days left, or taken once every copy was accepted."""
    kind = case.office.kinds.get(letter.kind)
    deadline = None if kind is None else deadline_of(letter, kind)
    if deadline is None:
        return None, None, None
    if case.has_manifest(revision):
        moments = [_accepted(case, revision, each) for each in case.recipients(revision)]
        known = [moment for moment in moments if moment is not None]
        if moments and len(known) == len(moments):
            return None, deadline.working_days_taken(known), deadline
        if not moments:  # what it was sent to whom has been disposed of
            return None, None, None
    return deadline.working_days_left(day_of(case.office.clock())), None, deadline


def _accepted(case: Case, revision: int, recipient: FrozenRecipient) -> datetime | None:
    identity = send_id(case.reference, revision, recipient.email)
    told = [
        datetime.fromisoformat(event.at)
        for event in case.provider_events(revision, identity)
        if event.is_proof_of_acceptance
    ]
    return accepted_at(case.attempts(revision, identity)) or min(told, default=None)


def _unreadable(case: Case, error: Exception) -> Standing:
    verify = f"letters verify {case.reference} tells what was altered."
    message, remedy = f"{type(error).__name__}: {error}", verify
    if isinstance(error, LettersError):
        message, remedy = error.message, error.remedy if error.is_transient else verify
    return _nameless(case).model_copy(
        update={
            "state": UNREADABLE,
            "waits_for": (OFFICE,),
            "trouble": _unread(message),
            "remedy": remedy,
        }
    )


def _unread(reason: str) -> str:
    return f"It can’t be read: {shortened(reason)}"


def _nameless(case: Case) -> Standing:
    """Tell of a letter what its reference alone tells."""
    office, parsed = case.office, Reference.parse(case.reference)
    authority = next(
        (one.name for one in office.register.authorities if one.code == parsed.authority_code),
        parsed.authority_code,
    )
    kind = next((k.title for k in office.kinds.values() if k.code == parsed.kind_code), "")
    return Standing(
        reference=case.reference,
        revision=0,
        authority=authority,
        kind=kind,
        state=State.DRAFTED,
    )
