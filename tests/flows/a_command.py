"""A command of an office, told by its standard input what to do: for tests with real processes.

Says `{"url": ...}` when it has its Prefect, then answers each line with one of JSON.
"""

import json
import sys
import threading
from pathlib import Path
from typing import Any
from uuid import UUID

from flows.dead_runs import mark_dead_runs_crashed
from flows.engine import embedded_prefect
from letters.errors import LettersError


def say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main(home: Path, ui: bool) -> None:
    with embedded_prefect(home, announce=lambda _: None, ui=ui) as engine:
        from prefect import flow, task
        from prefect.cache_policies import NO_CACHE
        from prefect.client.orchestration import get_client
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
        from prefect.runtime import flow_run

        @task(cache_policy=NO_CACHE, persist_result=False)
        def step(number: int) -> int:
            return number

        @flow
        def many_steps(steps: int) -> str:
            for number in range(steps):
                step(number)
            return str(flow_run.get_id())

        @flow
        def never_ending() -> None:
            say({"running": flow_run.get_id()})
            threading.Event().wait()

        def task_states(run: str) -> list[str | None]:
            of_run = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(run)]))
            with get_client(sync_client=True) as client:
                return [row.state_name for row in client.read_task_runs(flow_run_filter=of_run)]

        def state(run: str) -> str:
            with get_client(sync_client=True) as client:
                return str(client.read_flow_run(UUID(run)).state_name)

        say({"url": engine.url})
        for line in sys.stdin:
            match line.split():
                case ["run", times, steps]:
                    say([many_steps(int(steps)) for _ in range(int(times))])
                case ["task-states", *runs]:
                    say([task_states(run) for run in runs])
                case ["state", run]:
                    say(state(run))
                case ["mark"]:
                    say([str(run.flow_run_id) for run in mark_dead_runs_crashed()])
                case ["run-for-ever"]:
                    never_ending()
                case ["leave"]:
                    break
    say("left")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), ui="ui" in sys.argv[2:])
    except LettersError as error:
        say({"error": error.code, "where": error.where, "message": error.message})
