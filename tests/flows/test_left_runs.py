"""What a killed worker left goes on, and nothing else is touched."""

from types import SimpleNamespace
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
def pool(engine):
    """A work pool, and what makes a worker in it beat."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate

    name = f"pool-{uuid4()}"

    def beats(worker):
        client.request(
            "POST",
            "/work_pools/{work_pool_name}/workers/heartbeat",
            path_params={"work_pool_name": name},
            json={"name": worker, "heartbeat_interval_seconds": 30},
        )

    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name=name, type="process"))
        yield SimpleNamespace(name=name, beats=beats)


@pytest.fixture
def office(pool):
    """The deployment of an office, whose runs workers of a pool take up."""
    from prefect.client.orchestration import get_client

    from flows.issue_letter import issue_letter

    with get_client(sync_client=True) as client:
        flow_id = client.create_flow(issue_letter)
        made = client.create_deployment(flow_id, "office", work_pool_name=pool.name)
        yield made
        client.delete_deployment(made)


@pytest.fixture
def a_run(deployment):
    """A run whose worker noted a process, with a task under way."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import FlowRunUpdate
    from prefect.client.schemas.objects import State, StateType

    def make(state, process, of=deployment):
        with get_client(sync_client=True) as client:
            run = client.create_flow_run_from_deployment(of)
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
    monkeypatch.setattr("flows.left_runs.PENDING_SECONDS", seconds)
    left = a_run(state, process)

    take_up_left()

    assert states_of(*left) == becomes


@pytest.mark.parametrize(
    ("process", "is_ours", "online", "seconds", "becomes"),
    [
        pytest.param(None, True, None, -1, "SCHEDULED", id="killed before it noted a process"),
        pytest.param(None, True, None, 60, "PENDING", id="it may just begin"),
        pytest.param(None, False, None, -1, "PENDING", id="of somebody else's deployment"),
        pytest.param(
            ELSEWHERE, True, None, -1, "SCHEDULED", id="resumed; its first machine is gone"
        ),
        pytest.param(
            ELSEWHERE, True, "another", -1, "SCHEDULED", id="another machine's worker is online"
        ),
        pytest.param(
            ELSEWHERE, True, "another-machine", -1, "PENDING", id="its machine looks itself"
        ),
        pytest.param(HERE, True, None, -1, "PENDING", id="its process lives"),
    ],
)
def test_a_run_that_never_began(
    a_run, deployment, office, pool, monkeypatch, process, is_ours, online, seconds, becomes
):
    from flows.left_runs import take_up_left

    monkeypatch.setattr("flows.left_runs.PENDING_SECONDS", seconds)
    left = a_run("PENDING", process, office if is_ours else deployment)
    if online is not None:
        pool.beats(online)

    take_up_left()

    assert states_of(*left)[0] == becomes


def test_a_run_that_somebody_cancels_meanwhile_stays_cancelled(a_run, monkeypatch):
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.states import Cancelled

    from flows.left_runs import take_up_left

    monkeypatch.setattr("flows.left_runs.NOTED_SECONDS", -1)
    run, task_run = a_run("RUNNING", DEAD)
    read = SyncPrefectClient.read_task_runs

    def cancelled_meanwhile(client, **options):
        client.set_flow_run_state(run, Cancelled(message="A person."), force=True)
        return read(client, **options)

    monkeypatch.setattr(SyncPrefectClient, "read_task_runs", cancelled_meanwhile)

    take_up_left()

    assert states_of(run, task_run)[0] == "CANCELLED"


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
def test_a_task_run_that_nobody_ends(a_run, office, monkeypatch, state, seconds, becomes):
    from flows.left_runs import end_forgotten_task_runs

    monkeypatch.setattr("flows.left_runs.RECORDED_SECONDS", seconds)
    forgotten, of_others = a_run(state, HERE, of=office), a_run(state, HERE)

    end_forgotten_task_runs()

    assert states_of(*forgotten) == becomes
    assert states_of(*of_others) == (state, "RUNNING")
