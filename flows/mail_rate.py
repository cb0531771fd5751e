"""Keeping to the rate at which a provider takes e-mails, whatever number of runs send them.

The slots are Prefect's own: a global concurrency limit that all runs of the office
share, and that operators see in its pages; how many a second is the setting's to say.
Imports Prefect.
"""

from __future__ import annotations

import hashlib
import logging
import math
from functools import cache

from prefect.client.orchestration import get_client
from prefect.concurrency.sync import rate_limit

from tasks.case.office import Office

SLOT_SECONDS = 600
"""How long a delivery waits for its turn before it goes out of turn: a limit stops no letter."""

log = logging.getLogger("flows")


def wait_for_turn(office: Office) -> None:
    """Wait until the office may hand over one more e-mail; at once where they stay in the house.

    Where Prefect can't keep the rate it is logged, and the e-mail goes out: the
    provider itself says when it is too much.
    """
    if office.provider.takes_samples:
        return
    name = limit_name(office)
    try:
        _keep(name, office.settings.mail.per_second)
        rate_limit(name, timeout_seconds=SLOT_SECONDS)
    except Exception as error:  # whatever Prefect's client raises
        log.warning("The rate of e-mails is not kept: %s", error)


def limit_name(office: Office) -> str:
    """Name the limit: offices that share a server have one each."""
    told = hashlib.sha256(str(office.root).encode()).hexdigest()[:8]
    return f"letters-mail-{told}"


@cache
def _keep(name: str, per_second: float) -> None:
    """Have Prefect know the limit, once a process."""
    with get_client(sync_client=True) as client:
        client.upsert_global_concurrency_limit_by_name(
            name, limit=math.ceil(per_second), slot_decay_per_second=per_second
        )
