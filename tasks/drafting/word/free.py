"""Reads a Word draft that knows nothing of the house styles.

Head and end are told apart as in plain text, by what the lines say; the body by
Word's own headings and lists, and by looks where there are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from letters.kind import Kind
from letters.reading import Reading
from letters.register import Register
from tasks.drafting.text.addressees import read_addressees
from tasks.drafting.text.closing import take_closing
from tasks.drafting.text.copies import read_copies
from tasks.drafting.text.head import doubt_letterhead, read_head
from tasks.drafting.text.headings import Headings
from tasks.drafting.text.layout import Layout
from tasks.drafting.text.lines import SourceLine
from tasks.drafting.text.notes import Notes
from tasks.drafting.text.office import find_authority, find_kind, says_title
from tasks.drafting.text.signatures import read_signatories
from tasks.drafting.text.tail import part_tail
from tasks.drafting.text.words import is_terminated, vocabulary_of
from tasks.drafting.word.document import Document, Note, Paragraph
from tasks.drafting.word.doubts import Doubts
from tasks.drafting.word.finish import finished, notes_of, pieces_of, source_lines
from tasks.drafting.word.parts import take_parts
from tasks.drafting.word.sections import Group, grouped, settle_levels, written

LONGEST_SUBJECT_CHARACTERS = 250


def read_free(document: Document, *, register: Register, kinds: Sequence[Kind]) -> Reading:
    """Read a document by what it says."""
    notes, doubts = Notes(), Doubts()
    lines = [line for paragraph in document.paragraphs for line in source_lines(paragraph)]
    head, below = read_head(lines, notes)
    inspectors = [inspector.name for inspector in register.inspectors]
    titles = [title.title for kind in kinds for title in kind.signatory_titles]
    body_lines, tail = part_tail(below, inspectors, titles, notes)
    doubt_letterhead(head.letterhead, vocabulary_of(line.text for line in below), notes)
    body = _paragraphs_of(body_lines, lines, document)

    subject = _take_subject(body, notes) if head.salutation else ""
    above, under = _notes_around(body, document)
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
        layout=Layout(),
        notes=notes,
    )
    headings = Headings(kind)
    groups = grouped(take_parts(body, headings, notes))
    styled = [
        group.heading.level for group in groups if group.heading and not group.heading.is_by_look
    ]
    settle_levels(groups, headings, highest=min(styled, default=1))
    closing = _take_closing(groups, kind, headings, notes)
    for group in groups:
        _give_bullets(group, headings)
    groups[0].notes, closing.notes = above, under
    read = written(groups, closing, kind, doubts)
    if kind is not None:
        titles = [title.title for title in kind.signatory_titles]
    signatories = read_signatories(tail.signatures, inspectors, titles, notes)
    contacts = register.contacts_for(authority.code) if authority else ()
    reading = Reading(
        kind=kind.id if kind else "",
        authority=authority.code if authority else "",
        date=head.date.text if head.date else "",
        addressees=addressees,
        salutation=head.salutation.text if head.salutation else "",
        subject=subject,
        opening=read.opening,
        sections=read.sections,
        closing=read.closing,
        valediction=tail.valediction.text if tail.valediction else "",
        signatories=signatories,
        copies=read_copies(tail.copies, contacts, Layout(), notes),
    )
    return finished(reading, document, read, notes, doubts)


def _paragraphs_of(
    lines: Sequence[SourceLine], all_lines: Sequence[SourceLine], document: Document
) -> list[Paragraph]:
    """Return the paragraphs to which lines belong; of one that is parted, these lines only."""
    within = {id(line) for line in lines if line.text}
    paragraphs = {paragraph.number: paragraph for paragraph in document.paragraphs}
    kept: dict[int, list[int]] = {}
    position: dict[int, int] = {}
    for line in all_lines:
        at = position.get(line.number, 0)
        position[line.number] = at + 1
        if id(line) in within:
            kept.setdefault(line.number, []).append(at)
    return [
        replace(
            paragraphs[number],
            lines=tuple(paragraphs[number].lines[at] for at in positions),
            raw_lines=tuple(paragraphs[number].raw_lines[at] for at in positions),
        )
        for number, positions in kept.items()
    ]


def _notes_around(body: Sequence[Paragraph], document: Document) -> tuple[list[Note], list[Note]]:
    """List the footnotes called above the body and below it."""
    numbers = [paragraph.number for paragraph in body]
    first, last = (numbers[0], numbers[-1]) if numbers else (len(document.paragraphs) + 1, 0)
    above = [each for each in document.paragraphs if each.number < first]
    below = [each for each in document.paragraphs if each.number > last and each not in above]
    return notes_of(above), notes_of(below)


def _take_subject(body: list[Paragraph], notes: Notes) -> str:
    """Take the first paragraph if it is short enough, no item, and not all there is."""
    first = body[0] if len(body) > 1 else None
    if first is None or first.mark or len(first.text) > LONGEST_SUBJECT_CHARACTERS:
        return ""
    notes.stood("subject", source_lines(first))
    del body[0]
    return first.text


def _take_closing(
    groups: Sequence[Group], kind: Kind | None, headings: Headings, notes: Notes
) -> Group:
    last = groups[-1]
    if last.heading is None:
        return Group()
    is_list = _is_list(last, headings)
    count = len(take_closing(pieces_of(last.parts), kind, notes, is_list=is_list))
    at = len(last.parts) - count
    closing = Group(parts=last.parts[at:])
    del last.parts[at:]
    return closing


def _is_list(group: Group, headings: Headings) -> bool:
    """Whether a section is a list by the kind's rule, and written as one at least in part."""
    rule = headings.rule_of(group.heading.text.text) if group.heading else None
    return (
        rule is not None
        and rule.style == "items"
        and any(part.style == "item" for part in group.parts)
    )


def _give_bullets(group: Group, headings: Headings) -> None:
    """Read a list's passages as items even where one has no bullet."""
    if not _is_list(group, headings):
        return
    for part in group.parts:
        if part.style == "paragraph" and not part.text.text.endswith(":"):
            part.style = "item"
            part.doubt("item-without-bullet", f"An item: {part.text.text}")
