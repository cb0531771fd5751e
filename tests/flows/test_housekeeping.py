"""Housekeeping on a real Prefect server, with letters made by the plain steps.

All tests of the session share the server: housekeeping must leave alone the runs of
every other office, whose drafts this one never took in.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from flows.dead_runs import process_tag
from flows.verification import verify_office
from letters.errors import LettersError
from letters.letter import day_in_words
from letters.signoff import Decision
from tasks.archiving.archive import archive, close
from tasks.archiving.runs import kept_runs
from tasks.case.case import Case, all_cases
from tasks.case.intake import take_in
from tasks.case.ledger import ledger_of
from tasks.case.record import StepRun
from tasks.mailing.notices import notify_office_of_return
from tasks.mailing.post import post
from tasks.rendering.pack import render_approved
from tasks.signoff.inspectors import keys_of, revoke
from tests.issuing import (
    REFERENCE,
    SAMPLE_OFFICE,
    SHORT_DRAFT,
    SIGNATORY,
    a_sample_office,
    decide,
    do,
    in_other_words,
    send_out,
    submit,
)
from tests.mailing.post_room import FakeProvider
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
    monkeypatch.setattr("flows.picking_up.is_finished", lambda *_: False)
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


# Letters that stand still.

LATER = 600
"""Seconds after a decision from which on nobody waits for a run any more."""


def notices_of(office) -> list[tuple[str, str]]:
    """To whom what was told by e-mail, but for what inspectors are told."""
    return [
        (entry.detail["notice"], entry.detail["to"])
        for case in all_cases(office)
        for entry in case.chain.entries()
        if entry.event == "notified" and entry.detail["to"] == "office"
    ]


def revoke_the_key(office) -> None:
    (key,) = keys_of(office, SIGNATORY)
    revoke(office, SIGNATORY, key.enrolment.credential_id, why="It was left on a train.")


def archive_and_send_to_nobody(letter) -> None:
    approve(letter)
    do("render-letter", letter.case, render_approved, 1)
    do("archive-letter", letter.case, archive, 1)


def a_line_for(office) -> str:
    day = day_in_words(office.clock().date())
    return (
        f"{REFERENCE} r1: approved on {day}, and no run goes on with it. Start it again:"
        f" `letters issue {REFERENCE}`, or its reference in Prefect's form."
    )


def sent_with(result: str, *, to: int | None = None) -> Any:
    """Approve a letter and send it by a provider of which each request ends so, to so many."""

    def prepare(letter) -> None:
        archive_and_send_to_nobody(letter)
        recipients = letter.case.recipients(1)[:to]
        provider = FakeProvider(*[result] * len(recipients))
        case = Case(replace(letter.case.office, provider=provider), REFERENCE)
        for recipient in recipients:
            with suppress(LettersError):
                do("email-recipient", case, post, 1, recipient.id)

    return prepare


STRANDED = {
    "it never had a run": (approve, []),
    "its run was cancelled": (approve, ["Cancelled"]),
    "its run failed": (approve, ["Failed"]),
    "its run was refused": (approve, ["Refused"]),
    "its run came to its end while the letter waited": (approve, ["AwaitingSignOff"]),
    "its run crashed where nothing starts runs": (approve, ["Crashed"]),
    "it is archived and sent to nobody": (archive_and_send_to_nobody, ["Failed"]),
    "one delivery was refused and another never tried": (sent_with("refused", to=1), ["Failed"]),
    "its provider took nothing": (sent_with("not-accepted"), ["Failed"]),
}


@pytest.mark.parametrize("why", STRANDED)
def test_an_approved_letter_with_which_no_run_goes_on_is_told_once(office, letter, why):
    prepare, states = STRANDED[why]
    prepare(letter)
    for state in states:
        a_run(letter, state)

    at_once = keep_house(office)
    office.clock.advance(LATER)
    line = a_line_for(office)
    later, again = keep_house(office), keep_house(office)

    assert [it.letters_stranded for it in (at_once, later, again)] == [(), (line,), (line,)]
    assert [it.office_told for it in (at_once, later, again)] == [
        (),
        (f"{REFERENCE} r1: stranded",),
        (),
    ]
    assert (later.state_name, again.state_name) == ("Stranded", "StillStranded")
    assert str(again) == line
    assert notices_of(office) == [("stranded", "office")]
    assert later.troubles == again.troubles == ()
    verified = verify_office(office)
    assert verified.differences == ()


def close_it_without_an_anchor(letter) -> None:
    archive_and_send_to_nobody(letter)
    for recipient in letter.case.recipients(1):
        do("email-recipient", letter.case, post, 1, recipient.id)
    do("close-case", letter.case, close, 1)


def test_a_closed_letter_that_is_not_anchored_is_stranded_until_a_run_ends_it(office, letter):
    close_it_without_an_anchor(letter)
    office.clock.advance(LATER)

    stranded = keep_house(office)
    send(letter)
    ended = keep_house(office)

    assert (len(stranded.letters_stranded), ended.letters_stranded) == (1, ())
    assert verify_office(office).unanchored_entries == 0


NOT_STRANDED = {
    "nobody has decided": (lambda _: None, []),
    "it is issued to its end": (lambda letter: (approve(letter), send(letter)), []),
    "its deliveries were refused": (sent_with("refused"), []),
    "its deliveries are unknown": (sent_with("taken, and no answer"), []),
    "a run is under way": (approve, ["Cancelled", "Running"]),
    "a run is scheduled": (approve, ["Scheduled"]),
}


@pytest.mark.parametrize("why", NOT_STRANDED)
def test_a_letter_is_not_stranded_if(office, letter, why):
    prepare, states = NOT_STRANDED[why]
    prepare(letter)
    for state in states:
        a_run(letter, state)
    office.clock.advance(LATER)

    report = keep_house(office)

    assert (report.letters_stranded, report.letters_frozen, report.troubles) == ((), (), ())
    assert notices_of(office) == []


@pytest.mark.parametrize(
    ("seconds", "stranded"),
    [
        pytest.param(300, 0, id="it may just begin"),
        pytest.param(-1, 1, id="nobody begins it any more"),
    ],
)
def test_a_run_that_stays_pending_goes_on_with_no_letter(
    office, letter, monkeypatch, seconds, stranded
):
    monkeypatch.setattr("flows.standing_still.BEGINS_WITHIN_SECONDS", seconds)
    approve(letter)
    run = a_run(letter, "Pending")
    office.clock.advance(LATER)

    report = keep_house(office)
    set_state(run.id, "Cancelled")

    assert (len(report.letters_stranded), report.troubles) == (stranded, ())


def test_a_run_that_was_left_pending_is_scheduled_again(office, letter, deployment, monkeypatch):
    monkeypatch.setattr("flows.left_runs.PENDING_SECONDS", -1)
    with prefect() as client:
        run = client.create_flow_run_from_deployment(deployment, parameters={"draft": "a.md"})
    set_state(run.id, "Pending")

    report = keep_house(office)

    assert (report.runs_taken_up, read_run(run.id).state_type) == ((run.name,), "SCHEDULED")


def test_a_letter_that_was_started_by_its_reference_is_not_stranded(office, letter):
    approve(letter)
    run = a_run(letter, "Scheduled", draft=REFERENCE)
    office.clock.advance(LATER)

    report = keep_house(office)
    set_state(run.id, "Cancelled")  # other tests have letters of this reference

    assert (report.letters_stranded, notices_of(office)) == ((), [])


def test_a_picked_up_letter_is_not_stranded(office, letter, deployment):
    approve(letter)
    a_run(letter, "Crashed")
    office.clock.advance(LATER)

    report = keep_house(office)

    assert (report.letters_picked_up, report.letters_stranded) == ((f"{REFERENCE} r1",), ())


@pytest.mark.parametrize("state", ["Cancelled", "Suspended"])
def test_a_frozen_letter_is_not_stranded_and_its_confirmation_is_asked_for_once(
    office, letter, state
):
    approve(letter)
    run = a_run(letter, state)
    revoke_the_key(office)
    office.clock.advance(LATER)

    first, again = keep_house(office), keep_house(office)
    set_state(run.id, "Cancelled")

    (line,) = first.letters_frozen
    assert line == (
        f"{REFERENCE} r1: frozen, since the key with which Harriet Elmsley approved it was"
        f" revoked. Have it confirmed with another key: `letters sign {REFERENCE}` prints the link."
    )
    assert again.letters_frozen == (line,)
    assert (first.letters_stranded, again.letters_stranded) == ((), ())
    assert (first.office_told, again.office_told) == ((f"{REFERENCE} r1: frozen",), ())
    assert (again.state_name, str(again)) == ("Idle", line)
    assert notices_of(office) == [("frozen", "office")]


@pytest.mark.parametrize("is_told", [False, True])
def test_a_return_of_which_its_run_told_nobody_is_told_once(office, letter, is_told):
    decide(letter.case, 1, Decision.RETURN)
    if is_told:
        do("notify-office-of-return", letter.case, notify_office_of_return, 1)

    at_once = keep_house(office)
    office.clock.advance(LATER)
    later, again = keep_house(office), keep_house(office)

    told = () if is_told else (f"{REFERENCE} r1: returned",)
    assert [it.office_told for it in (at_once, later, again)] == [(), told, ()]
    assert again.state_name == "Idle"
    assert notices_of(office) == [("returned", "office")]


def test_a_return_in_the_place_of_which_is_a_new_revision_is_not_told(office, letter):
    decide(letter.case, 1, Decision.RETURN)
    submit(office, in_other_words())
    office.clock.advance(LATER)

    assert (keep_house(office).office_told, notices_of(office)) == ((), [])


def test_a_notice_that_is_not_taken_is_no_trouble_and_tried_again(office, letter):
    approve(letter)
    office.clock.advance(LATER)
    provider = FakeProvider("not-accepted", "accepted")

    first, again = (keep_house(replace(office, notices=provider)) for _ in range(2))

    assert (first.state_name, again.state_name) == ("StillStranded", "Stranded")
    assert (first.troubles, again.office_told) == ((), (f"{REFERENCE} r1: stranded",))


def test_a_round_that_met_trouble_names_the_stranded_letters_too(office, letter, monkeypatch):
    from flows import housekeeping

    def breaks(*_: Any, **__: Any) -> Any:
        raise ConnectionError("the disk is gone")

    monkeypatch.setattr(housekeeping, "keep_ended_runs", breaks)
    approve(letter)
    office.clock.advance(LATER)

    report = keep_house(office)

    assert str(report) == f"recording runs: the disk is gone\n{a_line_for(office)}"


def test_rounds_that_repeat_what_the_office_was_told_are_forgotten(engine, monkeypatch):
    from prefect import states
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    from flows import idle_rounds
    from flows.housekeeping import housekeeping

    with prefect() as client:
        rounds = {
            name: client.create_flow_run(housekeeping, state=states.Completed(name=name)).id
            for name in ("Idle", "StillStranded", "Stranded")
        }
        monkeypatch.setattr(idle_rounds, "KEPT_FOR", -HOUR)
        idle_rounds.forget_idle_rounds(housekeeping.name)
        wanted = FlowRunFilter(id=FlowRunFilterId(any_=list(rounds.values())))
        left = {run.id for run in client.read_flow_runs(flow_run_filter=wanted)}

    assert [name for name, run_id in rounds.items() if run_id in left] == ["Stranded"]


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
