"""Where pages end: what belongs together stays together, whatever the length."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from letters.letter import Copy, Letter, Signatory
from tasks.rendering.pdf import render_pdf
from tests.builders import INSPECTOR, a_letter, a_paragraph, a_section, an_item
from tests.rendering.said import Heard

SENTENCE = "Managers look at every referral on the day on which it arrives and say what follows. "
THREE = tuple(
    Signatory(name=name, title="Inspector of something that needs a long title on two lines")
    for name in ("Rowan Pike", "Mair Elgar", "Kit Farrow")
)


def ending_in_a_paragraph(filler: int) -> Letter:
    return a_letter(
        sections=(a_section("Strengths", *[a_paragraph("x")] * filler),),
        closing=(a_paragraph(SENTENCE * 4),),
    )


def ending_in_a_list(filler: int) -> Letter:
    items = [an_item("x")] * filler + [an_item(SENTENCE * 3)]
    return a_letter(sections=(a_section("Strengths", *items),), closing=())


def ending_in_one_line(filler: int) -> Letter:
    return a_letter(
        opening=tuple([a_paragraph("x")] * filler), sections=(), closing=(), signatories=THREE
    )


def with_headings(filler: int) -> Letter:
    return a_letter(
        sections=(
            a_section("Strengths", *[an_item("x")] * filler),
            a_section("Findings"),
            a_section("Detail", a_paragraph("As follows:"), an_item(SENTENCE * 2), level=2),
        ),
        signatories=(INSPECTOR, *THREE),
    )


SHAPES = [ending_in_a_paragraph, ending_in_a_list, ending_in_one_line, with_headings]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__.replace("_", " "))
def test_pages_break_where_they_may(shape: Callable[[int], Letter]) -> None:
    for filler in range(12, 44):
        letter = shape(filler)

        pdf = Heard(render_pdf(letter))

        elements = pdf.elements()
        texts = [element.text for element in elements]
        body = max(
            number
            for number, element in enumerate(elements)
            if element.text == list(letter.passages())[-1].text
        )
        valediction = texts.index(letter.valediction)
        last_title = len(texts) - 1 - texts[::-1].index(letter.signatories[-1].title)

        # The body's last line, the valediction and all signatures stand on one page.
        pages = {page for e in elements[valediction : last_title + 1] for page in e.pages}
        assert pages == {elements[body].pages[-1]}
        # A paragraph never leaves one line alone at a page's end, nor takes one line over.
        for element in elements:
            for page in set(element.pages):
                split = len(set(element.pages)) > 1
                assert not split or element.pages.count(page) >= 2
        # A heading, or what announces a list, is followed on its page.
        for element, following in pairwise(elements):
            if element.tag in ("H1", "H2", "H3") or element.text.endswith(":"):
                assert element.pages[-1] == following.pages[0]


def test_signatures_stand_below_the_body_and_above_the_copies() -> None:
    for letter in (ending_in_a_paragraph(3), ending_in_a_list(3), with_headings(30)):
        tagged = [run for run in Heard(render_pdf(letter)).runs if run.mcid is not None]

        heights = [
            min(run.y - 842 * run.page for run in tagged if run.text.startswith(text[:20]))
            for text in (
                list(letter.passages())[-1].text,
                letter.valediction,
                letter.signatories[0].name,
                "Copy:",
            )
        ]

        gaps = [above - below for above, below in pairwise(heights)]
        assert all(12 < gap < 200 for gap in gaps), gaps


def test_a_short_copy_list_stays_with_the_signatures() -> None:
    for filler in range(12, 44):
        elements = Heard(render_pdf(ending_in_a_paragraph(filler))).elements()

        texts = [element.text for element in elements]
        after = elements[texts.index("Yours sincerely") :]
        assert len({page for element in after for page in element.pages}) == 1


@pytest.mark.parametrize(
    "letter",
    [
        pytest.param(
            a_letter(
                copies=tuple(Copy(role="other", name="x", line=f"Recipient {n}") for n in range(40))
            ),
            id="forty copies",
        ),
        pytest.param(
            a_letter(
                signatories=tuple(
                    Signatory(name="n" * 400, title="Inspector of things " * 19) for _ in range(10)
                )
            ),
            id="ten signatories whose titles are as long as they may be",
        ),
        pytest.param(
            a_letter(sections=(a_section("x", an_item("word " * 3900)),), closing=()),
            id="an item longer than a page, with which the letter ends",
        ),
        pytest.param(
            a_letter(sections=(a_section("x", a_paragraph("word " * 3900 + "end:")),)),
            id="an announcement longer than a page",
        ),
        pytest.param(
            a_letter(
                subject="x" * 300,
                opening=(a_paragraph("y" * 300), an_item("z" * 300)),
                addressees=(a_letter().addressees[0].model_copy(update={"name": "n" * 300}),) * 2,
            ),
            id="words longer than a line",
        ),
        pytest.param(
            a_letter(addressees=a_letter().addressees * 20),
            id="twenty addressees",
        ),
        pytest.param(
            a_letter(opening=(), closing=(), sections=(a_section("Nothing"),)),
            id="nothing but a heading",
        ),
    ],
)
def test_nothing_ever_runs_off_the_paper(letter: Letter) -> None:
    pdf = Heard(render_pdf(letter))

    for run in pdf.runs:
        # No line holds so many characters, not even narrow ones.
        assert len(run.text) < 130, run
        # A4 is 842 points high; the margins hold the running lines only.
        assert 30 < run.y < 815, run
        assert run.mcid is None or 70 < run.y < 775, run
