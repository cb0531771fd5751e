"""Many processes that issue letters of one office at the same moment; run as a script.

They are forked from one that has imported all they need and has no threads; none begins
before all are there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from contextlib import suppress
from pathlib import Path

from benchmarks.sample import Authority, write_register
from tests.faults.commands import ROOT, warm_up

TOWN = "Crowdmere"


def towns(count: int) -> tuple[Authority, ...]:
    """Name so many authorities."""
    return tuple(Authority(f"{TOWN.lower()}{n}", f"{TOWN}{n}") for n in range(count))


def crowd(folder: Path, processes: int, letters: int, **environment: str) -> list[int]:
    """Let processes issue the letters, each one of them, in turn; return how they ended.

    The office is `office` in the folder; its register is laid beside it.
    """
    write_register(folder / "register", towns(letters))
    told = {
        "LETTERS_OFFICE": str(folder / "office"),
        "LETTERS_REGISTER": str(folder / "register"),
        **environment,
    }
    ended = subprocess.run(
        [sys.executable, "-m", "tests.faults.crowd", str(processes), str(letters)],
        cwd=ROOT,
        env={**os.environ, **told},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    codes: list[int] = json.loads(ended.stdout.splitlines()[-1])
    return codes


def main() -> None:
    processes, letters = (int(argument) for argument in sys.argv[1:])
    warm_up()
    waiting, begin = os.pipe()
    children = []
    for number in range(processes):
        child = os.fork()
        if child == 0:
            os.close(begin)
            os._exit(issued(towns(letters)[number % letters], waiting))
        children.append(child)
    os.close(begin)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    print(json.dumps(codes))  # noqa: T201 - whoever began this reads it


def issued(town: Authority, waiting: int) -> int:
    """Issue a town's letter as soon as all are there; return the exit code."""
    from flows.office import open_office
    from tests.issuing import SHORT_DRAFT, issue

    code = 1
    with suppress(BaseException):  # nothing else may go on in the child
        try:
            office = open_office()
            os.read(waiting, 1)  # until its other end is closed everywhere
            case, _ = issue(office, town.in_place_of_the_sample(SHORT_DRAFT.decode()).encode())
            code = 0 if case.closed() is not None else 2
        except BaseException:
            traceback.print_exc()
            raise
    return code


if __name__ == "__main__":
    main()
