"""Word drafts that know no house styles: head, end and body told apart, with doubts."""

from __future__ import annotations

import pytest
from drafts import SUBJECT, doubts_of
from word_files import HEAD, TAIL, a_docx, a_letter, numbered, p, read_docx, run, section

from letters.letter import Addressee, Passage, Signatory
from letters.reading import CopyLine, ReadSection, Source

BREAK = "<w:r><w:br/></w:r>"


def item(text: str) -> Passage:
    return Passage(style="item", text=text)


def paragraph(text: str) -> Passage:
    return Passage(style="paragraph", text=text)


def test_a_clean_letter_is_read_without_a_doubt() -> None:
    reading = read_docx(
        a_letter(
            p("Strengths", style="Ueberschrift1"),
            p("One strength.", style="Bullets"),
            p("Satisfactory practice", style="Own"),
            p("Practice is satisfactory:"),
            p("Two.", style="Bullets"),
        )
    )

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
        ReadSection(
            heading="Satisfactory practice",
            passages=(paragraph("Practice is satisfactory:"), item("Two.")),
        ),
    )
    assert reading.closing == ()
    assert reading.valediction == "Yours sincerely"
    assert reading.signatories == (Signatory(name="Robin Grey", title="Her Majesty's Inspector"),)
    assert reading.copies == ()


def test_every_place_says_which_paragraph_it_was() -> None:
    reading = read_docx(a_letter(p("Strengths"), p(run("One"), BREAK, run("strength.")), p("Two.")))

    assert reading.sources == (
        Source(place="date", line=1, text="8 March 2011"),
        Source(place="addressees/1", line=3, text="Ms Jo Ash"),
        Source(place="addressees/1", line=4, text="Director of Children's Services"),
        Source(place="addressees/1", line=5, text="Westmere Council"),
        Source(place="salutation", line=7, text="Dear Ms Ash"),
        Source(place="subject", line=8, text=SUBJECT),
        Source(place="opening/1", line=9, text="This letter summarises the findings."),
        Source(place="strengths", line=10, text="Strengths"),
        Source(place="strengths/1", line=11, text="One strength."),
        Source(place="strengths/2", line=12, text="Two."),
        Source(place="valediction", line=13, text="Yours sincerely"),
        Source(place="signatories/1", line=15, text="Robin Grey"),
        Source(place="signatories/1", line=16, text="Her Majesty's Inspector"),
    )


def test_an_address_in_one_paragraph_of_lines_is_read_line_by_line() -> None:
    lines = ("Ms Jo Ash", "Director of Children's Services", "Westmere Council")
    address = p(*(part for line in lines for part in (run(line), BREAK)))

    reading = read_docx(a_docx(HEAD[0], p(), address, p(), *HEAD[6:], *TAIL))

    assert reading.addressees == (Addressee(role="director", name=lines[0], lines=lines[1:]),)


def test_an_end_in_one_paragraph_with_the_closing_is_parted_from_it() -> None:
    end = p(run("We shall look."), BREAK, BREAK, run("Yours sincerely"), BREAK, run("Robin Grey"))

    reading = read_docx(a_docx(*HEAD, end, p("Her Majesty's Inspector")))

    assert [each.text for each in reading.opening[1:]] == ["We shall look."]
    assert reading.valediction == "Yours sincerely"
    assert reading.signatories == (Signatory(name="Robin Grey", title="Her Majesty's Inspector"),)
    assert (
        Source(place="valediction", line=10, text=("We shall look. Yours sincerely Robin Grey"))
        in reading.sources
    )


def test_signatures_parted_by_tabs_stand_side_by_side() -> None:
    tail = (
        p("Yours sincerely"),
        p("Robin Grey\tSam Slate"),
        p("Her Majesty's Inspector\tHer Majesty's Inspector"),
    )

    reading = read_docx(a_docx(*HEAD, p("End."), *tail))

    assert [each.name for each in reading.signatories] == ["Robin Grey", "Sam Slate"]
    assert doubts_of(reading) == [("signatures-side-by-side", "signatories")]


def test_copies_are_asked_of_the_register() -> None:
    copies = (p("Copy: Sam Birch, Chief Executive"), p("Kit Fell, Department"))

    reading = read_docx(a_docx(*HEAD, p("End."), *TAIL, *copies))

    assert reading.copies == (
        CopyLine(line="Sam Birch, Chief Executive", role="chief-executive", name="Sam Birch"),
        CopyLine(line="Kit Fell, Department", role="department", name="Kit Fell"),
    )


def test_a_letterhead_is_left_over_with_a_doubt() -> None:
    head = (p("The Office"), p("www.office.example"), p())

    reading = read_docx(a_docx(*head, *HEAD, p("End."), *TAIL))

    assert reading.leftovers == ("The Office", "www.office.example")
    assert doubts_of(reading) == [("letterhead-removed", "letterhead")]


def test_a_file_without_salutation_keeps_all_its_words() -> None:
    reading = read_docx(a_docx(p("Some words."), p("Strengths"), p("One.")))

    assert [each.text for each in reading.opening] == ["Some words.", "Strengths", "One."]
    assert ("salutation-missing", "salutation") in doubts_of(reading)


