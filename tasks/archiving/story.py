"""A letter's history: the case's own trail and Prefect's kept histories, put together by time.

Owns the order, what counts as said already, what may be left out where someone only wants
to see how it went, and how a row reads. Reads only the case: what Prefect knew was copied
there by housekeeping.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from letters.audit import AuditEntry, moment_text
from tasks.archiving.runs import WARNINGS, LogLine, RunHistory, RunState, kept_runs
from tasks.case.case import Case

CHAIN_LOGGER = "tasks"
"""Writes a line into the run's log for each entry of the case's chain, which tells it itself."""

SHA256_DIGITS = 64

BESIDES = frozenset({"announced", "ledgered"})
"""Events that a step which does its work writes besides the work itself."""

Row = dict[str, Any]


def shown_history(case: Case) -> list[Row]:
    """Tell all that happened to a letter, the earliest first.

    A row has `source` (case or prefect), `at`, `actor`, `step`, `event`, `attempt`, `of`
    and `detail`, one of the case also `seq`. For Prefect `step` is the task's name or the
    run, `event` the state, or `log` for a line that tells of a failure.
    """
    of_case = [_of_entry(entry) for entry in case.chain.entries()]
    of_prefect: dict[tuple[Any, ...], Row] = {}
    for history in kept_runs(case):
        # A run's next end repeats what it was before.
        for row in _of_run(history):
            told = row["detail"]
            key = (told["run"], told.get("task_run"), row["at"], row["event"], told["message"])
            of_prefect.setdefault(key, row)
    timed = [*_in_their_order(of_case), *((row["at"], row) for row in of_prefect.values())]
    return [row for _, row in sorted(timed, key=lambda one: one[0])]


def without_repetition(rows: Sequence[Row]) -> list[Row]:
    """Leave out Prefect's `Pending` where the run went on: whatever runs was pending before."""
    went_on: set[tuple[Any, ...]] = set()
    told = []
    for row in reversed(rows):
        if row["source"] == "prefect" and row["event"] != "log":
            of_what = (row["detail"]["run"], row["detail"].get("task_run"))
            if row["event"] == "Pending" and of_what in went_on:
                continue
            went_on.add(of_what)
        told.append(row)
    return told[::-1]


def in_brief(rows: Sequence[Row]) -> list[Row]:
    """Leave out how steps went that went well, and keep what they did.

    What stays: what came to be, decisions, attempts after the first, failures, starts after
    which nothing came, and of Prefect the runs' own states and whatever troubled a task.
    """
    went_on: set[tuple[Any, ...]] = set()
    told = []
    for row in reversed(without_repetition(rows)):
        of_what = (row["source"], row["detail"].get("task_run"), row["step"])
        if not _is_untroubled(row, has_gone_on=of_what in went_on):
            told.append(row)
        if row["event"] == "started":
            went_on.discard(of_what)
        else:
            went_on.add(of_what)
    return told[::-1]


def _is_untroubled(row: Row, *, has_gone_on: bool) -> bool:
    if row["attempt"] > 1:
        return False
    if row["source"] == "case":
        match row["event"]:
            case "started":
                return has_gone_on
            case "completed":
                # Some say what came of it: the decision, or the revision.
                return not _in_words(row["detail"])
            case event:
                return event in BESIDES
    if "task_run" not in row["detail"]:
        return False
    return row["event"] == "Completed" or (row["event"] == "Running" and has_gone_on)


def happened_at(row: Row) -> str:
    """Tell when it happened: for what came before the case, when that was."""
    at: str = row["detail"].get("intake_at", row["at"])
    return at


def step_or_run(row: Row) -> str:
    """Name what a row is about as a table does: the step, and for Prefect the run it was in."""
    step: str = row["step"]
    if "task_run" not in row["detail"]:
        return step
    return f"{run_name(row['detail']['run'])}, {step.partition(' ')[0]}"


LEAST_READ = frozenset({"bytes", "message_sha256", "seq", "send_id", "sha256"})


