"""Plain text: lists, wrapped paragraphs, headings, closing, and what a break cut in two."""

from __future__ import annotations

import pytest
from drafts import (
    LIST,
    WRAPPED,
    a_kind,
    a_register,
    a_text,
    doubts_of,
    item,
    paragraph,
    read,
)

from letters.letter import Passage
from letters.reading import ReadSection
from tasks.drafting.text.body import take_pieces
from tasks.drafting.text.headings import Headings
from tasks.drafting.text.layout import Layout, width_of
from tasks.drafting.text.lines import blocks_of, split_lines
from tasks.drafting.text.notes import Notes
from tasks.drafting.text.reader import read_text


@pytest.mark.parametrize(
    ("body", "passages", "doubts"),
    [
        pytest.param("- a.\n- b.", (item("a."), item("b.")), [], id="dashes"),
        pytest.param(
            "◼ a.\n• b.\n\uf06e c.", (item("a."), item("b."), item("c.")), [], id="bullets"
        ),
        pytest.param("–  a.\n\n—\tb.", (item("a."), item("b.")), [], id="long dashes, wide apart"),
        pytest.param("◼\na.\n◼\n", (item("a."),), [], id="bullets on lines of their own"),
        pytest.param(
            "- a and\n\n\n\nb.\n\n- c.",
            (item("a and b."), item("c.")),
            [("page-break-joined", "strengths/1")],
            id="an item broken over a page",
        ),
        pytest.param(
            "- a and the\n\n\n\nLocal Board.\n\n- c.",
            (item("a and the Local Board."), item("c.")),
            [("page-break-joined", "strengths/1")],
            id="broken before a capital letter",
        ),
        pytest.param(
            "- a and\n\n1\n\nb\n\x0c\nand c.\n- d.",
            (item("a and b and c."), item("d.")),
            [
                ("page-numbers-removed", ""),
                ("passage-over-pages", "strengths/1"),
                ("passage-over-pages", "strengths/1"),
            ],
            id="broken by a page number and by a form feed",
        ),
        pytest.param(
            "- a and\n\nb.\n\n- c.",
            (item("a and b."), item("c.")),
            [("page-break-joined", "strengths/1")],
            id="broken by a single blank line before small letters",
        ),
        pytest.param(
            "- a and\n\nLocal Board.\n- c.",
            (item("a and"), item("Local Board."), item("c.")),
            [("item-without-dash", "strengths/2")],
            id="a single blank line before a capital letter joins nothing",
        ),
        pytest.param(
            "A.\n\n\n\n- b.\n- c.",
            (item("A."), item("b."), item("c.")),
            [("item-without-dash", "strengths/1")],
            id="the first item without its dash",
        ),
        pytest.param(
            "- a.\n- b and\n- c.", (item("a."), item("b and"), item("c.")), [], id="without a stop"
        ),
        pytest.param(
            "We saw:\n\n- b.\n- c.",
            (paragraph("We saw:"), item("b."), item("c.")),
            [],
            id="a line that announces the list",
        ),
        pytest.param(
            "1. A.\n2. B.", (paragraph("1. A."), paragraph("2. B.")), [], id="numbers stay words"
        ),
    ],
)
def test_lists_are_read(
    body: str, passages: tuple[Passage, ...], doubts: list[tuple[str, str]]
) -> None:
    after = "\n\nSatisfactory practice\n\n- z."

    reading = read(a_text(body=f"{LIST}{body}{after}"))

    assert reading.sections[0] == ReadSection(heading="Strengths", passages=passages)
    assert doubts_of(reading) == doubts


HANGING = (
    "- children are seen promptly and alone where that is right for them, and the views\n"
    "  that they have are written down. This is so.\n"
    "  Managers look at them."
)


