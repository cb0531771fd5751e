"""`letters export`: where the bag is, and what it says of it."""

import json

import bagit
import pytest

from desk.command_line import run
from tests.issuing import REFERENCE, a_sample_office, submit


@pytest.fixture
def export(tmp_path, capsys):
    submit(a_sample_office(tmp_path / "office"))

    def export(*arguments):
        code = run(["export", *arguments, "--office", str(tmp_path / "office")])
        told = capsys.readouterr()
        return code, told.out, told.err

    return export


def test_a_waiting_letter_s_record_can_be_exported_too(export, tmp_path):
    code, out, _ = export(REFERENCE, "-o", str(tmp_path / "bag"))

    assert code == 0
    assert f"How a stranger checks it: {tmp_path / 'bag' / 'README.txt'}" in " ".join(out.split())
    bagit.Bag(str(tmp_path / "bag")).validate()


def test_a_program_is_told_the_same(export, tmp_path):
    code, out, _ = export(REFERENCE, "-o", str(tmp_path / "bag"), "--json")

    told = json.loads(out)
    assert (code, told["folder"], told["missing"]) == (0, str(tmp_path / "bag"), [])
    assert told["files"] == sum(1 for path in (tmp_path / "bag").rglob("*") if path.is_file())


def test_a_folder_in_use_is_refused(export, tmp_path):
    code, _, err = export(REFERENCE, "-o", str(tmp_path / "office"))

    assert code == 2
    assert "output-exists" in err
