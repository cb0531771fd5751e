"""Which letter a reading is: its kind, its authority, its date, its reference.

Each question is answered, or the answer is the problem that stands in its way.
Nothing is guessed here; what a reader inferred comes with a doubt of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from letters.dates import parse_day
from letters.inspection import inspection_in
from letters.kind import Kind
from letters.letter import Authority, Fact, Placed
from letters.problem import Problem
from letters.reading import Reading
from letters.reference import Reference
from letters.register import Register
from letters.suggestion import did_you_mean

FindFacts = Callable[[Iterable[Placed]], tuple[Fact, ...]]

NEARBY_DAYS = 60
"""Two inspections of one kind and authority that begin this near are taken for one."""

MOST_YEARS_LATER = 2
"""How long after its year a yearly letter may be dated."""

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def kind_of(reading: Reading, kinds: Mapping[str, Kind]) -> Kind | Problem:
    """Find the kind of letter that the draft names."""
    if not reading.kind:
        return Problem(
            code="kind-missing",
            place="kind",
            message="The draft doesn't say what kind of letter it is. Write `kind:` in the front "
            f"matter, one of: {', '.join(sorted(kinds))}.",
        )
    return kinds.get(reading.kind) or Problem(
        code="kind-unknown",
        place="kind",
        message=f"There is no kind of letter “{reading.kind}”. "
        + did_you_mean(reading.kind, kinds),
    )


def authority_of(reading: Reading, register: Register) -> Authority | Problem:
    """Find the authority that the draft names, by code or name."""
    if not reading.authority:
        return Problem(
            code="authority-missing",
            place="authority",
            message="The draft doesn't say which authority it is about. Write `authority:` in the "
            "front matter, with the code from authorities.csv.",
        )
    return register.authority(reading.authority) or Problem(
        code="authority-unknown",
        place="authority",
        message=f"The register has no authority “{reading.authority}”. "
        f"{did_you_mean(reading.authority, [a.code for a in register.authorities])} "
        "Correct the draft, or add the authority to authorities.csv.",
    )


def day_of(reading: Reading) -> date | Problem:
    """Read the letter's own date, which must be written in full."""
    remedy = "Write it as a day, month and year: 18 August 2010."
    if not reading.date.strip():
        return Problem(
            code="date-missing", place="date", message=f"The letter has no date. {remedy}"
        )
    return parse_day(reading.date) or Problem(
        code="date-unreadable",
        place="date",
        message=f"“{reading.date}” can't be read as the letter's date. {remedy}",
    )


def reference_of(
    reading: Reading,
    kind: Kind | Problem,
    authority: Authority | Problem,
    day: date | Problem,
    find_facts: FindFacts,
) -> Reference | Problem | None:
    """Make the letter's reference; None where what it is made of is itself a problem."""
    if isinstance(kind, Problem):
        return None
    if kind.reference_by == "year":
        year = None if isinstance(day, Problem) else _year_told(reading.subject, day)
        if isinstance(year, Problem):
            return year
        period = year
    else:
        opening = (Placed(f"opening/{n}", p.text) for n, p in enumerate(reading.opening, start=1))
        inspection = inspection_in(find_facts(opening))
        if inspection is None and reading.opening:
            return Problem(
                code="inspection-dates-missing",
                place="opening",
                message="The opening doesn't say, so that it can be read, when the inspection "
                "took place. Write the days there: on 20 and 21 July 2010.",
            )
        period = inspection and inspection.first.isoformat()
    if isinstance(authority, Problem) or period is None:
        return None
    return Reference.of(kind.code, authority.code, period)


def _year_told(subject: str, day: date) -> str | Problem:
    """Read which year a yearly letter is about: the one year that its heading names.

    It is written when that year is over, so that its date doesn't tell.
    """
    named = {int(year) for year in _YEAR.findall(subject)}
    told = "The heading names no one year that could be the one the letter is about."
    if len(named) == 1:
        (year,) = named
        if 0 <= day.year - year <= MOST_YEARS_LATER:
            return str(year)
        told = f"The heading names {year}, " + (
            "which was still to come on the letter's date."
            if year > day.year
            else f"more than {MOST_YEARS_LATER} years before the letter's date."
        )
    return Problem(
        code="year-not-named",
        place="subject",
        message=f"{told} A yearly letter dated in {day.year} is about one of the years"
        f" {day.year - MOST_YEARS_LATER} to {day.year}: write that one there, as in Annual review"
        f" of Westmere, {day.year - 1}, or correct the date.",
    )


def near_references(reference: Reference, known: Iterable[str]) -> Iterator[Problem]:
    """Find letters whose inspection began so near that it may be the same one."""
    for other in known:
        days = reference.days_from(Reference.parse(other))
        if days is not None and 0 < days <= NEARBY_DAYS:
            yield Problem(
                code="reference-near-another",
                place="opening",
                message=f"The letter would be {reference}, but there is {other}, whose inspection "
                f"began {days} day{'s' if days > 1 else ''} away. If it is the same inspection, "
                "give its days in the opening as that letter does; if it is another, override "
                "this with the reason.",
                is_overridable=True,
            )
