"""The office of a hundred: a hundred letters on the embedded default, twenty waiting at once.

Drafts are laid into the drafts folder, twenty at a time; a round of `collect-drafts`
starts them; when all twenty wait, a sample inspector signs one after another on the
signing page, and the next twenty are laid when these are issued. What Prefect has
recorded is counted in its database after the office has ended.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.sample import authorities, write_register
from benchmarks.served import approve
from benchmarks.tables import Table, shown_megabytes
from flows.collect_drafts import COLLECTED
from flows.engine_home import EngineHome
from letters.case import State
from tasks.case.case import Case
from tests.served import ServedOffice

LETTERS = 100
WAITING = 20
LOOK_SECONDS = 0.25
SETTLED_AGO_SECONDS = 60
PATIENCE_SECONDS = 300

STEPS_WHILE_WAITING = 3
"""Task runs of a round that ends by waiting: draft-letter, prepare-pack, notify-inspectors."""

STEPS_TO_THE_END = 7
"""Of the last round, beside one for each recipient: draft-letter, prepare-pack, render-letter,
archive-letter, close-case, send-receipt, anchor-case."""

OURS = """
create temporary view ours as
select flow_run.id, flow_run.state_name from flow_run join flow on flow.id = flow_run.flow_id
where flow.name = 'issue-letter'
"""


class Part(NamedTuple):
    """One of the processes of an office, over the whole run."""

    name: str
    start_bytes: int
    peak_bytes: int
    end_bytes: int
    cpu_seconds: float


class Figures(NamedTuple):
    """What the office of a hundred came to."""

    letters: int
    waiting: int
    waiting_seconds: float
    """From the drafts being laid until all of them waited, summed over the batches."""
    issuing_seconds: float
    """From the first of a batch being signed until all of it was issued, summed."""
    issued: int
    """Letters whose case says so."""
    runs: Counter[str]
    """The last states of the runs of issue-letter, as Prefect's database has them."""
    expected_task_runs: int
    recorded_task_runs: int
    unfinished_task_runs: int
    """Of those recorded, the ones that aren't Completed."""
    parts: tuple[Part, ...]
    load: float

    @property
    def seconds(self) -> float:
        """From the first draft laid to the last letter issued."""
        return self.waiting_seconds + self.issuing_seconds


def measure() -> list[Table]:
    """Take a hundred letters through a served office."""
    figures = office_of(LETTERS, waiting=WAITING)
    return [_letters(figures), _processes(figures)]


def office_of(letters: int, *, waiting: int) -> Figures:
    """Issue so many letters, so many waiting at once, and count what there is afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        office = ServedOffice(Path(folder))
        names = authorities(letters)
        shutil.rmtree(Path(folder) / "register")
        write_register(Path(folder) / "register", names)
        office._authorities = iter(names)
        (office.root / "drafts").mkdir(parents=True)
        load = os.getloadavg()[0]
        office.begin()
        try:
            with Watch(office) as watch:
                to_waiting = issuing = 0.0
                for issued in range(0, letters, waiting):
                    batch = min(waiting, letters - issued)
                    began = time.monotonic()
                    references = _lay_and_collect(office, batch)
                    all_wait = time.monotonic()
                    for reference in references:
                        approve(office, reference)
                    _until(lambda: _count(office, "Issued") == issued + batch)  # noqa: B023
                    to_waiting += all_wait - began
                    issuing += time.monotonic() - all_wait
        finally:
            office.end()
        cases = [office.case(name.reference) for name in names]
        runs, expected, recorded, unfinished = _recorded(office, cases)
        return Figures(
            letters=letters,
            waiting=waiting,
            waiting_seconds=to_waiting,
            issuing_seconds=issuing,
            issued=sum(case.state(1) is State.ISSUED for case in cases),
            runs=runs,
            expected_task_runs=expected,
            recorded_task_runs=recorded,
            unfinished_task_runs=unfinished,
            parts=watch.parts(),
            load=load,
        )


def _lay_and_collect(office: ServedOffice, count: int) -> list[str]:
    references = []
    settled = time.time() - SETTLED_AGO_SECONDS
    for _ in range(count):
        name, reference = office.new_draft()
        os.utime(office.root / "drafts" / name, (settled, settled))
        references.append(reference)
    deployment = office.api("GET", "/deployments/name/collect-drafts/office")["id"]
    path = f"/deployments/{deployment}/create_flow_run"
    collecting = office.api("POST", path, state={"type": "SCHEDULED"})["id"]
    office.wait(collecting, COLLECTED, "Idle", seconds=PATIENCE_SECONDS)
    _until(lambda: _count(office, "Suspended") == count)
    return references


def _count(office: ServedOffice, state: str) -> int:
    return int(
        office.api(
            "POST",
            "/flow_runs/count",
            flows={"name": {"any_": ["issue-letter"]}},
            flow_runs={"state": {"name": {"any_": [state]}}},
        )
    )


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not in {PATIENCE_SECONDS} s: see the office's log.")
        time.sleep(LOOK_SECONDS)


class Watch:
    """Looks at the memory of an office's processes while it is served."""

    def __init__(self, office: ServedOffice) -> None:
        announced = EngineHome.at(office.home).announced()
        if announced is None:
            raise ValueError("Prefect's server announced nothing.")
        self._server = psutil.Process(announced.pid)
        self._serving = psutil.Process(office.pid)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._seen: dict[str, list[int]] = {}
        self._cpu_before = self._cpu()
        self._cpu_after = self._cpu_before

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        self._cpu_after = self._cpu()

    def parts(self) -> tuple[Part, ...]:
        """Tell what each part took."""
        return tuple(
            Part(name, seen[0], max(seen), seen[-1], self._cpu_after[name] - self._cpu_before[name])
            for name, seen in self._seen.items()
        )

    def _look(self) -> None:
        while not self._ending.wait(LOOK_SECONDS * 2):
            with suppress(psutil.NoSuchProcess):  # a run has ended while it was looked at
                runs = sum(one.memory_full_info().pss for one in self._runs())
                for name, size in (
                    ("server", self._server.memory_info().rss),
                    ("serving", self._serving.memory_info().rss),
                    ("runs", runs),
                ):
                    self._seen.setdefault(name, []).append(size)

    def _runs(self) -> list[psutil.Process]:
        """Find the processes of runs, and the one from which they are forked."""
        below = self._serving.children(recursive=True)
        servers = {self._server.pid, *(one.pid for one in self._server.children(recursive=True))}
        return [one for one in below if one.pid not in servers]

    def _cpu(self) -> dict[str, float]:
        own = {"server": self._server.cpu_times(), "serving": self._serving.cpu_times()}
        told = {name: times.user + times.system for name, times in own.items()}
        runs = 0.0
        for one in self._runs():
            with suppress(psutil.NoSuchProcess):
                runs += sum(one.cpu_times()[:4])  # with that of its children that have ended
        return {**told, "runs": runs}


