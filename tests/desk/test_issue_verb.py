"""`letters issue` as a process of its own: exit codes, what it prints, taking up after a kill."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.engine_home import EngineHome, open_private

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "config" / "sample_office"
REFERENCE = "CRA-WESTMERE-2011-03-08"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a register and the sample draft; the tests of this file share its office.

    Its Prefect seems to be used by someone else all the time, so that the commands
    needn't start and stop it one after the other.
    """
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(SAMPLE, folder / "register")
    shutil.copy(next(SAMPLE.glob("*.md")), folder / "draft.md")
    home = EngineHome.at(folder / "office" / "prefect")
    with open_private(home.users) as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield folder
    if server := home.announced():
        os.kill(server.pid, signal.SIGTERM)


def command(folder, *arguments, office="office"):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")},
        "LETTERS_OFFICE": str(folder / office),
        "LETTERS_REGISTER": str(folder / "register"),
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.Popen(
        [sys.executable, "-c", "from desk.command_line import main; main()", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def letters(folder, *arguments, office="office"):
    """Run the command to its end; return its exit code and all it printed."""
    process = command(folder, *arguments, office=office)
    out, err = process.communicate(timeout=240)
    assert "Traceback" not in out + err
    return process.returncode, out, err


def a_draft(folder, name, old, new):
    text = (folder / "draft.md").read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return name


def test_a_letter_from_blocked_to_waiting_to_refused_to_issued(folder):
    blocked = a_draft(folder, "blocked.md", "Yours sincerely", "Your sincerely")

    code, out, _ = letters(folder, "issue", blocked, "--json")
    told = json.loads(out)
    assert (code, told["outcome"]) == (1, "Blocked")
    assert [problem["code"] for problem in told["problems"]] == ["valediction-wrong"]

    code, out, _ = letters(folder, "issue", "draft.md")
    assert code == 3
    assert f"letters sign {REFERENCE} --sign-as helmsley" in out

    code, _, err = letters(folder, "issue", "draft.md", "--sign-as", "treyne")
    assert code == 3
    assert "not-entitled" in err

    code, out, err = letters(folder, "issue", "draft.md", "--sign-as", "helmsley", "--json")
    told = json.loads(out)
    assert (code, told["outcome"], told["state"]) == (0, "Issued", "issued")
    assert "signing as the SAMPLE inspector helmsley" in err
    assert len(list((folder / "office" / "outbox").glob("*.eml"))) == 5

    other = a_draft(folder, "other.md", "54 children", "55 children")
    code, out, _ = letters(folder, "issue", other, "--sign-as", "helmsley", "--json")
    assert (code, json.loads(out)["outcome"]) == (3, "Refused")
    assert "already-issued" in json.loads(out)["message"]


def test_a_decided_letter_ignores_who_would_sign(folder):
    code, out, _ = letters(folder, "issue", REFERENCE, "--sign-as", "nobody", "--json")

    assert (code, json.loads(out)["signed_by"]) == (0, "helmsley")
    assert len(list((folder / "office" / "outbox").glob("*.eml"))) == 5


def test_what_prefect_knew_of_a_letters_runs_is_in_its_history(folder):
    """Of every run that worked on it, and of none that was blocked or refused before."""
    letters(folder, "issue", REFERENCE)

    _, out, _ = letters(folder, "history", REFERENCE, "--json")
    rows = [row for row in json.loads(out) if row["source"] == "prefect"]
    ends = [row["event"] for row in rows if row["step"].startswith("run ")]

    assert {"AwaitingSignOff", "Issued"} <= set(ends)
    assert not {"Blocked", "Refused"} & set(ends)
    assert rows[-1]["event"] == ends[-1] == "Issued"

    code, out, _ = letters(folder, "housekeep", "--json")
    assert (code, json.loads(out)) == (
        0,
        {
            "runs_taken_up": [],
            "runs_crashed": [],
            "runs_resumed": 0,
            "letters_picked_up": [],
            "letters_stranded": [],
            "letters_frozen": [],
            "office_told": [],
            "runs_recorded": 0,
            "files_swept": 0,
            "troubles": [],
        },
    )
    assert letters(folder, "verify")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["gone.md"], "draft-missing", id="no such draft"),
        pytest.param(["draft.md", "--sign-as", "nobody"], "not-a-sample", id="no such inspector"),
    ],
)
def test_a_mistake_begins_nothing(folder, arguments, said):
    code, _, err = letters(folder, "issue", *arguments, office="untouched")

    assert code == 2
    assert said in err
    assert not (folder / "untouched" / "archive" / "cases").exists()
    assert not (folder / "untouched" / "prefect").exists()


def test_a_killed_command_is_taken_up_where_it_stopped(folder):
    office = folder / "killed"
    process = command(folder, "issue", "draft.md", "--sign-as", "helmsley", office="killed")
    outbox = office / "outbox"
    deadline = time.monotonic() + 120
    while not list(outbox.glob("*.eml")) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert letters(folder, "verify", office="killed")[0] == 0
    code, out, err = letters(folder, "issue", REFERENCE, "--json", office="killed")
    assert (code, json.loads(out)["state"]) == (0, "issued")
    assert "is marked Crashed" in err
    assert len(list(outbox.glob("*.eml"))) == 5
    assert letters(folder, "verify", office="killed")[0] == 0
