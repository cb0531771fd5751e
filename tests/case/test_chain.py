"""The chain in one process, and the witness beside it."""

from __future__ import annotations

import fcntl
import logging
import os
import stat
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.audit import (
    NO_PREVIOUS,
    AuditEntryTooLarge,
    AuditEntryUnreadable,
    chain_faults,
)
from letters.canonical import sha256_hex
from tasks.case.chain import Chain, ChainBroken, entry_key, stored_entries
from tasks.case.folder import FolderStore
from tasks.case.store import InvalidKey, ObjectNotPlain, check_key, check_prefix, object_missing
from tasks.case.witness import Witness

START = datetime(2010, 8, 18, 9, 30, tzinfo=UTC)


class DictionaryStore:
    """A store in memory. Twins hold the same objects but are different stores to a
    process, as the stores of two processes are."""

    def __init__(self, objects: dict[str, bytes] | None = None) -> None:
        self.objects = {} if objects is None else objects
        self.questions = 0
        self.before_put: Callable[[str], None] = lambda key: None

    def twin(self) -> DictionaryStore:
        return DictionaryStore(self.objects)

    def put(self, key: str, data: bytes) -> bytes:
        self.before_put(key)
        return self.objects.setdefault(check_key(key), data)

    def get(self, key: str) -> bytes:
        data = self.find(key)
        if data is None:
            raise object_missing(key)
        return data

    def find(self, key: str) -> bytes | None:
        return self.objects.get(check_key(key))

    def series(self, key_of: Callable[[int], str], first: int) -> Iterator[bytes]:
        while (data := self.find(key_of(first))) is not None:
            yield data
            first += 1

    def exists(self, key: str) -> bool:
        self.questions += 1
        return check_key(key) in self.objects

    def list(self, prefix: str) -> list[str]:
        start = check_prefix(prefix)
        return sorted(key for key in self.objects if not start or key.startswith(f"{start}/"))


class Clock:
    """A minute later each time it is read."""

    def __init__(self, step: timedelta = timedelta(minutes=1)) -> None:
        self.now = START - step
        self.step = step

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


def a_chain(store: Any, prefix: str = "audit", **changes: Any) -> Chain:
    return Chain(store, prefix, **{"clock": Clock(), "actor": "office@desk-1"} | changes)


def test_an_empty_chain_has_no_head() -> None:
    chain = a_chain(DictionaryStore())

    assert (chain.head(), chain.entries()) == ((0, NO_PREVIOUS), [])


def test_entries_are_numbered_linked_and_stored_under_their_number() -> None:
    store = DictionaryStore()
    chain = a_chain(store, "cases/audit")

    first = chain.append("drafting", "started")
    second = chain.append("drafting", "failed", attempt=2, of=3, detail={"again_in_ms": 2000})

    assert store.objects == {
        "cases/audit/00000001.json": first.to_bytes(),
        "cases/audit/00000002.json": second.to_bytes(),
    }
    assert first.model_dump() == {
        "seq": 1,
        "previous": NO_PREVIOUS,
        "at": "2010-08-18T09:30:00.000Z",
        "actor": "office@desk-1",
        "step": "drafting",
        "event": "started",
        "attempt": 1,
        "of": 1,
        "detail": {},
    }
    assert second.model_dump() == {
        "seq": 2,
        "previous": sha256_hex(first.to_bytes()),
        "at": "2010-08-18T09:31:00.000Z",
        "actor": "office@desk-1",
        "step": "drafting",
        "event": "failed",
        "attempt": 2,
        "of": 3,
        "detail": {"again_in_ms": 2000},
    }
    assert chain.entries() == [first, second]
    assert chain.head() == (2, sha256_hex(second.to_bytes()))


def test_chains_of_one_store_do_not_mix() -> None:
    store = DictionaryStore()
    audit, ledger = a_chain(store, "audit"), a_chain(store, "ledger")

    heads = []
    for chain in (audit, ledger, audit):
        chain.append("drafting", "started")
        heads.append(chain.head()[0])

    assert heads == [1, 1, 2]
    assert store.list("") == ["audit/00000001.json", "audit/00000002.json", "ledger/00000001.json"]


