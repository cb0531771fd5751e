"""What stands in a Word file's paragraphs: what is read, doubted, refused."""

from __future__ import annotations

import zipfile
from typing import Any

import pytest
from drafts import doubts_of
from word_files import (
    HEAD,
    a_docx,
    a_letter,
    field,
    header,
    notes,
    numbered,
    p,
    parts,
    read_docx,
    refused,
    relation,
    run,
    section,
    zipped,
)

from letters.letter import Emphasis, Passage
from tasks.drafting.word.document import MOST_PARAGRAPHS
from tasks.drafting.word.doubts import IS_BLOCKING
from tasks.drafting.word.refusals import REFUSALS

TBL = "<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>"
BOX = "<w:r><w:pict><v:textbox><w:txbxContent>{}</w:txbxContent></v:textbox></w:pict></w:r>"
AT_10 = "draft.docx, paragraph 10 (“Words of it”)"

W_WORDS = "Words of it"
CHANGED = '<w:{} w:id="1" w:author="A">' + run(W_WORDS) + "</w:{}>"

REFUSED = [
    pytest.param(TBL.format(p(W_WORDS)), "word-table", id="a table"),
    pytest.param(
        TBL.format(p(CHANGED.format("ins", "ins"))),
        "word-table",
        id="a table with tracked changes",
    ),
    *(
        pytest.param(p(CHANGED.format(name, name)), "word-tracked-changes", id=f"tracked: {name}")
        for name in ("ins", "del", "moveFrom", "moveTo")
    ),
    pytest.param(
        p('<w:del w:id="1"><w:r><w:delText>Words of it</w:delText></w:r></w:del>'),
        "word-tracked-changes",
        id="tracked: words deleted",
    ),
    *(
        pytest.param(p(W_WORDS, properties=told), "word-tracked-changes", id=f"tracked: {said}")
        for said, told in (
            ("the end of a paragraph", '<w:rPr><w:ins w:id="1"/></w:rPr>'),
            ("a paragraph's look", '<w:pPrChange w:id="1"><w:pPr/></w:pPrChange>'),
            ("its section", '<w:sectPr><w:sectPrChange w:id="1"/></w:sectPr>'),
            ("its number", '<w:numPr><w:ins w:id="1"/></w:numPr>'),
        )
    ),
    pytest.param(
        p(run(W_WORDS, "b").replace("<w:b/>", '<w:rPrChange w:id="1"><w:rPr/></w:rPrChange>')),
        "word-tracked-changes",
        id="tracked: a run's look",
    ),
    pytest.param(
        "<w:ins>" + p(W_WORDS) + "</w:ins>", "word-tracked-changes", id="tracked: a paragraph"
    ),
    pytest.param(
        p('<w:commentRangeStart w:id="0"/>', run(W_WORDS)), "word-comments", id="a comment's words"
    ),
    pytest.param(
        p(run(W_WORDS), '<w:r><w:commentReference w:id="0"/></w:r>'),
        "word-comments",
        id="a comment's mark",
    ),
    pytest.param(p(BOX.format(p(W_WORDS))), "word-text-box", id="a text box"),
    pytest.param(
        p(
            "<w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent>"
            + p(W_WORDS)
            + "</w:txbxContent></w:drawing></mc:Choice></mc:AlternateContent></w:r>"
        ),
        "word-text-box",
        id="a text box in a drawing",
    ),
    pytest.param(p(W_WORDS, properties='<w:framePr w:w="100"/>'), "word-text-box", id="a frame"),
    pytest.param(p(W_WORDS, style="Framed"), "word-text-box", id="a frame by style"),
    pytest.param(p(W_WORDS, "<w:r><w:drawing/></w:r>"), "word-picture", id="a picture"),
    pytest.param(p(W_WORDS, "<w:r><w:pict/></w:r>"), "word-picture", id="an old picture"),
    pytest.param(
        p(W_WORDS, "<w:r><w:object/></w:r>"), "word-embedded-object", id="an embedded object"
    ),
    pytest.param(p(W_WORDS, "<m:oMath/>"), "word-equation", id="an equation"),
    pytest.param(
        "<m:oMathPara><w:r><w:t>Words of it</w:t></w:r></m:oMathPara>",
        "word-equation",
        id="an equation of its own",
    ),
    *(
        pytest.param(p(run(W_WORDS), field(code, "shown")), "word-field", id=f"a field: {code}")
        for code in ("PAGE", "MERGEFIELD name", "REF _Ref1", 'TOC \\o "1-3"', "IF 1 = 1", "")
    ),
    pytest.param(
        p(run(W_WORDS), '<w:fldSimple w:instr=" AUTHOR "><w:r><w:t>A</w:t></w:r></w:fldSimple>'),
        "word-field",
        id="a simple field",
    ),
    pytest.param(
        p(run(W_WORDS), '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'),
        "word-field",
        id="a field that doesn't end",
    ),
    pytest.param(
        p(run(W_WORDS), '<w:r><w:fldChar w:fldCharType="end"/></w:r>'),
        "word-field",
        id="a field that doesn't begin",
    ),
    pytest.param(
        p(run(W_WORDS), field("HYPERLINK x", "a").replace('"separate"', '"end"', 1)),
        "word-field",
        id="a field that shows nothing",
    ),
    pytest.param(
        p(run(W_WORDS), "<w:r><w:instrText>PAGE</w:instrText></w:r>"),
        "word-field",
        id="an instruction outside any field",
    ),
    pytest.param(
        p(
            field("DATE", "x").replace(
                " DATE ", f"</w:instrText><w:t>{W_WORDS}</w:t><w:instrText>DATE"
            )
        ),
        "word-field",
        id="words in a field's instruction",
    ),
    pytest.param(
        "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
        + p(W_WORDS)
        + "</w:sdtContent></w:sdt>",
        "word-placeholder",
        id="a control not filled in",
    ),
    pytest.param(
        p(
            "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
            + run(W_WORDS)
            + "</w:sdtContent></w:sdt>"
        ),
        "word-placeholder",
        id="a control within a paragraph not filled in",
    ),
    *(
        pytest.param(p(run(W_WORDS, told)), "word-hidden-text", id=f"unseen: {told}")
        for told in (
            "vanish",
            'vanish w:val="true"',
            'color w:val="FFFFFF"',
            'color w:val="auto" w:themeColor="background1"',
            'sz w:val="2"',
        )
    ),
    pytest.param(p(W_WORDS, style="Unseen"), "word-hidden-text", id="hidden by style"),
    pytest.param(
        p(W_WORDS, properties="<w:rPr><w:specVanish/></w:rPr>"),
        "word-hidden-text",
        id="the end of a paragraph hidden",
    ),
    *(
        pytest.param(p(run(W_WORDS, told)), "word-struck-text", id=f"struck through: {told}")
        for told in ("strike", "dstrike")
    ),
    pytest.param(
        p(run(W_WORDS), '<w:r><w:sym w:font="Wingdings" w:char="F04A"/></w:r>'),
        "word-symbol",
        id="a symbol",
    ),
    pytest.param(
        p(run(W_WORDS, 'rFonts w:ascii="Wingdings"')), "word-symbol", id="words in a symbol font"
    ),
    *(
        pytest.param(
            p(W_WORDS, properties=numbered(*told)), "word-numbering", id=f"numbers: {said}"
        )
        for said, told in (("1.1", (3, 1)), ("a)", (4, 0)))
    ),
    pytest.param(p(run(W_WORDS), "<x:other/>"), "word-content-unknown", id="an unknown element"),
    pytest.param(
        p(run(W_WORDS), "<w:r><w:ruby/></w:r>"), "word-content-unknown", id="small signs above"
    ),
    pytest.param(
        p("<w:bdo>" + run(W_WORDS) + "</w:bdo>"), "word-content-unknown", id="words turned round"
    ),
    pytest.param(
        p(run(W_WORDS), "<w:r><w:t>a<x:b/></w:t></w:r>"),
        "word-content-unknown",
        id="something within words",
    ),
    pytest.param(
        "<x:other><w:t>Words of it</w:t></x:other>",
        "word-content-unknown",
        id="an unknown element between paragraphs",
    ),
    pytest.param(
        "<w:altChunk><w:t>Words of it</w:t></w:altChunk>",
        "word-inserted-file",
        id="a file to be put in",
    ),
    pytest.param(p(W_WORDS + "\u202e"), "draft-direction-character", id="a turned direction"),
    pytest.param(p(W_WORDS + "\u200b"), "draft-invisible-character", id="an invisible character"),
    pytest.param(p(W_WORDS + "\x85"), "draft-control-character", id="a control character"),
    pytest.param(p(W_WORDS + "\ufffd"), "draft-damaged-character", id="a damaged character"),
    pytest.param(p(W_WORDS + "e" + "\u0301" * 40), "draft-marks-piled-up", id="marks piled up"),
    pytest.param(
        p(run(W_WORDS), "<w:r><w:softHyphen/></w:r>"),
        "draft-invisible-character",
        id="a hyphen that doesn't show",
    ),
    pytest.param(
        p(run(W_WORDS), '<w:r><w:footnoteReference w:id="9"/></w:r>'),
        "word-package-damaged",
        id="a footnote that isn't there",
    ),
]


