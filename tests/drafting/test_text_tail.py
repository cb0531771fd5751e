"""Plain text: valediction, signatories and copy list."""

from __future__ import annotations

import pytest
from drafts import WRAPPED, a_kind, a_register, a_text, doubts_of, item, read

from letters.letter import Signatory
from letters.reading import CopyLine
from tasks.drafting.text.reader import read_text

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
            "Alex Stone, Her Majesty’s Inspector",
            (Signatory(name="Alex Stone", title="Her Majesty’s Inspector"),),
            (),
            [("signatory-run-together", "signatories/1")],
            id="run together with a name nobody knows",
        ),
        pytest.param(
            "Alex Stone Head of Probation",
            (),
            ("Alex Stone Head of Probation",),
            [("signatory-unclear", "signatories")],
            id="run together with a name and a title nobody knows",
        ),
        pytest.param(
            "Robin Grey      Alex Stone\nInspector       Head of\n                Probation\n\n\n"
            "Kim Wood\nInspector",
            (
                Signatory(name="Robin Grey", title="Inspector"),
                Signatory(name="Alex Stone", title="Head of Probation"),
                Signatory(name="Kim Wood", title="Inspector"),
            ),
            (),
            [("signatures-side-by-side", "signatories")],
            id="side by side",
        ),
        pytest.param(
            "  Robin Grey           Alex Stone\nInspector              Head",
            (
                Signatory(name="Robin Grey", title="Inspector"),
                Signatory(name="Alex Stone", title="Head"),
            ),
            (),
            [("signatures-side-by-side", "signatories")],
            id="side by side, set in the middle of their columns",
        ),
        pytest.param(
            "   The Inspectorate         Probation\n\n\n\n   Robin Grey               Alex Stone\n"
            "   Inspector                Head\n\n   Police\n\n\n   Kim Wood\n   Inspector",
            (
                Signatory(name="Robin Grey", title="Inspector, The Inspectorate"),
                Signatory(name="Alex Stone", title="Head, Probation"),
                Signatory(name="Kim Wood", title="Inspector, Police"),
            ),
            (),
            [("signatures-side-by-side", "signatories")],
            id="side by side, each below an organisation",
        ),
        pytest.param(
            "Probation\n\n\n\nAlex Stone\nHead",
            (Signatory(name="Alex Stone", title="Head, Probation"),),
            (),
            [("signatory-title-joined", "signatories/1")],
            id="below an organisation",
        ),
        pytest.param(
            "Alex Stone\n\nHead of Probation\nin the North",
            (Signatory(name="Alex Stone", title="Head of Probation in the North"),),
            (),
            [("signatory-title-joined", "signatories/1")],
            id="a name above its title of two lines",
        ),
        pytest.param(
            "Alex Stone\n\n\n\nHer Majesty's Inspector\nfor schools",
            (Signatory(name="Alex Stone", title="Her Majesty's Inspector for schools"),),
            (),
            [("signatory-title-joined", "signatories/1")],
            id="a name that nobody knows far above a known title",
        ),
        pytest.param(
            "Robin Grey\n\n\n\nHer Majesty's Inspector\nfor schools",
            (Signatory(name="Robin Grey", title="Her Majesty's Inspector for schools"),),
            (),
            [("signatory-title-joined", "signatories/1")],
            id="a name far above its title of two lines",
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
    ("line", "is_left_over"),
    [
        pytest.param("Reference: CRA-WESTMERE-2011-02-14", True, id="the product's own"),
        pytest.param("Reference: 2011/7", False, id="another"),
    ],
)
def test_the_reference_below_a_letter_is_left_over(line: str, is_left_over: bool) -> None:
    reading = read(a_text(tail=f"Robin Grey\nHer Majesty's Inspector\n\n{line}"))

    assert reading.signatories == (GREY,)
    assert reading.leftovers == (line,)
    assert (doubts_of(reading) == []) is is_left_over
