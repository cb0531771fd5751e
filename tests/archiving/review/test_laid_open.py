"""Open drafts in `drafts/open/`: laid once, replaced only while nobody has touched them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tasks.archiving.review import laid_open
from tasks.archiving.review.keep import authority_record
from tasks.archiving.review.laid_open import OpenDraftUnwritable, lay_open_draft
from tests.issuing import REFERENCE, a_sample_office, issue

NAME = "westmere-annual-review-2010.md"


@pytest.fixture
def office(tmp_path):
    return a_sample_office(tmp_path / "office")


def lay(office, data=b"first", *, reference="ANR-WESTMERE-2010"):
    return lay_open_draft(office, 2010, "westmere", reference=reference, name=NAME, data=data)


def path_in(office):
    return office.drafts_folder / "open" / NAME


def laid_entries(office):
    return [
        entry.detail["name"]
        for entry in authority_record(office, 2010, "westmere").chain.entries()
        if entry.event == laid_open.LAID
    ]


def test_it_is_laid_once_for_its_owner_alone(office):
    assert [lay(office), lay(office)] == ["laid", "there"]

    path = path_in(office)
    assert path.read_bytes() == b"first"
    assert path.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in (path.parent, path.parent.parent)} == {
        0o700
    }
    assert [each.name for each in path.parent.iterdir()] == [NAME]
    assert laid_entries(office) == [NAME]


def test_one_that_nobody_touched_follows_the_review(office):
    assert [lay(office), lay(office, b"second"), lay(office, b"second")] == [
        *("laid", "laid anew", "there")
    ]
    assert path_in(office).read_bytes() == b"second"
    assert laid_entries(office) == [NAME, NAME]


def test_a_person_s_words_stay(office):
    lay(office)
    path_in(office).write_bytes(b"first, and a grade")

    assert lay(office, b"second") == "in hand"
    assert path_in(office).read_bytes() == b"first, and a grade"


def test_one_that_was_moved_away_is_not_laid_again(office):
    lay(office)
    path_in(office).rename(office.drafts_folder / NAME)

    assert [lay(office), lay(office, b"second")] == ["taken up", "taken up"]
    assert not path_in(office).exists()


def test_a_letter_that_exists_needs_no_draft(office):
    issue(office)

    assert lay(office, reference=REFERENCE) == "taken up"
    assert not path_in(office).exists()


def test_of_two_who_lay_at_once_the_first_one_s_lies_there(office, monkeypatch):
    link = os.link

    def link_after_another(made, path, **options):
        if path == path_in(office):
            path.write_bytes(b"another's")
        link(made, path, **options)

    monkeypatch.setattr(laid_open.os, "link", link_after_another)

    assert lay(office) == "there"
    assert path_in(office).read_bytes() == b"another's"
    assert [each.name for each in path_in(office).parent.iterdir()] == [NAME]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: planted_file(path.parent), id="drafts/open is a file"),
        pytest.param(lambda path: planted_link(path), id="a link lies in its place"),
    ],
)
def test_where_it_can_t_be_laid_a_person_is_told(office, spoil):
    spoil(path_in(office))

    with pytest.raises(OpenDraftUnwritable) as told:
        lay(office)

    assert told.value.code == "open-draft-unwritable"
    assert told.value.where == str(path_in(office))


def planted_file(path):
    path.parent.mkdir(parents=True)
    path.write_text("a file")


def planted_link(path):
    path.parent.mkdir(parents=True)
    path.symlink_to("/dev/null")


def test_what_somebody_saves_this_moment_stays(office, monkeypatch):
    lay(office)
    rename = Path.rename

    def rename_after_a_save(self, target):
        self.write_bytes(b"first, and a grade")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", rename_after_a_save)

    assert lay(office, b"second") == "in hand"
    assert path_in(office).read_bytes() == b"first, and a grade"
    assert [each.name for each in path_in(office).parent.iterdir()] == [NAME]


def test_what_a_killed_run_left_is_ours(office, monkeypatch):
    note = laid_open._OpenDraft._note

    def note_until_killed(self, event, sha256):
        if event == laid_open.LAID:
            raise KeyboardInterrupt
        note(self, event, sha256)

    monkeypatch.setattr(laid_open._OpenDraft, "_note", note_until_killed)
    with pytest.raises(KeyboardInterrupt):
        lay(office)
    monkeypatch.undo()

    assert [lay(office, b"second"), lay(office, b"second")] == ["laid anew", "there"]
    assert path_in(office).read_bytes() == b"second"


def test_one_that_was_killed_before_it_was_laid_is_laid(office, monkeypatch):
    monkeypatch.setattr(laid_open._OpenDraft, "_put", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        lay(office)
    monkeypatch.undo()

    assert lay(office) == "laid"


def test_one_that_was_copied_and_issued_is_left_as_it_lies(office):
    lay(office)
    issue(office)

    assert lay(office, b"second", reference=REFERENCE) == "taken up"
    assert path_in(office).read_bytes() == b"first"
