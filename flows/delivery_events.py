"""Telling Prefect what the provider told, for whoever sets an automation on it.

`letters.delivery.delivered` and its like, on the resource `letters.delivery.<send id>`, with
the letter beside it. They prove nothing, and bear no address. Imports Prefect.
"""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID, uuid5

from prefect.events import emit_event

from letters.events import ProviderEvent
from tasks.mailing.events import Applied

NAMESPACE = UUID("5f0c7bd8-3b1c-5c0e-9a52-6d3d3c1b8f47")
"""Of the events' ids, so that Prefect knows one that is told again."""

log = logging.getLogger("flows")


def emit_applied(applied: Applied) -> None:
    """Hand the events that are new in their cases to Prefect. Never raises."""
    try:
        for event in applied.stored:
            _emit(event)
    except Exception as error:  # whatever Prefect makes of it; the case holds the evidence
        log.warning("Prefect was not told what became of e-mails: %s", error)


def _emit(event: ProviderEvent) -> None:
    emit_event(
        f"letters.delivery.{event.event}",
        resource={
            "prefect.resource.id": f"letters.delivery.{event.send_id}",
            "prefect.resource.name": f"{event.reference} r{event.revision}",
        },
        related=[
            {
                "prefect.resource.id": f"letters.letter.{event.reference}",
                "prefect.resource.role": "letter",
            }
        ],
        occurred=datetime.fromisoformat(event.at),
        id=uuid5(NAMESPACE, event.sg_event_id),
    )
