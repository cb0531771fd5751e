"""PDF, page, plain text and e-mail say the letter's words: all, in order, and as words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.letter import Addressee, Copy, Letter, Letterhead, Passage, Signatory, words
from tasks.rendering.emails import render_email
from tasks.rendering.pages import render_html, render_text
from tasks.rendering.pdf import render_pdf
from tests.builders import a_letter, a_paragraph, a_section, an_item
from tests.rendering.said import Heard, bulletless, html_tags, html_words, text_words

MARKUP = (
    "#set text(red)",
    '#eval("1+1") #include \'x\' #read("/etc/passwd")',
    "$x^2$ @ref <label> _emph_ `raw` // comment /* block */ \\u{41}",
    "= Heading",
    "{{ 7*7 }} {% for x in y %} {# gone #}",
    "{{ ''.__class__ }}",
    "<script>alert(1)</script>",
    "</p></main></body> <img src=x onerror=alert(1)>",
    "&lt; &amp; &#169; &nbsp;",
    "**bold** __strong__ ~~no~~",
    "[link](http://x) ![image](http://x/y.png)",
    "“curly” 'straight' \"double\" -- --- ... ~",
    "a - b – c — d",
    "office fjord affluent ﬁne Æthelred naïve Łódź Ωμέγα Привет €5 ½",
    "no\u00a0break thin\u2009space",
    "multi-agency well-co-ordinated up-to-date",
    "https://www.inspectorate.example/" + "a-very-long-path/" * 12,
    "Donaudampfschifffahrtsgesellschaft" * 9,
)

# Latin, Greek and Cyrillic as Liberation Sans has them.
_CHARACTERS = st.sampled_from(
    [
        chr(code)
        for block in (range(0x20, 0x180), range(0x391, 0x3CA), range(0x400, 0x460))
        for code in block
        if chr(code).isprintable() and code != 0xA0
    ]
    + list("‘’“”–—…•€£™\u00a0\u2009")
)
_WORDS = st.one_of(
    st.text(_CHARACTERS, min_size=1, max_size=12).filter(lambda word: word.strip()),
    st.sampled_from(["office", "fjord", "affluent", "waffle", "it’s", "co-operate", *MARKUP]),
)
# A text that begins like an item can't be told from one in plain text.
_TEXTS = (
    st.lists(_WORDS, min_size=1, max_size=40)
    .map(" ".join)
    .filter(lambda text: not text.lstrip().startswith("- ") and text.strip() != "-")
)
_LINES = (
    st.lists(_WORDS, min_size=1, max_size=3)
    .map(lambda found: " ".join(found)[:400])
    .filter(lambda text: text.strip() and not text.lstrip().startswith("-"))
)


@st.composite
def letters(draw: st.DrawFn) -> Letter:
    passages = st.lists(
        st.builds(Passage, style=st.sampled_from(["paragraph", "item"]), text=_TEXTS), max_size=5
    ).map(tuple)
    people: dict[str, Any] = {"name": _LINES}
    return a_letter(
        sample=draw(st.booleans()),
        letterhead=Letterhead(
            organisation=draw(_LINES), lines=tuple(draw(st.lists(_LINES, max_size=4)))
        ),
        addressees=tuple(
            Addressee(role="director", name=draw(_LINES), lines=tuple(draw(st.lists(_LINES))))
            for _ in range(draw(st.integers(1, 4)))
        ),
        salutation=draw(_LINES),
        subject=draw(_LINES),
        opening=draw(passages),
        sections=tuple(
            a_section(draw(_LINES), *draw(passages), level=draw(st.integers(1, 2)), key="x")
            for _ in range(draw(st.integers(0, 4)))
        ),
        closing=draw(passages),
        valediction=draw(_LINES),
        signatories=tuple(
            draw(st.lists(st.builds(Signatory, **people, title=_LINES), min_size=1, max_size=4))
        ),
        copies=tuple(
            draw(st.lists(st.builds(Copy, role=st.just("x"), **people, line=_LINES), max_size=4))
        ),
    )


@settings(max_examples=60, deadline=None)
@given(letter=letters())
def test_every_form_says_exactly_the_letters_words(letter: Letter) -> None:
    said = words(letter.words_in_order())

    assert Heard(render_pdf(letter)).words == said
    assert html_words(render_html(letter)) == said
    assert text_words(render_text(letter), letter) == said


@settings(max_examples=30, deadline=None)
@given(letter=letters())
def test_no_line_of_plain_text_is_too_long_unless_it_is_one_word(letter: Letter) -> None:
    for line in render_text(letter).splitlines():
        # What may not be parted counts as one word: no-break spaces, lone hyphens.
        parts = re.split(r"[ ]+(?!-(?:\s|$))", line.removeprefix("- ").strip())
        assert len(line) <= 74 or len(parts) == 1


@settings(max_examples=30, deadline=None)
@given(letter=letters())
def test_an_e_mail_says_the_same_words_as_text_and_as_html(letter: Letter) -> None:
    for person in (*letter.addressees[:1], *letter.copies[:1]):
        email = render_email(
            letter, recipient_id="x", recipient_name=person.name, recipient_role=person.role
        )

        assert words([bulletless(email.text.splitlines())]) == html_words(email.html, within="body")
        assert "\n" not in email.subject


@pytest.mark.parametrize("hostile", MARKUP)
def test_markup_comes_out_as_text_wherever_it_stands(hostile: str) -> None:
    letter = a_letter(
        letterhead=Letterhead(organisation=hostile, lines=(f"At {hostile}",)),
        addressees=(Addressee(role="director", name=hostile, lines=(hostile,)),),
        salutation=hostile,
        subject=hostile,
        opening=(a_paragraph(hostile), an_item(hostile)),
        sections=(a_section(hostile, a_paragraph(hostile), an_item(hostile), key="x"),),
        closing=(a_paragraph(hostile),),
        valediction=hostile,
        signatories=(Signatory(name=hostile, title=hostile),),
        copies=(Copy(role="chair", name=hostile, line=hostile),),
    )
    harmless = a_letter(
        opening=(a_paragraph("a"), an_item("b")),
        sections=(a_section("x", a_paragraph("c"), an_item("d")),),
        addressees=(Addressee(role="director", name="e", lines=("f",)),),
        letterhead=Letterhead(organisation="g", lines=("h",)),
        copies=(Copy(role="chair", name="i", line="i"),),
    )
    said = words(letter.words_in_order())

    pdf = Heard(render_pdf(letter))
    assert pdf.words == said
    assert str(pdf.pdf.docinfo.Title) == hostile
    assert pdf.tags.count("Link") == 0

    page = render_html(letter)
    assert html_words(page) == said
    assert html_tags(page) == html_tags(render_html(harmless))

    assert text_words(render_text(letter), letter) == said

    for role in ("director", "chair"):
        email = render_email(letter, recipient_id="x", recipient_name=hostile, recipient_role=role)
        benign = render_email(
            harmless,
            recipient_id="x",
            recipient_name="e" if role == "director" else "i",
            recipient_role=role,
        )
        assert html_tags(email.html) == html_tags(benign.html)
        assert words([hostile])[0] in words([email.text])


def test_a_hyphen_between_words_never_begins_a_line_of_plain_text() -> None:
    letter = a_letter(opening=(a_paragraph("word - " * 60 + "end"),))

    bullets = [line for line in render_text(letter).splitlines() if line.startswith("- ")]

    assert len(bullets) == 3  # the items of the builder's two lists
