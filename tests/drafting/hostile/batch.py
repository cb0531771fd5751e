"""Tries hostile drafts in a few processes, each of which forks one for every draft.

As a program it tries those whose names it is given, a line of JSON each, and answers
with a line of JSON each.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from tests.drafting.hostile.every import every
from tests.drafting.hostile.trial import Outcome, Trials

ROOT = Path(__file__).resolve().parents[3]
PROCESSES = 2


def try_all(names: Sequence[str]) -> dict[str, Outcome]:
    """Try the drafts of these names, and return what became of each."""
    with ThreadPoolExecutor(PROCESSES) as threads:
        shares = [names[share::PROCESSES] for share in range(PROCESSES)]
        return {name: outcome for tried in threads.map(_tried, shares) for name, outcome in tried}


def _tried(names: Sequence[str]) -> list[tuple[str, Outcome]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.drafting.hostile.batch"],
        cwd=ROOT,
        input="".join(json.dumps(name) + "\n" for name in names),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    outcomes = (Outcome(**json.loads(line)) for line in done.stdout.splitlines())
    return list(zip(names, outcomes, strict=True))


def main() -> None:
    """Answer each line of the standard input, in turn."""
    with tempfile.TemporaryDirectory() as root:
        trials = Trials(Path(root))
        for line in sys.stdin:
            outcome = trials.outcome_of(every()[json.loads(line)])
            print(json.dumps(asdict(outcome)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
