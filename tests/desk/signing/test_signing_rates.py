"""A bucket lets through its burst, then its rate, and the memory of it all is bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desk.signing import rates
from desk.signing.rates import Rates


class Now:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_after_the_burst_there_is_one_for_each_interval() -> None:
    now = Now()
    bucket = Rates(burst=2, per_second=0.5, now=now)

    assert [bucket.wait_seconds("a") for _ in range(3)] == [0.0, 0.0, 2.0]
    now.seconds = 1.0
    assert bucket.wait_seconds("a") == 1.0
    now.seconds = 2.0
    assert bucket.wait_seconds("a") == 0.0
    assert bucket.wait_seconds("b") == 0.0


def test_a_long_rest_fills_the_bucket_no_further_than_its_burst() -> None:
    now = Now()
    bucket = Rates(burst=2, per_second=1.0, now=now)
    bucket.wait_seconds("a")
    now.seconds = 1_000.0

    assert [bucket.wait_seconds("a") for _ in range(3)] == [0.0, 0.0, 1.0]


@given(
    st.lists(st.floats(min_value=0, max_value=30), max_size=60),
    st.integers(min_value=1, max_value=10),
    st.sampled_from([0.25, 1.0, 4.0]),
)
def test_never_more_than_the_burst_and_the_rate(
    pauses: list[float], burst: int, per_second: float
) -> None:
    now = Now()
    bucket = Rates(burst=burst, per_second=per_second, now=now)
    passed = 0
    for pause in pauses:
        now.seconds += pause
        passed += bucket.wait_seconds("a") == 0
    assert passed <= burst + now.seconds * per_second + 1e-6


def test_only_so_many_are_remembered(monkeypatch) -> None:
    monkeypatch.setattr(rates, "MOST_BUCKETS", 3)
    bucket = Rates(burst=1, per_second=1.0, now=Now())
    for key in "abcd":
        bucket.wait_seconds(key)

    assert len(bucket._buckets) == 3
    assert bucket.wait_seconds("d") == 1.0
    assert bucket.wait_seconds("a") == 0.0  # forgotten
