"""Whatever interrupts a letter: nothing differs, and taken up again it is issued once.

An archive, an outbox and a folder of keys change by files that are linked to their
names, and a witness between two links: so a process that is killed just before or
just after a link leaves all that a killed process can leave, but for half a file
without its name and half a line of the witness.
"""

import errno
import os
import shutil
from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest

from flows.verification import verify_office
from letters.case import State
from letters.delivery import DeliveryState
from letters.errors import TransientError
from letters.recipient import send_id
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.rendering import pack
from tests.issuing import (
    REFERENCE,
    SHORT_DRAFT,
    a_sample_office,
    copied,
    files_of,
    in_other_words,
    issue,
)
from tests.offices import START, TickingClock
from tests.thoroughness import EVERY

os_link = os.link

HOUR = timedelta(hours=1)
"""By then every claim has run out."""

LEDGER = {"announced", "enrolled", "opened", "signed", "seal-introduced", "archived", "closed"}

APPROVED = (SHORT_DRAFT, Decision.APPROVE)
RETURNED = (SHORT_DRAFT, Decision.RETURN)
CHANGED = (in_other_words(SHORT_DRAFT), Decision.APPROVE)


@pytest.fixture(autouse=True)
def each_letter_is_rendered_once(monkeypatch):
    """The same letter has the same bytes, as its own tests show."""
    rendered = {}

    def remember(name):
        render = getattr(pack, name)

        def render_once(letter, *args, **kwargs):
            known = (name, letter.digest, len(args), len(kwargs))
            if known not in rendered:
                rendered[known] = render(letter, *args, **kwargs)
            return rendered[known]

        monkeypatch.setattr(pack, name, render_once)

    remember("render")
    remember("render_pdf")


class Killed(BaseException):
    """The process ends here: nothing catches it."""


