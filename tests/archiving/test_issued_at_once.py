"""Many at once, and processes killed at any time: one letter, one e-mail each, no difference."""

import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest

from flows.verification import verify_office
from tasks.case.folder import FolderStore
from tests.archiving.test_verify_after_interruption import Killed, not_sent_once, os_link
from tests.issuing import REFERENCE, a_sample_office, issue, submit

# Forks of a process that has rendered nothing: Typst's threads would not come along.
processes = get_context("forkserver")
processes.set_forkserver_preload(["tests.issuing"])


def opened(folder):
    return a_sample_office(Path(folder), clock=lambda: datetime.now(UTC))


def issue_in(folder, barrier=None):
    office = opened(folder)
    if barrier is not None:
        barrier.wait()
    issue(office)


@contextmanager
def verified_meanwhile(folder):
    """Verify the office over and over; yield the list of what was found to differ."""
    differences, is_over = [], Event()

    def verify():
        while not is_over.is_set():
            report = verify_office(opened(folder))
            differences.extend(report.differences)
            # Told apart from differences, since they may be a process's last work.
            differences.extend(key for key in report.emails_picked_up)

    thread = Thread(target=verify)
    thread.start()
    try:
        yield differences
    finally:
        is_over.set()
        thread.join()


def assert_issued_once(folder):
    office = opened(folder)
    report = verify_office(office)
    assert (report.cases, report.differences, report.open_objects) == (1, (), ())
    case, revision = issue(office)
    assert revision == 1
    assert case.closed() is not None
    assert not_sent_once(case, revision) == []


class StoreOfABusyOffice(FolderStore):
    """A store in which something happens just after one of its folders was listed."""

    def __init__(self, root, listing, then):
        super().__init__(root)
        self.left, self._then = listing, then

    def list(self, prefix):
        keys = super().list(prefix)
        self.left -= 1
        if self.left == 0:
            self._then()
        return keys


def nothing(folder):
    folder.mkdir()


def waiting(folder):
    submit(opened(folder))


def claimed(folder):
    """The first e-mail is claimed, and its process killed."""

    def link_claim(source, target, **folders):
        os_link(source, target, **folders)
        if target == "claim-1.json":
            raise Killed

    with pytest.MonkeyPatch.context() as patched, suppress(Killed):
        patched.setattr(os, "link", link_claim)
        issue(a_sample_office(folder))


@pytest.mark.parametrize(
    ("before", "reference"),
    [
        pytest.param(nothing, None, id="all of it, in the archive"),
        pytest.param(waiting, None, id="a waiting one, in the archive"),
        pytest.param(waiting, REFERENCE, id="a waiting one, in the letter"),
        pytest.param(claimed, None, id="a claimed one, in the archive"),
        pytest.param(claimed, REFERENCE, id="a claimed one, in the letter"),
    ],
)
def test_nothing_differs_in_a_letter_that_is_issued_while_it_is_verified(
    tmp_path, before, reference
):
    for listing in count(1):
        folder = tmp_path / str(listing)
        before(folder)
        store = StoreOfABusyOffice(
            folder / "archive", listing, lambda folder=folder: issue(opened(folder))
        )

        report = verify_office(replace(opened(folder), store=store), reference=reference)

        assert (report.differences, report.emails_picked_up) == ((), ())
        if store.left > 0:
            break
    assert listing > 2


@pytest.mark.parametrize("share", ["one office", "an office each"])
def test_a_letter_that_many_threads_issue_is_issued_once(tmp_path, share):
    threads = 4
    for number in range(4):
        folder = tmp_path / str(number)
        one, barrier = opened(folder), Barrier(threads)

        def run(_, *, one=one, folder=folder, barrier=barrier):
            office = one if share == "one office" else opened(folder)
            barrier.wait()
            issue(office)

        with verified_meanwhile(folder) as differences, ThreadPoolExecutor(threads) as pool:
            list(pool.map(run, range(threads)))

        assert differences == []
        assert_issued_once(folder)


@pytest.mark.slow
def test_a_letter_that_many_processes_issue_is_issued_once(tmp_path):
    for number in range(3):
        folder, barrier = tmp_path / str(number), processes.Barrier(2)
        running = [processes.Process(target=issue_in, args=(folder, barrier)) for _ in range(2)]

        with verified_meanwhile(folder) as differences:
            for process in running:
                process.start()
            for process in running:
                process.join()

        assert [process.exitcode for process in running] == [0, 0]
        assert differences == []
        assert_issued_once(folder)


@pytest.mark.slow
def test_a_letter_is_issued_once_whenever_its_process_is_really_killed(tmp_path):
    chance = random.Random(2011)  # noqa: S311 -- nothing secret
    longest, killed = None, 0

    for number in range(13):
        folder, barrier = tmp_path / str(number), processes.Barrier(2)
        folder.mkdir()
        process = processes.Process(target=issue_in, args=(folder, barrier))
        process.start()
        barrier.wait()
        began = time.monotonic()
        if longest is not None:
            time.sleep(chance.uniform(0, longest))
            process.kill()
        process.join()
        longest = longest or time.monotonic() - began
        killed += process.exitcode == -signal.SIGKILL

        assert verify_office(opened(folder)).differences == ()
        issue(opened(folder))
        assert_issued_once(folder)

    assert killed > 6