class Shown(NamedTuple):
    """A row as people read it: words, on one line each."""

    source: str
    """`case 12`, by the number of its entry; or `prefect`."""
    at: str
    actor: str
    step: str
    event: str
    attempt: str
    """Empty for what had no other attempt."""
    detail: str


def shown_row(row: Row) -> Shown:
    """Put a row into words: names without their place, hashes shortened."""
    return Shown(
        source=f"case {row['seq']}" if row["seq"] else row["source"],
        at=happened_at(row).replace("T", " ").removesuffix("Z"),
        actor=row["actor"] or "",
        step=step_or_run(row),
        event=row["event"],
        attempt=_attempt(row),
        detail=_in_words(row["detail"]),
    )


def run_name(flow_run_id: str) -> str:
    """Shorten a run's id as far as people need it."""
    return f"run {flow_run_id[:8]}"


def _attempt(row: Row) -> str:
    if row["of"] is None:
        return str(row["attempt"]) if row["attempt"] > 1 else ""
    return f"{row['attempt']} of {row['of']}" if row["of"] > 1 else ""


def _in_words(detail: dict[str, Any]) -> str:
    told = []
    # What nobody reads stands last, where a narrow table cuts it off.
    for key, value in sorted(detail.items(), key=lambda item: item[0] in LEAST_READ):
        if key.startswith("intake_") or key in ("run", "task_run", "level"):
            continue
        if key == "message":
            told.append(str(value or "").partition("\n")[0])
        elif key in ("object", "of"):
            told.append(str(value).rpartition("/")[2])
        elif isinstance(value, str) and len(value) == SHA256_DIGITS:
            told.append(f"{key} {value[:12]}…")
        else:
            told.append(f"{key} {value}")
    return ", ".join(told)


def _of_entry(entry: AuditEntry) -> Row:
    return {"source": "case", **entry.model_dump(mode="json", exclude={"previous"})}


def _in_their_order(rows: Iterable[Row]) -> Iterator[tuple[str, Row]]:
    """Give each entry of the chain a time not before that of the entry before.

    A chain has its own order, whatever the clocks of its writers said.
    """
    latest = ""
    for row in rows:
        latest = max(latest, happened_at(row))
        yield latest, row


def _of_run(history: RunHistory) -> Iterator[Row]:
    run = history.flow_run_id
    name = run_name(run)
    yield from _of_states(history.states, name, {"run": run})
    names = {task_run.task_run_id: task_run.name for task_run in history.task_runs}
    for task_run in history.task_runs:
        place = {"run": run, "task_run": task_run.task_run_id}
        yield from _of_states(task_run.states, task_run.name, place)
    for line in history.logs:
        if _tells_of_a_failure(line):
            step = names.get(line.task_run_id or "", name)
            place = {"run": run, **({"task_run": line.task_run_id} if line.task_run_id else {})}
            detail = {**place, "level": line.level, "message": line.message}
            yield _row(line.at, step, "log", 1, detail)
    if history.left_out:
        detail = {"run": run, "message": _left_out(history.left_out)}
        yield _row(history.states[-1].timestamp, name, "log", 1, detail)


def _of_states(states: Iterable[RunState], step: str, place: Row) -> Iterator[Row]:
    attempt = 0
    for state in states:
        attempt += state.type == "RUNNING"
        detail = {**place, "message": state.message}
        yield _row(state.timestamp, step, state.name, max(attempt, 1), detail)


def _row(at: str, step: str, event: str, attempt: int, detail: Row) -> Row:
    return {
        "source": "prefect",
        "seq": None,
        "at": moment_text(datetime.fromisoformat(at)),
        "actor": None,
        "step": step,
        "event": event,
        "attempt": attempt,
        "of": None,
        "detail": detail,
    }


def _tells_of_a_failure(line: LogLine) -> bool:
    """Whether the line says what neither the chain nor a state says."""
    if line.logger == CHAIN_LOGGER or line.message.startswith("Finished in state"):
        return False
    # Prefect tells the error of an attempt that is followed by another as INFO.
    return line.level in WARNINGS or "failed with exception" in line.message


def _left_out(left_out: dict[str, int]) -> str:
    told = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in left_out.items())
    return f"Too many to be kept: {told} were left out."
