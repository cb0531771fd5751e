"""A chain with an index: it answers as a whole reading does, and reads little of the chain."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.canonical import stored_json
from tasks.case import indexed_chain
from tasks.case.chain import ChainBroken, entry_key
from tasks.case.indexed_chain import IndexedChain, Latest
from tasks.case.witness import Witness
from tests.drafting.archived import CountingStore, NoWitness

START = datetime(2011, 3, 14, 9, tzinfo=UTC)
EVENTS = ("opened", "signed", "closed", "enrolled")
MANY = 500


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(indexed_chain, "EVERY", 5)


class Machine:
    """One of a few machines that share an archive: each of its processes opens the ledger anew."""

    def __init__(self, root, store=None, witness=None):
        self.store = CountingStore() if store is None else store
        self.index = root / "cache" / "ledger.sqlite"
        self.index.parent.parent.mkdir(exist_ok=True)
        self.witness = witness or NoWitness()

    def process(self) -> IndexedChain:
        twin = CountingStore()
        twin.objects, twin.read = self.store.objects, self.store.read
        return IndexedChain(
            twin,
            "ledger",
            clock=lambda: START,
            actor="office@desk-1",
            witness=self.witness,
            index=self.index,
        )

    def add(self, count: int, *, event="opened", reference="CRA-WESTMERE-2011-03-08") -> None:
        chain = self.process()
        for _ in range(count):
            chain.append("ledger", event, detail={"reference": reference})


def an_indexed(root, count: int = 40, **told) -> Machine:
    """A ledger with an enrolment at its beginning, all of it in the index."""
    machine = Machine(root, **told)
    machine.process().append("ledger", "enrolled", detail={"object": "inspectors/helmsley/1.json"})
    machine.add(count)
    machine.process().entries_of("enrolled")
    assert rows(machine) == count + 1
    machine.store.read.clear()
    return machine


def rows(machine: Machine) -> int:
    with sqlite3.connect(machine.index) as cache:
        return cache.execute("SELECT COUNT(*) FROM entries").fetchone()[0]


def whole(machine: Machine) -> list:
    return machine.process().entries()


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("add"), st.integers(0, 2), st.sampled_from(EVENTS), st.sampled_from("ABC")
        ),
        st.tuples(st.just("ask"), st.integers(0, 2)),
        st.tuples(st.just("begin"), st.integers(0, 2)),
        st.tuples(st.just("delete the index")),
    ),
    max_size=60,
)


@settings(max_examples=60)
@given(steps=STEPS)
def test_whatever_processes_add_ask_and_delete_each_answer_is_that_of_a_whole_reading(
    steps, tmp_path_factory
):
    machine = Machine(tmp_path_factory.mktemp("office"))
    processes = [machine.process() for _ in range(3)]
    for step in steps:
        match step:
            case ("add", number, event, reference):
                processes[number].append("ledger", event, detail={"reference": reference})
            case ("begin", number):
                processes[number] = machine.process()
            case ("delete the index",):
                machine.index.unlink(missing_ok=True)
            case ("ask", number):
                entries = whole(machine)
                asked = processes[number]
                two = [e for e in entries if e.event in ("opened", "closed")]
                assert asked.entries_of("opened", "closed") == two
                assert asked.entries_about("A") == [
                    e for e in entries if e.detail["reference"] == "A"
                ]
                assert asked.latest_of("opened", "closed") == {
                    e.detail["reference"]: Latest(e.event, e.at) for e in two
                }


def test_who_asks_while_another_thread_brings_the_index_up_to_date_misses_nothing(
    tmp_path, monkeypatch
):
    machine = an_indexed(tmp_path)
    machine.add(2)
    chain, look_up, others = machine.process(), IndexedChain._as_indexed, [5]

    def interrupted(self, row):
        while others:
            machine.add(others.pop())
            chain.entries_of("opened")
        return look_up(self, row)

    monkeypatch.setattr(IndexedChain, "_as_indexed", interrupted)

    assert len(chain.entries_of("opened")) == 42
    assert rows(machine) == 48


def test_a_short_chain_needs_no_index(tmp_path):
    machine = Machine(tmp_path)
    machine.add(4)

    machine.process().entries_of("opened")

    assert not machine.index.exists()


def test_of_a_long_chain_the_entries_asked_for_are_read_and_few_others(tmp_path):
    machine = an_indexed(tmp_path, MANY)

    (found,) = machine.process().entries_of("enrolled")

    assert found.event == "enrolled"
    # The last that is indexed, the one asked for, and that there is none after the last.
    last = MANY + 1
    assert machine.store.read == [entry_key("ledger", n) for n in (last, last + 1, 1)]


def test_whoever_adds_to_a_long_chain_reads_none_of_it(tmp_path):
    machine = an_indexed(tmp_path, MANY, witness=Witness(tmp_path / "witness"))
    adding = machine.process()
    adding._store.list = None  # nobody asks for all names

    adding.append("ledger", "closed", detail={"reference": "A"})

    assert len(machine.store.read) < 5
    assert [e.event for e in machine.process().entries()][-1] == "closed"


def test_entries_cut_off_the_end_are_missed(tmp_path):
    machine = an_indexed(tmp_path, witness=Witness(tmp_path / "witness"))
    machine.add(2)
    del machine.store.objects[entry_key("ledger", 43)]

    with pytest.raises(ChainBroken, match="Entry 43 of the chain is missing"):
        machine.process().append("ledger", "closed", detail={"reference": "A"})


@pytest.mark.parametrize("is_gone", [True, False], ids=["gone", "altered"])
def test_an_entry_that_is_not_as_it_was_indexed_is_refused(tmp_path, is_gone):
    machine = an_indexed(tmp_path)
    key = entry_key("ledger", 1)
    if is_gone:
        del machine.store.objects[key]
    else:
        forged = machine.process().entries()[0].model_copy(update={"actor": "mallory"})
        machine.store.objects[key] = stored_json(forged.model_dump())

    with pytest.raises(ChainBroken) as refused:
        machine.process().entries_of("enrolled")

    assert refused.value.where == key


def test_a_row_that_was_laid_into_the_index_makes_up_no_entry(tmp_path):
    machine = an_indexed(tmp_path)
    with sqlite3.connect(machine.index) as cache:
        cache.execute("UPDATE entries SET event = 'enrolled', sha256 = 'ab' WHERE seq = 7")

    with pytest.raises(ChainBroken):
        machine.process().entries_of("enrolled")


def test_a_row_that_calls_an_entry_by_another_event_or_letter_makes_it_none_of_them(tmp_path):
    machine = an_indexed(tmp_path)
    with sqlite3.connect(machine.index) as cache:
        cache.execute("UPDATE entries SET event = 'enrolled', reference = 'B' WHERE seq = 7")

    assert [entry.seq for entry in machine.process().entries_of("enrolled")] == [1]
    assert machine.process().entries_about("B") == []


def test_who_verifies_asks_no_index(tmp_path):
    machine = an_indexed(tmp_path)
    with sqlite3.connect(machine.index) as cache:
        cache.execute("UPDATE entries SET event = 'other' WHERE event = 'enrolled'")
    chain = machine.process()
    assert chain.entries_of("enrolled") == []

    chain.leave_index()

    assert [entry.seq for entry in chain.entries_of("enrolled")] == [1]


def test_an_index_of_another_archive_is_made_anew(tmp_path):
    machine = an_indexed(tmp_path)
    other = Machine(tmp_path / "restored")
    other.add(60, reference="CRA-EASTMERE-2012-05-01")
    machine.store = other.store

    assert set(machine.process().latest_of("opened")) == {"CRA-EASTMERE-2012-05-01"}
    machine.process().entries_of("opened")
    assert rows(machine) == 60


@pytest.mark.parametrize("added", [2, 6], ids=["too few to be indexed", "enough to be indexed"])
def test_an_index_that_another_process_begins_anew_is_left(tmp_path, caplog, added):
    machine = an_indexed(tmp_path)
    asking, adding = machine.process(), machine.process()
    asking.entries_of("enrolled")
    adding.entries_of("enrolled")
    with sqlite3.connect(machine.index) as cache:
        cache.execute("DELETE FROM entries WHERE seq > 20")
    machine.add(added)

    assert len(asking.entries_of("opened")) == 40 + added
    assert len(adding.entries_of("opened")) == 40 + added
    assert "it was begun anew" in caplog.text
    assert len(machine.process().entries_of("opened")) == 40 + added
    assert rows(machine) == 41 + added


@pytest.mark.parametrize("spoil", ["text", "folder", "link", "read-only"])
def test_where_the_index_can_not_be_used_all_is_read_and_that_is_logged(tmp_path, caplog, spoil):
    machine = an_indexed(tmp_path)
    machine.index.unlink()
    match spoil:
        case "text":
            machine.index.write_text("No database. " * 1000)
        case "folder":
            machine.index.mkdir()
        case "link":
            machine.index.symlink_to("/dev/null")
        case "read-only":
            machine.index.parent.rmdir()
            machine.index.parent.write_text("a file")

    with caplog.at_level(logging.WARNING):
        found = machine.process().entries_of("enrolled")

    assert [entry.seq for entry in found] == [1]
    assert "can't be used" in caplog.text


def test_one_that_another_process_writes_is_left_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.case.indexed_chain.WAIT_SECONDS", 0)
    machine = an_indexed(tmp_path)
    machine.add(6)
    with sqlite3.connect(machine.index) as other:
        other.execute("BEGIN IMMEDIATE")

        assert len(machine.process().entries_of("opened")) == 46

    assert rows(machine) == 41


def test_only_its_owner_may_read_the_index(tmp_path):
    os.umask(0o022)
    machine = an_indexed(tmp_path)

    assert stat.S_IMODE(machine.index.stat().st_mode) == 0o600
    assert stat.S_IMODE(machine.index.parent.stat().st_mode) == 0o700
