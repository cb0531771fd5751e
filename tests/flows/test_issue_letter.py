"""The flow `issue-letter` on a real Prefect server: what runs, what is retried, what is kept."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flows.office import open_office
from flows.verification import verify_office
from letters.case import State
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.folder import FolderStore
from tasks.case.intake import take_in
from tasks.case.office import Answer, Office
from tasks.case.store import StoreUnavailable
from tasks.mailing.outbox import Outbox
from tasks.signoff.signing import sign_as_sample

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).parents[2] / "config" / "sample_office"
REFERENCE = "CRA-WESTMERE-2011-03-08"


class Ended(NamedTuple):
    """How a run of the flow ended, and what Prefect keeps of it."""

    name: str
    type: str
    message: str
    history: dict[str, Any]

    def attempts(self, step: str) -> list[int]:
        """How often Prefect ran each task of a step."""
        return [task["run_count"] for task in self.history["task_runs"] if _step(task) == step]


def _step(task: dict[str, Any]) -> str:
    return str(task["name"]).partition(" ")[0]


@pytest.fixture
def office(tmp_path, monkeypatch, engine) -> Office:
    """An office with the sample register, whose steps are tried again at once."""
    shutil.copytree(SAMPLE, tmp_path / "register")
    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("LETTERS_REGISTER", str(tmp_path / "register"))
    monkeypatch.setenv("LETTERS_STEPS__FIRST_WAIT_SECONDS", "0")
    return open_office()


def the_draft(**changes: str) -> bytes:
    """The sample draft, with texts replaced: `the_draft(**{"54 children": "55 children"})`."""
    text = next(SAMPLE.glob("*.md")).read_text("utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def run(office: Office, draft: bytes) -> Ended:
    """Take a draft in and run the flow once."""
    from flows.history import run_history
    from flows.issue_letter import issue_letter

    state = issue_letter(take_in(office, draft, "md").draft_sha256, return_state=True)
    history = run_history(state.state_details.flow_run_id)
    return Ended(state.name or "", state.type.value, state.message or "", history)


def sign(office: Office, decision: Decision = Decision.APPROVE, comments: str = "") -> None:
    """Decide on the latest revision as its sample signatory."""
    case = Case(office, REFERENCE)
    sign_as_sample(
        case,
        case.revisions()[-1],
        inspector_id="helmsley",
        decision=decision,
        comments=comments,
    )


def emails(office: Office) -> list[str]:
    return sorted(path.name for path in office.outbox_folder.glob("*.eml"))


def test_a_letter_waits_for_its_sign_off_and_is_then_issued(office):
    waiting = run(office, the_draft())

    assert (waiting.name, waiting.type) == ("AwaitingSignOff", "COMPLETED")
    assert [_step(task) for task in waiting.history["task_runs"]] == [
        "draft-letter",
        "prepare-pack",
        "notify-inspectors",
    ]
    assert emails(office) == []

    sign(office)
    issued = run(office, the_draft())

    case = Case(office, REFERENCE)
    assert (issued.name, issued.type) == ("Issued", "COMPLETED")
    assert issued.history["name"] == f"{REFERENCE} r1"
    assert [_step(task) for task in issued.history["task_runs"]] == [
        "draft-letter",
        "prepare-pack",
        "render-letter",
        "archive-letter",
        *["email-recipient"] * 5,
        "close-case",
        "send-receipt",
        "anchor-case",
    ]
    assert {task["states"][-1]["type"] for task in issued.history["task_runs"]} == {"COMPLETED"}
    assert case.state(1) is State.ISSUED
    assert len(emails(office)) == 5
    assert verify_office(office).is_clean


def test_an_issued_letter_submitted_again_stays_as_it_is(office):
    run(office, the_draft())
    sign(office)
    run(office, the_draft())
    before = office.store.list("")

    again = run(office, the_draft())

    assert again.name == "Issued"
    assert office.store.list("") == before


def test_every_attempt_of_a_failing_step_stands_in_the_trail_and_in_the_logs(office, monkeypatch):
    run(office, the_draft())
    sign(office)
    put, failures = FolderStore.put, iter(["disk asleep", "disk still asleep"])

    def put_that_fails_twice(self, key, data):
        if key.endswith("r1/letter.html") and (why := next(failures, None)):
            raise StoreUnavailable(why, where=key, remedy="Wait.")
        return put(self, key, data)

    monkeypatch.setattr(FolderStore, "put", put_that_fails_twice)

    ended = run(office, the_draft())

    trail = [
        (entry.event, entry.attempt, entry.of, entry.detail.get("error"))
        for entry in Case(office, REFERENCE).chain.entries()
        if entry.step == "render-letter" and entry.event in ("started", "failed", "completed")
    ]
    assert trail == [
        ("started", 1, 4, None),
        ("failed", 1, 4, "store-unavailable"),
        ("started", 2, 4, None),
        ("failed", 2, 4, "store-unavailable"),
        ("started", 3, 4, None),
        ("completed", 3, 4, None),
    ]
    again = [
        (entry.detail["message"].partition(" (")[0], entry.detail["again_in_ms"])
        for entry in Case(office, REFERENCE).chain.entries()
        if entry.event == "failed"
    ]
    assert again == [("disk asleep", 0), ("disk still asleep", 0)]
    assert ended.name == "Issued"
    assert ended.attempts("render-letter") == [3]
    log = "\n".join(line["message"] for line in ended.history["logs"])
    for told in (
        "render-letter: failed (attempt 1 of 4)",
        "disk asleep",
        "render-letter: failed (attempt 2 of 4)",
        "disk still asleep",
        "render-letter: completed (attempt 3 of 4)",
    ):
        assert told in log


def test_a_failure_that_will_not_pass_is_not_tried_again(office, monkeypatch):
    import tasks.rendering.pack as pack

    run(office, the_draft())
    sign(office)
    monkeypatch.setattr(pack, "render_text", lambda letter: "other words\n")

    ended = run(office, the_draft())

    case = Case(office, REFERENCE)
    failed = [entry for entry in case.chain.entries() if entry.event == "failed"]
    assert (ended.name, ended.type) == ("Failed", "FAILED")
    assert ended.attempts("render-letter") == [1]
    assert [(entry.detail["error"], entry.attempt) for entry in failed] == [
        ("rendering-differs", 1)
    ]
    assert "again_in_ms" not in failed[0].detail
    assert case.state(1) is State.SIGNED
    assert emails(office) == []
    assert verify_office(office).is_clean


def test_a_step_whose_time_is_up_is_tried_again(office, monkeypatch):
    import tasks.rendering.pack as pack
    import tasks.rendering.seal  # noqa: F401 - to import it takes half of the step's time

    run(office, the_draft())
    sign(office)
    monkeypatch.setenv("LETTERS_STEPS__TIMEOUT_SECONDS", "1")
    render_text, naps = pack.render_text, iter([1.5])

    def render_slowly_once(letter):
        time.sleep(next(naps, 0))
        return render_text(letter)

    monkeypatch.setattr(pack, "render_text", render_slowly_once)

    ended = run(office, the_draft())

    failed = [e for e in Case(office, REFERENCE).chain.entries() if e.event == "failed"]
    assert ended.name == "Issued"
    assert ended.attempts("render-letter") == [2]
    assert [(e.step, e.attempt, e.detail["error"]) for e in failed] == [
        ("render-letter", 1, "timed-out")
    ]
    assert verify_office(office).is_clean


def test_a_notice_that_nobody_takes_is_tried_again_and_stops_no_letter(office, monkeypatch):
    send = Outbox.send

    def take_letters_only(self, message, *, send_id):
        if self.folder.name == "notices":
            return Answer("not-accepted", said="the mailbox is full")
        return send(self, message, send_id=send_id)

    with monkeypatch.context() as patched:
        patched.setattr(Outbox, "send", take_letters_only)
        run(office, the_draft())
        sign(office)
        ended = run(office, the_draft())
    assert ended.name == "Issued"
    assert ended.attempts("send-receipt") == [4]
    assert "the mailbox is full" in "\n".join(line["message"] for line in ended.history["logs"])
    assert list((office.outbox_folder / "notices").glob("*.eml")) == []
    assert verify_office(office).is_clean

    run(office, the_draft())

    assert len(list((office.outbox_folder / "notices").glob("*.eml"))) == 1
    report = verify_office(office)
    assert (report.differences, report.unanchored_entries) == ((), 0)


def test_a_blocked_draft_stops_with_every_problem_named(office):
    blocked = run(
        office,
        the_draft(**{"Yours sincerely": "Your sincerely", "4 April 2011": "4 March 2011"}),
    )

    assert (blocked.name, blocked.type) == ("Blocked", "FAILED")
    assert "[valediction-wrong]" in blocked.message
    assert "[date-before-inspection]" in blocked.message
    assert office.store.list("cases") == []
    assert verify_office(office).is_clean


def test_a_returned_letter_stays_returned_until_its_words_change(office):
    run(office, the_draft())
    sign(office, Decision.RETURN, "Say 55 files.")

    same = run(office, the_draft())
    changed = run(office, the_draft(**{"54 children": "55 children"}))

    case = Case(office, REFERENCE)
    assert same.name == "Returned"
    assert changed.name == "AwaitingSignOff"
    assert (case.state(1), case.state(2)) == (State.RETURNED, State.AWAITING_SIGN_OFF)
    assert verify_office(office).is_clean


def test_new_words_supersede_a_waiting_revision_and_the_old_ones_do_not_come_back(office):
    run(office, the_draft())
    run(office, the_draft(**{"54 children": "55 children"}))

    old = run(office, the_draft())

    case = Case(office, REFERENCE)
    assert (case.state(1), case.state(2)) == (State.SUPERSEDED, State.AWAITING_SIGN_OFF)
    assert (old.name, old.type) == ("Superseded", "CANCELLED")


def test_new_words_after_the_approval_are_refused_and_the_approved_ones_go_out(office):
    run(office, the_draft())
    sign(office)

    other = run(office, the_draft(**{"54 children": "55 children"}))
    issued = run(office, the_draft())

    assert other.name == "Refused"
    assert "[already-signed]" in other.message
    assert issued.name == "Issued"
    assert Case(office, REFERENCE).revisions() == [1]
    assert verify_office(office).is_clean


def test_a_sign_off_by_a_key_of_another_office_is_refused_and_nothing_is_sent(office, monkeypatch):
    run(office, the_draft())
    monkeypatch.setenv("LETTERS_OFFICE", str(office.root.parent / "other"))
    other = open_office()
    run(other, the_draft())
    sign(other)
    forged = f"{Case(office, REFERENCE).prefix}/r1/signoff.json"
    office.store.put(forged, other.store.get(forged))
    monkeypatch.setenv("LETTERS_OFFICE", str(office.root))

    ended = run(office, the_draft())

    assert ended.name == "AwaitingSignOff"
    refused = [e for e in Case(office, REFERENCE).chain.entries() if e.event == "refused"]
    assert [(e.step, e.detail["code"]) for e in refused] == [("await-sign-off", "sign-off-foreign")]
    assert emails(office) == []
    assert forged in {
        difference.object
        for difference in verify_office(office).differences
        if difference.code == "sign-off-invalid"
    }
