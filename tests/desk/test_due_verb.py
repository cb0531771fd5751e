"""`letters list --due`, and what `letters show` tells of a letter that waits."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from desk.command_line import run
from letters.signoff import Decision
from tasks.case.intake import take_in
from tasks.drafting.draft import draft
from tests.issuing import (
    REFERENCE,
    SAMPLE_OFFICE,
    SHORT_DRAFT,
    a_sample_office,
    decide,
    do,
    issue,
    submit,
)


@pytest.fixture(autouse=True)
def office(tmp_path, monkeypatch):
    """An office whose letters were made in March 2011; the command sees it today."""
    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("LETTERS_REGISTER", str(SAMPLE_OFFICE))
    return a_sample_office(tmp_path / "office")


@pytest.fixture
def letters(capsys):
    """Run the command; return its exit code and what it printed."""

    def call(*arguments):
        code = run(list(arguments))
        return code, capsys.readouterr().out

    return call


def test_an_office_without_an_open_letter_says_so(letters, office):
    issue(office)

    assert letters("list", "--due") == (0, "Nothing is open.\n")
    code, out = letters("list", "--due", "--json")
    assert (code, json.loads(out)) == (0, {"letters": [], "blocked_drafts": []})


def test_what_is_open_is_listed_with_what_mends_it(letters, office, monkeypatch):
    case, _ = submit(office)
    decide(case, 1, Decision.RETURN)
    blocked = take_in(office, SHORT_DRAFT.replace(b"Yours sincerely", b"Your sincerely"), "md")
    do("draft-letter", blocked, draft)
    monkeypatch.setattr("flows.blocked_drafts.LOOKED_BACK_FOR", timedelta(days=36_500))

    code, out = letters("list", "--due")

    assert code == 0
    late = -json.loads(letters("list", "--due", "--json")[1])["letters"][0]["working_days_left"]
    head, *lines = [line.rstrip() for line in out.splitlines()]
    assert head == "1 open letter, 1 of them late; something is wrong with 1; 1 blocked draft."
    assert [" ".join(line.split()) for line in lines[:2]] == [
        "letter authority state waits for since due days left",
        f"{REFERENCE} r1 Westmere Borough Council returned the draft’s author 2011-03-14"
        f" 2011-04-06 late by {late}",
    ]
    assert lines[2:] == [
        "",
        "What went wrong, and what mends it",
        f"  {REFERENCE} r1: Returned by Harriet Elmsley: “Say which files were read.”",
        "    do  Change the draft as the comments ask and submit it: letters issue DRAFT, or"
        " issue-letter in Prefect with the file’s name.",
        "",
        "Blocked drafts, with which nothing was begun",
        f"  sha256:{blocked.draft_sha256[:12]}, blocked on 2011-03-14: valediction-wrong at"
        " valediction",
        "    do  Correct it and submit it again: letters check FILE tells what to do.",
    ]


def test_the_list_for_machines_names_everything(letters, office):
    submit(office)

    (letter,) = json.loads(letters("list", "--due", "--json")[1])["letters"]

    assert {name: letter[name] for name in ("reference", "state", "waits_for", "due_on")} == {
        "reference": REFERENCE,
        "state": "awaiting-sign-off",
        "waits_for": [{"role": "inspector", "name": "Harriet Elmsley", "instead_of": ""}],
        "due_on": "2011-04-06",
    }
    assert letter["working_days_left"] < 0
    assert letter["waits_for_in_words"] == "Harriet Elmsley"


def test_show_says_for_whom_a_letter_waits_and_how_its_deadline_stands(letters, office):
    submit(office)

    told = json.loads(letters("show", REFERENCE, "--json")[1])
    _, out = letters("show", REFERENCE)

    assert (told["waits_for_in_words"], told["due_on"]) == ("Harriet Elmsley", "2011-04-06")
    assert "  waits for     Harriet Elmsley\n" in out
    assert f"  due           6 April 2011, {-told['working_days_left']} working days late\n" in out


def test_show_says_how_long_an_issued_letter_took(letters, office):
    issue(office)

    _, out = letters("show", REFERENCE)

    assert "  waits for     nobody\n" in out
    assert "  due           6 April 2011; it took 3 working days\n" in out


@pytest.mark.parametrize("typed", [REFERENCE.lower(), f" {REFERENCE} ", REFERENCE])
def test_a_reference_may_be_typed_in_small_letters(letters, office, typed):
    submit(office)

    code, out = letters("show", typed, "--json")

    assert (code, json.loads(out)["reference"]) == (0, REFERENCE)
