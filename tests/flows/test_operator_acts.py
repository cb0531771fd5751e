"""What an operator may do in Prefect's pages or API: never a second letter, never other words.

The way back from each stands in docs/runbook.md.
"""

import os
import signal
import time

import pytest

from flows.verification import verify_office
from letters.case import State
from letters.delivery import DeliveryState
from letters.signoff import Decision
from tests.issuing import sign_off_on, signed_by_also
from tests.served import wait_for

pytestmark = pytest.mark.slow

RECIPIENTS = [
    "chief-executive",
    "department",
    "director",
    "lead-member",
    "safeguarding-board-chair",
]


def assert_issued_once(served, reference):
    """One letter, one e-mail a recipient, the approved words, and nothing that differs."""
    case = served.case(reference)
    revision = case.revisions()[-1]
    assert case.state(revision) is State.ISSUED
    assert served.emails(reference) == RECIPIENTS
    assert set(case.delivery_states(revision).values()) == {DeliveryState.ACCEPTED}
    assert case.issue() == (1, revision, sign_off_on(case, revision).statement.pack)
    report = verify_office(case.office, reference=reference)
    assert report.differences == ()


def assert_waits(served, reference):
    """It waits for its sign-off, and nothing has gone out."""
    case = served.case(reference)
    assert case.state(case.revisions()[-1]) is State.AWAITING_SIGN_OFF
    assert served.emails(reference) == []


def test_a_run_is_suspended_until_the_inspector_has_decided(served_office):
    run, reference = served_office.waiting()
    assert_waits(served_office, reference)
    assert served_office.run(run)["name"] == f"{reference} r1"

    signed = served_office.letters("sign", reference, "--sign-as", "helmsley")

    assert signed.returncode == 0, signed.stdout
    served_office.wait(run, "Issued")
    assert_issued_once(served_office, reference)


ONE_OF_TWO = "1 of 2 have signed: Harriet Elmsley; waiting for Tobias Reyne"


def proof_pages(served, run_id: str) -> list[str]:
    """What the run's page has shown of what it waits for, the latest last."""
    found = served.api("POST", "/artifacts/filter", artifacts={"flow_run_id": {"any_": [run_id]}})
    pages = [a for a in found if a["key"].endswith("-proof")]
    return [a["data"] for a in sorted(pages, key=lambda a: a["created"])]


def test_the_first_of_two_leaves_the_run_suspended_and_its_page_says_whom_it_waits_for(
    served_office,
):
    name, reference = served_office.new_draft()
    draft = served_office.root / "drafts" / name
    draft.write_bytes(signed_by_also(draft.read_bytes(), "Tobias Reyne"))
    run_id = served_office.start(name)
    served_office.wait(run_id, "Suspended")

    first = served_office.letters("sign", reference, "--sign-as", "helmsley")

    assert (first.returncode, ONE_OF_TWO in " ".join(first.stdout.split())) == (0, True)
    assert served_office.rounds(run_id) == 1
    *_, page = proof_pages(served_office, run_id)
    assert f"**{ONE_OF_TWO}.**" in page.replace("\\", "")
    assert ("/r1-1/helmsley/" in page, "/r1-2/treyne/" in page) == (False, True)

    served_office.resume(run_id)  # which authorises nothing
    assert wait_for(lambda: served_office.rounds(run_id) == 2, seconds=30)
    assert served_office.emails(reference) == []

    last = served_office.letters("sign", reference, "--sign-as", "treyne")

    assert (last.returncode, "Its run goes on." in last.stdout) == (0, True)
    served_office.wait(run_id, "Issued")
    assert len(served_office.emails(reference)) == 5
    assert verify_office(served_office.case(reference).office, reference=reference).is_clean


def test_a_return_ends_the_run_and_a_new_draft_begins_another(served_office):
    name, reference = served_office.new_draft()
    first = served_office.start(name)
    served_office.wait(first, "Suspended")
    served_office.decide(reference, Decision.RETURN, "Say which files were read.")
    served_office.resume(first)
    served_office.wait(first, "Returned")

    draft = served_office.root / "drafts" / name
    draft.write_bytes(draft.read_bytes().replace(b"Please pass on our", b"Do pass on our"))
    second = served_office.start(name)
    served_office.wait(second, "Suspended")
    served_office.decide(reference)
    served_office.resume(second)

    served_office.wait(second, "Issued")
    assert served_office.case(reference).revisions() == [1, 2]
    assert_issued_once(served_office, reference)


