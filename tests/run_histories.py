"""Builders of histories as `flows.history.run_history` returns them, without a Prefect."""

from itertools import count

from tests.issuing import REFERENCE

A_RUN = "fbb82091-8ae3-4cc2-b7db-07d53523b35b"

TYPES = {
    "AwaitingSignOff": "COMPLETED",
    "Issued": "COMPLETED",
    "Suspended": "PAUSED",
    "Resuming": "SCHEDULED",
    "AwaitingRetry": "SCHEDULED",
    "Retrying": "RUNNING",
}

_milliseconds = count()


def at(milliseconds=None):
    """A time on the morning on which tests begin, each later than the one before."""
    number = next(_milliseconds) if milliseconds is None else milliseconds
    return f"2011-03-14T09:00:{number // 1000:02}.{number % 1000:03}500+00:00"


def a_state(name, *, message=None, milliseconds=None):
    """A state of Prefect's; its type follows from its name."""
    return {
        "name": name,
        "type": TYPES.get(name, name.upper()),
        "timestamp": at(milliseconds),
        "message": message,
    }


def a_task_run(step, states, *, task_run_id="0b1ca2f4-0000-4000-8000-000000000001"):
    """A task run that went through the states of these names."""
    return {
        "task_run_id": task_run_id,
        "name": f"{step} {REFERENCE}",
        "run_count": states.count("Running") + states.count("Retrying"),
        "states": [a_state(name) for name in states],
    }


def a_line(message, level="INFO", *, logger="prefect.task_runs", task_run_id=None):
    """A line of a run's log."""
    return {
        "at": at(),
        "level": level,
        "logger": logger,
        "task_run_id": task_run_id,
        "message": message,
    }


def a_history(**overrides):
    """The history of a run that waits for its sign-off."""
    history = {
        "flow_run_id": A_RUN,
        "name": f"{REFERENCE} r1",
        "tags": [REFERENCE],
        "run_count": 1,
        "states": [a_state(name) for name in ("Pending", "Running", "Completed")],
        "task_runs": [],
        "logs": [],
    }
    return history | overrides
