"""What is let in as a draft: bytes, characters, lines, kinds of file."""

from __future__ import annotations

import pytest

from letters.problem import DraftUnreadable
from tasks.drafting.limits import (
    LARGEST_WORD_BYTES,
    LONGEST_LINE_CHARACTERS,
    MOST_LINES,
    MOST_MARKS_PILED_UP,
    decode_draft,
    extension_of,
    most_bytes,
)

LIMIT_BYTES = 2_000_000


def refused(data: bytes, *, limit_bytes: int = LIMIT_BYTES) -> DraftUnreadable:
    """Return the refusal of a draft's bytes."""
    with pytest.raises(DraftUnreadable) as refusal:
        decode_draft(data, name="draft.md", limit_bytes=limit_bytes)
    return refusal.value


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(b"one\ntwo\n", "one\ntwo\n", id="plain UTF-8"),
        pytest.param(b"\xef\xbb\xbfone\n", "one\n", id="a byte order mark is dropped"),
        pytest.param(b"one\r\ntwo\rthree\n", "one\ntwo\nthree\n", id="all line ends are one"),
        pytest.param(b"a\tb\x0cc", "a\tb\x0cc", id="tabs and form feeds stay"),
        pytest.param(
            "café – “x” £\u00a05 \uf06e".encode(), "café – “x” £\u00a05 \uf06e", id="letters"
        ),
        pytest.param(b"x" * 20, "x" * 20, id="as many bytes as allowed"),
    ],
)
def test_text_is_let_in(data: bytes, text: str) -> None:
    assert decode_draft(data, name="draft.md", limit_bytes=20 + len(data)) == text
    assert decode_draft(data, name="draft.md", limit_bytes=len(data)) == text


@pytest.mark.parametrize(
    ("data", "code", "where"),
    [
        pytest.param(b"", "draft-empty", "draft.md", id="no bytes"),
        pytest.param(b" \r\n\t\x0c\n", "draft-empty", "draft.md", id="only space"),
        pytest.param(b"\xef\xbb\xbf", "draft-empty", "draft.md", id="only a byte order mark"),
        pytest.param("x".encode("utf-16"), "draft-utf16", "draft.md", id="UTF-16"),
        pytest.param(b"\xfe\xff\x00x", "draft-utf16", "draft.md", id="UTF-16, big end first"),
        pytest.param("x".encode("utf-32"), "draft-utf16", "draft.md", id="UTF-32"),
        pytest.param(
            b"one\nDirector\x92s", "draft-not-utf8", "draft.md, line 2, byte 12", id="Windows-1252"
        ),
        pytest.param(b"\xed\xa0\x80", "draft-not-utf8", "draft.md, line 1, byte 0", id="surrogate"),
        pytest.param(
            b"a\nb\x00c", "draft-control-character", "draft.md, line 2, column 2", id="NUL"
        ),
        pytest.param(
            b"a\x1bb", "draft-control-character", "draft.md, line 1, column 2", id="escape"
        ),
        pytest.param(
            b"a\x0bb", "draft-control-character", "draft.md, line 1, column 2", id="vertical tab"
        ),
        pytest.param(
            "a\x85b".encode(), "draft-control-character", "draft.md, line 1, column 2", id="C1"
        ),
        pytest.param(
            "a\u2028b".encode(),
            "draft-control-character",
            "draft.md, line 1, column 2",
            id="a line separator",
        ),
        *(
            pytest.param(
                f"ab{character}".encode(),
                "draft-direction-character",
                "draft.md, line 1, column 3",
                id=f"direction U+{ord(character):04X}",
            )
            for character in "\u061c\u200e\u200f\u202a\u202e\u2066\u2069"
        ),
        *(
            pytest.param(
                f"ab{character}".encode(),
                "draft-invisible-character",
                "draft.md, line 1, column 3",
                id=f"invisible U+{ord(character):04X}",
            )
            for character in "\u00ad\u200b\u200d\u2060\ufeff\ufe0f\u3164\U000e0041"
        ),
        pytest.param(
            "a\ufffdb".encode(),
            "draft-damaged-character",
            "draft.md, line 1, column 2",
            id="a letter lost before",
        ),
        pytest.param(
            b"a\n" + b"x" * (LONGEST_LINE_CHARACTERS + 1),
            "draft-line-too-long",
            "draft.md, line 2",
            id="a long line",
        ),
        pytest.param(b"a\n" * MOST_LINES, "draft-too-many-lines", "draft.md", id="many lines"),
        pytest.param(
            b"a" + b"\x0c" * MOST_LINES, "draft-too-many-lines", "draft.md", id="many form feeds"
        ),
    ],
)
def test_what_is_no_text_is_refused_with_its_place(data: bytes, code: str, where: str) -> None:
    refusal = refused(data)

    assert (refusal.code, refusal.where) == (code, where)
    assert refusal.remedy


