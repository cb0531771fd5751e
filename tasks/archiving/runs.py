"""Prefect's histories of the runs that worked on a letter, kept in its case.

Prefect forgets: its retention, or whoever may delete runs there, ends what it knows.
So the history of every ended run is copied into the case. Owns the shape in which it
is kept, how much of it, and its place. How it is read from Prefect is for
`flows.history`; when, for `flows.kept_runs`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

from pydantic import Field

from letters.canonical import stored_json
from letters.letter import Frozen
from letters.recipient import masked
from tasks.case.case import Case, CaseDamaged
from tasks.case.ledger import enter_last
from tasks.case.record import StepRun

STEP = "housekeeping"

NAME = r"runs/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/([1-9]\d*)\.json"
"""`runs/<flow run id>/<k>.json`: the run at its k-th end."""

ENDED = frozenset({"COMPLETED", "FAILED", "CANCELLED", "CRASHED"})
"""Prefect's terminal types of state: from them nothing goes on by itself."""

WARNINGS = frozenset({"WARNING", "ERROR", "CRITICAL"})

ROWS_AT_MOST = 500
"""Of a run's states, and of its task runs."""
ATTEMPTS_AT_MOST = 100
"""Of a task run's states."""
LINES_AT_MOST = 500
"""Of the log below WARNING."""
WARNINGS_AT_MOST = 10_000
"""More than a run can mean to say, and less than an object can hold."""
CHARACTERS_AT_MOST = 2000
"""Of one message: the first lines of a traceback, and its last."""

Row = TypeVar("Row")


class RunState(Frozen):
    """One state of a run or of a task run."""

    name: str
    type: str
    timestamp: str
    message: str | None


class TaskRun(Frozen):
    """A step as Prefect ran it, with every attempt."""

    task_run_id: str
    name: str
    run_count: int
    states: tuple[RunState, ...]


class LogLine(Frozen):
    """A line of the run's log; the error of an attempt followed by another stands only here."""

    at: str
    level: str
    logger: str
    task_run_id: str | None
    message: str


class RunHistory(Frozen):
    """What Prefect knew of a run when it had ended."""

    layout: Literal[1] = 1
    flow_run_id: str
    name: str
    tags: tuple[str, ...]
    run_count: int
    states: tuple[RunState, ...]
    task_runs: tuple[TaskRun, ...]
    logs: tuple[LogLine, ...]
    left_out: dict[str, int] = Field(default_factory=dict)
    """How many of what were too many to be kept: `{"logs": 4096}`."""


def ends(history: Mapping[str, Any]) -> int:
    """Count how often a run has ended: one that is retried ends again."""
    return sum(1 for state in history["states"] if state["type"] in ENDED)


def has_ended(history: Mapping[str, Any]) -> bool:
    """Whether the run's last state is an end, from which nothing goes on by itself."""
    states = history["states"]
    return bool(states) and states[-1]["type"] in ENDED


def keep_run(run: StepRun[Case], history: Mapping[str, Any], number: int) -> str:
    """Keep a run's history at its `number`-th end, once, and return the object's name.

    `history` is what `flows.history.run_history` returns. A closed case is anchored
    anew in the ledger, since its chain has grown.
    """
    case = run.record
    name = f"runs/{history['flow_run_id']}/{number}.json"
    data = stored_json(shortened(history).model_dump(mode="json"))
    run.once_announced(name, data)
    if case.closed() is not None:
        run.complete()
        enter_last(case, "recorded", name)
    return name


def kept_runs(case: Case) -> list[RunHistory]:
    """Read the histories that a case keeps, the ends of each run in order. Raises CaseDamaged.

    What was laid in by hand is none.
    """
    found = (re.fullmatch(NAME, name) for name in case.names())
    in_order = sorted(
        (match[1], int(match[2]), match[0])
        for match in found
        if match and case.find_known(match[0]) is not None
    )
    return [_read(case, name) for _, _, name in in_order]


def shortened(history: Mapping[str, Any]) -> RunHistory:
    """Bring a history to the size at which it is kept, addresses masked.

    Of too many states and task runs the first and the last stay; of the log, what is
    WARNING or worse, and of the rest the first and the last lines.
    """
    whole = RunHistory.model_validate(dict(history))
    states = _ends_of(whole.states, ROWS_AT_MOST)
    task_runs = _ends_of(whole.task_runs, ROWS_AT_MOST)
    logs = _telling(whole.logs)
    left_out = {
        "states": len(whole.states) - len(states),
        "task_runs": len(whole.task_runs) - len(task_runs),
        "task_run_states": sum(
            max(0, len(task_run.states) - ATTEMPTS_AT_MOST) for task_run in task_runs
        ),
        "logs": len(whole.logs) - len(logs),
    }
    return RunHistory(
        flow_run_id=whole.flow_run_id,
        name=whole.name,
        tags=whole.tags,
        run_count=whole.run_count,
        states=tuple(_state(state) for state in states),
        task_runs=tuple(
            task_run.model_copy(
                update={
                    "states": tuple(
                        _state(state) for state in _ends_of(task_run.states, ATTEMPTS_AT_MOST)
                    )
                }
            )
            for task_run in task_runs
        ),
        logs=tuple(line.model_copy(update={"message": _message(line.message)}) for line in logs),
        left_out={what: count for what, count in left_out.items() if count},
    )


def _telling(logs: Sequence[LogLine]) -> list[LogLine]:
    """Choose the lines to keep, in their order."""
    numbered = list(enumerate(logs))
    warnings = [one for one in numbered if one[1].level in WARNINGS]
    others = [one for one in numbered if one[1].level not in WARNINGS]
    kept = [*_ends_of(warnings, WARNINGS_AT_MOST), *_ends_of(others, LINES_AT_MOST)]
    return [line for _, line in sorted(kept, key=lambda one: one[0])]


def _ends_of(rows: Sequence[Row], at_most: int) -> Sequence[Row]:
    """Return all rows; of too many, the first and the last."""
    if len(rows) <= at_most:
        return rows
    first = at_most // 2
    return [*rows[:first], *rows[first - at_most :]]


def _state(state: RunState) -> RunState:
    message = state.message
    return state.model_copy(update={"message": None if message is None else _message(message)})


def _message(text: str) -> str:
    told = masked(text)
    if len(told) <= CHARACTERS_AT_MOST:
        return told
    half = CHARACTERS_AT_MOST // 2
    left_out = len(told) - 2 * half
    return f"{told[:half]} […{left_out} characters left out…] {told[-half:]}"


def _read(case: Case, name: str) -> RunHistory:
    try:
        return RunHistory.model_validate_json(case.get(name))
    except ValueError as error:
        raise CaseDamaged(
            "The history of a run can't be read.",
            where=case.key(name),
            remedy=f"Run `letters verify {case.reference}` to see what was altered.",
        ) from error
