"""A process of a campaign: it takes one letter after the other as far as it goes, until killed.

The plain steps, as the flow calls them. Owns what is done with a letter, and by which
lines the campaign learns how far it came; when the process dies is for `lives.py`.
"""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace

from letters.delivery import DOUBTFUL, DeliveryState
from letters.recipient import send_id
from tasks.case import faults
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.case.record import is_transient
from tasks.mailing.delivery import Delivery
from tasks.mailing.outbox import Outbox
from tasks.mailing.settle import NothingToSettle, settle
from tests.faults.campaign.chance import decision_of
from tests.faults.campaign.offices import IS_LATER, SEED, Shard
from tests.issuing import issue

TOLD = "told.txt"
"""Below an office's folder: a line for each letter that a process came to the end of."""

TROUBLES = "troubles.txt"
"""Errors that no process of the office should have met."""

ROUNDS = 8
"""More than the decisions that a letter may need."""


def work(
    shard: Shard,
    numbers: Iterable[int],
    *,
    is_later: bool,
    kill_at: str = "",
    sabotage: str = "",
) -> None:
    """Take these letters of an office as far as they go, one after the other."""
    logging.disable()  # that steps fail is what it is for
    SABOTAGE[sabotage]()
    told = {faults.VARIABLE: kill_at, IS_LATER: "yes" if is_later else ""}
    try:
        office = shard.open(**told)
        # Notices go to people of the office: another way, so that what the provider took
        # are letters.
        office = replace(office, notices=Outbox(office.root / "outbox" / "notices"))
        for number in numbers:
            _tell(shard, TOLD, f"{number} {_carried(office, shard.draft(number), is_later)}")
    except Exception as error:  # the campaign is to hear of every one
        if not is_transient(error):
            _tell(shard, TROUBLES, "".join(traceback.format_exception(error)))


def _carried(office: Office, draft: bytes, is_later: bool) -> str:
    """Take a letter as far as it goes; tell `closed`, `doubt`, `left` or `pending`."""
    for _ in range(ROUNDS):
        case, revision = issue(office, draft)
        if case.closed() is not None:
            return "closed"
        states = case.delivery_states(revision).values()
        if any(state not in DOUBTFUL for state in states if not _is_good(state)):
            return "pending"
        if not is_later:
            return "doubt"
        if not decide_doubts(case, revision):
            return "left"
    return "pending"


def decide_doubts(case: Case, revision: int) -> bool:
    """Decide deliveries in doubt as the lot falls; whether any was decided."""
    is_any = False
    for recipient in case.recipients(revision):
        state = case.delivery_state(revision, recipient)
        if state not in DOUBTFUL:
            continue
        to = send_id(case.reference, revision, recipient.email)
        decision = decision_of(
            os.environ[SEED],
            to,
            requests=len(case.attempts(revision, to)),
            is_refused=state is DeliveryState.REFUSED,
        )
        if decision != "none":
            why = "Nobody could find out: the lot fell so."
            with suppress(NothingToSettle):  # another process was first
                settle(case.office, case, revision, recipient, as_=decision, why=why)
            is_any = True
    return is_any


def _is_good(state: DeliveryState) -> bool:
    return state in (DeliveryState.ACCEPTED, DeliveryState.SETTLED_AS_SENT)


def _tell(shard: Shard, name: str, line: str) -> None:
    with (shard.folder / name).open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def _resend_unknown() -> None:
    """Break the protocol: what is unknown is taken for not sent."""
    right = Delivery.state

    def wrong(self, attempts, *, ahead_seconds=0):  # type: ignore[no-untyped-def]
        state = right(self, attempts, ahead_seconds=ahead_seconds)
        return DeliveryState.PENDING if state is DeliveryState.UNKNOWN else state

    Delivery.state = wrong  # type: ignore[method-assign]


def _believe_nothing() -> None:
    """Break the protocol: what is unsure is written down as not accepted."""
    from tests.faults.campaign.offices import AskedSendGrid

    right = AskedSendGrid.send

    def wrong(self, message, *, send_id):  # type: ignore[no-untyped-def]
        answer = right(self, message, send_id=send_id)
        return answer._replace(result="not-accepted") if answer.result == "unknown" else answer

    AskedSendGrid.send = wrong  # type: ignore[method-assign]


SABOTAGE: dict[str, Callable[[], None]] = {
    "": lambda: None,
    "resend-unknown": _resend_unknown,
    "believe-nothing": _believe_nothing,
}
"""How a delivery may be broken on purpose, to see that a campaign notices."""