@settings(deadline=None)
@given(steps=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["append", "head", "entries"]))))
def test_chains_of_several_processes_taking_turns_make_one_whole_chain(
    steps: list[tuple[int, str]],
) -> None:
    store = DictionaryStore()
    chains = [a_chain(store), a_chain(store), a_chain(store.twin()), a_chain(store.twin())]
    appended = []

    for number, (who, what) in enumerate(steps):
        chain = chains[who]
        if what == "append":
            appended.append(chain.append("mailing", "claimed", detail={"number": number}))
        elif what == "head":
            last = sha256_hex(appended[-1].to_bytes()) if appended else NO_PREVIOUS
            assert chain.head() == (len(appended), last)
        else:
            assert chain.entries() == appended

    assert [chain.entries() for chain in chains] == [appended] * 4
    assert chain_faults(stored_entries(store, "audit")) == []


@pytest.mark.parametrize("others", [1, 2, 5])
def test_who_loses_a_number_to_another_process_takes_the_next_free_one(others: int) -> None:
    store = DictionaryStore()
    theirs, mine = a_chain(store.twin(), actor="them@desk-2"), a_chain(store)
    mine.append("drafting", "started")

    def others_first(key: str) -> None:
        store.before_put = lambda key: None
        for number in range(others):
            theirs.append("drafting", "started", detail={"number": number})

    store.before_put = others_first
    entry = mine.append("drafting", "completed")

    assert entry.seq == 2 + others
    assert [e.actor for e in mine.entries()] == [
        "office@desk-1",
        *["them@desk-2"] * others,
        "office@desk-1",
    ]
    assert chain_faults(stored_entries(store, "audit")) == []


def test_the_same_words_at_the_same_moment_are_another_entry_when_said_again() -> None:
    store = DictionaryStore()

    for process in (store, store.twin(), store.twin()):
        a_chain(process, clock=lambda: START).append("drafting", "started")

    assert len(stored_entries(store, "audit")) == 3


def test_threads_of_one_process_wait_for_each_other_before_they_put() -> None:
    store = DictionaryStore()
    mine, theirs = a_chain(store), a_chain(store)
    they_put, numbers = threading.Event(), []

    def note_who_puts(key: str) -> None:
        numbers.append(key)
        if threading.current_thread() is other:
            they_put.set()
            return
        other.start()
        assert not they_put.wait(0.2)

    store.before_put = note_who_puts
    other = threading.Thread(target=lambda: theirs.append("drafting", "started"))
    mine.append("drafting", "started")
    other.join()

    assert numbers == ["audit/00000001.json", "audit/00000002.json"]


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 7, 8, 9, 1000, 1023, 1024])
def test_the_end_of_a_chain_of_any_length_is_found(length: int) -> None:
    objects = {entry_key("ledger", seq): b"%d" % seq for seq in range(1, length + 1)}

    seq, sha256 = a_chain(DictionaryStore(objects), "ledger").head()

    assert (seq, sha256) == (length, sha256_hex(b"%d" % length) if length else NO_PREVIOUS)


def test_the_end_of_a_long_chain_is_found_with_few_questions() -> None:
    store = DictionaryStore({entry_key("ledger", seq): b"" for seq in range(1, 100_001)})
    ledger = a_chain(store, "ledger")

    ledger.head()
    asked_at_first = store.questions
    ledger.head()

    assert asked_at_first <= 2 * 17
    assert store.questions == asked_at_first + 1


def test_a_clock_that_was_set_back_is_no_fault() -> None:
    store = DictionaryStore()
    chain = a_chain(store, clock=Clock(timedelta(hours=-1)))

    moments = [chain.append("signoff", "opened").at for _ in range(2)]

    assert moments == ["2010-08-18T09:30:00.000Z", "2010-08-18T08:30:00.000Z"]
    assert chain_faults(stored_entries(store, "audit")) == []


@pytest.mark.parametrize(
    ("detail", "error"),
    [
        pytest.param({"ratio": 0.5}, ValueError, id="a float"),
        pytest.param({"text": "x" * 70_000}, AuditEntryTooLarge, id="too large"),
    ],
)
def test_a_detail_that_cannot_be_stored_takes_no_number(
    detail: dict[str, Any], error: type[Exception]
) -> None:
    store = DictionaryStore()
    chain = a_chain(store)

    with pytest.raises(error):
        chain.append("drafting", "failed", detail=detail)

    assert store.objects == {}
    assert chain.append("drafting", "failed").seq == 1


