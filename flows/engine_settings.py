"""Prefect's settings, as environment variables: of an office's own server and of its clients.

Owns which settings are ours and why; imports nothing of Prefect, which reads the
environment once, when it is first imported. For an office's own server no PREFECT_*
variable from outside is heeded: a database, a key or a profile meant for another
project must not reach it. Who wants other settings runs a server and names it with
PREFECT_API_URL; then all their variables stand.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LOGGERS = ("letters", "tasks", "flows", "desk")
"""Standard library loggers whose lines belong in the logs of the run that wrote them."""

LOGGING = {
    "PREFECT_LOGGING_EXTRA_LOGGERS": ",".join(LOGGERS),
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    # The command line says itself how far it is.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
}

QUIET = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}

BATCHES = {
    # Single writes of every state keep the server busy, and it lags behind for seconds: what it
    # has not written down when it is stopped is lost. The interval is an integer; 0 spins.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
}

RETENTION = {
    # Only runs that have ended are ever deleted, by the day of their end, each with its task
    # runs, logs and artifacts. A letter may wait for its inspector as long as it likes. By
    # then the case has long kept the history.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(90 * 86_400),
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P7D",
}

CLIENT = {
    # A sync flow waits up to a second for its heartbeat's thread. The runner's heartbeats and
    # the process tag tell dead runs instead (flows.heartbeats, flows.dead_runs). The scalar
    # variable takes no null, the group's JSON does.
    "PREFECT_FLOWS": json.dumps({"heartbeat_frequency": None}),
    # A request at the beginning of each run.
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
}

SHARED_SERVER = {
    **QUIET,
    **BATCHES,
    **RETENTION,
    # As many connections as are at work at once, and none that is opened for one request.
    "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": "20",
    "PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW": "0",
    # What comes in while prefect-redis (0.3.0) writes a batch is forgotten, and its clock writes
    # one at any time: of a thousand task runs, four never ended. One at a time, by no clock.
    "PREFECT_REDIS_MESSAGING_PUBLISHER_BATCH_SIZE": "1",
    "PREFECT_REDIS_MESSAGING_PUBLISHER_PUBLISH_EVERY": "86400",
    # V2 calls an analytics host even with analytics off.
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}
"""Of a Prefect server that several machines share; its places and secrets are the deployment's."""

SHARED_CLIENT = {**LOGGING, **QUIET, **CLIENT}
"""Of whoever uses such a server."""


def client_settings(home: Path, *, url: str, secret: str, certificate: Path) -> dict[str, str]:
    """Return what a process needs in its environment to use the server at `url`, without TLS."""
    return {
        **_places(home),
        **LOGGING,
        **QUIET,
        **CLIENT,
        "PREFECT_API_URL": f"{url}/api",
        "PREFECT_API_AUTH_STRING": secret,
        "PREFECT_API_SSL_CERT_FILE": str(certificate),
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "NO_PROXY": _without_proxy("NO_PROXY"),
        "no_proxy": _without_proxy("no_proxy"),
    }


def server_settings(home: Path, *, url: str, secret: str, ui: bool) -> dict[str, str]:
    """Return what the server needs in its environment; `ui` also switches its services on."""
    services = str(ui).lower()
    return {
        **_places(home),
        **QUIET,
        **BATCHES,
        **RETENTION,
        "PREFECT_SERVER_API_AUTH_STRING": secret,
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home}/prefect.db",
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": url,
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": services,
        "PREFECT_SERVER_UI_ENABLED": services,
        # V2 calls an analytics host even with analytics off.
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
        "PREFECT_SERVER_UI_API_URL": f"{url}/api",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        # By default the pages are unpacked into the installed package.
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": f"{home}/ui",
        # Only deployments and automations need these.
        "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_ENABLED": services,
        "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_ENABLED": services,
        "PREFECT_SERVER_SERVICES_FOREMAN_ENABLED": services,
        "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": services,
        "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": services,
        "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": services,
        "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": services,
    }


def server_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of the server: `settings`, and of ours only what is neutral."""
    neutral = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PREFECT_", "LETTERS_"))
    }
    return neutral | dict(settings)


@contextmanager
def embedded_environment(settings: Mapping[str, str]) -> Iterator[None]:
    """Have `settings` and no other PREFECT_* variable in this process's environment."""
    others = {name for name in os.environ if name.startswith("PREFECT_")}
    with _environment({**dict.fromkeys(others), **settings}):
        yield


@contextmanager
def given_environment() -> Iterator[None]:
    """Have our wishes in the environment of a server's user, wherever nothing else is set."""
    with _environment({k: v for k, v in SHARED_CLIENT.items() if k not in os.environ}):
        yield


@contextmanager
def _environment(changes: Mapping[str, str | None]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in changes}
    _change_environment(changes)
    try:
        with _reread_settings():
            yield
    finally:
        _change_environment(before)


@contextmanager
def _reread_settings() -> Iterator[None]:
    """Have a Prefect that was imported before see the environment as it is now."""
    context: Any = sys.modules.get("prefect.context")
    if context is None:
        yield
        return
    before = context.GLOBAL_SETTINGS_CONTEXT
    context.refresh_global_settings_context()
    try:
        yield
    finally:
        context.GLOBAL_SETTINGS_CONTEXT = before


def _change_environment(changes: Mapping[str, str | None]) -> None:
    for name, value in changes.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _places(home: Path) -> dict[str, str]:
    return {"PREFECT_HOME": str(home), "PREFECT_PROFILES_PATH": str(home / "profiles.toml")}


def _without_proxy(name: str) -> str:
    return ",".join(filter(None, [os.environ.get(name), "127.0.0.1"]))
