"""The automations of an office, each fired by what it is for, in an office that is served."""

import fcntl
import os
import signal
from email import message_from_bytes
from email.policy import default

import pytest

from flows.automations import BOUNCED, FAILED, LOST, LOST_MESSAGE, WAITING
from flows.verification import verify_office
from letters.case import State
from tests.flows.hasty_office import COMMAND
from tests.provider_batches import event_of, kept
from tests.served import served, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """An office whose automations wait for seconds only."""
    with served(tmp_path_factory.mktemp("hasty"), COMMAND) as served_in_haste:
        yield served_in_haste


@pytest.fixture
def nothing_can_be_sent(office):
    """E-mails can't be laid into the outbox: each is tried for long."""
    outbox = office.office.outbox_folder
    aside = outbox.with_name("outbox-aside")
    outbox.mkdir(exist_ok=True)
    outbox.rename(aside)
    outbox.write_text("No folder.")

    def mend():
        if outbox.is_file():
            outbox.unlink()
            aside.rename(outbox)

    yield mend
    mend()


def automations(office):
    return office.api("POST", "/automations/filter")


def runs_of(office, flow):
    """The ended runs of a flow, with what they were given and said."""
    found = office.api("POST", "/flow_runs/filter", flows={"name": {"any_": [flow]}})
    return [run for run in found if run["end_time"]]


def started(office, flow, **parameters):
    """Wait for a run of the flow that an automation started with these parameters."""

    def found():
        return [
            run
            for run in runs_of(office, flow)
            if run["parameters"] == parameters and run["created_by"]["type"] == "AUTOMATION"
        ]

    assert wait_for(lambda: bool(found()), seconds=60), runs_of(office, flow)
    return found()[0]


def notices(office, reference):
    """The subjects of the notices about a letter."""
    found = [
        message_from_bytes(path.read_bytes(), policy=default)
        for path in (office.office.outbox_folder / "notices").glob("*.eml")
    ]
    return [str(one["Subject"]) for one in found if one["X-Case-Reference"] == reference]


def process_of(office, run):
    (tag,) = [tag for tag in office.run(run)["tags"] if tag.startswith("process:")]
    return int(tag.split(":")[2])


def is_sending(office, reference):
    return any(entry.event == "claimed" for entry in office.case(reference).chain.entries())


def test_a_served_office_has_its_automations_once(office):
    assert sorted(one["name"] for one in automations(office)) == sorted(
        [BOUNCED, FAILED, LOST, WAITING]
    )


def test_a_letter_that_waits_has_the_reminders_looked_at(office):
    run, _ = office.waiting()

    round_ = started(office, "remind")

    assert round_["state_name"] == "Idle"
    assert office.run(run)["state_name"] == "Suspended"


def test_the_office_is_told_of_a_run_that_failed(office):
    run, reference = office.waiting()

    office.set_state(run, "FAILED", "Refused")

    told = started(office, "tell-of-failure", flow_run_id=run)
    assert (told["state_name"], told["state"]["message"]) == (
        "Told",
        f"{reference} r1: its run {reference} r1 ended as Refused.",
    )
    (subject,) = [one for one in notices(office, reference) if "failed" in one]
    assert subject.startswith("SAMPLE: The run of a letter has failed: ")


def test_the_office_is_told_of_a_bounce(office):
    run, reference = office.waiting()
    office.decide(reference)
    office.resume(run)
    office.wait(run, "Issued")
    case = office.case(reference)
    recipient = case.recipients(1)[0]
    event = event_of(case, recipient, "bounce", reason="550 no such mailbox")
    kept(case.office, event)

    deployment = office.api("GET", "/deployments/name/check-deliveries/office")["id"]
    office.api("POST", f"/deployments/{deployment}/create_flow_run", state={"type": "SCHEDULED"})

    told = started(office, "tell-of-bounce", reference=reference, delivery=event["send_id"])
    assert (told["state_name"], told["state"]["message"]) == (
        "Told",
        f"{reference} r1, {recipient.id}: it didn't arrive.",
    )
    (subject,) = [one for one in notices(office, reference) if "did not arrive" in one]
    assert subject.startswith("SAMPLE: An e-mail with a letter did not arrive: ")
    assert verify_office(case.office, reference=reference).differences == ()


def test_a_run_that_died_with_its_runner_is_ended_and_its_letter_issued_again(
    office, nothing_can_be_sent
):
    run, reference = office.waiting()
    office.decide(reference)
    office.resume(run)
    assert wait_for(lambda: is_sending(office, reference), seconds=30)
    os.kill(process_of(office, run), signal.SIGSTOP)
    # Its process is there, however slow: longer than the window nothing ends it.
    assert not wait_for(lambda: office.run(run)["state_name"] != "Running", seconds=22)

    with (office.home / "users.lock").open("rb") as users:
        fcntl.flock(users, fcntl.LOCK_SH)  # the server has another user, and lives on
        office.end(signal.SIGKILL)
        os.kill(process_of(office, run), signal.SIGKILL)
        crashed = office.wait(run, "Crashed", seconds=60)
        nothing_can_be_sent()
        office.begin()

    assert crashed["state"]["message"] == LOST_MESSAGE
    started(office, "tell-of-failure", flow_run_id=run)
    again = office.start(reference)
    office.wait(again, "Issued")
    assert office.case(reference).state(1) is State.ISSUED


def test_served_again_an_office_has_no_automation_twice(office):
    office.end()
    office.begin()

    names = [one["name"] for one in automations(office)]
    assert sorted(names) == sorted([BOUNCED, FAILED, LOST, WAITING])
