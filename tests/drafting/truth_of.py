"""The truth about the real letters: what a reader ought to find, fixed by hand.

A truth file (`truth/<letter>.toml`) holds line numbers and codes, no words of the
letter; the words come from the letter itself. Every part is named by ranges:
`12`, `12-15`, `12-15,18` (lines from 1, joined), `12@0-34` (characters 0 to 34 of
the stripped line 12); a passage is `p` or `i` (paragraph, item) and its ranges.
Every word of the letter stands in exactly one part, else the file is wrong.

`date_line`, `letterhead`, `furniture`, `addressees`, `salutation`, `subject`,
`opening`, `sections`, `closing`, `valediction`, `signatories`, `footnotes`,
`copies_label` and the copies' `line` take words; `authority_name`,
`authority_short` and the copies' `name` only point at words that stand in
another part. A letter without a date, or with an impossible one, has no `date`.
A footnote's `section` counts from 1; 0 is the opening, one more than there are
sections is the closing.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Literal

from pydantic import Field

from letters.letter import Addressee, Authority, Frozen, Passage, Signatory, day_in_words
from letters.reading import CopyLine
from letters.register import Contact, Inspector, Register

TRUTH = Path(__file__).resolve().parent / "truth"
LETTERS = Path(__file__).resolve().parents[2].parent / "shared" / "letters"

BULLET = re.compile(r"^(?:[◼•\ue000-\uf8ff]\s*|[-–]\s+)")
RANGE = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+)|@(?P<start>\d+)-(?P<end>\d+))?")
SMALL_WORDS = {"and", "of", "on", "upon"}


class TruthWrong(Exception):
    """A truth file and its letter don't agree."""


class TrueAddressee(Frozen):
    """Where an addressee's name and the lines below it stand."""

    role: str
    name: str
    lines: tuple[str, ...] = ()


class TrueSignatory(Frozen):
    """Where a signatory's name and title stand, and the organisation printed above it."""

    name: str
    title: str
    organisation: str = ""


class TrueCopy(Frozen):
    """Where a line of the copy list stands, and the name in it."""

    role: str
    name: str
    line: str


class TrueFootnote(Frozen):
    """Where a footnote stands, and in which section its mark."""

    lines: str
    section: int


class TrueSection(Frozen):
    """Where a heading stands, and the passages below it."""

    heading: str
    level: Literal[1, 2] = 1
    key: str
    passages: tuple[str, ...]


class Truth(Frozen):
    """A truth file as it is written."""

    sha256: str
    kind: str
    authority: str
    authority_name: str = ""
    authority_is: str = ""
    authority_short: str = ""
    date: datetime.date | None = None
    date_line: str = ""
    letterhead: tuple[str, ...] = ()
    furniture: tuple[str, ...] = ()
    addressees: tuple[TrueAddressee, ...]
    salutation: str
    subject: str
    opening: tuple[str, ...]
    closing: tuple[str, ...]
    valediction: str
    signatories: tuple[TrueSignatory, ...]
    copies_label: str = ""
    copies: tuple[TrueCopy, ...] = ()
    hyphens: dict[int, Literal["keep", "drop"]] = Field(default_factory=dict)
    footnotes: tuple[TrueFootnote, ...] = ()
    sections: tuple[TrueSection, ...]


class ExpectedSection(Frozen):
    """A section as it ought to be read; its footnotes are its last paragraphs."""

    key: str
    heading: str
    level: int
    passages: tuple[Passage, ...]


class ExpectedFootnote(Frozen):
    """A footnote's words, its number first, and the section in which its mark stands."""

    section: int
    text: str


class Expected(Frozen):
    """What a reader ought to find in a letter, each text on one line, single-spaced."""

    letter: str
    kind: str
    authority: str
    day: datetime.date | None
    date: str
    """The date as it is written."""
    addressees: tuple[Addressee, ...]
    salutation: str
    subject: str
    opening: tuple[Passage, ...]
    sections: tuple[ExpectedSection, ...]
    closing: tuple[Passage, ...]
    valediction: str
    signatories: tuple[Signatory, ...]
    organisations: tuple[str, ...]
    """For each signatory the organisation printed above the name, or nothing."""
    copies: tuple[CopyLine, ...]
    footnotes: tuple[ExpectedFootnote, ...]
    leftovers: tuple[str, ...]


