"""The open draft of an annual review: all that the archive knows, and blanks for the rest.

Owns what is filled in. Date, address, signatory, grade and judgement stay blanks that the
checks refuse: an inspector writes them. Nothing is said to answer an earlier area: a person says
that, with `letters answer`. How drafts are read and checked is the drafting step's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from letters.deadline import day_of
from letters.kind import Kind, SectionRule
from letters.letter import day_in_words
from letters.register import EVERY_AUTHORITY, Contact, Register
from letters.review import Area, AuthorityReview, ReviewedLetter, YearFigures
from letters.year import DISPOSED
from tasks.archiving.review.dossier_authority import open_from_before
from tasks.archiving.review.dossier_words import counted, listed
from tasks.archiving.review.draft_markdown import as_heading, as_passage, as_value
from tasks.markdown_text import Markdown
from tasks.templating import render_markdown_template

DATE = "[Date of the letter: day, month and year]"
ADDRESS = "[Insert the post and the address.]"
SIGNATORY = "[Name of the inspector who signs]"
SIGNATORY_TITLE = "[Title of the inspector who signs]"
POWER = "[Insert the power under which the review is made.]"
JUDGEMENT = "[Insert the judgement: what the year showed, and why it comes to this grade.]"
NO_AREAS = "[Insert the areas for development that follow from this review.]"

YEARS_TOLD = 3
"""Earlier years that a letter tells of; the dossier has more."""

MOST_CHARACTERS = 40_000
"""Of a list: a draft is read up to 100,000 (`tasks/drafting/extent.py`)."""

LONGEST_QUOTATION = 1_000


def open_draft_name(review: AuthorityReview) -> str:
    """Name the file: `westmere-annual-review-2011.md`."""
    return f"{review.authority.code}-annual-review-{review.year}.md"


def open_draft(
    review: AuthorityReview, *, kind: Kind, register: Register, since: Sequence[Area] = ()
) -> bytes:
    """Write the draft of the letter that reviews an authority's year.

    `since` are the areas which the review leaves open and later letters have ended: nobody
    is asked for them again.
    Law and titles are those of the day as of which the review speaks; the checks look at
    them again by the letter's own date. Raises TemplateFailed.
    """
    at = review.as_of.at
    day = date(review.year, 12, 31) if at is None else day_of(datetime.fromisoformat(at))
    contacts = register.contacts_for(review.authority.code)
    name = review.authority.name
    title = kind.title[:1].lower() + kind.title[1:]
    values: dict[str, Any] = {
        "kind": as_value(kind.id),
        "authority_code": as_value(review.authority.code),
        "date": as_value(DATE),
        "addressees": [_post(each, name) for each in _holders(contacts, kind.addressee_roles)],
        "address": as_value(ADDRESS),
        "signatory": as_value(SIGNATORY),
        "signatory_title": as_value(next(iter(kind.titles_on(day)), SIGNATORY_TITLE)),
        "copies": [
            _post(each, ", ".join(_named(each, name)))
            for each in _holders(contacts, kind.copy_roles)
        ],
        "subject": as_heading(f"{kind.title} in {name}, {review.year}"),
        "opening": as_passage(
            f"This letter is our {title} in {name} for {review.year}. It rests on our letters"
            f" about inspections that began in that year, and on what has been done since about"
            f" what earlier ones asked for. {_power(kind, day)}"
        ),
        "sections": [
            {
                "heading": as_heading(rule.heading),
                "paragraphs": [as_passage(text) for text in paragraphs],
                "items": [as_passage(text) for text in items],
            }
            for rule in kind.sections
            for paragraphs, items in [_section(rule, review, kind, since)]
            if paragraphs or items
        ],
    }
    return render_markdown_template("open_draft.md.j2", **values).encode()


def _holders(contacts: Iterable[Contact], roles: Sequence[str]) -> list[Contact]:
    found = [contact for contact in contacts if contact.role in roles]
    return sorted(found, key=lambda contact: roles.index(contact.role))


def _post(contact: Contact, line: str) -> Mapping[str, Markdown]:
    return {"role": as_value(contact.role), "name": as_value(contact.name), "line": as_value(line)}


def _named(contact: Contact, authority: str) -> Iterator[str]:
    yield contact.name
    yield " ".join(word.capitalize() for word in contact.role.split("-"))
    if contact.authority != EVERY_AUTHORITY:
        yield authority


def _power(kind: Kind, day: date) -> str:
    sections = [
        f"section {basis.section} of the {basis.act}"
        for basis in kind.statutory_basis
        if basis.covers(day)
    ]
    frameworks = [each.name for each in kind.frameworks if each.covers(day)]
    if sections:
        return f"It is made under {listed(sections)}."
    if frameworks:
        return f"It is made in line with the framework for the {listed(frameworks)}."
    return POWER if kind.statutory_basis or kind.frameworks else ""


def _section(
    rule: SectionRule, review: AuthorityReview, kind: Kind, since: Sequence[Area]
) -> tuple[list[str], list[str]]:
    """Write a section: its paragraphs, and the list below them."""
    if rule.raises_areas:
        still_open = _without(review.still_open, since)
        return [], _within([area.text for area in still_open], "areas") or [NO_AREAS]
    match rule.key:
        case "judgement":
            return [*_grade(review, kind), JUDGEMENT], []
        case "inspections-in-the-year":
            return [*_inspections(review)], []
        case "earlier-areas":
            ended = [*_ended((*review.ended, *review.raised, *since))]
            return [*_progress(review, since)], _within(ended, "areas that were answered")
    return [], []


def _grade(review: AuthorityReview, kind: Kind) -> Iterator[str]:
    if kind.grades:
        grades = ", ".join(kind.grades)
        yield f"In {review.year} {review.authority.name} [Insert the grade, one of: {grades}]."


def _inspections(review: AuthorityReview) -> Iterator[str]:
    inspections = [
        each
        for each in review.letters
        if each.last_inspection_day is not None and each.left_out != "sample"
    ]
    for letter in inspections:
        if letter.is_issued:
            yield _inspection(letter)
        else:
            told = f"{letter.row.reference}, which does not hold: {letter.state}"
            yield _blank(f"Check the letter {told}.")
    untold = review.untold_inspections if review.may_be_inspected else []
    for damaged in review.damaged:
        letter_named = f"Check the letter {damaged.reference}"
        if damaged.code != DISPOSED:
            yield _blank(f"{letter_named}: the archive can’t tell of it.")
        elif damaged.reference in untold:
            yield _blank(f"{letter_named}: it was disposed of, and the archive can’t tell of it.")
    if not inspections and not untold and review.is_whole:
        yield f"We did not inspect the services of {review.authority.name} in {review.year}."


def _inspection(letter: ReviewedLetter) -> str:
    row, until, day = letter.row, letter.last_inspection_day, letter.date
    if until is None or day is None:
        return ""
    raised = sum(section.findings for section in letter.sections if section.raises_areas)
    return (
        f"{letter.title}, until {day_in_words(until)}: our letter of"
        f" {day_in_words(day)} ({row.reference}) told of {counted(letter.findings, 'finding')},"
        f" {raised} of them areas for development."
    )


def _progress(review: AuthorityReview, since: Sequence[Area]) -> Iterator[str]:
    now, before = review.figures, review.history[-YEARS_TOLD:]
    if any(year.raised or year.answered or year.still_open for year in (*before, now)):
        years = [f"{_year(year)} {_were(year.still_open)} left open." for year in before]
        left = now.still_open - len(since)
        ended = f"{_have(len(since))} been answered or closed since; " if since else ""
        are = "is" if left == 1 else "are"
        yield " ".join((*years, f"{_year(now)} {ended}{left:,} {are} open now."))
    earlier = _without(open_from_before(review), since)
    if earlier:
        letters = "; ".join(
            f"{reference} of {day_in_words(day)} ({counted(number, 'area')})"
            for (day, reference), number in _by_letter(earlier).items()
        )
        yield f"Still open, and set out below, are areas that these letters raised: {letters}."


def _year(year: YearFigures) -> str:
    return (
        f"In {year.year}, {counted(year.raised, 'area')} for development"
        f" {'was' if year.raised == 1 else 'were'} raised and {year.answered} answered or closed;"
    )


def _were(number: int) -> str:
    return f"{number:,} {'was' if number == 1 else 'were'}"


def _have(number: int) -> str:
    return f"{number:,} {'has' if number == 1 else 'have'}"


def _without(areas: Iterable[Area], others: Iterable[Area]) -> list[Area]:
    named = {(area.reference, area.place) for area in others}
    return [area for area in areas if (area.reference, area.place) not in named]


def _by_letter(areas: Iterable[Area]) -> dict[tuple[date, str], int]:
    numbers: dict[tuple[date, str], int] = {}
    for area in areas:
        named = area.date, area.reference
        numbers[named] = numbers.get(named, 0) + 1
    return numbers


def _ended(areas: Iterable[Area]) -> Iterator[str]:
    for area in areas:
        if area.end is not None:
            how = "answered in" if area.end.how == "answered" else "closed with"
            yield (
                f"“{_quoted(area.text)}” Raised on {day_in_words(area.date)} ({area.reference}),"
                f" {how} our letter of {day_in_words(area.end.date)} ({area.end.reference})."
            )


def _quoted(text: str) -> str:
    if len(text) <= LONGEST_QUOTATION:
        return text
    return f"{text[:LONGEST_QUOTATION].rpartition(' ')[0]} …"


def _within(texts: Sequence[str], what: str) -> list[str]:
    """Take as many texts as a draft has room for; a blank stands for the rest."""
    taken: list[str] = []
    room = MOST_CHARACTERS
    for text in texts:
        room -= len(text) + 100
        if room < 0:
            rest = len(texts) - len(taken)
            return [*taken, _blank(f"Add the other {rest:,} {what}: they stand in the dossier.")]
        taken.append(text)
    return taken


def _blank(words: str) -> str:
    """Write a blank as the check for what was left open knows it: short, in one bracket."""
    return f"[{re.sub(r'[][]', ' ', words)[:190]}]"