@pytest.mark.parametrize(
    ("below", "passages", "doubts"),
    [
        pytest.param("", 1, [], id="a line that ends early within an item"),
        pytest.param(
            "\n\n   However, not all.",
            1,
            [("page-break-joined", "strengths/1")],
            id="a sentence of the item on the next page, under its words",
        ),
        pytest.param(
            "\nInspectors looked.",
            2,
            [("paragraph-without-blank-line", "strengths/2")],
            id="a paragraph at the margin right below",
        ),
        pytest.param("\n\nInspectors looked.", 2, [], id="a paragraph below a blank line"),
    ],
)
def test_items_with_hanging_indents_are_read(
    below: str, passages: int, doubts: list[tuple[str, str]]
) -> None:
    body = f"{WRAPPED}\n\nStrengths\n\n{HANGING}{below}\n\nAreas for development\n\n- b."

    reading = read(a_text(body=body))

    assert len(reading.sections[0].passages) == passages
    found = [doubt for doubt in doubts_of(reading) if doubt[0] != "item-without-dash"]
    assert found == doubts


@pytest.mark.parametrize(
    ("style", "body", "styles"),
    [
        pytest.param("either", "A.\n\nB.\n\n- c.", ["paragraph"] * 2 + ["item"], id="few dashes"),
        pytest.param("items", "A.\n\nB.\n\n- c.", ["item"] * 3, id="few dashes in a list"),
        pytest.param("items", "A.\n\nB.", ["paragraph"] * 2, id="no dash at all"),
        pytest.param("prose", "A.\n\n- b.\n- c.", ["paragraph"] + ["item"] * 2, id="prose"),
    ],
)
def test_the_kind_says_which_sections_are_lists(style: str, body: str, styles: list[str]) -> None:
    rules = [
        {"key": "strengths", "heading": "Strengths", "style": style},
        {"key": "more", "heading": "More"},
    ]

    reading = read_text(
        a_text(body=f"{LIST}{body}\n\nMore\n\n- z."),
        register=a_register(),
        kinds=(a_kind(sections=rules),),
        source="draft.txt",
    )

    assert [passage.style for passage in reading.sections[0].passages] == styles


def test_a_bullet_without_words_is_a_leftover() -> None:
    assert read(a_text(body=f"{LIST}- a.\n\n◼")).leftovers == ("◼",)


@pytest.mark.parametrize(
    ("below", "passages", "closing", "doubts"),
    [
        pytest.param(
            "- c.\n\nD.\n\nWhen we next inspect Westmere Council, we shall look.",
            ("c.", "D."),
            ("When we next inspect Westmere Council, we shall look.",),
            [("closing-by-wording", "closing"), ("item-without-dash", "strengths/4")],
            id="the kind's own closing, below an item without dash",
        ),
        pytest.param(
            "The areas for development identified above will be considered.\n\nThank you.",
            (),
            ("The areas for development identified above will be considered.", "Thank you."),
            [("closing-by-wording", "closing")],
            id="a closing of two paragraphs",
        ),
        pytest.param(
            "D.\n\nThank you.",
            ("D.",),
            ("Thank you.",),
            [("closing-unclear", "closing"), ("item-without-dash", "strengths/3")],
            id="a closing told only by its place",
        ),
        pytest.param("- c.", ("c.",), (), [], id="no closing"),
        pytest.param(
            "- c and\n\n\n\nWhen we next inspect Westmere Council, we shall look.",
            ("c and",),
            ("When we next inspect Westmere Council, we shall look.",),
            [("closing-by-wording", "closing")],
            id="a closing never goes on with an item",
        ),
    ],
)
def test_the_closing_is_apart_from_the_last_item(
    below: str, passages: tuple[str, ...], closing: tuple[str, ...], doubts: list[tuple[str, str]]
) -> None:
    reading = read(a_text(body=f"{LIST}- a.\n- b.\n\n{below}"))

    assert reading.sections[0].passages == tuple(item(text) for text in ("a.", "b.", *passages))
    assert reading.closing == tuple(paragraph(text) for text in closing)
    assert doubts_of(reading) == doubts


def test_a_heading_that_stands_twice_gives_two_places() -> None:
    broken = "Overview\n\nFirst and\n\nlast.\n\n"

    reading = read(a_text(body=f"Opening.\n\n{broken}{broken}Strengths\n\n- a."))

    assert doubts_of(reading) == [
        ("page-break-joined", "overview/1"),
        ("page-break-joined", "overview-2/1"),
    ]