@pytest.mark.parametrize(("body", "code"), REFUSED)
def test_what_is_no_plain_words_is_refused_by_paragraph(body: str, code: str) -> None:
    refusal = refused(a_letter(body))

    assert refusal.code == code
    assert refusal.where.startswith(AT_10.removesuffix("”)"))
    assert "{" not in refusal.message
    if code in REFUSALS:
        assert refusal.remedy == REFUSALS[code][1]


@pytest.mark.parametrize(
    ("note", "code"),
    [
        pytest.param(p(run("Hidden", "vanish")), "word-hidden-text", id="hidden words"),
        pytest.param(TBL.format(p("a")), "word-table", id="a table"),
        pytest.param("<x:y/>", "word-content-unknown", id="an unknown element"),
        pytest.param(
            p('<w:r><w:footnoteReference w:id="1"/></w:r>'),
            "word-content-unknown",
            id="a footnote",
        ),
    ],
)
def test_a_footnote_is_read_as_strictly_as_the_text(note: str, code: str) -> None:
    files = with_notes("footnotes", note)

    refusal = refused(a_letter(p(run(W_WORDS), MARK), **files))

    assert (refusal.code, refusal.where) == (code, AT_10)


MARK = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteReference w:id="1"/></w:r>'


def with_notes(kind: str, *content: str, **texts: str) -> dict[str, Any]:
    name = kind.removesuffix("s")
    part = (
        notes(name, **texts)
        if texts
        else notes(name, n1="x").replace(
            notes(name, n1="x").partition('w:id="1">')[2].partition(f"</w:{name}>")[0],
            "".join(content),
        )
    )
    return {
        "more": {f"word/{kind}.xml": part},
        "links": [relation(5, kind, f"{kind}.xml")],
    }


