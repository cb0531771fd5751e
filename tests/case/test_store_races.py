"""Many processes on one store, and processes that are killed in the middle."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import tasks
from letters.audit import AuditEntry, chain_faults
from letters.canonical import sha256_hex
from tasks.case.chain import Chain, stored_entries
from tasks.case.folder import FolderStore
from tasks.case.witness import Witness

pytestmark = pytest.mark.slow

PROCESSES = 6
TIMEOUT = 120

RACE_FOR_KEYS = """
import sys
from pathlib import Path
from tasks.case.folder import FolderStore

store, me = FolderStore(Path(sys.argv[1])), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for number in range(200):
    key = f"race/{number % 7}/{number}"
    print(key, store.put(key, f"{me}-{number}".encode() * 100).decode()[:5].split("-")[0])
"""

WRITE_WHOLE_OBJECTS = """
import hashlib, os, sys
from pathlib import Path
from tasks.case.folder import FolderStore

store, me = FolderStore(Path(sys.argv[1])), sys.argv[2]
for number in range(100_000):
    content = os.urandom(200_000)
    key = f"{me}/{number // 5}/{number}"
    store.put(key, hashlib.sha256(content).digest() + content)
    print(key, flush=True)
"""

APPEND = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tasks.case.chain import Chain
from tasks.case.folder import FolderStore
from tasks.case.witness import Witness

root, me, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
chain = Chain(
    FolderStore(root / "archive"), "cases/audit", clock=lambda: datetime.now(UTC), actor=me,
    witness=Witness(root / "witness"),
)
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    chain.append("mailing", "claimed", detail={"number": number})
    print(number, flush=True)
"""


@contextmanager
def a_process(program: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(tasks.__file__).parent.parent)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said_by_all(program: str, arguments: Callable[[str], tuple[object, ...]]) -> list[list[str]]:
    """Run the program in six processes that begin together; give the lines of each."""
    with ExitStack() as stack:
        processes = [
            stack.enter_context(a_process(program, *arguments(f"p{number}")))
            for number in range(PROCESSES)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.communicate(timeout=TIMEOUT)[0].splitlines() for process in processes]
        assert [process.returncode for process in processes] == [0] * PROCESSES
        return said


def killed_after(lines: int, program: str, *arguments: object, is_told: bool = False) -> list[str]:
    """Kill the program when it has said so many lines; give all that it said."""
    with a_process(program, *arguments) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        if is_told:
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        said += process.stdout.readlines()
        assert process.wait(TIMEOUT) < 0
    return [line.strip() for line in said]


def test_six_processes_that_want_the_same_keys_agree_on_one_winner_for_each(
    tmp_path: Path,
) -> None:
    said = said_by_all(RACE_FOR_KEYS, lambda me: (tmp_path / "archive", me))

    store = FolderStore(tmp_path / "archive")
    stored = {key: store.get(key) for key in store.list("")}
    winners = dict(line.split() for line in said[0])
    assert said == [said[0]] * PROCESSES
    assert len(winners) == len(stored) == 200
    assert stored == {
        key: f"{winner}-{key.split('/')[-1]}".encode() * 100 for key, winner in winners.items()
    }
    assert list((tmp_path / "archive" / ".tmp").iterdir()) == []


def test_writers_killed_in_the_middle_leave_whole_objects_only(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "archive")

    promised = [
        key
        for kill in range(15)
        for key in killed_after(kill % 5 + 1, WRITE_WHOLE_OBJECTS, store.root, f"w{kill}")
    ]

    kept = {key: store.get(key) for key in store.list("")}
    assert set(promised) <= set(kept)
    assert [
        key for key, data in kept.items() if hashlib.sha256(data[32:]).digest() != data[:32]
    ] == []
    assert {len(data) for data in kept.values()} == {200_032}

    store.sweep(datetime.now(UTC) + timedelta(hours=2))
    assert list((store.root / ".tmp").iterdir()) == []
    assert {key: store.get(key) for key in store.list("")} == kept


def test_six_processes_on_one_chain_leave_every_entry_once_and_linked(tmp_path: Path) -> None:
    said_by_all(APPEND, lambda me: (tmp_path, me, 40))

    stored = stored_entries(FolderStore(tmp_path / "archive"), "cases/audit")
    entries = [AuditEntry.from_bytes(data) for _, data in stored]
    assert chain_faults(stored) == []
    assert Counter(entry.actor for entry in entries) == {f"p{n}": 40 for n in range(PROCESSES)}
    assert [
        [entry.detail["number"] for entry in entries if entry.actor == f"p{n}"]
        for n in range(PROCESSES)
    ] == [list(range(40))] * PROCESSES
    assert Witness(tmp_path / "witness").heads("cases/audit") == [
        (seq, sha256_hex(data)) for seq, data in stored
    ]


def test_a_witness_lags_behind_killed_writers_and_never_leads(tmp_path: Path) -> None:
    store, witness = FolderStore(tmp_path / "archive"), Witness(tmp_path / "witness")

    for kill in range(10):
        said = killed_after(kill % 4 + 1, APPEND, tmp_path, f"w{kill}", 100_000, is_told=True)
        assert said[0] == "ready"

        stored = dict(stored_entries(store, "cases/audit"))
        heads = witness.heads("cases/audit")
        assert chain_faults(stored.items()) == []
        assert heads == [(seq, sha256_hex(stored[seq])) for seq, _ in heads]
        # Every append that returned was noted; each kill may have cost one note.
        assert len(stored) - len(heads) <= kill + 1

    chain = Chain(
        store, "cases/audit", clock=lambda: datetime.now(UTC), actor="office", witness=witness
    )
    chain.append("mailing", "claimed")
    assert witness.heads("cases/audit")[-1] == chain.head()
