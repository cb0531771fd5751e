"""A short campaign finds nothing; with a broken delivery it does."""

import subprocess
import sys

import pytest

from benchmarks.processes import ROOT
from tests.faults.campaign.judge import DENIED, DUPLICATES

pytestmark = pytest.mark.slow

UNHURRIED = 4
"""Minutes: what isn't done by then counts as undone."""


def campaign(tmp_path, letters, *more):
    """Run a campaign on folders; return its exit code and what it told."""
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "tests.faults.campaign", "--store", "folder", "--seed", "7"),
            *("--letters", str(letters), "--prefect-letters", "0"),
            *("--minutes", str(UNHURRIED), "--keep", str(tmp_path), *more),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def found(said):
    """What was found that must not be: the rows of the first table that have a number."""
    rows = (line.strip("│ ").split("│") for line in said.splitlines() if line.startswith("│"))
    told = [[cell.strip() for cell in row] for row in rows if len(row) == 2]
    return {what: int(times) for what, times in told if times not in ("", "0")}


def test_letters_are_issued_once_by_processes_that_are_killed_all_the_time(tmp_path):
    code, said = campaign(tmp_path, 30)

    assert (code, "30 letters to 150 recipients" in said) == (0, True), said


@pytest.mark.parametrize(
    ("sabotage", "what"),
    [
        pytest.param("resend-unknown", DUPLICATES, id="what is unknown is sent again"),
        pytest.param("believe-nothing", DENIED, id="what is unsure is taken for not accepted"),
    ],
)
def test_a_broken_delivery_is_found(tmp_path, sabotage, what):
    code, said = campaign(tmp_path, 8, "--sabotage", sabotage)

    assert (code, what in found(said)) == (1, True), said
