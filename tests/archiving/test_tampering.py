"""The tamper campaign in short: of each kind of tampering a few places, and none is missed.

The whole of it is `python -m tests.archiving.tampering`, which writes docs/tampering.md.
"""

import re

import pytest

from letters.report import CHECKS
from tests.archiving.forging import each_pdf_is_read_once
from tests.archiving.tampering import FORGED, KINDS, PAGE, an_office, forged_row, row_of, verified
from tests.time_stamps import an_authority

PLACES = 4


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    with an_authority(tmp_path_factory.mktemp("authority")) as authority:
        office = an_office(tmp_path_factory.mktemp("office"), authority.url, authority.root_pem)
    with each_pdf_is_read_once():
        yield office


def test_nothing_differs_in_the_office_that_is_tampered_with(office):
    report = verified(office)

    assert (report.differences, report.open_objects) == ((), ())
    # A folder locks nothing.
    assert [told.name for told in report.checks if not told.checked] == ["locks"]
    assert report.unanchored_entries == 0


@pytest.mark.parametrize("kind", KINDS)
def test_tampering_of_each_kind_is_found(office, kind):
    row = row_of(kind, office, at_most=PLACES)

    assert row.missed == ()
    assert row.places > 0
    assert set(row.checks) <= set(CHECKS)
    assert verified(office).is_clean


FOUND_BY = {
    "the letter's words": {"packs", "sign-offs", "words"},
    "a recipient's address": {"hashes", "manifest", "packs"},
    "the plain text": {"manifest", "sign-offs"},
    "a covering e-mail": {"packs", "sent"},
    "the comments of the return": {"sign-offs"},
    "the signature of the approval": {"sign-offs"},
    "the letter's PDF, by an incremental update": {"seals", "sent"},
    "a page of the letter's PDF": {"seals", "sent", "words"},
    "what the provider told of a delivery": {"events"},
    "who did what (the first entry of the trail)": set(),
}


@pytest.mark.parametrize("what", FORGED)
def test_what_a_forger_of_the_whole_office_can_t_make_fit(office, tmp_path, what):
    alone, outside = forged_row(what, office, tmp_path)

    assert alone == FOUND_BY[what]
    assert "chains" in outside


def test_the_page_tells_of_each_kind_that_none_was_missed():
    page = PAGE.read_text("utf-8")
    rows = dict(re.findall(r"^\| (.+?) \| (\d+ \| \d+) \| .+ \|$", page, re.MULTILINE))

    assert list(rows) == list(KINDS)
    assert [kind for kind, told in rows.items() if len(set(told.split(" | "))) != 1] == []
    assert all(f"| {what} |" in page for what in FORGED)
