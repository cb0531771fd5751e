"""`letters verify` of one letter, warm, beside the bare SHA-256 of the bytes that it reads.

The hashes are the least that any verification costs; the rest is what the chains, the
sign-off, the e-mails written again, the seal and the words of the PDF take.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.measures import Cost, Spread, cost_of, in_turn
from benchmarks.plain_steps import PlainSteps, issue_block
from benchmarks.sample import authorities, write_register
from benchmarks.tables import NO_TARGET, Table, at_most, shown_spread
from flows.office import open_office
from flows.verification import verify_office

ROUNDS = 20
TARGET_MS = 150

VERIFY = "one letter verified"
HASHES = "its bytes read and hashed"


def measure() -> list[Table]:
    """Issue a letter by the plain steps, then verify it and hash its office in turn."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        try:
            return [_measured(Path(folder))]
        finally:
            os.environ.clear()
            os.environ.update(before)


def _measured(folder: Path) -> Table:
    (name,) = authorities(1)
    write_register(folder / "register", (name,))
    os.environ["LETTERS_REGISTER"] = str(folder / "register")
    issue_block(folder / "office", (name,), PlainSteps().run_once)
    files = [
        path
        for room in ("archive", "outbox", "witness")
        for path in sorted((folder / "office" / room).rglob("*"))
        if path.is_file()
    ]

    def verify(_: int) -> Cost:
        # An office opened anew: nothing of its chains is remembered.
        office = open_office(is_register_needed=False)
        report = []
        cost = cost_of(lambda: report.append(verify_office(office, reference=name.reference)))
        if not report[0].is_clean:
            raise ValueError(f"{name.reference} differs: {report[0].differences}")
        return cost

    def hash_all(_: int) -> Cost:
        return cost_of(partial(_hash, files))

    for warm_up in (verify, hash_all):
        warm_up(0)
    costs = in_turn({VERIFY: verify, HASHES: hash_all}, ROUNDS)
    wall = {which: Spread.of(cost.wall_seconds for cost in costs[which]) for which in costs}
    cpu = {which: Spread.of(cost.cpu_seconds for cost in costs[which]) for which in costs}
    targets = {
        VERIFY: at_most(wall[VERIFY].median * 1000, TARGET_MS, "ms"),
        HASHES: NO_TARGET,
    }
    size = sum(path.stat().st_size for path in files)
    return Table(
        "`letters verify` of one issued letter, warm",
        ("contender", "n", "min ms", "median ms", "p95 ms", "CPU ms", "target", "met?"),
        tuple(
            (
                which,
                *shown_spread(wall[which], scale=1000, digits=1),
                f"{cpu[which].median * 1000:.1f}",
                *targets[which],
            )
            for which in costs
        ),
        (
            f"Five recipients, the outbox; {len(files)} files with {size / 1e6:.1f} MB in archive,"
            " outbox and witness, all of which the second contender reads and hashes.",
            "Warm: the process has verified the letter once before, which imports pyHanko and"
            " PDFium; the office is opened anew each time.",
        ),
    )


def _hash(files: list[Path]) -> None:
    for path in files:
        hashlib.sha256(path.read_bytes()).hexdigest()
