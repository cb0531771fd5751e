"""Open drafts in `drafts/open/`: laid once, replaced only while nobody has touched them."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
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


def lying_in(office):
    return {each.name: each.read_bytes() for each in path_in(office).parent.iterdir()}


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


class Killed(BaseException):
    """SIGKILL, for a test: whatever is done after it is none of the process's."""


@pytest.fixture
def in_open(office, monkeypatch):
    """Let a function of `os` do something else for what lies in `drafts/open`, as long as told."""

    @contextmanager
    def doing(**instead):
        def one(works, does):
            def done(*args, **named):
                is_ours = any(str(office.drafts_folder) in str(each) for each in args)
                return (does if is_ours else works)(*args, **named)

            return done

        with monkeypatch.context() as patched:
            for name, does in instead.items():
                patched.setattr(os, name, one(getattr(os, name), does))
            yield

    return doing


@pytest.fixture
def kill_at(office, in_open):
    """Give a call by which a laying dies before a function of `os`, and cleans nothing up."""

    def killed(*_, **__):
        raise Killed

    def lay_until(function, data):
        # What a killed process would do next touches no file either.
        order = ["rename", "link", "unlink", "rmdir"]
        dead = dict.fromkeys(order[order.index(function) :], killed)
        with in_open(**dead), pytest.raises(Killed):
            lay(office, data)

    return lay_until


@pytest.mark.parametrize(
    "function",
    [
        pytest.param("rename", id="before it is taken aside"),
        pytest.param("link", id="when it is taken aside"),
        pytest.param("unlink", id="when the new one lies in its place"),
        pytest.param("rmdir", id="when all but the folder is cleared away"),
    ],
)
def test_a_laying_that_is_killed_loses_no_draft(office, kill_at, function):
    lay(office)
    kill_at(function, b"second")

    assert lay(office, b"third") == "laid anew"
    assert lying_in(office) == {NAME: b"third"}
    path_in(office).unlink()
    assert lay(office, b"fourth") == "taken up"


def test_a_person_s_words_that_a_killed_laying_took_aside_come_back(office, kill_at, monkeypatch):
    lay(office)
    save_before_the_rename(monkeypatch, b"first, and a grade")
    kill_at("link", b"second")

    assert lay(office, b"third") == "in hand"
    assert lying_in(office) == {NAME: b"first, and a grade"}


def save_before_the_rename(monkeypatch, words):
    """Let somebody save once, just before the file is taken aside."""
    rename, saves = Path.rename, iter([words])

    def rename_after_a_save(self, target):
        if (saved := next(saves, None)) is not None:
            self.write_bytes(saved)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", rename_after_a_save)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(None, id="that nobody touched"),
        pytest.param(b"first, and a grade", id="that somebody saved this moment"),
    ],
)
@pytest.mark.parametrize(
    "number", [pytest.param(errno.ENOSPC, id="no room"), pytest.param(errno.EIO, id="a bad disk")]
)
def test_where_nothing_can_be_linked_the_draft_stays(office, in_open, monkeypatch, number, words):
    lay(office)

    def fails(*_, **__):
        raise OSError(number, os.strerror(number))

    with in_open(link=fails):
        if words is None:
            with pytest.raises(OpenDraftUnwritable, match=os.strerror(number)):
                lay(office, b"second")
        else:
            save_before_the_rename(monkeypatch, words)
            assert lay(office, b"second") == "in hand"

    assert lying_in(office) == {NAME: words or b"first"}
    assert lay(office, b"second") == ("laid anew" if words is None else "in hand")


def test_where_it_can_t_be_put_back_it_stays_aside_until_it_can(office, in_open):
    lay(office)
    rename, calls = os.rename, iter([True])

    def fails(*_, **__):
        raise OSError(errno.EIO, "I/O error")

    def renames_once(*two):
        return rename(*two) if next(calls, False) else fails()

    with in_open(link=fails, rename=renames_once):
        for _ in range(2):
            with pytest.raises(OpenDraftUnwritable):
                lay(office, b"second")
    assert not path_in(office).exists()

    assert lay(office, b"second") == "laid anew"
    assert lying_in(office) == {NAME: b"second"}


def test_of_two_versions_that_somebody_saved_meanwhile_none_is_lost(office, monkeypatch):
    lay(office)
    save_before_the_rename(monkeypatch, b"a grade")
    read = laid_open._bytes_of

    def read_before_another_save(path):
        data = read(path)
        if path.name != NAME and not path_in(office).exists():
            path_in(office).write_bytes(b"a grade and a date")
        return data

    monkeypatch.setattr(laid_open, "_bytes_of", read_before_another_save)

    for _ in range(2):
        with pytest.raises(OpenDraftUnwritable, match="lies aside") as told:
            lay(office, b"second")
        assert Path(told.value.where).read_bytes() == b"a grade"
        assert path_in(office).read_bytes() == b"a grade and a date"

    Path(told.value.where).unlink()
    assert lay(office, b"second") == "in hand"
    assert lying_in(office) == {NAME: b"a grade and a date"}


def test_one_that_another_run_puts_back_meanwhile_is_laid_by_that(office, in_open):
    lay(office)
    link, others = os.link, iter([b"third"])

    def link_after_another_run(made, path, **options):
        if (data := next(others, None)) is not None:
            assert lay(office, data) == "laid anew"
        link(made, path, **options)

    with in_open(link=link_after_another_run):
        assert lay(office, b"second") == "in hand"

    assert lying_in(office) == {NAME: b"third"}
    assert lay(office, b"second") == "laid anew"
