"""Which file is taken as a draft: what lies in the drafts folder, whoever laid it there."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from letters.canonical import sha256_hex
from letters.errors import LettersError, TransientError, UsageError
from letters.problem import DraftUnreadable
from tasks.drafting import draft_files
from tasks.drafting.draft_files import draft_bytes, laid_draft
from tasks.drafting.limits import LARGEST_WORD_BYTES
from tasks.drafting.submitted import bound_name, submitted
from tests.offices import an_office

WORDS = b"Dear Ms Thornbury\n"
LIMIT_BYTES = 1_000


@pytest.fixture
def drafts(tmp_path: Path) -> Path:
    """An office's drafts folder, with something outside that is none of its business."""
    folder = tmp_path / "office" / "drafts"
    folder.mkdir(parents=True)
    (tmp_path / "secret.md").write_bytes(b"The secret of another.")
    return folder


def laid(drafts: Path, name: str) -> bytes:
    return laid_draft(drafts, name, limit_bytes=LIMIT_BYTES).data


def refusal(drafts: Path, name: str) -> LettersError:
    with pytest.raises(LettersError) as refused:
        laid(drafts, name)
    assert "The secret" not in str(refused.value)
    assert refused.value.remedy
    return refused.value


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        pytest.param("westmere.md", "md", id="Markdown"),
        pytest.param("Westmere.TXT", "txt", id="capitals"),
        pytest.param("Ärger – final (2).docx", "docx", id="spaces, brackets, umlauts"),
    ],
)
def test_a_file_of_the_folder_is_taken(drafts: Path, name: str, extension: str) -> None:
    (drafts / name).write_bytes(WORDS)

    assert laid_draft(drafts, name, limit_bytes=LIMIT_BYTES) == (WORDS, extension)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("../secret.md", "draft-missing", id="a path upwards"),
        pytest.param("..", "draft-missing", id="the folder above"),
        pytest.param(".", "draft-missing", id="the folder itself"),
        pytest.param("", "draft-missing", id="no name"),
        pytest.param("/etc/passwd", "draft-missing", id="a path from the root"),
        pytest.param("a\\b.md", "draft-missing", id="a path as Windows writes it"),
        pytest.param("sub/inner.md", "draft-missing", id="a file of a folder below"),
        pytest.param(".hidden.md", "draft-missing", id="a hidden file"),
        pytest.param("gone.md", "draft-missing", id="a file that isn't there"),
        pytest.param("a\0.md", "draft-missing", id="a NUL"),
        pytest.param("a\x1b[2J.md", "draft-missing", id="a terminal's escape"),
        pytest.param("a\u202edm.md", "draft-missing", id="a name that turns round"),
        pytest.param("a\ud800.md", "draft-missing", id="half a character"),
        pytest.param("a" * 201 + ".md", "draft-missing", id="too long a name"),
        pytest.param("link.md", "draft-is-a-link", id="a link to a file outside"),
        pytest.param("inside.md", "draft-is-a-link", id="a link to a draft of the folder"),
        pytest.param("nowhere.md", "draft-is-a-link", id="a link to nothing"),
        pytest.param("hard.md", "draft-is-a-link", id="a second name of a file outside"),
        pytest.param("folder.md", "draft-is-a-folder", id="a folder with a draft's name"),
        pytest.param("pipe.md", "draft-no-file", id="a pipe that nobody writes to"),
        pytest.param("socket.md", "draft-not-readable", id="a socket"),
        pytest.param("old.doc", "draft-extension-unknown", id="an old Word file"),
        pytest.param("large.md", "draft-too-large", id="a text over the limit"),
        pytest.param("large.docx", "draft-too-large", id="a Word file over its own limit"),
    ],
)
def test_nothing_else_is_taken(
    drafts: Path, name: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (drafts / "honest.md").write_bytes(WORDS)
    (drafts / "sub").mkdir()
    (drafts / "sub" / "inner.md").write_bytes(WORDS)
    (drafts / ".hidden.md").write_bytes(WORDS)
    (drafts / "link.md").symlink_to(drafts.parents[1] / "secret.md")
    (drafts / "inside.md").symlink_to("honest.md")
    (drafts / "nowhere.md").symlink_to("gone")
    (drafts / "hard.md").hardlink_to(drafts.parents[1] / "secret.md")
    (drafts / "folder.md").mkdir()
    (drafts / "old.doc").write_bytes(WORDS)
    (drafts / "large.md").write_bytes(b"x" * (LIMIT_BYTES + 1))
    with (drafts / "large.docx").open("wb") as large:
        large.truncate(LARGEST_WORD_BYTES + 1)
    os.mkfifo(drafts / "pipe.md")
    monkeypatch.chdir(drafts)  # a socket's whole path may be too long for it
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.md")

        assert refusal(drafts, name).code == code


def test_a_word_file_may_be_larger_than_a_text(drafts: Path) -> None:
    (drafts / "letter.docx").write_bytes(b"PK" + bytes(LIMIT_BYTES))

    assert len(laid(drafts, "letter.docx")) == LIMIT_BYTES + 2


def test_a_refusal_lists_the_drafts_that_lie_there_and_nothing_else(drafts: Path) -> None:
    (drafts / "westmere.md").write_bytes(WORDS)
    (drafts / "eastmere.docx").write_bytes(WORDS)
    (drafts / "notes.html").write_bytes(WORDS)
    (drafts / "a\x1b[2J.md").write_bytes(WORDS)
    (drafts / "link.md").symlink_to(drafts.parents[1] / "secret.md")
    (drafts / "folder.md").mkdir()

    assert refusal(drafts, "gone.md").remedy == "The folder holds eastmere.docx, westmere.md."


def test_without_a_folder_there_is_no_draft(tmp_path: Path) -> None:
    assert refusal(tmp_path / "drafts", "westmere.md").code == "draft-missing"


@pytest.mark.parametrize("is_file", [False, True], ids=["a link", "a file"])
def test_the_folder_itself_leads_nowhere_else(tmp_path: Path, is_file: bool) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "secret.md").write_bytes(b"The secret of another.")
    drafts = tmp_path / "drafts"
    if is_file:
        drafts.write_bytes(WORDS)
    else:
        drafts.symlink_to(elsewhere)

    assert refusal(drafts, "secret.md").code == "drafts-folder-unusable"


