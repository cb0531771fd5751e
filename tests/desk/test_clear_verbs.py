"""The verbs by which a person answers for what the checks found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from desk.command_line import run

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "config" / "sample_office"
WRONG = "section 139 of the Education"


@pytest.fixture
def draft(tmp_path, monkeypatch):
    """The sample draft, with a power that never was one."""
    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("LETTERS_REGISTER", str(SAMPLE))
    monkeypatch.chdir(tmp_path)
    text = next(SAMPLE.glob("*.md")).read_text("utf-8")
    path = tmp_path / "draft.md"
    path.write_text(text.replace("section 138 of the Education", WRONG), encoding="utf-8")
    assert WRONG in path.read_text("utf-8")
    return path


@pytest.fixture
def letters(capsys):
    """Run the command; return its exit code, what it printed, and what it complained of."""

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_a_problem_is_overridden_and_told(letters, draft):
    code, said, _ = letters("clear", draft, "statutory-basis-unlawful", "--why", "Counsel agrees.")
    assert code == 0
    assert said.startswith("Cleared statutory-basis-unlawful at opening")

    code, said, _ = letters("check", draft, "--json")
    told = json.loads(said)
    assert (code, told["is_blocked"]) == (0, False)
    assert [(p["code"], p["why"]) for p in told["problems_overridden"]] == [
        ("statutory-basis-unlawful", "Counsel agrees.")
    ]


def test_an_edit_of_the_words_voids_it(letters, draft):
    letters("clear", draft, "statutory-basis-unlawful", "--why", "Counsel agrees.")
    draft.write_text(draft.read_text("utf-8").replace("section 139", "section 140"), "utf-8")

    code, said, _ = letters("check", draft)

    assert code == 1
    assert "It was cleared before" in " ".join(said.split())


def test_a_draft_is_named_as_it_lies_in_the_office(letters, draft, tmp_path):
    folder = tmp_path / "office" / "drafts"
    folder.mkdir(parents=True)
    shutil.move(draft, folder / "laid.md")

    assert letters("check", "laid.md")[0] == 1
    assert letters("clear", "laid.md", "statutory-basis-unlawful", "--why", "Yes.")[0] == 0
    assert letters("check", "laid.md")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["nothing-such", "--why", "Yes."], "problem-unknown", id="no such problem"),
        pytest.param(["statutory-basis-unlawful", "--why", " "], "reason-unusable", id="no reason"),
        pytest.param(
            ["statutory-basis-unlawful", "--why", "x" * 401], "reason-unusable", id="too long"
        ),
        pytest.param(
            ["statutory-basis-unlawful", "--why", "a\u00adb"], "reason-unusable", id="unseen"
        ),
        pytest.param(
            ["statutory-basis-unlawful", "--why", "Yes.", "--place", "strengths/1"],
            "problem-place-unclear",
            id="not at that place",
        ),
    ],
)
def test_what_can_not_be_cleared_is_said(letters, draft, arguments, code):
    before = draft.read_bytes()

    ended, _, said = letters("clear", draft, *arguments)

    assert ended == 2
    assert f"[{code}]" in said
    assert draft.read_bytes() == before


def test_no_reason_is_enough_where_nobody_would_get_the_letter(letters, draft):
    text = draft.read_text("utf-8")
    draft.write_text(text.replace("role: lead-member", "role: lead-memmber"), "utf-8")

    ended, _, said = letters("clear", draft, "recipient-not-in-register", "--why", "Never mind.")

    assert ended == 2
    assert "[problem-not-overridable]" in said


def test_a_text_is_told_to_become_markdown_first(letters, draft):
    text = draft.with_suffix(".txt")
    text.write_text("Dear Ms Ash\n\nOn the visit\n\nWords.\n", "utf-8")

    ended, _, said = letters("clear", text, "kind-unknown", "--why", "Yes.")

    assert ended == 2
    assert "[draft-not-markdown]" in said
    assert f"letters draft {text} -o {draft}" in said


def test_an_answer_needs_an_area_that_was_raised(letters, draft):
    ended, _, said = letters("answer", draft, "areas-for-development/1", "strengths/1")

    assert ended == 2
    assert "[area-unknown]" in said