@pytest.mark.parametrize(
    ("body", "where", "said"),
    [
        pytest.param(
            ["<w:p/>"] * (MOST_PARAGRAPHS + 1),
            "draft.docx",
            "The document has more than 5,000 paragraphs.",
            id="too many paragraphs",
        ),
        pytest.param(
            [p("a " * 25_001)],
            f"draft.docx, paragraph 1 (“{'a ' * 20}…”)",
            "The paragraph has more than 50,000 characters.",
            id="too many characters in one",
        ),
        pytest.param(
            [p("a " * 25_000)] * 11,
            f"draft.docx, paragraph 11 (“{'a ' * 20}…”)",
            "The document has more than 500,000 characters.",
            id="too many in all",
        ),
    ],
)
def test_more_than_a_letter_can_be_is_refused(body: list[str], where: str, said: str) -> None:
    refusal = refused(zipped(parts(*body), zipfile.ZIP_STORED))

    assert (refusal.code, refusal.where, refusal.message) == ("word-too-long", where, said)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param((), id="no paragraphs"),
        pytest.param((p(), p("  \u00a0 "), p("<w:r><w:br/></w:r>")), id="blank ones"),
    ],
)
def test_a_file_without_words_is_refused(body: tuple[str, ...]) -> None:
    assert refused(a_docx(*body)).code == "draft-empty"


def test_a_passage_longer_than_letters_have_is_refused() -> None:
    assert refused(a_letter(p("word " * 5000))).code == "draft-passage-too-long"


def test_messages_quote_nothing_that_could_turn_or_flood_them() -> None:
    refusal = refused(a_letter(TBL.format(p("a\u202eb" + "c" * 100))))

    assert refusal.where == f"draft.docx, paragraph 10 (“a b{'c' * 37} …”)"


def test_every_refusal_is_tested() -> None:
    from test_word_package import PACKAGES

    tested = {param.values[1] for param in (*REFUSED, *PACKAGES)}

    assert set(REFUSALS) - tested == {"word-too-long"}


