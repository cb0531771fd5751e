"""What a killed worker left goes on, and nothing else is touched."""

from uuid import uuid4

import pytest

from flows.dead_runs import process_tag

pytestmark = pytest.mark.slow

HERE = process_tag()
DEAD = ":".join([*HERE.split(":")[:2], "4194305", HERE.split(":")[3]])
ELSEWHERE = ":".join(["process", "another-machine", *DEAD.split(":")[2:]])


@pytest.fixture
def deployment(engine):
    """A deployment on the tests' server."""
    from prefect import flow
    from prefect.client.orchestration import get_client

    @flow
    def anything() -> None:
        """Do nothing."""

    with get_client(sync_client=True) as client:
        yield client.create_deployment(client.create_flow(anything), f"left-{uuid4()}")


@pytest.fixture
def a_run(deployment):
    """A run whose worker noted a process, with a task under way."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import FlowRunUpdate
    from prefect.client.schemas.objects import State, StateType

    def make(state, process):
        with get_client(sync_client=True) as client:
            run = client.create_flow_run_from_deployment(deployment)
            noted = FlowRunUpdate(infrastructure_pid=process)
            client.request(
                "PATCH",
                "/flow_runs/{id}",
                path_params={"id": run.id},
                json=noted.model_dump(mode="json", exclude_unset=True),
            )
            # After it: a run without a process is cancelled at once, by the server.
            client.set_flow_run_state(run.id, State(type=StateType(state)), force=True)
            task = {
                "task_key": "t",
                "dynamic_key": "0",
                "flow_run_id": str(run.id),
                "state": {"type": "RUNNING"},
            }
            answer = client.request("POST", "/task_runs/", json=task)
            return run.id, answer.json()["id"]

    return make


def states_of(run, task_run):
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        return client.read_flow_run(run).state_type, client.read_task_run(task_run).state_type


@pytest.mark.parametrize(
    ("state", "process", "seconds", "becomes"),
    [
        pytest.param("RUNNING", DEAD, -1, ("SCHEDULED", "CRASHED"), id="its process died here"),
        pytest.param("PENDING", DEAD, -1, ("SCHEDULED", "CRASHED"), id="it died as it began"),
        pytest.param("CANCELLING", DEAD, -1, ("CANCELLED", "CRASHED"), id="being cancelled"),
        pytest.param("RUNNING", DEAD, 60, ("RUNNING", "RUNNING"), id="it may just begin elsewhere"),
        pytest.param("RUNNING", HERE, -1, ("RUNNING", "RUNNING"), id="its process lives"),
        pytest.param("RUNNING", ELSEWHERE, -1, ("RUNNING", "RUNNING"), id="of another machine"),
        pytest.param("RUNNING", "4194305", -1, ("RUNNING", "RUNNING"), id="of another worker"),
        pytest.param("PAUSED", DEAD, -1, ("PAUSED", "RUNNING"), id="suspended, needs no process"),
        pytest.param("COMPLETED", DEAD, -1, ("COMPLETED", "RUNNING"), id="ended"),
    ],
)
def test_a_run_that_a_worker_left(a_run, monkeypatch, state, process, seconds, becomes):
    from flows.left_runs import take_up_left

    # Prefect's server says itself since when a state stands.
    monkeypatch.setattr("flows.left_runs.NOTED_SECONDS", seconds)
    left = a_run(state, process)

    take_up_left()

    assert states_of(*left) == becomes


@pytest.mark.parametrize(
    ("state", "seconds", "becomes"),
    [
        pytest.param("COMPLETED", -1, ("COMPLETED", "CRASHED"), id="its run has ended"),
        pytest.param("CRASHED", -1, ("CRASHED", "CRASHED"), id="its run has crashed"),
        pytest.param("COMPLETED", 60, ("COMPLETED", "RUNNING"), id="its last state may come"),
        pytest.param("RUNNING", -1, ("RUNNING", "RUNNING"), id="its run goes on"),
        pytest.param("PAUSED", -1, ("PAUSED", "RUNNING"), id="its run waits"),
    ],
)
def test_a_task_run_that_nobody_ends(a_run, monkeypatch, state, seconds, becomes):
    from flows.left_runs import end_forgotten_task_runs

    monkeypatch.setattr("flows.left_runs.RECORDED_SECONDS", seconds)
    forgotten = a_run(state, HERE)

    end_forgotten_task_runs()

    assert states_of(*forgotten) == becomes
