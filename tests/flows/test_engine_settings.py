"""What Prefect is told by our settings, and what of its database it forgets by them."""

import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.engine import embedded_prefect
from flows.engine_home import EngineHome
from flows.engine_settings import (
    SHARED_CLIENT,
    SHARED_SERVER,
    embedded_environment,
    given_environment,
    server_settings,
)
from tests.served import wait_for

FORGOTTEN_WITHIN_SECONDS = 180
SECRET = "letters:of-no-server"  # noqa: S105


@pytest.fixture(params=["an office's own server", "a server that machines share"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Prefect's settings as a server of ours reads them."""
    from prefect.settings import get_current_settings

    own = server_settings(tmp_path, url="http://127.0.0.1:1", secret=SECRET, ui=True)
    shared = request.param != "an office's own server"
    with embedded_environment(SHARED_SERVER if shared else own):
        yield get_current_settings().server


def test_servers_write_in_batches_and_forget_ended_runs_after_ninety_days(server: Any) -> None:
    services = server.services
    recorder, persister = services.task_run_recorder, services.event_persister

    assert (recorder.batch_size, recorder.read_batch_size) == (200, 100)
    assert recorder.flush_interval == 1
    assert (persister.batch_size, persister.read_batch_size) == (200, 100)
    assert services.db_vacuum.enabled_vacuum_types == {"events", "flow_runs", "orphans"}
    assert services.db_vacuum.retention_period == timedelta(days=90)
    assert server.events.retention_period == timedelta(days=7)
    assert server.analytics_enabled is False


def test_a_shared_server_keeps_its_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.settings import get_current_settings

    with embedded_environment(SHARED_SERVER):
        pool = get_current_settings().server.database.sqlalchemy

    assert (pool.pool_size, pool.max_overflow) == (20, 0)


def test_who_uses_a_shared_server_waits_for_no_heartbeat_and_asks_for_no_version() -> None:
    from prefect.settings import get_current_settings

    with embedded_environment(SHARED_CLIENT):
        settings = get_current_settings()

    assert settings.flows.heartbeat_frequency is None
    assert settings.client.server_version_check_enabled is False


def test_what_the_user_of_a_shared_server_has_set_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.settings import get_current_settings

    monkeypatch.setenv("PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED", "true")
    with given_environment():
        settings = get_current_settings()

    assert settings.client.server_version_check_enabled is True
    assert settings.flows.heartbeat_frequency is None


def test_an_offices_clients_load_one_certificate(tmp_path: Path) -> None:
    certificate = EngineHome.at(tmp_path / "prefect").certificate()

    context = ssl.create_default_context(cafile=str(certificate))

    assert context.cert_store_stats()["x509"] == 1


@pytest.mark.slow
def test_a_server_forgets_what_ended_long_ago_and_nothing_that_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of the server that the session's other tests share.
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    home = tmp_path / "prefect"
    with embedded_prefect(home, announce=lambda _: None):
        made = {
            "ended long ago": a_run("COMPLETED"),
            "ended lately": a_run("COMPLETED"),
            "waits since long ago": a_run("PAUSED"),
        }
    long_ago = datetime.now(UTC) - timedelta(days=91)
    make_old(home / "prefect.db", long_ago, made["ended long ago"], made["waits since long ago"])

    with embedded_prefect(home, announce=lambda _: None):
        assert wait_for(
            lambda: not is_there(made["ended long ago"]), seconds=FORGOTTEN_WITHIN_SECONDS
        )
        # They are deleted together, in one transaction.
        assert {what: is_there(run) for what, run in made.items()} == {
            "ended long ago": False,
            "ended lately": True,
            "waits since long ago": True,
        }


def a_run(kind: str) -> str:
    from prefect import flow
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.objects import State, StateType

    @flow
    def issue() -> None:
        """Never run."""

    with get_client(sync_client=True) as client:
        run = client.create_flow_run(issue)
        client.set_flow_run_state(run.id, State(type=StateType(kind)), force=True)
    return str(run.id)


def is_there(run: str) -> bool:
    from uuid import UUID

    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound

    try:
        with get_client(sync_client=True) as client:
            client.read_flow_run(UUID(run))
    except ObjectNotFound:
        return False
    return True


def make_old(database: Path, moment: datetime, *runs: str) -> None:
    """Put every moment that the database tells of these runs into the past."""
    told = moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    with closing(sqlite3.connect(database)) as rows, rows:
        for run in runs:
            rows.execute(
                "update flow_run set created = ?, updated = ?, start_time = ?,"
                " end_time = iif(end_time is null, null, ?), state_timestamp = ? where id = ?",
                (*[told] * 5, run),
            )
        assert rows.total_changes == len(runs)
