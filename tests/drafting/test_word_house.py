"""Word drafts in the house styles, and the template that brings them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import date

import docx
import pytest
from docx.document import Document
from drafts import SUBJECT, a_kind, a_register, doubts_of
from word_files import read_docx

from letters.checks.wording import placeholders
from letters.kind import Kind, PriorityAction, SectionRule, SignatoryTitle
from letters.letter import Addressee, Authority, Copy, Letter, Letterhead, Passage, Signatory
from letters.reading import CopyLine, Reading, ReadSection, Source
from tasks.drafting.word.reader import read_word
from tasks.drafting.word.template import house_template, template_reading
from tasks.drafting.word.writer import write_word

CLOSING = "We shall look again."


def filled(*paragraphs: tuple[str, str]) -> Document:
    """Open the template, and put other paragraphs in the place of its own."""
    document = docx.Document(io.BytesIO(house_template(a_kind())))
    for paragraph in document.paragraphs:
        paragraph._p.getparent().remove(paragraph._p)
    for style, text in paragraphs:
        document.add_paragraph(text, style)
    return document


def saved(document: Document) -> bytes:
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def read(*paragraphs: tuple[str, str]) -> Reading:
    return read_docx(saved(filled(*paragraphs)))


HEAD = (
    ("Letter Date", "8 March 2011"),
    ("Letter Addressee", "Ms Jo Ash"),
    ("Letter Address", "Director of Children's Services"),
    ("Letter Address", "Westmere Council"),
    ("Letter Salutation", "Dear Ms Ash"),
    ("Letter Subject", SUBJECT),
)
BODY = (
    ("Body Text", "This letter summarises the findings."),
    ("Heading 1", "Strengths"),
    ("List Bullet", "One strength."),
    ("Heading 2", "Within"),
    ("Body Text", "Two."),
)
TAIL = (
    ("Letter Closing", CLOSING),
    ("Letter Valediction", "Yours sincerely"),
    ("Letter Signatory", "Robin Grey"),
    ("Letter Signatory Title", "Her Majesty's Inspector"),
    ("Letter Copy", "Copy:"),
    ("Letter Copy", "Sam Birch, Chief Executive"),
    ("Letter Copy", "Kit Fell, Department"),
)


def test_a_letter_in_the_house_styles_is_read_without_a_doubt() -> None:
    reading = read(*HEAD, *BODY, *TAIL)

    assert reading.model_copy(update={"sources": ()}) == Reading(
        kind="unannounced-inspection",
        authority="westmere",
        date="8 March 2011",
        addressees=(
            Addressee(
                role="director",
                name="Ms Jo Ash",
                lines=("Director of Children's Services", "Westmere Council"),
            ),
        ),
        salutation="Dear Ms Ash",
        subject=SUBJECT,
        opening=(Passage(style="paragraph", text="This letter summarises the findings."),),
        sections=(
            ReadSection(
                heading="Strengths", passages=(Passage(style="item", text="One strength."),)
            ),
            ReadSection(
                heading="Within", passages=(Passage(style="paragraph", text="Two."),), level=2
            ),
        ),
        closing=(Passage(style="paragraph", text=CLOSING),),
        valediction="Yours sincerely",
        signatories=(Signatory(name="Robin Grey", title="Her Majesty's Inspector"),),
        copies=(
            CopyLine(line="Sam Birch, Chief Executive", role="chief-executive", name="Sam Birch"),
            CopyLine(line="Kit Fell, Department", role="department", name="Kit Fell"),
        ),
    )


def test_every_place_says_which_paragraph_it_was() -> None:
    reading = read(*HEAD, *BODY, *TAIL)

    assert [(each.place, each.line) for each in reading.sources] == [
        *(("date", 1), ("addressees/1", 2), ("addressees/1", 3), ("addressees/1", 4)),
        *(("salutation", 5), ("subject", 6), ("opening/1", 7), ("strengths", 8)),
        *(("strengths/1", 9), ("within", 10), ("within/1", 11), ("closing/1", 12)),
        *(("valediction", 13), ("signatories/1", 14), ("signatories/1", 15)),
        *(("copies/1", 17), ("copies/2", 18)),
    ]
    assert reading.sources[0] == Source(place="date", line=1, text="8 March 2011")


def test_lines_of_an_address_may_be_typed_into_one_paragraph() -> None:
    address = ("Letter Addressee", "Ms Jo Ash\nDirector of Children's Services\nWestmere Council")

    reading = read(HEAD[0], address, *HEAD[4:], *BODY, *TAIL)

    assert reading.doubts == ()
    assert reading.addressees[0].lines == ("Director of Children's Services", "Westmere Council")


def test_each_name_in_its_style_begins_another_person() -> None:
    second = (("Letter Addressee", "Sam Birch"), ("Letter Address", "Chief Executive"))
    other = (("Letter Signatory", "Sam Slate"), ("Letter Signatory Title", "Commissioner"))

    reading = read(*HEAD[:4], *second, *HEAD[4:], *BODY, *TAIL[:4], *other)

    assert [(each.role, each.name) for each in reading.addressees] == [
        ("director", "Ms Jo Ash"),
        ("chief-executive", "Sam Birch"),
    ]
    assert [each.title for each in reading.signatories] == [
        "Her Majesty's Inspector",
        "Commissioner",
    ]
    assert reading.doubts == ()


def test_an_address_whose_lines_hold_commas_is_one_address() -> None:
    lines = ("Ms Jo Ash, OBE", "Director, Children", "Westmere Council, Town Hall", "High St, W1")
    address = (("Letter Addressee", lines[0]), *(("Letter Address", line) for line in lines[1:]))

    reading = read(HEAD[0], *address, *HEAD[4:], *BODY, *TAIL)

    assert [each.name for each in reading.addressees] == [lines[0]]


@pytest.mark.parametrize(
    ("roles", "post", "role", "doubt"),
    [
        pytest.param(
            ("director",), "Head of Care", "director", "addressee-role-inferred", id="the only role"
        ),
        pytest.param(
            ("director", "chief-executive"),
            "Chief Executive",
            "chief-executive",
            "addressee-role-inferred",
            id="the role that the post says",
        ),
        pytest.param(
            ("director", "chief-executive"),
            "Head of Care",
            "director",
            "addressee-role-unknown",
            id="one of several, and nothing says which",
        ),
    ],
)
def test_the_role_of_someone_the_register_does_not_know_is_a_doubt(
    roles: tuple[str, ...], post: str, role: str, doubt: str
) -> None:
    document = filled(
        HEAD[0],
        ("Letter Addressee", "Al Nobody"),
        ("Letter Address", post),
        ("Letter Address", "Westmere Council"),
        *HEAD[4:],
        *BODY,
    )
    kinds = (a_kind(addressee_roles=roles),)

    reading = read_word(saved(document), register=a_register(), kinds=kinds, source="draft.docx")

    assert reading.addressees[0].role == role
    assert doubts_of(reading) == [(doubt, "addressees/1")]


@pytest.mark.parametrize(
    ("paragraphs", "doubts"),
    [
        pytest.param(
            (("Letter Date", "8 March"), *HEAD[1:], *BODY, *TAIL),
            [("date-unclear", "date")],
            id="a date that is none",
        ),
        pytest.param(
            (*HEAD, ("Letter Subject", "in Westmere"), *BODY, *TAIL),
            [("style-used-twice", "subject")],
            id="a subject in two paragraphs",
        ),
        pytest.param(
            (*HEAD, *BODY[:1], ("Letter Closing", "One."), *BODY[1:], *TAIL),
            [("closing-above-heading", "opening/2")],
            id="a closing above a heading",
        ),
        pytest.param(
            (("Normal", "The Office"), *HEAD, *BODY, *TAIL),
            [("text-outside-styles", "")],
            id="words above the letter",
        ),
        pytest.param(
            (*HEAD, *BODY, *TAIL, ("Body Text", "Enclosed: a plan.")),
            [("text-outside-styles", "")],
            id="words below the letter",
        ),
        pytest.param(
            (*HEAD, *BODY, *TAIL[:3]),
            [("signature-incomplete", "signatories")],
            id="a name without a title",
        ),
        pytest.param(
            (*HEAD, *BODY, ("Normal", "Pasted."), *TAIL),
            [],
            id="a paragraph of the body in no style of the house",
        ),
        pytest.param(
            (*HEAD, *BODY, ("Normal", "- Pasted."), *TAIL),
            [("dash-typed", "within/2")],
            id="a dash pasted",
        ),
        pytest.param((*HEAD, *BODY, *TAIL[1:]), [], id="no closing"),
        pytest.param(
            (*HEAD, *BODY[:3], ("Body Text", "When we next inspect."), *TAIL[1:]),
            [("closing-by-wording", "closing")],
            id="a closing in another style",
        ),
    ],
)
def test_what_the_styles_leave_open_is_a_doubt(
    paragraphs: Iterable[tuple[str, str]], doubts: list[tuple[str, str]]
) -> None:
    assert doubts_of(read(*paragraphs)) == doubts


def test_what_has_no_place_is_left_over() -> None:
    reading = read(("Normal", "The Office"), *HEAD, *BODY, *TAIL[:3])

    assert reading.leftovers == ("The Office", "Robin Grey")
    assert reading.signatories == ()


def test_the_closing_may_hold_a_list() -> None:
    listed = ("Letter Closing Bullet", "a plan;")

    reading = read(*HEAD, *BODY, TAIL[0], listed, ("List Bullet", "a date."), *TAIL[1:])

    assert [(each.style, each.text) for each in reading.closing] == [
        ("paragraph", CLOSING),
        ("item", "a plan;"),
        ("item", "a date."),
    ]
    assert reading.doubts == ()


def a_rich_kind() -> Kind:
    """Return a kind that has of everything that a template shows."""
    return a_kind(
        sections=(
            SectionRule(key="judgement", heading="Judgement", style="prose"),
            SectionRule(key="strengths", heading="Strengths", style="items", is_required=False),
            SectionRule(key="areas-for-priority-action", heading="Areas for priority action"),
        ),
        grades=("performs well", "performs poorly"),
        priority_action=PriorityAction.model_validate(
            {
                "section": "areas-for-priority-action",
                "must_say": (("action plan",),),
                "standard": "Send us an action plan.\n\nWe have told {{ authority }}.",
            }
        ),
        signatory_titles=(SignatoryTitle(title="His Majesty's Inspector", since=date(2022, 9, 9)),),
    )


@pytest.mark.parametrize("kind", [a_kind(), a_rich_kind()], ids=["plain", "rich"])
def test_the_template_says_what_the_kind_wants(kind: Kind) -> None:
    told = template_reading(kind)
    reading = read_word(
        house_template(kind), register=a_register(), kinds=(kind,), source="draft.docx"
    )

    assert [each.heading for each in reading.sections] == [each.heading for each in kind.sections]
    assert reading.kind == kind.id
    assert (reading.opening, reading.sections, reading.closing) == (
        *(told.opening, told.sections, told.closing),
    )
    assert reading.signatories == (Signatory(name="[name]", title="His Majesty's Inspector"),)
    assert [each.line for each in reading.copies] == [each.line for each in told.copies]


def test_the_standard_words_of_priority_action_stand_in_the_template() -> None:
    section = template_reading(a_rich_kind()).sections[2]

    assert [each.text for each in section.passages[1:]] == [
        "Send us an action plan.",
        "We have told [authority].",
    ]


@pytest.mark.parametrize("kind", [a_kind(), a_rich_kind()], ids=["plain", "rich"])
def test_every_instruction_of_the_template_is_found_by_the_checks(kind: Kind) -> None:
    told = template_reading(kind)
    letter = Letter(
        reference="CRA-WESTMERE-2011-03-01",
        kind=kind.id,
        kind_title=kind.title,
        authority=Authority(code="westmere", name="Westmere Council", short_name="Westmere"),
        sample=False,
        letterhead=Letterhead(organisation="The Office"),
        date=date(2011, 3, 8),
        addressees=told.addressees,
        salutation=told.salutation,
        subject=told.subject,
        opening=told.opening,
        sections=tuple(
            {"key": rule.key, "heading": rule.heading, "passages": section.passages}
            for rule, section in zip(kind.sections, told.sections, strict=True)
        ),
        closing=told.closing,
        valediction=told.valediction,
        signatories=told.signatories,
        copies=tuple(Copy(role="department", name="x", line=each.line) for each in told.copies),
    )

    found = {
        (each.place, each.message.partition("” was left open")[0].removeprefix("“"))
        for each in placeholders.find(letter, None)
    }

    instructions = {
        (placed.place, instruction)
        for placed in letter.printed_texts()
        for instruction in re.findall(r"\[.*?\]", placed.text)
    }
    assert len(instructions) > 8
    assert found == instructions


def test_the_same_words_are_the_same_bytes() -> None:
    assert house_template(a_kind()) == house_template(a_kind())
    assert write_word(Reading(), a_kind()) == write_word(Reading(kind="other"), a_kind())


def test_the_template_names_nobody_and_no_day() -> None:
    properties = docx.Document(io.BytesIO(house_template(a_kind()))).core_properties

    assert (properties.title, properties.language) == (a_kind().title, "en-GB")
    assert (properties.author, properties.last_modified_by, properties.comments) == ("", "", "")
    assert properties.created == properties.modified
