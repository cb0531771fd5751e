"""`letters review`: the year's dossiers without Prefect, what it says in short, how it ends."""

import json

import pytest

from desk.command_line import run
from desk.verbs import review as verb
from tests.archiving.test_disposal import CONTACTS, disposed, later
from tests.issuing import (
    REFERENCE,
    SAMPLE_OFFICE,
    a_sample_office,
    as_another_process,
    issue,
)


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
    ends = ("csv", "html", "pdf")
    assert sorted(path.name for path in folder.iterdir()) == [
        "authorities",
        *(f"year.{end}" for end in ends),
    ]
    assert sorted(path.name for path in (folder / "authorities").iterdir()) == [
        f"westmere.{end}" for end in ends
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


def test_a_program_is_told_which_letters_can_t_be_told_of(review, issued):
    (issued.office.store.root / issued.key("r1/pack.json")).unlink()

    code, said = review("2011", "--json")

    told = json.loads(said)
    assert code == 1
    assert told["not_told_of"] == [
        {
            "authority": "westmere",
            "reference": REFERENCE,
            "code": "case-damaged",
            "message": "An object is gone; the chain names it.",
            "where": issued.key("r1/pack.json"),
        }
    ]
    assert (told["not_inspected"], told["inspection_unknown"]) == ([], ["westmere"])


def test_a_letter_disposed_of_is_told_as_no_fault(issued, monkeypatch, tmp_path):
    office = later(issued.office, 30, "anna@desk-3")
    disposed(office, CONTACTS, of=REFERENCE)
    said = {}
    monkeypatch.setattr(verb, "say", lambda text, style="": said.update({text: style}))

    code = verb.review_letters(as_another_process(office), 2011, tmp_path / "out", as_json=False)

    told = f"not told of: {REFERENCE}: Disposed of, wholly or in part: certificate 1. [disposed]"
    assert (code, said[told]) == (0, "")


def test_a_draft_that_can_t_be_laid_is_told_and_the_dossiers_are_there(review, issued, tmp_path):
    issued.office.drafts_folder.mkdir(parents=True, exist_ok=True)
    (issued.office.drafts_folder / "open").write_text("a file")

    code, said = review("2011")

    assert code == 1
    assert "no draft laid: westmere" in said
    assert (tmp_path / "review-2011" / "authorities" / "westmere.pdf").is_file()