@dataclass
class _Source:
    """A letter's lines, and which of their characters have been given a place."""

    name: str
    lines: list[str]
    hyphens: dict[int, Literal["keep", "drop"]]
    taken: dict[int, set[int]] = field(default_factory=dict)
    joined: set[int] = field(default_factory=set)

    def words(self, ranges: str, *, are_taken: bool = True) -> str:
        """Return the words of some ranges, joined; they are taken unless only pointed at."""
        text = ""
        before = 0
        for number, start, end in self.spans(ranges):
            if are_taken:
                self._take(number, start, end)
            piece = " ".join(self.lines[number - 1][start:end].split())
            text = self._join(text, before, piece) if before else piece
            before = number
        if not text:
            raise TruthWrong(f"{self.name}: nothing stands at {ranges!r}.")
        return text

    def passage(self, ranges: str) -> Passage:
        """Return a passage of its style and ranges, an item without its bullet."""
        letter, _, rest = ranges.partition(" ")
        if letter not in ("p", "i"):
            raise TruthWrong(f"{self.name}: {ranges!r} says neither p nor i.")
        text = self.words(rest)
        if letter == "p":
            return Passage(style="paragraph", text=text)
        return Passage(style="item", text=BULLET.sub("", text))

    def check_all_taken(self) -> None:
        """Raise TruthWrong where words have no place, or a hyphen is named that joins nothing."""
        for number, line in enumerate(self.lines, start=1):
            left = set(range(len(line))) - self.taken.get(number, set())
            words = "".join(line[at] for at in sorted(left)).strip(" ,")
            if words:
                raise TruthWrong(f"{self.name}:{number}: has no place: {words!r}.")
        idle = sorted(set(self.hyphens) - self.joined)
        if idle:
            raise TruthWrong(f"{self.name}: hyphens join nothing in lines {idle}.")

    def spans(self, ranges: str) -> Iterator[tuple[int, int, int]]:
        """Yield number, start and end of each line that some ranges name, blank ones apart."""
        for part in ranges.split(","):
            match = RANGE.fullmatch(part.strip())
            if match is None:
                raise TruthWrong(f"{self.name}: {part!r} is no range.")
            first = int(match["first"])
            for number in range(first, int(match["last"] or first) + 1):
                if not 1 <= number <= len(self.lines):
                    raise TruthWrong(f"{self.name}: there is no line {number}.")
                length = len(self.lines[number - 1])
                end = int(match["end"] or length)
                if end > length:
                    raise TruthWrong(f"{self.name}:{number}: has no character {end}.")
                if length:
                    yield number, int(match["start"] or 0), end

    def _take(self, number: int, start: int, end: int) -> None:
        taken = self.taken.setdefault(number, set())
        span = set(range(start, end))
        if taken & span:
            raise TruthWrong(f"{self.name}:{number}: stands in two places.")
        taken |= span

    def _join(self, text: str, before: int, piece: str) -> str:
        if not re.search(r"\w-$", text):
            return f"{text} {piece}"
        self.joined.add(before)
        if before not in self.hyphens:
            raise TruthWrong(f"{self.name}:{before}: say whether the hyphen is kept or dropped.")
        return text + piece if self.hyphens[before] == "keep" else text[:-1] + piece


def truth_of(path: Path) -> Truth:
    """Read a truth file as it is written."""
    return Truth.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def expected_of(letter: str, *, truths: Path = TRUTH, letters: Path = LETTERS) -> Expected:
    """Build what ought to be read of `letter`; raise TruthWrong where truth and letter differ."""
    truth = truth_of(truths / f"{letter}.toml")
    source = _source_of(letter, truth, letters)
    organisations = tuple(
        source.words(one.organisation) if one.organisation else "" for one in truth.signatories
    )
    footnotes = tuple(
        ExpectedFootnote(section=note.section, text=source.words(note.lines))
        for note in truth.footnotes
    )
    areas = _areas(source, truth, footnotes)
    expected = Expected(
        letter=letter,
        kind=truth.kind,
        authority=truth.authority,
        day=truth.date,
        date=source.words(truth.date_line) if truth.date_line else "",
        addressees=tuple(
            Addressee(
                role=one.role,
                name=source.words(one.name),
                lines=tuple(source.words(line) for line in one.lines),
            )
            for one in truth.addressees
        ),
        salutation=source.words(truth.salutation),
        subject=source.words(truth.subject),
        opening=areas[0],
        sections=tuple(
            ExpectedSection(
                key=section.key,
                heading=source.words(section.heading),
                level=section.level,
                passages=passages,
            )
            for section, passages in zip(truth.sections, areas[1:-1], strict=True)
        ),
        closing=areas[-1],
        valediction=source.words(truth.valediction),
        signatories=tuple(
            Signatory(name=source.words(one.name), title=source.words(one.title))
            for one in truth.signatories
        ),
        organisations=organisations,
        copies=tuple(
            CopyLine(
                role=copy.role,
                name=source.words(copy.name, are_taken=False),
                line=source.words(copy.line),
            )
            for copy in truth.copies
        ),
        footnotes=footnotes,
        leftovers=_leftovers(source, truth),
    )
    if truth.copies_label:
        source.words(truth.copies_label)
    source.check_all_taken()
    _check_order(source, truth)
    if truth.date and day_in_words(truth.date) != expected.date:
        raise TruthWrong(f"{letter}: {truth.date} isn't {expected.date!r}.")
    return expected


