"""Years of an archive, made by a generator: each authority has a focused visit a year.

Owns what the letters say and when they were written; each is issued by the product's
own steps, at the days of its own year. Every eleventh authority is left out each year,
another one each time, and what a letter asked for is answered by the next.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks.sample import INSPECTOR, Authority, authorities, write_register
from flows.office import open_office
from letters.canonical import sha256_hex
from letters.letter import MONTHS, day_in_words
from letters.signoff import Decision
from letters.working_days import is_working_day, nth_working_day_after
from tasks.archiving.archive import anchor, archive, close
from tasks.case.case import Case
from tasks.case.intake import take_in
from tasks.case.office import Office
from tasks.case.record import StepRun, attempt_step
from tasks.drafting.draft import Blocked, draft
from tasks.mailing.post import post
from tasks.rendering.pack import prepare, render_approved
from tasks.rendering.seal_keys import sealing_key
from tasks.signoff.inspectors import known_inspector, sample_key
from tasks.signoff.signing import sign_as_sample

AUTHORITIES = 152
FIRST_YEAR, LAST_YEAR = 2016, 2025
PROCESSES = 2

_SUBJECTS = (
    *("Plans for children", "Records of strategy discussions", "Chronologies", "Assessments"),
    *("Supervision", "Decisions at the front door", "Reviews", "Risk assessments", "Visits"),
    *("Return interviews", "Referrals", "Handovers between teams", "Letters to parents"),
)
_FAULTS = (
    *("do not always say what will change, and by when", "are too often written late"),
    *("rarely show what the child thinks", "lack the reasons for what was decided"),
    *("are not shared with partners soon enough", "vary too much from one team to the next"),
)
_PRAISE = (
    *("are clear and up to date", "show well how the child lives", "lead to help that arrives"),
    *("are read by managers, who act on them", "are shared at once with those who need them"),
)
_WHERE = (
    *("in the duty team", "in the north of the area", "for children with disabilities"),
    *("for older children", "for brothers and sisters", "outside office hours"),
)


class Written(NamedTuple):
    """One letter that is to be: whose, and of when."""

    authority: Authority
    first_day: date
    before: date | None
    """When the authority was visited last."""
    working_days: int
    """Until it was written: some are late, by the kind's 25."""

    @property
    def reference(self) -> str:
        """Its reference."""
        return reference_of(self.authority, self.first_day)

    @property
    def dated(self) -> date:
        """The day on which it was written, signed and sent."""
        return nth_working_day_after(self.first_day + timedelta(days=1), self.working_days)


