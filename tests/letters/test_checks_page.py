"""The list of checks: it stands in the docs as the code has it, and each can be understood."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from letters.checks import CHECKS
from letters.checks.page import page

DOCS = Path(__file__).parents[2] / "docs" / "checks.md"


def test_the_page_in_the_docs_is_the_code_s():
    assert DOCS.read_text("utf-8") == page(), "python -m letters.checks.page > docs/checks.md"


def test_each_check_has_a_code_of_its_own():
    assert [code for code, count in Counter(c.code for c in CHECKS).items() if count > 1] == []


def test_for_these_no_reason_is_enough():
    assert {check.code for check in CHECKS if not check.is_overridable} == {
        "inspection-reversed",  # the reference is made of its first day
        "addressee-role-missing",
        "signatory-unknown",  # nobody could sign
        "character-not-printable",
    }


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_a_check_says_what_it_finds_and_where_that_comes_from(check):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", check.code)
    assert check.summary.endswith(".")
    assert check.source.strip()
