"""The power under which the inspection was carried out, by kind and by day."""

from __future__ import annotations

from collections.abc import Iterator

from letters.inspection import inspection_in
from letters.kind import Kind
from letters.letter import Letter, day_in_words
from letters.problem import Problem


def statutory_basis(letter: Letter, kind: Kind) -> Iterator[Problem]:
    """Find an opening that names no power the kind had on the first inspection day.

    Source: the kind's file; section 138 of the Education and Inspections Act
    2006, for one, was repealed in July 2012. Only the opening counts: findings
    rightly speak of other Acts.
    """
    if not kind.statutory_basis:
        return
    inspection = inspection_in(letter.facts)
    day = inspection.first if inspection is not None else letter.date
    lawful = [
        f"section {basis.section} of the {basis.act}"
        for basis in kind.statutory_basis
        if basis.covers(day)
    ]
    remedy = (
        f"On {day_in_words(day)} it was {' or '.join(lawful)}."
        if lawful
        else f"The kind's file knows no power for such inspections on {day_in_words(day)}: see "
        "whether the days are right, or add the power to the file."
    )
    named = [
        fact.value
        for fact in letter.facts
        if fact.kind == "statutory-basis" and fact.place.startswith("opening/")
    ]
    if not named:
        yield Problem(
            code="statutory-basis-missing",
            place="opening",
            message="The opening doesn't say under which section of which Act the inspection was "
            f"carried out. {remedy}",
        )
    elif not any(kind.is_lawful_basis(value["act"], value["section"], day) for value in named):
        said = " and ".join(f"section {value['section']} of the {value['act']}" for value in named)
        yield Problem(
            code="statutory-basis-unlawful",
            place="opening",
            message=f"Such an inspection was not carried out under {said} on that day. {remedy}",
        )
