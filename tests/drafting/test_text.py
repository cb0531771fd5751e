"""Plain text: what is told apart, what is joined, and the doubt that each guess leaves."""

from __future__ import annotations

from contextlib import suppress

import pytest
from drafts import SUBJECT, a_kind, a_register, a_text, doubts_of, read
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.letter import Addressee, Passage, Signatory
from letters.problem import DraftUnreadable
from letters.reading import CopyLine, ReadSection
from tasks.drafting.readers import MOST_SECTIONS, read_draft
from tasks.drafting.text import read_text
from tasks.drafting.text_notes import IS_BLOCKING
from tasks.drafting.text_words import join_lines, near_word

LIST = "Opening.\n\nStrengths\n\n"
# Wrapped as a PDF's text is: lines of some 80 characters.
WRAPPED = (
    "The inspection looked at the quality of referral and of assessment in the area and\n"
    "found that most children are seen promptly and alone where that is right for them.\n"
    "Managers read what their staff write down and ask them about it in supervision now."
)


def item(text: str) -> Passage:
    return Passage(style="item", text=text)


def paragraph(text: str) -> Passage:
    return Passage(style="paragraph", text=text)


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


HEAD = "8 March 2011\n\nMs Jo Ash\nWestmere Council\nTown Hall\n"
ASH = Addressee(role="director", name="Ms Jo Ash", lines=("Westmere Council", "Town Hall"))


@pytest.mark.parametrize(
    ("head", "date", "addressees", "leftovers", "doubts"),
    [
        pytest.param(
            "The Office\nTel 0300 123 1231\nwww.office.example\n\n" + HEAD,
            "8 March 2011",
            (ASH,),
            ("The Office", "Tel 0300 123 1231", "www.office.example"),
            [("letterhead-removed", "letterhead")],
            id="a letterhead above the date",
        ),
        pytest.param(
            "The Office T 0300 1231231 a@office.example www.office.example\n\n" + HEAD,
            "8 March 2011",
            (ASH,),
            ("The Office T 0300 1231231 a@office.example www.office.example",),
            [("letterhead-removed", "letterhead"), ("letterhead-run-together", "letterhead")],
            id="a letterhead run together",
        ),
        pytest.param(
            "Town     T 0300 1231231     a@office.example     www.office.example\n\n" + HEAD,
            "8 March 2011",
            (ASH,),
            ("Town T 0300 1231231 a@office.example www.office.example",),
            [("letterhead-removed", "letterhead")],
            id="a letterhead in columns",
        ),
        pytest.param(
            "sumarises@office.example\n\n" + HEAD,
            "8 March 2011",
            (ASH,),
            ("sumarises@office.example",),
            [("letterhead-removed", "letterhead"), ("letterhead-misspelt", "letterhead")],
            id="a letterhead with a misspelt word",
        ),
        pytest.param(
            "The Office\nHigh Street\n\n" + HEAD,
            "8 March 2011",
            (ASH,),
            ("The Office", "High Street"),
            [("letterhead-removed", "letterhead")],
            id="a letterhead without a telephone",
        ),
        pytest.param(
            "T 0300 1231231\n\nMs Jo Ash\nWestmere Council\nTown Hall",
            "",
            (ASH,),
            ("T 0300 1231231",),
            [("letterhead-removed", "letterhead")],
            id="no date",
        ),
        pytest.param(
            "Ms Jo Ash\nWestmere Council\n\n8 March 2011\nTown Hall",
            "8 March 2011",
            (ASH,),
            (),
            [("addressee-unclear", "addressees/1")],
            id="an address above and below the date",
        ),
        pytest.param(
            HEAD.replace("2011", "20111"),
            "8 March 20111",
            (ASH,),
            (),
            [("date-unclear", "date")],
            id="a date that is none",
        ),
        pytest.param(
            HEAD + "ash@westmere.example\n",
            "8 March 2011",
            (ASH,),
            ("ash@westmere.example",),
            [("contact-line-removed", "addressees")],
            id="an e-mail address in the address",
        ),
        pytest.param(
            "8 March 2011\n\nWestmere Council\nMs Jo Ash\nTown Hall",
            "8 March 2011",
            (ASH,),
            (),
            [("addressee-unclear", "addressees/1")],
            id="a name that stands second",
        ),
        pytest.param(
            "8 March 2011\n\nMr Al Elm\nWestmere Council\nTown Hall",
            "8 March 2011",
            (ASH.model_copy(update={"name": "Mr Al Elm"}),),
            (),
            [("addressee-role-unknown", "addressees/1")],
            id="a name that the register doesn't know",
        ),
        pytest.param(
            HEAD + "\nSam Birch\nWestmere Council",
            "8 March 2011",
            (
                ASH,
                Addressee(role="chief-executive", name="Sam Birch", lines=("Westmere Council",)),
            ),
            (),
            [],
            id="two addressees",
        ),
        pytest.param(
            "8 March 2011\n\nMs Jo Ash, Director, Westmere Council\nSam Birch, Chief Executive\n"
            "Kit Fell, Department",
            "8 March 2011",
            (
                Addressee(role="director", name="Ms Jo Ash", lines=("Director, Westmere Council",)),
                Addressee(role="chief-executive", name="Sam Birch", lines=("Chief Executive",)),
                Addressee(role="department", name="Kit Fell", lines=("Department",)),
            ),
            (),
            [("addressees-run-together", "addressees")],
            id="an addressee a line",
        ),
    ],
)
def test_the_head_is_told_apart(
    head: str,
    date: str,
    addressees: tuple[Addressee, ...],
    leftovers: tuple[str, ...],
    doubts: list[tuple[str, str]],
) -> None:
    reading = read(a_text(head=head))

    assert (reading.date, reading.addressees, reading.leftovers) == (date, addressees, leftovers)
    found = [(code, place) for code, place in doubts_of(reading) if not code.startswith("auth")]
    assert sorted(found) == sorted(doubts)


