"""Reads a Word draft in the house styles: what a paragraph is, its style says.

The styles are those of the house template (`word_template`). A paragraph without
one is read by its place, or left over with a doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from letters.dates import parse_day
from letters.kind import Kind
from letters.letter import Addressee, Authority, Signatory
from letters.reading import Reading
from letters.register import Register
from tasks.drafting.text.closing import is_closing, take_closing
from tasks.drafting.text.copies import read_copies
from tasks.drafting.text.headings import Headings
from tasks.drafting.text.layout import Layout
from tasks.drafting.text.lines import SourceLine
from tasks.drafting.text.notes import Notes
from tasks.drafting.text.office import find_authority, find_kind
from tasks.drafting.text.words import plain, positions_of
from tasks.drafting.word.document import Document, Paragraph
from tasks.drafting.word.doubts import Doubts
from tasks.drafting.word.finish import finished, notes_of, pieces_of, source_lines
from tasks.drafting.word.parts import take_parts
from tasks.drafting.word.sections import Group, grouped, settle_levels, written

DATE = "Letter Date"
ADDRESSEE = "Letter Addressee"
ADDRESS = "Letter Address"
SALUTATION = "Letter Salutation"
SUBJECT = "Letter Subject"
CLOSING = "Letter Closing"
CLOSING_BULLET = "Letter Closing Bullet"
VALEDICTION = "Letter Valediction"
SIGNATORY = "Letter Signatory"
SIGNATORY_TITLE = "Letter Signatory Title"
COPY = "Letter Copy"

_HEAD = (DATE, ADDRESSEE, ADDRESS, SALUTATION, SUBJECT)
_TAIL = (VALEDICTION, SIGNATORY, SIGNATORY_TITLE, COPY)
_CLOSING = (CLOSING, CLOSING_BULLET)
_HOUSE = (*_HEAD, *_CLOSING, *_TAIL)


def is_in_house_styles(document: Document) -> bool:
    """Whether any words of a document stand in a style of the house's own."""
    return any(_style(paragraph) for paragraph in document.paragraphs if paragraph.lines)


def read_house(document: Document, *, register: Register, kinds: Sequence[Kind]) -> Reading:
    """Read a document in the house styles."""
    return _House(document, register, kinds).read()