BODY = [
    pytest.param(p("A\tb"), "A b", id="a tab"),
    pytest.param(p("<w:r><w:t>A</w:t><w:tab/><w:t>b</w:t></w:r>"), "A b", id="a tab of Word's"),
    pytest.param(
        p("<w:r><w:t>co</w:t><w:noBreakHyphen/><w:t>op</w:t></w:r>"),
        "co-op",
        id="a hyphen that doesn't break",
    ),
    pytest.param(p("10\u00a0days"), "10\u00a0days", id="a space that doesn't break"),
    pytest.param(p(run("A "), run(" b")), "A b", id="two spaces, in two runs"),
    pytest.param(
        p("<w:r><w:t>A </w:t></w:r>", "<w:r><w:t>b</w:t></w:r>"),
        "Ab",
        id="a space that Word drops, for it isn't marked to be kept",
    ),
    pytest.param(
        p("<w:r><w:t>A</w:t></w:r>", '<w:r xml:space="preserve"><w:t> </w:t></w:r>', run("b")),
        "A b",
        id="a space kept by the run's own mark",
    ),
    pytest.param(
        p(run("caf"), run("e"), run("\u0301")), "café", id="an accent in a run of its own"
    ),
    pytest.param(
        p(f"<w:smartTag><w:smartTagPr/>{run('A')}</w:smartTag>", run(" b")), "A b", id="a smart tag"
    ),
    pytest.param(
        p(f"<w:sdt><w:sdtPr/><w:sdtContent>{run('A b')}</w:sdtContent></w:sdt>"),
        "A b",
        id="a control filled in",
    ),
    pytest.param(
        f"<w:sdt><w:sdtPr/><w:sdtContent>{p('A b')}</w:sdtContent></w:sdt>",
        "A b",
        id="a paragraph in a control",
    ),
    pytest.param(
        p('<w:bookmarkStart w:id="1"/>', run("A b"), "<w:proofErr/>", '<w:bookmarkEnd w:id="1"/>'),
        "A b",
        id="marks between words",
    ),
    pytest.param(
        p("<w:r><w:lastRenderedPageBreak/></w:r>", run("A b"), '<w:r><w:br w:type="page"/></w:r>'),
        "A b",
        id="page breaks",
    ),
    pytest.param(
        p(run("made on the 1"), run("st", 'vertAlign w:val="superscript"'), run(" day")),
        "made on the 1st day",
        id="an ordinal's raised letters",
    ),
    pytest.param(p(run("A b", 'vanish w:val="0"')), "A b", id="words expressly not hidden"),
    pytest.param(
        p(run("A b", 'vanish w:val="false"'), style="Unseen"), "A b", id="shown in a hidden style"
    ),
    pytest.param(p("A b", properties=numbered(0)), "A b", id="taken out of its list"),
    pytest.param(p("A b", properties=numbered(77)), "A b", id="in a list that isn't there"),
    pytest.param(p("A b", properties=numbered(5)), "A b", id="in a list without signs"),
]


@pytest.mark.parametrize(("body", "text"), BODY)
def test_words_are_read_as_word_shows_them(body: str, text: str) -> None:
    reading = read_docx(a_letter(body))

    assert reading.opening[1:] == (Passage(style="paragraph", text=text),)
    assert reading.doubts == ()
    assert reading.leftovers == ()


def emphasis(start: int, end: int, style: str) -> Emphasis:
    return Emphasis.model_validate({"start": start, "end": end, "style": style})


