"""Many at once, and processes killed at any time: one letter, one e-mail each, no difference."""

import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest

from flows.verification import verify_office
from tests.archiving.test_verify_after_interruption import not_sent_once
from tests.issuing import a_sample_office, issue

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


@pytest.mark.parametrize("share", ["one office", "an office each"])
def test_a_letter_that_many_threads_issue_is_issued_once(tmp_path, share):
    threads = 4
    for number in range(8):
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
    began = time.monotonic()
    whole = processes.Process(target=issue_in, args=(tmp_path / "whole",))
    whole.start()
    whole.join()
    longest, killed = time.monotonic() - began, 0

    for number in range(12):
        folder = tmp_path / str(number)
        folder.mkdir()
        process = processes.Process(target=issue_in, args=(folder,))
        process.start()
        time.sleep(chance.uniform(0, longest))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        killed += process.exitcode == -signal.SIGKILL

        assert verify_office(opened(folder)).differences == ()
        issue(opened(folder))
        assert_issued_once(folder)

    assert killed > 6
