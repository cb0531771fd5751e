"""Whose runs go on when an office is served again: its own, and nobody else's."""

from uuid import uuid4

import pytest

from flows.dead_runs import process_tag

pytestmark = pytest.mark.slow


@pytest.fixture
def deployments(engine):
    """Two deployments on one server: ours, and somebody else's."""
    from prefect import flow
    from prefect.client.orchestration import get_client

    @flow
    def anything() -> None:
        """Do nothing."""

    with get_client(sync_client=True) as client:
        flow_id = client.create_flow(anything)
        yield [
            client.create_deployment(flow_id, f"{name}-{uuid4()}") for name in ("ours", "theirs")
        ]


def a_run(deployment, state, tags=()):
    """A run of a deployment in some state, without any process."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.objects import State, StateType

    with get_client(sync_client=True) as client:
        run = client.create_flow_run_from_deployment(deployment, tags=list(tags))
        client.set_flow_run_state(run.id, State(type=StateType(state)), force=True)
        return run.id


def state_of(run):
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        return client.read_flow_run(run).state_type.value


def a_dead_process():
    own = process_tag().split(":")
    return ":".join([*own[:2], "4194305", own[3]])


@pytest.mark.parametrize(
    ("state", "tags", "is_shared", "becomes"),
    [
        pytest.param("RUNNING", [], False, "SCHEDULED", id="running without a process"),
        pytest.param("PENDING", [], False, "SCHEDULED", id="about to begin"),
        pytest.param("CANCELLING", [], False, "CANCELLED", id="being cancelled"),
        pytest.param("PAUSED", [], False, "PAUSED", id="suspended, which needs no process"),
        pytest.param("COMPLETED", [], False, "COMPLETED", id="ended"),
        pytest.param("RUNNING", [process_tag()], False, "RUNNING", id="its process lives"),
        pytest.param("RUNNING", ["process:x"], False, "RUNNING", id="a tag that is none of ours"),
        pytest.param(
            "RUNNING", [], True, "RUNNING", id="on a shared server, without a process known"
        ),
        pytest.param(
            "RUNNING",
            [a_dead_process()],
            True,
            "SCHEDULED",
            id="on a shared server, its process died here",
        ),
    ],
)
def test_a_run_that_was_left(deployments, state, tags, is_shared, becomes):
    from flows.dead_runs import reschedule_interrupted

    ours, _ = deployments
    run = a_run(ours, state, tags)

    reschedule_interrupted([ours], is_shared=is_shared)

    assert state_of(run) == becomes


def test_the_runs_of_others_are_left_alone(deployments):
    from flows.dead_runs import reschedule_interrupted

    ours, theirs = deployments
    run = a_run(theirs, "RUNNING")

    assert reschedule_interrupted([ours], is_shared=False) == ()
    assert state_of(run) == "RUNNING"


@pytest.mark.parametrize("look", ["reschedule_interrupted", "mark_dead_runs_crashed"])
def test_a_run_that_somebody_cancels_meanwhile_stays_cancelled(deployments, monkeypatch, look):
    from prefect.client.orchestration import get_client
    from prefect.states import Cancelled

    from flows import dead_runs

    ours, _ = deployments
    run = a_run(ours, "RUNNING", [a_dead_process()])
    read = dead_runs._unfinished

    def cancelled_meanwhile(client):
        runs = read(client)
        with get_client(sync_client=True) as somebody:
            somebody.set_flow_run_state(run, Cancelled(), force=True)
        return runs

    monkeypatch.setattr(dead_runs, "_has_long_executed", lambda _: True)
    monkeypatch.setattr(dead_runs, "_unfinished", cancelled_meanwhile)

    if look == "reschedule_interrupted":
        dead_runs.reschedule_interrupted([ours], is_shared=False)
    else:
        dead_runs.mark_dead_runs_crashed()

    assert state_of(run) == "CANCELLED"
