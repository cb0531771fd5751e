"""Copies of a year's dossiers: those that the archive keeps, by the authorities' codes."""

from __future__ import annotations

import pytest

from letters.errors import UsageError
from tasks.archiving.review.copies import copy_dossiers
from tests.archiving.review.reviewing import next_january, review_year

FILES = {
    "dossier.pdf": b"%PDF",
    "dossier.html": b"<html>",
    "dossier.csv": b"a,b",
    "charts/areas.svg": b"<svg>",
}


@pytest.fixture
def office(tmp_path):
    office = next_january(tmp_path / "office", 2010)
    review_year(office, 2010, make_files=lambda _: FILES)
    return office


def test_all_of_a_year_are_copied_once(office, tmp_path):
    folder = tmp_path / "out"
    ends = ("csv", "html", "pdf")
    wanted = [*(f"authorities/westmere.{end}" for end in ends), *(f"year.{end}" for end in ends)]

    assert sorted(copy_dossiers(office, 2010, folder).changed) == wanted
    assert copy_dossiers(office, 2010, folder) == ((), ())

    lying = (path for path in folder.rglob("*") if path.is_file())
    assert sorted(str(path.relative_to(folder)) for path in lying) == wanted
    assert (folder / "year.pdf").read_bytes() == b"%PDF"


def test_one_authority_alone_can_be_asked_for(office, tmp_path):
    copied = copy_dossiers(office, 2010, tmp_path / "out", code="westmere")

    assert sorted(copied.changed) == [
        f"authorities/westmere.{end}" for end in ("csv", "html", "pdf")
    ]


@pytest.mark.parametrize(
    ("year", "code", "told"),
    [
        pytest.param(2009, None, "year-not-reviewed", id="the year was not reviewed"),
        pytest.param(2010, "eastmere", "authority-not-reviewed", id="of no such authority"),
    ],
)
def test_what_was_not_reviewed_is_refused(office, tmp_path, year, code, told):
    with pytest.raises(UsageError) as refused:
        copy_dossiers(office, year, tmp_path / "out", code=code)

    assert refused.value.code == told
    assert not (tmp_path / "out").exists()


def test_other_bytes_than_were_kept_are_not_handed_on_and_the_rest_is(office, tmp_path):
    key = "reviews/2010/authorities/westmere/1/dossier.pdf"
    path = office.store.root / key
    path.chmod(0o600)
    path.write_bytes(b"%PDF forged")

    copies = copy_dossiers(office, 2010, tmp_path / "out")

    assert [(each.code, each.where) for each in copies.damaged] == [("review-damaged", key)]
    assert len(copies.changed) == 5
    assert not (tmp_path / "out/authorities/westmere.pdf").exists()
