"""All real letters are read right: each reading is the truth that was fixed by hand.

The letters lie outside the repository; where they are missing, `conftest`
keeps this file from being collected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

import pytest
from truth_of import BULLET, LETTERS, Expected, expected_of, register_of

from letters.dates import parse_day
from letters.letter import Signatory
from letters.reading import Reading
from letters.sectioning import key_sections
from tasks.drafting.kind_files import load_kinds
from tasks.drafting.readers import read_draft

NAMES = sorted(letter.stem for letter in LETTERS.glob("*.txt"))
REGISTER = register_of()
KINDS = load_kinds(files("config") / "kinds")
PAGE_NUMBER = re.compile(r"\s{20,}\d{1,2}")

BLOCKING = {
    "cheshire-west-jtai-2017-11-10": [
        ("footnote-moved", "opening/7"),
        ("footnote-moved", "next-steps/3"),
        ("signatures-side-by-side", "signatories"),
    ],
    # “Her” on one line, “= Majesty’s Inspector” on the next.
    "city-of-london-2018-11-16": [("signatory-title-joined", "signatories/1")],
    # The end of the address stands a second time below the date.
    "kingston-upon-thames-2022-06-23": [("addressee-unclear", "addressees/1")],
    "norfolk-jtai-2025-02-27": [("signatory-title-joined", "signatories/3")],
    # “20205”.
    "north-somerset-2025-11-06": [
        ("date-unclear", "date"),
        ("footnote-moved", "needs-to-improve/4"),
    ],
    # Two addresses, line by line within one another, the name not first.
    "stockton-on-tees-2022-10-26": [("addressee-unclear", "addressees/1")],
    # A sentence below an item, past a blank line: the page has no number.
    "warrington-2018-02-23": [("page-break-joined", "needs-to-improve/4")],
    "wirral-2010-08-18": [
        ("item-without-dash", "strengths/1"),
        ("page-break-joined", "satisfactory-practice/5"),
        ("page-break-joined", "areas-for-development/3"),
        ("item-without-dash", "areas-for-development/4"),
        ("signatory-run-together", "signatories/1"),
        ("copies-run-together", "copies"),
    ],
}
"""What a person must confirm; all other letters are read without."""


@cache
def read(name: str) -> Reading:
    return read_draft(
        (LETTERS / f"{name}.txt").read_bytes(),
        f"{name}.txt",
        register=REGISTER,
        kinds=tuple(KINDS.values()),
        limit_bytes=2_000_000,
    )


@cache
def truth(name: str) -> Expected:
    return expected_of(name)


every_letter = pytest.mark.parametrize("name", NAMES)


def test_every_letter_has_its_truth() -> None:
    assert len(NAMES) == 41
    assert set(BLOCKING) < set(NAMES)


@every_letter
def test_which_letter_it_is(name: str) -> None:
    reading, true = read(name), truth(name)

    assert (reading.kind, reading.authority) == (true.kind, true.authority)
    assert (reading.date, parse_day(reading.date)) == (true.date, true.day)


@every_letter
def test_head_and_end(name: str) -> None:
    reading, true = read(name), truth(name)

    assert reading.addressees == true.addressees
    assert (reading.salutation, reading.subject) == (true.salutation, true.subject)
    assert reading.valediction == true.valediction
    # An organisation printed above a name is read as the end of the title.
    assert reading.signatories == tuple(
        Signatory(name=signatory.name, title=", ".join(filter(None, (signatory.title, above))))
        for signatory, above in zip(true.signatories, true.organisations, strict=True)
    )
    assert reading.copies == true.copies


@every_letter
def test_the_body(name: str) -> None:
    reading, true = read(name), truth(name)
    kind = KINDS[reading.kind]

    assert reading.opening == true.opening
    assert [
        (rule.key if (rule := kind.section_headed(read.heading)) else "", read.heading, read.level)
        for read in reading.sections
    ] == [(section.key, section.heading, section.level) for section in true.sections]
    assert [read.passages for read in reading.sections] == [s.passages for s in true.sections]
    assert reading.closing == true.closing


@every_letter
def test_nothing_but_letterhead_and_page_numbers_is_left_over(name: str) -> None:
    assert read(name).leftovers == truth(name).leftovers


@every_letter
def test_the_words_of_the_body_are_the_sources_in_order(name: str) -> None:
    """Footnotes apart, which are moved: each stands once."""
    reading, true = read(name), truth(name)
    source = (LETTERS / f"{name}.txt").read_text(encoding="utf-8")
    body = source[source.index(true.salutation) : source.rindex(true.valediction)]
    lines = [BULLET.sub("", line.strip()) for line in body.split("\n") if not is_number(line)]
    written, printed = signs(lines), signs(body_of(reading))

    for footnote in true.footnotes:
        note = signs([footnote.text])
        assert (signs([source]).count(note), printed.count(note)) == (1, 1)
        written, printed = written.replace(note, ""), printed.replace(note, "")
    assert printed == written


@every_letter
def test_each_place_says_on_which_lines_it_stood(name: str) -> None:
    reading = read(name)
    source = (LETTERS / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    kind = KINDS[reading.kind]
    stood: dict[str, list[str]] = {}
    for line in reading.sources:
        assert line.text == source[line.line - 1]
        stood.setdefault(line.place, []).append(BULLET.sub("", line.text.strip()))

    numbers = [line.line for line in reading.sources]
    assert numbers == sorted(numbers)
    assert {place: signs(lines) for place, lines in stood.items() if is_of_text(place)} == {
        place: signs([text]) for place, text in texts_of(reading, key_sections(reading, kind).keys)
    }
    left = signs(reading.leftovers)
    for number, line in enumerate(source, start=1):
        assert number in numbers or signs([line]) in left


@every_letter
def test_what_could_be_read_otherwise_stops_the_letter(name: str) -> None:
    blocking = [(doubt.code, doubt.place) for doubt in read(name).doubts if doubt.is_blocking]

    assert blocking == BLOCKING.get(name, [])


def is_number(line: str) -> bool:
    return PAGE_NUMBER.fullmatch(line.rstrip()) is not None


def is_of_text(place: str) -> bool:
    """Whether a place is one text; an address or signature shares lines and loses commas."""
    return place.partition("/")[0] not in ("addressees", "signatories", "copies")


def signs(texts: Iterable[str]) -> str:
    """Run texts together, without the spaces that a line's end or a column made."""
    return "".join("".join(text.split()) for text in texts)


def body_of(reading: Reading) -> Iterator[str]:
    yield from (reading.salutation, reading.subject)
    yield from (passage.text for passage in reading.opening)
    for section in reading.sections:
        yield section.heading
        yield from (passage.text for passage in section.passages)
    yield from (passage.text for passage in reading.closing)


def texts_of(reading: Reading, keys: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the places of a reading that are one text, each with it."""
    places = ("date", "salutation", "subject", "valediction")
    yield from ((place, text) for place in places if (text := getattr(reading, place)))
    areas = [("opening", reading.opening), ("closing", reading.closing)]
    for key, section in zip(keys, reading.sections, strict=True):
        yield key, section.heading
        areas.append((key, section.passages))
    for area, passages in areas:
        for number, passage in enumerate(passages, start=1):
            yield f"{area}/{number}", passage.text
