"""The record of a letter of several signatories: every sign-off is in it, and can be checked."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flows.exporting import export_office_letter
from flows.verification import verify_office
from letters.canonical import sha256_hex
from letters.signoff import Decision
from tasks.archiving.trail_report import Told, report_values
from tasks.archiving.verify_words import words_missing
from tasks.case.case import Case
from tasks.signoff.signing import sign_as_sample
from tests.archiving.forging import laid
from tests.issuing import (
    COLLEAGUE,
    JOINT_DRAFT,
    REFERENCE,
    SIGNATORY,
    a_sample_office,
    as_another_process,
    in_other_words,
    issue,
    submit,
)

NAMES = {1: "Harriet Elmsley", 2: "Tobias Reyne"}


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """An office that issued a letter as its second revision: of the first one approved, one not."""
    office = a_sample_office(tmp_path_factory.mktemp("office"))
    case, _ = submit(office, JOINT_DRAFT)
    sign_as_sample(case, 1, inspector_id=SIGNATORY, decision=Decision.APPROVE, comments="")
    sign_as_sample(
        case, 1, inspector_id=COLLEAGUE, decision=Decision.RETURN, comments="Recount, please."
    )
    issue(office, in_other_words(JOINT_DRAFT))
    return as_another_process(office)


@pytest.fixture(scope="module")
def bag(office, tmp_path_factory):
    return export_office_letter(office, REFERENCE, tmp_path_factory.mktemp("out") / "bag").folder


def test_it_verifies(office):
    report = verify_office(office)

    assert (report.differences, report.open_objects) == ((), ())
    assert {c.name: c.checked for c in report.checks}["sign-offs"] == 4


@pytest.mark.parametrize("name", ["r2/signoff-1.json", "r2/signoff-2.json"])
def test_a_sign_off_that_was_altered_is_not_what_the_chain_and_the_ledger_name(office, name):
    case = Case(office, REFERENCE)
    key = case.key(name)

    with laid(office, key, case.get(name).replace(b"r", b"R", 1)):
        differences = verify_office(as_another_process(office)).differences

    told = {
        (d.check, d.code, d.message.rpartition(" that ")[2]) for d in differences if d.object == key
    }
    assert {
        ("hashes", "changed", "the case's chain names."),
        ("hashes", "changed", "the ledger names."),
    } <= told
    assert "sign-off-invalid" in {code for _, code, _ in told}


def test_the_bag_has_every_sign_off(bag):
    assert sorted(path.name for path in bag.glob("data/sign-offs/*")) == [
        "r1-signoff-1.json",
        "r1-signoff-2.json",
        "r2-signoff-1.json",
        "r2-signoff-2.json",
    ]


def test_a_stranger_checks_each_and_reads_for_whom_it_is(bag):
    readme = (bag / "README.txt").read_text("utf-8")
    commands = re.findall(r"^ {5}(\S.*)$", readme, re.MULTILINE)
    checks = [command for command in commands if "check_sign_off" in command]

    said = []
    for command in checks:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=bag,
            env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        said.append(done.stdout.splitlines())

    assert [lines[0].rpartition(" at ")[0] for lines in said] == [
        f"helmsley decided “approve” for signatory 1 on {REFERENCE} r1",
        f"treyne decided “return” for signatory 2 on {REFERENCE} r1",
        f"helmsley decided “approve” for signatory 1 on {REFERENCE} r2",
        f"treyne decided “approve” for signatory 2 on {REFERENCE} r2",
    ]
    packs = [lines[1].removeprefix("pack ") for lines in said]
    (case,) = bag.glob("data/archive/cases/*/*/*")
    assert packs == [
        sha256_hex((case / f"r{revision}/pack.json").read_bytes()[:-1]) for revision in (1, 1, 2, 2)
    ]
    assert "2 signatories" in readme
    assert "1. Harriet Elmsley" in readme
    assert "2. Tobias Reyne" in readme


def test_the_program_finds_a_statement_that_was_made_another_signatorys(bag, tmp_path):
    told = json.loads((bag / "data/sign-offs/r2-signoff-1.json").read_text("utf-8"))
    for change in ({"signatory": 2}, {"signatory": None}):
        told["statement"] |= change
        (tmp_path / "sign-off.json").write_text(json.dumps(told), "utf-8")
        done = subprocess.run(
            [sys.executable, "-I", bag / "data/check_sign_off.py", tmp_path / "sign-off.json"],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert (done.returncode, "this statement was signed" in done.stderr) == (1, True)


def test_the_report_tells_who_decided_what_for_whom(office):
    told = Told(verify_office(office, reference=REFERENCE), ())
    values = report_values(Case(office, REFERENCE), 2, told)

    decisions = [(d["title"], dict(d["fields"])["For the signatory"]) for d in values["decisions"]]
    assert decisions == [
        ("Revision 1 approved by Harriet Elmsley", "Harriet Elmsley (1 of 2)"),
        ("Revision 1 returned by Tobias Reyne", "Tobias Reyne (2 of 2)"),
        ("Revision 2 approved by Harriet Elmsley", "Harriet Elmsley (1 of 2)"),
        ("Revision 2 approved by Tobias Reyne", "Tobias Reyne (2 of 2)"),
    ]
    assert dict(values["facts"])["Sign-offs"] == (
        "2 of 2 have signed: Harriet Elmsley and Tobias Reyne"
    )


def test_both_names_are_printed_and_the_words_of_the_pdf_are_the_letters(office):
    case = Case(office, REFERENCE)

    assert words_missing(case.get("r2/letter.pdf"), case.letter(2)) == ()
    text = case.get("r2/letter.txt").decode()
    assert all(name in text for name in NAMES.values())


def test_a_bag_of_a_letter_that_still_waits_has_the_sign_off_that_is_there(tmp_path):
    office = a_sample_office(tmp_path / "office")
    case, _ = submit(office, JOINT_DRAFT)
    sign_as_sample(case, 1, inspector_id=COLLEAGUE, decision=Decision.APPROVE, comments="")

    bag = export_office_letter(office, REFERENCE, tmp_path / "bag").folder

    assert [path.name for path in bag.glob("data/sign-offs/*")] == ["r1-signoff-2.json"]