def _recorded(office: ServedOffice, cases: list[Case]) -> tuple[Counter[str], int, int, int]:
    """Count in the database of a server that has stopped."""
    with closing(sqlite3.connect(f"file:{office.home}/prefect.db?mode=ro", uri=True)) as rows:
        rows.execute(OURS)
        runs = Counter(
            dict(rows.execute("select state_name, count(*) from ours group by state_name"))
        )
        (rounds,) = rows.execute(
            "select count(*) from flow_run_state"
            " where name = 'Suspended' and flow_run_id in (select id from ours)"
        ).fetchone()
        recorded, completed = rows.execute(
            "select count(*), coalesce(sum(state_type = 'COMPLETED'), 0) from task_run"
            " where flow_run_id in (select id from ours)"
        ).fetchone()
    expected = rounds * STEPS_WHILE_WAITING
    expected += sum(STEPS_TO_THE_END + len(case.recipients(1)) for case in cases)
    return runs, expected, recorded, recorded - completed


def _letters(figures: Figures) -> Table:
    def row(title: str, seconds: float) -> tuple[str, ...]:
        return title, f"{seconds:.1f}", f"{figures.letters / seconds:.2f}"

    failures = figures.letters - figures.runs["Issued"]
    return Table(
        f"An office of {figures.letters} letters, {figures.waiting} waiting at once",
        ("from … to", "s", "letters/s"),
        (
            row("drafts laid down to all of them waiting", figures.waiting_seconds),
            row("signed to the last copy accepted", figures.issuing_seconds),
            row("in all", figures.seconds),
        ),
        (
            "`letters serve` on its embedded Prefect (SQLite), four runs side by side, five"
            f" recipients a letter, the outbox; load before it {figures.load:.1f}.",
            f"Laid into `drafts` {figures.waiting} at a time and collected by a round of"
            " `collect-drafts` started at once (by itself there is one every five minutes); signed"
            " one after another on the signing page when all of them wait.",
            f"{figures.issued} letters issued, {failures} runs that ended otherwise;"
            f" {figures.recorded_task_runs} of {figures.expected_task_runs} task runs in Prefect's"
            f" database after the server was stopped, {figures.unfinished_task_runs} of them not"
            " completed.",
        ),
    )


def _processes(figures: Figures) -> Table:
    names = {
        "server": "Prefect's server",
        "serving": "`letters serve`: signing page, runner",
        "runs": "the runs, and the process they are forked from",
    }
    return Table(
        f"What the processes of such an office take, {figures.letters} letters",
        ("process", "MB at the start", "MB at most", "MB at the end", "CPU ms a letter"),
        tuple(
            (
                names[part.name],
                *map(shown_megabytes, (part.start_bytes, part.peak_bytes, part.end_bytes)),
                f"{part.cpu_seconds / figures.letters * 1000:.0f}",
            )
            for part in figures.parts
        ),
        (
            "Resident memory, looked at twice a second; of the runs the proportional share (PSS),"
            " since they share what was imported before they were forked.",
        ),
    )
