"""`deploy/cluster load FOLDER N`: letters on several machines, one of which fails meanwhile.

N drafts are submitted to the office that `deploy/cluster start FOLDER` started; when all of
them wait, a sample inspector signs one after another. When a third is issued a worker is
killed with all of its runs, and started again ten seconds later. What there is in the end is
counted: in the archive, in the outbox, by Prefect's API. Writes docs/cluster.md with --write.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psutil
from rich.console import Console

from benchmarks.processes import ROOT
from benchmarks.sample import INSPECTOR, Authority, authorities, draft_of, write_register
from benchmarks.tables import Table, markdown, print_tables
from flows.office import open_office
from letters.case import State
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.rendering.pack import require_as_packed
from tasks.signoff.signing import sign_as_sample

PAGE = ROOT / "docs" / "cluster.md"
SCRIPT = ROOT / "deploy" / "cluster"
FLOW = "issue-letter"
KILLED = "b"
DEAD_SECONDS = 10
LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 3600
SETTLE_SECONDS = 100
"""How long the last states may take until they are written down, or the workers end them."""

WIDTH_OF_NO_TERMINAL = 140
NAMED = 100
"""As many names as `benchmarks.sample` has."""

REFUSED = {"Refused", "Blocked", "Failed"}
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}

PROCESSES = {
    "workers and runs": ("worker-a.pid", "worker-b.pid"),
    "Prefect's API": ("prefect.pid",),
    "Prefect's services": ("services.pid",),
    "PostgreSQL": ("postgres.pid",),
    "Redis": ("redis.pid",),
    "S3": ("s3/mon.pid", "s3/osd.pid", "s3/rgw.pid"),
}


class Figures(NamedTuple):
    """What the trial came to."""

    letters: int
    waiting_seconds: float
    """From the first draft submitted until all of them wait."""
    issuing_seconds: float
    """From the first signed to the last issued, with a worker killed in between."""
    undisturbed: float
    """Letters a second from the first signed until the worker was killed."""
    killed_runs: int
    """Runs of letters that were Running when the worker was killed."""
    issued: int
    copies: int
    recipients: int
    twice: int
    flow_runs: Counter[str]
    task_runs: Counter[str]
    verified: str
    cpu: dict[str, float]
    """Seconds of each part, over the whole trial."""

    @property
    def is_sound(self) -> bool:
        """Whether all is as it must be."""
        return (
            self.issued == self.letters
            and self.copies == self.recipients
            and not self.twice
            and not self.verified
            and not set(self.task_runs) - ENDED
        )


def main() -> None:
    told = _told()
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_NO_TERMINAL)
    figures = trial(
        told.folder,
        told.letters,
        say=console.print,
        dead_seconds=None if told.no_kill else told.dead_seconds,
    )
    tables = _tables(figures)
    print_tables(tables, console)
    preface = _preface(told.letters)
    if told.write:
        PAGE.write_text(markdown(preface, tables), "utf-8")
        console.print(f"Written to {PAGE.relative_to(ROOT)}.")
    if figures.verified:
        console.print(figures.verified, markup=False)
    sys.exit(0 if figures.is_sound else 1)


def trial(
    folder: Path, letters: int, *, say: Callable[[str], object], dead_seconds: float | None
) -> Figures:
    """Take the letters through the office that runs in `folder`, and count.

    A worker is killed for so long; None for not at all.
    """
    names = _authorities(letters)
    register = Path(os.environ["LETTERS_REGISTER"])
    shutil.rmtree(register, ignore_errors=True)
    write_register(register, names)
    office, prefect = open_office(), Prefect()
    cpu = Cpu(folder)
    for name in names:
        (office.drafts_folder / f"{name.code}.md").write_bytes(draft_of(name))

    began = time.monotonic()
    for name in names:
        prefect.start(f"{name.code}.md")
    _until(lambda: prefect.waiting() == letters)
    waiting = time.monotonic() - began
    say(f"{letters} letters wait after {waiting:.0f} s.")

    began = time.monotonic()
    signing = threading.Thread(target=_sign, args=(office, names))
    signing.start()
    undisturbed, killed_runs = 0.0, 0
    if dead_seconds is not None:
        _until(lambda: prefect.flow_runs()["Issued"] >= max(1, letters // 3))
        undisturbed = prefect.flow_runs()["Issued"] / (time.monotonic() - began)
        cpu.note()
        killed_runs = prefect.flow_runs()["Running"]
        _cluster("kill", folder, KILLED)
        say(f"Worker {KILLED} was killed; {killed_runs} letters were being issued by the two.")
        time.sleep(dead_seconds)
        _cluster("worker", folder, KILLED)
        cpu.forget(f"worker-{KILLED}.pid")
    _until(lambda: _is_issued(prefect, office, names))
    issuing = time.monotonic() - began
    signing.join()
    say(f"All are issued after {issuing:.0f} s.")
    _settle(prefect)
    cpu.note()
    return Figures(
        letters=letters,
        waiting_seconds=waiting,
        issuing_seconds=issuing,
        undisturbed=undisturbed,
        killed_runs=killed_runs,
        flow_runs=prefect.flow_runs(),
        task_runs=prefect.task_runs(),
        verified=_verified(),
        cpu=cpu.seconds,
        **_counted(office, names),
    )


class Prefect:
    """What is asked of Prefect, by its API alone."""

    def __init__(self) -> None:
        user, _, password = os.environ["PREFECT_API_AUTH_STRING"].partition(":")
        self._http = httpx.Client(
            base_url=os.environ["PREFECT_API_URL"],
            auth=(user, password),
            timeout=60,
            trust_env=False,
        )
        self._deployment = self._ask("GET", f"/deployments/name/{FLOW}/office")["id"]

    def start(self, draft: str) -> None:
        """Start a run of a draft."""
        path = f"/deployments/{self._deployment}/create_flow_run"
        self._ask("POST", path, parameters={"draft": draft}, state={"type": "SCHEDULED"})

    def flow_runs(self) -> Counter[str]:
        """Count the runs of letters by the names of their states."""
        return Counter(run["state_name"] for run in self._all("/flow_runs/filter"))

    def waiting(self) -> int:
        """Count the letters that wait; raises RuntimeError where one can't."""
        runs = self.flow_runs()
        if set(runs) & REFUSED:
            raise RuntimeError(f"Letters didn't come to wait: {_listed(runs)}.")
        return runs["Suspended"]

    def task_runs(self) -> Counter[str]:
        """Count their task runs by the types of their states."""
        return Counter(run["state_type"] for run in self._all("/task_runs/filter"))

    def _all(self, path: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while page := self._ask(
            "POST", path, flows={"name": {"any_": [FLOW]}}, limit=200, offset=len(rows)
        ):
            rows += page
        return rows

    def _ask(self, method: str, path: str, **body: object) -> Any:
        answer = self._http.request(method, path, json=body or None)
        answer.raise_for_status()
        return answer.json()


class Cpu:
    """The processor's time that the parts of the office take, those that were killed too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: dict[str, float] = {}
        self.seconds: dict[str, float] = dict.fromkeys(PROCESSES, 0.0)
        self.note()
        self.seconds = dict.fromkeys(PROCESSES, 0.0)

    def note(self) -> None:
        """Add what was taken since the last time."""
        for part, files in PROCESSES.items():
            for file in files:
                if (now := self._read(file)) is not None:
                    self.seconds[part] += max(0.0, now - self._last.get(file, 0.0))
                    self._last[file] = now

    def forget(self, file: str) -> None:
        """Take it that a process was started anew."""
        self._last[file] = 0.0

    def _read(self, file: str) -> float | None:
        try:
            process = psutil.Process(int((self._folder / file).read_text()))
            tree = [process, *process.children(recursive=True)]
        except (OSError, psutil.NoSuchProcess):
            return None
        taken = 0.0
        for one in tree:
            try:
                taken += sum(one.cpu_times()[:4])  # with that of its children that have ended
            except psutil.NoSuchProcess:
                continue
        return taken


def _authorities(letters: int) -> tuple[Authority, ...]:
    names = authorities(min(letters, NAMED))
    more = authorities(letters - len(names))
    return (*names, *(Authority(f"upper{one.code}", f"Upper{one.code}") for one in more))


def _sign(office: Office, names: tuple[Authority, ...]) -> None:
    from flows.resuming import resume_decided

    for name in names:
        sign_as_sample(
            Case(office, name.reference),
            1,
            inspector_id=INSPECTOR,
            decision=Decision.APPROVE,
            comments="",
            is_as_packed=require_as_packed,
        )
        resume_decided(office, name.reference)


def _is_issued(prefect: Prefect, office: Office, names: tuple[Authority, ...]) -> bool:
    """Whether all letters are issued: Prefect is asked first, which is the cheaper."""
    runs = prefect.flow_runs()
    if runs["Issued"] < len(names) or runs["Running"] or runs["Pending"] or runs["Scheduled"]:
        return False
    return all(Case(office, name.reference).state(1) is State.ISSUED for name in names)


def _settle(prefect: Prefect) -> None:
    """Wait until all task runs have their last states, or no longer."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while set(prefect.task_runs()) - ENDED and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)


def _counted(office: Office, names: tuple[Authority, ...]) -> dict[str, int]:
    """Count issued letters and their copies in the outbox."""
    cases = [Case(office, name.reference) for name in names]
    laid = Counter[tuple[str, str]]()
    for path in office.outbox_folder.glob("*.eml"):
        message = message_from_bytes(path.read_bytes())
        laid[message["Subject"] or "", message["To"] or ""] += 1
    return {
        "issued": sum(case.state(1) is State.ISSUED for case in cases),
        "recipients": sum(len(case.recipients(1)) for case in cases),
        "copies": sum(laid.values()),
        "twice": sum(count > 1 for count in laid.values()),
    }


def _verified() -> str:
    """Run `letters verify`; return what it said if anything differs."""
    program = "from desk.command_line import main; main()"
    command = [sys.executable, "-c", program, "verify"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr


def _cluster(verb: str, folder: Path, *arguments: str) -> None:
    subprocess.run(
        [SCRIPT, verb, folder, *arguments],
        env={**os.environ, "PYTHON": sys.executable},
        check=True,
    )


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not in {PATIENCE_SECONDS} s: see the logs in the folder.")
        time.sleep(LOOK_SECONDS)


def _tables(figures: Figures) -> list[Table]:
    letters = figures.letters
    in_all = figures.waiting_seconds + figures.issuing_seconds
    rates = [
        ("submitted to all of them waiting", figures.waiting_seconds),
        ("first signed to the last issued, a worker killed meanwhile", figures.issuing_seconds),
        ("in all", in_all),
    ]
    counted = [
        ("letters issued", f"{figures.issued} of {letters}"),
        ("copies in the outbox", f"{figures.copies} of {figures.recipients}"),
        ("copies that are there twice", str(figures.twice)),
        ("letters being issued when the worker was killed", str(figures.killed_runs)),
        ("`letters verify`", "nothing differs" if not figures.verified else "DIFFERS"),
        ("task runs in Prefect, by state", _listed(figures.task_runs)),
        ("runs of issue-letter, by state", _listed(figures.flow_runs)),
    ]
    whole = sum(figures.cpu.values())
    return [
        Table(
            f"{letters} letters by two workers",
            ("from … to", "s", "letters/s"),
            tuple((title, f"{s:.1f}", f"{letters / s:.2f}") for title, s in rates),
            (
                f"Until the worker was killed {figures.undisturbed:.2f} letters a second were"
                " issued, signed one after another meanwhile.",
            ),
        ),
        Table("What there was in the end", ("", "counted"), tuple(counted)),
        Table(
            "Where the processor's time went",
            ("part", "CPU ms a letter", "share"),
            tuple(
                (part, f"{s / letters * 1000:.0f}", f"{s / whole:.0%}")
                for part, s in figures.cpu.items()
            ),
            ("From the first draft submitted to the last state recorded, signing excluded.",),
        ),
    ]


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())


def _preface(letters: int) -> list[str]:
    store = os.environ.get("LETTERS_ARCHIVE__STORE", "folder")
    archive = "a bucket of radosgw" if store == "s3" else "a folder that both workers share"
    return [
        "# An office on several machines",
        "",
        f"Written by `deploy/cluster start FOLDER` and `deploy/cluster load FOLDER {letters}"
        " --write`, in one run on one machine.",
        "Prefect's API server and its services apart, PostgreSQL, Redis, a process work pool with"
        f" two workers (`letters work`), four runs each; the archive is {archive}, the post the"
        " outbox.",
        f"When a third of the letters were issued, one worker was killed (SIGKILL) with all of its"
        f" runs, and started again {DEAD_SECONDS} s later; nobody did anything else.",
        "",
        f"{datetime.now(UTC):%-d %B %Y}; Python {platform.python_version()}, Prefect"
        f" {version('prefect')}, prefect-redis {version('prefect-redis')}; {os.cpu_count()} cores"
        " for all of it.",
    ]


def _told() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("letters", type=int)
    parser.add_argument("--no-kill", action="store_true", help="leave both workers alone")
    parser.add_argument("--dead-seconds", type=float, default=DEAD_SECONDS)
    parser.add_argument("--write", action="store_true", help="write docs/cluster.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
