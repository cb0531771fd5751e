"""Plain text as a whole: a clean letter, what is refused, no word lost, where each stood."""

from __future__ import annotations

from contextlib import suppress

import pytest
from drafts import LIST, SUBJECT, a_kind, a_register, a_text, item, paragraph, read
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.letter import Addressee, Signatory
from letters.problem import DraftUnreadable
from letters.reading import ReadSection
from tasks.drafting.extent import MOST_SECTIONS
from tasks.drafting.readers import read_draft
from tasks.drafting.text.notes import IS_BLOCKING

HEAD = "8 March 2011\n\nMs Jo Ash\nWestmere Council\nTown Hall\n"


def test_a_clean_text_is_read_without_a_doubt() -> None:
    reading = read(a_text())

    assert reading.doubts == ()
    assert reading.leftovers == ()
    assert reading.kind == "unannounced-inspection"
    assert reading.authority == "westmere"
    assert reading.date == "8 March 2011"
    assert reading.addressees == (
        Addressee(
            role="director",
            name="Ms Jo Ash",
            lines=("Director of Children's Services", "Westmere Council"),
        ),
    )
    assert reading.salutation == "Dear Ms Ash"
    assert reading.subject == SUBJECT
    assert reading.opening == (paragraph("This letter summarises the findings."),)
    assert reading.sections == (
        ReadSection(heading="Strengths", passages=(item("One strength."),)),
    )
    assert reading.closing == ()
    assert reading.valediction == "Yours sincerely"
    assert reading.signatories == (Signatory(name="Robin Grey", title="Her Majesty's Inspector"),)
    assert reading.copies == ()


def test_a_doubt_blocks_where_what_is_printed_depends_on_it() -> None:
    reading = read(a_text(head=f"T 0300 1231231\n\n{HEAD}", body=f"{LIST}A.\n\n- b.\n- c."))

    assert [(d.code, d.is_blocking, d.accepted, d.read, d.proposed) for d in reading.doubts] == [
        (
            "letterhead-removed",
            False,
            False,
            "T 0300 1231231",
            "The office's own letterhead is printed instead.",
        ),
        ("item-without-dash", True, False, "A.", "- A."),
    ]


def test_what_can_be_read_in_one_way_only_does_not_block() -> None:
    assert {code for code, blocks in IS_BLOCKING.items() if not blocks} == {
        "letterhead-removed",
        "letterhead-run-together",
        "letterhead-misspelt",
        "page-numbers-removed",
        "addressee-role-inferred",
        "passage-over-pages",
        "paragraph-without-blank-line",
        "heading-unknown",
        "closing-by-wording",
        "closing-not-found",
    }


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(a_text(body="word " * 5_000), id="a passage"),
        pytest.param(a_text(head=f"8 March 2011\n\n{'x' * 500}\nTown"), id="a name"),
    ],
)
def test_what_is_longer_than_letters_have_is_refused(text: str) -> None:
    with pytest.raises(DraftUnreadable) as refusal:
        read(text)

    assert refusal.value.code == "draft-passage-too-long"


def test_the_extension_chooses_the_reader() -> None:
    def read_file(name: str, text: str) -> object:
        return read_draft(
            text.encode(), name, register=a_register(), kinds=(a_kind(),), limit_bytes=100_000
        )

    assert read_file("a.txt", a_text()) == read(a_text())
    assert read_file("a.md", "---\nkind: k\n---\n# S").subject == "S"
    with pytest.raises(DraftUnreadable) as refusal:
        read_file("a.md", "---\nkind: k\n---\n" + "## A\n" * (MOST_SECTIONS + 1))
    assert refusal.value.code == "draft-too-many-sections"


def test_a_line_without_words_is_no_source() -> None:
    reading = read(a_text(body=f"{LIST}◼\nOne.\n\n- two"))

    assert [source.text for source in reading.sources if source.place == "strengths/1"] == ["One."]


