"""Deliveries by real processes: many at once, and killed by the system at any moment."""

import os
import random
import signal
import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from letters.delivery import DeliveryState
from tests.mailing.post_room import (
    a_case,
    a_recipient,
    assert_whole,
    id_of,
    post,
)
from tests.offices import an_office

pytestmark = pytest.mark.slow

FINISHED, FAILED = 0, 1


class WallClock:
    """The real time; waiting really waits."""

    advance = staticmethod(time.sleep)

    def __call__(self):
        return datetime.now(UTC)


def some_recipients(count):
    return [
        a_recipient(id=f"copy-{n}", role="copy", email=f"{n}@westmere.example")
        for n in range(1, count + 1)
    ]


def started(work):
    """Start a process that does `work`, and return its number."""
    child = os.fork()
    if child == 0:
        code = FAILED
        with suppress(BaseException):  # nothing of the test's own run may go on in the child
            work()
            code = FINISHED
        os._exit(code)
    return child


def ended(child):
    """Wait for a process; its exit code, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def deliver_all(root, recipients):
    office = an_office(root, clock=WallClock())
    states = {post(office, recipient) for recipient in recipients}
    assert states == {DeliveryState.ACCEPTED}


def messages_in(outbox):
    return sorted(path.name for path in outbox.glob("*.eml"))


def test_six_processes_deliver_to_ten_at_once_and_each_gets_one(tmp_path):
    recipients = some_recipients(10)
    case = a_case(an_office(tmp_path), *recipients)
    starting, start = os.pipe()

    def work(number):
        os.close(start)
        os.read(starting, 1)  # until the other end is closed everywhere
        deliver_all(tmp_path, recipients[number:] + recipients[:number])

    children = [started(lambda number=number: work(number)) for number in range(6)]
    os.close(start)

    assert [ended(child) for child in children] == [FINISHED] * 6
    os.close(starting)
    assert messages_in(tmp_path / "outbox") == sorted(f"{id_of(r)}.eml" for r in recipients)
    for recipient in recipients:
        (attempt,) = case.attempts(1, id_of(recipient))
        assert attempt.claim.owner.pid in children
        assert (attempt.outcome.result, attempt.settlement) == ("accepted", None)
    assert_whole(case)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_processes_killed_again_and_again_leave_each_with_one_and_none_unknown(tmp_path, seed):
    recipients = some_recipients(60)
    case = a_case(an_office(tmp_path), *recipients)
    chance = random.Random(seed)  # noqa: S311 - it chooses moments, no secrets
    codes = []

    for _ in range(8):
        children = [started(lambda: deliver_all(tmp_path, recipients)) for _ in range(2)]
        for child in children:
            time.sleep(chance.uniform(0, 0.03))
            os.kill(child, signal.SIGKILL)
            codes.append(ended(child))

    assert -signal.SIGKILL in codes
    assert set(codes) <= {-signal.SIGKILL, FINISHED}
    deliver_all(tmp_path, recipients)

    assert messages_in(tmp_path / "outbox") == sorted(f"{id_of(r)}.eml" for r in recipients)
    for recipient in recipients:
        *before, last = case.attempts(1, id_of(recipient))
        assert case.delivery_state(1, recipient) is DeliveryState.ACCEPTED
        assert {a.settlement.ends_as for a in before} <= {"absent"}
        assert "accepted" in (
            last.outcome.result if last.outcome else None,
            last.settlement.ends_as if last.settlement else None,
        )
    assert_whole(case)
