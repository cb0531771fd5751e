"""Many at once: the same draft, two revisions, twenty letters. One letter each, one e-mail each."""

import shutil
import subprocess
import threading
from collections import Counter
from contextlib import suppress

import pytest

from benchmarks.sample import draft_path
from flows.verification import verify_office
from letters.case import CommandRefused, State
from letters.errors import LettersError
from letters.refusals import SignOffRefused
from tasks.case.case import Case
from tests.issuing import (
    REFERENCE,
    SHORT_DRAFT,
    a_sample_office,
    as_another_process,
    decide,
    in_other_words,
    send_out,
    submit,
)
from tests.served import ServedOffice, wait_for

pytestmark = pytest.mark.slow

RACES = 12


def test_eight_processes_that_submit_the_same_draft_issue_it_once(tmp_path):
    served = ServedOffice(tmp_path)
    shutil.rmtree(tmp_path / "register")
    shutil.copytree(draft_path().parent, tmp_path / "register")

    commands = [
        served.command("issue", str(draft_path()), "--sign-as", "helmsley", "--json", **_quiet())
        for _ in range(8)
    ]
    codes = [command.wait(timeout=240) for command in commands]

    assert codes == [0] * 8
    case = served.case(REFERENCE)
    assert case.revisions() == [1]
    assert case.state(1) is State.ISSUED
    assert len(served.emails(REFERENCE)) == len(case.recipients(1))
    assert _claims(case) == dict.fromkeys((r.id for r in case.recipients(1)), 1)
    assert verify_office(case.office).is_clean


def test_of_two_revisions_raced_to_approval_one_is_issued(tmp_path):
    outcomes = Counter()
    for number in range(RACES):
        office = a_sample_office(tmp_path / str(number))
        case, _ = submit(office)
        start = threading.Barrier(2)

        def approve_first(office=office, start=start):
            mine = Case(as_another_process(office), REFERENCE)
            start.wait()
            _issue_if_allowed(mine, 1)

        def approve_second(office=office, start=start):
            mine = as_another_process(office)
            start.wait()
            with suppress(CommandRefused):
                case, revision = submit(mine, in_other_words(SHORT_DRAFT))
                _issue_if_allowed(case, revision)

        threads = [threading.Thread(target=one) for one in (approve_first, approve_second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        case = Case(as_another_process(office), REFERENCE)

        issued = [r for r in case.revisions() if case.state(r) is State.ISSUED]
        assert len(issued) == 1, number
        assert case.issue().revision == issued[0]
        assert _claims(case) == dict.fromkeys((r.id for r in case.recipients(issued[0])), 1)
        assert verify_office(case.office).is_clean, number
        outcomes[issued[0]] += 1
    assert sum(outcomes.values()) == RACES


def test_twenty_letters_at_once_are_all_issued(served_office):
    drafts = dict(served_office.new_draft() for _ in range(20))

    runs = {served_office.start(name): reference for name, reference in drafts.items()}
    for run in runs:
        served_office.wait(run, "Suspended", seconds=120)
    for reference in runs.values():
        served_office.decide(reference)
    for run in runs:
        served_office.resume(run)
    for run in runs:
        served_office.wait(run, "Issued", seconds=120)

    for run, reference in runs.items():
        case = served_office.case(reference)
        assert case.state(1) is State.ISSUED
        assert _claims(case) == dict.fromkeys((r.id for r in case.recipients(1)), 1)
        assert set(served_office.states(run)) <= {
            *("Scheduled", "Late", "Pending", "Submitting", "Running", "Suspended"),
            *("Resuming", "Issued"),
        }
        assert verify_office(case.office, reference=reference).differences == ()
    assert wait_for(lambda: _is_recorded(served_office, runs), seconds=30)
    log = (served_office.home / "server.log").read_text()
    assert "database is locked" not in log


def _issue_if_allowed(case, revision):
    """Approve and send a revision as far as the table of states lets it."""
    with suppress(LettersError, SignOffRefused):
        if decide(case, revision) is not None:
            send_out(case, revision)


def _claims(case):
    """How often each recipient's delivery was claimed."""
    return Counter(
        entry.detail["recipient"] for entry in case.chain.entries() if entry.event == "claimed"
    )


def _is_recorded(served, runs):
    """Whether Prefect has recorded every task run: two rounds of three steps, and the rest."""
    wanted = {"id": {"any_": list(runs)}}
    recorded = served.api("POST", "/task_runs/count", flow_runs=wanted)
    return recorded == len(runs) * 15


def _quiet():
    return {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
