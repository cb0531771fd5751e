"""An authority's year, and the year of all of them: what the annual review tells.

Owns what a review says and how its figures come of its letters. Where letters come from,
and how a review is kept so that the next year need not read them again, is for
`tasks/archiving/review_*.py`; how it is printed, for `dossier*.py`. No clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from letters.audit import Sha256
from letters.case import State
from letters.letter import Authority, Date, Frozen, Line, Slug, Text
from letters.reference import Reference
from letters.year import AsOf, DamagedRow, LetterRow, Punctuality

YEARS_BACK = 10
"""How many earlier years a review tells the figures of."""


class AreaEnd(Frozen):
    """How an area for development came to its end: answered by a passage, or waived."""

    how: Literal["answered", "waived"]
    reference: Line
    """The later letter that answers or waives it."""
    place: Line | Literal[""] = ""
    """The passage of that letter; empty for a waiver."""
    why: Text | Literal[""] = ""
    """Of a waiver, the reason that a person gave."""
    date: Date
    """Of that letter."""


class Area(Frozen):
    """An area for development that an issued letter raised."""

    reference: Line
    place: Line
    """`areas-for-development/2` in that letter."""
    text: Text
    was: tuple[Text, ...] = ()
    """Its words in that letter before they were corrected, the first first."""
    date: Date
    """Of the letter that raised it, as it was issued first."""
    carried: tuple[Line, ...] = ()
    """Later letters that say it again word for word: they carried it over."""
    end: AreaEnd | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing has answered it, and nobody has waived it."""
        return self.end is None

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters that ask for it."""
        return self.reference, *self.carried


class Ending(Frozen):
    """What a letter says became of an area of an earlier one, by that one's reference."""

    reference: Line
    """The letter that asked."""
    place: Line
    """Of the area, in the letter as it was when this was said."""
    asked: Text
    """The area's words, or their beginning as the pack quotes them."""
    end: AreaEnd


class SectionCount(Frozen):
    """How much stands in a section of a letter that holds findings."""

    key: Slug
    heading: Line
    findings: int
    """Its items; where it has none, its paragraphs."""
    raises_areas: bool = False


class ReviewedLetter(Frozen):
    """One letter of the year, as it holds now: corrected, where it was."""

    row: LetterRow
    title: Line
    """Of its kind, in words."""
    date: Date | None
    """Of the revision in force; None for a letter that was not issued, or was withdrawn."""
    sections: tuple[SectionCount, ...] = ()
    inspected_until: Date | None = None
    """By the revision in force; None where the row has it."""
    left_out: Literal["", "withdrawn", "sample"] = ""
    """Why it is told of and is in no figure: a sample, among letters that were really sent."""

    @property
    def is_issued(self) -> bool:
        """Whether a letter of it holds."""
        return self.date is not None

    @property
    def last_inspection_day(self) -> Date | None:
        """By the letter as it holds now; None where it tells of no inspection of its own."""
        return (
            None
            if self.row.inspected_until is None
            else self.inspected_until or self.row.inspected_until
        )

    @property
    def is_of_inspection(self) -> bool:
        """Whether it tells of an inspection, and holds or is under way."""
        return self.row.inspected_until is not None and not self.left_out

    @property
    def state(self) -> str:
        """Say in a word or two what has become of it: of the revision in force, where one is."""
        if self.left_out == "withdrawn":
            return "withdrawn"
        return "issued" if self._has_open_change else self._state_of_last

    @property
    def standing(self) -> str:
        """Say its state, and that of a change that was ordered and has not taken its place."""
        change = f", its change {self._state_of_last}" if self._has_open_change else ""
        return f"{self.state}{change}"

    @property
    def _has_open_change(self) -> bool:
        # The row tells the state of the last revision: of one in force it is one of these.
        return self.is_issued and self.row.state not in (State.ARCHIVED, State.ISSUED)

    @property
    def _state_of_last(self) -> str:
        return self.row.state.replace("-", " ")

    @property
    def findings(self) -> int:
        """How many findings of an inspection it tells, areas for development among them."""
        return sum(section.findings for section in self.sections) if self.is_of_inspection else 0


