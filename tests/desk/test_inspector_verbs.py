"""`letters inspectors …` and `letters export-sign-off`, as people and scripts meet them."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.command_line import run
from flows.office import open_office
from letters.signoff import Decision, SignOff
from tasks.case.case import Case
from tasks.signoff.inspectors import standing
from tasks.signoff.signing import sign_as_sample
from tests.issuing import REFERENCE, SAMPLE_DRAFT, send_out, submit
from tests.signoff.signing_room import enrolled

SAMPLE = Path(__file__).parents[2] / "config" / "sample_office"
TODAY = datetime.now(UTC).date()
"""The command works by the clock on the wall."""


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """An office that isn't there yet, the sample register, an empty folder to work in."""
    shutil.copytree(SAMPLE, tmp_path / "register")
    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("LETTERS_REGISTER", str(tmp_path / "register"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def letters(capsys):
    """Run the command; return its exit code, what it printed, and what it complained of."""

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def listed(letters):
    """What `list --json` tells."""

    def call():
        code, out, _ = letters("inspectors", "list", "--json")
        assert code == 0
        return json.loads(out)

    return call


def a_case():
    case, _ = submit(open_office(), SAMPLE_DRAFT)
    return case


def signed(case, inspector_id="helmsley", decision=Decision.APPROVE, comments="") -> SignOff:
    return sign_as_sample(case, 1, inspector_id=inspector_id, decision=decision, comments=comments)


def test_an_office_without_keys_says_how_to_enrol_one(letters):
    code, out, _ = letters("inspectors", "list")

    assert code == 0
    assert "letters inspectors enrol helmsley" in out
    assert not (Path("office") / "archive").exists()


def test_enrol_prints_the_link_and_until_when_it_works(letters, listed):
    code, out, _ = letters("inspectors", "enrol", "helmsley")

    (url,) = re.findall(r"http://localhost:8377/enrol/helmsley/[A-Za-z0-9_-]{43}", out)
    until = datetime.now(UTC) + timedelta(hours=48)
    assert code == 0
    assert f"{until:%Y-%m-%d %H:}" in out or f"{until - timedelta(minutes=1):%Y-%m-%d %H:}" in out
    (invitation,) = listed()["invitations"]
    assert invitation["inspector"] == "helmsley"
    assert url.rpartition("/")[2] not in json.dumps(listed())


def test_enrol_tells_a_script_the_same(letters):
    code, out, _ = letters("inspectors", "enrol", "helmsley", "--json")

    told = json.loads(out)
    assert (code, told["inspector"]) == (0, "helmsley")
    assert set(told) == {"inspector", "url", "at", "expires_at", "actor"}


def test_nobody_outside_the_register_is_invited(letters):
    code, _, err = letters("inspectors", "enrol", "nobody")

    assert code == 2
    assert "inspector-missing" in err
    assert "helmsley, treyne" in err


def test_list_shows_each_key_and_what_became_of_it(letters, listed):
    _, lost = enrolled(open_office(), "helmsley")
    _, kept = enrolled(open_office(), "helmsley")
    lost_id = listed()["inspectors"][0]["keys"][0]["key"]
    code, _, _ = letters("inspectors", "revoke", "helmsley", lost_id, "--why", "Lost on a train.")
    assert code == 0

    told = listed()["inspectors"]
    assert [(i["id"], len(i["keys"])) for i in told] == [("helmsley", 2), ("treyne", 0)]
    first, second = told[0]["keys"]
    assert first["credential_id"] == lost.credential_id
    assert first["revoked_why"] == "Lost on a train."
    assert (second["credential_id"], second["revoked_at"]) == (kept.credential_id, None)

    _, out, _ = letters("inspectors", "list")
    assert f"{lost_id}" in out
    assert "revoked" in out
    assert "device-bound, sample" in out
    assert "Lost on a train." in out
    assert standing(open_office(), "helmsley") == (kept,)


def test_list_works_without_a_register_and_tells_who_left_it(letters, listed, monkeypatch):
    enrolled(open_office(), "helmsley")
    monkeypatch.delenv("LETTERS_REGISTER")

    assert [(i["id"], i["name"]) for i in listed()["inspectors"]] == [
        ("helmsley", "Harriet Elmsley")
    ]


def test_revoke_tells_what_is_frozen_by_it_and_another_key_thaws_it(letters):
    case = a_case()
    signed(case)

    code, out, _ = letters("inspectors", "revoke", "helmsley", "--why", "Lost on a train.")

    assert code == 0
    assert f"{REFERENCE} r1" in out
    (Path("office") / "keys" / "helmsley.pem").unlink()
    code, out, _ = letters("sign", REFERENCE, "--sign-as", "helmsley")
    assert code == 0
    assert case.find("r1/confirmation-1.json") is not None
    assert send_out(Case(open_office(), REFERENCE), 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["helmsley", "--why", "x"], "no key that stands", id="who has no key"),
        pytest.param(["nobody", "--why", "x"], "no key that stands", id="who is nobody"),
        pytest.param(["helmsley", "0000", "--why", "x"], "no such key", id="a key that is none"),
        pytest.param(["helmsley"], "--why", id="without saying why"),
        pytest.param(["helmsley", "--why", ""], "why-missing", id="saying nothing as why"),
        pytest.param(["../x", "--why", "x"], "no key that stands", id="a path instead of an id"),
    ],
)
def test_nothing_is_revoked(letters, arguments, said):
    if arguments[-1] == "":
        enrolled(open_office(), "helmsley")
    code, _, err = letters("inspectors", "revoke", *arguments)

    assert code == 2
    assert said in err
    assert list(Path("office").rglob("*.revoked.json")) == []


