"""Copies of a year's dossiers: those that the archive keeps, by the authorities' codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.errors import UsageError
from letters.letter import Authority
from letters.review import NotReviewed
from tasks.archiving.review.copies import copy_dossiers
from tasks.archiving.review.keep import keep_summary
from tasks.archiving.review.year import open_year, summarise
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


ENDS = ("csv", "html", "pdf")


def review_without_westmere(office):
    """Keep a later summary of 2010, by which Westmere could not be reviewed."""
    westmere = Authority(code="westmere", name="Westmere Council", short_name="Westmere")
    missing = NotReviewed(authority=westmere, code="chain-broken", message="It has a gap.")
    summary = summarise(office, open_year(office, 2010), (), [missing])
    keep_summary(office, summary, lambda _: FILES | {"dossier.csv": b"nobody"})


def lying_in(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_copies_of_one_that_could_not_be_reviewed_since_are_taken_away(office, tmp_path):
    folder = tmp_path / "out"
    copy_dossiers(office, 2010, folder)
    review_without_westmere(office)

    copies = copy_dossiers(office, 2010, folder)

    assert copies.changed == ("year.csv", *(f"authorities/westmere.{end}" for end in ENDS))
    assert sorted(lying_in(folder)) == [f"year.{end}" for end in ENDS]
    assert copy_dossiers(office, 2010, folder) == ((), ())


def test_its_copy_is_taken_away_though_its_chain_can_t_be_read(office, tmp_path):
    folder = tmp_path / "out"
    copy_dossiers(office, 2010, folder)
    review_without_westmere(office)
    entry = office.store.root / "reviews/2010/authorities/westmere/audit/00000001.json"
    entry.unlink()

    copy_dossiers(office, 2010, folder)

    assert sorted(lying_in(folder)) == [f"year.{end}" for end in ENDS]


def test_a_review_that_comes_back_is_copied_again(office, tmp_path):
    folder = tmp_path / "out"
    copy_dossiers(office, 2010, folder)
    was = lying_in(folder)
    review_without_westmere(office)
    copy_dossiers(office, 2010, folder)
    review_year(office, 2010, make_files=lambda _: FILES)

    copy_dossiers(office, 2010, folder)

    assert lying_in(folder) == was


def test_nothing_else_is_taken_away(office, tmp_path):
    folder = tmp_path / "out"
    copy_dossiers(office, 2010, folder)
    copy = folder / "authorities/westmere.pdf"
    ours = copy.read_bytes()
    others = {
        "authorities/eastmere.pdf": ours,
        "authorities/westmere.html": b"somebody's notes",
        "authorities/westmere.md": b"somebody's, too",
        "authorities/westmere/dossier.pdf": ours,
        "westmere.pdf": ours,
    }
    for name, data in others.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    copy.rename(tmp_path / "aside.pdf")
    copy.symlink_to(tmp_path / "aside.pdf")
    review_without_westmere(office)

    assert copy_dossiers(office, 2010, folder).changed == (
        *("year.csv", "authorities/westmere.csv"),
    )
    assert copy.is_symlink()
    assert others.items() <= lying_in(folder).items()


def test_who_asks_for_one_authority_finds_the_others_as_they_were(office, tmp_path):
    folder = tmp_path / "out"
    other = folder / "authorities/westmere.pdf"
    copy_dossiers(office, 2010, folder, code="westmere")
    review_without_westmere(office)

    with pytest.raises(UsageError):
        copy_dossiers(office, 2010, folder, code="westmere")

    assert other.is_file()


def test_a_copy_that_can_t_be_taken_away_is_told_of(office, tmp_path, monkeypatch):
    folder = tmp_path / "out"
    copy_dossiers(office, 2010, folder)
    review_without_westmere(office)

    def fails(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", fails)
    with pytest.raises(UsageError) as told:
        copy_dossiers(office, 2010, folder)

    assert (told.value.code, told.value.where) == (
        *("output-not-writable", str(folder / "authorities")),
    )
