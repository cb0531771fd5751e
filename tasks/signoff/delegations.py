"""Delegations as the archive holds them: given by name and dates, recalled."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from letters.audit import moment_text
from letters.canonical import stored_json
from letters.entitlement import Delegation, Recall
from letters.errors import UsageError
from letters.register import Inspector
from tasks.case.ledger import keep_and_enter
from tasks.case.office import Office
from tasks.signoff.rights import FOLDER, given, taken

STEM_BYTES = 16


class KeptDelegation(NamedTuple):
    """A delegation and what became of it."""

    stem: str
    delegation: Delegation
    recall: Recall | None


def delegations(office: Office, *, at: str | None = None) -> tuple[Delegation, ...]:
    """Read the delegations that count: now, or at an earlier moment.

    One that was given later, or had been recalled by then, doesn't.
    """
    return tuple(
        delegation
        for _, delegation, recall in kept_delegations(office)
        if (at is None or delegation.at <= at)
        and (recall is None or (at is not None and at < recall.at))
    )


def kept_delegations(office: Office) -> tuple[KeptDelegation, ...]:
    """Read every delegation that the ledger names, the oldest first."""
    found = []
    for delegate in _delegates(office):
        recalls = taken(office, delegate, ".recalled.json", Recall, entered_as="recalled")
        rights = given(office, delegate, ".delegation.json", Delegation, entered_as="delegated")
        found += [KeptDelegation(stem, rights[stem], recalls.get(stem)) for stem in rights]
    return tuple(sorted(found, key=lambda kept: kept.delegation.at))


def delegate(
    office: Office, *, signatory: str, delegate: str, first_day: date, last_day: date
) -> Delegation:
    """Let `delegate` sign what bears the name of `signatory`, from one day to another.

    Both are ids of the register (the signatory also by printed name). The same once
    more changes nothing. Raises UsageError.
    """
    by, to = _inspector(office, signatory), _inspector(office, delegate)
    now = office.clock()
    _require_sensible(by, to, first_day=first_day, last_day=last_day, today=now.date())
    right = Delegation(
        signatory=by.name,
        delegate=to.id,
        first_day=first_day,
        last_day=last_day,
        at=moment_text(now),
        actor=office.actor,
    )
    for standing in delegations(office):
        if standing.model_copy(update={"at": right.at, "actor": right.actor}) == right:
            return standing
    keep_and_enter(
        office,
        "delegated",
        f"{FOLDER}/{to.id}/{office.random_bytes(STEM_BYTES).hex()}.delegation.json",
        stored_json(right.model_dump(mode="json")),
        inspector=to.id,
    )
    return right


def recall(office: Office, *, signatory: str, delegate: str) -> tuple[Delegation, ...]:
    """End every delegation from the one to the other; return those that were ended.

    Works for people who have left the register: by the printed name, and the id.
    Raises UsageError where there is none.
    """
    known = office.register.inspector(signatory)
    name = signatory if known is None else known.name
    ended = [
        kept
        for kept in kept_delegations(office)
        if kept.recall is None
        and (kept.delegation.signatory, kept.delegation.delegate) == (name, delegate)
    ]
    if not ended:
        raise UsageError(
            f"{delegate} does not sign for {name}.",
            where=f"{FOLDER}/{delegate}",
            remedy="`letters inspectors list` shows the delegations.",
            code="delegation-missing",
        )
    for stem, delegation, _ in ended:
        recalled = Recall(
            signatory=delegation.signatory,
            delegate=delegation.delegate,
            at=moment_text(office.clock()),
            actor=office.actor,
        )
        keep_and_enter(
            office,
            "recalled",
            f"{FOLDER}/{delegation.delegate}/{stem}.recalled.json",
            stored_json(recalled.model_dump(mode="json")),
            inspector=delegation.delegate,
        )
    return tuple(kept.delegation for kept in ended)


def _delegates(office: Office) -> list[str]:
    keys = (key.split("/") for key in office.store.list(FOLDER) if key.endswith(".delegation.json"))
    return sorted({parts[1] for parts in keys if len(parts) == 3})


def _inspector(office: Office, named: str) -> Inspector:
    found = office.register.inspector(named) or office.register.inspector_named(named)
    if found is None:
        raise UsageError(
            f"The register knows no inspector “{named}”.",
            where="inspectors.toml",
            remedy="Name one by the id that inspectors.toml gives.",
            code="inspector-missing",
        )
    return found


def _require_sensible(
    by: Inspector, to: Inspector, *, first_day: date, last_day: date, today: date
) -> None:
    if by.id == to.id:
        fault, remedy = (
            f"{by.name} needs no leave to sign for themselves.",
            "Name another delegate.",
        )
    elif by.sample != to.sample:
        fault = "A sample inspector and a real one can't sign for each other."
        remedy = "Sample inspectors sign sample letters only, real ones real letters only."
    elif last_day < first_day:
        fault, remedy = f"{last_day} is before {first_day}.", "Give the first day, then the last."
    elif last_day < today:
        fault, remedy = f"{last_day} is over.", "A delegation can't be given after the event."
    else:
        return
    raise UsageError(
        fault, where="letters inspectors delegate", remedy=remedy, code="delegation-impossible"
    )