def test_a_last_paragraph_of_prose_stays_in_its_section_with_a_doubt() -> None:
    reading = read(a_text(body="Opening.\n\nOverview\n\nFirst.\n\nLast."))

    assert reading.sections[0].passages == (paragraph("First."), paragraph("Last."))
    assert reading.closing == ()
    assert doubts_of(reading) == [("closing-not-found", "closing")]


def test_a_last_paragraph_below_items_of_another_section_is_no_sure_closing() -> None:
    rules = [{"key": "overview", "heading": "Overview", "style": "either"}]

    reading = read_text(
        a_text(body="Opening.\n\nOverview\n\n- First.\n\nLast."),
        register=a_register(),
        kinds=(a_kind(sections=rules),),
        source="draft.txt",
    )

    assert reading.sections[0].passages == (item("First."), paragraph("Last."))
    assert doubts_of(reading) == [("closing-unclear", "closing")]


@pytest.mark.parametrize(
    ("body", "opening", "doubts"),
    [
        pytest.param(WRAPPED, 1, [], id="wrapped lines are one paragraph"),
        pytest.param(
            f"{WRAPPED}\nThey do.\n{WRAPPED}",
            2,
            [("paragraph-without-blank-line", "opening/2")],
            id="a paragraph that ends early, without a blank line",
        ),
        pytest.param(
            f"{WRAPPED[:-5]}\n\nSafeguarding Boards know it.\n\n{WRAPPED}",
            2,
            [("page-break-joined", "opening/1")],
            id="a full line without a full stop goes on below a blank line",
        ),
        pytest.param(
            f"{WRAPPED.splitlines()[0]}\n\nSafeguarding Boards know it.\n\n{WRAPPED}",
            2,
            [("page-break-joined", "opening/1")],
            id="a single full line is no heading",
        ),
        pytest.param(
            f"{WRAPPED[:-5]}\n\nand do so.\n\n{WRAPPED}",
            2,
            [("passage-over-pages", "opening/1")],
            id="a full line goes on in small letters",
        ),
        pytest.param(
            f"{WRAPPED[:-5]}\n\n(LSCB) do so.\n\n{WRAPPED}",
            2,
            [("passage-over-pages", "opening/1")],
            id="a full line goes on in brackets",
        ),
        pytest.param(
            f"{WRAPPED[:-5]}\n\n1\n\nSafeguarding Boards know it.\n\n{WRAPPED}",
            2,
            [("page-numbers-removed", ""), ("passage-over-pages", "opening/1")],
            id="a full line goes on in capitals over a page number",
        ),
        pytest.param(
            f"{WRAPPED}\n\n1\n\nSafeguarding Boards know it.\n\n{WRAPPED}",
            3,
            [("page-numbers-removed", "")],
            id="a sentence that ended goes on nowhere",
        ),
        pytest.param(
            f"{WRAPPED}\n\nThey say ‘this is so.’\n\n{WRAPPED}",
            3,
            [],
            id="a short sentence that ends in quotation marks is no heading",
        ),
        pytest.param(
            f"{WRAPPED[:-10]}\n\n1\n\nIt is good.\n\n{WRAPPED}",
            2,
            [("page-numbers-removed", ""), ("page-break-joined", "opening/1")],
            id="a line that had room for the next word goes on over a page number",
        ),
        pytest.param(
            f"{WRAPPED}\n8. So it is said of them.",
            1,
            [],
            id="a number out of its order begins no paragraph",
        ),
        pytest.param(
            f"1. {WRAPPED[:-5]}\n\n1\n\n  and do so.\n2. They do.\n3. {WRAPPED}",
            3,
            [("page-numbers-removed", ""), ("passage-over-pages", "opening/1")],
            id="numbered paragraphs go on over a page",
        ),
        pytest.param(
            f"{WRAPPED[:-5]}\n- which is good, and which we want to see in every such\nreport.",
            1,
            [("dash-in-text", "opening/1")],
            id="a dash in the sentence that came to stand first",
        ),
    ],
)
def test_wrapped_paragraphs_are_joined(
    body: str, opening: int, doubts: list[tuple[str, str]]
) -> None:
    reading = read(a_text(body=body))

    assert (len(reading.opening), doubts_of(reading)) == (opening, doubts)


