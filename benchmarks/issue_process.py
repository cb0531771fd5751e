"""`letters issue` itself, with a stopwatch on the functions it calls.

Arguments: the draft, the office's folder, and the file for what was noted: the phases'
ends with the CPU time that this process and the server had used by then, and their
peak memory.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.processes import cpu_seconds_of, peak_bytes_of
from benchmarks.sample import INSPECTOR
from desk import issuing
from desk.command_line import run
from flows.engine import Engine, embedded_prefect
from flows.engine_home import EngineHome

T = TypeVar("T")

STARTED = "the process starts, imports the desk, takes the draft in"
ENGINE = "Prefect's server starts while Prefect is imported"
FLOW = "the flow and its steps are imported"
TO_PACK = "dead runs are looked for, the flow runs to the pack"
SIGNED = "the sample inspector signs"
TO_END = "the flow runs again, to the last e-mail"
RECORDED = "Prefect records what it was sent"
STOPPED = "the server stops"
ENDED = "the command tells its end, the process ends"
PHASES = (STARTED, ENGINE, FLOW, TO_PACK, SIGNED, TO_END, RECORDED, STOPPED, ENDED)


class Stopwatch:
    """Notes the end of each phase."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._server: int | None = None
        self.ends: list[tuple[str, float, float, float | None]] = []
        self.server_peak_bytes = 0

    def note(self, phase: str) -> None:
        """Note that `phase` has just ended."""
        server_cpu = None if self._server is None else cpu_seconds_of(self._server)
        self.ends.append((phase, time.monotonic(), time.process_time(), server_cpu))

    @contextmanager
    def watched_prefect(self, *args: Any, **kwargs: Any) -> Iterator[Engine]:
        """Be `embedded_prefect`, and note its start, its end and what lies between."""
        self.note(STARTED)
        with embedded_prefect(*args, **kwargs) as engine:
            announced = EngineHome.at(self._home).announced()
            self._server = None if announced is None else announced.pid
            self.note(ENGINE)
            from flows import issue_letter, recording

            self.note(FLOW)
            run_once = self._noting(issue_letter.run_once, ends=(TO_PACK, TO_END), between=SIGNED)
            settle = self._noting(recording.settle, ends=(RECORDED,))
            vars(issue_letter).update(run_once=run_once)
            vars(recording).update(settle=settle)
            yield engine
        self.note(STOPPED)

    def _noting(
        self, do: Callable[..., T], *, ends: tuple[str, ...], between: str = ""
    ) -> Callable[..., T]:
        """Have the calls of `do` noted, each as its phase; between two of them lies another."""
        left = list(ends)

        def noted(*args: Any, **kwargs: Any) -> T:
            if len(left) < len(ends):
                self.note(between)
            result = do(*args, **kwargs)
            self.note(left.pop(0))
            if self._server is not None:
                self.server_peak_bytes = peak_bytes_of(self._server)
            return result

        return noted


def main(draft: str, office: Path, noted: Path) -> None:
    """Issue the letter. Raises SystemExit with the command's code unless it was issued."""
    watch = Stopwatch(office / "prefect")
    # The process ends with the command: nothing is put back.
    vars(issuing).update(embedded_prefect=watch.watched_prefect)
    code = run(["issue", draft, "--sign-as", INSPECTOR])
    if code != 0:
        raise SystemExit(code)
    noted.write_text(
        json.dumps(
            {
                "ends": watch.ends,
                "client_peak_bytes": peak_bytes_of(),
                "server_peak_bytes": watch.server_peak_bytes,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
