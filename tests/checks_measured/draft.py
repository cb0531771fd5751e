"""A letter as a draft: what stands where in it, and how its parts are changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from letters.dates import parse_day
from letters.facts import find_facts
from letters.inspection import Inspection, inspection_fact, inspection_in
from letters.kind import Kind
from letters.letter import Authority, Fact, Placed
from letters.reading import Reading, ReadSection
from letters.register import Register
from letters.sectioning import key_sections


@dataclass(frozen=True)
class Draft:
    """A letter as it was read, its kind, and the office it would be submitted to."""

    letter: str
    reading: Reading
    kind: Kind
    register: Register

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The sections' keys, as places name them."""
        return key_sections(self.reading, self.kind).keys

    @cached_property
    def day(self) -> date:
        """The letter's date."""
        day = parse_day(self.reading.date)
        assert day is not None
        return day

    @cached_property
    def authority(self) -> Authority:
        """The authority it is written to."""
        authority = self.register.authority(self.reading.authority)
        assert authority is not None
        return authority

    @cached_property
    def inspected(self) -> Inspection:
        """The days of the inspection."""
        inspection = inspection_in(find_facts(self.passages("opening")))
        assert inspection is not None
        return inspection

    @cached_property
    def days_at(self) -> Fact:
        """Where the opening gives the days of the inspection."""
        fact = inspection_fact(find_facts(self.passages("opening")))
        assert fact is not None
        return fact

    def passages(self, *areas: str) -> tuple[Placed, ...]:
        """List the passages with their places: of some sections, or else of all."""
        parts = (
            ("opening", self.reading.opening),
            *zip(self.keys, (each.passages for each in self.reading.sections), strict=True),
            ("closing", self.reading.closing),
        )
        return tuple(
            Placed(f"{area}/{number}", passage.text)
            for area, passages in parts
            if not areas or area in areas
            for number, passage in enumerate(passages, start=1)
        )

    def section(self, key: str) -> ReadSection | None:
        """Find a section by its key."""
        return dict(zip(self.keys, self.reading.sections, strict=True)).get(key)

    def reading_with(self, **changes: object) -> Reading:
        """Change parts of the reading."""
        return self.reading.model_copy(update=changes)

    def with_text(self, place: str, text: str) -> Reading:
        """Change the words of one passage."""
        area, _, number = place.rpartition("/")
        at = int(number) - 1
        if area in ("opening", "closing"):
            passages = list(getattr(self.reading, area))
            passages[at] = passages[at].model_copy(update={"text": text})
            return self.reading_with(**{area: tuple(passages)})
        sections = list(self.reading.sections)
        index = self.keys.index(area)
        passages = list(sections[index].passages)
        passages[at] = passages[at].model_copy(update={"text": text})
        sections[index] = sections[index].model_copy(update={"passages": tuple(passages)})
        return self.reading_with(sections=tuple(sections))

    def with_section(self, key: str, section: ReadSection | None) -> Reading:
        """Change one section, or take it out."""
        pairs = zip(self.keys, self.reading.sections, strict=True)
        sections = (section if each == key else old for each, old in pairs)
        return self.reading_with(sections=tuple(each for each in sections if each is not None))
