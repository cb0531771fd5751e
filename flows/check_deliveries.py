"""Looking after e-mails that were handed over: what the provider told, and what is in doubt.

Applies the batches that are not applied yet, settles what can be proven, and lists what
needs a person. Nothing is sent again by itself. Looked at are the letters that aren't
closed, and those archived in the last fortnight. Imports Prefect.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactCollectionFilter,
    ArtifactCollectionFilterKey,
)
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.delivery_events import emit_applied
from flows.idle_rounds import IDLE, STILL_NEEDING, forget_idle_rounds
from flows.needing import Needing, needing
from flows.office import open_office
from flows.troubles import Troubles
from letters.recipient import FrozenRecipient
from tasks.case.case import Case
from tasks.case.ledger import ledger_of
from tasks.case.office import Office
from tasks.mailing.batches import adopt_batches, unapplied
from tasks.mailing.events import apply_batch
from tasks.mailing.progress import settle_by_evidence
from tasks.templating import render_markdown_template

log = logging.getLogger("flows")

NEEDING = "NeedsAPerson"
"""The name of the state in which a round ends that has something new for a person."""

LOOKED_AT_FOR = timedelta(days=14)
"""After its archiving a closed letter's e-mails are looked at so long."""

ARTIFACT = "deliveries-to-settle"


@dataclass(frozen=True)
class DeliveryReport:
    """What one round did and found."""

    batches_applied: int = 0
    events_stored: int = 0
    settled: tuple[str, ...] = ()
    """`<reference> r<n>, <recipient>: <state>` of each that was ended by evidence."""
    needing: tuple[Needing, ...] = ()
    is_news: bool = False
    """Whether `needing` is not what was shown last."""
    troubles: tuple[str, ...] = ()
    """What failed, and why."""

    @property
    def has_done_anything(self) -> bool:
        """Whether anything was changed, or is to be shown."""
        return replace(self, needing=()) != DeliveryReport()

    @property
    def state_name(self) -> str | None:
        """What a round without troubles is called; None is Prefect's own word for it."""
        if self.needing:
            return NEEDING if self.has_done_anything else STILL_NEEDING
        return None if self.has_done_anything else IDLE

    def __str__(self) -> str:
        """Say what was done in a line, and each trouble and each e-mail in one of its own."""
        done = {
            "batches applied": self.batches_applied,
            "events kept": self.events_stored,
            "settled": len(self.settled),
        }
        told = ", ".join(f"{count} {what}" for what, count in done.items() if count)
        lines = (*self.troubles, *map(str, self.needing), told, *self.settled)
        return "\n".join(filter(None, lines)) or "Nothing to do."


@flow(name="check-deliveries", persist_result=False)
def check_deliveries() -> State[Any]:
    """Check the deliveries once: events, evidence, and what needs a person."""
    report = look_after_deliveries(open_office(is_register_needed=False))
    if report.troubles:
        return Failed(message=str(report))
    with suppress(Exception):  # they only take room, and the next round tries again
        forget_idle_rounds(check_deliveries.name)
    return Completed(name=report.state_name, message=str(report))


def look_after_deliveries(office: Office) -> DeliveryReport:
    """Do a round: apply, settle by evidence, list and show; one failing part stops no other.

    Within a flow run, whose artifact the list becomes.
    """
    troubles = Troubles()
    applied = stored = 0
    settled: list[str] = []
    wanting: list[Needing] = []
    keys: list[str] = []
    with troubles.met("naming batches that were left unnamed"):
        adopt_batches(office)
    with troubles.met("looking for batches"):
        keys = unapplied(office)
    for key in keys:
        with troubles.met(f"applying {key}"):
            done = apply_batch(office, key)
            applied += 1
            stored += len(done.stored)
            settled += done.settled
            emit_applied(done)
    with troubles.met("looking for letters"):
        for reference in letters_to_look_at(office):
            with troubles.met(f"looking at {reference}"):
                for case, revision, recipient in _deliveries(office, reference):
                    state, is_settled_now = settle_by_evidence(
                        case, revision, recipient, is_provider_asked=True
                    )
                    if is_settled_now:
                        settled.append(f"{reference} r{revision}, {recipient.id}: {state}")
                    wanting += needing(case, revision, recipient, state)
    report = DeliveryReport(
        batches_applied=applied,
        events_stored=stored,
        settled=tuple(settled),
        needing=tuple(wanting),
        is_news=_show(wanting),
        troubles=tuple(troubles.told),
    )
    log.info("%s", report)
    return report


def letters_to_look_at(office: Office) -> list[str]:
    """List the letters that are archived and not closed, or were archived not long ago.

    The ledger tells: cases that are long closed aren't read.
    """
    ledger = ledger_of(office)
    ends = ledger.latest_of("closed", "changed")
    closed = {reference for reference, last in ends.items() if last.event == "closed"}
    since = office.clock() - LOOKED_AT_FOR
    return sorted(
        reference
        for reference, last in ledger.latest_of("archived").items()
        if reference not in closed or datetime.fromisoformat(last.at) >= since
    )


def _deliveries(office: Office, reference: str) -> Iterator[tuple[Case, int, FrozenRecipient]]:
    case = Case(office, reference)
    for issue in case.rounds().issues:
        for recipient in case.recipients(issue.revision):
            yield case, issue.revision, recipient


def _show(wanting: list[Needing]) -> bool:
    """Show the list, unless that is what was shown last; tell whether it was new."""
    try:
        markdown = render_markdown_template("artifacts/deliveries_to_settle.md.j2", needing=wanting)
        with get_client(sync_client=True) as client:
            latest = client.read_latest_artifacts(
                artifact_filter=ArtifactCollectionFilter(
                    key=ArtifactCollectionFilterKey(any_=[ARTIFACT])
                )
            )
        if (latest[0].data if latest else None) == markdown or not (latest or wanting):
            return False
        create_markdown_artifact(
            key=ARTIFACT,
            markdown=markdown,
            description="E-mails that need a person, and what to do",
        )
    except Exception as error:  # whatever Prefect or a template makes of it
        log.warning("The e-mails that need a person can't be shown: %s", error)
    return True