@pytest.mark.parametrize(
    ("body", "headings"),
    [
        pytest.param(
            (p("Strengths", style="Heading2"), p("a"), p("Other", style="Heading2"), p("b")),
            [("Strengths", 1), ("Other", 1)],
            id="all of Word's second level",
        ),
        pytest.param(
            (
                p("Strengths", style="Ueberschrift1"),
                p("Within", style="Heading2"),
                p("a"),
                p("Other", style="Own"),
            ),
            [("Strengths", 1), ("Within", 2), ("Other", 1)],
            id="of two levels, one by a style based on the first",
        ),
        pytest.param(
            (p("Strengths", properties='<w:outlineLvl w:val="0"/>'), p("a")),
            [("Strengths", 1)],
            id="by its own outline level",
        ),
        pytest.param(
            (p("Text goes on.", style="Own", properties='<w:outlineLvl w:val="9"/>'), p("a")),
            [],
            id="body text in a heading's style",
        ),
        pytest.param(
            (p("Strengths:"), p("a"), p("Areas for development"), p("b")),
            [("Strengths:", 1), ("Areas for development", 1)],
            id="known to the kind, in no style",
        ),
    ],
)
def test_headings_are_told_by_style_or_by_the_kind(
    body: tuple[str, ...], headings: list[tuple[str, int]]
) -> None:
    reading = read_docx(a_letter(*body))

    assert [(each.heading, each.level) for each in reading.sections] == headings
    assert not any(doubt.is_blocking for doubt in reading.doubts)


def test_a_heading_deeper_than_letters_have_is_a_doubt() -> None:
    reading = read_docx(
        a_letter(p("Strengths", style="Ueberschrift1"), p("Deep", style="Heading3"), p("a."))
    )

    assert [(each.heading, each.level) for each in reading.sections] == [
        ("Strengths", 1),
        ("Deep", 2),
    ]
    assert ("heading-too-deep", "deep") in doubts_of(reading)


def test_a_number_before_a_heading_is_dropped_with_a_doubt() -> None:
    reading = read_docx(
        a_letter(p("Strengths", style="Ueberschrift1", properties=numbered(2)), p("One."))
    )

    assert reading.sections[0].heading == "Strengths"
    dropped = [doubt for doubt in reading.doubts if doubt.code == "numbers-dropped"]
    assert [(d.place, d.read, d.is_blocking) for d in dropped] == [
        ("strengths", "1. Strengths", True)
    ]


def test_a_number_before_a_copy_is_left_over_with_a_doubt() -> None:
    copy = p("Sam Birch, Chief Executive", properties=numbered(2))

    reading = read_docx(a_docx(*HEAD, p("End."), *TAIL, p("Copy:"), copy))

    assert reading.copies[0].name == "Sam Birch"
    assert reading.leftovers == ("1.",)
    assert doubts_of(reading, "numbers-dropped") == [("numbers-dropped", "copies/1")]


@pytest.mark.parametrize(
    ("body", "headings", "doubts"),
    [
        pytest.param(
            (p(run("Next steps", "b")), p("a.")),
            [("Next steps", 1)],
            ["next-steps"],
            id="a short bold paragraph",
        ),
        pytest.param(
            (p("Strengths", style="Ueberschrift1"), p(run("Their work", "b", "i")), p("a.")),
            [("Strengths", 1), ("Their work", 2)],
            ["their-work"],
            id="below a real heading it is one within",
        ),
        pytest.param(
            (p("Strengths"), p("a."), p(run("Strenghts", "b")), p("b.")),
            [("Strengths", 1), ("Strenghts", 1)],
            ["strenghts"],
            id="a known heading misspelt is no heading within",
        ),
        pytest.param((p(run("A whole sentence.", "b")), p("a.")), [], [], id="a bold sentence"),
        pytest.param((p(run("Half", "b"), run(" bold")), p("a.")), [], [], id="half bold"),
        pytest.param((p(run("Slanted", "i")), p("a.")), [], [], id="italics only"),
        pytest.param((p(run("At the end", "b")),), [], [], id="nothing stands below it"),
        pytest.param((p(run("W " * 70, "b")), p("a.")), [], [], id="a long one"),
        pytest.param((p(run("One", "b"), style="Bullets"), p("a.")), [], [], id="a bold item"),
    ],
)
def test_a_heading_by_its_look_alone_is_a_doubt(
    body: tuple[str, ...], headings: list[tuple[str, int]], doubts: list[str]
) -> None:
    reading = read_docx(a_letter(*body))

    assert [(each.heading, each.level) for each in reading.sections] == headings
    assert doubts_of(reading, "heading-by-look") == [("heading-by-look", at) for at in doubts]


