"""For whom a revision waits and since when, what went wrong with it, and what mends it.

What only a person can mend comes before what still waits, and is told alone: the rest
can't go on before. Imports no Prefect.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from flows.last_run import last_run_trouble
from flows.needing import Needing, needing
from letters.case import State
from letters.change import Change
from letters.deadline import day_of
from letters.decisions import Decisions, Part, listed
from letters.letter import day_in_words
from letters.refusals import SignOffRefused
from letters.standing import AUTHOR, OFFICE, Awaited, Role, shortened
from tasks.archiving.hold_back import current_hold
from tasks.case.case import Case
from tasks.case.open_letters import open_references
from tasks.signoff.decide import awaited_parts, freezing
from tasks.signoff.inspectors import standing as keys_to_sign_with
from tasks.signoff.signers import Signer, awaited_signers

IDLE_AFTER = timedelta(minutes=10)
"""A letter that needs nobody has gone on within that time, if anything goes on with it."""

LATEST_RELEASE = timedelta(days=1)
"""So long after its hold's last day a letter has gone on, if anything goes on with it."""

_WORK = frozenset({State.DRAFTED, State.SIGNED, State.ARCHIVED, State.ISSUED})
"""States in which the machine has something to do."""

_IDLE = {
    State.DRAFTED: "It is drafted, and nothing prepares it for its sign-off.",
    State.SIGNED: "It is approved, and nothing goes on with it.",
    State.ARCHIVED: "It is archived, not all of its e-mails are sent, and nothing goes on with it.",
    State.ISSUED: "Its e-mails are sent, its case isn’t closed, and nothing goes on with it.",
}
SUBMIT = "letters issue DRAFT, or issue-letter in Prefect with the file’s name"


class Judged(NamedTuple):
    """For whom a revision waits, and why."""

    waits_for: tuple[Awaited, ...] = ()
    since: str | None = None
    trouble: str = ""
    remedy: str = ""


def judge(case: Case, revision: int, state: State) -> Judged:
    """Judge a revision by its state. Raises what a case that can't be read raises."""
    try:
        frozen = [approval.part for approval in freezing(case, revision)]
    except SignOffRefused as refusal:
        trouble = f"Its sign-off does not count: {shortened(refusal.message)}"
        remedy = refusal.remedy or f"letters verify {case.reference} tells what was altered."
        return Judged((OFFICE,), _last_entry_at(case), trouble, remedy)
    decisions = case.decisions(revision)
    if frozen:
        return _frozen(case, revision, frozen, decisions)
    wrong = list(_needing(case, revision, state))
    if wrong:
        return _needs_a_person(wrong)
    change = case.rounds().change
    if change is not None and change.revision == revision and state is not State.RETURNED:
        return _ordered(case, change)
    match state:
        case State.AWAITING_SIGN_OFF:
            return _awaiting(case, revision, decisions)
        case State.RETURNED:
            return _returned(case, decisions)
        case State.HELD:
            return _held(case, revision, decisions)
        case _ if state in _WORK and not _is_closed(case):
            return _worked_on(case, state, decisions)
        case _:
            return Judged()


def _frozen(case: Case, revision: int, frozen: list[Part], decisions: Decisions) -> Judged:
    names = listed([part.signer for part in frozen])
    return Judged(
        _signers(case, revision),
        decisions.latest,
        f"The key with which {names} approved it was revoked.",
        f"Have it confirmed with another key: letters sign {case.reference} prints the link.",
    )


def _needing(case: Case, revision: int, state: State) -> Iterator[Needing]:
    if state in (State.ARCHIVED, State.ISSUED):
        for recipient in case.recipients(revision):
            delivery = case.delivery_state(revision, recipient)
            yield from needing(case, revision, recipient, delivery)


def _needs_a_person(wrong: list[Needing]) -> Judged:
    first = wrong[0]
    others = f" And {len(wrong) - 1} more: letters deliveries lists them." if wrong[1:] else ""
    trouble = f"{first.recipient}: {shortened(first.known)}.{others}"
    since = min((one.at for one in wrong if one.at is not None), default=None)
    return Judged((OFFICE,), since, trouble, first.to_do)


