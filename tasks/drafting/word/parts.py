"""The parts of a Word letter's body: headings, paragraphs and items.

Told by Word's styles and lists; where those are missing, by the kind's headings
and by looks, with a doubt. Which sections they make up is `word_sections`' matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Literal

from letters.emphasis import Emphasised
from tasks.drafting.text.headings import Headings, is_shaped_like_heading
from tasks.drafting.text.notes import Notes, around_break
from tasks.drafting.text.words import is_terminated
from tasks.drafting.word.document import Note, Paragraph
from tasks.drafting.word.fields import Oddity
from tasks.drafting.word.text import is_all_bold, joined, signs_of, spread, words_of

DEEPEST_LEVEL = 2

# U+E000 to U+F8FF: the signs of symbol fonts.
_BULLET = re.compile(r"([◼◾▪■●•‣⁃∙○◦➢➤\ue000-\uf8ff]|[*·–—-](?=\s)|o(?=\t))")
_DASHES = "-–—"
_LONGEST_ENDED_LINE_CHARACTERS = 60


@dataclass(slots=True)
class Part:
    """A heading, a paragraph or an item."""

    style: Literal["heading", "paragraph", "item"]
    text: Emphasised
    number: int
    """Of the paragraph that it is, or a part of which it is."""
    level: int = 1
    """A heading's."""
    is_by_look: bool = False
    """Whether no style says that it is a heading, and of which level."""
    sign: str = ""
    """The bullet that was typed before an item."""
    doubts: list[Oddity] = field(default_factory=list)
    notes: tuple[Note, ...] = ()

    def doubt(self, code: str, proposed: str, *, read: str = "") -> None:
        """Note that it was read in one of several ways."""
        self.doubts.append(Oddity(code, read or self.text.text, proposed))


def take_parts(paragraphs: Sequence[Paragraph], headings: Headings, notes: Notes) -> list[Part]:
    """Tell what each paragraph of the body is; a bullet without words is left over."""
    filled = [paragraph for paragraph in paragraphs if paragraph.lines]
    parts: list[Part] = []
    for paragraph in filled:
        taken = list(_parts_of(paragraph, headings, is_last=paragraph is filled[-1]))
        taken[-1].notes = paragraph.notes
        parts += taken
    for part in parts:
        if not part.text.text:
            notes.leave(part.number, part.sign)
    kept = [part for part in parts if part.text.text or part.notes]
    _doubt_typed_signs(kept)
    return kept


def _parts_of(paragraph: Paragraph, headings: Headings, *, is_last: bool) -> Iterator[Part]:
    mark = paragraph.mark
    is_bulleted = mark is not None and mark.style == "bullet"
    if paragraph.heading_level is not None and not is_bulleted:
        yield _heading(paragraph)
    elif mark is not None:
        part = Part("item" if is_bulleted else "paragraph", paragraph.words, paragraph.number)
        _doubt_breaks(part, paragraph.lines)
        if not is_bulleted:
            part.text = _with_number(mark.text, part.text)
            part.doubt("numbers-as-text", part.text.text, read=paragraph.text)
        elif mark.is_nested:
            part.doubt("item-nested", "An item of the one list, as those above it.")
        yield part
    else:
        chunks = _chunks(paragraph)
        for at, (sign, lines) in enumerate(chunks):
            part = Part("item" if sign else "paragraph", joined(lines), paragraph.number, sign=sign)
            if not sign and len(lines) == 1:
                _judge_look(part, headings, is_last=is_last and at == len(chunks) - 1)
            _doubt_breaks(part, lines)
            yield part


def _heading(paragraph: Paragraph) -> Part:
    part = Part("heading", paragraph.words, paragraph.number, level=paragraph.heading_level or 1)
    if paragraph.mark is not None:
        part.doubt(
            "numbers-dropped",
            f"{paragraph.text}: the heading without its number.",
            read=f"{paragraph.mark.text} {paragraph.text}".strip(),
        )
    _doubt_breaks(part, paragraph.lines)
    return part


def _judge_look(part: Part, headings: Headings, *, is_last: bool) -> None:
    """Take a line for a heading that the kind knows, or that is set like one."""
    text = part.text.text
    if headings.is_known(text):
        part.style, part.is_by_look = "heading", True
    elif is_all_bold(part.text) and is_shaped_like_heading(text) and not is_last:
        part.style, part.is_by_look = "heading", True
        part.doubt("heading-by-look", f"A heading: {text}")


def typed_bullet(line: str) -> str:
    """Return the sign with which a line begins as items do; empty where it doesn't."""
    sign = _BULLET.match(line.lstrip())
    return sign[1] if sign is not None else ""


def _chunks(paragraph: Paragraph) -> list[tuple[str, list[Emphasised]]]:
    """Part a paragraph's lines before each one that begins with a bullet."""
    chunks: list[tuple[str, list[Emphasised]]] = []
    for line, raw in zip(paragraph.lines, paragraph.raw_lines, strict=True):
        if sign := typed_bullet(raw):
            chunks.append((sign, [words_of(spread(line)[len(sign) :])]))
        elif chunks:
            chunks[-1][1].append(line)
        else:
            chunks.append(("", [line]))
    return chunks


def _with_number(number: str, text: Emphasised) -> Emphasised:
    return words_of([*signs_of(f"{number} "), *spread(text)])


def _doubt_breaks(part: Part, lines: Sequence[Emphasised]) -> None:
    """Note where a line was ended that may be one of its own."""
    for before, after in pairwise(lines):
        is_ended = is_terminated(before.text) or len(before.text) <= _LONGEST_ENDED_LINE_CHARACTERS
        if is_ended and after.text[:1].isalnum() and not after.text[0].islower():
            read, proposed = around_break(before.text, after.text)
            part.doubt("lines-joined", proposed, read=read)


def _doubt_typed_signs(parts: Sequence[Part]) -> None:
    """Note typed bullets; a dash alone, of which no list comes, may be a dash."""
    announced = False  # the line above ends in a colon
    for sign, group in groupby(parts, key=lambda part: part.sign):
        items = list(group)
        is_clear = sign not in _DASHES or len(items) > 1 or announced
        for item in items if sign else ():
            read = f"{sign} {item.text.text}"
            item.doubt(
                "bullet-typed" if is_clear else "dash-typed",
                f"An item: {item.text.text}",
                read=read,
            )
        announced = items[-1].text.text.endswith(":")
