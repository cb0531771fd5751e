"""The copy list of a letter in plain text: one recipient a line.

The register knows names and roles. Recipients who ran together are told apart by its
names only, never by guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from letters.reading import CopyLine
from letters.register import Contact
from tasks.drafting.text.layout import Layout
from tasks.drafting.text.lines import SourceLine
from tasks.drafting.text.notes import Notes
from tasks.drafting.text.tail import COPY_LABEL
from tasks.drafting.text.words import begins_with, plain, positions_of

_LABEL = "Copy:"
"""The letter prints this label itself."""


class _Entry(NamedTuple):
    """One line of the list, unwrapped, and the lines of the source that it was."""

    text: str
    lines: tuple[SourceLine, ...]


def read_copies(
    lines: Sequence[SourceLine], contacts: Sequence[Contact], layout: Layout, notes: Notes
) -> tuple[CopyLine, ...]:
    """Read the lines of the copy list, the first with its label."""
    copies: list[CopyLine] = []
    entries = _entries(lines, contacts, layout, notes)
    for entry in entries:
        names = _names_in(entry.text, contacts)
        if names and names[0][0] == 0 and _are_different(names):
            found = _split(entry.text, names)
            if len(found) > 1:
                notes.doubt(
                    "copies-run-together",
                    "copies",
                    read=entry.text,
                    proposed=" / ".join(copy.line for copy in found),
                )
        else:
            found = [CopyLine(line=entry.text)]
            if names or len(entries) == 1:
                notes.doubt(
                    "copies-unclear",
                    f"copies/{len(copies) + 1}",
                    read=entry.text,
                    proposed="One line: the register's names don't say where one copy ends.",
                )
        for copy in found:
            copies.append(copy)
            notes.stood(f"copies/{len(copies)}", entry.lines)
    return tuple(copies)


def _split(text: str, names: Sequence[tuple[int, Contact]]) -> list[CopyLine]:
    ends = [*(start for start, _ in names[1:]), len(text)]
    return [
        CopyLine(line=text[start:end].strip(), role=contact.role, name=contact.name)
        for (start, contact), end in zip(names, ends, strict=True)
    ]


def _entries(
    lines: Sequence[SourceLine], contacts: Sequence[Contact], layout: Layout, notes: Notes
) -> list[_Entry]:
    """Take the label off, and join wrapped lines."""
    entries: list[_Entry] = []
    for number, line in enumerate(lines):
        text = line.text
        if number == 0 and (label := COPY_LABEL.match(text)):
            text = text[label.end() :].strip()
            if label[0].strip() not in ("", _LABEL):
                notes.leave(line.number, label[0].strip())
            if not text:
                continue
        is_known = any(begins_with(text, contact.name) for contact in contacts)
        if entries and not is_known and not layout.breaks_early(entries[-1].lines[-1], line):
            joined = f"{entries[-1].text} {text}"
            notes.doubt("copy-line-joined", f"copies/{len(entries)}", read=text, proposed=joined)
            entries[-1] = _Entry(joined, (*entries[-1].lines, line))
        else:
            entries.append(_Entry(text, (line,)))
    return entries


def _names_in(text: str, contacts: Sequence[Contact]) -> list[tuple[int, Contact]]:
    """Find where known names begin; of two at one place, the longer."""
    found: dict[int, list[Contact]] = {}
    for contact in contacts:
        for start in positions_of(contact.name, text):
            others = found.get(start, [])
            if others and len(others[0].name) > len(contact.name):
                continue
            same = [other for other in others if len(other.name) == len(contact.name)]
            found[start] = [*same, contact]
    return [(start, contact) for start in sorted(found) for contact in found[start]]


def _are_different(names: Sequence[tuple[int, Contact]]) -> bool:
    """Whether each name stands once and holds one post."""
    return len({plain(contact.name) for _, contact in names}) == len(names)
