"""Reading and checking the real letters, warm: what a person waits for at each look.

Each letter as it came, read in a process of its own and checked; the parts beside the
whole. The letters lie beside the project; where they don't, the sample draft is measured.
"""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

from benchmarks.measures import Cost, Spread, cost_of, in_turn
from benchmarks.processes import ROOT
from benchmarks.sample import SAMPLE, draft_path
from benchmarks.tables import NO_TARGET, Table, at_most, shown_spread
from flows.office import open_office
from letters.checks import check_letter
from letters.checks.rule import Given
from tasks.case.office import Office
from tasks.drafting.draft import compose_draft
from tasks.drafting.readers import read_draft

LETTERS = ROOT.parent / "shared" / "letters"
ROUNDS = 3
TARGET_MS = 60
LIMIT_BYTES = 2_000_000

WHOLE = "read apart and checked"
READ = "read, in the process itself"
CHECKED = "the checks alone"


def measure() -> list[Table]:
    """Read and check each letter, the whole and its parts in turn."""
    with tempfile.TemporaryDirectory() as folder:
        office, drafts = _office(Path(folder)), _drafts()
        costs: dict[str, list[Cost]] = {WHOLE: [], READ: [], CHECKED: []}
        for draft in drafts:
            for name, found in _costs_of(office, draft).items():
                costs[name] += found
    return [
        Table(
            f"Reading and checking {len(drafts)} letters, warm",
            ("what", "n", "min ms", "median ms", "p95 ms", "target", "met?"),
            tuple(_row(name, found) for name, found in costs.items()),
            (
                "The real letters, from text; the whole is what `letters check` does after it has "
                "begun. The checks are measured where a letter could be composed.",
            ),
        )
    ]


def _costs_of(office: Office, draft: Path) -> dict[str, list[Cost]]:
    data, name = draft.read_bytes(), draft.name
    kinds = tuple(office.kinds.values())
    letter = compose_draft(office, data, name).letter
    contenders = {
        WHOLE: lambda _: cost_of(lambda: compose_draft(office, data, name)),
        READ: lambda _: cost_of(
            lambda: read_draft(
                data, name, register=office.register, kinds=kinds, limit_bytes=LIMIT_BYTES
            )
        ),
    }
    if letter is not None:
        given = Given(office.kinds[letter.kind], office.register)
        contenders[CHECKED] = lambda _: cost_of(lambda: check_letter(letter, given))
    return in_turn(contenders, ROUNDS)


def _drafts() -> list[Path]:
    letters = sorted(path for path in LETTERS.glob("*.txt") if path.stem in _truths())
    return letters or [draft_path()]


def _truths() -> set[str]:
    return {path.stem for path in (ROOT / "tests" / "drafting" / "truth").glob("*.toml")}


def _office(folder: Path) -> Office:
    """Open an office that knows the people of the letters."""
    office = open_office({"LETTERS_OFFICE": str(folder), "LETTERS_REGISTER": str(SAMPLE)})
    if not LETTERS.is_dir():
        return office
    from tests.drafting.truth_of import register_of

    return dataclasses.replace(office, register=register_of())


def _row(name: str, costs: list[Cost]) -> tuple[str, ...]:
    spread = Spread.of(cost.wall_seconds for cost in costs)
    shown = shown_spread(spread, scale=1000, digits=1)
    is_aimed_at = name == WHOLE
    target = at_most(spread.median * 1000, TARGET_MS, "ms") if is_aimed_at else NO_TARGET
    return (name, *shown, *target)
