"""The verbs `letters work` and `letters desk`: parts of an office on several machines."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

from desk.failures import Exit
from desk.printing import print_fields, say
from desk.serving import serve_desk
from flows.engine import embedded_prefect
from flows.engine_settings import SHARED_CLIENT
from flows.equipment import require_seal
from letters.errors import UsageError
from tasks.case.keys import require_same_keys
from tasks.case.office import Office


def work_in_pool(office: Office, *, pool: str, name: str | None) -> int:
    """Run what is started in a work pool, until Ctrl-C or SIGTERM."""
    _require_shared_prefect()
    require_same_keys(office)
    serve = office.settings.serve
    _set_where_unset({**SHARED_CLIENT, "PREFECT_WORKER_QUERY_SECONDS": str(serve.poll_seconds)})
    os.environ["LETTERS_OFFICE"] = str(office.root)
    with embedded_prefect(office.root / "prefect", announce=say):
        # Prefect reads its settings when it is imported: only now.
        from flows.worker import work

        work(pool, name=name or socket.gethostname(), limit=serve.runs_at_once, announce=say)
    say("Ended. What waits goes on waiting.")
    return Exit.DONE


def open_desk(office: Office, *, reopen: Callable[[], Office]) -> int:
    """Serve the signing page and the webhook alone, until Ctrl-C or SIGTERM."""
    _require_shared_prefect()
    require_same_keys(office)
    require_seal(office)
    _set_where_unset(SHARED_CLIENT)

    def ready() -> None:
        say("The desk is open. Ctrl-C closes it.", style="bold green")
        print_fields("", [("signing page", office.settings.signing.origin)])

    serve_desk(office, reopen=reopen, announce=say, on_ready=ready)
    return Exit.DONE


def _require_shared_prefect() -> None:
    if not os.environ.get("PREFECT_API_URL"):
        raise UsageError(
            "No Prefect server is named that several machines share.",
            where="PREFECT_API_URL",
            remedy="Name it and its password (PREFECT_API_AUTH_STRING). An office on one machine"
            " needs neither: `letters serve`.",
            code="prefect-not-named",
        )


def _set_where_unset(settings: dict[str, str]) -> None:
    for name, value in settings.items():
        os.environ.setdefault(name, value)