def killed_runs(tmp_path, monkeypatch, run, *, first=None, every=EVERY):
    """Yield copies of an office as `run` would leave it if killed there, each with its moment.

    The office is copied just before and just after `run` links each file. `first` is
    what was done before.
    """
    office = a_sample_office(tmp_path / "office")
    if first is not None:
        first(office)
    numbers, moments = count(), {}

    def copy(number, when, target):
        if number % every == 0:
            root = tmp_path / f"{when}-{number}"
            moments[root] = f"{when} link {number}, {target}"
            with monkeypatch.context() as patched:
                patched.setattr(os, "link", os_link)
                copied(office.root, root)

    def link(source, target, **folders):
        number = next(numbers)
        copy(number, "before", target)
        os_link(source, target, **folders)
        copy(number, "after", target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", link)
        run(office)
    assert next(numbers) > 40
    for root, moment in moments.items():
        yield a_sample_office(root), moment
        shutil.rmtree(root)


def interrupted_runs(tmp_path, monkeypatch, run, *, error, every=1):
    """Yield offices in which `run` was interrupted, each at another moment, with that moment.

    A run is interrupted by `error` just before or just after it links one file;
    then by that after another file, until none is left.
    """
    for number in count(1, every):
        for when in ("before", "after"):
            office = a_sample_office(tmp_path / f"{when}-{number}")
            links = Links(number, when, error)
            with monkeypatch.context() as patched:
                patched.setattr(os, "link", links)
                with suppress(Killed, TransientError):
                    run(office)
            if links.interrupted is None:
                assert number > 40
                return
            yield office, f"{when} link {number}, {links.interrupted}"
            shutil.rmtree(office.root)


class Links:
    """In the place of `os.link`: one of its calls is interrupted."""

    def __init__(self, number, when, error):
        self._left, self._when, self._error = number, when, error
        self.interrupted = None

    def __call__(self, source, target, **folders):
        self._left -= 1
        if self._left != 0:
            return os_link(source, target, **folders)
        self.interrupted = target
        if self._when == "after":
            os_link(source, target, **folders)
        raise self._error


def another_process(root):
    """Open the office anew, an hour later."""
    return a_sample_office(root, clock=TickingClock(START + HOUR))


def verified(office, when):
    """Verify the archive; return the report and what is wrong with it."""
    report = verify_office(office)
    wrong = [f"{when}: {difference}" for difference in report.differences]
    # The process that was killed may not have told the witness of its last entry.
    if len(report.unwitnessed_entries) > 1:
        wrong.append(f"{when}: unwitnessed {report.unwitnessed_entries}")
    return report, wrong


def taken_up_again(office, draft, *, ledger=LEDGER):
    """Verify an interrupted letter, issue it, verify it again; list what is wrong."""
    _, wrong = verified(office, "interrupted")
    case, revision = issue(office, *draft)
    report, wrong_then = verified(office, "issued")
    wrong += wrong_then
    # A draft that is never submitted again stays as it came in.
    wrong += [f"still open: {key}" for key in report.open_objects if not key.startswith("intake/")]
    if case.state(revision) is not State.ISSUED or case.closed() is None:
        wrong.append(f"not issued: {case.state(revision)}")
    events = {entry.event for entry in office.chain("ledger").entries()}
    if events != ledger:
        wrong.append(f"the ledger has {events}")
    if report.unanchored_entries:
        wrong.append(f"{report.unanchored_entries} entries are not anchored")
    wrong += not_sent_once(case, revision) + not_told_once(case)
    before = files_of(office)
    issue(another_process(office.root), *draft)
    if files_of(office) != before:
        wrong.append("issued once more, it wrote something")
    return wrong


def not_sent_once(case, revision):
    """List the recipients who have not got exactly one e-mail."""
    lie_there = {path.name for path in case.office.outbox_folder.glob("*.eml")}
    wrong = []
    for recipient in case.recipients(revision):
        name = send_id(case.reference, revision, recipient.email)
        lie_there.discard(f"{name}.eml")
        attempts = case.attempts(revision, name)
        states = [attempt.state(case.office.clock()) for attempt in attempts]
        if states.count(DeliveryState.ACCEPTED) != 1 or states[-1] is not DeliveryState.ACCEPTED:
            wrong.append(f"{recipient.id}: {states}")
    return wrong + [f"not for a recipient: {name}" for name in sorted(lie_there)]


def not_told_once(case):
    """List what the office's own people were told twice, and a receipt that nobody got."""
    told = [
        (entry.detail["notice"], entry.detail["revision"])
        for entry in case.chain.entries()
        if entry.event == "notified"
    ]
    wrong = [f"told twice: {notice}" for notice in sorted(set(told)) if told.count(notice) > 1]
    if ("issued", case.closed()["revision"]) not in told:
        wrong.append("no receipt was sent")
    return wrong


def test_a_letter_is_issued_once_whenever_its_process_is_killed(tmp_path, monkeypatch):
    runs = killed_runs(tmp_path, monkeypatch, lambda office: issue(office, *APPROVED))

    wrong = {moment: taken_up_again(another_process(it.root), APPROVED) for it, moment in runs}

    assert {moment: found for moment, found in wrong.items() if found} == {}


def test_other_words_are_issued_whenever_the_first_draft_was_given_up(tmp_path, monkeypatch):
    """A run that ends with a return is killed, and nobody submits its draft again."""
    runs = killed_runs(tmp_path, monkeypatch, lambda office: issue(office, *RETURNED))
    wrong = {}

    for office, moment in runs:
        is_returned = Case(office, REFERENCE).find("r1/signoff.json") is not None
        ledger = LEDGER | {"returned"} if is_returned else LEDGER
        wrong[moment] = taken_up_again(another_process(office.root), CHANGED, ledger=ledger)
        wrong[moment] += verify_office(office, reference=REFERENCE).differences

    assert {moment: found for moment, found in wrong.items() if found} == {}


def test_a_new_revision_is_issued_once_whenever_its_process_is_killed(tmp_path, monkeypatch):
    runs = killed_runs(
        tmp_path,
        monkeypatch,
        lambda office: issue(office, *CHANGED),
        first=lambda office: issue(office, *RETURNED),
        every=5,
    )
    ledger = LEDGER | {"returned"}

    wrong = {
        moment: taken_up_again(another_process(it.root), CHANGED, ledger=ledger)
        for it, moment in runs
    }

    assert {moment: found for moment, found in wrong.items() if found} == {}


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(OSError(errno.EIO, "Input/output error"), id="the disk fails"),
        pytest.param(Killed(), id="the step is killed and its process goes on"),
    ],
)
def test_a_letter_is_issued_once_by_a_process_that_goes_on(tmp_path, monkeypatch, error):
    monkeypatch.setattr("tasks.mailing.deliver.STORE_WAITS_SECONDS", ())
    monkeypatch.setattr("tasks.mailing.deliver.OUTCOME_WAITS_SECONDS", ())
    runs = interrupted_runs(
        tmp_path, monkeypatch, lambda office: issue(office, *APPROVED), error=error, every=7
    )
    wrong = {}

    for office, moment in runs:
        office.clock.advance(HOUR.total_seconds())
        wrong[moment] = taken_up_again(office, APPROVED)

    assert {moment: found for moment, found in wrong.items() if found} == {}


def test_a_witness_that_noted_nothing_of_a_long_chain_is_told(tmp_path):
    """Few entries may lack their note, as crashes leave them: those are named only."""
    witness = tmp_path / "witness"
    witness.write_text("a file where the folder should be")
    office = a_sample_office(tmp_path)

    case, _ = issue(office)

    witness.unlink()
    report = verify_office(office)
    assert [difference.object for difference in report.differences] == [
        f"witness of {case.prefix}/audit"
    ]
    assert {key.rpartition("/")[0].partition("/")[0] for key in report.unwitnessed_entries} == {
        "intake",
        "ledger",
    }
