"""What is let in as a draft: bytes, characters, lines, kinds of file."""

from __future__ import annotations

import pytest

from letters.problem import DraftUnreadable
from tasks.drafting.limits import (
    LONGEST_LINE_CHARACTERS,
    MOST_LINES,
    decode_draft,
    extension_of,
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
        "The draft has 11 bytes; at most 10 are read. (draft.md) See whether it is the right file."
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
    ],
)
def test_the_extension_tells_the_kind_of_file(name: str, extension: str) -> None:
    assert extension_of(name) == extension


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("draft.docx", "draft-word-file", id="Word"),
        pytest.param("draft.pdf", "draft-extension-unknown", id="PDF"),
        pytest.param("draft", "draft-extension-unknown", id="no extension"),
        pytest.param(".md", "draft-extension-unknown", id="nothing but an extension"),
        pytest.param("md", "draft-extension-unknown", id="no full stop"),
    ],
)
def test_other_files_are_refused_by_name(name: str, code: str) -> None:
    with pytest.raises(DraftUnreadable) as refusal:
        extension_of(name)

    assert (refusal.value.code, refusal.value.where) == (code, name)
