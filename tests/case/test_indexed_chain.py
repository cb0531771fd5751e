"""A chain with an index: it answers as a whole reading does, and reads little of the chain."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.audit import moment_text
from letters.canonical import stored_json
from tasks.case import indexed_chain
from tasks.case.cache import open_cache
from tasks.case.chain import ChainBroken, entry_key
from tasks.case.indexed_chain import IndexedChain, Latest
from tasks.case.witness import Witness
from tests.case.test_folder_store import somebody_without_rights
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
        self.now = START

    def process(self) -> IndexedChain:
        twin = CountingStore()
        twin.objects, twin.read = self.store.objects, self.store.read
        return IndexedChain(
            twin,
            "ledger",
            clock=lambda: self.now,
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


def forge(machine: Machine, number: int) -> None:
    """Lay another entry in an entry's place."""
    key = entry_key("ledger", number)
    forged = machine.process().entries()[number - 1].model_copy(update={"actor": "mallory"})
    machine.store.objects[key] = stored_json(forged.model_dump())


ALTERED = {
    "gone": (1, None, 1),
    "altered: the next names another": (1, forge, 2),
    "altered, the last that is indexed": (41, forge, 41),
}


@pytest.mark.parametrize("what", ALTERED)
def test_an_entry_that_neither_index_nor_chain_knows_so_is_refused(tmp_path, what):
    number, alter, where = ALTERED[what]
    machine = an_indexed(tmp_path)
    asking = machine.process()
    asking.entries_about("none")
    if alter is None:
        del machine.store.objects[entry_key("ledger", number)]
    else:
        alter(machine, number)

    for _ in range(2):  # it is no better the second time
        with pytest.raises(ChainBroken) as refused:
            asking.entries_of("enrolled", "opened")
        assert refused.value.where == entry_key("ledger", where)

    # It is what shows that something was altered.
    assert rows(machine) == 41


SPOILT = {
    "another hash": "UPDATE entries SET sha256 = 'ab' WHERE seq = 1",
    "a hash that is none": "UPDATE entries SET sha256 = x'ff' WHERE seq = 1",
    "the hash and event of another": "UPDATE entries SET event = 'enrolled', sha256 = 'ab'"
    " WHERE seq = 7",
}


@pytest.mark.parametrize("what", SPOILT)
def test_where_the_archive_is_whole_a_row_that_differs_from_it_stops_nobody(tmp_path, caplog, what):
    machine = an_indexed(tmp_path)
    with sqlite3.connect(machine.index) as cache:
        cache.execute(SPOILT[what])
    asking = machine.process()

    for _ in range(2):
        assert [entry.seq for entry in asking.entries_of("enrolled")] == [1]
    asking.append("ledger", "closed", detail={"reference": "A"})
    assert [entry.seq for entry in asking.entries_about("A")] == [42]
    assert caplog.text.count("The index of ledger can't be used") == 1

    assert [entry.seq for entry in machine.process().entries_of("enrolled")] == [1]
    with sqlite3.connect(machine.index) as cache:
        (found,) = cache.execute("SELECT seq FROM entries WHERE event = 'enrolled'").fetchall()
    assert (found, rows(machine)) == ((1,), 42)


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


EASTMERE = "CRA-EASTMERE-2012-05-01"


@pytest.mark.parametrize("count", [20, 40, 60], ids=["shorter", "as long", "longer"])
def test_an_index_that_another_archive_begins_anew_is_not_believed(tmp_path, caplog, count):
    machine, other = an_indexed(tmp_path), Machine(tmp_path)
    asking = machine.process()
    asking.entries_of("enrolled")
    other.add(count + 1, reference=EASTMERE)
    other.process().entries_of("opened")
    assert rows(other) == count + 1

    assert set(asking.latest_of("opened")) == {"CRA-WESTMERE-2011-03-08"}
    assert len(asking.entries_of("opened")) == 40
    assert asking.entries_about(EASTMERE) == []

    assert "it was begun anew" in caplog.text
    assert rows(other) == count + 1
    assert set(other.process().latest_of("opened")) == {EASTMERE}


def test_nothing_is_added_to_an_index_that_another_archive_has_begun(tmp_path):
    machine, other = Machine(tmp_path), Machine(tmp_path)
    machine.add(3)
    asking = machine.process()
    asking.entries_of("opened")
    other.add(60, reference=EASTMERE)
    other.process().entries_of("opened")
    for _ in range(20):
        asking.append("ledger", "opened", detail={"reference": "CRA-WESTMERE-2011-03-08"})

    assert len(asking.entries_of("opened")) == 23

    assert rows(other) == 60
    assert set(other.process().latest_of("opened")) == {EASTMERE}
    assert len(other.process().entries_of("opened")) == 60


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


