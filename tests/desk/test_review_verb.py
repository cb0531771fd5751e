"""`letters review`: the year's dossiers without Prefect, what it says in short, how it ends."""

import json

import pytest

from desk.command_line import run
from tests.issuing import REFERENCE, SAMPLE_OFFICE, a_sample_office, issue


@pytest.fixture
def issued(tmp_path):
    """A letter of 2011, issued, and its office."""
    case, _ = issue(a_sample_office(tmp_path / "office"))
    return case


@pytest.fixture
def review(issued, capsys, tmp_path, monkeypatch):
    """Run the command; return its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)

    def review(*arguments):
        office = ("--office", str(issued.office.root), "--register", str(SAMPLE_OFFICE))
        code = run(["review", *arguments, *office])
        told = capsys.readouterr()
        return code, told.out + told.err

    return review


def test_the_dossiers_lie_where_they_were_asked_for_and_the_draft_in_the_office(
    review, issued, tmp_path
):
    code, said = review("2011", "-o", "for the board")

    assert code == 0
    assert "The year 2011: 1 authority" in said
    folder = tmp_path / "for the board"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{name}.{end}" for name in ("westmere", "year") for end in ("csv", "html", "pdf")
    ]
    assert (folder / "year.pdf").read_bytes().startswith(b"%PDF")
    (draft,) = (issued.office.drafts_folder / "open").iterdir()
    assert "[" in draft.read_text()
    assert "1 open draft in" in said


def test_a_program_is_told_the_figures(review):
    review("2011")
    code, said = review("2011", "--json")

    told = json.loads(said)
    assert code == 0
    assert (told["figures"]["letters"], told["changed"]) == (1, [])
    assert told["drafts"] == {"westmere": "there"}


def test_a_damaged_letter_is_told_and_the_command_ends_so(review, issued):
    (issued.office.store.root / issued.key("r1/pack.json")).unlink()

    code, said = review("2011")

    assert code == 1
    assert f"not told of: {REFERENCE}: An object is gone" in " ".join(said.split())