class Clock:
    """A clock that stands where it was set."""

    now = datetime(LAST_YEAR, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


def begin(root: Path, *, since: int, count: int = AUTHORITIES) -> None:
    """Make an office without letters at `root`; its key and its seal are of the year `since`."""
    write_register(root / "register", authorities(count))
    office = _office_on(root, date(since, 1, 1))
    sample_key(office, known_inspector(office, INSPECTOR))
    sealing_key(office)


def add_year(root: Path, year: int, *, since: int, count: int = AUTHORITIES) -> int:
    """Issue the letters of a year; `since` is the first there is. Returns how many."""
    letters = letters_of(year, authorities(count), since=since)
    # In turn, so that both come through the year at the same pace.
    parts = [(str(root), letters[number::PROCESSES]) for number in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        list(pool.map(_issue_all, parts))
    return len(letters)


def issue_next(root: Path, number: int, *, year: int, since: int = FIRST_YEAR) -> None:
    """Issue one more letter of a year: to one of the authorities that were left out."""
    names = list(enumerate(authorities(AUTHORITIES)))
    place, authority = [each for each in names if not _is_visited(each[0], year)][number]
    visits = [_visit(place, each) for each in range(since, year) if _is_visited(place, each)]
    before = visits[-1] if visits else None
    written = Written(authority, _visit(place, year), before, 15 + place % 12)
    _issue(_office_on(root, written.dated), written)


def letters_of(year: int, names: tuple[Authority, ...], *, since: int) -> list[Written]:
    """Say who is visited in a year, in order of the days; `since` is the first year there is."""
    written = []
    for number, authority in enumerate(names):
        visits = [
            _visit(number, each) for each in range(since, year + 1) if _is_visited(number, each)
        ]
        if visits and visits[-1].year == year:
            before = visits[-2] if len(visits) > 1 else None
            written.append(Written(authority, visits[-1], before, 15 + number % 12))
    return sorted(written, key=lambda one: (one.first_day, one.authority.code))


def _is_visited(number: int, year: int) -> bool:
    return (number + year) % 11 != 0


def _visit(number: int, year: int) -> date:
    day = date(year, 2, 1) + timedelta(days=(number * 37) % 240)
    while not (is_working_day(day) and is_working_day(day + timedelta(days=1))):
        day += timedelta(days=1)
    return day


def _issue_all(part: tuple[str, list[Written]]) -> None:
    root, letters = part
    for written in letters:
        _issue(_office_on(Path(root), written.dated), written)


def _office_on(root: Path, day: date) -> Office:
    office, clock = _opened(root)
    clock.now = datetime.combine(day, time(10), UTC)
    return office


@cache
def _opened(root: Path) -> tuple[Office, Clock]:
    office, clock = open_office({**os.environ, "LETTERS_OFFICE": str(root)}), Clock()
    # Chains that were opened with the real clock would go on with it.
    return replace(office, clock=clock, _chains=type(office._chains)()), clock


def _issue(office: Office, written: Written) -> None:
    intake = take_in(office, draft_of(written), "md")
    drafted = _do(intake, draft)
    if isinstance(drafted, Blocked):
        raise ValueError(str(drafted))
    case = Case(office, written.reference)
    _do(case, prepare, 1)
    sign_as_sample(case, 1, inspector_id=INSPECTOR, decision=Decision.APPROVE, comments="")
    for step in (render_approved, archive):
        _do(case, step, 1)
    for recipient in case.recipients(1):
        _do(case, post, 1, recipient.id)
    for step in (close, anchor):
        _do(case, step, 1)
    if case.closed() is None:
        raise ValueError(f"{written.reference} was not issued.")


def _do(at: Any, do: Callable[..., Any], *args: object) -> Any:
    return attempt_step(StepRun(at, do.__name__.replace("_", "-")), do, lambda _: None, *args)


def draft_of(written: Written) -> bytes:
    """Write the draft, with its answers to what the authority's last letter asked for."""
    chance = random.Random(written.reference)  # noqa: S311 - words, no secrets
    name, before = written.authority.name, written.before
    asked = [] if before is None else areas_of(reference_of(written.authority, before))
    findings = [
        *(f"Since our last visit more has been done about this: {_small(area)}" for area in asked),
        *(f"{chance.choice(_SUBJECTS)} {chance.choice(_WHERE)} {praise}." for praise in _PRAISE),
    ]
    days = [written.first_day, written.first_day + timedelta(days=1)]
    answers = [
        {
            "area": f"needs-to-improve/{number}",
            "place": f"main-findings/{number}",
            "asked": sha256_hex(area.encode()),
            "words": sha256_hex(findings[number - 1].encode()),
        }
        for number, area in enumerate(asked, start=1)
    ]
    head = {
        "kind": "focused-visit",
        "authority": written.authority.code,
        "date": day_in_words(written.dated),
        "addressees": [
            {
                "role": "director",
                "name": "Ms Siân Prydderch",
                "lines": ["Director of Children’s Services", f"{name} Borough Council"],
            }
        ],
        "signatories": [
            {
                "name": "Harriet Elmsley",
                "title": "Her Majesty’s Inspector"
                if written.dated <= date(2022, 9, 8)
                else "His Majesty’s Inspector",
            }
        ],
        "copies": [],
        **({"answers": answers} if answers else {}),
    }
    body = f"""
# Focused visit to {name} Borough Council children’s services

This letter tells what we found when we visited {name} Borough Council children’s services on
{days[0].day} {_month(days[0])} and {days[1].day} {_month(days[1])} {days[1].year}. The visit
belongs to the inspection of local authority children’s services.

## Headline findings

{chance.choice(_SUBJECTS)} {chance.choice(_PRAISE)}, and managers in know what remains
to be done {chance.choice(_WHERE)}.

## What needs to improve in this area of social work practice

{chr(10).join(f"- {area}" for area in areas_of(written.reference))}

## Main findings

{(chr(10) * 2).join(findings)}
"""
    return f"---\n{yaml.safe_dump(head, allow_unicode=True, sort_keys=False)}---\n{body}".encode()


def areas_of(reference: str) -> list[str]:
    """Say what a letter asks for: two to four areas, always the same of the same letter."""
    chance = random.Random(f"areas of {reference}")  # noqa: S311 - words, no secrets
    subjects = chance.sample(_SUBJECTS, chance.randint(2, 4))
    return [f"{one} {chance.choice(_WHERE)} {chance.choice(_FAULTS)}." for one in subjects]


def reference_of(authority: Authority, first_day: date) -> str:
    """Give the reference of a focused visit."""
    return f"FV-{authority.code.upper()}-{first_day}"


def _month(day: date) -> str:
    return MONTHS[day.month - 1]


def _small(area: str) -> str:
    return area[0].lower() + area[1:]
