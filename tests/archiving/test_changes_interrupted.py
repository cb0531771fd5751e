"""Whatever interrupts a correction, a withdrawal or a hold: taken up again it happens once."""

from __future__ import annotations

import pytest

from flows.verification import verify_office
from letters.case import State
from letters.recipient import send_id
from tasks.case.case import Case
from tasks.case.ledger import is_finished
from tasks.case.open_letters import open_references
from tasks.case.record import StepRun
from tasks.drafting.change import STEP, order_withdrawal
from tests.archiving.test_changes import REASON, ordered, sent
from tests.archiving.test_verify_after_interruption import (
    another_process,
    killed_runs,
    verified,
)
from tests.issuing import REFERENCE, a_sample_office, files_of, issue


def corrects(office):
    case = Case(office, REFERENCE)
    return sent(case, ordered(case))


def withdraws(office):
    case = Case(office, REFERENCE)
    return sent(case, order_withdrawal(StepRun(case, STEP), reason=REASON))


CHANGES = {"correction": (corrects, State.CORRECTED), "withdrawal": (withdraws, State.WITHDRAWN)}


@pytest.mark.parametrize(("change", "state"), CHANGES.values(), ids=CHANGES)
def test_a_letter_is_changed_once_whenever_the_process_is_killed(
    tmp_path, monkeypatch, change, state
):
    runs = killed_runs(tmp_path, monkeypatch, change, first=issue, every=7)

    wrong = {moment: taken_up_again(another_process(it.root), change, state) for it, moment in runs}

    assert len(wrong) > 15
    assert {moment: found for moment, found in wrong.items() if found} == {}


def taken_up_again(office, change, state):
    """Verify an interrupted change, make it, verify it again; list what is wrong."""
    _, wrong = verified(office, "interrupted")
    revision = change(office)
    report, wrong_then = verified(office, "changed")
    wrong += wrong_then
    case = Case(office, REFERENCE)
    if (revision, case.state(1), is_finished(case, 2)) != (2, state, True):
        wrong.append(f"r{revision}, the first is {case.state(1)}, finished: {is_finished(case, 2)}")
    wrong += [f"still open: {reference}" for reference in open_references(office)]
    wrong += [f"left open: {key}" for key in report.open_objects]
    wanted = {
        f"{send_id(REFERENCE, number, each.email)}.eml"
        for number in (1, 2)
        for each in case.recipients(number)
    }
    if {path.name for path in office.outbox_folder.glob("*.eml")} != wanted:
        wrong.append("other e-mails than those of both revisions")
    before = kept_files(office)
    change(another_process(office.root))
    if kept_files(office) != before:
        wrong.append("made once more, it wrote something")
    return wrong


def kept_files(office):
    """Every file of the office but its caches, which may be deleted."""
    return {name: data for name, data in files_of(office).items() if not name.startswith("cache/")}


def test_verify_tells_of_a_changed_letter_alone_as_of_the_archive(tmp_path):
    office = a_sample_office(tmp_path)
    issue(office)
    corrects(office)

    assert verify_office(office, reference=REFERENCE).differences == ()
