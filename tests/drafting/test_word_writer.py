"""What is written as Word, or as Markdown, is read again."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from itertools import count

from drafts import a_kind, a_register
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.emphasis import Run, emphasised
from letters.letter import Addressee, Passage, Signatory
from letters.problem import DraftUnreadable
from letters.reading import CopyLine, Reading, ReadSection
from tasks.drafting.limits import refused_character
from tasks.drafting.markdown.reader import read_markdown
from tasks.drafting.markdown.writer import write_markdown
from tasks.drafting.text.headings import Headings, is_shaped_like_heading
from tasks.drafting.text.tail import COPY_LABEL
from tasks.drafting.word.house_styles import house_document
from tasks.drafting.word.parts import typed_bullet
from tasks.drafting.word.reader import read_word
from tasks.drafting.word.writer import write_word

KIND = a_kind()
HEADINGS = Headings(KIND)


def read(data: bytes) -> Reading:
    return read_word(data, register=a_register(), kinds=(KIND,), source="draft.docx")


def is_plain(text: str) -> bool:
    """Whether a text is one that every reader takes as it is."""
    return (
        bool(text)
        and refused_character(text) is None
        and unicodedata.is_normalized("NFC", text)
        and " ".join(text.split(" ")) == text.strip()
    )


signs = st.sampled_from(
    [
        *("-", "- a", "+", "* *", "#", "## a", "1.", "1. a", "2010.", ">", "|", "\\", "*a*", "_b_"),
        *("`a`", "<b>", "[a](b)", "&amp;", "&", "a: b", "'", '"', "é", "😀", "a\u00a0b", "]]>"),
        *("Strengths", "Ending.", "Two: parts", "[name]", "Yours sincerely", "Dear x"),
    ]
)
characters = st.characters(exclude_categories=("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp", "Mn"))
words = (
    st.lists(signs | st.text(characters, min_size=1, max_size=12), min_size=1, max_size=4)
    .map(lambda parts: " ".join(" ".join(parts).split()))
    .filter(is_plain)
)
lines = words.filter(lambda text: len(text) <= 400)


@st.composite
def passages(draw: st.DrawFn) -> Passage:
    """Make a passage, its emphasis as readers of Word tell it."""
    stretches = draw(
        st.lists(
            st.tuples(words, st.sampled_from(["", "bold", "italic", "bold-italic"])),
            min_size=1,
            max_size=4,
        )
    )
    text = emphasised(Run(f" {word}", style) for word, style in stretches)
    style = draw(st.sampled_from(["paragraph", "item"]))
    return Passage(style=style, text=text.text, emphasis=text.emphasis)


def is_itself(passage: Passage) -> bool:
    """Whether nothing but its style says what a passage is."""
    if passage.style == "item":
        return True
    looks_bold = is_shaped_like_heading(passage.text) and bool(passage.emphasis)
    return not HEADINGS.is_known(passage.text) and not typed_bullet(passage.text) and not looks_bold


some_passages = st.lists(passages().filter(is_itself), max_size=4).map(tuple)
sections = st.lists(
    st.builds(ReadSection, heading=words, passages=some_passages, level=st.sampled_from([1, 2])),
    max_size=3,
).map(tuple)
some_lines = st.lists(lines, max_size=3).map(tuple)
readings = st.builds(
    Reading,
    date=st.just("") | words,
    addressees=st.lists(
        st.builds(Addressee, role=st.just("director"), name=lines, lines=some_lines), max_size=2
    ).map(tuple),
    salutation=st.just("") | words,
    subject=words,
    opening=some_passages,
    sections=sections,
    closing=some_passages,
    valediction=words,
    signatories=st.lists(st.builds(Signatory, name=lines, title=lines), max_size=2).map(tuple),
    copies=st.lists(
        # A draft in Markdown carries no e-mail address; `0@0.0` is one.
        st.builds(
            CopyLine,
            line=words.filter(lambda text: "@" not in text and not COPY_LABEL.match(text)),
        ),
        max_size=3,
    ).map(tuple),
)


def words_of(reading: Reading) -> Reading:
    """Leave the words and their shape, without what readers conclude from them."""
    return Reading(
        date=reading.date,
        addressees=tuple(
            each.model_copy(update={"role": "director"}) for each in reading.addressees
        ),
        salutation=reading.salutation,
        subject=reading.subject,
        opening=reading.opening,
        sections=reading.sections,
        closing=reading.closing,
        valediction=reading.valediction,
        signatories=reading.signatories,
        copies=tuple(CopyLine(line=each.line) for each in reading.copies),
        leftovers=reading.leftovers,
    )


@settings(max_examples=50, deadline=None)
@given(readings)
def test_what_is_written_as_word_is_read_again(reading: Reading) -> None:
    assert words_of(read(write_word(reading, KIND))) == reading


@settings(max_examples=50, deadline=None)
@given(readings)
def test_word_and_markdown_say_the_same(reading: Reading) -> None:
    from_word = words_of(read(write_word(reading, KIND)))

    assert words_of(read_markdown(write_markdown(from_word), source="draft.md")) == from_word


ANYTHING = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("8 March 2011", "Ms Jo Ash", "Westmere Council", "Dear Ms Ash", "Strengths"),
                *("A sentence with {}.", "A line with {}", "• an item with {}", "- a dash with {}"),
                *("A {}\nand {}", "Columns {}\twith {}", "www.{}.example", "• ", "", "Ms {}"),
                *("Yours sincerely", "Robin Grey", "Her Majesty's Inspector", "Copy: {}", "cc {}"),
                *("When we next inspect {}, we shall look.", "o\t{}", "The {} Office"),
            ]
        ),
        st.sampled_from(
            [
                *("Normal", "Normal", "Normal", "Heading 1", "Heading 2", "List Bullet"),
                *("Letter Date", "Letter Addressee", "Letter Address", "Letter Subject"),
                *("Letter Closing", "Letter Valediction", "Letter Signatory"),
                *("Letter Signatory Title", "Letter Copy", "Letter Salutation"),
            ]
        ),
        st.booleans(),
    ),
    max_size=14,
)


def printed(reading: Reading) -> Iterator[str]:
    """Yield every text of a reading, what is left over among it."""
    yield from (reading.date, reading.salutation, reading.subject, reading.valediction)
    for addressee in reading.addressees:
        yield from (addressee.name, *addressee.lines)
    for heading, held in (
        ("", reading.opening),
        *((section.heading, section.passages) for section in reading.sections),
        ("", reading.closing),
    ):
        yield from (heading, *(passage.text for passage in held))
    for signatory in reading.signatories:
        yield from (signatory.name, signatory.title)
    yield from (copy.line for copy in reading.copies)
    yield from reading.leftovers


@settings(max_examples=100, deadline=None)
@given(ANYTHING, st.booleans())
def test_no_word_is_lost_or_said_twice(
    paragraphs: list[tuple[str, str, bool]], is_in_house_styles: bool
) -> None:
    document = house_document()
    marks = (f"w{number}w" for number in count())
    said = []
    for text, style, is_bold in paragraphs:
        is_house = style.startswith("Letter")
        words = re.sub(r"\{\}", lambda _: next(marks), text)
        added = document.add_paragraph(
            words, style if is_in_house_styles or not is_house else "Normal"
        )
        for run in added.runs:
            run.bold = is_bold or None
        said += re.findall(r"w\d+w", words)
    written = io.BytesIO()
    document.save(written)
    try:
        reading = read(written.getvalue())
    except DraftUnreadable as refusal:
        assert refusal.code == "draft-empty"  # noqa: PT017  # the only one for plain words
        return

    assert sorted(re.findall(r"w\d+w", " ".join(printed(reading)))) == sorted(said)
    assert {each.line for each in reading.sources} <= set(range(1, len(paragraphs) + 1))
