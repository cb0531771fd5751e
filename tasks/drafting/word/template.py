"""The house template: a Word file of a kind, its headings ready, the rest to be filled in.

Every instruction in it is one that the checks find: a letter with one left open
doesn't go out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from letters.kind import Kind, SectionRule
from letters.letter import Addressee, Passage, Signatory
from letters.reading import CopyLine, Reading, ReadSection
from tasks.drafting.word.writer import write_word

_VALUE = re.compile(r"\{\{.*?\}\}")


def house_template(kind: Kind) -> bytes:
    """Write the template for letters of a kind, the same bytes on every day."""
    return write_word(template_reading(kind), kind)


def template_reading(kind: Kind) -> Reading:
    """Tell what the template says, in the words of the kind where it has them."""
    titles = [title.title for title in kind.signatory_titles if title.until is None]
    return Reading(
        date="[date]",
        addressees=tuple(
            Addressee(
                role=role,
                name="[name]",
                lines=(f"[insert post: {_words(role)}]", "[authority]", "[address]"),
            )
            for role in kind.addressee_roles
        ),
        salutation="Dear [name]",
        subject=f"{kind.title} [insert where: the authority’s name]",
        opening=(_paragraph(f"[insert {_basis(kind)}]"),),
        sections=tuple(
            ReadSection(heading=rule.heading, passages=tuple(_passages(rule, kind)))
            for rule in kind.sections
        ),
        closing=tuple(_closing(kind)),
        valediction=kind.standard.valediction,
        signatories=(Signatory(name="[name]", title=titles[0] if titles else "[title]"),),
        copies=tuple(
            CopyLine(line=f"[name], [insert post: {_words(role)}]") for role in kind.copy_roles
        ),
    )


def _basis(kind: Kind) -> str:
    if kind.statutory_basis:
        return "on which days you inspected, and under which section of which Act"
    return "on which days you visited, and under which framework"


def _passages(rule: SectionRule, kind: Kind) -> Iterator[Passage]:
    optional = "" if rule.is_required else ", or delete the section with its heading"
    if rule.style == "items":
        yield Passage(style="item", text=f"[insert one finding{optional}]")
        yield Passage(style="item", text="[insert another]")
    else:
        yield _paragraph(f"[insert your findings{optional}]")
    if kind.grades and rule is kind.sections[0]:
        yield _paragraph(f"[insert one of: {', '.join(kind.grades)}]")
    action = kind.priority_action
    if action is not None and action.section == rule.key and action.standard is not None:
        for paragraph in re.split(r"\n\s*\n", _VALUE.sub("[authority]", action.standard).strip()):
            yield _paragraph(" ".join(paragraph.split()))


def _closing(kind: Kind) -> Iterator[Passage]:
    if kind.standard.closing is not None:
        yield _paragraph("[delete this, and the standard closing is put here; or write another]")
    else:
        yield _paragraph("[insert what happens next, or delete this]")


def _paragraph(text: str) -> Passage:
    return Passage(style="paragraph", text=text)


def _words(role: str) -> str:
    return role.replace("-", " ")
