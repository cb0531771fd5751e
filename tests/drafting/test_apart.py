"""Reading in a process of its own: the same reading, and no harm whatever the draft does."""

from __future__ import annotations

import gc
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from letters.errors import TransientError
from letters.problem import DraftUnreadable
from letters.reading import Reading
from tasks.drafting import apart, readers
from tasks.drafting.apart import read_apart
from tasks.drafting.apart_child import Allowance
from tasks.drafting.readers import read_draft
from tests.drafting import misreaders
from tests.offices import a_kind, a_register

ROOT = Path(__file__).resolve().parents[2]
TEXT = next((ROOT / "config" / "sample_office").glob("*.md")).read_bytes()
GIVEN = {"register": a_register(), "kinds": (a_kind(),), "limit_bytes": 2_000_000}
GENEROUS = Allowance()
BRIEF = Allowance(seconds=0.5)
OPEN_FILES = (32 - 3, 32 - 4)
"""The connection is among the 32, or above them where the asking process has many open."""


def close_helper() -> None:
    """End the helper, as the end of every process that could ask it does."""
    if apart._helper is not None:
        apart._helper.requests.close()
        apart._helper.process.wait(timeout=10)
        apart._helper = None


@pytest.fixture(params=["forked", "forked by the helper"])
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each way in which a process comes to read a draft, readers of `misreaders` in it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(apart, "may_fork", lambda: request.param == "forked")
        patched.setattr(apart, "HELPER_PROGRAM", misreaders.PROGRAM)
        patched.setattr(readers, "read_draft", misreaders.misread)
        if apart._helper is not None and "misreaders" not in str(apart._helper.process.args):
            close_helper()
        yield request.param


@pytest.fixture(scope="module", autouse=True)
def helper_of_these_tests() -> Iterator[None]:
    yield
    close_helper()


def read(text: bytes | str, name: str = "draft.md", *, allowed: Allowance = BRIEF) -> Reading:
    data = text.encode() if isinstance(text, str) else text
    return read_apart(data, name, allowed=allowed, **GIVEN)


def refusal(text: str, *, allowed: Allowance = BRIEF) -> DraftUnreadable:
    with pytest.raises(DraftUnreadable) as refused:
        read(text, allowed=allowed)
    assert "words of the draft" not in str(refused.value)
    return refused.value


def told(text: str, *, allowed: Allowance = GENEROUS) -> Any:
    refused = refusal(text, allowed=allowed)
    assert refused.code == "told", refused
    return json.loads(refused.message)


@pytest.mark.parametrize("name", ["draft.md", "draft.txt"])
def test_the_reading_is_the_same(way: str, name: str) -> None:
    assert read(TEXT, name, allowed=GENEROUS) == read_draft(TEXT, name, **GIVEN)


def test_a_refusal_is_the_same(way: str) -> None:
    with pytest.raises(DraftUnreadable) as here:
        read_draft(b"a\x00b", "draft.md", **GIVEN)

    apart_from_here = refusal("a\x00b")

    assert (apart_from_here.code, str(apart_from_here)) == (here.value.code, str(here.value))
    assert (apart_from_here.where, apart_from_here.remedy) == (here.value.where, here.value.remedy)


@pytest.mark.parametrize(
    ("act", "code"),
    [
        pytest.param("compute for ever", "draft-too-slow", id="it computes for ever"),
        pytest.param("wait for ever", "draft-too-slow", id="it waits for ever"),
        pytest.param("compute in C", "draft-too-slow", id="it never comes back from one call"),
        pytest.param("ignore signals", "draft-too-slow", id="it blocks every signal"),
        pytest.param("take memory", "draft-too-much-memory", id="it takes all memory"),
        pytest.param("recurse", "draft-reader-failed", id="it nests too deep"),
        pytest.param("raise", "draft-reader-failed", id="it runs into a fault"),
        pytest.param("leave", "draft-reader-failed", id="it leaves"),
        pytest.param("crash", "draft-reader-failed", id="it crashes the interpreter"),
        pytest.param("be killed", "draft-reader-failed", id="it is killed"),
        pytest.param("say nonsense", "draft-reader-failed", id="it answers nonsense"),
        pytest.param("talk for ever", "draft-reader-failed", id="it answers without end"),
    ],
)
def test_whatever_a_reader_does_is_a_refusal(way: str, act: str, code: str) -> None:
    is_about_time = code == "draft-too-slow"

    refused = refusal(act, allowed=BRIEF if is_about_time else Allowance(seconds=20))

    assert (refused.code, refused.where) == (code, "draft.md")
    assert refused.remedy
    assert read(TEXT, allowed=GENEROUS) == read_draft(TEXT, "draft.md", **GIVEN)


def test_a_fault_of_the_reader_is_named_without_the_words(way: str) -> None:
    assert refusal("raise").message.startswith(
        "The reader failed on this draft (KeyError in misreaders.py, line "
    )


def test_nothing_can_be_written(way: str) -> None:
    assert told("write a file") == ["OSError", "File too large"]