def test_resuming_by_hand_authorises_nothing(served_office):
    run, reference = served_office.waiting()

    for rounds in (2, 3):
        served_office.resume(run)
        assert wait_for(lambda r=rounds: served_office.rounds(run) == r, seconds=30)

    assert_waits(served_office, reference)
    served_office.decide(reference)
    served_office.resume(run)
    served_office.wait(run, "Issued")
    assert_issued_once(served_office, reference)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param("CANCELLED", "Cancelled", id="cancelled"),
        pytest.param("CANCELLING", "Cancelling", id="told to cancel"),
        pytest.param("COMPLETED", "Completed", id="declared completed"),
        pytest.param("COMPLETED", "Issued", id="declared issued"),
        pytest.param("FAILED", "Failed", id="declared failed"),
        pytest.param("CRASHED", "Crashed", id="declared crashed"),
    ],
)
def test_a_waiting_run_ended_by_hand_sends_nothing_and_another_goes_on(served_office, kind, name):
    run, reference = served_office.waiting()

    served_office.set_state(run, kind, name)

    assert_waits(served_office, reference)
    served_office.decide(reference)
    again = served_office.start(reference)
    served_office.wait(again, "Issued")
    assert_issued_once(served_office, reference)


@pytest.mark.parametrize("kind", ["SCHEDULED", "PENDING", "RUNNING"])
def test_a_waiting_run_set_going_by_hand_sends_nothing(served_office, kind):
    run, reference = served_office.waiting()

    served_office.set_state(run, kind)

    if kind == "SCHEDULED":
        assert wait_for(lambda: served_office.rounds(run) == 2, seconds=30)
    else:  # for a process that nobody starts, however often the runner looks
        assert not wait_for(lambda: served_office.rounds(run) == 2, seconds=3)
    assert_waits(served_office, reference)
    served_office.decide(reference)
    again = served_office.start(reference)
    served_office.wait(again, "Issued")
    assert_issued_once(served_office, reference)


def test_a_deleted_run_takes_no_letter_with_it(served_office):
    run, reference = served_office.waiting()

    served_office.api("DELETE", f"/flow_runs/{run}")

    assert_waits(served_office, reference)
    served_office.decide(reference)
    again = served_office.start(reference)
    served_office.wait(again, "Issued")
    assert_issued_once(served_office, reference)


def test_retried_after_its_success_a_run_sends_nothing_again(served_office):
    run, reference = served_office.waiting()
    served_office.decide(reference)
    served_office.resume(run)
    served_office.wait(run, "Issued")
    before = served_office.case(reference).chain.head()

    served_office.set_state(run, "SCHEDULED", "AwaitingRetry")
    assert wait_for(lambda: served_office.states(run).count("Issued") == 2, seconds=30)

    assert served_office.case(reference).chain.head() == before
    assert_issued_once(served_office, reference)


def test_killed_while_it_sends_and_retried_a_run_finishes_what_it_began(served_office):
    run, reference = served_office.waiting()
    served_office.decide(reference)
    outbox = served_office.office.outbox_folder
    aside = outbox.with_name("outbox-aside")
    if outbox.is_dir():
        outbox.rename(aside)
    outbox.write_text("No folder: nothing can be laid here, and each e-mail is tried for long.")
    try:
        served_office.resume(run)
        assert wait_for(lambda: _is_sending(served_office, reference), seconds=30)
        os.kill(_process_of(served_office, run), signal.SIGKILL)
        served_office.wait(run, "Crashed")
    finally:
        outbox.unlink()
        if aside.is_dir():
            aside.rename(outbox)

    served_office.set_state(run, "SCHEDULED", "AwaitingRetry")

    served_office.wait(run, "Issued")
    assert_issued_once(served_office, reference)


