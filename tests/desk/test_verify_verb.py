"""`letters verify`: what it prints, what it ends with, and heads from outside."""

import json
import re
from pathlib import Path

import pytest

from desk.command_line import run
from letters.canonical import sha256_hex
from letters.report import CHECKS, Report
from tasks.case.case import Case
from tests.issuing import REFERENCE, a_sample_office, issue

PAGE = (Path(__file__).parents[2] / "docs" / "verify.md").read_text("utf-8")


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = a_sample_office(tmp_path_factory.mktemp("office"))
    issue(office)
    return office


@pytest.fixture
def verify(office, capsys, monkeypatch):
    """Run the verb; return its exit code and what it printed on both outputs."""
    monkeypatch.delenv("LETTERS_OFFICE", raising=False)

    def verify(*arguments):
        code = run(["verify", *arguments, "--office", str(office.root)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return verify


def test_each_check_is_told_with_what_it_proves_and_what_it_can_t(verify):
    code, out, _ = verify(REFERENCE)

    said = " ".join(out.split())
    assert code == 0
    assert "nothing differs" in said
    for name in CHECKS:
        assert re.search(rf"^ {name} +(\d+|nothing) ", out, re.MULTILINE), name
    looked_at = {name for name in CHECKS if not re.search(rf"^ {name} +nothing", out, re.M)}
    assert set(CHECKS) - looked_at == {"events", "locks"}


def test_the_same_is_told_to_programs(verify):
    code, out, _ = verify("--json")

    told = json.loads(out)
    assert (code, told["is_clean"]) == (0, True)
    assert [(check["name"], check["proves"], check["cannot"]) for check in told["checks"]] == [
        (name, worth.proves, worth.cannot) for name, worth in CHECKS.items()
    ]


def test_the_page_for_auditors_says_of_each_check_what_the_verb_says():
    rows = re.findall(r"^\| \*\*(\S+)\*\* \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)

    assert rows == [(name, worth.proves, worth.cannot) for name, worth in CHECKS.items()]


def head_of(chain):
    seq, sha256 = chain.head()
    return f"{seq}:{sha256}"


def test_a_letter_is_held_to_heads_of_its_chain(verify, office):
    case = Case(office, REFERENCE)
    first = f"1:{sha256_hex(office.store.get(case.key('audit/00000001.json')))}"

    assert verify(REFERENCE, "--head", first, "--head", head_of(case.chain))[0] == 0
    code, out, _ = verify(REFERENCE, "--head", first, "--head", f"2:{'0' * 64}")

    assert code == 1
    assert "anchor-differs" in out
    assert "The head you gave has seen another entry." in " ".join(out.split())


def test_an_archive_is_held_to_heads_of_its_ledger(verify, office):
    seq, sha256 = office.chain("ledger").head()

    assert verify("--head", f"{seq}:{sha256}")[0] == 0
    code, out, _ = verify("--head", f"{seq + 1}:{sha256}")

    assert code == 1
    assert "cut-off" in out


@pytest.mark.parametrize("head", ["", "x", "0:" + "0" * 64, "1:abc", "1" + "0" * 64])
def test_what_is_no_head_is_refused(verify, head):
    code, _, err = verify("--head", head)

    assert code == 2
    assert "head-unreadable" in err


def test_what_left_the_office_and_what_did_not_is_told(verify):
    _, out, _ = verify()

    assert "of the ledger came after the last head that left the office" in " ".join(out.split())


@pytest.mark.parametrize("is_without", [True, False])
def test_that_this_machine_has_no_witness_is_told_once(verify, monkeypatch, is_without):
    report = Report(is_without_witness=is_without)
    monkeypatch.setattr("desk.verbs.verify.verify_office", lambda *_, **__: report)

    code, out, _ = verify()

    told = "no witness on this machine: cut-off tails are told by anchors only"
    assert (code, " ".join(out.split()).count(told)) == (0, int(is_without))