def test_revoke_asks_which_of_several_keys(letters):
    enrolled(open_office(), "helmsley")
    enrolled(open_office(), "helmsley")

    code, _, err = letters("inspectors", "revoke", "helmsley", "--why", "x")

    assert code == 2
    assert "several keys that stand" in err
    assert len(standing(open_office(), "helmsley")) == 2


def test_a_delegate_is_named_listed_and_recalled(letters, listed):
    until = TODAY + timedelta(days=7)
    days = ("--from", TODAY, "--until", until)

    code, out, _ = letters("inspectors", "delegate", "helmsley", "treyne", *days)

    assert code == 0
    assert f"treyne may sign for Harriet Elmsley from {TODAY} until {until}" in out
    (given,) = listed()["delegations"]
    assert (given["delegate"], given["signatory"]) == ("treyne", "Harriet Elmsley")
    assert given["recalled_at"] is None
    assert signed(a_case(), "treyne").entitled_as == "delegate"

    code, out, _ = letters("inspectors", "recall", "helmsley", "treyne")
    assert (code, out.strip()) == (0, "treyne signs no more for Harriet Elmsley.")
    (given,) = listed()["delegations"]
    assert given["recalled_at"] is not None
    _, out, _ = letters("inspectors", "list")
    assert "recalled" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            ["helmsley", "treyne", "--from", "1 May", "--until", "2030-01-01"], "1 May", id="a day"
        ),
        pytest.param(
            ["helmsley", "nobody", "--from", "2030-01-01", "--until", "2030-01-01"],
            "inspector-missing",
            id="a delegate",
        ),
        pytest.param(
            ["helmsley", "treyne", "--from", "2030-01-02", "--until", "2030-01-01"],
            "delegation-impossible",
            id="an order",
        ),
    ],
)
def test_a_delegation_needs(letters, arguments, said):
    code, _, err = letters("inspectors", "delegate", *arguments)

    assert code == 2
    assert said in err


def test_export_sign_off_prints_or_writes_the_sign_off_that_stands(letters, tmp_path):
    case = a_case()
    kept = signed(case)

    code, out, _ = letters("export-sign-off", REFERENCE)
    told = json.loads(out)
    assert code == 0
    assert told["statement"] == kept.statement.model_dump(mode="json")
    assert told["public_key_pem"] == kept.enrolment.public_key_pem

    code, out, _ = letters("export-sign-off", REFERENCE, "-o", "sign-off.json")
    assert code == 0
    assert "docs/check-a-sign-off.md" in out
    assert json.loads(Path("sign-off.json").read_text("utf-8")) == told
    code, _, err = letters("export-sign-off", REFERENCE, "-o", "sign-off.json")
    assert (code, "output-exists" in err) == (2, True)


def test_export_sign_off_has_nothing_to_write_before_a_decision(letters):
    a_case()

    code, out, err = letters("export-sign-off", REFERENCE)
    assert (code, out, "not-decided" in err) == (2, "", True)
    code, out, err = letters("export-sign-off", REFERENCE, "--revision", "7")
    assert (code, out, "not-decided" in err) == (2, "", True)


def test_export_sign_off_writes_nothing_that_does_not_check_out(letters):
    case = a_case()
    signed(case)
    path = Path("office") / "archive" / case.key("r1/signoff.json")
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data.replace(b"approve", b"return", 1))

    code, out, err = letters("export-sign-off", REFERENCE)

    assert (code, out) == (3, "")
    assert "sign-off-foreign" in err


def test_a_signing_of_an_altered_proof_is_refused_at_the_desk_too(letters):
    case = a_case()
    path = Path("office") / "archive" / case.key("r1/proof.pdf")
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data + b"\n")

    code, _, err = letters("sign", REFERENCE, "--sign-as", "helmsley")

    assert (code, "pack-stale" in err) == (3, True)