class YearFigures(Frozen):
    """A year in a few numbers: of one authority, or of all. What charts are drawn of."""

    year: int
    inspections: int
    """Letters after an inspection that were issued; an annual review is none."""
    letters: int
    """All letters that hold."""
    findings: int
    raised: int
    """Areas for development raised in the year."""
    answered: int
    """Areas that came to their end in the year, whenever they were raised."""
    still_open: int
    """Areas that its letters left open, whenever they were raised: what became of them later is
    told in later years."""
    in_time: int
    late: int
    """Late, or overdue by then."""
    in_doubt: int
    """Deliveries of which nobody knows whether they were taken."""


class AuthorityReview(Frozen):
    """What a year's review tells of one authority, and carries over to the next year's."""

    layout: Literal[1] = 1
    year: Annotated[int, Field(ge=1900, le=9999)]
    authority: Authority
    as_of: AsOf
    letters: tuple[ReviewedLetter, ...] = ()
    """In order of their references."""
    raised: tuple[Area, ...] = ()
    """Areas that the year's letters raised, those that have come to their end among them."""
    ended: tuple[Area, ...] = ()
    """Areas of earlier years that came to their end in this one."""
    still_open: tuple[Area, ...] = ()
    """All areas that its letters left open, the oldest first: the next year begins with them."""
    asks_ahead: tuple[Area, ...] = ()
    """What the year's letters ask for in words of a later year's letter that was sent before
    them: that letter raised it, and the later year tells of it."""
    ends_ahead: tuple[Ending, ...] = ()
    """What was said of areas of later years' letters: an annual review may be sent after them."""
    damaged: tuple[DamagedRow, ...] = ()
    history: Annotated[tuple[YearFigures, ...], Field(max_length=YEARS_BACK)] = ()
    """The years before, the earliest first."""
    previous: str = ""
    """SHA-256 of the review of the year before; empty where there is none."""

    def tells_as(self, other: AuthorityReview) -> bool:
        """Whether it tells what another review of the same year does, whenever each was made.

        As of when it was made, and how far a letter's trail had grown by then, are no
        difference; a letter that is overdue by now is one.
        """
        return self._told == other._told

    @property
    def _told(self) -> dict[str, Any]:
        told = self.model_dump(exclude={"as_of"})
        for letter in told["letters"]:
            del letter["row"]["case_head"]
        return {**told, "figures": self.figures}

    @property
    def is_inspected(self) -> bool:
        """Whether a letter of the year, issued or under way, tells of an inspection."""
        return any(each.is_of_inspection for each in self.letters)

    @property
    def may_be_inspected(self) -> bool:
        """Whether none tells of an inspection, and one that can't be told of may have."""
        return not self.is_inspected and bool(self.untold_inspections)

    @property
    def untold_inspections(self) -> list[str]:
        """List what can't be told of and was, by its reference, a letter after an inspection."""
        return [row.reference for row in self.damaged if _names_inspection(row.reference)]

    @property
    def is_whole(self) -> bool:
        """Whether every letter of it could be told of."""
        return all(row.code == "disposed" for row in self.damaged)

    @property
    def figures(self) -> YearFigures:
        """Count it."""
        at = self.as_of.at
        told = [each.row.punctuality(at) for each in self.letters if not each.left_out]
        issued = [each for each in self.letters if each.is_issued]
        return YearFigures(
            year=self.year,
            inspections=sum(each.is_of_inspection for each in issued),
            letters=len(issued),
            findings=sum(each.findings for each in issued),
            raised=len(self.raised),
            answered=len(self.ended) + sum(not area.is_open for area in self.raised),
            still_open=len(self.still_open),
            in_time=_count(told, "in time"),
            late=_count(told, "late") + _count(told, "overdue"),
            in_doubt=sum(e.row.in_doubt for e in self.letters if e.left_out != "sample"),
        )

    @property
    def findings_by_section(self) -> list[tuple[str, int]]:
        """Add up the findings of inspections by their sections' headings, as they come."""
        found: dict[str, tuple[str, int]] = {}
        for letter in self.letters:
            for section in letter.sections if letter.is_issued and letter.is_of_inspection else ():
                heading, number = found.get(section.key, (section.heading, 0))
                found[section.key] = (heading, number + section.findings)
        return list(found.values())


class NotReviewed(Frozen):
    """An authority of which the year's review could not be made, and why."""

    authority: Authority
    code: str
    message: str


