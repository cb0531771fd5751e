"""A worker that is told to end leaves no run behind, wherever the run stood."""

import asyncio
import os
import signal
from types import SimpleNamespace
from uuid import uuid4

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def submitted(engine):
    """A run that waits for a worker of a pool."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate

    from flows.issue_letter import issue_letter

    pool = f"pool-{uuid4()}"
    template = {
        "variables": {"type": "object", "properties": {}},
        "job_configuration": {"stream_output": True},
    }
    with get_client(sync_client=True) as client:
        client.create_work_pool(
            WorkPoolCreate(name=pool, type="process", base_job_template=template)
        )
        deployment = client.create_deployment(
            client.create_flow(issue_letter),
            f"worked-{uuid4()}",
            work_pool_name=pool,
            entrypoint="flows.issue_letter.issue_letter",
        )
        run = client.create_flow_run_from_deployment(deployment, parameters={"draft": "no.md"})
        yield SimpleNamespace(pool=pool, state=lambda: client.read_flow_run(run.id).state_type)


@pytest.mark.parametrize(
    ("api_seconds", "given_seconds", "becomes"),
    [
        # Without an office it can but fail; it came to its end all the same.
        pytest.param(2, 60, "FAILED", id="it is waited for"),
        pytest.param(60, 0.1, "SCHEDULED", id="nobody has the time: another worker begins it"),
    ],
)
def test_a_run_in_submission_when_the_worker_is_to_end(
    submitted, monkeypatch, tmp_path, api_seconds, given_seconds, becomes
):
    from flows import worker

    async def ends_while_the_api_is_busy(*_):
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(api_seconds)

    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "none"))
    submission = "_give_worker_labels_to_flow_run"  # after Pending, before there is a process
    monkeypatch.setattr(worker.WarmWorker, submission, ends_while_the_api_is_busy)
    monkeypatch.setattr(worker, "LAST_RUNS_SECONDS", given_seconds)

    worker.work(submitted.pool, name="w", limit=4, announce=lambda _: None)

    assert submitted.state() == becomes
