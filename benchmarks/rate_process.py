"""One of the processes that issue signed letters: by the plain steps, or by the flow.

Arguments: `plain` or `flow`, how many letters side by side, and the references. Tells
`ready` when the first of them is issued, to warm up; begins with the others when it is told
to, and tells what they took. What the flow sent is waited for, as every command does at its
end.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks.plain_steps import PlainSteps
from flows.office import open_office
from tasks.drafting.submitted import draft_of


def issue_plainly(references: Sequence[str]) -> None:
    """Issue letters without Prefect, one after another."""
    for reference in references:
        PlainSteps().run_once(draft_of(open_office(), reference).draft_sha256)


def issue_by_flow(references: Sequence[str]) -> None:
    """Issue letters one after another, each in a flow run of its own; they share a client."""
    from flows.issue_letter import one_client, run_once

    with one_client():
        for reference in references:
            name, message = run_once(reference)
            if name != "Issued":
                raise ValueError(f"{reference} ended as {name}: {message}")


def main(contender: str, side_by_side: int, references: Sequence[str]) -> None:
    """Warm up, wait, issue, and tell."""
    if contender == "plain":
        told = _measured(side_by_side, references, issue_plainly, lambda: 0)
    else:
        from flows.engine import embedded_prefect
        from flows.office import office_folder
        from flows.recording import settle

        # It is given one by PREFECT_API_URL, and starts none.
        with embedded_prefect(office_folder() / "prefect", announce=print):
            told = _measured(side_by_side, references, issue_by_flow, settle)
    print(json.dumps(told), flush=True)


def _measured(
    side_by_side: int,
    references: Sequence[str],
    issue: Callable[[Sequence[str]], None],
    settle: Callable[[], int],
) -> dict[str, float]:
    first, rest = references[:1], references[1:]
    issue(first)
    settle()
    print("ready", flush=True)
    sys.stdin.readline()
    cpu = time.process_time()
    shares = [rest[number::side_by_side] for number in range(side_by_side)]
    with ThreadPoolExecutor(side_by_side) as threads:
        list(threads.map(issue, shares))
    issued = time.monotonic()
    unrecorded = settle()
    return {
        "issued": issued,
        "recorded": time.monotonic(),
        "unrecorded": unrecorded,
        "cpu_seconds": time.process_time() - cpu,
    }


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
