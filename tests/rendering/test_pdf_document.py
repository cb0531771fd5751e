"""The PDF as a document: its claims, tags and margins, its bytes, and what it refuses."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import outloud
import pytest

from letters.letter import Addressee, Letter, Letterhead, Signatory
from tasks.rendering.pdf import render_pdf
from tasks.rendering.words import CharacterNotPrintable
from tasks.templating import TEMPLATES
from tasks.typesetting import TypesettingFailed
from tests.builders import (
    DIRECTOR,
    INSPECTOR,
    a_letter,
    a_paragraph,
    a_section,
    an_item,
)
from tests.rendering.said import Heard

SENTENCE = "Managers look at every referral on the day on which it arrives and say what follows. "


def a_long_letter() -> Letter:
    """Three pages, with a letterhead of links."""
    items = [an_item(SENTENCE * (1 + number % 4)) for number in range(24)]
    return a_letter(
        letterhead=Letterhead(
            organisation="Inspectorate of Children’s Services",
            lines=("Lantern House", "office@inspectorate.example", "www.inspectorate.example"),
        ),
        sections=(
            a_section("Strengths", *items[:14]),
            a_section("Areas for development", *items[14:]),
        ),
    )


def a_joint_letter() -> Letter:
    """Four addressees and three signatories, signed by sample inspectors."""
    names = ("Tam Alder", "Ines Brook", "Una Clay", "Joss Dale")
    return a_letter(
        sample=True,
        addressees=tuple(
            Addressee(role="director", name=name, lines=("Chief Executive", f"Council of {name}"))
            for name in names
        ),
        salutation="Dear Westmere partnership",
        sections=(
            a_section("Findings"),
            a_section("Front door", a_paragraph(SENTENCE * 3), level=2),
            a_section("Early help", an_item(SENTENCE), an_item(SENTENCE), level=2),
            a_section("Next steps", a_paragraph(SENTENCE)),
        ),
        signatories=(
            INSPECTOR,
            Signatory(name="Dr Mair Elgar", title="Chief Inspector of Health Care in Westmere"),
            Signatory(name="Kit Farrow QPM", title="His Majesty’s Inspector of Constabulary"),
        ),
    )


LETTERS = {
    "a letter of one page": a_letter(),
    "a letter of three pages": a_long_letter(),
    "a joint letter of a sample inspector": a_joint_letter(),
    "a letter without sections": a_letter(sections=(), opening=(), copies=()),
    "a letter that begins with a section of the second level": a_letter(
        sections=(a_section("Deep", an_item("x"), level=2), a_section("Shallow", an_item("y")))
    ),
}


@pytest.mark.parametrize("is_proof", [False, True], ids=["as it goes out", "as a proof"])
@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS.keys())
def test_no_checker_finds_fault(letter: Letter, is_proof: bool, tmp_path: Path) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(render_pdf(letter, is_proof=is_proof))

    result = outloud.check(str(file))

    assert (result.error, [str(finding) for finding in result.findings]) == (None, [])


def test_it_says_what_it_is_and_claims_both_standards() -> None:
    pdf = Heard(render_pdf(a_letter())).pdf

    assert str(pdf.Root.Lang) == "en-GB"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert pdf.Root.MarkInfo.Marked
    with pdf.open_metadata(update_docinfo=False) as claims:
        assert claims["dc:title"] == a_letter().subject
        assert claims["dc:creator"] == ["Inspectorate of Children’s Services"]
        assert claims["pdf:Keywords"] == "CRA-WESTMERE-2011-02-14"
        assert claims["pdfuaid:part"] == "1"
        assert (claims["pdfaid:part"], claims["pdfaid:conformance"]) == ("2", "A")
        assert claims["xmp:CreateDate"] == "2011-03-14T00:00:00+00:00"
    fonts = {str(font.BaseFont).split("+")[1] for page in pdf.pages for font in fonts_of(page)}
    assert fonts == {"LiberationSans", "LiberationSans-Bold"}


def fonts_of(page):
    return page.Resources.Font.values()


def test_headings_paragraphs_and_lists_are_tagged_as_such() -> None:
    letter = a_letter(
        addressees=(DIRECTOR.model_copy(update={"lines": ("Director",)}),),
        sections=(
            a_section("Findings", a_paragraph("One."), an_item("Two."), an_item("Three.")),
            a_section("In detail", an_item("Four."), level=2),
        ),
        copies=(),
    )

    elements = [(element.tag, element.text) for element in Heard(render_pdf(letter)).elements()]

    after_the_letterhead = elements.index(("P", "14 March 2011"))
    opening = [("P", passage.text) for passage in letter.opening]
    assert elements[after_the_letterhead:] == [
        ("P", "14 March 2011"),
        ("P", "Ms Ada Thornbury"),
        ("P", "Director"),
        ("P", "Dear Ms Thornbury"),
        ("H1", letter.subject),
        *opening,
        ("H2", "Findings"),
        ("P", "One."),
        ("Lbl", "•"),
        ("LBody", "Two."),
        ("Lbl", "•"),
        ("LBody", "Three."),
        ("H3", "In detail"),
        ("Lbl", "•"),
        ("LBody", "Four."),
        ("P", letter.closing[0].text),
        ("P", "Yours sincerely"),
        ("P", "Rowan Pike"),
        ("P", "Her Majesty’s Inspector"),
    ]


def test_items_that_follow_one_another_are_one_list() -> None:
    passages = (an_item("1"), an_item("2"), a_paragraph("between"), an_item("3"))

    tags = Heard(render_pdf(a_letter(sections=(a_section("Findings", *passages),)))).tags

    assert (tags.count("L"), tags.count("LI")) == (2, 3)


@pytest.mark.parametrize(
    ("levels", "tags"),
    [
        pytest.param((1, 2, 2, 1), ["H2", "H3", "H3", "H2"], id="as they are"),
        pytest.param((2, 1, 2), ["H2", "H2", "H3"], id="never leaving a level out"),
    ],
)
def test_headings_are_tagged_with_their_levels(levels: tuple[int, ...], tags: list[str]) -> None:
    sections = tuple(a_section("Findings", an_item("x"), level=level) for level in levels)

    found = Heard(render_pdf(a_letter(sections=sections))).tags

    assert [tag for tag in found if tag in ("H1", "H2", "H3")] == ["H1", *tags]


def test_every_page_bears_reference_number_and_marks_outside_what_is_read_out() -> None:
    letter = a_long_letter().model_copy(update={"sample": True})

    pdf = Heard(render_pdf(letter, is_proof=True))

    pages = len(pdf.pdf.pages)
    assert pages == 3
    for page in range(pages):
        assert pdf.artefacts(page) == [
            "SAMPLE — not an official letter",
            f"PROOF — not issued. Content code {letter.content_code}",
            "CRA-WESTMERE-2011-02-14",
            f"Page {page + 1} of {pages}",
        ]
    assert str(pdf.pdf.docinfo.Title) == f"SAMPLE: PROOF: {letter.subject}"


def test_what_goes_out_bears_no_mark() -> None:
    assert Heard(render_pdf(a_letter())).artefacts(0) == [
        "CRA-WESTMERE-2011-02-14",
        "Page 1 of 1",
    ]


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is not installed")
def test_other_programs_find_the_words_and_the_marks(tmp_path: Path) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(render_pdf(a_joint_letter()))

    text = subprocess.run(
        ["pdftotext", "-layout", file, "-"], capture_output=True, text=True
    ).stdout

    for page in text.removesuffix("\f").split("\f"):
        assert page.startswith("SAMPLE — not an official letter\n")
    assert "Dr Mair Elgar" in text


def test_only_the_offices_own_addresses_are_links() -> None:
    letter = a_long_letter().model_copy(
        update={"closing": (a_paragraph("See www.evil.example or write to a@evil.example."),)}
    )

    pdf = Heard(render_pdf(letter)).pdf

    links = [str(a.A.URI) for page in pdf.pages for a in page.get("/Annots", [])]
    assert links == ["mailto:office@inspectorate.example", "https://www.inspectorate.example"]


# Bytes.


def test_the_same_letter_gives_the_same_bytes_in_another_process() -> None:
    letter = a_joint_letter()
    program = (
        "import hashlib, sys\n"
        "from letters.letter import Letter\n"
        "from tasks.rendering.pdf import render_pdf\n"
        "letter = Letter.model_validate_json(sys.stdin.read())\n"
        "print(hashlib.sha256(render_pdf(letter)).hexdigest())\n"
    )

    run = subprocess.run(
        [sys.executable, "-c", program],
        input=letter.model_dump_json(),
        capture_output=True,
        text=True,
        check=True,
        cwd=TEMPLATES.parent,
    )

    render_pdf(a_letter())
    assert run.stdout.strip() == hashlib.sha256(render_pdf(letter)).hexdigest()


def test_threads_do_not_disturb_one_another() -> None:
    letters = [a_letter(subject=f"Letter {number}") for number in range(12)]
    one_by_one = [render_pdf(letter) for letter in letters]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(render_pdf, letters)) == one_by_one


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"date": date(2011, 3, 15)}, id="its date"),
        pytest.param({"sample": True}, id="who signs it"),
        pytest.param({"salutation": "Dear Ada"}, id="a word"),
    ],
)
def test_another_letter_gives_other_bytes(change: dict[str, object]) -> None:
    assert render_pdf(a_letter(**change)) != render_pdf(a_letter())


@pytest.fixture
def other_templates(tmp_path: Path) -> Path:
    """A folder with the template and the fonts, to be changed."""
    shutil.copy(TEMPLATES / "letter.typ", tmp_path)
    shutil.copytree(TEMPLATES / "fonts", tmp_path / "fonts")
    return tmp_path


def test_a_copy_of_the_templates_gives_the_same_bytes(other_templates: Path) -> None:
    assert render_pdf(a_letter(), templates_root=other_templates) == render_pdf(a_letter())


def test_a_changed_template_gives_other_bytes(other_templates: Path) -> None:
    template = other_templates / "letter.typ"
    template.write_text(template.read_text().replace("side-margin = 25mm", "side-margin = 24mm"))

    assert render_pdf(a_letter(), templates_root=other_templates) != render_pdf(a_letter())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            ('"Liberation Sans"', '"Liberation Snas"'),
            "unknown font family: liberation snas",
            id="a font that is not there, which Typst only warns of",
        ),
        pytest.param(
            ("#set page(", '#read("/letter.typ")\n#set page('),
            "file not found",
            id="reading a file beside the fonts' folder",
        ),
        pytest.param(
            ("#set page(", '#read("/etc/hostname")\n#set page('),
            "file not found",
            id="reading a file elsewhere",
        ),
        pytest.param(("#set page(", "#set pgae("), "unknown variable: pgae", id="a misspelling"),
    ],
)
def test_a_faulty_template_fails(other_templates: Path, change: tuple[str, str], said: str) -> None:
    template = other_templates / "letter.typ"
    template.write_text(template.read_text().replace(*change))

    with pytest.raises(TypesettingFailed) as failure:
        render_pdf(a_letter(), templates_root=other_templates)

    assert failure.value.code == "typesetting-failed"
    assert said in failure.value.message


def test_the_fonts_are_the_ones_that_were_vendored() -> None:
    sums = (TEMPLATES / "fonts/SHA256SUMS").read_text().splitlines()

    assert dict(reversed(line.split("  ")) for line in sums) == {
        font.name: hashlib.sha256(font.read_bytes()).hexdigest()
        for font in (TEMPLATES / "fonts").glob("*.ttf")
    }


# Characters.


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        pytest.param("日", "“日” (U+65E5)", id="not in the fonts"),
        pytest.param("👍", "“👍” (U+1F44D)", id="an emoji"),
        pytest.param("◼", "“◼” (U+25FC)", id="a square bullet"),
        pytest.param("\u00ad", "U+00AD", id="a soft hyphen"),
        pytest.param("\u202e", "U+202E", id="a change of direction"),
        pytest.param("\u200b", "U+200B", id="a space of no width"),
        pytest.param("\u2028", "U+2028", id="a line separator"),
        pytest.param("\t", "U+0009", id="a tab"),
        pytest.param("\x07", "U+0007", id="a control character"),
        pytest.param("\ue000", "U+E000", id="a private character"),
    ],
)
def test_a_character_that_cannot_be_printed_is_named_with_its_place(
    character: str, shown: str
) -> None:
    letter = a_letter(
        sections=(a_section("Strengths", an_item("Well done."), an_item(f"Well{character}done.")),)
    )

    with pytest.raises(CharacterNotPrintable) as refusal:
        render_pdf(letter)

    assert refusal.value.code == "character-not-printable"
    assert str(refusal.value) == (
        f"The character {shown} can't be printed. (strengths/2)"
        " Write it in another way in the draft, and submit the draft again."
    )


@pytest.mark.parametrize(
    ("change", "place"),
    [
        pytest.param({"subject": "日"}, "subject", id="subject"),
        pytest.param({"sections": (a_section("日", key="findings"),)}, "findings", id="heading"),
        pytest.param(
            {"signatories": (INSPECTOR, Signatory(name="日", title="x"))},
            "signatories/2",
            id="signatory",
        ),
        pytest.param(
            {"letterhead": Letterhead(organisation="x", lines=("日",))},
            "letterhead",
            id="letterhead",
        ),
    ],
)
def test_the_place_of_an_unprintable_character_is_found_everywhere(
    change: dict[str, object], place: str
) -> None:
    with pytest.raises(CharacterNotPrintable) as refusal:
        render_pdf(a_letter(**change))

    assert refusal.value.where == place
