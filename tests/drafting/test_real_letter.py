"""The letter this product was conceived from, and its forty kin: read wholly, nothing lost.

The letters lie outside the repository; where they are missing, `conftest`
keeps this file from being collected.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import pytest
from drafts import a_kind

from letters.facts import find_facts
from letters.letter import Addressee, Placed, Signatory
from letters.reading import CopyLine, Reading
from tasks.drafting.kind_files import load_kinds
from tasks.drafting.markdown.reader import read_markdown
from tasks.drafting.markdown.writer import write_markdown
from tasks.drafting.readers import read_draft
from tasks.drafting.register_files import load_register

LETTERS = Path(__file__).resolve().parents[2].parent / "shared" / "letters"
REGISTER = load_register(LETTERS.parent / "office-wirral")
WIRRAL = LETTERS / "wirral-2010-08-18.txt"
ALL = sorted(LETTERS.glob("*.txt"))

# Signs that begin an item are no words of it.
BULLET = re.compile(r"^[ \t]*(?:[◼•\ue000-\uf8ff]|[-–](?= ))", re.MULTILINE)


def read(letter: Path) -> Reading:
    return read_draft(
        letter.read_bytes(),
        letter.name,
        register=REGISTER,
        kinds=(a_kind(),),
        limit_bytes=2_000_000,
    )


@pytest.fixture(scope="module")
def wirral() -> Reading:
    return read(WIRRAL)


def test_head_and_end_are_right(wirral: Reading) -> None:
    assert wirral.kind == "unannounced-inspection"
    assert wirral.authority == "wirral"
    assert wirral.date == "18 August 2010"
    assert wirral.addressees == (
        Addressee(
            role="director",
            name="Mr Howard Cooper",
            lines=(
                "Director of Children's Services",
                "Wirral Metropolitan Borough Council",
                "Hamilton Buildings",
                "Conway Street",
                "Birkenhead",
                "CH41 4FD",
            ),
        ),
    )
    assert wirral.salutation == "Dear Mr Cooper"
    assert wirral.subject == (
        "Annual unannounced inspection of contact, referral and assessment arrangements within "
        "Wirral Metropolitan Borough Council children's services"
    )
    assert wirral.valediction == "Yours sincerely"
    assert wirral.signatories == (Signatory(name="Jenny Gwilt", title="Her Majesty's Inspector"),)
    assert wirral.copies == (
        CopyLine(
            line="Stephen Maddox, Chief Executive, Wirral Metropolitan Borough Council",
            role="chief-executive",
            name="Stephen Maddox",
        ),
        CopyLine(
            line="Dennis Charlton, Chair of Wirral Safeguarding Children Board",
            role="safeguarding-board-chair",
            name="Dennis Charlton",
        ),
        CopyLine(
            line="Councillor Mrs Sheila Clarke MBE, Lead Member for Children's Services, "
            "Wirral Metropolitan Borough Council",
            role="lead-member",
            name="Councillor Mrs Sheila Clarke MBE",
        ),
        CopyLine(
            line="Andrew Spencer, Department for Education",
            role="department",
            name="Andrew Spencer",
        ),
    )


def test_the_body_is_right(wirral: Reading) -> None:
    assert [passage.style for passage in wirral.opening] == ["paragraph"] * 4
    assert [(s.heading, len(s.passages), s.level) for s in wirral.sections] == [
        ("Strengths", 6, 1),
        ("Satisfactory practice", 13, 1),
        ("Areas for development", 4, 1),
    ]
    assert {p.style for section in wirral.sections for p in section.passages} == {"item"}
    strengths, satisfactory, development = (section.passages for section in wirral.sections)
    assert strengths[0].text.startswith("The Remodelling Project, based on")
    assert "understood and established, especially in secondary schools." in satisfactory[4].text
    assert "the rationale for management decisions in the" in development[2].text
    assert development[3].text.startswith("The process for transfer of cases")
    assert [(passage.style, passage.text) for passage in wirral.closing] == [
        (
            "paragraph",
            "The areas for development identified above will be specifically considered in any "
            "future inspection of services to safeguard children within your area.",
        )
    ]


def test_every_guess_is_a_doubt(wirral: Reading) -> None:
    assert [(doubt.code, doubt.place, doubt.is_blocking) for doubt in wirral.doubts] == [
        ("letterhead-removed", "letterhead", False),
        ("letterhead-run-together", "letterhead", False),
        ("letterhead-misspelt", "letterhead", False),
        ("closing-by-wording", "closing", False),
        ("item-without-dash", "strengths/1", True),
        ("page-break-joined", "satisfactory-practice/5", True),
        ("page-break-joined", "areas-for-development/3", True),
        ("item-without-dash", "areas-for-development/4", True),
        ("signatory-run-together", "signatories/1", True),
        ("copies-run-together", "copies", True),
    ]
    misspelt = wirral.doubts[2]
    assert misspelt.read == wirral.leftovers[2]
    assert misspelt.proposed == (
        "“Safequarding” may be meant as “safeguarding”: nothing was corrected."
    )


def test_the_letterhead_is_left_over_as_it_stood(wirral: Reading) -> None:
    assert wirral.leftovers == tuple(WIRRAL.read_text(encoding="utf-8").split("\n")[:3])


def test_the_facts_are_right(wirral: Reading) -> None:
    passages = [
        Placed(f"opening/{number}", passage.text)
        for number, passage in enumerate(wirral.opening, start=1)
    ]
    passages += [
        Placed(f"section/{number}", passage.text)
        for section in wirral.sections
        for number, passage in enumerate(section.passages, start=1)
    ]
    passages += [Placed("closing/1", passage.text) for passage in wirral.closing]
    texts = dict(passages)

    facts = [
        (texts[fact.place][fact.start : fact.end], fact.place, fact.value)
        for fact in find_facts(passages)
    ]

    assert facts == [
        ("20 and 21 July 2010", "opening/1", {"first": "2010-07-20", "last": "2010-07-21"}),
        (
            "section 138 of the Education and Inspections Act 2006",
            "opening/1",
            {"act": "Education and Inspections Act 2006", "section": "138"},
        ),
        ("60 children's files", "opening/3", {"number": "60", "of": "children's files"}),
        (
            "one private fostering file",
            "opening/3",
            {"number": "1", "of": "private fostering file"},
        ),
        (
            "nine staff supervision files",
            "opening/3",
            {"number": "9", "of": "staff supervision files"},
        ),
    ]


def test_the_products_own_kind_reads_the_letter_alike(wirral: Reading) -> None:
    kinds = tuple(load_kinds(files("config") / "kinds").values())

    assert (
        read_draft(
            WIRRAL.read_bytes(), WIRRAL.name, register=REGISTER, kinds=kinds, limit_bytes=2_000_000
        )
        == wirral
    )


def test_forty_one_letters_are_at_hand() -> None:
    assert len(ALL) == 41


@pytest.mark.parametrize("letter", ALL, ids=lambda letter: letter.stem)
def test_no_word_of_a_letter_is_lost_or_moved(letter: Path) -> None:
    reading = read(letter)

    source = words_of([BULLET.sub("", letter.read_text(encoding="utf-8"))])
    head = words_of([reading.date, *(t for to in reading.addressees for t in (to.name, *to.lines))])
    body = words_of(body_of(reading))
    leftovers = words_of(reading.leftovers)
    label = ["Copy:"] if "Copy:" in source else []  # the letter prints its own
    assert Counter(head + body + leftovers + label) == Counter(source)
    # Footnotes are moved, with a doubt each; where the rest stands, `test_real_letters` tells.
    has_footnotes = any(doubt.code == "footnote-moved" for doubt in reading.doubts)
    assert has_footnotes or stands_in_order(body, source)
    assert stands_in_order(leftovers, source)


@pytest.mark.parametrize("letter", ALL, ids=lambda letter: letter.stem)
def test_a_letter_written_as_markdown_is_the_same_reading(letter: Path) -> None:
    reading = read(letter).model_copy(update={"sources": ()})

    again = read_markdown(write_markdown(reading), source="letter.md")

    assert again.model_copy(update={"sources": ()}) == reading


@pytest.mark.parametrize(
    ("name", "date", "headings", "signatories"),
    [
        pytest.param(
            "north-somerset-2025-11-06",
            "6 November 20205",
            ["Headline findings", "What needs to improve in this area of social work practice?1"],
            ["Steve Bailey"],
            id="an impossible year, a footnote",
        ),
        pytest.param(
            "cambridgeshire-2025-08-29",
            "",
            ["Headline findings", "What needs to improve in this area of social work practice?"],
            ["Sophie Wales"],
            id="no date",
        ),
        pytest.param(
            "norfolk-jtai-2025-02-27",
            "27 February 2025",
            ["Context", "Headline findings", "What needs to improve?", "Strengths"],
            [
                *("Yvette Stanley", "Dr Sean O’Kelly BSc MB ChB MSc DCH FRCA"),
                *("Michelle Skeer OBE QPM", "Martin Jones CBE"),
            ],
            id="four signatories",
        ),
        pytest.param(
            "haringey-2020-01-21",
            "21 January 2020",
            ["Overview", "Findings"],
            ["Brenda McLaughlin"],
            id="headings right above their paragraphs",
        ),
        pytest.param(
            "trafford-2018-08-02",
            "2 August 2018",
            ["Overview", "What needs to improve in this area of social work practice", "Findings"],
            ["Pauline Higham"],
            id="the bullets of a symbol font",
        ),
    ],
)
def test_kin_come_through_reasonably(
    name: str, date: str, headings: list[str], signatories: list[str]
) -> None:
    reading = read(LETTERS / f"{name}.txt")

    assert reading.date == date
    assert [section.heading for section in reading.sections][: len(headings)] == headings
    assert [signatory.name for signatory in reading.signatories] == signatories


def test_several_addressees_are_told_apart() -> None:
    reading = read(LETTERS / "norfolk-jtai-2025-02-27.txt")

    assert len(reading.addressees) == 7
    assert reading.addressees[1].name == "Sara Tough OBE"
    assert reading.addressees[1].lines == (
        "Executive Director Children’s Services, Norfolk County Council",
    )


def words_of(texts: Iterable[str]) -> list[str]:
    """Split texts into words; a comma between a name and its post may have become a line's end."""
    return [
        word.rstrip(",") for text in texts for word in re.findall(r"[^\s-]+", text) if word != ","
    ]


def body_of(reading: Reading) -> Iterable[str]:
    yield from (reading.salutation, reading.subject)
    yield from (passage.text for passage in reading.opening)
    for section in reading.sections:
        yield section.heading
        yield from (passage.text for passage in section.passages)
    yield from (passage.text for passage in reading.closing)
    yield reading.valediction
    for signatory in reading.signatories:
        yield from (signatory.name, signatory.title)
    yield from (copy.line for copy in reading.copies)


def stands_in_order(words: list[str], source: list[str]) -> bool:
    """Whether `words` is what is left of `source` when some of it is taken out."""
    rest = iter(source)
    return all(word in rest for word in words)
