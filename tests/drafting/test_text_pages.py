"""Plain text: what belongs to the page is left over, and footnotes go to their section."""

from __future__ import annotations

import pytest
from drafts import a_text, doubts_of, item, paragraph, read


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
            "A.\n\nDRAFT\n\n2\n\nB.\n\nDRAFT\n\n3\n\nC.",
            ("DRAFT", "2", "DRAFT", "3"),
            [("page-numbers-removed", ""), ("running-heads-removed", "")],
            id="what stands at the foot of several pages",
        ),
        pytest.param(
            "A.\n\x0c\nOur letter\n\nB.\n\x0c\nOur letter\n\nC.",
            ("\x0c", "Our letter", "\x0c", "Our letter"),
            [("running-heads-removed", "")],
            id="what stands at the head of several pages",
        ),
        pytest.param(
            "A.\n\n60\n\nB.\n\n61\n\nC.",
            ("60", "61"),
            [("page-number-unclear", "line/13"), ("page-numbers-removed", "")],
            id="numbers that begin high",
        ),
        pytest.param(
            "A.\n\x0c\nour letter\nb.\n\x0c\nour letter\nc.",
            ("\x0c", "\x0c"),
            [],
            id="lines right above a text are no running heads",
        ),
        pytest.param(
            "A.\n\n1\n\nB.\n\n2\n\nB.\n\nC.",
            ("1", "2"),
            [("page-numbers-removed", "")],
            id="a sentence at the head of several pages is none",
        ),
    ],
)
def test_what_belongs_to_the_page_is_left_over(
    body: str, leftovers: tuple[str, ...], doubts: list[tuple[str, str]]
) -> None:
    reading = read(a_text(body=body))

    assert (reading.leftovers, doubts_of(reading)) == (leftovers, doubts)


@pytest.mark.parametrize(
    ("below", "sections", "doubts"),
    [
        pytest.param(
            "- a.1\n\n1\n  A note,\nand more.\n\n- b.",
            (("Strengths", (item("a.1"), item("b."), paragraph("1 A note, and more."))),),
            [("footnote-moved", "strengths/3")],
            id="within a list, below its number",
        ),
        pytest.param(
            "- a b1 goes\n\n1 A note.\n\n1\n\non.",
            (("Strengths", (item("a b1 goes on."), paragraph("1 A note."))),),
            [
                ("page-numbers-removed", ""),
                ("passage-over-pages", "strengths/1"),
                ("footnote-moved", "strengths/2"),
            ],
            id="at a page's end, beside its number",
        ),
        pytest.param(
            "- a.1\n- b ‘c’2 d.\n\nSatisfactory practice\n\n- e.\n\n1\nOne.\n2\nTwo.",
            (
                (
                    "Strengths",
                    (item("a.1"), item("b ‘c’2 d."), paragraph("1 One."), paragraph("2 Two.")),
                ),
                ("Satisfactory practice", (item("e."),)),
            ),
            [("footnote-moved", "strengths/3"), ("footnote-moved", "strengths/4")],
            id="two, below the next section",
        ),
        pytest.param(
            "- a.\n\nSatisfactory practice?1\n\n- e.\n\nThe areas for development identified above"
            " matter.\n\n1\nOne.",
            (
                ("Strengths", (item("a."),)),
                ("Satisfactory practice?1", (item("e."), paragraph("1 One."))),
            ),
            [("closing-by-wording", "closing"), ("footnote-moved", "satisfactory-practice/2")],
            id="one of a heading",
        ),
    ],
)
def test_a_footnote_goes_to_the_end_of_its_section(
    below: str, sections: tuple[object, ...], doubts: list[tuple[str, str]]
) -> None:
    reading = read(a_text(body=f"Opening.\n\nStrengths\n\n{below}"))

    assert tuple((section.heading, section.passages) for section in reading.sections) == sections
    assert doubts_of(reading) == doubts


@pytest.mark.parametrize(
    ("body", "opening"),
    [
        pytest.param("A.1\n\nB.\n\n1\nOne.", ("A.1", "B.", "1 One."), id="of the opening"),
        pytest.param("A 1.\n\nB.\n\n1\nOne.", ("A 1.", "B.", "1 One."), id="a figure is no mark"),
        pytest.param("A12.1\n\nB.\n\n2\nTwo.", ("A12.1", "B.", "2 Two."), id="of another number"),
        pytest.param("A.\n\n1\nOne.\n\nB.1", ("A.", "1 One.", "B.1"), id="a mark further down"),
    ],
)
def test_a_number_above_a_text_begins_a_footnote_where_the_text_refers_to_it(
    body: str, opening: tuple[str, ...]
) -> None:
    reading = read(a_text(body=body))

    assert tuple(passage.text for passage in reading.opening) == opening
    assert reading.leftovers == ()
    moved = [("footnote-moved", "opening/3")] if "A.1" in body else []
    assert doubts_of(reading) == moved


def test_a_footnote_below_the_signature_is_no_signature() -> None:
    tail = "Robin Grey\nHer Majesty's Inspector\n\n\n1\n  The note\nof the act."

    reading = read(a_text(body="A.1\n\nStrengths\n\n- b.", tail=tail))

    assert [signatory.name for signatory in reading.signatories] == ["Robin Grey"]
    assert reading.opening == (paragraph("A.1"), paragraph("1 The note of the act."))
    assert doubts_of(reading) == [("footnote-moved", "opening/2")]
