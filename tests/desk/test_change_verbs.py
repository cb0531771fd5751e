"""`letters correct` and `letters withdraw` as processes of their own, and a letter held back."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flows.engine_home import EngineHome, open_private
from tests.issuing import REFERENCE, in_other_words

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "config" / "sample_office"
DRAFT = next(SAMPLE.glob("*.md")).read_bytes()
SIGNED = ("--sign-as", "helmsley")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a register and drafts, whose Prefect stays for all commands."""
    folder = tmp_path_factory.mktemp("changes")
    shutil.copytree(SAMPLE, folder / "register")
    (folder / "draft.md").write_bytes(DRAFT)
    (folder / "corrected.md").write_bytes(in_other_words(DRAFT))
    home = EngineHome.at(folder / "office" / "prefect")
    with open_private(home.users) as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield folder
    if server := home.announced():
        os.kill(server.pid, signal.SIGTERM)


def letters(folder, *arguments):
    """Run the command; return its exit code and what it printed."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")},
        "LETTERS_OFFICE": str(folder / "office"),
        "LETTERS_REGISTER": str(folder / "register"),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", "from desk.command_line import main; main()", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_letter_is_issued_corrected_and_withdrawn(folder):
    assert letters(folder, "issue", "draft.md", *SIGNED)[0] == 0
    before = sorted((folder / "office" / "outbox").glob("*.eml"))

    code, said, _ = letters(folder, "correct", REFERENCE, "draft.md", "--reason", "Why not")
    assert (code, said) == (2, "")
    code, _, complaint = letters(folder, "correct", REFERENCE, "corrected.md", "--reason", " ")
    assert (code, "reason-invalid" in complaint) == (2, True)

    reason = "The number of cases reviewed was wrong"
    code, said, _ = letters(folder, "correct", REFERENCE, "corrected.md", "--reason", reason)
    assert code == 3
    assert said.startswith(f"Ordered: the correction of {REFERENCE} r1.")
    code, said, _ = letters(folder, "issue", "corrected.md", *SIGNED)
    assert (code, "Issued:" in said) == (0, True)
    after = sorted((folder / "office" / "outbox").glob("*.eml"))
    assert len(after) == 2 * len(before)

    code, said, _ = letters(folder, "withdraw", REFERENCE, "--reason", "It was another’s", *SIGNED)
    assert (code, "Issued:" in said) == (0, True)

    told = json.loads(letters(folder, "show", REFERENCE, "--json")[1])
    assert (told["revision"], told["state"], told["replaces"]) == (3, "issued", "withdrawal")
    assert letters(folder, "verify", REFERENCE)[0] == 0
    code, _, complaint = letters(folder, "correct", REFERENCE, "draft.md", "--reason", "Back")
    assert (code, "withdrawn" in complaint) == (3, True)


def test_a_letter_is_held_and_given_back_for_a_new_date(folder):
    other = DRAFT.replace(b"8 and 9 March 2011", b"10 and 11 May 2010").replace(
        b"date: 4 April 2011", b"date: 4 June 2010"
    )
    (folder / "other.md").write_bytes(other)
    settings = folder / "office" / "office.toml"
    period = '[[holds.period]]\nname = "Elections"\nsince = 2000-01-01\nuntil = 2999-12-31\n'
    settings.write_text(period)

    code, said, complaint = letters(folder, "issue", "other.md", *SIGNED, "--json")
    assert (code, json.loads(said)["outcome"]) == (3, "Held"), said + complaint
    assert json.loads(said)["state"] == "held"

    settings.write_text(period.replace("2999-12-31", "2000-12-31"))
    code, said, _ = letters(folder, "issue", json.loads(said)["reference"], "--json")
    assert (code, json.loads(said)["outcome"], json.loads(said)["state"]) == (
        3,
        "Returned",
        "returned",
    )
    assert "no longer fits" in json.loads(said)["message"]