def test_a_text_without_salutation_keeps_every_word() -> None:
    reading = read(
        "Words.\n\nMore words.\n\nYours sincerely\n\nRobin Grey\nHer Majesty's Inspector\n"
    )

    assert reading.opening == (paragraph("Words."), paragraph("More words."))
    assert doubts_of(reading, "salutation-missing") == [("salutation-missing", "salutation")]


@pytest.mark.parametrize(
    ("subject", "kind", "doubts"),
    [
        pytest.param(SUBJECT.upper(), "unannounced-inspection", [], id="the title in capitals"),
        pytest.param("Inspection of Westmere", "", [("kind-unknown", "kind")], id="another title"),
        pytest.param(
            f"{SUBJECT}.",
            "unannounced-inspection",
            [("subject-unclear", "subject")],
            id="a subject that is a sentence",
        ),
    ],
)
def test_the_kind_is_told_by_the_subject(
    subject: str, kind: str, doubts: list[tuple[str, str]]
) -> None:
    reading = read(a_text(subject=subject))

    assert (reading.kind, reading.subject, doubts_of(reading)) == (kind, subject, doubts)


def test_of_two_titles_the_longer_is_the_kind() -> None:
    kinds = (a_kind(), a_kind(id="short", code="SH", title="Annual unannounced inspection"))

    reading = read_text(a_text(), register=a_register(), kinds=kinds, source="draft.txt")

    assert (reading.kind, reading.doubts) == ("unannounced-inspection", ())


def test_the_kind_is_told_by_its_headings_with_a_doubt() -> None:
    headings = ("Strengths:", "Satisfactory practice", "Areas for development")
    body = "Opening.\n\n" + "\n\n".join(f"{heading}\n\n- a." for heading in headings)

    reading = read(a_text(subject="Inspection of Westmere", body=body))

    assert reading.kind == "unannounced-inspection"
    assert tuple(section.heading for section in reading.sections) == headings
    assert doubts_of(reading) == [("kind-from-headings", "kind")]


@pytest.mark.parametrize(
    ("council", "authority", "doubts"),
    [
        pytest.param("WESTMERE COUNCIL", "westmere", [], id="the name in capitals"),
        pytest.param("North Westmere Council", "north-westmere", [], id="a name in a longer one"),
        pytest.param(
            "Council of Westmere",
            "westmere",
            [("authority-inferred", "authority")],
            id="the short name",
        ),
        pytest.param(
            "Westmere Council, North Westmere Council",
            "north-westmere",
            [],
            id="the longer of two names",
        ),
        pytest.param(
            "Eastmere Council",
            "westmere",
            [("authority-inferred", "authority")],
            id="the subject's short name",
        ),
    ],
)
def test_the_authority_is_told_by_the_register(
    council: str, authority: str, doubts: list[tuple[str, str]]
) -> None:
    head = f"8 March 2011\n\nMs Jo Ash\nDirector\n{council}"

    reading = read(a_text(head=head))

    assert reading.authority == authority
    assert doubts_of(reading, "authority-inferred", "authority-unknown") == doubts


