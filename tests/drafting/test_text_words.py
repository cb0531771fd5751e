"""Plain text: words broken at a line's end, words one letter off, how wide lines are set."""

from __future__ import annotations

import textwrap
from itertools import pairwise

import pytest

from tasks.drafting.text.layout import Layout, layout_of, width_of
from tasks.drafting.text.lines import SourceLine, blocks_of, split_lines
from tasks.drafting.text.words import join_lines, near_word


@pytest.mark.parametrize(
    ("lines", "vocabulary", "text", "unclear"),
    [
        pytest.param(["a", "b"], "", "a b", (), id="no hyphen"),
        pytest.param(["a -", "b"], "", "a - b", (), id="a dash"),
        pytest.param(["COVID-", "19 years"], "", "COVID-19 years", (), id="a figure follows"),
        pytest.param(["multi-", "agency"], "", "multi-agency", (), id="a prefix"),
        pytest.param(["co-", "located"], "co-located", "co-located", (), id="hyphenated elsewhere"),
        pytest.param(["care-", "leaver"], "care leaver", "care-leaver", (), id="both halves words"),
        pytest.param(
            ["infor-", "mation"],
            "information",
            "information",
            (("infor- mation", "information"),),
            id="whole elsewhere",
        ),
        pytest.param(
            ["co-", "operate"],
            "cooperate co-operate",
            "co-operate",
            (("co- operate", "co-operate"),),
            id="both ways elsewhere",
        ),
        pytest.param(
            ["xy-", "zz"], "", "xy-zz", (("xy- zz", "xy-zz"),), id="nowhere else: the hyphen stays"
        ),
    ],
)
def test_words_broken_by_a_hyphen_are_read_as_elsewhere(
    lines: list[str], vocabulary: str, text: str, unclear: tuple[tuple[str, str], ...]
) -> None:
    assert join_lines(lines, frozenset(vocabulary.split())) == (text, unclear)


@pytest.mark.parametrize(
    ("word", "near"),
    [
        pytest.param("Safequarding", "safeguarding", id="another letter"),
        pytest.param("safegarding", "safeguarding", id="a letter less"),
        pytest.param("safegguarding", "safeguarding", id="a letter more"),
        pytest.param("safegaurding", "safeguarding", id="two letters changed over"),
        pytest.param("safeguarding", "", id="the word itself"),
        pytest.param("safequaring", "", id="two letters"),
    ],
)
def test_a_word_one_letter_off_is_noticed(word: str, near: str) -> None:
    assert near_word(word, frozenset({"safeguarding"})) == near


PROSE = (
    "Children are seen promptly and alone, and the views that they have are written down in "
    "words of their own. Managers read what is written, and say why they decided as they did. "
    "When families move, workers go with them to the first meeting, which children told us that "
    "they value. Will it last until winter? Illness among staff is still filling it with delays."
)


def test_typed_text_is_measured_by_its_columns() -> None:
    text = textwrap.fill(PROSE, 72)

    assert max(map(len, text.split("\n"))) == 71
    assert layout_of(blocks_of(split_lines(text))) == Layout("columns", 71)


def set_in_a_pdf(text: str, margin: int) -> list[SourceLine]:
    """Break a text into lines as wide as a PDF would set them."""
    lines = [""]
    for word in text.split():
        (longer,) = split_lines(f"{lines[-1]} {word}".strip())
        if width_of(longer) <= margin:
            lines[-1] = longer.text
        else:
            lines.append(word)
    return split_lines("\n".join(lines))


def test_text_of_a_pdf_is_measured_by_its_letters() -> None:
    lines = set_in_a_pdf(PROSE, 36_000)

    layout = layout_of(blocks_of(lines))

    assert layout.measure == "widths"
    assert not any(layout.breaks_early(line, following) for line, following in pairwise(lines))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="no line"),
        pytest.param("One line.", id="one line"),
        pytest.param(f"{PROSE}\n{PROSE}", id="a paragraph a line"),
        pytest.param("Town Hall\nHigh Street\nWestmere", id="short lines"),
        pytest.param(f"- {PROSE[:70]}\n- {PROSE[70:140]}\n- a third", id="items of a line each"),
    ],
)
def test_what_is_not_wrapped_has_no_margin(text: str) -> None:
    assert layout_of(blocks_of(split_lines(text))) == Layout()