@pytest.mark.parametrize(
    ("body", "text", "spans"),
    [
        pytest.param(
            p(run("A "), run("bold", "b"), run(" word")),
            "A bold word",
            (emphasis(2, 6, "bold"),),
            id="bold",
        ),
        pytest.param(
            p(run("A "), run("word", "i"), run(", "), run("two", "b", "i")),
            "A word, two",
            (emphasis(2, 7, "italic"), emphasis(8, 11, "bold-italic")),
            id="italic, and both",
        ),
        pytest.param(
            p(run("A"), run("  bold ", "b"), run(" words ", "b"), run("x.")),
            "A bold words x.",
            (emphasis(2, 12, "bold"),),
            id="bold in two runs, and spaces around",
        ),
        pytest.param(
            p(run("a", "b"), run(" "), run("b", "b"), run(" c.")),
            "a b c.",
            (emphasis(0, 3, "bold"),),
            id="a plain space between bold words",
        ),
        pytest.param(
            p(run("cafe", "b"), run("\u0301", "i"), run(" a.")),
            "café a.",
            (emphasis(0, 4, "bold"),),
            id="an accent set otherwise than its letter",
        ),
        pytest.param(
            p('<w:r><w:rPr><w:rStyle w:val="Strong"/></w:rPr><w:t>Bold</w:t></w:r>', run(" a.")),
            "Bold a.",
            (emphasis(0, 4, "bold"),),
            id="bold by the run's style",
        ),
        pytest.param(
            p("A sentence.", style="BoldText"),
            "A sentence.",
            (emphasis(0, 11, "bold"),),
            id="bold by the paragraph's style",
        ),
        pytest.param(
            p(
                '<w:r><w:rPr><w:rStyle w:val="Strong"/></w:rPr><w:t>A b.</w:t></w:r>',
                style="BoldText",
            ),
            "A b.",
            (),
            id="bold by both styles is plain",
        ),
        pytest.param(
            p(run("A b.", 'b w:val="0"'), style="BoldText"), "A b.", (), id="bold taken off"
        ),
    ],
)
def test_bold_and_italics_are_kept(body: str, text: str, spans: tuple[Emphasis, ...]) -> None:
    assert read_docx(a_letter(body)).opening[1:] == (
        Passage(style="paragraph", text=text, emphasis=spans),
    )


def linked(text: str, number: int = 9) -> str:
    return f'<w:hyperlink r:id="rId{number}">{run(text)}</w:hyperlink>'


@pytest.mark.parametrize(
    ("content", "target", "text", "proposed"),
    [
        pytest.param(linked(said), target, said, "", id=f"{said} for {target}")
        for said, target in (
            ("https://example.org", "https://example.org/"),
            ("www.example.org/a", "http://www.example.org/a"),
            ("Example.org", "https://www.example.org"),
            ("a@example.org", "mailto:a@example.org"),
        )
    ]
    + [
        pytest.param(
            linked("our site"),
            "https://example.org/a",
            "our site (https://example.org/a)",
            "our site (https://example.org/a)",
            id="other words",
        ),
        pytest.param(
            linked("write") + linked(" to us"),
            "mailto:a@example.org",
            "write to us (a@example.org)",
            "write to us (a@example.org)",
            id="a link that Word has cut in two",
        ),
        pytest.param(
            linked("our site "),
            "https://example.org",
            "our site (https://example.org)",
            "our site (https://example.org)",
            id="a space at its end",
        ),
        pytest.param(
            field('HYPERLINK "https://example.org"', "our site"),
            "",
            "our site (https://example.org)",
            "our site (https://example.org)",
            id="a field",
        ),
        pytest.param(
            '<w:fldSimple w:instr="HYPERLINK &quot;https://example.org&quot;">'
            + run("our site")
            + "</w:fldSimple>",
            "",
            "our site (https://example.org)",
            "our site (https://example.org)",
            id="a simple field",
        ),
        pytest.param(
            field('HYPERLINK \\l "part"', "the part"), "", "the part", "", id="a place within"
        ),
        pytest.param(
            f'<w:hyperlink w:anchor="part">{run("the part")}</w:hyperlink>',
            "",
            "the part",
            "",
            id="a place within, by name",
        ),
        pytest.param(linked("the part", 77), "", "the part", "", id="a target that isn't there"),
    ],
)
def test_a_link_says_where_it_leads(content: str, target: str, text: str, proposed: str) -> None:
    link = relation(9, "hyperlink", target, is_outside=True)

    reading = read_docx(a_letter(p(run("See "), content, run(" now.")), links=[link]))

    assert reading.opening[1].text == f"See {text} now."
    assert [
        (doubt.code, doubt.place, doubt.proposed, doubt.is_blocking) for doubt in reading.doubts
    ] == ([("link-target", "opening/2", proposed, True)] if proposed else [])


def test_two_links_in_one_paragraph_each_say_where_they_lead() -> None:
    links = [relation(n, "hyperlink", f"https://example.org/{n}", is_outside=True) for n in (8, 9)]
    body = p(linked("One", 8), run(", "), linked("two", 9), run(" and "), run("bold", "b"))

    reading = read_docx(a_letter(body, links=links))

    assert reading.opening[1].text == (
        "One (https://example.org/8), two (https://example.org/9) and bold"
    )
    assert reading.opening[1].emphasis == (emphasis(61, 65, "bold"),)
    assert doubts_of(reading) == [("link-target", "opening/2")] * 2


