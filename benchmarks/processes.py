"""Whole processes: run and measured from outside, or asked through /proc while they live.

Owns no figure and no contender. The benchmarks run on Linux.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
LAUNCHER = Path(__file__).with_name("launcher.py")
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Process(NamedTuple):
    """What one process took from its start to its end; moments are of the monotonic clock."""

    began: float
    ended: float
    cpu_seconds: float
    peak_bytes: int

    @property
    def wall_seconds(self) -> float:
        """How long it lasted."""
        return self.ended - self.began


def run_process(command: Sequence[str], environment: Mapping[str, str]) -> Process:
    """Run a command in the repository's root. Raises CalledProcessError unless it ends with 0."""
    with tempfile.NamedTemporaryFile() as errors:
        told = subprocess.run(
            [sys.executable, "-I", "-S", str(LAUNCHER), errors.name, *command],
            cwd=ROOT,
            env=dict(environment),
            capture_output=True,
            text=True,
            check=True,
        )
        began, ended, cpu, peak_kib, code = told.stdout.split()
        if int(code) != 0:
            said = Path(errors.name).read_text(errors="replace")
            failure = subprocess.CalledProcessError(int(code), command)
            failure.add_note(said)
            raise failure
    return Process(float(began), float(ended), float(cpu), int(peak_kib) * 1024)


def python(*arguments: str) -> list[str]:
    """Give the command that runs this Python."""
    return [sys.executable, *arguments]


def environment(**more: str) -> dict[str, str]:
    """Give the environment of what is measured: no one's settings, and bytecode as installed."""
    neutral = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PREFECT_", "LETTERS_")) and name != "PYTHONDONTWRITEBYTECODE"
    }
    return neutral | more


def cpu_seconds_of(pid: int) -> float | None:
    """Tell the CPU time that a living process has used, None for one that is gone."""
    try:
        # proc(5): the name in brackets may hold anything, so count from its end;
        # utime and stime are the 14th and 15th field.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def peak_bytes_of(pid: int | None = None) -> int:
    """Tell the most memory that a living process (None: this one) has occupied so far."""
    status = Path(f"/proc/{pid or 'self'}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
