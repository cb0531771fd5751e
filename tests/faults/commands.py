"""Real processes of an office, forked from one that has imported all of it.

A command spends more than a second importing; here that is done once, in a process
without threads or connections, which forks one for each command, or for each run of a
deployment. Run as a script by `Commands`, with the sockets over which it is asked.
"""

from __future__ import annotations

import importlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import IO, Any, NamedTuple
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
"""No process takes as long."""


class Ended(NamedTuple):
    """How a process ended: exit code, or minus the signal that killed it; and all it printed."""

    code: int
    said: str


class Commands:
    """Runs processes, at most `at_once` side by side; for use by as many threads."""

    def __init__(self, at_once: int, home: Path, *, script: str = __file__) -> None:
        pairs = [socket.socketpair() for _ in range(at_once)]
        theirs = [there.fileno() for _, there in pairs]
        neutral = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PREFECT_", "LETTERS_"))
        }
        self._process = subprocess.Popen(
            [sys.executable, script, *map(str, theirs)],
            env=neutral | {"PYTHONPATH": str(ROOT), "PREFECT_HOME": str(home)},
            pass_fds=theirs,
        )
        self._free: SimpleQueue[IO[str]] = SimpleQueue()
        for ours, there in pairs:
            there.close()
            ours.settimeout(SECONDS)
            self._free.put(ours.makefile("rw"))

    def letters(self, folder: Path, *arguments: str, **environment: str) -> Ended:
        """Run the command `letters` in `folder`, and wait until its process has ended."""
        return self._run("command", folder, arguments, environment)

    def flow_run(self, folder: Path, flow_run_id: str, **environment: str) -> Ended:
        """Execute a run of a deployment as `letters serve` does, and wait for its process's end."""
        return self._run("flow_run", folder, (flow_run_id,), environment)

    def stop(self) -> None:
        """End the process from which the others are forked."""
        while not self._free.empty():
            self._free.get().close()
        self._process.wait(timeout=SECONDS)

    def _run(
        self, what: str, folder: Path, arguments: tuple[str, ...], environment: dict[str, str]
    ) -> Ended:
        said = folder / "said.txt"
        said.unlink(missing_ok=True)
        asked = {
            "what": what,
            "arguments": arguments,
            "folder": str(folder),
            "environment": environment,
        }
        with self._hand() as hand:
            hand.write(json.dumps(asked) + "\n")
            hand.flush()
            code = json.loads(hand.readline())
        return Ended(code, said.read_text())

    @contextmanager
    def _hand(self) -> Iterator[IO[str]]:
        hand = self._free.get()
        try:
            yield hand
        finally:
            self._free.put(hand)


def serve(asked: IO[str]) -> None:
    """Fork a process for each line that asks for one, and answer with its end."""
    neutral = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    for line in asked:
        child = os.fork()
        if child == 0:
            os._exit(exit_code_of(json.loads(line), neutral))
        asked.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        asked.flush()


def exit_code_of(wanted: dict[str, Any], neutral: dict[str, str]) -> int:
    """Be the process that is wanted; return its exit code."""
    os.chdir(wanted["folder"])
    for stream in (1, 2):
        os.dup2(os.open("said.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), stream)
    os.environ.clear()
    os.environ.update(neutral | wanted["environment"])
    try:
        return WHAT[wanted["what"]](wanted["arguments"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def command(arguments: list[str]) -> int:
    """Be the command `letters`."""
    from desk.command_line import run

    return int(run(arguments))


def flow_run(arguments: list[str]) -> int:
    """Be the process of a deployment's run."""
    from flows.engine_settings import given_environment
    from flows.warm_runs import _run_engine

    with given_environment():
        try:
            _run_engine(*arguments, {})
        except SystemExit as ended:
            return int(ended.code or 0)
    return 0


WARM = (
    *("flows.warm_modules", "flows.housekeeping", "prefect.task_engine", "fastapi"),
    *("desk.verbs.issue", "desk.verbs.sign"),
)
"""Modules that would be imported only on the way."""

WHAT: dict[str, Callable[[list[str]], int]] = {"command": command, "flow_run": flow_run}


def warm_up() -> None:
    """Import what is needed, and do once what is done slowly the first time only.

    Typst's first document begins threads: the letter issued here is rendered elsewhere.
    Fewer copies than the sample's kind asks for will do.
    """
    for module in WARM:
        importlib.import_module(module)
    from flows import office
    from tasks.rendering import pack
    from tests.issuing import a_sample_office, issue, with_one_copy

    with TemporaryDirectory() as folder:
        rendered = elsewhere(pack.render_pdf, Path(folder))
        with patch("tasks.rendering.pack.render_pdf", rendered):
            issue(a_sample_office(Path(folder)))
    load_kinds = office.load_kinds
    office.load_kinds = lambda folder, **own: with_one_copy(load_kinds(folder, **own))


def elsewhere(render: Callable[..., bytes], folder: Path) -> Callable[..., bytes]:
    """Have a document rendered by another process."""

    def rendered(*args: Any, **kwargs: Any) -> bytes:
        written = folder / "rendered.pdf"
        child = os.fork()
        if child == 0:
            written.write_bytes(render(*args, **kwargs))
            os._exit(0)
        os.waitpid(child, 0)
        return written.read_bytes()

    return rendered


def main() -> None:
    # Syncing guards against a machine that loses power; here processes are killed.
    os.fsync = lambda _: None
    warm_up()
    assert threading.active_count() == 1, "a thread would be missing after the fork"
    sockets = [socket.socket(fileno=int(number)) for number in sys.argv[1:]]
    for number, ours in enumerate(sockets):
        if number == len(sockets) - 1 or os.fork() == 0:
            for other in sockets:
                if other is not ours:
                    other.close()
            serve(ours.makefile("rw"))
            os._exit(0)


if __name__ == "__main__":
    main()