@pytest.mark.parametrize(
    ("content", "code", "read"),
    [
        pytest.param(
            run("line", 'u w:val="single"'), "underlining-lost", "line", id="underlined words"
        ),
        pytest.param(
            run("a", 'u w:val="single"') + run("b", 'u w:val="double"'),
            "underlining-lost",
            "a b",
            id="underlined in two runs",
        ),
        pytest.param(
            run("colour", 'highlight w:val="yellow"'),
            "highlighting-lost",
            "colour",
            id="marked words",
        ),
        pytest.param(run("2", 'vertAlign w:val="superscript"'), "raised-text", "2", id="a power"),
        pytest.param(
            run("2", 'vertAlign w:val="subscript"'), "raised-text", "2", id="a lowered figure"
        ),
        pytest.param(field('DATE \\@ "d MMMM"', "8 March"), "date-field", "8 March", id="a date"),
    ],
)
def test_what_a_letter_cannot_look_like_is_a_doubt(content: str, code: str, read: str) -> None:
    reading = read_docx(a_letter(p(run("Some "), content, run(" here."))))

    assert [(d.code, d.place, d.read, d.is_blocking) for d in reading.doubts] == [
        (code, "opening/2", read, IS_BLOCKING[code])
    ]


def test_a_doubt_blocks_unless_the_same_words_are_printed_either_way() -> None:
    assert {code for code, is_blocking in IS_BLOCKING.items() if not is_blocking} == {
        *("underlining-lost", "highlighting-lost", "heading-too-deep", "bullet-typed"),
        "header-removed",
    }


def test_a_doubt_about_a_line_of_the_head_stands_there() -> None:
    dated = p(field("DATE", "8 March 2011"))

    reading = read_docx(a_docx(dated, *HEAD[1:]))

    assert reading.date == "8 March 2011"
    assert ("date-field", "date") in doubts_of(reading)


def test_bullets_come_from_the_paragraph_or_its_styles() -> None:
    read = section(
        p("One.", style="Bullets"),
        p("Two.", style="MyBullets"),
        p("Three.", properties=numbered(1)),
    )

    assert [(each.style, each.text) for each in read.passages] == [
        ("item", "One."),
        ("item", "Two."),
        ("item", "Three."),
    ]


def test_simple_numbers_are_counted_as_word_shows_them() -> None:
    body = [
        p("One.", properties=numbered(2)),
        p("Two.", properties=numbered(2)),
        p("Within.", properties=numbered(2, 1)),
        p("Between."),
        p("Three.", properties=numbered(2)),
        p("Within again.", properties=numbered(2, 1)),
        p("One anew.", properties=numbered(6)),
        p(run("Bold", "b"), run(" two."), properties=numbered(6)),
    ]

    reading = read_docx(a_letter(*body))

    assert [each.text for each in reading.opening[1:]] == [
        *("1. One.", "2. Two.", "(1) Within.", "Between.", "3. Three.", "(1) Within again."),
        *("1. One anew.", "2. Bold two."),
    ]
    assert {each.style for each in reading.opening} == {"paragraph"}
    assert reading.opening[8].emphasis == (emphasis(3, 7, "bold"),)
    assert doubts_of(reading) == [
        ("numbers-as-text", f"opening/{n}") for n in (2, 3, 4, 6, 7, 8, 9)
    ]
    assert reading.doubts[0].read == "One."
    assert reading.doubts[0].proposed == "1. One."


def test_an_item_within_an_item_is_a_doubt() -> None:
    reading = read_docx(
        a_letter(
            p("Strengths"), p("One.", style="Bullets"), p("Within.", properties=numbered(1, 1))
        )
    )

    assert [each.style for each in reading.sections[0].passages] == ["item", "item"]
    assert doubts_of(reading) == [("item-nested", "strengths/2")]


def test_a_footnote_goes_to_the_end_of_the_section_that_calls_it() -> None:
    files = with_notes("footnotes", n1="Of the law.", n2="Another.")
    second = MARK.replace('"1"', '"2"')

    reading = read_docx(
        a_letter(
            p("Strengths"),
            p(run("One"), MARK, run(" strength.")),
            p("Two."),
            p("Satisfactory practice", second),
            p("Three."),
            **files,
        )
    )

    assert [(s.heading, [each.text for each in s.passages]) for s in reading.sections] == [
        ("Strengths", ["One1 strength.", "Two.", "1 Of the law."]),
        ("Satisfactory practice2", ["Three.", "2 Another."]),
    ]
    moved = [doubt for doubt in reading.doubts if doubt.code == "footnote-moved"]
    assert [(d.place, d.read, d.is_blocking) for d in moved] == [
        ("strengths/3", "1 Of the law.", True),
        ("satisfactory-practice/2", "2 Another.", True),
    ]


