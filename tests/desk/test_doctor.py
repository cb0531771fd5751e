"""`letters doctor`: what an office rests on, and what is wrong with it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.doctor import examine
from tests.issuing import SAMPLE_OFFICE, a_sample_office, issue
from tests.offices import some_settings


def levels(found):
    """What was found, as `room/code: level`."""
    return {f"{room}/{f.code}": f.level for room, findings in found.items() for f in findings}


class Leaving:
    """A provider whose e-mails leave the house."""

    name = "fake"
    takes_samples = False


@pytest.fixture(autouse=True)
def private(tmp_path):
    tmp_path.chmod(0o700)


def test_a_sample_office_is_well(tmp_path):
    office = a_sample_office(tmp_path)
    issue(office)

    found = levels(examine(office))

    assert {room for room, level in found.items() if level == "failure"} == set()
    assert found["people/sample-inspectors"] == "ok"
    assert found["office/ledger"] == "ok"


def test_it_changes_nothing(tmp_path):
    office = a_sample_office(tmp_path)
    issue(office)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}

    examine(office)

    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()} == before


def test_folders_open_to_others_are_a_failure(tmp_path):
    office = a_sample_office(tmp_path)
    issue(office)
    office.keys_folder.chmod(0o755)

    assert levels(examine(office))["office/open-to-others"] == "failure"


def test_a_live_office_with_sample_inspectors_and_without_anchors_is_told(tmp_path):
    office = a_sample_office(tmp_path, provider=Leaving())

    found = levels(examine(office))

    assert found["people/sample-inspectors"] == "failure"
    assert found["anchors/no-anchors"] == "warning"


def test_a_ledger_that_lost_an_entry_is_a_failure(tmp_path):
    issue(a_sample_office(tmp_path))
    sorted((tmp_path / "archive" / "ledger").iterdir())[-1].unlink()

    assert levels(examine(a_sample_office(tmp_path)))["office/chain-broken"] == "failure"


def test_anchors_that_never_went_out_are_told(tmp_path):
    settings = some_settings(tmp_path, anchors={"mailbox": "anchor@elsewhere.example"})

    found = levels(examine(a_sample_office(tmp_path, settings=settings)))

    assert found["anchors/never-anchored"] == "warning"


def test_a_room_that_cannot_be_looked_at_is_a_finding(tmp_path, monkeypatch):
    def look(office):
        raise RuntimeError("boom")

    monkeypatch.setattr("flows.doctor.ROOMS", (("mail", look),))

    assert levels(examine(a_sample_office(tmp_path))) == {"mail/not-examined": "failure"}


def test_the_command_prints_what_to_do_and_ends_with_one(tmp_path):
    environment = {**os.environ, "LETTERS_OFFICE": str(tmp_path / "office")}
    (tmp_path / "office").mkdir(mode=0o755)
    command = [sys.executable, "-c", "from desk.command_line import main; main()", "doctor"]

    told = subprocess.run(
        [*command, "--json", "--register", str(SAMPLE_OFFICE)],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )

    assert told.returncode == 1, told.stderr
    findings = json.loads(told.stdout)["rooms"]["office"]
    assert next(f["remedy"] for f in findings if f["code"] == "open-to-others").startswith("chmod")


def test_a_webhook_key_that_is_none_is_a_failure(tmp_path):
    settings = some_settings(tmp_path, webhook={"public_key": "abc"})

    found = levels(examine(a_sample_office(tmp_path, settings=settings)))

    assert found["webhook/webhook-key-unusable"] == "failure"


def test_a_bucket_that_is_reached_in_the_clear_is_a_failure(tmp_path):
    archive = {"store": "s3", "bucket": "b", "endpoint": "http://s3.somewhere.example"}
    settings = some_settings(tmp_path, archive=archive)

    found = levels(examine(a_sample_office(tmp_path, settings=settings)))

    assert found["archive/endpoint-not-encrypted"] == "failure"
