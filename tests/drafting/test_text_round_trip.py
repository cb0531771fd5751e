"""The letter's own plain text (letter.txt), read again, is the letter: words, sections, items."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from letters.kind import Kind
from letters.letter import Letter, Passage
from letters.register import Contact, Inspector, Register
from tasks.drafting.text.reader import read_text
from tasks.rendering.pages import render_text
from tests.builders import (
    BOARD_CHAIR,
    CHIEF_EXECUTIVE,
    DIRECTOR,
    INSPECTOR,
    WESTMERE,
    a_letter,
    a_paragraph,
    a_section,
    an_item,
)

REGISTER = Register(
    authorities=(WESTMERE,),
    contacts=tuple(
        Contact(authority="westmere", role=each.role, name=each.name, email=None)
        for each in (DIRECTOR, CHIEF_EXECUTIVE, BOARD_CHAIR)
    ),
    inspectors=(Inspector(id="pike", name=INSPECTOR.name, email="pike@inspectorate.example"),),
)
KIND = Kind.model_validate(
    {
        "id": "unannounced-inspection",
        "code": "CRA",
        "title": "Annual unannounced inspection of contact, referral and assessment arrangements",
        "deadline_working_days": 20,
        "sections": [
            {"key": "strengths", "heading": "Strengths", "style": "items"},
            {
                "key": "needs-to-improve",
                "heading": "What needs to improve in this area of social work practice",
                "style": "items",
            },
            {"key": "main-findings", "heading": "Main findings"},
            {"key": "next-steps", "heading": "Next steps", "style": "prose"},
        ],
        "signatory_titles": [{"title": INSPECTOR.title}],
        "copy_roles": [],
    }
)

WORDS = st.sampled_from(
    (
        *("children", "managers", "and", "the", "do", "not", "always", "record", "Westmere", "in"),
        *("multi-agency", "well-being", "decision-making", "‘front", "door’", "(PLO)", "60", "all"),
        *("e.g.", "Dr", "£20", "20", "July", "2010", "up-to-date", "safeguarding", "Ofsted", "a"),
    )
)


def sentences(end: str = ".") -> st.SearchStrategy[str]:
    """Write a sentence of up to four lines."""
    return st.builds(
        lambda first, rest: f"{' '.join((first, *rest))}{end}",
        st.sampled_from(("Children", "Managers", "Most", "A", "‘Front", "In")),
        st.lists(WORDS, min_size=1, max_size=40),
    )


PARAGRAPHS = st.lists(sentences(), min_size=1, max_size=5).map(" ".join).map(a_paragraph)
PROSE = st.lists(PARAGRAPHS, min_size=1, max_size=4).map(tuple)
ITEMS = st.lists(
    st.one_of(sentences(), sentences(";"), sentences("")).map(an_item), min_size=1, max_size=5
).map(tuple)
ANNOUNCED = st.tuples(sentences(":").map(a_paragraph), ITEMS).map(lambda each: (each[0], *each[1]))
LISTS = st.one_of(ITEMS, ANNOUNCED)
MIXED = st.one_of(PROSE, LISTS, st.tuples(PROSE, ANNOUNCED, PROSE).map(lambda each: sum(each, ())))
SUBSECTIONS = ("Response to children", "Leadership and management", "Practice with families")


@st.composite
def letters(draw: st.DrawFn) -> Letter:
    sections = []
    passages_of = {"items": LISTS, "either": MIXED, "prose": PROSE}
    for rule in draw(st.lists(st.sampled_from(KIND.sections), min_size=1, unique=True)):
        passages = draw(passages_of[rule.style])
        sections.append(a_section(rule.heading, *passages, key=rule.key))
        for heading in draw(st.lists(st.sampled_from(SUBSECTIONS), max_size=1)):
            if heading not in [section.heading for section in sections]:
                sections.append(a_section(heading, *draw(PROSE | ITEMS), level=2))
    closing: tuple[Passage, ...] = (
        a_paragraph(f"The areas for development identified above matter. {draw(sentences())}"),
        *draw(st.lists(PARAGRAPHS, max_size=2)),
    )
    return a_letter(
        opening=draw(MIXED),
        sections=tuple(sections),
        closing=closing,
        sample=draw(st.booleans()),
        copies=draw(st.sampled_from(((), (CHIEF_EXECUTIVE,), (CHIEF_EXECUTIVE, BOARD_CHAIR)))),
    )


@settings(max_examples=60, deadline=None)
@given(letter=letters())
def test_a_letter_printed_as_text_is_read_as_the_same_letter(letter: Letter) -> None:
    reading = read_text(render_text(letter), register=REGISTER, kinds=(KIND,), source="letter.txt")

    assert (reading.kind, reading.authority, reading.date) == (
        "unannounced-inspection",
        "westmere",
        "14 March 2011",
    )
    assert reading.addressees == letter.addressees
    assert (reading.salutation, reading.subject) == (letter.salutation, letter.subject)
    assert reading.opening == letter.opening
    assert [(each.heading, each.level, each.passages) for each in reading.sections] == [
        (each.heading, each.level, each.passages) for each in letter.sections
    ]
    assert reading.closing == letter.closing
    assert (reading.valediction, reading.signatories) == (letter.valediction, letter.signatories)
    assert [copy.line for copy in reading.copies] == [copy.line for copy in letter.copies]
    assert [doubt for doubt in reading.doubts if doubt.is_blocking] == []
