"""The PDF's own text, read by PDFium, is the letter's words: one word more or less is found."""

import io
from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from letters.letter import Addressee, Copy, Letterhead, Signatory
from tasks.archiving import verify_words
from tasks.archiving.verify_words import words_missing
from tasks.rendering import words as rendering
from tasks.rendering.pdf import render_pdf
from tests.builders import a_letter, a_paragraph, a_section, an_item
from tests.rendering.test_pdf_document import LETTERS, a_long_letter

SAID = (
    "Referrals are looked at on the day-to-day rota, and/or the same evening (see “Findings”);"
    " it’s an office affluent in 14–15 well-co-ordinated multi-agency files – not in others."
)
ODD = (
    *("area(s)for", "what?no", "and/or", "up-to-date", "14–15", "£5.2m", "½", "1,234", "-", "–"),
    *("“quoted”", "(bracketed)", "O’Hara", "Łukasz", "Siân", "Ωμέγα", "Привет", "naïve", "ﬁne"),
    *(
        "office",
        "affluent",
        "fjord",
        "waffle",
        "https://www.inspectorate.example/a-long/path/to-it",
    ),
    *("a.b@inspectorate.example", "Donaudampfschifffahrtsgesellschaft" * 4, "•", "no\u00a0break"),
    *("{{ 7*7 }}", "<script>", "#eval(1)", "__init__", "[link](http://x)"),
)


def texts(words):
    return st.lists(st.sampled_from(words), min_size=1, max_size=40).map(" ".join)


BODY = st.builds(
    lambda opening, items, closing: {
        "opening": tuple(map(a_paragraph, opening)),
        "sections": (a_section("Strengths", *map(an_item, items)),),
        "closing": tuple(map(a_paragraph, closing)),
    },
    *[st.lists(texts((*ODD, *SAID.split())), min_size=1, max_size=12)] * 3,
)


@settings(max_examples=40, deadline=None)
@given(body=BODY, is_sample=st.booleans())
def test_no_letter_is_said_to_miss_a_word(body, is_sample):
    letter = a_letter(**body, sample=is_sample)

    assert words_missing(render_pdf(letter), letter) == ()


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
def test_letters_of_every_shape_say_their_words(letter):
    assert words_missing(render_pdf(letter), letter) == ()


def test_addressees_side_by_side_over_two_pages_say_their_words():
    letter = a_letter(
        addressees=tuple(
            Addressee(
                role="director",
                name=f"Person {number}",
                lines=tuple(f"Line {number}-{line} of an address" for line in range(number % 5, 9)),
            )
            for number in range(20)
        ),
        signatories=tuple(
            Signatory(name=f"Signatory {number}", title="His Majesty’s Inspector")
            for number in range(9)
        ),
    )

    assert words_missing(render_pdf(letter), letter) == ()
    other = letter.addressees[7].model_copy(update={"name": "Person seven"})
    addressees = (*letter.addressees[:7], other, *letter.addressees[8:])
    assert words_missing(render_pdf(letter.model_copy(update={"addressees": addressees})), letter)


def the_passage(letter, change):
    """The letter with its third section item in other words."""
    section = letter.sections[0]
    passages = list(section.passages)
    passages[2] = an_item(change(passages[2].text))
    changed = section.model_copy(update={"passages": tuple(passages)})
    return letter.model_copy(update={"sections": (changed, *letter.sections[1:])})


PHRASE = "every referral"

CHANGES = {
    "a changed word": "each referral",
    "a word more": "nearly every referral",
    "a word less": "referral",
    "two words in each other’s place": "referral every",
    "a word in two": "every re ferral",
    "two words in one": "everyreferral",
    "a hyphen more": "every re-ferral",
    "another case": "Every referral",
    "a full stop": "every. referral",
    "another mark": "every, referral",
}


@pytest.mark.parametrize("phrase", CHANGES.values(), ids=CHANGES)
def test_a_letter_rendered_in_other_words_is_found(phrase):
    letter = a_long_letter()
    changed = the_passage(letter, lambda text: text.replace(PHRASE, phrase, 1))

    (difference,) = words_missing(render_pdf(changed), letter)

    assert "the letter says “" in difference
    assert words_missing(render_pdf(changed), changed) == ()


