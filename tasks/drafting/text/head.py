"""The head of a letter in plain text: letterhead, date, address, salutation.

The letterhead is the office's own and printed from its settings: what the draft
has of it is set aside. Who is addressed is for `text_addressees`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from letters.dates import looks_like_day, parse_day
from tasks.drafting.text.columns import columns_of, has_columns
from tasks.drafting.text.lines import Block, SourceLine, blocks_of
from tasks.drafting.text.notes import Notes
from tasks.drafting.text.words import near_word

SALUTATION = re.compile(r"Dear\b.{0,200}")

_CONTACT = re.compile(
    r"\S@\S|\bwww\.|\bTextphone\b|\b(?:T|F|Tel|Telephone|Fax)[.:]? ?[+(]?\d{3}", re.IGNORECASE
)
_LETTERHEAD_WORD = re.compile(r"[^\W\d_]{8,30}")
_MOST_LETTERHEAD_LINES = 40
_SHORTEST_ADDRESS_LINES = 3

Group = tuple[SourceLine, ...]
"""The lines of one addressee, or a list of several."""


class Head(NamedTuple):
    """What stands before the subject."""

    date: SourceLine | None = None
    groups: tuple[Group, ...] = ()
    salutation: SourceLine | None = None
    letterhead: tuple[SourceLine, ...] = ()


def read_head(lines: Sequence[SourceLine], notes: Notes) -> tuple[Head, Sequence[SourceLine]]:
    """Read the lines down to the salutation; return those below it, too."""
    at = next((n for n, line in enumerate(lines) if SALUTATION.fullmatch(line.text)), None)
    if at is None:
        notes.doubt(
            "salutation-missing",
            "salutation",
            read=next((line.text for line in lines if line.text), ""),
            proposed="No line begins with “Dear”: addressee and subject can't be told from the"
            " rest.",
        )
        return Head(), lines
    notes.stood("salutation", (lines[at],))
    date, letterhead, blocks = _parted(lines[:at], notes)
    groups = [group for block in blocks for group in _groups(block, notes)]
    for line in letterhead:
        notes.leave(line.number, line.text)
    return Head(date, tuple(groups), lines[at], tuple(letterhead)), lines[at + 1 :]


def _parted(
    lines: Sequence[SourceLine], notes: Notes
) -> tuple[SourceLine | None, list[SourceLine], list[Block]]:
    """Part date, letterhead and address."""
    at = next((n for n, line in enumerate(lines) if looks_like_day(line.text)), None)
    date = lines[at] if at is not None else None
    if date is not None:
        notes.stood("date", (date,))
        if parse_day(date.text) is None:
            notes.doubt(
                "date-unclear",
                "date",
                read=date.text,
                proposed="The letter's date, as it stands.",
            )
    before = blocks_of(lines if at is None else lines[:at])
    after = blocks_of(() if at is None else lines[at + 1 :])
    last = max((n for n, block in enumerate(before) if _is_letterhead(block)), default=-1)
    letterhead = [line for block in before[: last + 1] for line in block.lines]
    rest = before[last + 1 :]
    if not rest or not after:
        return date, letterhead, [*rest, *after]
    if sum(len(block.lines) for block in after) >= _SHORTEST_ADDRESS_LINES:
        return date, [*letterhead, *(line for block in rest for line in block.lines)], after
    both = tuple(line for block in (*rest, *after) for line in block.lines)
    notes.doubt(
        "addressee-unclear",
        "addressees/1",
        read=" / ".join(line.text for line in both),
        proposed="One address: lines above and below the date.",
    )
    return date, letterhead, [Block(both, is_after_gap=False, is_after_page=False)]


def doubt_letterhead(
    letterhead: Sequence[SourceLine], vocabulary: frozenset[str], notes: Notes
) -> None:
    """Note what was set aside as the letterhead, and what is wrong with it."""
    if not letterhead:
        return
    notes.doubt(
        "letterhead-removed",
        "letterhead",
        read=" / ".join(line.text for line in letterhead),
        proposed="The office's own letterhead is printed instead.",
    )
    for line in letterhead:
        if len(_CONTACT.findall(line.text)) > 2 and not has_columns(line):
            notes.doubt(
                "letterhead-run-together",
                "letterhead",
                read=line.text,
                proposed="Several lines of the letterhead, run together in the source.",
            )
    for line in letterhead[:_MOST_LETTERHEAD_LINES]:
        for match in _LETTERHEAD_WORD.finditer(line.text):
            if known := near_word(match[0], vocabulary):
                notes.doubt(
                    "letterhead-misspelt",
                    "letterhead",
                    read=line.text,
                    proposed=f"“{match[0]}” may be meant as “{known}”: nothing was corrected.",
                )


def _is_letterhead(block: Block) -> bool:
    return any(_CONTACT.search(line.text) for line in block.lines)


def _groups(block: Block, notes: Notes) -> list[Group]:
    """Take a block of the address apart into columns, without its contact lines."""
    lines = _without_contact_lines(block, notes)
    if 2 * sum(map(has_columns, lines)) <= len(lines):
        return [lines] if lines else []
    groups = [tuple(line for line in column if line.text) for column in columns_of(lines)]
    notes.doubt(
        "addressees-side-by-side",
        "addressees",
        read=" / ".join(line.text for line in lines),
        proposed=" // ".join(" / ".join(line.text for line in group) for group in groups),
    )
    return groups


def _without_contact_lines(block: Block, notes: Notes) -> Group:
    kept = []
    for line in block.lines:
        if _CONTACT.search(line.text):
            notes.leave(line.number, line.text)
            notes.doubt(
                "contact-line-removed",
                "addressees",
                read=line.text,
                proposed="Left out: a letter carries no telephone numbers or e-mail addresses.",
            )
        else:
            kept.append(line)
    return tuple(kept)