def register_of(*, truths: Path = TRUTH, letters: Path = LETTERS) -> Register:
    """Build the register of all letters that have a truth: addresses are invented."""
    names: dict[str, str] = {}
    short_names: dict[str, str] = {}
    contacts: dict[tuple[str, str, str], Contact] = {}
    inspectors: dict[str, Inspector] = {}
    for path in sorted(truths.glob("*.toml")):
        truth = truth_of(path)
        source = _source_of(path.stem, truth, letters)
        code = truth.authority
        names[code] = max(names.get(code, ""), _name_of(source, truth), key=len)
        short_names.setdefault(code, _words_of(code))
        if truth.authority_short:
            short_names[code] = source.words(truth.authority_short, are_taken=False)
        for role, at in (
            *((one.role, one.name) for one in truth.addressees),
            *((one.role, one.name) for one in truth.copies),
        ):
            name = source.words(at, are_taken=False)
            contacts[code, role, name] = Contact(
                authority=code, role=role, name=name, email=f"{code}.{_slug(name)}@example.org"
            )
        for signatory in truth.signatories:
            name = source.words(signatory.name, are_taken=False)
            inspectors[name] = Inspector(
                id=_slug(name), name=name, email=f"{_slug(name)}@example.org"
            )
    return Register(
        authorities=tuple(
            Authority(code=code, name=names[code], short_name=short_names[code]) for code in names
        ),
        contacts=tuple(contacts.values()),
        inspectors=tuple(inspectors.values()),
    )


def _source_of(letter: str, truth: Truth, letters: Path) -> _Source:
    data = (letters / f"{letter}.txt").read_bytes()
    if sha256(data).hexdigest() != truth.sha256:
        raise TruthWrong(f"{letter}: the letter isn't the one that the truth was made of.")
    lines = [line.strip() for line in data.decode("utf-8").split("\n")]
    return _Source(letter, lines, truth.hyphens)


def _areas(
    source: _Source, truth: Truth, footnotes: Iterable[ExpectedFootnote]
) -> list[tuple[Passage, ...]]:
    """Return the passages of opening, sections and closing, footnotes last in theirs."""
    areas = [
        [source.passage(passage) for passage in passages]
        for passages in (
            truth.opening,
            *(section.passages for section in truth.sections),
            truth.closing,
        )
    ]
    for note in footnotes:
        areas[note.section].append(Passage(style="paragraph", text=note.text))
    return [tuple(area) for area in areas]


def _leftovers(source: _Source, truth: Truth) -> tuple[str, ...]:
    """Return each line that is left over, in the letter's order."""
    left = [
        (number, start, end)
        for ranges in (*truth.letterhead, *truth.furniture)
        for number, start, end in source.spans(ranges)
    ]
    return tuple(source.words(f"{number}@{start}-{end}") for number, start, end in sorted(left))


def _check_order(source: _Source, truth: Truth) -> None:
    """Raise TruthWrong unless the body's parts follow one another as in the letter."""
    parts = [truth.salutation, truth.subject, *(p[2:] for p in truth.opening)]
    for section in truth.sections:
        parts += [section.heading, *(p[2:] for p in section.passages)]
    parts += [*(p[2:] for p in truth.closing), truth.valediction]
    spans = [span for part in parts for span in source.spans(part)]
    for before, after in pairwise(spans):
        if after <= before:
            raise TruthWrong(f"{source.name}:{after[0]}: stands before line {before[0]}.")


def _name_of(source: _Source, truth: Truth) -> str:
    if truth.authority_name:
        return source.words(truth.authority_name, are_taken=False)
    if not truth.authority_is:
        raise TruthWrong(f"{source.name}: neither authority_name nor authority_is is there.")
    return truth.authority_is


def _words_of(code: str) -> str:
    return " ".join(w if w in SMALL_WORDS else w.capitalize() for w in code.split("-"))


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