def test_a_word_broken_between_letters_at_a_line_s_end_is_found():
    letter = a_letter(opening=(a_paragraph("They saw a therapist."),))
    pdf = render_pdf(a_letter(opening=(a_paragraph("They saw a the"), a_paragraph("rapist."))))

    assert words_missing(pdf, letter) == (
        "After “arrangements in Westmere They saw a” the letter says “therapist.”, the PDF “the”.",
    )


OTHERS = {
    "another organisation": {"letterhead": Letterhead(organisation="Inspectorate of Tea")},
    "another date": {"date": a_letter().date.replace(day=15)},
    "another addressee": {"addressees": (Addressee(role="director", name="Ms Ida Thornbury"),)},
    "another subject": {"subject": "Another subject"},
    "another signatory": {"signatories": (Signatory(name="Rowan Pyke", title="Inspector"),)},
    "a copy more": {
        "copies": (*a_letter().copies, Copy(role="x", name="Eve", line="Eve, Somewhere"))
    },
    "a copy less": {"copies": a_letter().copies[:1]},
    "no copies": {"copies": ()},
    "another reference": {"reference": "CRA-WESTMERE-2011-02-15"},
    "the mark of a sample": {"sample": True},
    "no closing": {"closing": ()},
    "a paragraph instead of an item": {
        "sections": (
            a_letter().sections[0],
            a_section(
                "Areas for development", a_paragraph(a_letter().sections[1].passages[0].text)
            ),
        )
    },
}


@pytest.mark.parametrize("changes", OTHERS.values(), ids=OTHERS)
def test_every_part_of_a_letter_is_compared(changes):
    one, other = a_letter(), a_letter(**changes)

    assert words_missing(render_pdf(other), one) != ()
    assert words_missing(render_pdf(one), other) != ()


def test_a_proof_is_not_the_letter():
    assert words_missing(render_pdf(a_letter(), is_proof=True), a_letter()) == (
        "The letter says “Inspectorate”, the PDF “PROOF”.",
    )


# Other people's PDFs.


def updated(pdf, update):
    writer, changed = IncrementalPdfFileWriter(io.BytesIO(pdf)), io.BytesIO()
    update(writer, writer.root["/Pages"]["/Kids"])
    writer.write(changed)
    return changed.getvalue()


def replace_a_page(writer, pages):
    page = pages[1].get_object()
    page["/Contents"] = pages[2].get_object().raw_get("/Contents")
    writer.update_container(page)


def empty_a_page(writer, pages):
    page = pages[1].get_object()
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b""))
    writer.update_container(page)


def drop_a_page(writer, pages):
    tree = writer.root["/Pages"]
    tree["/Kids"] = generic.ArrayObject(list(pages)[:2])
    tree["/Count"] = generic.NumberObject(2)
    writer.update_container(tree)


def turn_pages(writer, pages):
    tree = writer.root["/Pages"]
    tree["/Kids"] = generic.ArrayObject(list(pages)[::-1])
    writer.update_container(tree)


def write_in_the_margin(writer, pages):
    page = pages[0].get_object()
    font = next(iter(page["/Resources"]["/Font"]))
    added = writer.add_object(
        generic.StreamObject(
            stream_data=f"BT {font} 8 Tf 1 0 0 1 20 820 Tm <00010002> Tj ET".encode()
        )
    )
    page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), added])
    writer.update_container(page)


UPDATES = (replace_a_page, empty_a_page, drop_a_page, turn_pages, write_in_the_margin)


@pytest.mark.parametrize("update", UPDATES, ids=lambda update: update.__name__.replace("_", " "))
def test_an_appended_update_that_changes_what_is_read_is_found(update):
    letter = a_long_letter()
    pdf = render_pdf(letter)

    changed = updated(pdf, update)

    assert changed.startswith(pdf)
    assert words_missing(changed, letter) != ()


@pytest.mark.parametrize("pdf", [b"", b"nothing", b"%PDF-1.7\n%%EOF\n"], ids=repr)
def test_what_cannot_be_read_says_other_words(pdf):
    (difference,) = words_missing(pdf, a_letter())

    assert difference.startswith("The PDF's pages can't be read: ")


def test_a_pdf_without_pages_says_other_words():
    empty = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.save(empty)

    assert words_missing(empty.getvalue(), a_letter()) != ()


def test_threads_do_not_disturb_one_another():
    letters = [*LETTERS.values()] * 4

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda one: words_missing(render_pdf(one), one), letters))

    assert found == [()] * len(letters)


def test_the_mark_is_the_one_that_is_printed():
    assert verify_words.SAMPLE_MARK == rendering.SAMPLE_MARK
