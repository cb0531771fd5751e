"""The real letter behind the product, from its text to five delivered e-mails.

By the command line alone, as an operator would: draft, check, issue, verify.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
SOURCE = SHARED / "letters" / "wirral-2010-08-18.txt"
REFERENCE = "CRA-WIRRAL-2010-07-20"
WHY = "Read beside the letter as it came."

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    """Run the command as a process of its own; return what it printed, checking its exit code."""
    folder = tmp_path_factory.mktemp("wirral")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")},
        "LETTERS_OFFICE": str(folder / "office"),
        "LETTERS_REGISTER": str(SHARED / "office-wirral"),
        "PYTHONPATH": str(ROOT),
    }

    def call(*arguments, ends_with=0):
        ended = subprocess.run(
            [sys.executable, "-c", "from desk.command_line import main; main()", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert ended.returncode == ends_with, ended.stdout + ended.stderr
        return ended.stdout

    return call


@pytest.fixture(scope="module")
def drafted(letters):
    return json.loads(letters("draft", str(SOURCE), "-o", "w.md", "--accept-all", WHY, "--json"))


@pytest.fixture(scope="module")
def doubts(drafted):
    return drafted["doubts"]


@pytest.fixture(scope="module")
def issued(letters, doubts):
    return json.loads(letters("issue", "w.md", "--sign-as", "jgwilt", "--json"))


def test_each_doubt_is_listed_and_cleared_by_name(drafted, doubts):
    assert [(d["code"], d["place"]) for d in doubts if d["is_blocking"]] == [
        ("item-without-dash", "strengths/1"),
        ("page-break-joined", "satisfactory-practice/5"),
        ("page-break-joined", "areas-for-development/3"),
        ("item-without-dash", "areas-for-development/4"),
        ("signatory-run-together", "signatories/1"),
        ("copies-run-together", "copies"),
    ]
    assert [(c["code"], c["place"]) for c in drafted["cleared"]] == [
        (doubt["code"], doubt["place"]) for doubt in doubts
    ]


def test_without_acceptance_the_text_itself_is_blocked(letters):
    told = json.loads(letters("issue", str(SOURCE), "--json", ends_with=1))

    assert told["outcome"] == "Blocked"


def test_it_is_issued_to_the_director_and_four_others(issued, letters):
    assert (issued["reference"], issued["state"], issued["signed_by"]) == (
        REFERENCE,
        "issued",
        "jgwilt",
    )
    assert [(r["role"], r["name"], r["state"]) for r in issued["recipients"]] == [
        ("director", "Mr Howard Cooper", "accepted"),
        ("chief-executive", "Stephen Maddox", "accepted"),
        ("safeguarding-board-chair", "Dennis Charlton", "accepted"),
        ("lead-member", "Councillor Mrs Sheila Clarke MBE", "accepted"),
        ("department", "Andrew Spencer", "accepted"),
    ]
    deliveries = json.loads(letters("deliveries", REFERENCE, "--json"))
    assert all(Path(delivery["eml"]).is_file() for delivery in deliveries)
    assert json.loads(letters("verify", "--json"))["is_clean"]


def test_every_word_of_the_body_stands_in_the_pdf_in_order(issued):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    text = subprocess.run(
        ["pdftotext", "-layout", issued["files"]["pdf"], "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    body = SOURCE.read_text("utf-8").partition("18 August 2010")[2]
    printed = iter(re.findall(r"\w[\w'’-]*", text))

    missing = [word for word in re.findall(r"\w[\w'’-]*", body) if word not in printed]

    # `word not in printed` moves the iterator on: only words in order are found.
    assert missing == []


def test_its_dates_act_and_counts_are_found_in_the_text(issued):
    letter = json.loads(Path(issued["files"]["proof"]).with_name("letter.json").read_text("utf-8"))
    passages = {
        f"opening/{number}": passage["text"]
        for number, passage in enumerate(letter["opening"], start=1)
    }

    found = [
        (fact["kind"], fact["value"], passages[fact["place"]][fact["start"] : fact["end"]])
        for fact in letter["facts"]
    ]

    assert found == [
        (
            "inspection-dates",
            {"first": "2010-07-20", "last": "2010-07-21"},
            "20 and 21 July 2010",
        ),
        (
            "statutory-basis",
            {"act": "Education and Inspections Act 2006", "section": "138"},
            "section 138 of the Education and Inspections Act 2006",
        ),
        ("count", {"number": "60", "of": "children's files"}, "60 children's files"),
        ("count", {"number": "1", "of": "private fostering file"}, "one private fostering file"),
        (
            "count",
            {"number": "9", "of": "staff supervision files"},
            "nine staff supervision files",
        ),
    ]