def test_little_can_be_used(way: str) -> None:
    assert told("tell limits") == {
        "RLIMIT_CORE": [0, 0],
        "RLIMIT_CPU": [10, 10],
        "RLIMIT_FSIZE": [0, 0],
        "RLIMIT_NOFILE": [32, 32],
        "RLIMIT_NPROC": [0, 0],
    }
    assert told("tell what is open") == [*["/dev/null"] * 3, "socket"]
    assert told("open files") in OPEN_FILES


def test_garbage_of_the_process_that_asks_closes_nothing(way: str) -> None:
    gc.disable()
    try:
        owner = SimpleNamespace(sockets=[socket.socket() for _ in range(10)])
        owner.itself = owner
        del owner

        assert told("open files") in OPEN_FILES
    finally:
        gc.enable()
        gc.collect()
    assert 0 < told("tell seconds left") <= 10


def test_memory_stays_below_the_limit(way: str) -> None:
    if way == "forked" and apart.memory_used().resident > apart.LARGEST_FORKED_BYTES:
        pytest.skip("the tests before have made this process too large to be forked for a reading")
    limit_bytes = 120_000_000 if way != "forked" else 280_000_000

    assert refusal("take memory", allowed=Allowance(20, limit_bytes)).code == (
        "draft-too-much-memory"
    )
    assert told("tell memory") <= 280_000_000


def test_the_helper_gets_none_of_the_office_s_secrets(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_helper()
    monkeypatch.setenv("LETTERS_MAIL__SENDGRID__API_KEY", "secret")

    variables = told("tell environment")

    assert way == "forked" or "LETTERS_MAIL__SENDGRID__API_KEY" not in variables


@pytest.fixture
def helped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings by the real helper."""
    close_helper()
    monkeypatch.setattr(apart, "may_fork", lambda: False)


@pytest.mark.usefixtures("helped")
def test_many_threads_share_one_helper() -> None:
    here = read_draft(TEXT, "draft.md", **GIVEN)

    with ThreadPoolExecutor(8) as threads:
        readings = list(threads.map(lambda _: read(TEXT, allowed=GENEROUS), range(24)))

    assert readings == [here] * 24


@pytest.mark.usefixtures("helped")
def test_a_helper_that_died_is_begun_anew() -> None:
    first = read(TEXT, allowed=GENEROUS)
    assert apart._helper is not None
    apart._helper.process.kill()
    apart._helper.process.wait()

    assert read(TEXT, allowed=GENEROUS) == first


@pytest.mark.usefixtures("helped")
def test_the_helper_ends_with_those_who_could_ask_it() -> None:
    apart.start_helper()
    assert apart._helper is not None
    process = apart._helper.process

    apart._helper.requests.close()

    apart._helper = None
    assert process.wait(timeout=10) == 0


@pytest.mark.usefixtures("helped")
@pytest.mark.parametrize(
    "program",
    [
        pytest.param("sys.exit(1)", id="it ends at once"),
        pytest.param("import os; os.fork = lambda: 1 / 0; serve(0)", id="it fails at a request"),
    ],
)
def test_a_helper_that_cant_serve_is_told_as_something_to_try_again(
    monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    imported = "from tasks.drafting.apart_child import serve; "
    monkeypatch.setattr(apart, "HELPER_PROGRAM", imported + program)

    with pytest.raises(TransientError) as failed:
        read(TEXT)

    assert failed.value.code == "reader-not-begun"
    close_helper()


def ended(program: str) -> list[str]:
    """Run a program of its own, and return the lines it printed."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_process_forks_itself_only_while_it_is_alone_and_small() -> None:
    assert ended(
        "import threading, time; from tasks.drafting import apart; print(apart.may_fork());"
        "taken = b'x' * apart.LARGEST_FORKED_BYTES; print(apart.may_fork()); del taken;"
        "print(apart.may_fork());"
        "end = threading.Event(); thread = threading.Thread(target=end.wait); thread.start();"
        "print(apart.may_fork()); end.set(); thread.join();"
        # The system may still count a thread that has just ended.
        "time.sleep(0.5); print(apart.may_fork())"
    ) == ["True", "False", "True", "False", "True"]


def test_processes_forked_by_a_fork_server_share_its_helper() -> None:
    """As the flows' runs do: `flows.warm_runs`."""
    lines = ended("from tests.drafting.forked_runs import run_two; run_two()")

    assert lines == ["True", "True", "one", "helper"]


def test_a_process_that_reads_no_draft_begins_no_helper() -> None:
    assert ended("from tasks.drafting import apart; print(apart._helper)") == ["None"]


def test_threads_elsewhere_dont_stop_a_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """The case for which the helper is there: a lock that another thread holds."""
    close_helper()
    end = threading.Event()
    waiting = threading.Thread(target=end.wait)
    waiting.start()
    try:
        assert not apart.may_fork()
        assert read(TEXT, allowed=GENEROUS) == read_draft(TEXT, "draft.md", **GIVEN)
    finally:
        end.set()
        waiting.join()
