"""A clock that is set back in the middle of a letter: nothing is sent twice, the chain goes on."""

from datetime import timedelta

import botocore.auth
import pytest

from flows.verification import verify_office
from letters.delivery import DeliveryState
from letters.refusals import KeyUnknown
from tasks.case.case import Case
from tasks.case.store import StoreRefused
from tasks.mailing.delivery import MARGIN_SECONDS
from tasks.mailing.settle import settle
from tests.issuing import REFERENCE, a_sample_office, as_another_process, issue
from tests.mailing.post_room import (
    ANOTHER_MACHINE,
    FakeProvider,
    a_case,
    a_claim,
    a_recipient,
    held,
    id_of,
    post,
)
from tests.offices import START, TickingClock, an_office
from tests.radosgw import radosgw as radosgw

HOUR = timedelta(hours=1)
READINGS = range(1, 96, 12)
"""At which the clock is set back; a letter reads it about a hundred times."""


class SetBack(TickingClock):
    """A clock that somebody sets back an hour when it is read for the nth time."""

    def __init__(self, reading):
        super().__init__()
        self._left = reading

    @property
    def is_set_back(self):
        return self._left <= 0

    def __call__(self):
        self._left -= 1
        if self._left == 0:
            self.advance(-HOUR.total_seconds())
        return super().__call__()


@pytest.mark.parametrize("reading", READINGS)
def test_a_letter_is_issued_once_by_a_clock_that_is_set_back(tmp_path, reading):
    office = a_sample_office(tmp_path, clock=SetBack(reading))

    try:
        case, _ = issue(office)
    except KeyUnknown:  # a key doesn't sign before it was enrolled; and nothing was kept
        office.clock.advance(HOUR.total_seconds())
        case, _ = issue(office)

    assert office.clock.is_set_back
    report = verify_office(as_another_process(office))
    assert (report.differences, report.open_objects) == ((), ())
    assert set(case.delivery_states(1).values()) == {DeliveryState.ACCEPTED}
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == len(case.recipients(1))
    assert Case(as_another_process(office), REFERENCE).closed() is not None


def test_a_claim_that_had_run_out_is_not_used_when_the_clock_is_set_back(tmp_path):
    clock, provider = TickingClock(), FakeProvider("accepted")
    office = an_office(tmp_path, clock=clock, provider=provider)
    case = a_case(office)
    held(case, a_claim(owner=ANOTHER_MACHINE, at=START))
    clock.advance(HOUR.total_seconds())
    assert post(office) is DeliveryState.UNKNOWN

    clock.advance(-HOUR.total_seconds())

    assert case.delivery_state(1, a_recipient()) is DeliveryState.IN_FLIGHT
    assert post(office) is DeliveryState.UNKNOWN  # it waits for the claim's end once more
    assert provider.taken[id_of()] == 0


def test_a_claim_made_before_the_clock_was_set_back_keeps_nobody_waiting_for_long(tmp_path):
    provider = FakeProvider("accepted")
    office = an_office(tmp_path, provider=provider)
    case = a_case(office)
    held(case, a_claim(at=START + HOUR, seconds=60))
    waits = []

    assert post(office, sleep=waits.append) is DeliveryState.UNKNOWN
    settle(office, case, 1, a_recipient(), as_="resend", why="Nobody knows.", sleep=waits.append)

    assert sum(waits) == pytest.approx(2 * (60 + MARGIN_SECONDS), abs=1)
    assert post(office) is DeliveryState.ACCEPTED
    assert provider.taken[id_of()] == 1


def test_whoever_held_a_claim_sends_nothing_after_it_was_decided_and_the_clock_set_back(tmp_path):
    """Held up before its request for an hour, in which a person has it sent again."""
    clock, provider = TickingClock(), FakeProvider("accepted")
    office = an_office(tmp_path, clock=clock, provider=provider)
    case = a_case(office)
    slow = as_another_process(an_office(tmp_path, clock=clock, provider=provider))
    put = slow.store.put

    def meanwhile(key, data):
        stored = put(key, data)
        if key.endswith("/claim-1.json"):
            clock.advance(HOUR.total_seconds())
            settle(office, case, 1, a_recipient(), as_="resend", why="Nobody knows.")
            assert post(as_another_process(office)) is DeliveryState.ACCEPTED
            clock.advance(-HOUR.total_seconds())
        return stored

    slow.store.put = meanwhile

    assert post(slow) is DeliveryState.ACCEPTED
    assert provider.taken[id_of()] == 1


@pytest.mark.slow
def test_a_clock_that_the_server_of_the_archive_finds_wrong_is_named(
    radosgw, tmp_path, monkeypatch
):
    office = a_sample_office(tmp_path, store=radosgw.store())
    real = botocore.auth.get_current_datetime

    def late(*args, **kwargs):
        return real(*args, **kwargs) - HOUR

    with monkeypatch.context() as patched:
        patched.setattr(botocore.auth, "get_current_datetime", late)
        with pytest.raises(StoreRefused) as refused:
            issue(office)

    assert (refused.value.code, bool(refused.value.remedy)) == ("clock-wrong", True)
    assert office.store.list("") == []
