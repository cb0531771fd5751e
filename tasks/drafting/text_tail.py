"""The end of a letter in plain text: valediction, signatories, copy list.

Names that ran together are told apart by the register and the kind's titles
only, never by guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from letters.letter import Signatory
from letters.reading import CopyLine
from letters.register import Contact
from tasks.drafting.text_lines import Block, Layout, SourceLine, blocks_of
from tasks.drafting.text_notes import Notes
from tasks.drafting.text_words import begins_with, plain, positions_of, straight

LONGEST_SIGNATURE_CHARACTERS = 120

_VALEDICTION = re.compile(r"yours? (?:sincerely|faithfully|truly)[,.]?", re.IGNORECASE)
_COPY = re.compile(r"(?:cop(?:y|ies)(?: to)?|copied to|cc)(?: ?:|$)\s*|cc ", re.IGNORECASE)
_LABEL = "Copy:"
"""The letter prints this label itself."""


class Ending(NamedTuple):
    """Where the body ends, and the line that bids farewell, if there is one."""

    body_ends: int
    valediction: SourceLine | None


def find_ending(
    lines: Sequence[SourceLine], inspectors: Sequence[str], titles: Sequence[str]
) -> Ending:
    """Find the end of the body: the last valediction, else a signature or copy list."""
    for number in range(len(lines) - 1, -1, -1):
        if _VALEDICTION.fullmatch(lines[number].text):
            return Ending(number, lines[number])
    for number, line in enumerate(lines):
        is_signed = line.text in inspectors or _split_signature(line.text, inspectors, titles)
        if line.text and (is_signed or _COPY.match(line.text)):
            return Ending(number, None)
    return Ending(len(lines), None)


def split_tail(lines: Sequence[SourceLine]) -> tuple[list[Block], list[SourceLine]]:
    """Part the signatures from the copy list, whose first line keeps its label."""
    at = next((n for n, line in enumerate(lines) if _COPY.match(line.text)), len(lines))
    return blocks_of(lines[:at]), [line for line in lines[at:] if line.text]


def read_signatories(
    blocks: Sequence[Block], inspectors: Sequence[str], titles: Sequence[str], notes: Notes
) -> tuple[Signatory, ...]:
    """Read name and title of each signatory."""
    blocks = _without_text(blocks, notes)
    lines = [line for block in blocks for line in block.lines]
    if any(line.has_columns for line in lines):
        _set_aside(lines, "Signatures side by side: write them one below the other.", notes)
        return ()
    signatories: list[Signatory] = []
    pending: list[SourceLine] = []
    for block in _paired(blocks, titles):
        place = f"signatories/{len(signatories) + 1}"
        for line in block:
            if not pending and (split := _split_signature(line.text, inspectors, titles)):
                signatories.append(split)
                notes.doubt(
                    "signatory-run-together",
                    place,
                    read=line.text,
                    proposed=f"{split.name} / {split.title}",
                )
            else:
                pending.append(line)
        if len(pending) > 1:
            title = " ".join(line.text for line in pending[1:])
            signatories.append(Signatory(name=pending[0].text, title=title))
            if len(pending) > 2:
                notes.doubt(
                    "signatory-title-joined",
                    place,
                    read=" / ".join(line.text for line in pending),
                    proposed=title,
                )
            pending = []
    _set_aside(pending, "Neither a name with its title nor anything else: left out.", notes)
    return tuple(signatories)


def _without_text(blocks: Iterable[Block], notes: Notes) -> list[Block]:
    kept = []
    for block in blocks:
        longest = max(len(line.text) for line in block.lines)
        if longest <= LONGEST_SIGNATURE_CHARACTERS and not block.text.endswith("."):
            kept.append(block)
            continue
        for line in block.lines:
            notes.leave(line.number, line.text)
        notes.doubt(
            "text-below-signature",
            "signatories",
            read=block.text,
            proposed="Left out: nothing but names, titles and copies stands below a letter.",
        )
    return kept


def _paired(blocks: Iterable[Block], titles: Sequence[str]) -> Iterable[list[SourceLine]]:
    """Part a block before each name that follows a known title."""
    for block in blocks:
        group: list[SourceLine] = []
        for line in block.lines:
            if len(group) > 1 and _is_title(group[-1].text, titles):
                yield group
                group = []
            group.append(line)
        yield group


def _is_title(text: str, titles: Sequence[str]) -> bool:
    return straight(text) in (straight(title) for title in titles)


def _split_signature(
    text: str, inspectors: Sequence[str], titles: Sequence[str]
) -> Signatory | None:
    """Split `Jenny Gwilt Her Majesty's Inspector` where both halves are known."""
    for name in inspectors:
        title = text[len(name) :].strip(" ,")
        if begins_with(text, name) and _is_title(title, titles):
            return Signatory(name=text[: len(name)], title=title)
    return None


def _set_aside(lines: Sequence[SourceLine], proposed: str, notes: Notes) -> None:
    for line in lines:
        notes.leave(line.number, line.text)
    if lines:
        read = " / ".join(line.text for line in lines)
        notes.doubt("signatory-unclear", "signatories", read=read, proposed=proposed)


def read_copies(
    lines: Sequence[SourceLine], contacts: Sequence[Contact], layout: Layout, notes: Notes
) -> tuple[CopyLine, ...]:
    """Read the copy list, one recipient a line; the register knows names and roles."""
    if not lines:
        return ()
    label = _COPY.match(lines[0].text)
    if label and label[0].strip() and label[0].strip() != _LABEL:
        notes.leave(lines[0].number, label[0].strip())
    texts = _unwrapped(lines, label.end() if label else 0, contacts, layout, notes)
    copies: list[CopyLine] = []
    for text in texts:
        names = _names_in(text, contacts)
        if names and names[0][0] == 0 and _are_different(names):
            ends = [*(start for start, _ in names[1:]), len(text)]
            found = [
                CopyLine(line=text[start:end].strip(), role=contact.role, name=contact.name)
                for (start, contact), end in zip(names, ends, strict=True)
            ]
            if len(found) > 1:
                notes.doubt(
                    "copies-run-together",
                    "copies",
                    read=text,
                    proposed=" / ".join(copy.line for copy in found),
                )
            copies += found
            continue
        copies.append(CopyLine(line=text))
        if names or len(texts) == 1:
            notes.doubt(
                "copies-unclear",
                f"copies/{len(copies)}",
                read=text,
                proposed="One line: the register's names don't say where one copy ends.",
            )
    return tuple(copies)


def _unwrapped(
    lines: Sequence[SourceLine],
    label_ends: int,
    contacts: Sequence[Contact],
    layout: Layout,
    notes: Notes,
) -> list[str]:
    first = lines[0].text[label_ends:].strip()
    texts = [first] if first else []
    for before, line in pairwise(lines):
        is_known = any(begins_with(line.text, contact.name) for contact in contacts)
        if texts and not is_known and not layout.breaks_early(before, line):
            joined = f"{texts[-1]} {line.text}"
            notes.doubt("copy-line-joined", f"copies/{len(texts)}", read=line.text, proposed=joined)
            texts[-1] = joined
        else:
            texts.append(line.text)
    return texts


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
