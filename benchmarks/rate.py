"""Letters a second from signed to the last copy accepted, and what the recording costs.

Letters are made and signed beforehand. Then they are issued: by the steps as plain functions
in two processes; by `letters serve` as it is installed; and by two processes on a Prefect
server with PostgreSQL. One flow run a letter. The server is stopped right after the last
letter and started again, and what it has recorded is counted by its API.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psutil

from benchmarks.hundred import STEPS_TO_THE_END, Watch
from benchmarks.plain_steps import PlainSteps
from benchmarks.postgres import Postgres, postgres, programs
from benchmarks.processes import ROOT, environment, python
from benchmarks.sample import INSPECTOR, authorities, draft_of, write_register
from benchmarks.tables import Table
from flows.engine_settings import SHARED_CLIENT, SHARED_SERVER
from flows.office import open_office
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.intake import take_in
from tasks.signoff.signing import sign_as_sample
from tests.served import ServedOffice, free_port, wait_for

PROCESSES = 2
SIDE_BY_SIDE = 3
"""Letters at a time in each of the two processes that share PostgreSQL."""
LETTERS = 40
WARM_UP = 1
"""In each process."""
RECIPIENTS = 5
TASK_RUNS = STEPS_TO_THE_END + RECIPIENTS
PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.1
TARGET = 100


class Figures(NamedTuple):
    """What one way of issuing took."""

    title: str
    letters: int
    issued_seconds: float
    """Until the last copy was accepted."""
    recorded_seconds: float
    """Until Prefect had recorded the last state."""
    cpu_seconds: dict[str, float]
    """Of `client`, `server` and `database`, as far as they are apart."""
    missing: int | None = None
    """Task runs without a final state after the server was stopped at once, and started again."""

    @property
    def cpu(self) -> float:
        """CPU seconds of all."""
        return sum(self.cpu_seconds.values())

    def milliseconds(self, part: str) -> float:
        """CPU a letter of one part."""
        return self.cpu_seconds[part] / self.letters * 1000


def measure() -> list[Table]:
    """Issue the same letters in each way."""
    with tempfile.TemporaryDirectory() as folder:
        signed = Signed(Path(folder))
        figures = [plainly(signed), embedded(signed)]
        notes: tuple[str, ...] = ()
        if programs() is None:
            notes = ("PostgreSQL is not installed: left out.",)
        else:
            figures.append(on_postgresql(signed))
        return [_table(figures, notes)]


class Signed:
    """An office of approved letters, of which each contender gets a copy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        names = authorities(LETTERS + WARM_UP * PROCESSES)
        write_register(folder / "register", names)
        self.references = [name.reference for name in names]
        self._office = folder / "signed"
        office = open_office(self.settings(self._office))
        with _in_environment(self.settings(self._office)):
            for name in names:
                intake = take_in(office, draft_of(name), "md")
                PlainSteps().run_once(intake.draft_sha256)
                case = Case(office, name.reference)
                decide = {"decision": Decision.APPROVE, "comments": ""}
                sign_as_sample(case, 1, inspector_id=INSPECTOR, **decide)  # type: ignore[arg-type]

    def settings(self, office: Path) -> dict[str, str]:
        """Tell the environment of a process that works on the office."""
        return {"LETTERS_OFFICE": str(office), "LETTERS_REGISTER": str(self.folder / "register")}

    def copy_to(self, office: Path) -> None:
        """Lay the office there."""
        shutil.copytree(self._office, office, dirs_exist_ok=True)


def plainly(signed: Signed) -> Figures:
    """Issue them without Prefect."""
    office = signed.folder / "plain"
    signed.copy_to(office)
    with _issuing("plain", 1, signed, signed.settings(office)) as issuing:
        began = time.monotonic()
        told = issuing.go()
    return Figures(
        "the same steps as plain functions, two processes",
        LETTERS,
        max(one["issued"] for one in told) - began,
        0.0,
        {"client": sum(one["cpu_seconds"] for one in told)},
    )