def _awaiting(case: Case, revision: int, decisions: Decisions) -> Judged:
    since = decisions.latest or _stored_at(case, f"r{revision}/pack.json")
    waits_for = _signers(case, revision)
    unsigned = {one.instead_of or one.name for one in waits_for}
    missing = [part for part in awaited_parts(case, revision) if part.name not in unsigned]
    if missing:
        names = listed([part.name for part in missing])
        return Judged(
            (*waits_for, OFFICE),
            since,
            f"Nobody in the register may sign it for {names} today.",
            "Add the inspector to inspectors.toml, or record a delegate: letters inspectors"
            " delegate --help.",
        )
    keyless = _keyless(case, revision)
    if keyless:
        one = keyless[0].inspector
        return Judged(
            waits_for,
            since,
            f"{listed([signer.inspector.name for signer in keyless])} can’t sign: no key is"
            " enrolled.",
            f"Send a link to enrol one: letters inspectors enrol {one.id}.",
        )
    # How its run ended is no news: it needs none until it is decided, and then it is told.
    return Judged(waits_for, since)


def _returned(case: Case, decisions: Decisions) -> Judged:
    if not decisions.returned:
        return Judged(
            (AUTHOR,),
            _last_entry_at(case),
            "It was held until its date no longer fitted.",
            f"Give the draft a new date and submit it: {SUBMIT}.",
        )
    part = decisions.returned[0]
    comments = part.sign_offs[0].comments.strip().partition("\n")[0]
    return Judged(
        (AUTHOR,),
        decisions.latest,
        f"Returned by {part.signer}: “{shortened(comments)}”",
        f"Change the draft as the comments ask and submit it: {SUBMIT}.",
    )


def _held(case: Case, revision: int, decisions: Decisions) -> Judged:
    held, now = case.rounds().hold_of(revision), case.office.clock()
    is_over = held is not None and current_hold(case, revision) is None
    if held is None or not is_over or day_of(now - LATEST_RELEASE) <= held.period.until:
        return Judged(since=decisions.latest)
    trouble = f"Its hold ended on {day_in_words(held.period.until)}, and nothing goes on with it."
    return Judged((OFFICE,), decisions.latest, trouble, _go_on(case))


def _ordered(case: Case, change: Change) -> Judged:
    """Judge an issued letter whose correction or withdrawal is ordered and not drafted."""
    if not _is_idle_since(case, change.at):
        return Judged(since=change.at)
    trouble = f"Its {change.kind} was ordered on {_day(change.at)}, and nothing came of it yet."
    return Judged((OFFICE,), change.at, trouble, _go_on(case))


def _worked_on(case: Case, state: State, decisions: Decisions) -> Judged:
    """Judge what needs nobody, unless nothing goes on with it."""
    since = decisions.latest or _last_entry_at(case)
    trouble = last_run_trouble(case)
    if not trouble and _is_idle_since(case, _last_entry_at(case)):
        trouble = _IDLE[state]
    if trouble:
        return Judged((OFFICE,), since, trouble, _go_on(case))
    return Judged(since=since)


def _signers(case: Case, revision: int) -> tuple[Awaited, ...]:
    """List for whom it waits: of each signatory who may sign, or without a register their name."""
    office = case.office
    if not office.register.inspectors:
        parts = awaited_parts(case, revision)
        return tuple(Awaited(role=Role.INSPECTOR, name=part.name) for part in parts)
    signers = awaited_signers(case, revision, office.clock().date())
    return tuple(_awaited(signer) for signer in signers)


def _awaited(signer: Signer) -> Awaited:
    if signer.inspector.name == signer.part.name:
        return Awaited(role=Role.INSPECTOR, name=signer.inspector.name)
    return Awaited(role=Role.DELEGATE, name=signer.inspector.name, instead_of=signer.part.name)


def _keyless(case: Case, revision: int) -> list[Signer]:
    """List who may sign for a signatory for whom nobody has a key."""
    office = case.office
    signers = awaited_signers(case, revision, office.clock().date())
    with_key = {
        signer.part.name
        for signer in signers
        if signer.inspector.sample or keys_to_sign_with(office, signer.inspector.id)
    }
    return [signer for signer in signers if signer.part.name not in with_key]


def _is_idle_since(case: Case, moment: str) -> bool:
    return case.office.clock() - datetime.fromisoformat(moment) >= IDLE_AFTER


def _day(moment: str) -> str:
    return day_in_words(day_of(datetime.fromisoformat(moment)))


def _go_on(case: Case) -> str:
    return f"letters issue {case.reference}, or issue-letter in Prefect with that reference."


def _is_closed(case: Case) -> bool:
    return case.closed() is not None and case.reference not in open_references(case.office)


def _stored_at(case: Case, name: str) -> str | None:
    key = case.key(name)
    return next((e.at for e in case.chain.entries() if e.detail.get("object") == key), None)


def _last_entry_at(case: Case) -> str:
    return case.chain.entries()[-1].at
