"""Corrections, withdrawals and held letters on a real Prefect server: which runs are begun."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from flows.troubles import Troubles
from letters.case import State
from letters.holds import HoldPeriod
from tasks.archiving.archive import archive
from tasks.archiving.hold_back import hold_back
from tasks.case.case import Case
from tasks.rendering.pack import render_approved
from tests.issuing import (
    REFERENCE,
    SAMPLE_DRAFT,
    SAMPLE_OFFICE,
    SHORT_DRAFT,
    a_sample_office,
    decide,
    do,
    in_other_words,
    issue,
    submit,
)
from tests.offices import TickingClock

pytestmark = pytest.mark.slow

CORRECTED = in_other_words(SAMPLE_DRAFT)
ELECTION = HoldPeriod(name="Local elections", since=date(2011, 3, 28), until=date(2011, 4, 8))


@pytest.fixture
def office(tmp_path, monkeypatch, engine):
    """An office with the sample letter's register, which flows open by themselves."""
    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("LETTERS_REGISTER", str(SAMPLE_OFFICE))
    office = a_sample_office(tmp_path / "office")
    office.drafts_folder.mkdir(parents=True, exist_ok=True)
    return office


@pytest.fixture
def deployment(engine):
    """The deployment of an office; nothing runs what is started from it."""
    from prefect.client.orchestration import get_client

    from flows.issue_letter import issue_letter

    deployment_id = issue_letter.to_deployment(name="office").apply()
    yield deployment_id
    with get_client(sync_client=True) as client:
        client.delete_deployment(deployment_id)


def runs_of(deployment_id):
    """What was begun from the deployment: name and parameter of each run."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId

    wanted = FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[deployment_id]))
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_run_filter=wanted)
    return sorted((run.name, run.parameters["draft"]) for run in runs)


def ended(flow, **parameters):
    """Run a flow; return the name of its end and what it said."""
    state = flow(**parameters, return_state=True)
    return state.name, state.message


def test_an_ordered_correction_begins_one_run_bound_to_the_draft(office, deployment):
    from flows.correct_letter import correct_letter

    case, _ = issue(office, SAMPLE_DRAFT)
    (office.drafts_folder / "corrected.md").write_bytes(CORRECTED)
    asked = {"reference": REFERENCE.lower(), "draft": "corrected.md", "reason": "A wrong number"}

    first, again = ended(correct_letter, **asked), ended(correct_letter, **asked)

    assert first == again
    assert first[0] == "Ordered"
    sha256 = case.rounds().change.draft_sha256
    assert runs_of(deployment) == [(f"{REFERENCE} correction", f"corrected.md sha256:{sha256}")]


def test_an_ordered_withdrawal_begins_one_run(office, deployment):
    from flows.correct_letter import withdraw_letter

    case, _ = issue(office, SAMPLE_DRAFT)

    ends = [ended(withdraw_letter, reference=REFERENCE, reason="Not theirs")[0] for _ in range(2)]

    assert ends == ["Ordered", "Ordered"]
    sha256 = case.rounds().change.draft_sha256
    assert runs_of(deployment) == [(f"{REFERENCE} withdrawal", sha256)]


REFUSED = {
    "the letter isn't known": ({"reference": "CRA-WESTMERE-1999-01-01"}, "case-missing"),
    "the draft isn't there": ({"draft": "nowhere.md"}, "draft-missing"),
    "there is no reason": ({"reason": " "}, "reason-invalid"),
    "the words are those that were issued": ({"draft": "same.md"}, "nothing-changed"),
}


@pytest.mark.parametrize(("asked", "code"), REFUSED.values(), ids=REFUSED)
def test_a_correction_ends_refused_when(office, deployment, asked, code):
    from flows.correct_letter import correct_letter

    issue(office, SAMPLE_DRAFT)
    (office.drafts_folder / "corrected.md").write_bytes(CORRECTED)
    (office.drafts_folder / "same.md").write_bytes(SAMPLE_DRAFT)
    given = {"reference": REFERENCE, "draft": "corrected.md", "reason": "Why", **asked}

    name, said = ended(correct_letter, **given)

    assert (name, runs_of(deployment)) == ("Refused", [])
    assert f"[{code}]" in said


def test_a_correction_by_a_blocked_draft_ends_blocked_and_orders_nothing(office, deployment):
    from flows.correct_letter import correct_letter

    case, _ = issue(office, SAMPLE_DRAFT)
    wrong = CORRECTED.replace(b"date: 4 April 2011\n", b"")
    (office.drafts_folder / "wrong.md").write_bytes(wrong)

    name, said = ended(correct_letter, reference=REFERENCE, draft="wrong.md", reason="Why")

    assert (name, "date-missing" in said, case.rounds().number) == ("Blocked", True, 1)


def held_by(office, *periods):
    """The office with these periods in its settings."""
    holds = office.settings.holds.model_copy(update={"period": periods})
    return replace(office, settings=office.settings.model_copy(update={"holds": holds}))


def a_held_letter(office):
    """A letter approved in the period, archived and held."""
    case, revision = submit(held_by(office, ELECTION), SHORT_DRAFT)
    decide(case, revision)
    do("render-letter", case, render_approved, revision)
    do("archive-letter", case, archive, revision)
    assert do("hold-back-letter", case, hold_back, revision).outcome == "held"
    return case


def on(*day):
    return TickingClock(datetime(*day, 7, 0, tzinfo=UTC))


def test_a_held_letter_goes_on_when_its_period_is_over_and_not_before(tmp_path, engine, deployment):
    from flows.release_held import release

    begun = a_sample_office(tmp_path / "office", clock=on(2011, 4, 4))
    case = a_held_letter(begun)
    troubles = Troubles()

    last_day = replace(held_by(begun, ELECTION), clock=on(2011, 4, 8))
    assert release(last_day, troubles) == []
    day_after = replace(held_by(begun, ELECTION), clock=on(2011, 4, 11))
    assert release(day_after, troubles) == [f"{REFERENCE} r1"]
    assert release(day_after, troubles) == [f"{REFERENCE} r1"]

    assert runs_of(deployment) == [(f"{REFERENCE} r1", REFERENCE)]
    assert (troubles.told, Case(begun, REFERENCE).state(1)) == ([], State.HELD)
    assert do("hold-back-letter", Case(day_after, case.reference), hold_back, 1).outcome == "free"
    assert release(day_after, troubles) == []
