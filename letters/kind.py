"""A kind of letter: what belongs in it, by which law, signed under which title.

Kinds are files in `config/kinds`; adding a kind is adding a file. This module
knows their shape and answers questions about them; it reads no file.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from letters.errors import LettersError
from letters.letter import Frozen, Line, Slug, Text


class KindError(LettersError):
    """A kind's file can't be understood; the message names file, key and fix."""

    code = "kind-invalid"


class SectionRule(Frozen):
    """A section that letters of the kind have."""

    key: Slug
    heading: Line
    known_as: tuple[Line, ...] = ()
    """Other headings by which the section is known in drafts."""
    is_required: bool = True
    style: Literal["items", "prose", "either"] = "either"
    raises_areas: bool = False
    """Whether its passages are areas that the authority's next letter must answer."""
    holds_findings: bool = True
    """Whether its passages are findings, which the annual review counts."""

    def is_headed(self, heading: str) -> bool:
        """Whether `heading` names this section, whatever its case, end or footnote mark."""
        plain = _without_end(heading)
        return plain in (_without_end(name) for name in (self.heading, *self.known_as))


class Period(Frozen):
    """Days between which something held, both included; open where None."""

    since: date | None = None
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether `day` lies in the period."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


class StatutoryBasis(Period):
    """The power under which such an inspection was carried out, while it was law."""

    act: Line
    section: Line


class Framework(Period):
    """A published framework under which such inspections are made, while it was in use."""

    name: Line
    """As openings name it, whatever the case and the apostrophes."""


class PriorityAction(Frozen):
    """What a letter that calls for priority action must also say."""

    section: Slug
    must_say: tuple[tuple[Line, ...], ...]
    """Rows of phrases; one of each row must stand in the section or after it."""
    standard: Text | None = None
    """Standard words that say so, for messages and for the template. Jinja2, sandboxed."""


class SignatoryTitle(Period):
    """How an inspector is styled: Her Majesty's until 8 September 2022, His since."""

    title: Line


class Standard(Frozen):
    """Standard words, used only where the draft leaves them out. Jinja2, sandboxed."""

    closing: Text | None = None
    valediction: Line = "Yours sincerely"
    salutation: Line = "Dear {{ addressee }}"


class Retention(Frozen):
    """How many years what a case holds is kept at least, where the archive can lock."""

    record_years: Annotated[int, Field(ge=0, le=100)] = 25
    """What was approved, signed and sent, and its trail."""
    working_years: Annotated[int, Field(ge=0, le=100)] = 2
    """Drafts, proofs, and rounds that were returned or superseded."""
    contacts_years: Annotated[int, Field(ge=0, le=100)] = 6
    """The recipients' e-mail addresses."""


class Kind(Frozen):
    """A type of letter."""

    id: Slug
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,6}$")]
    """The first part of a reference."""
    title: Line
    reference_by: Literal["first-inspection-day", "year"] = "first-inspection-day"
    deadline_working_days: Annotated[int, Field(ge=1, le=260)]
    sections: tuple[SectionRule, ...]
    statutory_basis: tuple[StatutoryBasis, ...] = ()
    frameworks: tuple[Framework, ...] = ()
    """The opening names a section that was law, or one of these that was in use."""
    priority_action: PriorityAction | None = None
    grades: tuple[Line, ...] = ()
    """Judgements of which such a letter states exactly one."""
    signatory_titles: tuple[SignatoryTitle, ...]
    copy_roles: tuple[Slug, ...]
    addressee_roles: tuple[Slug, ...] = ("director",)
    standard: Standard = Standard()
    retention: Retention = Retention()

    def section_headed(self, heading: str) -> SectionRule | None:
        """Find the section that a draft's heading names."""
        return next((rule for rule in self.sections if rule.is_headed(heading)), None)

    def section(self, key: str) -> SectionRule | None:
        """Find a section by its key."""
        return next((rule for rule in self.sections if rule.key == key), None)

    def titles_on(self, day: date) -> tuple[str, ...]:
        """List the titles an inspector may sign under on `day`."""
        return tuple(title.title for title in self.signatory_titles if title.covers(day))

    def is_lawful_basis(self, act: str, section: str, day: date) -> bool:
        """Whether an Act's section was the kind's basis on the inspection day."""
        return any(
            basis.act == act and basis.section == section and basis.covers(day)
            for basis in self.statutory_basis
        )


def _without_end(heading: str) -> str:
    return re.sub(r"[:?.\s]*\d{0,2}\s*$", "", heading).casefold().replace("’", "'").strip()