# What a power cut, or a disk, makes of the index.


PAGE_BYTES = 4096
INTERIOR = (2, 5)
"""The kinds of page, of an index and of a table, that name others: SQLite's file format, 1.6."""


def pages_of(index: bytes, number: int) -> list[int]:
    """List the pages of a tree, given the number of its root."""
    page = index[(number - 1) * PAGE_BYTES : number * PAGE_BYTES]
    if page[0] not in INTERIOR:
        return [number]
    cells = [int.from_bytes(page[12 + 2 * n :][:2], "big") for n in range(256 * page[3] + page[4])]
    below = [int.from_bytes(page[at:][:4], "big") for at in (*cells, 8)]
    return [number, *(each for child in below for each in pages_of(index, child))]


def root_page(machine: Machine, name: str) -> int:
    with sqlite3.connect(machine.index) as cache:
        (number,) = cache.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)
        ).fetchone()
    return number


@pytest.mark.parametrize("stale", ["entries", "by_event", "by_reference"])
def test_old_pages_among_new_ones_are_seen_and_the_index_is_made_anew(tmp_path, caplog, stale):
    machine = an_indexed(tmp_path, MANY)
    old, root = machine.index.read_bytes(), root_page(machine, stale)
    for event in ("signed", "closed"):
        machine.add(10, event=event, reference=f"CRA-EASTMERE-2012-05-{len(event):02}")
    machine.process().entries_of("enrolled")
    pages = bytearray(machine.index.read_bytes())
    for number in pages_of(old, root):
        place = slice((number - 1) * PAGE_BYTES, number * PAGE_BYTES)
        pages[place] = old[place]
    machine.index.write_bytes(pages)

    asked = machine.process()

    assert len(asked.entries_of("signed")) == 10
    assert len(asked.entries_about("CRA-EASTMERE-2012-05-06")) == 20
    assert set(asked.latest_of("closed")) == {"CRA-EASTMERE-2012-05-06"}
    assert "The index of ledger" in caplog.text
    assert rows(machine) == MANY + 21


def spoil_a_word(machine: Machine) -> None:
    """Write another word for `enrolled` into the tree by event alone: no count differs."""
    pages = machine.index.read_bytes()
    root = root_page(machine, "by_event")
    for number in pages_of(pages, root):
        start = (number - 1) * PAGE_BYTES
        if (at := pages.find(b"enrolled", start, start + PAGE_BYTES)) > 0:
            machine.index.write_bytes(pages[:at] + b"enrobed!" + pages[at + 8 :])
            return
    raise AssertionError


@pytest.mark.parametrize("since", ["the day before", "the machine was started"])
def test_once_a_day_and_after_each_start_of_the_machine_all_of_it_is_checked(
    tmp_path, monkeypatch, caplog, since
):
    machine = an_indexed(tmp_path, MANY)
    machine.process().entries_of("enrolled")
    spoil_a_word(machine)
    # Nothing that a process looks at each time tells of it.
    assert machine.process().entries_of("enrolled") == []
    if since == "the day before":
        machine.now += timedelta(days=1)
    else:
        monkeypatch.setattr(indexed_chain, "boot", lambda: "another")

    assert [entry.seq for entry in machine.process().entries_of("enrolled")] == [1]
    assert "The index of ledger is begun anew" in caplog.text
    assert [entry.seq for entry in machine.process().entries_of("enrolled")] == [1]
    assert rows(machine) == MANY + 1


def test_all_of_it_is_checked_by_the_first_process_of_a_day_alone(tmp_path, monkeypatch):
    machine = an_indexed(tmp_path)
    checked: list[bool] = []

    def is_sound(cache):
        checked.append(True)
        return True

    monkeypatch.setattr(indexed_chain, "is_sound", is_sound)
    for _ in range(3):
        machine.process().entries_of("enrolled")
    assert len(checked) == 1

    machine.now += timedelta(days=1)
    for _ in range(3):
        machine.process().entries_of("enrolled")
    assert len(checked) == 2


