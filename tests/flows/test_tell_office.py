"""Telling the letters office of what went wrong: what the case and the run say, and once."""

from uuid import uuid4

import pytest

from flows.verification import verify_office
from letters.canonical import sha256_hex
from letters.errors import UsageError
from letters.recipient import send_id
from tasks.case.case import Case
from tasks.case.ledger import ledger_of
from tasks.mailing.events import apply_batch
from tests.issuing import (
    REFERENCE,
    SHORT_DRAFT,
    a_sample_office,
    decide,
    in_other_words,
    issue,
    submit,
)
from tests.provider_batches import event_of, kept

BOUND = f"westmere.md sha256:{sha256_hex(SHORT_DRAFT)}"


@pytest.fixture(scope="module")
def telling(engine):
    """The module under test; Prefect reads its settings when it is first imported."""
    from flows import tell_office

    return tell_office


@pytest.fixture
def office(tmp_path):
    return a_sample_office(tmp_path)


@pytest.fixture
def ended(telling, monkeypatch):
    """Lets a run of a draft have ended in a state; returns its id."""
    from prefect.client.schemas.objects import FlowRun
    from prefect.states import Crashed

    runs = {}
    monkeypatch.setattr(telling, "_run", runs.get)

    def end(draft, state=None):
        run = FlowRun(
            flow_id=uuid4(),
            name=f"{REFERENCE} r1",
            parameters={"draft": draft},
            state=state or Crashed(message="It was killed."),
        )
        runs[run.id] = run
        return run.id

    return end


def notices(office, kind):
    """The revisions of which a notice of this kind was sent."""
    return [
        entry.detail["revision"]
        for entry in Case(office, REFERENCE).chain.entries()
        if entry.event == "notified" and entry.detail["notice"] == kind
    ]


def bounced(office):
    case, _ = issue(office)
    recipient = case.recipients(1)[0]
    apply_batch(office, kept(office, event_of(case, recipient, "bounce")))
    return case, send_id(REFERENCE, 1, recipient.email)


def test_a_bounce_is_told_once_and_the_closed_letter_anchored_to_its_end(telling, office):
    case, delivery = bounced(office)

    first = telling.tell_of_delivery(office, REFERENCE, delivery)
    head = case.chain.head()
    again = telling.tell_of_delivery(office, REFERENCE, delivery)

    assert (first, again) == (f"{REFERENCE} r1, director: it didn't arrive.", "")
    assert notices(office, "bounced") == [1]
    assert case.chain.head() == head
    (*_, last) = [e for e in ledger_of(office).entries() if e.detail.get("reference") == REFERENCE]
    assert (last.detail["case_seq"], last.detail["case_head"]) == head
    assert verify_office(office, reference=REFERENCE).differences == ()


@pytest.mark.parametrize(
    "delivery",
    [
        pytest.param("0" * 32, id="of a delivery that isn't the letter's"),
        pytest.param(None, id="of a delivery of which the case knows no such event"),
    ],
)
def test_nothing_is_told_of_what_somebody_only_claims(telling, office, delivery):
    case, _ = bounced(office)
    head = case.chain.head()
    claimed = delivery or send_id(REFERENCE, 1, case.recipients(1)[1].email)

    assert telling.tell_of_delivery(office, REFERENCE, claimed) == ""
    assert case.chain.head() == head


def test_an_unknown_letter_is_refused(telling, office):
    with pytest.raises(UsageError):
        telling.tell_of_delivery(office, REFERENCE, "0" * 32)


def test_a_run_is_told_once(telling, office, ended):
    submit(office)
    run = ended(REFERENCE)

    told = [telling.tell_of_run(office, run) for _ in range(2)]

    assert told == [f"{REFERENCE} r1: its run {REFERENCE} r1 ended as Crashed.", ""]
    assert notices(office, "failed") == [1]


def test_two_runs_are_told_each(telling, office, ended):
    submit(office)

    for run in (ended(REFERENCE), ended(REFERENCE)):
        telling.tell_of_run(office, run)

    assert notices(office, "failed") == [1, 1]


def test_the_run_of_a_bound_draft_is_told_of_its_revision(telling, office, ended):
    submit(office)

    telling.tell_of_run(office, ended(BOUND))

    assert notices(office, "failed") == [1]


@pytest.mark.parametrize("draft", ["westmere.md", "CRA-WESTMERE-2012-01-01", "", "../etc/passwd"])
def test_a_run_without_a_letter_is_not_told(telling, office, ended, draft):
    submit(office)

    assert telling.tell_of_run(office, ended(draft)) == ""
    assert notices(office, "failed") == []


def test_a_run_that_is_none_of_ours_is_not_told(telling, office, ended):
    submit(office)

    assert telling.tell_of_run(office, uuid4()) == ""


@pytest.mark.parametrize(
    "become",
    [
        pytest.param(issue, id="issued"),
        pytest.param(
            lambda office: (submit(office), submit(office, in_other_words())), id="superseded"
        ),
    ],
)
def test_the_run_of_a_letter_that_needs_no_run_is_not_told(telling, office, ended, become):
    become(office)

    run = ended(BOUND)
    assert telling.tell_of_run(office, run) == ""
    assert notices(office, "failed") == []


def test_the_run_of_an_approved_letter_is_told(telling, office, ended):
    case, revision = submit(office)
    decide(case, revision)

    assert telling.tell_of_run(office, ended(REFERENCE)) != ""