class _House:
    """One document while it is read."""

    def __init__(self, document: Document, register: Register, kinds: Sequence[Kind]) -> None:
        self._document = document
        self._register = register
        self._kinds = kinds
        self._notes = Notes()
        self._doubts = Doubts()
        self._filled = [each for each in document.paragraphs if each.lines]
        self._styles = {each.number: _style(each) for each in self._filled}

    def read(self) -> Reading:
        above, body, below = self._parted()
        subject = self._line("subject", SUBJECT)
        kind = find_kind(subject, (each.text for each in body), self._kinds, self._notes)
        people = self._people(ADDRESSEE, ADDRESS)
        address = [line.text for person in people for line in person]
        authority = find_authority(address, subject, self._register, self._notes)
        groups, closing = self._grouped(body, kind)
        groups[0].notes = notes_of(above)
        closing.notes = notes_of(below)
        read = written(groups, closing, kind, self._doubts)
        contacts = self._register.contacts_for(authority.code) if authority else ()
        reading = Reading(
            kind=kind.id if kind else "",
            authority=authority.code if authority else "",
            date=self._date(),
            addressees=self._addressees(people, authority, kind),
            salutation=self._line("salutation", SALUTATION),
            subject=subject,
            opening=read.opening,
            sections=read.sections,
            closing=read.closing,
            valediction=self._line("valediction", VALEDICTION),
            signatories=self._signatories(),
            copies=read_copies(self._lines(COPY), contacts, Layout(), self._notes),
        )
        return finished(reading, self._document, read, self._notes, self._doubts)

    def _parted(self) -> tuple[list[Paragraph], list[Paragraph], list[Paragraph]]:
        """Part the body from what stands above and below; what has no place is left over."""
        above = [n for n, each in enumerate(self._filled) if self._styles[each.number] in _HEAD]
        starts = above[-1] + 1 if above else 0
        ends = next(
            (
                n
                for n, each in enumerate(self._filled)
                if n >= starts and self._styles[each.number] in _TAIL
            ),
            len(self._filled),
        )
        parts = self._filled[:starts], self._filled[starts:ends], self._filled[ends:]
        for paragraph in (*parts[0], *parts[2]):
            if self._styles[paragraph.number] not in (*_HEAD, *_TAIL):
                self._notes.leave(paragraph.number, paragraph.text)
                self._doubts.add(
                    "text-outside-styles",
                    "",
                    paragraph.text,
                    "Left out: above the subject and below the valediction, a paragraph needs one"
                    " of the house styles.",
                )
        return parts

    def _grouped(self, body: Sequence[Paragraph], kind: Kind | None) -> tuple[list[Group], Group]:
        headings = Headings(kind)
        groups = grouped(take_parts(body, headings, self._notes))
        settle_levels(groups, headings, highest=1)
        for group in groups[:-1]:
            for part in group.parts:
                if self._styles[part.number] in _CLOSING:
                    part.doubt("closing-above-heading", "A passage of the section it stands in.")
        last = groups[-1].parts
        begins = (n for n, part in enumerate(last) if self._styles[part.number] in _CLOSING)
        at = next(begins, None)
        if at is None:
            at = len(last) - self._closing_by_wording(groups[-1], kind)
        closing = Group(parts=last[at:])
        del last[at:]
        return groups, closing

    def _closing_by_wording(self, group: Group, kind: Kind | None) -> int:
        """Count the last paragraphs that are the closing, written in another style."""
        if group.heading is None or not any(is_closing(p.text.text, kind) for p in group.parts):
            return 0
        return len(take_closing(pieces_of(group.parts), kind, self._notes, is_list=False))

    def _lines(self, *styles: str) -> list[SourceLine]:
        return [
            line
            for paragraph in self._filled
            if self._styles[paragraph.number] in styles
            for line in source_lines(paragraph)
        ]

    def _line(self, place: str, style: str) -> str:
        """Read what stands in one paragraph of its own; several are joined."""
        lines = self._lines(style)
        self._notes.stood(place, lines)
        text = " ".join(line.text for line in lines)
        if len({line.number for line in lines}) > 1:
            read = " / ".join(line.text for line in lines)
            self._doubts.add("style-used-twice", place, read, text)
        return text

    def _date(self) -> str:
        date = self._line("date", DATE)
        if date and parse_day(date) is None:
            self._notes.doubt(
                "date-unclear", "date", read=date, proposed="The letter's date, as it stands."
            )
        return date

    def _people(self, name_style: str, further_style: str) -> list[list[SourceLine]]:
        """Group the lines of each person: every paragraph in the name's style begins one."""
        people: list[list[SourceLine]] = []
        for paragraph in self._filled:
            style = self._styles[paragraph.number]
            if style == name_style or (style == further_style and not people):
                people.append(source_lines(paragraph))
            elif style == further_style:
                people[-1] += source_lines(paragraph)
        return people

    def _addressees(
        self,
        people: Iterable[Sequence[SourceLine]],
        authority: Authority | None,
        kind: Kind | None,
    ) -> tuple[Addressee, ...]:
        register = self._register
        contacts = register.contacts_for(authority.code) if authority else register.contacts
        role_of = {plain(contact.name): contact.role for contact in contacts}
        roles = kind.addressee_roles if kind and kind.addressee_roles else ("director",)
        addressees = []
        for number, lines in enumerate(people, start=1):
            place = f"addressees/{number}"
            self._notes.stood(place, lines)
            name, *others = (line.text for line in lines)
            role = role_of.get(plain(name), "")
            if not role:
                role, code = _role_said(others, roles)
                self._notes.doubt(
                    code,
                    place,
                    read=" / ".join((name, *others[:1])),
                    proposed=f"The {role.replace('-', ' ')}: the register doesn't know the name.",
                )
            addressees.append(Addressee(role=role, name=name, lines=tuple(others)))
        return tuple(addressees)

    def _signatories(self) -> tuple[Signatory, ...]:
        signatories = []
        for lines in self._people(SIGNATORY, SIGNATORY_TITLE):
            name, *title = (line.text for line in lines)
            if not title:
                self._notes.leave(lines[0].number, name)
                self._doubts.add(
                    "signature-incomplete",
                    "signatories",
                    name,
                    f"Left out: a name needs a title below it, in the style {SIGNATORY_TITLE}.",
                )
                continue
            signatories.append(Signatory(name=name, title=" ".join(title)))
            self._notes.stood(f"signatories/{len(signatories)}", lines)
        return tuple(signatories)


def _role_said(lines: Sequence[str], roles: Sequence[str]) -> tuple[str, str]:
    """Tell an addressee's role by the post, and the doubt that this leaves."""
    for role in sorted(roles, key=len, reverse=True):
        if any(positions_of(role.replace("-", " "), plain(line)) for line in lines):
            return role, "addressee-role-inferred"
    return roles[0], "addressee-role-inferred" if len(roles) == 1 else "addressee-role-unknown"


def _style(paragraph: Paragraph) -> str:
    return next((name for name in paragraph.style_names if name in _HOUSE), "")