@pytest.mark.parametrize(
    ("body", "passages", "doubts"),
    [
        *(
            pytest.param(
                (p(f"{sign}\tOne."),), [item("One.")], ["bullet-typed"], id=f"the sign {sign!r}"
            )
            for sign in ("•", "◼", "\uf0b7", "*", "·", "o", "➢")
        ),
        pytest.param(
            (p(run("§", 'rFonts w:ascii="Wingdings"'), run(" One.")),),
            [item("One.")],
            ["bullet-typed"],
            id="a letter of a symbol font",
        ),
        pytest.param(
            (p('<w:r><w:sym w:font="Symbol" w:char="F0B7"/></w:r>', run("\tOne.")),),
            [item("One.")],
            ["bullet-typed"],
            id="a symbol of Word's",
        ),
        pytest.param(
            (p("- One."), p("- Two.")),
            [item("One."), item("Two.")],
            ["bullet-typed", "bullet-typed"],
            id="two dashes",
        ),
        pytest.param(
            (p("They do:"), p("– this.")),
            [paragraph("They do:"), item("this.")],
            ["bullet-typed"],
            id="a dash after a colon",
        ),
        pytest.param(
            (p("One."), p("– two.")),
            [item("One."), item("two.")],
            ["item-without-bullet", "dash-typed"],
            id="a dash alone",
        ),
        pytest.param(
            (p(run("They do:"), BREAK, run("• this"), BREAK, run("• that"), BREAK, run("and")),),
            [paragraph("They do:"), item("this"), item("that and")],
            ["bullet-typed", "bullet-typed"],
            id="bullets on lines of one paragraph",
        ),
        pytest.param((p("-5 degrees."),), [paragraph("-5 degrees.")], [], id="a minus"),
        pytest.param((p("of old."),), [paragraph("of old.")], [], id="a word that begins with o"),
        pytest.param((p("1. One."),), [paragraph("1. One.")], [], id="a typed number is text"),
    ],
)
def test_bullets_that_were_typed_make_items(
    body: tuple[str, ...], passages: list[Passage], doubts: list[str]
) -> None:
    reading = read_docx(a_letter(p("Areas for development"), *body, p("End", style="Own")))

    assert list(reading.sections[0].passages) == passages
    of_section = [d.code for d in reading.doubts if d.place.startswith("areas-for-development/")]
    assert sorted(of_section) == sorted(doubts)


def test_the_emphasis_of_an_item_stands_where_it_stood_without_the_bullet() -> None:
    read = section(p(run("• "), run("Bold", "b"), run(" one."))).passages[0]

    assert (read.text, read.emphasis[0].start, read.emphasis[0].end) == ("Bold one.", 0, 4)


def test_a_bullet_without_words_is_left_over() -> None:
    reading = read_docx(a_letter(p("Strengths"), p("•"), p("• One.")))

    assert reading.leftovers == ("•",)
    assert reading.sections[0].passages == (item("One."),)


@pytest.mark.parametrize(
    ("lines", "is_doubted"),
    [
        pytest.param(("A sentence ends.", "Another begins."), True, id="two sentences"),
        pytest.param(("Short", "Lines"), True, id="two short lines"),
        pytest.param(("a" * 70, "Capital"), False, id="a full line, and a capital"),
        pytest.param(("Some words", "go on."), False, id="small letters go on"),
    ],
)
def test_lines_ended_by_hand_are_joined(lines: tuple[str, str], is_doubted: bool) -> None:
    reading = read_docx(a_letter(p(run(lines[0]), BREAK, run(lines[1]))))

    assert reading.opening[1].text == " ".join(lines)
    assert doubts_of(reading) == ([("lines-joined", "opening/2")] if is_doubted else [])


def test_the_closing_is_told_by_its_wording() -> None:
    reading = read_docx(
        a_letter(p("Strengths"), p("• One."), p("When we next inspect it, we shall look."))
    )

    assert [each.text for each in reading.closing] == ["When we next inspect it, we shall look."]
    assert ("closing-by-wording", "closing") in doubts_of(reading)


def test_a_paragraph_in_a_list_of_the_kind_is_an_item_without_bullet() -> None:
    reading = read_docx(
        a_letter(
            p("Areas for development"),
            p("One.", style="Bullets"),
            p("Two."),
            p("Three.", style="Bullets"),
        )
    )

    assert [each.style for each in reading.sections[0].passages] == ["item"] * 3
    assert doubts_of(reading) == [("item-without-bullet", "areas-for-development/2")]


def test_a_long_paragraph_below_the_salutation_is_no_subject() -> None:
    reading = read_docx(a_docx(*HEAD[:7], p("Long words " * 30), p("More."), *TAIL))

    assert reading.subject == ""
    assert [each.text for each in reading.opening] == [("Long words " * 30).strip(), "More."]


@pytest.mark.parametrize(
    ("subject", "doubts"),
    [
        pytest.param(f"{SUBJECT}.", [], id="the kind's title, and a full stop"),
        pytest.param("How we found it.", [("subject-unclear", "subject")], id="any sentence"),
    ],
)
def test_a_sentence_for_a_subject_is_a_doubt(subject: str, doubts: list[tuple[str, str]]) -> None:
    reading = read_docx(a_docx(*HEAD[:7], p(subject), p("More."), *TAIL))

    assert reading.subject == subject
    assert doubts_of(reading, "subject-unclear") == doubts
