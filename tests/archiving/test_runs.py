"""Prefect's histories in a case: what is kept of them, how often, and what `verify` makes of it."""

import re

import pytest

from flows.verification import verify_office
from letters.canonical import stored_json
from tasks.archiving.layout import is_left_over
from tasks.archiving.runs import (
    CHARACTERS_AT_MOST,
    LINES_AT_MOST,
    NAME,
    ROWS_AT_MOST,
    STEP,
    ends,
    has_ended,
    keep_run,
    kept_runs,
    shortened,
)
from tasks.case.case import CaseDamaged
from tasks.case.ledger import ledger_of
from tasks.case.record import StepRun
from tests.issuing import REFERENCE, a_sample_office, as_another_process, do, issue, submit
from tests.run_histories import A_RUN, a_history, a_line, a_state, a_task_run


@pytest.fixture
def closed(tmp_path):
    """A letter that is issued to its end."""
    case, _ = issue(a_sample_office(tmp_path))
    return case


@pytest.fixture
def waiting(tmp_path):
    """A letter that waits for its sign-off."""
    case, _ = submit(a_sample_office(tmp_path))
    return case


def keep(case, history=None):
    history = history or a_history()
    return do(STEP, case, keep_run, history, ends(history))


def verified(case):
    """Verify alone and with all; return what differs, is open, or isn't anchored."""
    reports = [
        verify_office(as_another_process(case.office), reference=r) for r in (REFERENCE, None)
    ]
    return [(r.differences, r.open_objects, r.unanchored_entries) for r in reports]


NOTHING = [((), (), 0)] * 2


@pytest.mark.parametrize(
    ("names", "number", "is_over"),
    [
        pytest.param("Pending Running", 0, False, id="a run that goes on"),
        pytest.param("Pending Running Completed", 1, True, id="a run that has ended"),
        pytest.param("Running Suspended", 0, False, id="a suspended run has not ended"),
        pytest.param("Running Crashed Running", 1, False, id="a retried run goes on"),
        pytest.param("Running Crashed Running Failed", 2, True, id="a retried run ends again"),
        pytest.param("Running Completed Cancelled", 2, True, id="an end set by hand is another"),
        pytest.param("", 0, False, id="a run of which nothing is known"),
    ],
)
def test_the_ends_of_a_run_are_told_by_its_terminal_states(names, number, is_over):
    history = a_history(states=[a_state(name) for name in names.split()])

    assert (ends(history), has_ended(history)) == (number, is_over)


def test_a_history_is_kept_once_and_named_in_the_chain(waiting):
    name = keep(waiting)
    before = waiting.names()

    assert keep(waiting) == name == f"runs/{A_RUN}/1.json"
    assert waiting.names() == before
    assert [
        (entry.step, entry.event) for entry in waiting.chain.entries() if entry.step == STEP
    ] == [(STEP, event) for event in ("started", "announced", "stored", "completed")]
    assert [run.name for run in kept_runs(waiting)] == [f"{REFERENCE} r1"]
    assert "recorded" not in {entry.event for entry in ledger_of(waiting.office).entries()}
    assert [told[:2] for told in verified(waiting)] == [((), ())] * 2


def test_what_was_kept_first_stays(waiting):
    keep(waiting)
    keep(waiting, a_history(name="another name"))

    assert [run.name for run in kept_runs(waiting)] == [f"{REFERENCE} r1"]


def test_histories_are_read_in_the_order_of_their_ends(waiting):
    for number in (10, 2, 1):
        keep(waiting, a_history(states=[a_state("Failed")] * number))

    assert [len(run.states) for run in kept_runs(waiting)] == [1, 2, 10]


def test_a_closed_case_is_anchored_again_and_stays_closed(closed):
    name = keep(closed)
    keep(closed)

    last = ledger_of(closed.office).entries()[-1]
    assert (last.event, last.detail["object"]) == ("recorded", closed.key(name))
    assert (last.detail["case_seq"], last.detail["case_head"]) == closed.chain.head()
    assert verified(closed) == NOTHING