def embedded(signed: Signed) -> Figures:
    """Issue them by an office that is served, from the moment that their runs are created."""
    folder = signed.folder / "embedded"
    folder.mkdir()
    office = ServedOffice(folder)
    office.environment["LETTERS_REGISTER"] = str(signed.folder / "register")
    signed.copy_to(office.root)
    (office.root / "drafts").mkdir(exist_ok=True)
    warm_up, references = signed.references[LETTERS], signed.references[:LETTERS]
    try:
        office.begin()
        api = Api(f"{office.prefect}/api", office.password)
        office.wait(office.start(warm_up), "Issued")
        with Watch(office) as watch:
            began = time.monotonic()
            for reference in references:
                office.start(reference)
            api.until_issued(LETTERS + 1)
            issued = time.monotonic()
            api.until_recorded((LETTERS + 1) * TASK_RUNS)
            recorded = time.monotonic()
        office.end()
        office.begin()
        missing = (LETTERS + 1) * TASK_RUNS - api.recorded()
    finally:
        office.end()
    cpu = {part.name: part.cpu_seconds for part in watch.parts()}
    return Figures(
        "`letters serve`, its embedded Prefect (SQLite)",
        LETTERS,
        issued - began,
        recorded - began,
        {"client": cpu["serving"] + cpu["runs"], "server": cpu["server"]},
        missing,
    )


def on_postgresql(signed: Signed) -> Figures:
    """Issue them by two processes that share a server."""
    office = signed.folder / "shared"
    signed.copy_to(office)
    with postgres() as database, tempfile.TemporaryDirectory() as home:
        server = SharedServer(database, Path(home))
        server.begin()
        client = {**signed.settings(office), **SHARED_CLIENT, "PREFECT_API_URL": server.api.url}
        client["PREFECT_API_AUTH_STRING"] = server.secret
        client["PREFECT_HOME"] = home
        try:
            with _issuing("flow", SIDE_BY_SIDE, signed, client) as issuing:
                cpu = {"server": server.cpu(), "database": _cpu_below(database.pid)}
                began = time.monotonic()
                told = issuing.go()
                server.end()
                cpu = {
                    "client": sum(one["cpu_seconds"] for one in told),
                    "server": server.last_cpu - cpu["server"],
                    "database": _cpu_below(database.pid) - cpu["database"],
                }
            server.begin()
            runs = LETTERS + WARM_UP * PROCESSES
            missing = runs * TASK_RUNS - server.api.recorded()
        finally:
            server.end()
    return Figures(
        "two processes, Prefect on PostgreSQL",
        LETTERS,
        max(one["issued"] for one in told) - began,
        max(one["recorded"] for one in told) - began,
        cpu,
        missing,
    )


