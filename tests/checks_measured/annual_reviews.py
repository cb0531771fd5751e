"""Annual reviews, of which none was published: made of the findings of other letters."""

from __future__ import annotations

from letters.kind import Kind
from letters.letter import Passage
from letters.reading import Reading, ReadSection
from tests.checks_measured.draft import Draft
from tests.checks_measured.real_letters import office


def annual_review(draft: Draft, judgement: str) -> Reading | None:
    """Write a letter's findings up as an annual review of that authority: none of them is one."""
    areas = draft.section("needs-to-improve") or draft.section("areas-for-development")
    summary = draft.section("headline-findings") or draft.section("main-findings")
    if areas is None or summary is None or not any(p.style == "item" for p in areas.passages):
        return None
    kind = office().kinds["annual-review"]
    headings = {rule.key: rule.heading for rule in kind.sections}
    items = tuple(each for each in areas.passages if each.style == "item")
    year = draft.day.year
    return draft.reading_with(
        kind=kind.id,
        subject=f"Annual review of children’s services in {draft.authority.name}, {year}",
        opening=(
            Passage(
                style="paragraph",
                text=f"This letter summarises the findings of our annual review in {year} of "
                f"children’s services in {draft.authority.name}. {_power(kind, draft)}",
            ),
        ),
        sections=(
            ReadSection(
                heading=headings["judgement"],
                passages=(Passage(style="paragraph", text=judgement),),
            ),
            ReadSection(heading=headings["inspections-in-the-year"], passages=summary.passages),
            ReadSection(heading=headings["areas-for-development"], passages=items),
        ),
        copies=(),
    )


def _power(kind: Kind, draft: Draft) -> str:
    for basis in kind.statutory_basis:
        if basis.covers(draft.day):
            return f"It was carried out under section {basis.section} of the {basis.act}."
    named = next((each.name for each in kind.frameworks if each.covers(draft.day)), "")
    return f"It was carried out in line with the {named} framework." if named else ""