@pytest.mark.parametrize(
    ("share", "code"),
    [
        pytest.param(0.965, "paragraph-without-blank-line", id="there was room for the next word"),
        pytest.param(0.975, "paragraph-split", id="there may have been room"),
        pytest.param(0.985, "", id="there was none"),
    ],
)
def test_a_new_paragraph_is_as_sure_as_the_room_that_was_left(share: float, code: str) -> None:
    blocks = blocks_of(split_lines("Managers read what is written.\nInspectors looked at it."))
    needed = width_of(split_lines("Managers read what is written. Inspectors")[0])

    pieces = take_pieces(blocks, Layout("widths", round(needed / share)), Headings(None), Notes())

    assert [mark[0] for piece in pieces for mark in piece.marks] == ([code] if code else [])


ITEM = "- children are seen promptly and alone where that is right for them, and the\n  views"


@pytest.mark.parametrize(
    ("below", "passages", "doubts"),
    [
        pytest.param(
            "\n\n1\n\n   they have are heard.",
            1,
            [("page-numbers-removed", ""), ("passage-over-pages", "strengths/1")],
            id="in small letters over a page",
        ),
        pytest.param(
            " are heard.\n\n1\n\n   Managers look at them.",
            1,
            [("page-numbers-removed", ""), ("passage-over-pages", "strengths/1")],
            id="with another sentence under its words, over a page",
        ),
        pytest.param(
            " they have\n\n1\n\n   In Westmere they are heard.",
            1,
            [("page-numbers-removed", ""), ("passage-over-pages", "strengths/1")],
            id="in capitals under its words, over a page",
        ),
        pytest.param(
            f" {'they have ' * 7}\n\n1\n\nManagers look at them.",
            2,
            [("page-numbers-removed", ""), ("item-without-dash", "strengths/2")],
            id="with nothing that stands at the margin, where items hang",
        ),
        pytest.param(
            " are heard.\n\n1\n\n          Managers look at them.",
            2,
            [("page-numbers-removed", ""), ("item-without-dash", "strengths/2")],
            id="with nothing that stands far to the right of its words",
        ),
    ],
)
def test_an_item_goes_on(below: str, passages: int, doubts: list[tuple[str, str]]) -> None:
    after = "\n\nAreas for development\n\n- b."

    reading = read(a_text(body=f"{WRAPPED}\n\nStrengths\n\n{ITEM}{below}{after}"))

    assert (len(reading.sections[0].passages), doubts_of(reading)) == (passages, doubts)


@pytest.mark.parametrize(
    ("between", "passages", "doubts"),
    [
        pytest.param("", 2, [("item-without-dash", "strengths/2")], id="nothing past a blank line"),
        pytest.param("\n", 1, [("page-break-joined", "strengths/1")], id="what stands past a gap"),
        pytest.param(
            "1\n\n",
            1,
            [("page-numbers-removed", ""), ("page-break-joined", "strengths/1")],
            id="what stands past a page number",
        ),
    ],
)
def test_where_no_item_hangs_a_full_line_goes_on_with(
    between: str, passages: int, doubts: list[tuple[str, str]]
) -> None:
    one = "- children are seen promptly and alone where that is right for them, and the views"
    below = f"\n\n{between}Managers look at them.\n\nAreas for development\n\n- b."

    reading = read(a_text(body=f"{WRAPPED}\n\nStrengths\n\n{one}{below}"))

    assert (len(reading.sections[0].passages), doubts_of(reading)) == (passages, doubts)


def test_a_dash_below_a_full_line_of_an_item_begins_another() -> None:
    one = "- children are seen promptly and alone where that is right for them, and the views"

    reading = read(a_text(body=f"{WRAPPED}\n\nStrengths\n\n{one}\n- promptly"))

    assert [passage.text for passage in reading.sections[0].passages] == [one[2:], "promptly"]
    assert doubts_of(reading) == []


