"""Letters a second, with a few of them: nothing is lost where several machines share a server."""

from pathlib import Path

import pytest

from benchmarks import rate
from benchmarks.postgres import programs


@pytest.mark.slow
@pytest.mark.skipif(
    programs() is None, reason="needs Debian's PostgreSQL, and a null device that all may write to"
)
def test_on_postgresql_every_task_run_is_there_after_the_server_was_stopped_at_once(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate, "LETTERS", 4)
    folder: Path = tmp_path_factory.mktemp("rate")

    figures = rate.on_postgresql(rate.Signed(folder))

    assert figures.missing == 0
    assert sorted(figures.cpu_seconds) == ["client", "database", "server"]
    assert 0 < figures.issued_seconds <= figures.recorded_seconds