@pytest.mark.parametrize("prefix", ["", "/audit", "audit/", "../audit", "a" * 190])
def test_a_prefix_that_leaves_no_room_for_entries_is_refused(prefix: str) -> None:
    with pytest.raises(InvalidKey):
        a_chain(DictionaryStore(), prefix)


def test_an_entry_that_was_overwritten_is_named_by_its_key() -> None:
    store = DictionaryStore()
    chain = a_chain(store)
    chain.append("drafting", "started")
    store.objects["audit/00000001.json"] = b"rubbish"

    with pytest.raises(AuditEntryUnreadable) as refused:
        chain.entries()

    assert refused.value.where == "audit/00000001.json"


def test_stored_entries_are_read_past_a_gap_and_leave_out_what_is_no_entry() -> None:
    store = DictionaryStore()
    chain = a_chain(store)
    entries = [chain.append("drafting", "started") for _ in range(4)]
    del store.objects["audit/00000002.json"]
    for name in ("notes.json", "000000005.json", "00000005.json.bak", "x/00000006.json"):
        store.objects[f"audit/{name}"] = b"planted"

    stored = stored_entries(store, "audit")

    assert stored == [(e.seq, e.to_bytes()) for e in entries if e.seq != 2]
    assert [(fault.seq, fault.code) for fault in chain_faults(stored)] == [(2, "gap")]


def test_an_entry_taken_out_is_seen_even_when_appending_goes_on() -> None:
    store = DictionaryStore()
    chain = a_chain(store)
    for number in range(6):
        chain.append("drafting", "started", detail={"number": number})
    del store.objects["audit/00000004.json"]

    reopened = a_chain(store.twin())
    for number in range(3):
        reopened.append("drafting", "completed", detail={"number": number})

    assert chain_faults(stored_entries(store, "audit")) != []


def test_threads_on_one_chain_leave_every_entry_once_and_in_order(tmp_path: Path) -> None:
    witness = Witness(tmp_path / "witness")
    start = threading.Barrier(8)

    def work(worker: int) -> None:
        # Each opens its own store and chain, as steps do.
        chain = a_chain(FolderStore(tmp_path / "archive"), witness=witness)
        start.wait()
        for number in range(15):
            chain.append("mailing", "claimed", detail={"worker": worker, "number": number})
            chain.entries()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    store = FolderStore(tmp_path / "archive")
    stored = stored_entries(store, "audit")
    details = [entry.detail for entry in a_chain(store).entries()]
    assert chain_faults(stored) == []
    assert len(details) == 8 * 15
    assert [
        [detail["number"] for detail in details if detail["worker"] == worker]
        for worker in range(8)
    ] == [list(range(15))] * 8
    assert witness.heads("audit") == [(seq, sha256_hex(data)) for seq, data in stored]


# The witness


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(tmp_path / "witness")


def test_the_witness_knows_of_entries_that_were_cut_off(witness: Witness) -> None:
    store = DictionaryStore()
    chain = a_chain(store, "cases/a/audit", witness=witness)
    for _ in range(3):
        chain.append("archiving", "stored")
    head = chain.head()

    del store.objects["cases/a/audit/00000003.json"]

    assert chain_faults(stored_entries(store, "cases/a/audit")) == []
    assert witness.heads("cases/a/audit")[-1] == head


@pytest.mark.parametrize("umask", [0o000, 0o777], ids=oct)
def test_the_witness_keeps_one_file_a_chain_for_its_owner_alone(
    witness: Witness, umask: int
) -> None:
    before = os.umask(umask)
    try:
        witness.note("cases/a/audit", 1, "a" * 64)
        witness.note("ledger", 1, "b" * 64)
        witness.note("cases/a/audit", 2, "c" * 64)
    finally:
        os.umask(before)

    found = {
        str(path.relative_to(witness.root)): (
            oct(stat.S_IMODE(path.stat().st_mode)),
            path.read_text() if path.is_file() else None,
        )
        for path in (witness.root, *witness.root.rglob("*"))
    }
    assert found == {
        ".": ("0o700", None),
        "cases": ("0o700", None),
        "cases/a": ("0o700", None),
        "cases/a/audit.heads": ("0o600", f"1 {'a' * 64}\n2 {'c' * 64}\n"),
        "ledger.heads": ("0o600", f"1 {'b' * 64}\n"),
    }


