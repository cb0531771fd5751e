"""What became of a revision, as its inspector is told."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from desk.signing.visits import Visit
from desk.signing.wording import Told, told_moment
from letters.case import State
from letters.decisions import Decisions, Part, listed
from letters.refusals import PackStale, SignOffRefused
from letters.signoff import Decision, SignOff
from tasks.case.case import Case
from tasks.rendering.pack import require_as_packed
from tasks.signoff.decide import awaited_parts, decisions_on


class Stand(StrEnum):
    """Where a revision stands for whoever opens its page."""

    PREPARING = "preparing"
    WAITING = "waiting"
    PARTLY = "partly"
    """This signatory has signed; another still has to, or to confirm."""
    FROZEN = "frozen"
    """Approved, for this signatory, by a key that was revoked before all was sent."""
    RETURNED = "returned"
    SUPERSEDED = "superseded"
    APPROVED = "approved"
    ISSUED = "issued"
    HELD = "held"
    """Approved, and not sent before a period has ended."""
    REPLACED = "replaced"
    """Approved, and since corrected, withdrawn, or given back for a new date."""
    DOUBTFUL = "doubtful"
    """Something lies there as a decision that doesn't count."""


DECIDABLE = frozenset({Stand.WAITING, Stand.FROZEN})


_APPROVED = {
    State.ISSUED: Stand.ISSUED,
    State.HELD: Stand.HELD,
    State.CORRECTED: Stand.REPLACED,
    State.WITHDRAWN: Stand.REPLACED,
    State.RETURNED: Stand.REPLACED,
}
"""Where an approved revision stands; in any other state it is on its way."""


class Decided(NamedTuple):
    """Who decided what, when, and why."""

    decision: str
    by: str
    at: Told
    comments: str


class Seat(NamedTuple):
    """One of several signatories, as the page tells of them."""

    name: str
    decided: Decided | None
    is_frozen: bool


class Standing(NamedTuple):
    """Where a revision stands, with what is told about it."""

    stand: Stand
    decided: Decided | None = None
    """The decision that the page speaks of: this signatory's, or that on the whole."""
    seats: tuple[Seat, ...] = ()
    """All signatories, where they are several."""
    signed: str = ""
    """How many of them have signed, and whom it waits for."""
    waits_for: str = ""
    """The other signatories who still have to sign, or to confirm."""
    refusal: SignOffRefused | None = None
    """Why it is doubtful."""
    stale: PackStale | None = None
    """Why it can't be decided on: it would not go out as it is read here."""
    issued_at: Told | None = None


def standing_of(visit: Visit) -> Standing:
    """Tell where a revision stands for a visitor.

    What could be decided on is rendered again and compared.
    """
    case, revision, number = visit.case, visit.revision, visit.part.number
    try:
        decisions = decisions_on(case, revision)
        awaited = awaited_parts(case, revision)
    except SignOffRefused as refusal:
        return Standing(Stand.DOUBTFUL, refusal=refusal)
    part = decisions.part(number) or visit.part
    stand = _stand(decisions, part, case.state(revision), awaited)
    standing = Standing(
        stand,
        _spoken_of(stand, decisions, part),
        stale=_stale(case, revision) if stand in DECIDABLE else None,
        issued_at=_closed_at(case, revision) if stand is Stand.ISSUED else None,
    )
    if not decisions.is_joint:
        return standing
    return standing._replace(
        seats=tuple(_seat(each, is_frozen=each in awaited) for each in decisions.parts),
        signed=str(decisions),
        waits_for=listed([each.name for each in awaited if each != part]),
    )


def _stand(decisions: Decisions, part: Part, state: State, awaited: tuple[Part, ...]) -> Stand:
    if decisions.decision is Decision.RETURN:
        return Stand.RETURNED
    if state is State.SUPERSEDED:
        return Stand.SUPERSEDED
    if part.decision is None:
        return Stand.WAITING if state is State.AWAITING_SIGN_OFF else Stand.PREPARING
    if part in awaited:
        return Stand.FROZEN
    if awaited:
        return Stand.PARTLY
    return _APPROVED.get(state, Stand.APPROVED)


def _spoken_of(stand: Stand, decisions: Decisions, part: Part) -> Decided | None:
    if stand is Stand.RETURNED:
        part = decisions.returned[0]
    elif stand in {Stand.APPROVED, *_APPROVED.values()} and decisions.is_joint:
        names = listed([each.signer for each in decisions.parts])
        return Decided("approve", names, told_moment(decisions.latest), "")
    if stand is Stand.SUPERSEDED or part.sign_off is None:
        return None
    return decided_by(part.sign_off)


def _seat(part: Part, *, is_frozen: bool) -> Seat:
    if part.sign_off is None:
        return Seat(part.name, None, is_frozen=False)
    decided = decided_by(part.sign_off)._replace(by=part.signer)
    return Seat(part.name, decided, is_frozen)


def decided_by(sign_off: SignOff) -> Decided:
    """Tell a decision by the name that its signer had."""
    return Decided(
        str(sign_off.statement.decision),
        sign_off.enrolment.name,
        told_moment(sign_off.statement.at),
        sign_off.comments,
    )


def _stale(case: Case, revision: int) -> PackStale | None:
    try:
        require_as_packed(case, revision)
    except PackStale as stale:
        return stale
    return None


def _closed_at(case: Case, revision: int) -> Told | None:
    key = case.key(case.closing_name_of(revision))
    moments = [e.at for e in case.chain.entries() if e.detail.get("object") == key]
    return told_moment(moments[0]) if moments else None