def test_two_authorities_of_one_short_name_are_not_chosen_between() -> None:
    register = a_register()
    first, second = register.authorities
    twin = second.model_copy(update={"name": "Westmere City", "short_name": "Westmere"})

    reading = read_text(
        a_text(head="8 March 2011\n\nMs Jo Ash\nWestmere"),
        register=register.model_copy(update={"authorities": (first, twin)}),
        kinds=(a_kind(),),
        source="draft.txt",
    )

    assert reading.authority == ""
    assert doubts_of(reading, "authority-unknown") == [("authority-unknown", "authority")]


def test_an_unknown_authority_is_a_blocking_doubt() -> None:
    reading = read(a_text(head="8 March 2011\n\nMs Jo Ash\nEastmere", subject="Inspection"))

    assert reading.authority == ""
    assert doubts_of(reading, "authority-unknown") == [("authority-unknown", "authority")]


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
                ("page-break-joined", "strengths/1"),
                ("page-break-joined", "strengths/1"),
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
            [("paragraph-split", "strengths/2")],
            id="a paragraph at the margin right below",
        ),
        pytest.param("\n\nInspectors looked.", 2, [], id="a paragraph below a blank line"),
    ],
)
def test_items_with_hanging_indents_are_read(
    below: str, passages: int, doubts: list[tuple[str, str]]
) -> None:
    body = f"{WRAPPED}\n\nStrengths\n\n{HANGING}{below}\n\nOverview\n\n- b."

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
    assert doubts_of(reading) == [("closing-unclear", "closing")]


