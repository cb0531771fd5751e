"""The verb that writes the house template for Word."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.command_line import run
from tasks.drafting.word.document import read_document

SAMPLE = Path(__file__).parents[2] / "config" / "sample_office"


@pytest.fixture
def letters(tmp_path, monkeypatch, capsys):
    """Run the command in an office; return its exit code and what it complained of."""
    monkeypatch.setenv("LETTERS_OFFICE", str(tmp_path / "office"))
    monkeypatch.setenv("LETTERS_REGISTER", str(SAMPLE))
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        return code, capsys.readouterr().err

    return call


def test_the_template_of_a_kind_is_written(letters, tmp_path):
    code, _ = letters("template", "unannounced-inspection", "-o", "letter.docx")

    document = read_document((tmp_path / "letter.docx").read_bytes(), source="letter.docx")

    assert code == 0
    assert "Areas for development" in [each.text for each in document.paragraphs]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(
            ("no-such-kind", "-o", "letter.docx"), "kind-unknown", id="a kind that isn't there"
        ),
        pytest.param(
            ("unannounced-inspection", "-o", "letter.doc"), "output-not-word", id="another format"
        ),
        pytest.param(
            ("unannounced-inspection", "-o", "there.docx"),
            "output-exists",
            id="a file already there",
        ),
        pytest.param(
            ("unannounced-inspection", "-o", "no/such/folder.docx"),
            "output-not-writable",
            id="a folder that isn't there",
        ),
    ],
)
def test_a_template_that_cannot_be_written_is_refused(letters, tmp_path, arguments, code):
    (tmp_path / "there.docx").write_bytes(b"words")

    done, complaint = letters("template", *arguments)

    assert done != 0
    assert code in complaint
    assert (tmp_path / "there.docx").read_bytes() == b"words"


def test_a_file_is_overwritten_when_told(letters, tmp_path):
    (tmp_path / "there.docx").write_bytes(b"words")

    code, _ = letters("template", "unannounced-inspection", "-o", "there.docx", "--force")

    assert code == 0
    assert read_document((tmp_path / "there.docx").read_bytes(), source="there.docx").paragraphs
