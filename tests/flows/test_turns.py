"""Turns: who does what many would do at once."""

from __future__ import annotations

import stat
from datetime import timedelta
from types import SimpleNamespace

import pytest

from flows import turns
from flows.turns import turn

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock(monkeypatch):
    """The machine's clock, which only we move."""
    now = SimpleNamespace(seconds=1_300_000_000.0)
    told = SimpleNamespace(time=lambda: now.seconds, monotonic=lambda: now.seconds)
    monkeypatch.setattr(turns, "time", told)
    return now


@pytest.fixture
def mark(tmp_path):
    return tmp_path / "cache" / "page"


def take(mark, clock, *, every=MINUTE, seconds=0.0):
    with turn(mark, at_most_every=every) as is_time:
        clock.seconds += seconds
    return is_time


@pytest.mark.parametrize(
    ("took", "after", "is_time"),
    [
        pytest.param(0, 59, False, id="too soon"),
        pytest.param(0, 60, True, id="late enough"),
        pytest.param(10, 199, False, id="too soon for what took ten seconds"),
        pytest.param(10, 200, True, id="late enough for what took ten seconds"),
    ],
)
def test_it_is_time_again_some_time_after_it_was_begun(mark, clock, took, after, is_time):
    began = clock.seconds
    assert take(mark, clock, seconds=took)
    clock.seconds = began + after

    assert take(mark, clock) is is_time


def test_it_is_nobody_else_s_turn_while_one_is_at_it(mark, clock):
    with turn(mark, at_most_every=MINUTE) as first, turn(mark, at_most_every=MINUTE) as second:
        assert (first, second) == (True, False)


def test_who_must_do_it_is_let_at_once_and_counts(mark, clock):
    take(mark, clock)

    assert take(mark, clock, every=timedelta(0), seconds=5)
    clock.seconds += 70
    assert not take(mark, clock)


def test_a_turn_that_was_not_had_counts_for_nothing(mark, clock):
    take(mark, clock)
    clock.seconds += 59
    take(mark, clock)
    clock.seconds += 1

    assert take(mark, clock)


@pytest.mark.parametrize("text", ["", "nonsense", "[1]", "{}", "[9e9, 0]"], ids=repr)
def test_a_mark_that_can_t_be_read_or_is_of_the_future_holds_nobody_up(mark, clock, text):
    take(mark, clock)
    mark.write_text(text)

    assert take(mark, clock)


def test_what_fails_has_had_its_turn(mark, clock):
    with pytest.raises(RuntimeError), turn(mark, at_most_every=MINUTE):
        raise RuntimeError

    assert not take(mark, clock)


def test_only_its_owner_may_read_the_mark(mark, clock):
    take(mark, clock)

    assert stat.S_IMODE(mark.stat().st_mode) == 0o600
    assert stat.S_IMODE(mark.parent.stat().st_mode) == 0o700