class Api:
    """What Prefect's API tells of the letters."""

    def __init__(self, url: str, secret: str) -> None:
        self.url = url
        token = base64.b64encode(secret.encode()).decode()
        headers = {"Authorization": f"Basic {token}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False)

    def answers(self) -> bool:
        """Whether the server is there."""
        try:
            return self._http.get("/admin/version").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def recorded(self) -> int:
        """Count the task runs of letters in a final state."""
        return self._count("task_runs", {"state": {"type": {"any_": ["COMPLETED"]}}})

    def until_issued(self, runs: int) -> None:
        """Wait until so many runs have ended well."""
        _until(lambda: self._count("flow_runs", {"state": {"name": {"any_": ["Issued"]}}}) == runs)

    def until_recorded(self, task_runs: int) -> None:
        """Wait until so many task runs have a final state."""
        _until(lambda: self.recorded() == task_runs)

    def _count(self, what: str, wanted: dict[str, Any]) -> int:
        flows = {"name": {"any_": ["issue-letter"]}}
        answer = self._http.post(f"/{what}/count", json={"flows": flows, what: wanted})
        answer.raise_for_status()
        return int(answer.json())


class SharedServer:
    """A Prefect server with the settings that `deploy/` ships, on PostgreSQL."""

    def __init__(self, database: Postgres, home: Path) -> None:
        self.secret = "bench:bench"  # noqa: S105 - of a server that lives for a minute
        self.last_cpu = 0.0
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._log = home / "server.log"
        self._environment = environment(
            **SHARED_SERVER,
            PREFECT_HOME=str(home),
            PREFECT_SERVER_DATABASE_CONNECTION_URL=database.url,
            PREFECT_SERVER_API_AUTH_STRING=self.secret,
        )
        self.api = Api(f"http://127.0.0.1:{self._port}/api", self.secret)

    def begin(self) -> None:
        """Start it, and wait until it answers."""
        port = f"--port={self._port}"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                python("-m", "prefect", "server", "start", "--host=127.0.0.1", port),
                env=self._environment,
                cwd=self._log.parent,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _until(self.api.answers)

    def cpu(self) -> float:
        """CPU seconds so far."""
        assert self._process is not None  # noqa: S101
        return _cpu_below(self._process.pid)

    def end(self) -> None:
        """Stop it as a service manager does."""
        if self._process is not None and self._process.poll() is None:
            self.last_cpu = self.cpu()
            self._process.terminate()
            self._process.wait(PATIENCE_SECONDS)


class _Issuing:
    def __init__(self, processes: Sequence[subprocess.Popen[str]]) -> None:
        self._processes = processes

    def until_ready(self) -> None:
        for process in self._processes:
            self._read(process)

    def go(self) -> list[dict[str, Any]]:
        for process in self._processes:
            assert process.stdin is not None  # noqa: S101
            process.stdin.write("go\n")
            process.stdin.flush()
        return [json.loads(self._read(process)) for process in self._processes]

    def _read(self, process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None  # noqa: S101
        if line := process.stdout.readline():
            return line
        raise ValueError(f"A process that issues letters ended with {process.wait()}.")


@contextmanager
def _issuing(
    contender: str, side_by_side: int, signed: Signed, settings: dict[str, str]
) -> Iterator[_Issuing]:
    module, times = ("-m", "benchmarks.rate_process"), str(side_by_side)
    processes = [
        subprocess.Popen(
            python(*module, contender, times, *signed.references[number::PROCESSES]),
            env=environment(**settings),
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for number in range(PROCESSES)
    ]
    try:
        issuing = _Issuing(processes)
        issuing.until_ready()
        yield issuing
        for process in processes:
            process.communicate(timeout=PATIENCE_SECONDS)
    finally:
        for process in processes:
            process.kill()
            process.wait()


@contextmanager
def _in_environment(settings: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _cpu_below(pid: int) -> float:
    """Tell the CPU seconds of a process and all below it, ended or not."""
    top = psutil.Process(pid)
    return sum(sum(one.cpu_times()[:4]) for one in (top, *top.children(recursive=True)))


def _until(holds: Any) -> None:
    if not wait_for(holds, seconds=PATIENCE_SECONDS):
        raise TimeoutError(f"Not in {PATIENCE_SECONDS:.0f} s.")


def _table(figures: Sequence[Figures], notes: tuple[str, ...]) -> Table:
    plain = figures[0]
    return Table(
        f"From signed to the last copy accepted, {LETTERS} letters as fast as they go",
        (
            "contender",
            "letters/s",
            "letters/s recorded",
            "task runs/s recorded",
            "client CPU ms a letter",
            "server",
            "database",
            "CPU in all, × plain",
            "time, × plain",
            "task runs missing",
        ),
        tuple(_row(one, plain) for one in figures),
        (
            f"Made and signed beforehand; {RECIPIENTS} recipients a letter, the outbox. One flow"
            f" run a letter, {TASK_RUNS} task runs each.",
            "Recorded: the final state of every task run can be read from Prefect's API. Missing:"
            " after the server was stopped right after the last letter and started again.",
            "The processor is the limit: two cores have 2,000 ms of it a second, and a letter takes"
            " the sum of its row. A hundred a second would leave 20 ms for all of a letter.",
            *notes,
        ),
    )


def _row(one: Figures, plain: Figures) -> tuple[str, ...]:
    def cpu(part: str) -> str:
        return f"{one.milliseconds(part):.0f}" if part in one.cpu_seconds else ""

    is_recorded = one.missing is not None
    whole = one.recorded_seconds if is_recorded else one.issued_seconds
    return (
        one.title,
        f"{one.letters / one.issued_seconds:.2f}",
        f"{one.letters / one.recorded_seconds:.2f}" if is_recorded else "",
        f"{one.letters * TASK_RUNS / one.recorded_seconds:.0f}" if is_recorded else "",
        *(cpu(part) for part in ("client", "server", "database")),
        f"× {one.cpu / plain.cpu:.1f}",
        f"× {whole / plain.issued_seconds:.1f}",
        str(one.missing) if is_recorded else "",
    )
