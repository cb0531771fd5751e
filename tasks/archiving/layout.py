"""What a case may hold, and what of it an interrupted run may have left without its entry.

What a step can't make again to the byte is announced before it is stored, and believed
to come from an interrupted run only if it was. Of the rest: each step writes that it
started before it puts its first object, and that it completed after it has named its
last. So an object without an entry is believed only where a step that makes such
objects started once more often than it completed. Anything else was laid there.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Set
from typing import NamedTuple

from letters.audit import AuditEntry
from letters.change import Change
from letters.delivery import Claim, Outcome, Settlement
from letters.email import Email
from letters.errors import LettersError
from letters.events import ProviderEvent
from letters.letter import Letter
from letters.pack import Pack
from letters.signoff import SignOff
from tasks.archiving.runs import NAME as RUN_NAME
from tasks.archiving.runs import STEP as HOUSEKEEPING
from tasks.archiving.runs import RunHistory
from tasks.case.case import Case
from tasks.case.intake import KEPT_AS
from tasks.case.record import ObjectForeign
from tasks.case.rounds import CHANGE_NAME, CLOSING_NAME, HELD_NAME, ISSUE_NAME
from tasks.case.sign_offs import SIGN_OFF_NAME

ENTRY_NAME = r"audit/[0-9]{8}\.json"
"""The chain's own entries, which their links check."""


class Kept(NamedTuple):
    """One kind of object: its name, what it must read as, and the steps that make it."""

    name: str
    read: Callable[[bytes], object]
    steps: tuple[str, ...]
    is_remade: bool = False
    """Whether its step makes it again to the byte, so that it needs no announcement."""


_REVISION = r"r[1-9]\d*"
_DELIVERY = rf"{_REVISION}/deliveries/[0-9a-f]{{32}}"
_DRAFTING = ("draft-letter",)
_MAILING = ("email-recipient", "settle-delivery")

PROVIDER_EVENT = "provider-event"
"""Bringing what a provider told afterwards into the case, which may be closed by then."""

HOLDING = "hold-letter"
"""Holding a case for good, or releasing it: at any time."""

HOLDING_BACK = "hold-back-letter"
"""Holding back the sending of a letter for a period, and ending that."""

LAYOUT = (
    Kept(r"case\.json", json.loads, _DRAFTING),
    Kept(rf"{_REVISION}/letter\.json", Letter.model_validate_json, _DRAFTING),
    Kept(rf"{_REVISION}/(recipients|draft/(cleared|overridden))\.json", json.loads, _DRAFTING),
    Kept(rf"{_REVISION}/draft/original\.({'|'.join(KEPT_AS)})", bytes, _DRAFTING),
    Kept(rf"{_REVISION}/proof\.pdf", bytes, ("prepare-pack",), is_remade=True),
    Kept(rf"{_REVISION}/pack\.json", Pack.model_validate_json, ("prepare-pack",), is_remade=True),
    Kept(
        rf"{_REVISION}/{SIGN_OFF_NAME}",
        SignOff.model_validate_json,
        ("sign-off",),
    ),
    # A seal can't be made again: the sealed file is announced.
    Kept(rf"{_REVISION}/letter\.pdf", bytes, ("render-letter",)),
    Kept(rf"{_REVISION}/letter\.(html|txt)", bytes, ("render-letter",), is_remade=True),
    Kept(
        rf"{_REVISION}/emails/[a-z0-9-]+\.json",
        Email.model_validate_json,
        ("render-letter",),
        is_remade=True,
    ),
    Kept(rf"{ISSUE_NAME}|{_REVISION}/manifest\.json", json.loads, ("archive-letter",)),
    Kept(CHANGE_NAME, Change.model_validate_json, ("change-letter", HOLDING_BACK)),
    Kept(rf"{_REVISION}/{HELD_NAME}", json.loads, (HOLDING_BACK,)),
    Kept(rf"{_DELIVERY}/claim-[1-9]\d*\.json", Claim.model_validate_json, _MAILING),
    Kept(rf"{_DELIVERY}/outcome-[1-9]\d*\.json", Outcome.model_validate_json, _MAILING),
    Kept(rf"{_DELIVERY}/settlement-[1-9]\d*\.json", Settlement.model_validate_json, _MAILING),
    Kept(
        rf"{_DELIVERY}/event-[0-9a-f]{{32}}\.json",
        ProviderEvent.model_validate_json,
        (PROVIDER_EVENT,),
        is_remade=True,
    ),
    Kept(CLOSING_NAME, json.loads, ("close-case",)),
    Kept(r"hold-[1-9]\d*\.json", json.loads, (HOLDING,)),
    Kept(RUN_NAME, RunHistory.model_validate_json, (HOUSEKEEPING,)),
)

AFTER_CLOSING = frozenset({HOUSEKEEPING, PROVIDER_EVENT, HOLDING})
"""The steps that still add to a case when it is closed."""


def unfinished_steps(entries: Iterable[AuditEntry]) -> frozenset[str]:
    """Name the steps that started more often than they completed.

    A failed attempt counts as unfinished: its last object may be there, and only
    the answer that it is have been lost. One that came upon a foreign object had named
    all that it had stored.
    """
    begun = Counter[str]()
    for entry in entries:
        is_over = entry.event == "completed" or entry.detail.get("error") == ObjectForeign.code
        begun[entry.step] += (entry.event == "started") - is_over
    return frozenset(step for step, count in begun.items() if count > 0)


def is_left_over(
    name: str, data: bytes, unfinished: Set[str], *, was_announced: bool = False
) -> bool:
    """Whether an object without its entry may be what an interrupted run left."""
    for kept in LAYOUT:
        if re.fullmatch(kept.name, name):
            may_be_ours = kept.is_remade and not unfinished.isdisjoint(kept.steps)
            return (was_announced or may_be_ours) and _reads_as(kept, data)
    return False


def left_over(case: Case, revision: int) -> list[str]:
    """List the objects that interrupted runs left, and no run of `revision` has named since.

    Of `revision` itself only what was announced: all else was made again by its own run.
    """
    names = case.names()
    recorded = case.recorded()
    unfinished = unfinished_steps(case.chain.entries())
    found = []
    for name in names:
        if case.key(name) in recorded or re.fullmatch(ENTRY_NAME, name):
            continue
        data = case.get(name)
        steps = frozenset[str]() if name.startswith(f"r{revision}/") else unfinished
        if is_left_over(name, data, steps, was_announced=case.vouches_for(name, data)):
            found.append(name)
    return found


def _reads_as(kept: Kept, data: bytes) -> bool:
    try:
        kept.read(data)
    except (LettersError, ValueError, RecursionError):
        return False
    return True