PIECES = st.sampled_from(
    [
        *("Dear Ms Ash", "Yours sincerely", "Copy: Sam Birch", "Robin Grey", "8 March 2011"),
        *("Strengths", "- an item", "◼ an item", "• and", "a sentence goes", "on.", "It ends."),
        *("Overview", "7", "1", "", "", "", "\x0c", "co-", "located.", "  indented words"),
        *("T 0300 123 1231", "1. One.", "a: b,", "a word.1", "1 A note", "DRAFT", "What now?1"),
        *("Ofsted        Probation", "     Head", "Sam Birch, chief", "Kit Fell Department, there"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40))
def test_no_word_is_lost_whatever_the_order(lines: list[str]) -> None:
    text = "\n".join(lines)

    reading = read(text)

    printed = [reading.date, reading.salutation, reading.subject, reading.valediction]
    for addressee in reading.addressees:
        printed += [addressee.name, *addressee.lines]
    for passage in reading.opening + reading.closing:
        printed.append(passage.text)
    for section in reading.sections:
        printed += [section.heading, *(passage.text for passage in section.passages)]
    for signatory in reading.signatories:
        printed += [signatory.name, signatory.title]
    printed += [*(copy.line for copy in reading.copies), *reading.leftovers]
    # Of signs, only bullets, hyphens at line ends and separating commas may go; and one label,
    # which the letter prints itself.
    assert letters_of(" ".join(printed)) in (
        letters_of(text),
        letters_of(text.replace("Copy:", "", 1)),
    )


def letters_of(text: str) -> str:
    return "".join(sorted(character for character in text if character.isalnum()))


def test_each_place_says_on_which_lines_its_words_stood() -> None:
    text = (
        "T 0300 1231231\n\n8 March 2011\n\nMs Jo Ash\n  Westmere Council\n\nDear Ms Ash\n\n"
        f"{SUBJECT}\n\nOpening, which goes\non.1\n\nAreas for development\n\n"
        "- one\n  item\n\n1\n\nthat goes on.\n\n1\nA note.\n\n"
        "The areas for development identified above matter.\n\nYours sincerely\n\n"
        "Robin Grey Her Majesty's Inspector\n\nCopy:\nSam Birch, Chief Executive Kit Fell\n"
    )

    reading = read(text)

    assert [(source.place, source.line) for source in reading.sources] == [
        ("date", 3),
        ("addressees/1", 5),
        ("addressees/1", 6),
        ("salutation", 8),
        ("subject", 10),
        ("opening/1", 12),
        ("opening/1", 13),
        ("areas-for-development", 15),
        ("areas-for-development/1", 17),
        ("areas-for-development/1", 18),
        ("areas-for-development/1", 22),
        ("opening/2", 24),
        ("opening/2", 25),
        ("closing/1", 27),
        ("valediction", 29),
        ("signatories/1", 31),
        ("copies/1", 34),
        ("copies/2", 34),
    ]
    lines = text.split("\n")
    assert [source.text for source in reading.sources] == [
        lines[source.line - 1] for source in reading.sources
    ]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit",
    [
        *("A\n\n", "a-\nb ", "Copy: Sam Birch ", "- a\n\n\n", "1\n", "\x0c\n"),
        *(
            "a1\n\n1\nb\n",
            "a1 1 A\n\n",
            "A     B\n",
            "A\n\n\x0cA\n\n",
            "Areas for\ndevelopment\n\n",
        ),
    ],
)
def test_much_repetition_is_read_or_refused(unit: str) -> None:
    repeated = (unit * (300_000 // len(unit))).split("\n")[:6_000]
    text = "\n".join(line[:40_000] for line in repeated)

    for letter in (
        a_text(head=f"8 March 2011\n\n{text}"),
        a_text(body=f"A.1\n\nStrengths\n\n- b.\n\n{text}"),
        a_text(tail=f"Robin Grey\nHer Majesty's Inspector\n\n{text}"),
    ):
        with suppress(DraftUnreadable):
            read(letter)