def test_a_recording_killed_before_the_anchor_is_anchored_by_the_next(closed, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("tasks.archiving.runs.enter_last", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            keep_run(StepRun(closed, STEP), a_history(), 1)
    assert [told[2] for told in verified(closed)] == [4, 4]

    keep(closed)

    assert verified(closed) == NOTHING


def test_a_history_that_a_killed_recording_left_unnamed_is_open_until_it_is_named(closed):
    name = f"runs/{A_RUN}/1.json"
    data = stored_json(shortened(a_history()).model_dump(mode="json"))
    StepRun(closed, STEP).put_announced(name, data)

    assert [told[:2] for told in verified(closed)] == [((), (closed.key(name),))] * 2
    keep(closed)
    assert verified(closed) == NOTHING


ADDED = {
    "a history that nothing began to keep": (None, f"runs/{A_RUN}/1.json", None),
    "what is no history": (STEP, f"runs/{A_RUN}/1.json", b"{}\n"),
    "a history in another place": (STEP, f"runs/{A_RUN}/first.json", None),
    "another object of a closed case": (STEP, "r1/proof-2.pdf", b"%PDF"),
    "an object of a step that ends with the case": ("archive-letter", "issue-2.json", b"{}\n"),
}


@pytest.mark.parametrize("what", ADDED)
def test_what_is_laid_into_a_closed_case_is_found(closed, what):
    begun, name, data = ADDED[what]
    if begun:
        StepRun(closed, begun).begin()
    history = stored_json(shortened(a_history()).model_dump(mode="json"))
    closed.store.put(closed.key(name), data or history)

    differences = verify_office(closed.office).differences

    assert {(it.code, it.object) for it in differences} == {("added", closed.key(name))}


def test_a_changed_history_is_found_and_not_believed(closed):
    path = closed.store.root / closed.key(keep(closed))
    path.write_bytes(path.read_bytes().replace(b'"Completed"', b'"Cancelled"', 1))

    assert {it.code for it in verify_office(closed.office).differences} == {"changed"}

    path.write_bytes(b"{}\n")
    with pytest.raises(CaseDamaged, match="history of a run"):
        kept_runs(closed)


def test_the_name_of_a_history_is_that_of_a_run_and_its_end():
    names = [
        f"runs/{A_RUN}/1.json",
        f"runs/{A_RUN}/12.json",
        f"runs/{A_RUN}/0.json",
        f"runs/{A_RUN.upper()}/1.json",
        "runs/../1.json",
        f"runs/{A_RUN}/1.txt",
    ]

    assert [bool(re.fullmatch(NAME, name)) for name in names] == [True, True] + [False] * 4
    data = stored_json(shortened(a_history()).model_dump(mode="json"))
    assert is_left_over(names[0], data, set(), was_announced=True)
    assert not is_left_over(names[0], data, {"draft-letter"})


# What is kept of a huge run.


def test_a_usual_history_is_kept_whole():
    history = a_history(
        task_runs=[a_task_run("draft-letter", ["Pending", "Running", "Completed"])],
        logs=[a_line("one"), a_line("two", "ERROR")],
    )

    kept = shortened(history).model_dump(mode="json")

    assert {key: kept[key] for key in history} == history
    assert (kept["layout"], kept["left_out"]) == (1, {})


def test_of_too_many_lines_all_warnings_stay_and_the_first_and_last_others():
    lines = [
        a_line(f"{number}", "WARNING" if number % 3 == 0 else "INFO")
        for number in range(LINES_AT_MOST * 3)
    ]

    kept = shortened(a_history(logs=lines))

    half = LINES_AT_MOST // 2
    others = [line["message"] for line in lines if line["level"] == "INFO"]
    assert [line.message for line in kept.logs if line.level == "WARNING"] == [
        line["message"] for line in lines if line["level"] == "WARNING"
    ]
    assert [line.message for line in kept.logs if line.level == "INFO"] == [
        *others[:half],
        *others[-half:],
    ]
    assert kept.left_out == {"logs": len(others) - LINES_AT_MOST}
    numbers = [int(line.message) for line in kept.logs]
    assert numbers == sorted(numbers)


def test_of_too_many_states_and_task_runs_the_first_and_the_last_stay(monkeypatch):
    monkeypatch.setattr("tasks.archiving.runs.ATTEMPTS_AT_MOST", 10)
    spinning = [a_state("Running", message=str(number)) for number in range(ROWS_AT_MOST + 7)]
    task_runs = [
        {**a_task_run("draft-letter", []), "task_run_id": str(number), "states": spinning}
        for number in range(ROWS_AT_MOST + 3)
    ]

    kept = shortened(a_history(states=spinning, task_runs=task_runs))

    assert [kept.states[0].message, kept.states[-1].message] == ["0", str(ROWS_AT_MOST + 6)]
    assert [kept.task_runs[0].task_run_id, kept.task_runs[-1].task_run_id] == [
        "0",
        str(ROWS_AT_MOST + 2),
    ]
    assert [len(kept.states), len(kept.task_runs)] == [ROWS_AT_MOST] * 2
    assert {len(task_run.states) for task_run in kept.task_runs} == {10}
    assert kept.left_out == {
        "states": 7,
        "task_runs": 3,
        "task_run_states": ROWS_AT_MOST * (len(spinning) - 10),
    }


def test_a_long_message_says_what_was_left_out_of_it():
    kept = shortened(a_history(logs=[a_line("a" * 5000 + "the end", "ERROR")]))

    (line,) = kept.logs
    assert line.message.startswith("aaa")
    assert line.message.endswith("the end")
    assert f"[…{5007 - CHARACTERS_AT_MOST} characters left out…]" in line.message


def test_addresses_are_masked_in_what_prefect_was_told():
    history = a_history(
        states=[a_state("Failed", message="no mailbox chief@westmere.example")],
        task_runs=[
            {
                **a_task_run("email-recipient", []),
                "states": [a_state("Failed", message="not chief@westmere.example")],
            }
        ],
        logs=[a_line("to chief@westmere.example", "ERROR")],
    )

    assert "chief@" not in shortened(history).model_dump_json()
