"""Reads a letter in plain text, as typed or as it comes out of a PDF.

A plain text says nothing about itself: head, body and end are told apart by
salutation and valediction, and what was read in one of several ways is a doubt.
Every word of the source is in the reading or in its leftovers, in order; only
footnotes are moved.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from letters.kind import Kind
from letters.problem import DraftUnreadable
from letters.reading import Reading
from letters.register import Register
from tasks.drafting.text.addressees import read_addressees
from tasks.drafting.text.body import take_pieces
from tasks.drafting.text.breaks import join_over_breaks
from tasks.drafting.text.closing import is_closing
from tasks.drafting.text.copies import read_copies
from tasks.drafting.text.footnotes import take_footnotes
from tasks.drafting.text.head import doubt_letterhead, read_head
from tasks.drafting.text.headings import Headings
from tasks.drafting.text.layout import layout_of
from tasks.drafting.text.lines import Block, blocks_of, split_lines
from tasks.drafting.text.notes import Notes
from tasks.drafting.text.office import find_authority, find_kind, says_title
from tasks.drafting.text.pages import remove_page_furniture
from tasks.drafting.text.sections import arrange
from tasks.drafting.text.signatures import read_signatories
from tasks.drafting.text.tail import part_tail
from tasks.drafting.text.words import is_terminated, join_lines, vocabulary_of

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
    head, below = read_head(lines, notes)
    below, footnotes = take_footnotes(below)
    vocabulary = vocabulary_of(line.text for line in below)
    doubt_letterhead(head.letterhead, vocabulary, notes)
    inspectors = [inspector.name for inspector in register.inspectors]
    titles = [title.title for kind in kinds for title in kind.signatory_titles]
    body_lines, tail = part_tail(below, inspectors, titles, notes)
    blocks = blocks_of(body_lines)
    layout = layout_of(blocks)

    subject = _take_subject(blocks, vocabulary, notes) if head.salutation else ""
    kind = find_kind(subject, (line.text for line in body_lines), kinds, notes)
    if is_terminated(subject) and not (kind is not None and says_title(subject, kind)):
        notes.doubt(
            "subject-unclear", "subject", read=subject, proposed="The subject, as it stands."
        )
    address = [line.text for group in head.groups for line in group]
    authority = find_authority(address, subject, register, notes)
    addressees = read_addressees(
        head.groups,
        register=register,
        authority=authority,
        kind=kind,
        layout=layout,
        notes=notes,
    )
    pieces = join_over_breaks(
        take_pieces(blocks, layout, Headings(kind), notes),
        layout,
        is_closing=lambda text: is_closing(text, kind),
    )
    body = arrange(pieces, footnotes, kind=kind, vocabulary=vocabulary, notes=notes)
    if kind is not None:
        titles = [title.title for title in kind.signatory_titles]
    signatories = read_signatories(tail.signatures, inspectors, titles, notes)
    contacts = register.contacts_for(authority.code) if authority else ()
    copies = read_copies(tail.copies, contacts, layout, notes)
    return Reading(
        kind=kind.id if kind else "",
        authority=authority.code if authority else "",
        date=head.date.text if head.date else "",
        addressees=addressees,
        salutation=head.salutation.text if head.salutation else "",
        subject=subject,
        opening=body.opening,
        sections=body.sections,
        closing=body.closing,
        valediction=tail.valediction.text if tail.valediction else "",
        signatories=signatories,
        copies=copies,
        doubts=notes.doubts,
        leftovers=notes.leftovers,
        sources=notes.sources,
    )


def _take_subject(blocks: list[Block], vocabulary: frozenset[str], notes: Notes) -> str:
    """Take the first block below the salutation if it is short enough, and not all there is."""
    if len(blocks) < 2 or len(blocks[0].text) > LONGEST_SUBJECT_CHARACTERS:
        return ""
    lines = blocks.pop(0).lines
    notes.stood("subject", lines)
    return join_lines([line.text for line in lines], vocabulary).text