class YearReview(Frozen):
    """The year of all authorities."""

    layout: Literal[1] = 1
    year: int
    as_of: AsOf
    authorities: tuple[AuthorityReview, ...] = ()
    """In order of their codes."""
    not_reviewed: tuple[NotReviewed, ...] = ()
    history: Annotated[tuple[YearFigures, ...], Field(max_length=YEARS_BACK)] = ()

    @property
    def figures(self) -> YearFigures:
        """Add up the authorities."""
        return total(self.year, (each.figures for each in self.authorities))

    @property
    def not_inspected(self) -> Iterator[Authority]:
        """Name the authorities that were not inspected, as far as all their letters tell."""
        return (
            each.authority
            for each in self.authorities
            if not each.is_inspected and not each.may_be_inspected
        )

    @property
    def inspection_unknown(self) -> Iterator[Authority]:
        """Name those of which it can't be told: their letters are damaged or disposed of."""
        return (each.authority for each in self.authorities if each.may_be_inspected)

    @property
    def is_whole(self) -> bool:
        """Whether everything could be told of every authority."""
        return not self.not_reviewed and all(each.is_whole for each in self.authorities)


class NamedReview(Frozen):
    """An authority's review as the year's summary names it."""

    code: Slug
    number: Annotated[int, Field(ge=1)]
    """Which of those that were kept."""
    sha256: Sha256
    """Of its stored bytes."""
    seq: int
    head: Sha256
    """The end of its chain when the summary was made: this anchors it."""
    still_open: int
    """How many areas it carries over."""
    is_awaited: bool
    """Whether the deadline of a letter still ran: it is late or in time by itself."""


class DisposedBy(Frozen):
    """A certificate of disposal, as the ledger names it."""

    number: int
    key: str
    sha256: Sha256


class YearSummary(Frozen):
    """What is kept of a year as a whole: its figures, and whose reviews it is made of."""

    layout: Literal[1] = 1
    year: Annotated[int, Field(ge=1900, le=9999)]
    as_of: AsOf
    """How far the ledger was read for it: from there on the next year reads it."""
    looked_back: AsOf | None = None
    """How far it had been read when earlier years were looked at: what it told later of those
    isn't seen yet. Not after `as_of`; None where there was nothing before."""
    figures: YearFigures
    reviews: tuple[NamedReview, ...] = ()
    """In order of the authorities' codes."""
    not_reviewed: tuple[NotReviewed, ...] = ()
    history: Annotated[tuple[YearFigures, ...], Field(max_length=YEARS_BACK)] = ()
    ahead: tuple[str, ...] = ()
    """Letters of later years of which the ledger knew by then, by their references."""
    disposed: dict[str, DisposedBy] = Field(default_factory=dict)
    """Those of them of which something was disposed of by then."""
    previous: str = ""
    """SHA-256 of the summary before, on which it is built; empty where there is none."""
    awaited: tuple[int, ...] = ()
    """Years, this one or earlier, in which the deadline of a letter still ran."""
    set_aside: tuple[NamedReview, ...] = ()
    """Of those that could not be reviewed, the reviews that held before."""

    def review_of(self, code: str) -> NamedReview | None:
        """Find how it names an authority's review."""
        return next((each for each in self.reviews if each.code == code), None)

    def tells_as(self, other: YearSummary) -> bool:
        """Whether it tells what another summary of the same year does, whenever each was made.

        It has seen the same ends of the authorities' chains: what a summary saw it anchors.
        """
        return self._told == other._told

    @property
    def _told(self) -> dict[str, Any]:
        return self.model_dump(exclude={"as_of", "looked_back", "ahead", "disposed"})


def total(year: int, figures: Iterable[YearFigures]) -> YearFigures:
    """Add up a year's figures."""
    rows = list(figures)
    names = [name for name in YearFigures.model_fields if name != "year"]
    return YearFigures(year=year, **{name: sum(getattr(r, name) for r in rows) for name in names})


def _names_inspection(reference: str) -> bool:
    # A letter after an inspection is named after its first day, a letter a year after the year.
    return Reference.parse(reference).period != Reference.parse(reference).year


def _count(told: Sequence[Punctuality], what: Punctuality) -> int:
    return sum(each == what for each in told)