@pytest.fixture
def meddle_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], object]], None]:
    """Have something done to the draft just when a call of the system has been made of it."""

    def meddle_after(call: str, meddle: Callable[[], object]) -> None:
        real = getattr(os, call)

        def meddled(*arguments: Any, **options: Any) -> Any:
            result = real(*arguments, **options)
            if options:  # the folder is opened without any
                meddle()
            return result

        monkeypatch.setattr(draft_files.os, call, meddled)

    return meddle_after


def test_a_link_put_in_its_place_after_it_was_opened_isnt_read(
    drafts: Path, meddle_after: Callable[..., None]
) -> None:
    draft = drafts / "westmere.md"
    draft.write_bytes(WORDS)

    def exchange() -> None:
        draft.unlink()
        draft.symlink_to(drafts.parents[1] / "secret.md")

    meddle_after("open", exchange)

    assert refusal(drafts, "westmere.md").code == "draft-changing"


def test_a_second_name_taken_away_after_it_was_opened_is_no_way_in(
    drafts: Path, meddle_after: Callable[..., None]
) -> None:
    draft = drafts / "hard.md"
    draft.hardlink_to(drafts.parents[1] / "secret.md")
    meddle_after("open", draft.unlink)

    assert refusal(drafts, "hard.md").code == "draft-changing"


@pytest.mark.parametrize(
    "meddle",
    [
        pytest.param(lambda draft: draft.write_bytes(WORDS + WORDS), id="it grows"),
        pytest.param(lambda draft: draft.write_bytes(WORDS[:4]), id="it shrinks"),
        pytest.param(lambda draft: draft.write_bytes(WORDS[::-1]), id="it stays as large"),
        pytest.param(
            lambda draft: (draft.write_bytes(WORDS + WORDS), os.utime(draft, (0, 0))),
            id="it grows within a tick of its clock",
        ),
    ],
)
def test_a_file_that_is_being_saved_is_read_another_time(
    drafts: Path, meddle_after: Callable[..., None], meddle: Callable[[Path], object]
) -> None:
    draft = drafts / "westmere.md"
    draft.write_bytes(WORDS)
    os.utime(draft, (0, 0))
    meddle_after("fdopen", lambda: meddle(draft))

    refused = refusal(drafts, "westmere.md")

    assert refused.code == "draft-changing"
    assert isinstance(refused, TransientError)


@pytest.mark.parametrize(
    ("name", "code", "error"),
    [
        pytest.param("gone.md", "draft-missing", UsageError, id="missing"),
        pytest.param("folder.md", "draft-is-a-folder", UsageError, id="a folder"),
        pytest.param("pipe.md", "draft-no-file", UsageError, id="a pipe"),
        pytest.param("letter.odt", "draft-extension-unknown", UsageError, id="another kind"),
        pytest.param("large.md", "draft-too-large", DraftUnreadable, id="too large"),
    ],
)
def test_a_file_named_by_its_path_is_a_draft_or_refused(
    tmp_path: Path, name: str, code: str, error: type[LettersError]
) -> None:
    (tmp_path / "folder.md").mkdir()
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "letter.odt").write_bytes(WORDS)
    (tmp_path / "large.md").write_bytes(b"x" * (LIMIT_BYTES + 1))

    with pytest.raises(error) as refused:
        draft_bytes(tmp_path / name, limit_bytes=LIMIT_BYTES)

    assert (refused.value.code, bool(refused.value.remedy)) == (code, True)


def test_a_link_named_by_its_path_is_followed(tmp_path: Path) -> None:
    (tmp_path / "letter.md").write_bytes(WORDS)
    (tmp_path / "link.md").symlink_to("letter.md")

    assert draft_bytes(tmp_path / "link.md", limit_bytes=LIMIT_BYTES) == WORDS


def test_a_bound_name_stands_for_the_bytes_that_were_taken(tmp_path: Path) -> None:
    office = an_office(tmp_path)
    office.drafts_folder.mkdir(parents=True)
    draft = office.drafts_folder / "westmere.docx"
    draft.write_bytes(WORDS)
    bound = bound_name("westmere.docx", submitted(office, "westmere.docx"))

    draft.write_bytes(b"Other words.")

    intake = submitted(office, bound)
    assert bound == f"westmere.docx sha256:{sha256_hex(WORDS)}"
    assert (intake.original_name, intake.get("original.docx")) == ("original.docx", WORDS)
