"""Keeping to the rate at which a provider takes e-mails, whatever number of runs send them.

The slots are Prefect's own: a global concurrency limit that all runs of the office
share, on whichever machine, and that operators see in its pages; how many a second is
the setting's to say.
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
from tasks.case.store import check_prefix

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
    """Name the limit by where the archive lies.

    That is the same on all machines of an office, each of which may have another folder
    for it, and another's for each office that shares a server with it.
    """
    told = hashlib.sha256(_place_of_archive(office).encode()).hexdigest()[:8]
    return f"letters-mail-{told}"


def _place_of_archive(office: Office) -> str:
    archive = office.settings.archive
    if archive.store == "folder":
        return str(office.root)
    # No name of a bucket holds a space.
    return f"{archive.endpoint} {archive.bucket} {check_prefix(archive.prefix)}"


@cache
def _keep(name: str, per_second: float) -> None:
    """Have Prefect know the limit, once a process."""
    with get_client(sync_client=True) as client:
        client.upsert_global_concurrency_limit_by_name(
            name, limit=math.ceil(per_second), slot_decay_per_second=per_second
        )