def test_one_draft_started_twice_is_one_letter(served_office):
    name, reference = served_office.new_draft()
    runs = [served_office.start(name) for _ in range(2)]
    for run in runs:
        served_office.wait(run, "Suspended")

    served_office.decide(reference)
    for run in runs:
        served_office.resume(run)
    for run in runs:
        served_office.wait(run, "Issued")

    assert served_office.case(reference).revisions() == [1]
    assert_issued_once(served_office, reference)


def test_a_draft_edited_while_it_waits_changes_nothing(served_office):
    name, reference = served_office.new_draft()
    run = served_office.start(name)
    served_office.wait(run, "Suspended")
    words = served_office.case(reference).letter(1).digest

    draft = served_office.root / "drafts" / name
    draft.write_bytes(draft.read_bytes().replace(b"Please pass on our", b"Never pass on our"))
    served_office.resume(run)
    assert wait_for(lambda: served_office.rounds(run) == 2, seconds=30)
    served_office.decide(reference)
    served_office.resume(run)

    served_office.wait(run, "Issued")
    assert served_office.case(reference).revisions() == [1]
    assert served_office.case(reference).letter(1).digest == words
    assert_issued_once(served_office, reference)


def test_the_edited_draft_started_anew_takes_the_place_of_what_waited(served_office):
    name, reference = served_office.new_draft()
    first = served_office.start(name)
    served_office.wait(first, "Suspended")
    draft = served_office.root / "drafts" / name
    draft.write_bytes(draft.read_bytes().replace(b"Please pass on our", b"Do pass on our"))

    second = served_office.start(name)

    served_office.wait(second, "Suspended")
    served_office.wait(first, "Superseded")
    assert served_office.case(reference).state(1) is State.SUPERSEDED
    served_office.decide(reference)
    served_office.resume(second)
    served_office.wait(second, "Issued")
    assert_issued_once(served_office, reference)


@pytest.mark.parametrize("draft", ["../register/contacts.csv", "/etc/passwd", "no-such.md", ""])
def test_only_a_draft_of_the_folder_can_be_named(served_office, draft):
    run = served_office.wait(served_office.start(draft), "Refused")

    assert "draft-missing" in run["state"]["message"]


def test_prefect_killed_while_a_letter_waits_comes_back_in_its_place(served_office):
    run, reference = served_office.waiting()
    before = served_office.prefect

    os.kill(int((served_office.home / "server.lock").read_text()), signal.SIGKILL)
    assert wait_for(lambda: _answers(served_office), seconds=60)

    assert served_office.prefect == before
    served_office.decide(reference)
    served_office.resume(run)
    served_office.wait(run, "Issued")
    assert_issued_once(served_office, reference)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_served_again_what_waited_goes_on(served_office, by):
    run, reference = served_office.waiting()

    code = served_office.end(by)
    served_office.decide(reference)
    served_office.begin()

    assert code == (-9 if by == signal.SIGKILL else 0)
    served_office.wait(run, "Issued")
    assert_issued_once(served_office, reference)


def test_a_run_that_lost_its_process_and_its_runner_goes_on_when_served_again(served_office):
    run, reference = served_office.waiting()
    served_office.end(signal.SIGKILL)
    served_office.begin()
    served_office.decide(reference)
    # As it stands where both were killed while the run was beginning.
    served_office.end()
    served_office.begin()
    served_office.set_state(run, "PENDING")
    served_office.end(signal.SIGKILL)

    served_office.begin()

    served_office.wait(run, "Issued")
    assert_issued_once(served_office, reference)


def test_a_second_start_names_the_pages_of_the_first(served_office):
    second = served_office.letters("serve")

    assert second.returncode == 0
    assert "served already" in second.stdout
    assert f"{served_office.prefect}/dashboard" in second.stdout


def _is_sending(served, reference):
    return any(entry.event == "claimed" for entry in served.case(reference).chain.entries())


def _process_of(served, run):
    (tag,) = [tag for tag in served.run(run)["tags"] if tag.startswith("process:")]
    return int(tag.split(":")[2])


def _answers(served):
    time.sleep(1)
    try:
        served.api("GET", "/health")
    except OSError:
        return False
    except Exception:
        return False
    return True
