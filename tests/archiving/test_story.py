"""A letter's story: the case's trail and Prefect's kept histories, put together by time."""

from datetime import UTC, datetime

import pytest

from letters.signoff import Decision
from tasks.archiving.runs import ROWS_AT_MOST, STEP, ends, keep_run
from tasks.archiving.story import in_brief, shown_history, shown_row, without_repetition
from tasks.case.record import StepRun
from tests.issuing import REFERENCE, a_sample_office, do, issue, submit
from tests.offices import TickingClock
from tests.run_histories import A_RUN, a_history, a_line, a_state, a_task_run

RUN = f"run {A_RUN[:8]}"
ANOTHER_RUN = "0c0ffee0-8ae3-4cc2-b7db-07d53523b35b"
A_TASK = "0b1ca2f4-0000-4000-8000-000000000001"


@pytest.fixture
def case(tmp_path):
    case, _ = submit(a_sample_office(tmp_path))
    return case


def keep(case, **overrides):
    history = a_history(**overrides)
    do(STEP, case, keep_run, history, ends(history))


def of_prefect(case):
    """What Prefect adds to the trail, each row in short."""
    return [
        (row["step"], row["event"], row["attempt"], row["detail"]["message"])
        for row in shown_history(case)
        if row["source"] == "prefect"
    ]


def moment(entry):
    """When an entry was written, as Prefect spells it."""
    at = entry.detail.get("intake_at", entry.at)
    return datetime.fromisoformat(at).astimezone(UTC).isoformat()


def test_a_case_without_histories_tells_its_own_trail(case):
    rows = shown_history(case)

    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert {row["source"] for row in rows} == {"case"}
    assert [set(row) for row in rows] == [
        {"source", "seq", "at", "actor", "step", "event", "attempt", "of", "detail"}
    ] * len(rows)


def test_what_prefect_knew_stands_between_the_entries_by_time(case):
    entries = case.chain.entries()
    names = ("Pending", "Running", "AwaitingSignOff")
    places = (1, 6, len(entries) - 1)
    keep(
        case,
        states=[
            {**a_state(name), "timestamp": moment(entries[place])}
            for name, place in zip(names, places, strict=True)
        ],
    )

    rows = shown_history(case)

    order = [row["seq"] or row["event"] for row in rows]
    assert order[:4] == [1, 2, "Pending", 3]
    assert order.index("Running") == order.index(7) + 1
    assert order.index("AwaitingSignOff") == order.index(len(entries)) + 1
    assert set(rows[0]) == set(rows[2])
    assert rows[2]["at"] == entries[1].detail["intake_at"]


def test_the_chain_keeps_its_order_whatever_the_clocks_said(tmp_path):
    clock = TickingClock()
    case, _ = submit(a_sample_office(tmp_path, clock=clock))
    clock.advance(-3600)
    StepRun(case, "render-letter").begin()

    rows = shown_history(case)

    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert rows[-1]["at"] < rows[0]["at"]


def test_every_state_of_a_run_and_its_tasks_is_told_with_its_attempt(case):
    keep(
        case,
        states=[a_state(name) for name in ("Running", "Suspended", "Running", "Issued")],
        task_runs=[
            a_task_run("email-recipient", ["Running", "AwaitingRetry", "Retrying", "Completed"])
        ],
    )
    keep(case, flow_run_id=ANOTHER_RUN, states=[a_state("Crashed", message="It was killed.")])

    task = f"email-recipient {REFERENCE}"
    assert of_prefect(case) == [
        (RUN, "Running", 1, None),
        (RUN, "Suspended", 1, None),
        (RUN, "Running", 2, None),
        (RUN, "Issued", 2, None),
        (task, "Running", 1, None),
        (task, "AwaitingRetry", 1, None),
        (task, "Retrying", 2, None),
        (task, "Completed", 2, None),
        (f"run {ANOTHER_RUN[:8]}", "Crashed", 1, "It was killed."),
    ]


LINES = {
    "a warning is told": (a_line("the disk is slow", "WARNING"), True),
    "an error is told": (a_line("Encountered exception:\nTraceback", "ERROR"), True),
    "a failed attempt that is followed by another is told": (
        a_line("Task run failed with exception: ConnectionError() - Retry 1/3 will start"),
        True,
    ),
    "what goes well is told by the states": (a_line("Beginning flow run"), False),
    "how a run ended is told by its state": (
        a_line("Finished in state Failed('x')", "ERROR"),
        False,
    ),
    "what the chain says is told by the chain": (
        a_line("render-letter: failed (attempt 1 of 4)", "WARNING", logger="tasks"),
        False,
    ),
    "what the work says besides is told": (
        a_line("The witness did not note it", "WARNING", logger="tasks.case.chain"),
        True,
    ),
}


@pytest.mark.parametrize("what", LINES)
def test_of_the_log(case, what):
    line, is_told = LINES[what]
    keep(case, states=[a_state("Failed")], logs=[line])

    expected = [(RUN, "log", 1, line["message"])] if is_told else []
    assert [row for row in of_prefect(case) if row[1] == "log"] == expected


