"""Reads a letter in plain text, as typed or as it comes out of a PDF.

A plain text says nothing about itself: head, body and end are told apart by
salutation and valediction, and what was read in one of several ways is a doubt.
Every word of the source is in the reading or in its leftovers, in order.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from letters.kind import Kind
from letters.problem import DraftUnreadable
from letters.reading import Reading
from letters.register import Register
from tasks.drafting.text_body import read_pieces
from tasks.drafting.text_head import (
    Head,
    doubt_letterhead,
    find_salutation,
    read_addressees,
    read_head,
)
from tasks.drafting.text_lines import (
    Block,
    SourceLine,
    blocks_of,
    layout_of,
    remove_page_furniture,
    split_lines,
)
from tasks.drafting.text_notes import Notes
from tasks.drafting.text_office import find_authority, find_kind
from tasks.drafting.text_sections import arrange, is_closing
from tasks.drafting.text_tail import find_ending, read_copies, read_signatories, split_tail
from tasks.drafting.text_words import is_terminated, join_lines, vocabulary_of

LONGEST_SUBJECT_CHARACTERS = 250


def read_text(text: str, *, register: Register, kinds: Sequence[Kind], source: str) -> Reading:
    """Read a letter in plain text; `source` names it in messages.

    Raises DraftUnreadable where a line or passage is longer than letters have.
    """
    try:
        return _read(text, register, kinds)
    except ValidationError as invalid:
        raise DraftUnreadable(
            "A line or passage is longer than letters have.",
            where=f"{source}, {invalid.title} {invalid.errors()[0]['msg']}",
            remedy="Put a blank line between paragraphs, and each name and line of an address on "
            "a line of its own.",
            code="draft-passage-too-long",
        ) from invalid


def _read(text: str, register: Register, kinds: Sequence[Kind]) -> Reading:
    notes = Notes()
    lines = remove_page_furniture(split_lines(text.removeprefix("\ufeff")), notes)
    head, below = _part_head(lines, notes)
    layout = layout_of(blocks_of(below))
    inspectors = [inspector.name for inspector in register.inspectors]
    titles = [title.title for kind in kinds for title in kind.signatory_titles]
    ending = find_ending(below, inspectors, titles)
    blocks = blocks_of(below[: ending.body_ends])
    vocabulary = vocabulary_of(line.text for line in below)
    doubt_letterhead(head.letterhead, vocabulary, notes)

    subject = ""
    if head.salutation and _is_subject(blocks):
        subject = join_lines([line.text for line in blocks.pop(0).lines], vocabulary).text
        if is_terminated(subject):
            notes.doubt(
                "subject-unclear", "subject", read=subject, proposed="The subject, as it stands."
            )
    kind = find_kind(subject, (line.text for line in below), kinds, notes)
    address = [line.text for group in head.groups for line in group]
    authority = find_authority(address, subject, register, notes)
    addressees = read_addressees(
        head, register=register, authority=authority, kind=kind, layout=layout, notes=notes
    )
    pieces = read_pieces(
        blocks,
        layout,
        is_heading=lambda line: kind is not None and kind.section_headed(line) is not None,
        is_closing=lambda line: is_closing(line, kind),
        notes=notes,
    )
    body = arrange(pieces, kind=kind, vocabulary=vocabulary, notes=notes)
    tail = below[ending.body_ends + (ending.valediction is not None) :]
    signatures, copy_lines = split_tail(tail)
    if kind is not None:
        titles = [title.title for title in kind.signatory_titles]
    signatories = read_signatories(signatures, inspectors, titles, notes)
    contacts = register.contacts_for(authority.code) if authority else ()
    copies = read_copies(copy_lines, contacts, layout, notes)
    return Reading(
        kind=kind.id if kind else "",
        authority=authority.code if authority else "",
        date=head.date,
        addressees=addressees,
        salutation=head.salutation,
        subject=subject,
        opening=body.opening,
        sections=body.sections,
        closing=body.closing,
        valediction=ending.valediction.text if ending.valediction else "",
        signatories=signatories,
        copies=copies,
        doubts=notes.doubts,
        leftovers=notes.leftovers,
    )


def _part_head(lines: Sequence[SourceLine], notes: Notes) -> tuple[Head, Sequence[SourceLine]]:
    at = find_salutation(lines)
    if at is not None:
        return read_head(lines[:at], lines[at].text, notes), lines[at + 1 :]
    notes.doubt(
        "salutation-missing",
        "salutation",
        read=next((line.text for line in lines if line.text), ""),
        proposed="No line begins with “Dear”: addressee and subject can't be told from the rest.",
    )
    return Head("", (), "", ()), lines


def _is_subject(blocks: Sequence[Block]) -> bool:
    """Whether the first block below the salutation is short enough, and not all there is."""
    return len(blocks) > 1 and len(blocks[0].text) <= LONGEST_SUBJECT_CHARACTERS
