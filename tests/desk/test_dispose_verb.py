"""`letters dispose`, and what the other verbs tell of what was disposed of."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from desk.command_line import run
from letters.disposal import Keeping
from tasks.archiving.certificates import find_certificate, find_proposal
from tasks.archiving.disposal import approve, propose
from tests.issuing import REFERENCE, SAMPLE_OFFICE, a_sample_office, as_another_process, issue
from tests.offices import TickingClock

PROPOSING = ("dispose", REFERENCE.lower(), "--class", "working", "--why", "Schedule, line 4")


@pytest.fixture
def office(tmp_path, monkeypatch):
    """An office that issued a letter in March 2011; the command sees it today, as Anna."""
    office = a_sample_office(tmp_path / "office")
    monkeypatch.setenv("LETTERS_OFFICE", str(office.root))
    monkeypatch.setenv("LETTERS_REGISTER", str(SAMPLE_OFFICE))
    issue(office)
    return as_another_process(office)


@pytest.fixture
def letters(office, capsys, monkeypatch):
    """Run the command as somebody; return its exit code and what it printed."""

    def call(*arguments, as_="anna"):
        monkeypatch.setattr("flows.office.this_actor", lambda: f"{as_}@desk-3")
        code = run(list(arguments))
        told = capsys.readouterr()
        return code, " ".join((told.out + told.err).split())

    return call


def test_what_is_due_is_listed(letters):
    code, said = letters("dispose")
    told = json.loads(letters("dispose", "--json")[1])

    assert code == 0
    assert f"{REFERENCE} working 2011-03-14 2013-03-15" in said
    assert [(d["of"], d["keeping"], d["due_on"]) for d in told["due"]] == [
        (REFERENCE, "working", "2013-03-15"),
        (REFERENCE, "contacts", "2017-03-15"),
    ]
    assert (told["proposed"], told["unfinished"]) == ([], [])


def test_one_proposes_another_approves_and_both_are_told_what_happened(letters, office):
    code, said = letters(*PROPOSING)
    assert (code, said.partition(":")[0]) == (0, "Proposal 1")
    assert "waiting for another person" in letters("dispose")[1]
    assert "approved by nobody yet" in letters("dispose", "--certificate", "1")[1]

    code, said = letters("dispose", "--approve", "1", "--why", "Seen")
    assert (code, "[same-person]" in said) == (2, True)
    assert find_certificate(office, 1) is None

    code, said = letters("dispose", "--approve", "1", "--why", "Seen", as_="bert")
    certificate = find_certificate(office, 1)
    assert (code, certificate.approved_by) == (0, "bert@desk-3")
    assert said.startswith(f"{REFERENCE}: {certificate.told}: ")
    printed = letters("dispose", "--certificate", "1")[1]
    assert printed.startswith("Certificate 1 ")
    assert all(each.key in printed.replace(" ", "") for each in certificate.proposal.objects)
    assert json.loads(letters("dispose", "--certificate", "1", "--json")[1]) == (
        certificate.model_dump(mode="json")
    )
    assert "proposed" not in letters("dispose")[1]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param((REFERENCE,), id="no class, no reason"),
        pytest.param((REFERENCE, "--class", "working"), id="no reason"),
        pytest.param((REFERENCE, "--why", "So"), id="no class"),
        pytest.param((REFERENCE, "--approve", "1"), id="a letter and a number"),
        pytest.param(("--approve", "1", "--certificate", "1"), id="two numbers"),
    ],
)
def test_options_that_do_not_go_together_are_refused(letters, arguments):
    code, said = letters("dispose", *arguments)

    assert (code, "[dispose-unclear]" in said) == (2, True)


def test_what_nobody_proposed_is_not_approved(letters):
    code, said = letters("dispose", "--approve", "7", "--why", "Seen", as_="bert")

    assert (code, "[disposal-missing]" in said) == (2, True)


def test_a_draft_is_named_by_its_place(letters):
    code, said = letters("dispose", "INTAKE/" + "A" * 64, *PROPOSING[2:])

    assert (code, "[draft-missing]" in said) == (2, True)


def disposed(office, keeping):
    """Dispose of a class of the letter's in thirty years, by two people."""
    clock = TickingClock(start=TickingClock()() + timedelta(days=30 * 366))
    anna = as_another_process(replace(office, clock=clock, actor="anna@desk-3"))
    number = propose(anna, REFERENCE, keeping, why="Schedule").number
    return approve(replace(as_another_process(anna), actor="bert@desk-3"), number, why="Seen")


def test_a_letter_of_which_only_the_trail_is_left_is_still_told(letters, office):
    certificate = disposed(office, Keeping.RECORD)
    state = "disposed on 2041-04-05, certificate 1"

    assert certificate.told == f"the record {state}"
    assert f"{REFERENCE} {state}" in letters("list")[1]
    assert json.loads(letters("list", "--json")[1])[0]["state"] == state
    assert json.loads(letters("show", REFERENCE, "--json")[1])["disposed"] == [certificate.told]
    for verb in ("show", "history"):
        code, said = letters(verb, REFERENCE)
        assert (code, REFERENCE in said, "disposed" in said) == (0, True, True)
    code, said = letters("verify")
    assert (code, "disposed, certificate 1: " in said) == (0, True)
    code, said = letters("deliveries", REFERENCE)
    assert (code, "[case-emptied]" in said) == (2, True)
    assert letters("list", "--due") == (0, "Nothing is open.")


def test_a_letter_whose_contacts_are_gone_is_told_as_issued(letters, office):
    certificate = disposed(office, Keeping.CONTACTS)

    assert "issued" in letters("list")[1]
    code, said = letters("show", REFERENCE)
    assert (code, f"disposed {certificate.told}" in said, " late" in said) == (0, True, False)
    told = json.loads(letters("show", REFERENCE, "--json")[1])
    assert (told["state"], told["disposed"]) == ("issued", [certificate.told])
    for arguments in (("history", REFERENCE), ("deliveries", REFERENCE), ("list", "--due")):
        assert letters(*arguments)[0] == 0


def test_a_disposal_that_was_interrupted_is_told_and_completed(letters, office, monkeypatch):
    letters(*PROPOSING)
    monkeypatch.setattr("tasks.archiving.disposal.carry_out", lambda *_: 0)
    letters("dispose", "--approve", "1", "--why", "Seen", as_="bert")
    monkeypatch.undo()
    monkeypatch.setenv("LETTERS_OFFICE", str(office.root))

    hint = "letters dispose --approve 1"
    assert hint in letters("dispose")[1]
    assert hint in letters("verify")[1]
    assert letters("dispose", "--approve", "1")[0] == 0
    assert hint not in letters("dispose")[1]
    assert not any(office.store.exists(o.key) for o in find_proposal(office, 1).objects)