def test_a_line_of_a_task_stands_under_its_name(case):
    keep(
        case,
        states=[a_state("Failed")],
        task_runs=[a_task_run("render-letter", ["Failed"])],
        logs=[a_line("out of paper", "ERROR", task_run_id=A_TASK)],
    )

    assert of_prefect(case)[-1] == (f"render-letter {REFERENCE}", "log", 1, "out of paper")


def test_what_a_run_repeats_at_its_next_end_is_told_once(case):
    first = [a_state("Running"), a_state("Crashed")]
    tasks = [a_task_run("draft-letter", ["Running", "Completed"])]
    lines = [a_line("it was killed", "ERROR")]
    keep(case, states=first, task_runs=tasks, logs=lines)
    once = of_prefect(case)

    then = [a_state("Running"), a_state("Issued")]
    keep(case, states=[*first, *then], task_runs=tasks, logs=lines)

    assert of_prefect(case) == [*once, (RUN, "Running", 2, None), (RUN, "Issued", 2, None)]


def test_a_history_that_was_cut_says_so(case):
    keep(case, states=[a_state("Running")] * (ROWS_AT_MOST + 5) + [a_state("Completed")])

    assert of_prefect(case)[-1] == (
        RUN,
        "log",
        1,
        "Too many to be kept: 6 states were left out.",
    )


def test_pending_is_left_out_of_the_table_where_the_run_went_on(case):
    keep(
        case,
        states=[a_state(name) for name in ("Pending", "Running", "Crashed")],
        task_runs=[a_task_run("draft-letter", ["Pending"])],
    )

    rows = without_repetition(shown_history(case))

    told = [(row["step"], row["event"]) for row in rows if row["source"] == "prefect"]
    assert told == [
        (RUN, "Running"),
        (RUN, "Crashed"),
        (f"draft-letter {REFERENCE}", "Pending"),
    ]


def test_in_brief_what_went_well_is_told_by_what_it_made(case):
    keep(
        case,
        states=[a_state(name) for name in ("Pending", "Running", "AwaitingSignOff")],
        task_runs=[a_task_run("prepare-pack", ["Pending", "Running", "Completed"])],
    )

    rows = in_brief(shown_history(case))

    assert [(row["step"], row["event"]) for row in rows if row["source"] == "case"] == [
        ("intake", "stored"),
        *[("draft-letter", "stored")] * 5,
        ("draft-letter", "completed"),
        *[("prepare-pack", "stored")] * 2,
        ("prepare-pack", "completed"),
        ("notify-inspectors", "notified"),
        ("housekeeping", "stored"),
    ]
    assert [row["event"] for row in rows if row["source"] == "prefect"] == [
        *("Running", "AwaitingSignOff"),
    ]


def test_in_brief_every_trouble_is_told(case):
    run = StepRun(case, "render-letter", attempt=1, of=4)
    run.fail(ConnectionError("the disk is asleep"), again_in_seconds=1)
    again = StepRun(case, "render-letter", attempt=2, of=4)
    again.begin()
    again.complete()
    StepRun(case, "archive-letter", of=4).begin()
    keep(
        case,
        states=[a_state("Running"), a_state("Crashed")],
        task_runs=[
            a_task_run("render-letter", ["Running", "AwaitingRetry", "Retrying", "Completed"])
        ],
        logs=[a_line("out of paper", "ERROR")],
    )

    rows = in_brief(shown_history(case))

    of_case = [
        (row["step"], row["event"], row["attempt"])
        for row in rows
        if row["step"] in ("render-letter", "archive-letter")
    ]
    assert of_case == [
        ("render-letter", "failed", 1),
        ("render-letter", "started", 2),
        ("render-letter", "completed", 2),
        ("archive-letter", "started", 1),
    ]
    assert [row["event"] for row in rows if row["source"] == "prefect"] == [
        *("Running", "Crashed"),
        *("AwaitingRetry", "Retrying", "Completed"),
        "log",
    ]


def test_in_brief_a_decision_is_told(tmp_path):
    case, _ = issue(a_sample_office(tmp_path), decision=Decision.RETURN)

    rows = in_brief(shown_history(case))

    (decided,) = [row for row in rows if (row["step"], row["event"]) == ("sign-off", "completed")]
    assert shown_row(decided).detail == "decision return, inspector helmsley"


def test_a_row_is_put_into_words(case):
    keep(case, states=[a_state("Failed", message="First line.\nSecond line.")])
    of_case, *_, of_prefect = sorted(
        (row for row in shown_history(case) if row["event"] in ("stored", "Failed")),
        key=lambda row: row["source"],
    )

    at = of_case["detail"]["intake_at"].replace("T", " ").removesuffix("Z")
    sha256 = of_case["detail"]["sha256"]
    assert shown_row(of_case) == (
        *("case 2", at, "tester@desk", "intake", "stored", ""),
        f"original.md, bytes {of_case['detail']['bytes']}, sha256 {sha256[:12]}…",
    )
    assert shown_row(of_prefect)[2:] == ("", RUN, "Failed", "", "First line.")
