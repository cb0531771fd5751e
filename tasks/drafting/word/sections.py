"""The parts of a Word letter's body become opening, sections and closing.

Doubts and sources get the places that the letter's passages will have, as
`letters.sectioning` names them. Footnotes go to the end of their section.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from letters.kind import Kind
from letters.letter import Passage
from letters.reading import Reading, ReadSection, Source
from letters.sectioning import key_sections
from tasks.drafting.text.headings import Headings
from tasks.drafting.word.document import Note
from tasks.drafting.word.doubts import Doubts
from tasks.drafting.word.parts import DEEPEST_LEVEL, Part


@dataclass(slots=True)
class Group:
    """A heading and the parts below it, up to the next one."""

    heading: Part | None = None
    parts: list[Part] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    """Those called from elsewhere, such as the letter's head."""

    @property
    def level(self) -> int:
        """How deep its heading stands."""
        return self.heading.level if self.heading is not None else 1


class Body(NamedTuple):
    """What stands between subject and valediction, and where it stood."""

    opening: tuple[Passage, ...]
    sections: tuple[ReadSection, ...]
    closing: tuple[Passage, ...]
    sources: tuple[Source, ...]
    """Their texts are left empty: a paragraph's number says all."""


def grouped(parts: Iterable[Part]) -> list[Group]:
    """Group parts below their headings; the first group has none."""
    groups = [Group()]
    for part in parts:
        if part.style == "heading":
            groups.append(Group(part))
        else:
            groups[-1].parts.append(part)
    return groups


def settle_levels(groups: Sequence[Group], headings: Headings, *, highest: int) -> None:
    """Give each heading the level of a section or of one within it.

    `highest` is the level of Word's outline that sections have. A heading that no
    style tells is a section's if the kind knows it, or if none stands above.
    """
    above = False
    for group in groups:
        heading = group.heading
        if heading is None:
            continue
        text = heading.text.text
        if heading.is_by_look:
            is_section = headings.is_known(text) or headings.is_near_known(text) or not above
            heading.level = 1 if is_section else DEEPEST_LEVEL
            above = above or is_section
            continue
        level = max(heading.level - highest + 1, 1)
        heading.level = min(level, DEEPEST_LEVEL)
        if level > DEEPEST_LEVEL:
            heading.doubt("heading-too-deep", "A heading within a section, as deep as any.")
        above = True


def written(groups: Sequence[Group], closing: Group, kind: Kind | None, doubts: Doubts) -> Body:
    """Write groups as the letter's body, the first as its opening."""
    opening, *sections = groups
    read = tuple(
        ReadSection(
            heading=group.heading.text.text if group.heading else "",
            passages=tuple(_passages(group)),
            level=group.level,
        )
        for group in sections
    )
    keys = key_sections(Reading(sections=read), kind).keys
    sources = [
        source
        for key, group in zip(("opening", *keys, "closing"), (*groups, closing), strict=True)
        for source in _placed(key, group, doubts)
    ]
    return Body(tuple(_passages(opening)), read, tuple(_passages(closing)), tuple(sources))


def _passages(group: Group) -> Iterator[Passage]:
    for part in group.parts:
        yield Passage(
            style="item" if part.style == "item" else "paragraph",
            text=part.text.text,
            emphasis=part.text.emphasis,
        )
    for note, _ in _notes_of(group):
        yield Passage(style="paragraph", text=note.text.text, emphasis=note.text.emphasis)


def _notes_of(group: Group) -> Iterator[tuple[Note, int | None]]:
    """Yield the group's footnotes, each with the number of the paragraph that calls it."""
    heading = [group.heading] if group.heading is not None else []
    for part in (*heading, *group.parts):
        for note in part.notes:
            yield note, part.number
    for note in group.notes:
        yield note, None


def _placed(key: str, group: Group, doubts: Doubts) -> Iterator[Source]:
    heading = group.heading
    parts = [(key, heading)] if heading is not None else []
    parts += [(f"{key}/{number}", part) for number, part in enumerate(group.parts, start=1)]
    for place, part in parts:
        for code, read, proposed in part.doubts:
            doubts.add(code, place, read, proposed)
        yield Source(place=place, line=part.number, text="")
    for number, (note, called) in enumerate(_notes_of(group), start=len(group.parts) + 1):
        place = f"{key}/{number}"
        where = f"under “{heading.text.text}”" if heading is not None else f"of the {key}"
        doubts.add(
            "footnote-moved",
            place,
            note.text.text,
            f"A footnote, now the last paragraph {where}, where it is referred to.",
        )
        for code, read, proposed in note.oddities:
            doubts.add(code, place, read, proposed)
        if called is not None:
            yield Source(place=place, line=called, text="")
