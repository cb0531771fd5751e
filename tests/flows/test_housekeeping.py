"""Housekeeping on a real Prefect server, with letters made by the plain steps.

All tests of the session share the server: housekeeping must leave alone the runs of
every other office, whose drafts this one never took in.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from flows.dead_runs import process_tag
from flows.verification import verify_office
from letters.signoff import Decision
from tasks.archiving.runs import kept_runs
from tasks.case.intake import take_in
from tasks.case.ledger import ledger_of
from tasks.case.record import StepRun
from tests.issuing import (
    REFERENCE,
    SAMPLE_OFFICE,
    SHORT_DRAFT,
    a_sample_office,
    decide,
    send_out,
    submit,
)
from tests.offices import TickingClock

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)

numbers = count(55)


@pytest.fixture
def office(tmp_path, monkeypatch, engine):
    """An office in which it is an hour later than in Prefect: what ended there is settled."""
    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("LETTERS_REGISTER", str(SAMPLE_OFFICE))
    return a_sample_office(tmp_path / "office", clock=TickingClock(datetime.now(UTC) + HOUR))


@pytest.fixture
def letter(office):
    """A letter that waits for its sign-off, in words that no other test has: its case and draft."""
    return a_letter(office)


def a_letter(office) -> SimpleNamespace:
    data = SHORT_DRAFT.replace(b"54 children", b"%d children" % next(numbers))
    case, _ = submit(office, data)
    return SimpleNamespace(case=case, draft=take_in(office, data, "md").draft_sha256)


def approve(letter) -> None:
    decide(letter.case, 1)


def send(letter) -> None:
    """Take an approved letter to its very end."""
    send_out(letter.case, 1)


@contextmanager
def prefect():
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        yield client


def a_state(name: str) -> Any:
    from prefect import states

    match name:
        case "Refused":
            return states.Failed(name="Refused", message="It is refused.")
        case "Issued" | "AwaitingSignOff":
            return states.Completed(name=name)
        case "Suspended":
            return states.Suspended(timeout_seconds=3600)
        case _:
            return getattr(states, name)()


def a_run(letter, state: str, *, draft: str = "", tags: tuple[str, ...] = ()) -> Any:
    """A run of the flow that has come to a state without anything having run."""
    from flows.issue_letter import issue_letter

    with prefect() as client:
        return client.create_flow_run(
            issue_letter,
            name=f"{REFERENCE} r1",
            parameters={"draft": draft or f"westmere.md sha256:{letter.draft}"},
            tags=[REFERENCE, *tags],
            state=a_state(state),
        )


def set_state(run_id, name: str) -> None:
    with prefect() as client:
        client.set_flow_run_state(run_id, a_state(name), force=True)


def read_run(run_id) -> Any:
    with prefect() as client:
        return client.read_flow_run(run_id)


def keep_house(office, **options) -> Any:
    from flows.housekeeping import keep_house

    return keep_house(office, **options)


@pytest.fixture
def deployment(engine):
    """The deployment of an office; nothing runs what is started from it."""
    from flows.issue_letter import issue_letter

    deployment_id = issue_letter.to_deployment(name="office").apply()
    yield deployment_id
    with prefect() as client:
        client.delete_deployment(deployment_id)


# Histories.


def test_the_history_of_an_ended_run_is_kept_once_and_verifies(office, letter):
    from flows.issue_letter import issue_letter

    approve(letter)
    state = issue_letter(letter.draft, return_state=True)

    first = keep_house(office)
    before = office.store.list("")
    again = keep_house(office)

    (kept,) = kept_runs(letter.case)
    assert (first.runs_recorded, again.runs_recorded) == (1, 0)
    assert kept.flow_run_id == str(state.state_details.flow_run_id)
    assert [s.name for s in kept.states] == ["Pending", "Running", "Issued"]
    assert [task.name.partition(" ")[0] for task in kept.task_runs][:4] == [
        "draft-letter",
        "prepare-pack",
        "render-letter",
        "archive-letter",
    ]
    assert all(task.states[-1].name == "Completed" for task in kept.task_runs)
    assert office.store.list("") == before
    verified = verify_office(office)
    assert (verified.differences, verified.open_objects, verified.unanchored_entries) == ((), (), 0)


def test_a_closed_case_that_gets_a_history_is_anchored_to_its_end_again(office, letter):
    approve(letter)
    send(letter)
    run = a_run(letter, "Issued")

    report = keep_house(office)

    last = ledger_of(office).entries()[-1]
    assert (report.runs_recorded, report.troubles) == (1, ())
    assert (last.event, last.detail["object"]) == (
        "recorded",
        letter.case.key(f"runs/{run.id}/1.json"),
    )
    assert last.detail["case_seq"] == letter.case.chain.head()[0]
    verified = verify_office(office)
    assert (verified.differences, verified.open_objects, verified.unanchored_entries) == ((), (), 0)


@pytest.mark.parametrize(
    ("states", "kept"),
    [
        pytest.param([], ["1.json"], id="the same end is kept once"),
        pytest.param(["Running"], ["1.json"], id="a run that goes on has not ended again"),
        pytest.param(["Running", "Issued"], ["1.json", "2.json"], id="a retried run ends again"),
        pytest.param(["Failed"], ["1.json", "2.json"], id="an end that is set by hand is another"),
    ],
)
def test_each_end_of_a_run_is_kept(office, letter, states, kept):
    run = a_run(letter, "Crashed")
    keep_house(office)

    for state in states:
        set_state(run.id, state)
    keep_house(office)
    keep_house(office)

    folder = f"runs/{run.id}/"
    assert [
        name.removeprefix(folder) for name in letter.case.names() if name.startswith(folder)
    ] == kept


def test_a_run_that_ended_only_now_is_left_for_later(office, letter):
    a_run(letter, "AwaitingSignOff")

    office.clock.advance(-HOUR.total_seconds())
    at_once = keep_house(office)
    office.clock.advance(HOUR.total_seconds())
    later = keep_house(office)

    assert (at_once.runs_recorded, later.runs_recorded) == (0, 1)


def test_a_run_that_is_retried_while_it_is_read_is_left_until_it_ends_again(
    office, letter, monkeypatch
):
    from flows import kept_runs as looked

    run = a_run(letter, "Crashed")
    read = looked.run_history

    def retried_just_before(run_id):
        set_state(run_id, "Running")
        return read(run_id)

    with monkeypatch.context() as patched:
        patched.setattr(looked, "run_history", retried_just_before)
        meanwhile = keep_house(office)
    set_state(run.id, "Issued")
    later = keep_house(office)

    assert (meanwhile.runs_recorded, later.runs_recorded) == (0, 1)
    assert [len(kept.states) for kept in kept_runs(letter.case)] == [3]


def test_runs_that_came_to_no_letter_are_left_alone(office, letter):
    blocked = take_in(office, b"A draft that is none.", "md").draft_sha256
    before = letter.case.names()
    for draft in (blocked, f"other.md sha256:{'0' * 64}", "westmere.md", REFERENCE):
        a_run(letter, "Failed", draft=draft)

    report = keep_house(office)

    assert (report.runs_recorded, report.troubles) == (0, ())
    assert letter.case.names() == before


def test_a_command_keeps_its_own_runs_at_once_and_earlier_ones_of_its_letter(office, letter):
    from flows.kept_runs import keep_runs_at_hand
    from flows.troubles import Troubles

    own = a_run(letter, "AwaitingSignOff", tags=(process_tag(),))
    earlier = a_run(letter, "Crashed")
    troubles = Troubles()

    office.clock.advance(-HOUR.total_seconds())
    at_once = keep_runs_at_hand(office, troubles)
    kept = [run.flow_run_id for run in kept_runs(letter.case)]
    office.clock.advance(HOUR.total_seconds())
    later = keep_runs_at_hand(office, troubles)

    assert (at_once, kept, later) == (1, [str(own.id)], 1)
    assert {run.flow_run_id for run in kept_runs(letter.case)} == {str(own.id), str(earlier.id)}
    assert troubles.told == []


def test_a_command_whose_draft_came_to_no_letter_keeps_nothing(office, letter):
    from flows.kept_runs import keep_runs_at_hand
    from flows.troubles import Troubles

    blocked = take_in(office, b"A draft that is none.", "md").draft_sha256
    a_run(letter, "Failed", draft=blocked, tags=(process_tag(),))
    before = office.store.list("")

    assert keep_runs_at_hand(office, Troubles()) == 0
    assert office.store.list("") == before


def test_a_history_that_could_not_be_kept_is_found_again_by_a_thorough_look(
    office, letter, monkeypatch
):
    from flows import kept_runs as looked

    monkeypatch.setattr(looked, "PAGE", 2)
    behind = a_run(letter, "Failed")
    for _ in range(2):
        a_run(letter, "AwaitingSignOff")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(looked, "run_history", failing_for(behind.id, looked.run_history))
        first = keep_house(office)

    # The others fill a page: behind it nothing is looked for.
    usual, thorough, again = (keep_house(office, is_thorough=it) for it in (False, True, True))

    assert first.troubles == (f"history of {behind.name} ({behind.id}): asleep",)
    assert [it.runs_recorded for it in (first, usual, thorough, again)] == [2, 0, 1, 0]
    assert (usual.troubles, thorough.troubles) == ((), ())


def failing_for(run_id, read):
    def read_or_fail(of_run_id):
        if of_run_id == run_id:
            raise ConnectionError("asleep")
        return read(of_run_id)

    return read_or_fail


def test_a_run_that_only_says_that_it_is_kept_is_found_by_a_thorough_look(office, letter):
    """As in an office that was put back from an older copy than its Prefect."""
    from flows.kept_runs import kept_tag

    run = read_run(a_run(letter, "Failed").id)
    with prefect() as client:
        client.update_flow_run(run.id, tags=[*run.tags, kept_tag(run)])

    usual, thorough, again = (keep_house(office, is_thorough=it) for it in (False, True, True))

    assert [it.runs_recorded for it in (usual, thorough, again)] == [0, 1, 0]


# Runs that are resumed, marked and picked up.


def test_a_dead_run_is_marked_crashed_and_a_decided_one_resumed(office, letter, deployment):
    dead = a_run(
        letter, "Running", tags=(":".join(["process", os.uname().nodename, "4194305", "1"]),)
    )
    with prefect() as client:
        waiting = client.create_flow_run_from_deployment(
            deployment, parameters={"draft": letter.draft}, tags=[REFERENCE]
        )
    set_state(waiting.id, "Suspended")
    still_waiting = keep_house(office)
    approve(letter)

    decided = keep_house(office)

    assert (still_waiting.runs_crashed, still_waiting.runs_resumed) == ((dead.name,), 0)
    assert read_run(dead.id).state_name == "Crashed"
    assert (decided.runs_crashed, decided.runs_resumed) == ((), 1)
    assert read_run(waiting.id).state_name == "Resuming"


def test_an_approved_letter_whose_run_crashed_is_picked_up_three_times_a_day(
    office, letter, deployment
):
    approve(letter)
    crashed = a_run(letter, "Crashed")
    reports = []

    for _ in range(4):
        reports += [keep_house(office), keep_house(office)]
        for run in runs_of_deployment(deployment):
            if run.state_name == "Scheduled":
                set_state(run.id, "Crashed")
    office.clock.advance(24 * 3600)
    reports.append(keep_house(office))

    name = f"{REFERENCE} r1"
    assert [report.letters_picked_up for report in reports] == [
        *[(name,), ()] * 3,
        *[(), ()],
        (name,),
    ]
    assert [len(report.troubles) for report in reports] == [0] * 6 + [1, 1, 0]
    assert "3 runs within a day" in reports[6].troubles[0]
    for run in runs_of_deployment(deployment):
        assert run.name == name
        assert run.parameters == crashed.parameters
        assert {REFERENCE, f"picked-up:{REFERENCE}-r1"} <= set(run.tags)


def runs_of_deployment(deployment_id) -> Any:
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId

    of_deployment = FlowRunFilterDeploymentId(any_=[deployment_id])
    with prefect() as client:
        return client.read_flow_runs(flow_run_filter=FlowRunFilter(deployment_id=of_deployment))


LEFT_TO_A_PERSON = {
    "its last run failed": (approve, ["Crashed", "Failed"]),
    "its last run was refused": (approve, ["Crashed", "Refused"]),
    "its last run was cancelled": (approve, ["Crashed", "Cancelled"]),
    "its last run ended well": (approve, ["Crashed", "Issued"]),
    "another run goes on": (approve, ["Crashed", "Running"]),
    "another run is suspended": (approve, ["Suspended", "Crashed"]),
    "nobody has decided": (lambda _: None, ["Crashed"]),
    "it was returned": (lambda letter: decide(letter.case, 1, Decision.RETURN), ["Crashed"]),
    "it is issued to its end": (lambda letter: (approve(letter), send(letter)), ["Crashed"]),
}


@pytest.mark.parametrize("why", LEFT_TO_A_PERSON)
def test_a_letter_is_not_picked_up_if(office, letter, deployment, why):
    prepare, states = LEFT_TO_A_PERSON[why]
    prepare(letter)
    runs = [a_run(letter, state).id for state in states]

    report = keep_house(office)

    assert (report.letters_picked_up, report.troubles) == ((), ())
    assert runs_of_deployment(deployment) == []
    assert len(runs) == len(states)


def test_a_letter_whose_run_crashed_before_the_last_anchor_is_picked_up(
    office, letter, deployment, monkeypatch
):
    approve(letter)
    send(letter)
    monkeypatch.setattr("flows.picking_up.has_last_entry", lambda *_: False)
    a_run(letter, "Crashed")

    assert keep_house(office).letters_picked_up == (f"{REFERENCE} r1",)


def test_two_who_look_at_once_make_one_run(office, letter, deployment, monkeypatch):
    monkeypatch.setattr("flows.picking_up._is_left_undone", lambda *_: True)
    approve(letter)
    a_run(letter, "Crashed")

    for _ in range(2):
        keep_house(office)

    assert len(runs_of_deployment(deployment)) == 1


def test_letters_are_picked_up_by_the_offices_deployment():
    from flows.deployments import NAME
    from flows.issue_letter import issue_letter
    from flows.kept_runs import FLOW
    from flows.picking_up import DEPLOYMENT

    assert (issue_letter.name, f"{issue_letter.name}/{NAME}") == (FLOW, DEPLOYMENT)


def test_an_office_without_a_deployment_picks_nothing_up(office, letter):
    approve(letter)
    a_run(letter, "Crashed")

    report = keep_house(office)

    assert (report.letters_picked_up, report.troubles) == ((), ())


# The round as a whole.


def test_one_failing_case_stops_no_other_and_is_named(office, letter):
    from flows.housekeeping import housekeeping

    gone = take_in(office, b"The draft of a letter whose case is gone.", "md")
    StepRun(gone, "draft-letter").note("became", reference="CRA-NOWHERE-2011-01-01", revision=1)
    for state in ("Issued", "Crashed", "Suspended"):
        a_run(letter, state, draft=gone.draft_sha256)
    a_run(letter, "AwaitingSignOff")

    report = keep_house(office)
    state = housekeeping(return_state=True)

    assert report.runs_recorded == 1
    assert len(report.troubles) == 2
    assert all("CRA-NOWHERE-2011-01-01" in trouble for trouble in report.troubles)
    assert verify_office(office, reference=REFERENCE).is_clean
    # The flow's own clock is Prefect's: those runs ended only now for it.
    assert state.name == "Idle"


def test_a_round_that_met_trouble_ends_failed_with_all_of_it(office, monkeypatch):
    from flows import housekeeping

    def breaks(*_: Any, **__: Any) -> Any:
        raise ConnectionError("the disk is gone")

    monkeypatch.setattr(housekeeping, "resume_decided", breaks)
    monkeypatch.setattr(housekeeping, "mark_dead_runs_crashed", breaks)

    state = housekeeping.housekeeping(return_state=True)

    assert (state.name, state.message) == (
        "Failed",
        "marking dead runs: the disk is gone\nresuming decided letters: the disk is gone",
    )


def test_a_round_with_nothing_to_do_says_so_and_runs_no_task(office):
    from flows.history import run_history
    from flows.housekeeping import housekeeping

    state = housekeeping(return_state=True)

    assert (state.name, state.message) == ("Idle", "Nothing to do.")
    assert run_history(state.state_details.flow_run_id)["task_runs"] == []


def test_what_killed_processes_left_half_written_is_swept(office):
    long_ago = time.time() - 7200
    for folder in ("archive", "outbox", "outbox/notices"):
        left = office.root / folder / ".tmp" / "1-aa"
        left.parent.mkdir(parents=True)
        left.write_bytes(b"half")
        os.utime(left, (long_ago, long_ago))

    assert keep_house(office).files_swept == 3