def test_the_witness_waits_for_whoever_else_is_writing(witness: Witness) -> None:
    witness.note("ledger", 1, "a" * 64)
    noted = threading.Event()

    def note() -> None:
        witness.note("ledger", 2, "b" * 64)
        noted.set()

    other = threading.Thread(target=note)
    with (witness.root / "ledger.heads").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        other.start()
        was_noted_meanwhile = noted.wait(0.2)
    other.join()

    assert not was_noted_meanwhile
    assert witness.heads("ledger") == [(1, "a" * 64), (2, "b" * 64)]


def test_what_the_witness_noted_is_on_the_disk(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    real_fsync = os.fsync

    def fsync(opened: int) -> None:
        path = Path(f"/proc/self/fd/{opened}").readlink()
        synced.append((path.name, path.stat().st_size if path.is_file() else None))
        real_fsync(opened)

    witness.root.mkdir()
    monkeypatch.setattr(os, "fsync", fsync)
    for seq in (1, 2):
        witness.note("ledger", seq, "a" * 64)

    assert synced == [("ledger.heads", 67), ("witness", None), ("ledger.heads", 134)]


def test_asking_the_witness_makes_no_folder(witness: Witness) -> None:
    assert witness.heads("ledger") == []
    assert not witness.root.exists()


@pytest.mark.parametrize("kept", [1, 3, 40, 66])
def test_a_line_torn_by_a_crash_is_left_out_and_left_in_the_file(
    witness: Witness, kept: int
) -> None:
    torn = f"2 {'b' * 64}\n"[:kept]
    witness.note("ledger", 1, "a" * 64)
    file = witness.root / "ledger.heads"
    with file.open("a") as opened:
        opened.write(torn)
    whole = [(2, "b" * 64)] if kept == 66 else []

    before = witness.heads("ledger")
    witness.note("ledger", 3, "c" * 64)

    assert before == [(1, "a" * 64), *whole]
    assert witness.heads("ledger") == [(1, "a" * 64), *whole, (3, "c" * 64)]
    assert file.read_text() == f"1 {'a' * 64}\n{torn}\n3 {'c' * 64}\n"


def test_notes_of_several_processes_are_given_in_order_and_once(witness: Witness) -> None:
    for seq, letter in ((2, "b"), (1, "a"), (2, "b"), (2, "c")):
        witness.note("ledger", seq, letter * 64)

    assert witness.heads("ledger") == [(1, "a" * 64), (2, "b" * 64), (2, "c" * 64)]


def test_an_entry_stands_though_the_witness_could_not_note_it(
    witness: Witness, caplog: pytest.LogCaptureFixture
) -> None:
    witness.root.write_bytes(b"a file where the folder should be")
    chain = a_chain(DictionaryStore(), witness=witness)

    with caplog.at_level(logging.WARNING, logger="tasks"):
        entry = chain.append("drafting", "started")

    assert chain.entries() == [entry]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "audit/00000001.json" in caplog.text


def test_the_witness_follows_no_link(witness: Witness, tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"")
    witness.root.mkdir()
    (witness.root / "ledger.heads").symlink_to(tmp_path / "outside")

    for call in (lambda: witness.note("ledger", 1, "a" * 64), lambda: witness.heads("ledger")):
        with pytest.raises(ObjectNotPlain):
            call()
    assert (tmp_path / "outside").read_bytes() == b""


@pytest.mark.parametrize("chain", ["", "../ledger", "/ledger", "a" * 200])
def test_the_witness_refuses_what_is_no_chain(witness: Witness, chain: str) -> None:
    for call in (lambda: witness.note(chain, 1, "a" * 64), lambda: witness.heads(chain)):
        with pytest.raises(InvalidKey):
            call()


@pytest.mark.parametrize("lost", [1, 2, 3], ids=["the first", "one between", "the last"])
def test_nothing_is_added_to_a_chain_that_has_lost_an_entry(witness: Witness, lost: int) -> None:
    store = DictionaryStore()
    chain = a_chain(store, "cases/a/audit", witness=witness)
    for _ in range(3):
        chain.append("step", "event")
    del store.objects[entry_key("cases/a/audit", lost)]
    before = dict(store.objects)

    with pytest.raises(ChainBroken) as broken:
        a_chain(store.twin(), "cases/a/audit", witness=witness).append("step", "event")

    assert broken.value.where == entry_key("cases/a/audit", lost)
    assert store.objects == before