def test_a_paragraph_among_items_stays_one_where_the_kind_knows_no_list() -> None:
    rules = [{"key": "findings", "heading": "Findings"}]

    reading = read_text(
        a_text(body="Opening.\n\nFindings\n\n- a.\n\nB.\n\n- c.\n\nWe saw:\n\n- d."),
        register=a_register(),
        kinds=(a_kind(sections=rules),),
        source="draft.txt",
    )

    assert reading.sections[0].passages == (
        item("a."),
        paragraph("B."),
        item("c."),
        paragraph("We saw:"),
        item("d."),
    )
    assert doubts_of(reading) == [("paragraph-among-items", "findings/2")]


@pytest.mark.parametrize(
    ("body", "headings", "doubts"),
    [
        pytest.param("A.\n\nOverview\n\nB.", ["Overview"], [], id="alone in its block"),
        pytest.param(
            f"A.\n\nOverview\n{WRAPPED}",
            ["Overview"],
            [("heading-without-blank-line", "overview")],
            id="right above its paragraph",
        ),
        pytest.param(
            f"A.\n\n{WRAPPED}\nStrengths\n- b.",
            ["Strengths"],
            [],
            id="a known heading right below a paragraph",
        ),
        pytest.param(
            "A.\n\nWhat needs to improve?\n\n- b.", ["What needs to improve?"], [], id="a question"
        ),
        pytest.param("A.\n\nWe looked at:\n\n- b.", [], [], id="an announcement is none"),
        pytest.param("A.\n\nThis is a sentence.\n\n- b.", [], [], id="a sentence is none"),
        pytest.param(
            "A.\n\nOverview\n\nB.\n\nOverview\n\nC.", ["Overview", "Overview"], [], id="one twice"
        ),
        pytest.param(
            f"A.\n\n{WRAPPED}\n\nAreas for\ndevelopment\nManagers look.\n",
            ["Areas for development"],
            [],
            id="a known heading of two lines",
        ),
        pytest.param(
            "A.\n\nAreas for\ndevelopment\n\n- b.",
            ["Areas for development"],
            [],
            id="a known heading of two lines, alone in its block",
        ),
    ],
)
def test_headings_are_told_from_paragraphs(
    body: str, headings: list[str], doubts: list[tuple[str, str]]
) -> None:
    reading = read(a_text(body=body))

    assert [section.heading for section in reading.sections] == headings
    found = [(code, place) for code, place in doubts_of(reading) if place != "closing"]
    assert found == doubts


@pytest.mark.parametrize(
    ("body", "levels", "doubts"),
    [
        pytest.param(
            "A.\n\nStrengths\n\n- b.\n\nPractice with families\n\n- c.",
            [("Strengths", 1), ("Practice with families", 2)],
            [("heading-unknown", "practice-with-families")],
            id="an unknown heading within a section",
        ),
        pytest.param(
            "A.\n\nOverview\n\nB.\n\nStrengths:\n\n- c.",
            [("Overview", 1), ("Strengths:", 1)],
            [],
            id="an unknown heading before all sections, for the composer to tell",
        ),
        pytest.param(
            "A.\n\nStrengths\n\n- b.\n\nAreas for developement\n\n- c.",
            [("Strengths", 1), ("Areas for developement", 1)],
            [],
            id="a misspelt heading, for the composer to tell",
        ),
    ],
)
def test_headings_have_levels(
    body: str, levels: list[tuple[str, int]], doubts: list[tuple[str, str]]
) -> None:
    reading = read(a_text(body=body))

    assert [(section.heading, section.level) for section in reading.sections] == levels
    assert doubts_of(reading) == doubts


def test_without_a_kind_all_headings_are_of_one_level() -> None:
    reading = read(a_text(subject="A letter", body="A.\n\nStrengths\n\n- b.\n\nPractice\n\n- c."))

    assert [(section.heading, section.level) for section in reading.sections] == [
        ("Strengths", 1),
        ("Practice", 1),
    ]
