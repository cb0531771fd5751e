"""A letter of several signatories at the command line: who signs, who is waited for, for whom."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer

from desk.command_line import run
from desk.verbs.issue import _decide
from flows.office import open_office
from letters.signoff import Decision
from tasks.case.case import Case
from tasks.signoff.delegations import delegate
from tests.issuing import (
    COLLEAGUE,
    REFERENCE,
    SAMPLE_DRAFT,
    SAMPLE_OFFICE,
    SIGNATORY,
    signed_by_also,
    submit,
)

WHOLE_DRAFT = signed_by_also(SAMPLE_DRAFT, "Tobias Reyne")


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """An office with the sample register, and an empty folder to work in."""
    shutil.copytree(SAMPLE_OFFICE, tmp_path / "register")
    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("LETTERS_REGISTER", str(tmp_path / "register"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def letters(capsys):
    """Run the command; return its exit code and all that it printed."""

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return call


@pytest.fixture
def told(letters):
    """What `letters show` tells machines."""
    return lambda: json.loads(letters("show", REFERENCE, "--json")[1])


@pytest.fixture
def waiting():
    """A letter that waits for two inspectors."""
    case, _ = submit(open_office(), WHOLE_DRAFT)
    return case


def flat(text):
    return " ".join(text.split())


def test_each_signs_in_turn_and_is_told_who_is_missing(letters, waiting, told):
    code, said = letters("sign", REFERENCE, "--sign-as", COLLEAGUE)

    assert code == 0
    assert "is approved by treyne" in flat(said)
    assert "1 of 2 have signed: Tobias Reyne; waiting for Harriet Elmsley." in flat(said)
    assert "Send it with" not in said
    assert (told()["state"], told()["signed_by"]) == ("awaiting-sign-off", None)

    code, said = letters("sign", REFERENCE, "--sign-as", SIGNATORY)

    assert (code, "Send it with" in said) == (0, True)
    assert (told()["state"], told()["signed_by"]) == ("signed", "helmsley, treyne")
    assert letters("verify")[0] == 0


def test_show_and_list_say_who_has_signed_and_whom_it_waits_for(letters, waiting, told):
    letters("sign", REFERENCE, "--sign-as", SIGNATORY)

    line = "1 of 2 have signed: Harriet Elmsley; waiting for Tobias Reyne"
    assert line in flat(letters("show", REFERENCE)[1])
    assert told()["sign_offs"] == line
    assert [
        (s["number"], s["name"], s["signed_by"], s["decision"]) for s in told()["signatories"]
    ] == [
        (1, "Harriet Elmsley", "helmsley", "approve"),
        (2, "Tobias Reyne", None, None),
    ]
    assert "1 of 2 have signed:" in flat(letters("list")[1])


def test_a_return_tells_whose_comments_they_are(letters, waiting, told):
    letters("sign", REFERENCE, "--sign-as", SIGNATORY, "--comments", "Well put.")
    code, said = letters(
        *("sign", REFERENCE, "--sign-as", COLLEAGUE),
        *("--decision", "return", "--comments", "Recount."),
    )

    assert (code, "is returned by treyne" in flat(said)) == (0, True)
    assert (told()["state"], told()["comments"]) == ("returned", "Tobias Reyne: Recount.")
    assert told()["sign_offs"] == "returned by Tobias Reyne; 1 of 2 have signed: Harriet Elmsley"


def test_the_links_of_those_who_are_missing_are_printed(letters, waiting):
    letters("sign", REFERENCE, "--sign-as", SIGNATORY)

    _, said = letters("sign", REFERENCE)
    links = json.loads(letters("sign", REFERENCE, "--json")[1])["signing_pages"]

    assert [*links] == ["treyne"]
    assert f"/sign/{REFERENCE}/r1-2/treyne/" in links["treyne"]
    assert "1 of 2 have signed: Harriet Elmsley; waiting for Tobias Reyne." in flat(said)
    assert f"letters sign {REFERENCE} --sign-as treyne" in flat(said)


def a_delegate_of_both():
    today = datetime.now(UTC).date()
    delegate(
        open_office(), signatory=SIGNATORY, delegate=COLLEAGUE, first_day=today, last_day=today
    )


def test_a_delegate_has_a_link_for_each_and_says_for_whom(letters, waiting, told):
    a_delegate_of_both()
    links = json.loads(letters("sign", REFERENCE, "--json")[1])["signing_pages"]
    assert [*links] == ["helmsley", "treyne for Harriet Elmsley", "treyne"]

    code, said = letters("sign", REFERENCE, "--sign-as", COLLEAGUE)
    assert (code, "signatory-not-named" in said) == (2, True)
    code, _ = letters("sign", REFERENCE, "--sign-as", COLLEAGUE, "--for", "helmsley")
    assert code == 0
    assert told()["sign_offs"] == (
        "1 of 2 have signed: Tobias Reyne for Harriet Elmsley; waiting for Tobias Reyne"
    )


def test_nobody_signs_twice_and_nobody_for_the_other(letters, waiting, told):
    letters("sign", REFERENCE, "--sign-as", SIGNATORY)

    code, said = letters("sign", REFERENCE, "--sign-as", SIGNATORY)
    assert (code, "already-decided" in said) == (3, True)
    code, said = letters("sign", REFERENCE, "--sign-as", SIGNATORY, "--for", "2")
    assert (code, "not-entitled" in said) == (3, True)
    assert told()["state"] == "awaiting-sign-off"


def test_a_sign_off_is_exported_for_the_signatory_that_is_named(letters, waiting):
    assert letters("export-sign-off", REFERENCE)[0] == 2
    letters("sign", REFERENCE, "--sign-as", SIGNATORY)
    letters("sign", REFERENCE, "--sign-as", COLLEAGUE)

    code, said = letters("export-sign-off", REFERENCE)
    assert (code, "signatory-not-named" in said) == (2, True)
    for named, number in (("Harriet Elmsley", 1), ("2", 2)):
        code, said = letters("export-sign-off", REFERENCE, "--for", named)
        assert (code, json.loads(said)["statement"]["signatory"]) == (0, number)


def test_the_sign_off_of_who_has_not_signed_is_not_there(letters, waiting):
    letters("sign", REFERENCE, "--sign-as", SIGNATORY)

    code, said = letters("export-sign-off", REFERENCE, "--for", "2")

    assert (code, "not-decided" in said) == (2, True)


# `letters issue` asks for each sample signatory in turn; that it then goes on is flows'.


class Terminal:
    """Somebody at a terminal, who answers each question as they mean to."""

    def __init__(self, *answers):
        self.answers, self.asked = [*answers], []

    def isatty(self):
        return True

    def confirm(self, question):
        self.asked.append(question)
        return self.answers.pop(0)


@pytest.mark.parametrize(
    ("answers", "signed"),
    [
        pytest.param((True, True), ["helmsley", "treyne"], id="yes and yes"),
        pytest.param((False, True), ["treyne"], id="no and yes"),
        pytest.param((False, False), [], id="no and no"),
    ],
)
def test_each_sample_signatory_is_asked_for_in_turn(waiting, monkeypatch, answers, signed):
    terminal = Terminal(*answers)
    monkeypatch.setattr("sys.stdin", terminal)
    monkeypatch.setattr(typer, "confirm", terminal.confirm)

    is_decided = _decide(waiting, (), tell=lambda _: None, may_ask=True)

    kept = [s.statement.inspector for s in waiting.decisions(1).sign_offs]
    assert (kept, is_decided) == (signed, len(signed) == 2)
    assert ["inspector helmsley now?" in terminal.asked[0], "treyne now?" in terminal.asked[1]] == [
        True,
        True,
    ]


def test_who_is_named_signs_and_nobody_is_asked(waiting):
    assert not _decide(waiting, [COLLEAGUE], tell=lambda _: None, may_ask=True)
    assert _decide(waiting, [COLLEAGUE, SIGNATORY], tell=lambda _: None, may_ask=True)

    assert Case(open_office(), REFERENCE).decisions(1).decision is Decision.APPROVE


def test_sample_inspectors_are_known_before_anything_is_begun(letters):
    Path("draft.md").write_bytes(WHOLE_DRAFT)

    code, said = letters("issue", "draft.md", "--sign-as", SIGNATORY, "--sign-as", "nobody")

    assert (code, "not-a-sample-inspector" in said) == (2, True)