def test_endnotes_are_read_as_footnotes_and_typed_marks_as_they_stand() -> None:
    files = with_notes("endnotes", n1="At the end.")
    mark = '<w:r><w:endnoteReference w:id="1" w:customMarkFollows="1"/><w:t>*</w:t></w:r>'

    reading = read_docx(a_letter(p(run("Noted"), mark, run(".")), **files))

    assert [each.text for each in reading.opening[1:]] == ["Noted*.", "At the end."]
    assert doubts_of(reading) == [("footnote-moved", "opening/3")]


def test_a_footnote_called_from_the_head_goes_to_the_opening() -> None:
    files = with_notes("footnotes", n1="Retired.")

    reading = read_docx(a_docx(HEAD[0], p("Ms Jo Ash", MARK), *HEAD[5:], p("End."), **files))

    assert reading.addressees[0].name == "Ms Jo Ash1"
    assert [each.text for each in reading.opening] == [
        *("This letter summarises the findings.", "End.", "1 Retired."),
    ]


def test_what_is_odd_in_a_footnote_is_a_doubt_about_it() -> None:
    note = p(run("Very", 'u w:val="single"'))

    reading = read_docx(a_letter(p(run("One."), MARK), **with_notes("footnotes", note)))

    assert doubts_of(reading) == [
        ("footnote-moved", "opening/3"),
        ("underlining-lost", "opening/3"),
    ]


def test_headers_and_footers_are_left_over() -> None:
    running = {
        "word/header1.xml": header(
            p(run("The Office"), "<w:r><w:tab/></w:r>", run("Letters"), "<w:r><w:drawing/></w:r>"),
            p(),
            TBL.format(p("In a table")),
        ),
        "word/footer1.xml": header(p(field("PAGE", "2")), kind="ftr"),
    }
    links = [relation(7, "header", "header1.xml"), relation(8, "footer", "footer1.xml")]
    references = (
        '<w:sectPr><w:headerReference w:type="default" r:id="rId7"/>'
        '<w:headerReference w:type="first" r:id="rId7"/>'
        '<w:footerReference w:type="default" r:id="rId8"/></w:sectPr>'
    )

    reading = read_docx(a_letter(references, more=running, links=links))

    assert reading.leftovers == ("The Office Letters[picture]", "In a table", "2")
    assert [(d.code, d.place, d.is_blocking) for d in reading.doubts] == [
        ("header-removed", "", False)
    ]


def test_a_text_box_in_a_header_is_told_once() -> None:
    box = (
        "<w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent>{0}</w:txbxContent>"
        "</w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>{0}</w:txbxContent></w:pict>"
        "</mc:Fallback></mc:AlternateContent></w:r>"
    )
    running = {"word/header1.xml": header(p(run("Above"), box.format(p("In a box"))))}
    body = '<w:sectPr><w:headerReference w:type="default" r:id="rId8"/></w:sectPr>'

    reading = read_docx(a_letter(body, more=running, links=[relation(8, "header", "header1.xml")]))

    assert reading.leftovers == ("Above", "In a box")


def test_page_numbers_alone_are_left_over_without_a_doubt() -> None:
    running = {"word/footer1.xml": header(p(field("PAGE", "2")), kind="ftr")}
    body = '<w:sectPr><w:footerReference w:type="default" r:id="rId8"/></w:sectPr>'

    reading = read_docx(a_letter(body, more=running, links=[relation(8, "footer", "footer1.xml")]))

    assert (reading.leftovers, reading.doubts) == (("2",), ())


def test_a_header_holds_no_invisible_characters_either() -> None:
    running = {"word/header1.xml": header(p("The\u202eOffice"))}
    body = '<w:sectPr><w:headerReference w:type="default" r:id="rId8"/></w:sectPr>'

    refusal = refused(a_letter(body, more=running, links=[relation(8, "header", "header1.xml")]))

    assert (refusal.code, refusal.where) == (
        "draft-direction-character",
        "draft.docx, header, character 4",
    )