@pytest.mark.parametrize(
    ("body", "opening", "doubts"),
    [
        pytest.param(WRAPPED, 1, [], id="wrapped lines are one paragraph"),
        pytest.param(
            f"{WRAPPED}\nThey do.\nThis is good to hear of. {WRAPPED}",
            2,
            [("paragraph-split", "opening/2")],
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
    ],
)
def test_headings_are_told_from_paragraphs(
    body: str, headings: list[str], doubts: list[tuple[str, str]]
) -> None:
    reading = read(a_text(body=body))

    assert [section.heading for section in reading.sections] == headings
    found = [doubt for doubt in doubts_of(reading) if doubt[0] != "closing-unclear"]
    assert found == doubts


@pytest.mark.parametrize(
    ("lines", "vocabulary", "text", "unclear"),
    [
        pytest.param(["a", "b"], "", "a b", (), id="no hyphen"),
        pytest.param(["a -", "b"], "", "a - b", (), id="a dash"),
        pytest.param(["pre-", "2010"], "", "pre- 2010", (), id="a figure follows"),
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


GREY = Signatory(name="Robin Grey", title="Her Majesty's Inspector")


@pytest.mark.parametrize(
    ("tail", "signatories", "leftovers", "doubts"),
    [
        pytest.param("Robin Grey\n\nHer Majesty's Inspector", (GREY,), (), [], id="apart"),
        pytest.param(
            "Robin Grey Her Majesty’s Inspector",
            (GREY.model_copy(update={"title": "Her Majesty’s Inspector"}),),
            (),
            [("signatory-run-together", "signatories/1")],
            id="run together, with a typographic apostrophe",
        ),
        pytest.param(
            "Robin Grey, His Majesty's Inspector",
            (GREY.model_copy(update={"title": "His Majesty's Inspector"}),),
            (),
            [("signatory-run-together", "signatories/1")],
            id="run together with a comma, another title of the kind",
        ),
        pytest.param(
            "Robin Grey\nHer Majesty's Inspector\nAlex Stone\nHer Majesty's Inspector",
            (GREY, GREY.model_copy(update={"name": "Alex Stone"})),
            (),
            [],
            id="two in one block",
        ),
        pytest.param(
            "Alex Stone\nHead of Probation\n\n\n\nRobin Grey\nHer Majesty's Inspector",
            (Signatory(name="Alex Stone", title="Head of Probation"), GREY),
            (),
            [],
            id="two in two blocks",
        ),
        pytest.param(
            "Alex Stone\nInspector of Constabulary\nInspector of Fire",
            (Signatory(name="Alex Stone", title="Inspector of Constabulary Inspector of Fire"),),
            (),
            [("signatory-title-joined", "signatories/1")],
            id="a title of two lines",
        ),
        pytest.param(
            "Alex Stone Her Majesty's Inspector",
            (),
            ("Alex Stone Her Majesty's Inspector",),
            [("signatory-unclear", "signatories")],
            id="run together with a name nobody knows",
        ),
        pytest.param(
            "Robin Grey       Alex Stone\nInspector        Inspector",
            (),
            ("Robin Grey Alex Stone", "Inspector Inspector"),
            [("signatory-unclear", "signatories")],
            id="side by side",
        ),
        pytest.param(
            "Robin Grey\nHer Majesty's Inspector\n\nThis letter will be published.",
            (GREY,),
            ("This letter will be published.",),
            [("text-below-signature", "signatories")],
            id="a sentence below",
        ),
    ],
)
def test_signatories_are_read(
    tail: str,
    signatories: tuple[Signatory, ...],
    leftovers: tuple[str, ...],
    doubts: list[tuple[str, str]],
) -> None:
    reading = read(a_text(tail=tail))

    assert (reading.signatories, reading.leftovers) == (signatories, leftovers)
    assert doubts_of(reading) == doubts


BIRCH = CopyLine(line="Sam Birch, Chief Executive", role="chief-executive", name="Sam Birch")
ODELL = CopyLine(
    line="Councillor Pat O'Dell, Lead Member", role="lead-member", name="Councillor Pat O'Dell"
)
FELL = CopyLine(line="Kit Fell, Department", role="department", name="Kit Fell")


@pytest.mark.parametrize(
    ("copies", "read_as", "leftovers", "doubts"),
    [
        pytest.param(f"Copy: {BIRCH.line}\n{ODELL.line}", (BIRCH, ODELL), (), [], id="one a line"),
        pytest.param(
            f"cc:\n\n{BIRCH.line}\n\n{FELL.line}", (BIRCH, FELL), ("cc:",), [], id="another label"
        ),
        pytest.param(
            f"Copy: {BIRCH.line} {ODELL.line} {FELL.line}",
            (BIRCH, ODELL, FELL),
            (),
            [("copies-run-together", "copies")],
            id="run together",
        ),
        pytest.param(
            f"Copy: {ODELL.line.replace(chr(39), '’')}",
            (ODELL.model_copy(update={"line": ODELL.line.replace("'", "’")}),),
            (),
            [],
            id="a typographic apostrophe in the name",
        ),
        pytest.param(
            f"Copy: Al Elm, Chair {BIRCH.line}",
            (CopyLine(line=f"Al Elm, Chair {BIRCH.line}"),),
            (),
            [("copies-unclear", "copies/1")],
            id="beginning with a name nobody knows",
        ),
        pytest.param(
            f"Copy: {BIRCH.line} {BIRCH.line}",
            (CopyLine(line=f"{BIRCH.line} {BIRCH.line}"),),
            (),
            [("copies-unclear", "copies/1")],
            id="one name twice",
        ),
        pytest.param(
            "Copy: Sam Birchall, Chief Executive",
            (CopyLine(line="Sam Birchall, Chief Executive"),),
            (),
            [("copies-unclear", "copies/1")],
            id="a longer name that begins like a known one",
        ),
        pytest.param(
            f"Copy: {BIRCH.line}\nAl Elm, Chair",
            (BIRCH, CopyLine(line="Al Elm, Chair")),
            (),
            [],
            id="a line of someone nobody knows",
        ),
    ],
)
def test_the_copy_list_is_read(
    copies: str,
    read_as: tuple[CopyLine, ...],
    leftovers: tuple[str, ...],
    doubts: list[tuple[str, str]],
) -> None:
    reading = read(a_text(tail=f"Robin Grey\nHer Majesty's Inspector\n\n{copies}"))

    assert (reading.copies, reading.leftovers) == (read_as, leftovers)
    assert doubts_of(reading) == doubts


def test_of_two_names_at_one_place_the_longer_is_meant() -> None:
    register = a_register()
    mbe = register.contacts[1].model_copy(update={"name": "Sam Birch MBE", "role": "chair"})
    for contacts in ((*register.contacts, mbe), (mbe, *register.contacts)):
        reading = read_text(
            a_text(tail="Robin Grey\nHer Majesty's Inspector\n\nCopy: Sam Birch MBE, Chair"),
            register=register.model_copy(update={"contacts": contacts}),
            kinds=(a_kind(),),
            source="draft.txt",
        )

        assert reading.copies == (
            CopyLine(line="Sam Birch MBE, Chair", role="chair", name="Sam Birch MBE"),
        )


def test_a_wrapped_copy_line_is_joined_with_a_doubt() -> None:
    line = (
        "Sam Birch, Chief Executive and Deputy Chair of the Safeguarding Board for the North\n"
        "of Westmere"
    )

    reading = read(a_text(body=f"{WRAPPED}\n\nB.", tail=f"Copy:\n{line}\n{FELL.line}"))

    assert [copy.line for copy in reading.copies] == [line.replace("\n", " "), FELL.line]
    assert doubts_of(reading) == [("copy-line-joined", "copies/1")]


def test_without_valediction_the_signature_ends_the_body() -> None:
    reading = read(a_text(valediction=""))

    assert (reading.valediction, reading.signatories) == ("", (GREY,))
    assert reading.sections[0].passages == (item("One strength."),)


@pytest.mark.parametrize(
    ("body", "leftovers", "doubts"),
    [
        pytest.param(
            "A.\n\n1\n\nB.\n\n2\n\nC.", ("1", "2"), [("page-numbers-removed", "")], id="alone"
        ),
        pytest.param(
            f"A.\n{' ' * 60}2\n\nB.", ("2",), [("page-numbers-removed", "")], id="far right"
        ),
        pytest.param(
            "A.\n\nPage 2 of 5\nB.", ("Page 2 of 5",), [("page-numbers-removed", "")], id="in words"
        ),
        pytest.param("A.\x0cB.", ("\x0c",), [], id="a form feed within a line"),
        pytest.param("We saw\n60\nfiles.\n\nB.", (), [], id="a number within a sentence"),
        pytest.param(
            "A.\n\n1\n\nB.\n\n60\n\nC.",
            ("1", "60"),
            [("page-number-unclear", "line/17"), ("page-numbers-removed", "")],
            id="a number out of order",
        ),
        pytest.param(
            "A goes\n\n1\n  A note.\nMore of it.\n\non.\n\nB.",
            ("1", "A note.", "More of it."),
            [("footnote-removed", "footnote/1"), ("page-break-joined", "opening/1")],
            id="a footnote",
        ),
    ],
)
def test_what_belongs_to_the_page_is_left_over(
    body: str, leftovers: tuple[str, ...], doubts: list[tuple[str, str]]
) -> None:
    reading = read(a_text(body=body))

    assert (reading.leftovers, doubts_of(reading)) == (leftovers, doubts)


def test_a_doubt_blocks_where_what_is_printed_depends_on_it() -> None:
    reading = read(a_text(head="T 0300 1231231\n\n" + HEAD, body=f"{LIST}A.\n\n- b.\n- c."))

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
    assert {code for code, blocks in IS_BLOCKING.items() if not blocks} == {
        "letterhead-removed",
        "letterhead-run-together",
        "letterhead-misspelt",
        "page-numbers-removed",
        "closing-by-wording",
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


PIECES = st.sampled_from(
    [
        *("Dear Ms Ash", "Yours sincerely", "Copy: Sam Birch", "Robin Grey", "8 March 2011"),
        *("Strengths", "- an item", "◼ an item", "• and", "a sentence goes", "on.", "It ends."),
        *("Overview", "7", "1", "", "", "", "\x0c", "co-", "located.", "  indented words"),
        *("T 0300 123 1231", "1. One.", "a: b,"),
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


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit", ["A\n\n", "a-\nb ", "Copy: Sam Birch ", "- a\n\n\n", "1\n", "\x0c\n"]
)
def test_a_megabyte_of_repetition_is_read_or_refused(unit: str) -> None:
    data = (a_text(body="A.") + unit * (1_000_000 // len(unit))).encode()[:1_000_000]
    lines = data.decode().split("\n")[:19_000]
    text = "\n".join(line[:40_000] for line in lines)

    with suppress(DraftUnreadable):
        read_text(text, register=a_register(), kinds=(a_kind(),), source="draft.txt")
