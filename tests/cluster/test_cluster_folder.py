"""The folder of `deploy/cluster`: any name will do, and what others made in it stays.

PostgreSQL and Redis are real; a stand-in for Python is the rest, and notes what it is told.
"""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.script import cluster, skip_where_it_cannot_start
from tests.served import wait_for

STAND_IN = """#!/bin/sh
echo "$PREFECT_HOME|$LETTERS_OFFICE|$LETTERS_REGISTER|$PWD|$*" >>{told}
case "$*" in
*"server start"*) exec {python} -m http.server --bind 127.0.0.1 "$PREFECT_SERVER_API_PORT" ;;
*"main()"* | *"services start"*) echo "The desk is open" && exec sleep 300 ;;
esac
"""


@pytest.fixture
def stand_in(tmp_path):
    """The environment with a stand-in for Python, whose notes are `told`."""
    path = tmp_path / "bin" / "python"
    path.parent.mkdir()
    told = shlex.quote(str(tmp_path / "told"))
    path.write_text(STAND_IN.format(told=told, python=sys.executable))
    path.chmod(0o755)
    return {"PYTHON": str(path)}


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("verb", ["start", "stop", "status", "run", "worker", "kill", "load"])
def test_a_folder_that_it_did_not_make_is_left_alone(tmp_path, stand_in, verb):
    mine = tmp_path / "mine"
    for name in ("office/archive/letter", "office.env", "identity.env", "notes.log", "redis/dump"):
        (mine / name).parent.mkdir(parents=True, exist_ok=True)
        (mine / name).write_text("mine")
    process = subprocess.Popen(["sleep", "60"])
    try:
        (mine / "desk.pid").write_text(str(process.pid))
        before = contents(mine)

        said = cluster(verb, mine, *(() if verb == "start" else ("true",)), **stand_in)

        assert said.returncode == 1
        assert f"{mine} is not of deploy/cluster's making" in said.stderr
        assert contents(mine) == before
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def test_a_folder_that_is_not_there_is_not_made_to_be_stopped(tmp_path):
    assert cluster("stop", tmp_path / "none").returncode == 1
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def trial(tmp_path, stand_in):
    """A way to start an office in a folder of an awkward name."""
    skip_where_it_cannot_start()
    folder = tmp_path / """the office's "own" \\ $(touch pwned) * & folder"""
    try:
        yield folder, lambda *words: cluster("start", folder, *words, **stand_in)
    finally:
        cluster("stop", folder)


@pytest.mark.slow
def test_any_name_of_a_folder_is_only_a_name(tmp_path, trial):
    folder, start = trial

    started = start()

    assert started.returncode == 0, started.stderr
    assert cluster("run", folder, "printenv", "LETTERS_OFFICE").stdout == f"{folder}/office\n"
    told = tmp_path / "told"
    assert wait_for(lambda: "--name b" in told.read_text(), seconds=20)
    notes = told.read_text()
    for at_home, by in (
        (f"{folder}/prefect|||{folder}/prefect|", "-m prefect server start"),
        (f"{folder}/prefect|||{folder}/prefect|", "-m prefect server services"),
        (f"{folder}/office/prefect|{folder}/office|{folder}/register|{folder}/office|", " desk"),
        (f"{folder}/office/prefect|{folder}/office|{folder}/register|{folder}/office|", "--name b"),
    ):
        assert [n for n in notes.splitlines() if n.startswith(at_home) and by in n], (at_home, by)
    assert not [path for path in (*tmp_path.rglob("pwned"), Path("pwned")) if path.exists()]


LETTERS = ("archive/cases/2011/WESTMERE/CRA-1/case.json", "drafts/mine.md", "outbox/1.eml")


@pytest.mark.slow
def test_a_second_start_deletes_no_letters_unless_it_is_told_to(trial):
    folder, start = trial
    assert start().returncode == 0
    assert cluster("stop", folder).returncode == 0
    for name in LETTERS:
        letter = folder / "office" / name
        letter.parent.mkdir(parents=True, exist_ok=True)
        letter.write_text("a letter")

        refused = start()

        assert refused.returncode == 1, name
        assert "name another folder, or say start FOLDER anew" in refused.stderr
        assert start("afresh").returncode == 2
        assert letter.read_text() == "a letter"
        if name != LETTERS[-1]:
            letter.unlink()

    told = start("anew")
    assert told.returncode == 0, told.stderr
    assert not letter.exists()
