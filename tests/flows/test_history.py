import logging
from datetime import datetime
from typing import Any

import pytest

from flows.dead_runs import process_tag
from flows.engine import Engine

logger = logging.getLogger("tasks.mailing")


@pytest.fixture
def history(engine: Engine) -> dict[str, Any]:
    """Of a run whose only task fails once; the run ends in a state of its own name."""
    from prefect import flow, task
    from prefect.cache_policies import NO_CACHE
    from prefect.client.schemas.objects import State
    from prefect.context import TaskRunContext
    from prefect.states import Completed

    from flows.history import run_history

    @task(task_run_name="email", retries=1, cache_policy=NO_CACHE, persist_result=False)
    def email() -> None:
        context = TaskRunContext.get()
        assert context
        logger.info("attempt %s", context.task_run.run_count)
        if context.task_run.run_count == 1:
            raise ConnectionError("the provider hung up")

    @flow(flow_run_name="CRA-WIRRAL-2010-07-20")
    def issue() -> State[None]:
        email()
        return Completed(name="AwaitingSignOff", message="r1 waits for its inspector")

    state = issue(return_state=True)
    return run_history(str(state.state_details.flow_run_id))


@pytest.mark.slow
def test_a_history_tells_every_attempt_with_its_error(history: dict[str, Any]) -> None:
    (email,) = history["task_runs"]

    assert history["name"] == "CRA-WIRRAL-2010-07-20"
    assert history["tags"] == [process_tag()]
    assert [(s["name"], s["type"], s["message"]) for s in history["states"]] == [
        ("Pending", "PENDING", None),
        ("Running", "RUNNING", None),
        ("AwaitingSignOff", "COMPLETED", "r1 waits for its inspector"),
    ]
    assert (email["name"], email["run_count"]) == ("email", 2)
    assert [state["name"] for state in email["states"]] == [
        "Pending",
        "Running",
        "Retrying",
        "Completed",
    ]
    assert [(line["level"], line["message"]) for line in history["logs"]] == [
        ("INFO", "Beginning flow run 'CRA-WIRRAL-2010-07-20' for flow 'issue'"),
        ("INFO", "attempt 1"),
        (
            "INFO",
            "Task run failed with exception: ConnectionError('the provider hung up')"
            " - Retry 1/1 will start immediately",
        ),
        ("INFO", "attempt 2"),
        ("INFO", "Finished in state Completed()"),
        ("INFO", "Finished in state AwaitingSignOff('r1 waits for its inspector', type=COMPLETED)"),
    ]


@pytest.mark.slow
def test_the_times_of_a_history_are_utc_and_in_order(history: dict[str, Any]) -> None:
    (email,) = history["task_runs"]

    for rows, field in (
        (history["states"], "timestamp"),
        (email["states"], "timestamp"),
        (history["logs"], "at"),
    ):
        times = [row[field] for row in rows]
        assert times == sorted(times, key=datetime.fromisoformat)
        assert all(time.endswith("+00:00") for time in times)


@pytest.mark.slow
def test_a_run_is_found_by_its_tag(engine: Engine) -> None:
    from prefect import flow, tags

    from flows.history import runs_of

    @flow
    def nothing() -> None:
        pass

    with tags("reference:CRA-LEEDS-2010"):
        earlier, later = (nothing(return_state=True).state_details.flow_run_id for _ in range(2))

    assert runs_of("reference:CRA-LEEDS-2010") == (later, earlier)
