"""`letters audit`: where the report is, what it says in short, and how it ends."""

import json

import pytest

from desk.command_line import run
from letters.signoff import Decision
from tasks.case.case import Case
from tests.issuing import REFERENCE, a_sample_office, in_other_words, issue

FILES = ["report.pdf", "letters.csv", "retries.csv", "decisions.csv"]


@pytest.fixture
def office(tmp_path):
    """An office with a letter that was returned once, and issued."""
    office = a_sample_office(tmp_path / "office")
    issue(office, decision=Decision.RETURN)
    issue(office, in_other_words())
    return office


@pytest.fixture
def audit(office, capsys, tmp_path, monkeypatch):
    """Run the command; return its exit code, what it printed, and what it complained of."""
    monkeypatch.chdir(tmp_path)

    def audit(*arguments):
        code = run(["audit", *arguments, "--office", str(office.root)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return audit


def test_the_report_lies_where_it_was_asked_for(audit, tmp_path):
    code, out, _ = audit("2011", "-o", "for the auditor")

    folder = tmp_path / "for the auditor"
    assert code == 0
    assert f"The report is in {folder}" in out
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_in_short_it_says_how_the_year_went(audit):
    _, out, _ = audit("2011")

    told = {line.strip().partition("  ")[::2] for line in out.splitlines() if "  " in line}
    assert {name: value.strip() for name, value in told} == {
        "stand at": "1 issued",
        "deadline": "1 in time",
        "working days to signature": "3 (3 to 3), of 1 letter",
        "working days to the last copy": "3 (3 to 3), of 1 letter",
        "decisions": "1 approved, 1 returned",
    }


def test_a_program_is_told_every_row(audit, tmp_path):
    code, out, _ = audit("2011", "--json")

    told = json.loads(out)
    assert (code, told["folder"]) == (0, str(tmp_path / "audit-2011"))
    assert (told["files"], told["changed"]) == (FILES, FILES)
    (row,) = told["letters"]
    assert (row["reference"], row["returns"], row["punctuality"]) == (REFERENCE, 1, "in time")
    assert told["figures"]["decisions"] == {"approved": 1, "returned": 1}
    assert told["damaged"] == []


def test_made_again_it_is_the_same_and_nothing_is_written(audit):
    audit("2011")

    _, out, _ = audit("2011", "--json")

    assert json.loads(out)["changed"] == []


def test_a_damaged_letter_is_named_and_the_report_is_made(audit, office, tmp_path):
    (office.store.root / Case(office, REFERENCE).key("r1/letter.json")).unlink()

    code, out, _ = audit("2011")

    assert code == 1
    assert f"damaged: {REFERENCE}: An object is gone; the chain names it." in out
    assert (tmp_path / "audit-2011" / "report.pdf").is_file()


@pytest.mark.parametrize("year", ["20111", "eleven", "11"])
def test_what_is_no_year_is_refused(audit, tmp_path, year):
    code, _, _ = audit(year)

    assert code == 2
    assert not (tmp_path / f"audit-{year}").exists()
