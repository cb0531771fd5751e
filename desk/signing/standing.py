"""What became of a revision, as its inspector is told."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from desk.signing.wording import Told, told_moment
from letters.case import State
from letters.refusals import PackStale, SignOffRefused
from letters.signoff import Decision, SignOff
from tasks.case.case import Case
from tasks.rendering.pack import require_as_packed
from tasks.signoff.decide import decision_on, freezing


class Stand(StrEnum):
    """Where a revision stands for whoever opens its page."""

    PREPARING = "preparing"
    WAITING = "waiting"
    FROZEN = "frozen"
    """Approved by a key that was revoked before all was sent."""
    RETURNED = "returned"
    SUPERSEDED = "superseded"
    APPROVED = "approved"
    ISSUED = "issued"
    DOUBTFUL = "doubtful"
    """Something lies there as a decision that doesn't count."""


DECIDABLE = frozenset({Stand.WAITING, Stand.FROZEN})


class Decided(NamedTuple):
    """Who decided what, when, and why."""

    decision: str
    by: str
    at: Told
    comments: str


class Standing(NamedTuple):
    """Where a revision stands, with what is told about it."""

    stand: Stand
    decided: Decided | None = None
    refusal: SignOffRefused | None = None
    """Why it is doubtful."""
    stale: PackStale | None = None
    """Why it can't be decided on: it would not go out as it is read here."""
    issued_at: Told | None = None


def standing_of(case: Case, revision: int) -> Standing:
    """Tell where a revision stands. What could be decided on is rendered again and compared."""
    try:
        decision = decision_on(case, revision)
        is_frozen = freezing(case, revision) is not None
    except SignOffRefused as refusal:
        return Standing(Stand.DOUBTFUL, refusal=refusal)
    state = case.state(revision)
    decided = None if decision is None else decided_by(decision)
    if is_frozen or (decided is None and state is State.AWAITING_SIGN_OFF):
        stand = Stand.FROZEN if is_frozen else Stand.WAITING
        return Standing(stand, decided, stale=_stale(case, revision))
    if decided is None:
        is_superseded = state is State.SUPERSEDED
        return Standing(Stand.SUPERSEDED if is_superseded else Stand.PREPARING)
    if decided.decision == Decision.RETURN:
        return Standing(Stand.RETURNED, decided)
    if state is State.ISSUED:
        return Standing(Stand.ISSUED, decided, issued_at=_closed_at(case))
    return Standing(Stand.APPROVED, decided)


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


def _closed_at(case: Case) -> Told | None:
    key = case.key("closed.json")
    moments = [e.at for e in case.chain.entries() if e.detail.get("object") == key]
    return told_moment(moments[0]) if moments else None
