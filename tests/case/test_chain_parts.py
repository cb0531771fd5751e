"""A chain read from somewhere on: linked, as long as the witness knows, and nothing before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.audit import NO_PREVIOUS
from letters.canonical import sha256_hex
from tasks.case.chain import Chain, ChainBroken, entry_key
from tests.drafting.archived import CountingStore

START = datetime(2011, 3, 14, 9, tzinfo=UTC)
DAY = timedelta(days=1)


class Noted:
    """A witness that has noted so many entries."""

    def __init__(self, count: int = 0) -> None:
        self.count = count

    def note(self, chain: str, seq: int, sha256: str) -> None:
        self.count = seq

    def heads(self, chain: str) -> list[tuple[int, str]]:
        return [(self.count, NO_PREVIOUS)] if self.count else []


def a_store(days: int) -> CountingStore:
    """A chain to which an entry was added each day."""
    store = CountingStore()
    now = iter(START + n * DAY for n in range(days))
    chain = Chain(store, "audit", clock=lambda: next(now), actor="office@desk-1")
    for number in range(1, days + 1):
        chain.append("drafting", "started", detail={"number": number})
    store.read.clear()
    return store


def opened(store: CountingStore, noted: int = 0) -> Chain:
    """The chain as another process opens it."""
    twin = CountingStore()
    twin.objects, twin.read = store.objects, store.read
    witness = Noted(noted)
    return Chain(twin, "audit", clock=lambda: START, actor="them@desk-2", witness=witness)


def sha256_of(store: CountingStore, seq: int) -> str:
    return sha256_hex(store.objects[entry_key("audit", seq)])


@given(length=st.integers(0, 12), data=st.data())
def test_the_entries_after_one_are_those_that_a_whole_reading_gives(length, data):
    store = a_store(length)
    after = data.draw(st.integers(0, length))

    part = opened(store).part_after(after)

    entries = opened(store).entries()
    assert list(part.entries) == entries[after:]
    assert (part.seq, part.sha256) == opened(store).head()
    assert part.at == (entries[-1].at if entries else None)


def test_what_comes_before_is_not_read():
    store = a_store(9)

    opened(store).part_after(6)

    assert set(store.read) == {entry_key("audit", seq) for seq in (6, 7, 8, 9, 10)}


def test_read_again_only_what_came_since_is_read():
    store = a_store(9)
    chain = opened(store)
    chain.part_after(6)
    entry = opened(store).append("drafting", "completed")
    store.read.clear()

    part = chain.part_after(6)

    assert (part.entries[-1], part.seq) == (entry, 10)
    assert store.read == [entry_key("audit", 10), entry_key("audit", 11)]


def test_adding_to_a_chain_of_which_a_part_was_read_reads_nothing_before_it():
    store = a_store(9)
    chain = opened(store, noted=9)
    chain.part_after(6)
    store.read.clear()

    assert chain.append("drafting", "completed").seq == 10
    assert set(store.read) <= {entry_key("audit", 9)}
    assert [entry.seq for entry in opened(store).entries()] == [*range(1, 11)]


def altered(store, seq):
    key = entry_key("audit", seq)
    store.objects[key] = store.objects[key].replace(b"drafting", b"draughts")


def gone(store, seq):
    del store.objects[entry_key("audit", seq)]


@pytest.mark.parametrize(
    ("harm", "seq", "noted"),
    [
        pytest.param(altered, 7, 9, id="an entry was altered"),
        pytest.param(altered, 6, 9, id="the entry before the first was altered"),
        pytest.param(gone, 7, 9, id="an entry is gone from the middle"),
        pytest.param(gone, 9, 9, id="the last entry is gone, and the witness has noted it"),
        pytest.param(gone, 6, 0, id="the entry from which on it is read is gone"),
    ],
)
def test_it_is_broken_where(harm, seq, noted):
    store = a_store(9)
    harm(store, seq)

    with pytest.raises(ChainBroken):
        opened(store, noted=noted).part_after(6)


@pytest.mark.parametrize("length", [6, 9])
def test_it_is_broken_where_the_entry_before_is_another_than_was_seen(length):
    store = a_store(length)
    seen = sha256_of(store, 6)

    assert opened(store).part_after(6, seen).seq == length
    with pytest.raises(ChainBroken):
        opened(store).part_after(6, NO_PREVIOUS)


@given(length=st.integers(0, 40), hours=st.integers(-30, 24 * 42))
def test_the_last_entry_before_a_moment_is_found(length, hours):
    store = a_store(length)
    moment = START + timedelta(hours=hours)

    found = opened(store).last_before(moment)

    assert found == sum(START + n * DAY < moment for n in range(length))


def test_it_is_found_with_few_questions():
    store = a_store(1000)

    assert opened(store).last_before(START + 500 * DAY) == 500

    assert len(store.read) < 15