def test_that_it_was_checked_need_not_be_noted(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("tasks.case.indexed_chain.WAIT_SECONDS", 0)
    machine = an_indexed(tmp_path)
    with sqlite3.connect(machine.index) as other:
        other.execute("BEGIN IMMEDIATE")

        assert len(machine.process().entries_of("opened")) == 40

    assert caplog.text == ""


def test_what_is_written_to_a_cache_lies_on_the_disk_before_it_counts(tmp_path):
    with closing(open_cache(tmp_path / "cache" / "a.sqlite", layout=1, tables="")) as cache:
        # 2 is FULL: with a rollback journal, NORMAL can leave old pages among new ones.
        assert cache.execute("PRAGMA synchronous").fetchone() == (2,)
        assert cache.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_where_the_cache_is_another_user_s_all_is_read_and_that_is_logged(tmp_path, caplog):
    machine = an_indexed(tmp_path)
    machine.index.parent.chmod(0)
    with somebody_without_rights():
        asking = machine.process()

        assert [entry.seq for entry in asking.entries_of("enrolled")] == [1]
        assert asking.append("ledger", "closed", detail={"reference": "A"}).seq == 42
    machine.index.parent.chmod(0o700)
    assert "can't be used" in caplog.text


LAY = "INSERT OR REPLACE INTO entries VALUES (?, 'ab', 'opened', 'CRA-EASTMERE-2012-05-01', ?)"


@pytest.mark.parametrize("numbers", [(-5,), (-5, 7), (0,), (2**63 - 1,), (2**63 - 1, -(2**63))])
@pytest.mark.parametrize("is_all", [True, False], ids=["alone", "among others"])
def test_rows_whose_number_no_entry_can_have_are_seen(tmp_path, caplog, numbers, is_all):
    machine = an_indexed(tmp_path)
    with sqlite3.connect(machine.index) as cache:
        if is_all:
            cache.execute("DELETE FROM entries")
        for number in numbers:
            cache.execute(LAY, (number, moment_text(START)))
    asking = machine.process()

    assert len(asking.entries_of("opened")) == 40
    assert set(asking.latest_of("opened")) == {"CRA-WESTMERE-2011-03-08"}
    assert asking.append("ledger", "closed", detail={"reference": "A"}).seq == 42
    assert "The index of ledger is begun anew: rows are missing" in caplog.text
    assert set(machine.process().latest_of("opened")) == {"CRA-WESTMERE-2011-03-08"}


def test_numbers_that_are_spoilt_while_a_process_asks_are_left_out(tmp_path):
    machine = an_indexed(tmp_path)
    asking = machine.process()
    asking.entries_of("enrolled")
    with sqlite3.connect(machine.index) as cache:
        cache.execute(LAY, (-5, moment_text(START)))

    assert len(asking.entries_of("opened")) == 40
    assert set(asking.latest_of("opened")) == {"CRA-WESTMERE-2011-03-08"}


SET = {
    "at": "UPDATE entries SET at = ? WHERE event = 'opened'",
    "reference": "UPDATE entries SET reference = ? WHERE event = 'opened'",
    "text": "UPDATE entries SET reference = CAST(? AS TEXT) WHERE event = 'opened'",
}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "nonsense"),
        ("at", ""),
        ("at", "2011-03-14"),
        ("at", "2011-02-31T09:00:00.000Z"),
        ("at", "2011-03-14T09:00:00.000Z\n"),
        ("at", b"\xff"),
        ("reference", "../../x"),
        ("reference", "CRA-WESTMERE-2011-03-08\n"),
        ("reference", b"\xff"),
        ("text", b"\xff"),
    ],
)
def test_where_a_row_says_what_no_entry_can_say_the_chain_is_asked(tmp_path, caplog, column, value):
    machine = an_indexed(tmp_path)
    with sqlite3.connect(machine.index) as cache:
        cache.execute(SET[column], (value,))

    assert machine.process().latest_of("opened") == {
        "CRA-WESTMERE-2011-03-08": Latest("opened", moment_text(START))
    }
    assert "The index of ledger can't be used" in caplog.text


def test_what_an_entry_itself_calls_a_letter_is_no_fault_of_the_index(tmp_path, caplog):
    machine = an_indexed(tmp_path)
    machine.add(9, reference="../../x")
    machine.process().entries_of("enrolled")
    assert rows(machine) == 50

    assert set(machine.process().latest_of("opened")) == {"CRA-WESTMERE-2011-03-08", "../../x"}
    assert caplog.text == ""


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