def test_a_file_over_the_limit_is_refused() -> None:
    refusal = refused(b"x" * 11, limit_bytes=10)

    assert str(refusal) == (
        "The draft has 11 bytes; at most 10 are read. (draft.md) A letter is a few pages: see"
        " whether it is the right file."
    )
    assert refusal.code == "draft-too-large"


def test_a_refused_character_is_named_and_counted() -> None:
    refusal = refused("Mad\u00addox\nMad\u00addox".encode())

    assert refusal.message == (
        "The draft holds an invisible character (U+00AD, soft hyphen), and 1 more of this sort."
    )


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        pytest.param("draft.md", ".md", id="Markdown"),
        pytest.param("a.b.TXT", ".txt", id="capitals and full stops"),
        pytest.param("Letter final (2).docx", ".docx", id="Word"),
    ],
)
def test_the_extension_tells_the_kind_of_file(name: str, extension: str) -> None:
    assert extension_of(name) == extension


@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param(
            "draft.doc",
            "This is a file of an old version of Word. (draft.doc) Open it in Word and save it as"
            " “Word Document (.docx)”.",
            id="an old Word file",
        ),
        pytest.param(
            "draft.DOCM",
            "This Word file can hold macros. (draft.DOCM) Open it in Word and save it as"
            " “Word Document (.docx)”.",
            id="a Word file that can hold macros",
        ),
        pytest.param(
            "draft.rtf",
            "Rich text files aren't read. (draft.rtf) Open it in Word and save it as"
            " “Word Document (.docx)”.",
            id="rich text",
        ),
        pytest.param(
            "draft.odt",
            "OpenDocument files aren't read. (draft.odt) Save it as a Word file (.docx).",
            id="OpenDocument",
        ),
        pytest.param(
            "draft.pdf",
            "A PDF says where its words stand on the page, not in which order they are read."
            " (draft.pdf) Submit the Word file or text from which it was made; or copy its words"
            " into a text (.txt) and look them over.",
            id="PDF",
        ),
        *(
            pytest.param(
                name,
                f"A draft's name ends in .md, .txt or .docx; this one's in {said}. ({name}) Save"
                " the draft as Word Document (.docx), plain text (.txt) or Markdown (.md).",
                id=what,
            )
            for name, said, what in (
                ("draft.html", "“.html”", "a web page"),
                ("draft", "none of them", "no extension"),
                (".md", "none of them", "nothing but an extension"),
                ("md", "none of them", "no full stop"),
                ("draft.md.exe", "“.exe”", "a second extension"),
            )
        ),
    ],
)
def test_other_files_are_refused_with_what_to_do(name: str, told: str) -> None:
    with pytest.raises(DraftUnreadable) as refusal:
        extension_of(name)

    assert (refusal.value.code, str(refusal.value)) == ("draft-extension-unknown", told)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"PK\x03\x04rest", "a ZIP, as Word files are", id="Word"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a file of an old version of Word", id="old Word"
        ),
        pytest.param(b"{\\rtf1", "rich text", id="rich text"),
        pytest.param(b"%PDF-1.7", "a PDF", id="PDF"),
    ],
)
def test_another_file_named_as_a_text_is_called_what_it_is(data: bytes, said: str) -> None:
    refusal = refused(data)

    assert (refusal.code, refusal.message) == ("draft-no-text", f"The draft is no text but {said}.")
    assert refusal.remedy


def test_only_word_files_may_be_larger_than_texts() -> None:
    assert [most_bytes(name, 10) for name in ("a.md", "a.txt", "a.DOCX")] == [
        *(10, 10, LARGEST_WORD_BYTES)
    ]
    assert most_bytes("a.docx", LARGEST_WORD_BYTES + 1) == LARGEST_WORD_BYTES + 1


@pytest.mark.parametrize(
    "letter", ["e", "\u0439", "\u05d0"], ids=["on a Latin letter", "on a Cyrillic", "on a Hebrew"]
)
def test_marks_piled_up_on_a_letter_are_refused(letter: str) -> None:
    most = f"So{letter}" + "\u0301\u0327" * (MOST_MARKS_PILED_UP // 2)

    assert decode_draft(most.encode(), name="draft.md", limit_bytes=LIMIT_BYTES)

    refusal = refused(f"{most}\u0301 it is".encode())

    assert (refusal.code, refusal.where) == ("draft-marks-piled-up", "draft.md, line 1, column 34")
