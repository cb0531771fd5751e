"""Faults of days: the inspection's, and those in the text."""

from __future__ import annotations

import re
from datetime import date, timedelta
from random import Random

from letters.dates import WEEKDAYS
from letters.letter import MONTHS, day_in_words
from tests.checks_measured.draft import Draft
from tests.checks_measured.fault import (
    Fault,
    Planter,
    chosen,
    with_closing,
    with_sentence,
    with_words,
)
from tests.checks_measured.faults_of_the_date import months_earlier

EVENTS = (
    "The new practice model was introduced on {}.",
    "Senior leaders launched the improvement plan on {}, and staff speak well of it.",
    "The improvement board met for the first time on {}.",
    "A peer review took place on {} and came to similar findings.",
    "The current director took up her post on {}.",
    "On {}, the council agreed additional funding for the service.",
    "This team has been in place since {}.",
    "The recording system was replaced on {}.",
    "Inspectors were told that the restructure began on {}.",
    "The corporate parenting strategy was refreshed on {} with young people.",
    "Following a workshop on {}, thresholds were revised.",
    "The last full audit, completed on {}, identified the same weaknesses.",
    "The hub opened its doors to families on {}.",
    "Senior managers signed off the strategy on {}.",
    "The previous monitoring visit ended on {}.",
    "A new lead member was elected on {}.",
)
REQUESTS = (
    "Please send us your comments on this letter by {}.",
    "The local authority should send its written statement of action to us by {}.",
    "This letter will be published on our website on {}.",
    "We expect to receive your plan by {}.",
    "The Department for Education was informed on {}.",
    "This letter supersedes the one that was sent to you on {}.",
    "Your response should reach us no later than {}.",
    "We will publish this letter on {}.",
    "We have arranged a meeting for {}.",
)
MISSPELT_MONTHS = (
    "Febuary",
    "Janurary",
    "Septmber",
    "Ocotber",
    "Agust",
    "Apirl",
    "Febraury",
    "Septemeber",
    "Novemeber",
    "Augst",
    "Decmber",
    "Jully",
    "Feburary",
    "Januray",
    "Octobor",
    "Spetember",
    "Jnue",
    "Marhc",
)
YEAR_OF_TEXT = r"(?<!Act )(?<!Regulations )(?<![/\w])20[012]\d\b(?!/)"


def inspected_on(draft: Draft, days: str) -> Fault:
    """Give the inspection other days, as they are written."""
    fact = draft.days_at
    return with_words(draft, fact.place, fact.start, fact.end, days)


def a_day_before(draft: Draft, rng: Random) -> date:
    """Return a day of the two years before the letter."""
    return draft.day - timedelta(days=rng.randrange(40, 700))


def weekday_wrong(draft: Draft, rng: Random) -> Fault:
    first, last = draft.inspected
    if rng.random() < 0.4:
        wrong = _wrong_weekday(first, rng)
        if first == last or rng.random() < 0.5:
            return inspected_on(draft, f"‹{wrong} {_written(draft)}›")
        joiner = rng.choice(("and", "to"))
        wrong_too = _wrong_weekday(last, rng)
        start = f"{wrong} {first.day} {_month_unless(first, last)}".strip()
        return inspected_on(draft, f"‹{start} {joiner} {wrong_too} {day_in_words(last)}›")
    day = a_day_before(draft, rng)
    wrong = _wrong_weekday(day, rng)
    form = rng.choice(("‹{w} {d}›", "‹{w}, {d}›", "‹{w} the {o} of {m}›"))
    written = form.format(
        w=wrong, d=day_in_words(day), o=_ordinal(day), m=f"{_month(day)} {day.year}"
    )
    return with_sentence(draft, rng, rng.choice(EVENTS).format(written))


def inspection_reversed(draft: Draft, rng: Random) -> Fault:
    first, last = draft.inspected
    if first == last:
        last = first + timedelta(days=1)
    forms = [_span(last, first, "and"), _span(last, first, "to")]
    if first.month == last.month and first.month > 1:
        forms.append(
            f"{first.day} {_month(first)} to {last.day} {MONTHS[first.month - 2]} {first.year}"
        )
    return inspected_on(draft, rng.choice(forms))


def inspection_too_long(draft: Draft, rng: Random) -> Fault:
    first, last = draft.inspected
    if first == last:
        last = first + timedelta(days=1)
    months = rng.randrange(3, 8)
    forms = (
        f"{first.day} {_month(first)} {first.year - 1} and {day_in_words(last)}",
        f"{first.day} {_month(first)} {first.year - 1} to {day_in_words(last)}",
        f"{day_in_words(months_earlier(first, months))} to {day_in_words(last)}",
        f"{day_in_words(months_earlier(first, months))} and {day_in_words(last)}",
    )
    return inspected_on(draft, rng.choice(forms))


def date_impossible(draft: Draft, rng: Random) -> Fault | None:
    if rng.random() < 0.5 and (found := chosen(draft, rng, YEAR_OF_TEXT, *draft.keys)):
        place, match = found
        year = match[0]
        slips = (
            year + year[-1],
            year[:2] + "0" + year[2:],
            year[:3],
            year[0] + year[2] + year[1] + year[3],
        )
        slip = rng.choice([each for each in slips if each != year])
        return with_words(draft, place, *match.span(), slip)
    day = a_day_before(draft, rng)
    short = rng.choice((4, 6, 9, 11))
    days = (
        f"31 {MONTHS[short - 1]} {day.year}",
        f"30 February {day.year}",
        f"3{rng.randrange(2, 10)} {_month(day)} {day.year}",
        f"{day.day} {rng.choice(MISSPELT_MONTHS)} {day.year}",
        f"{day.day} {_month(day)} {day.year}{rng.randrange(10)}",
        f"{day.day} {_month(day)} {str(day.year)[:3]}",
    )
    wrong = f"‹{rng.choice(days)}›"
    if rng.random() < 0.3:
        return with_closing(draft, rng.choice(REQUESTS).format(wrong))
    return with_sentence(draft, rng, rng.choice(EVENTS).format(wrong))


def date_unclear(draft: Draft, rng: Random) -> Fault:
    day = a_day_before(draft, rng)
    forms = (
        "{d:02}/{m:02}/{y}",
        "{d}/{m}/{y}",
        "{d:02}.{m:02}.{y}",
        "{d}.{m}.{s}",
        "{d:02}/{m:02}/{s}",
    )
    form = rng.choice((*forms, "{d:02}-{m:02}-{y}"))
    written = form.format(d=day.day, m=day.month, y=day.year, s=str(day.year)[2:])
    if rng.random() < 0.3:
        return with_closing(draft, rng.choice(REQUESTS).format(f"‹{written}›"))
    return with_sentence(draft, rng, rng.choice(EVENTS).format(f"‹{written}›"))


def inspection_dates_missing(draft: Draft, rng: Random) -> Fault:
    year = str(draft.inspected.last.year)
    written = _written(draft)
    forms = (
        written.replace(f" {year}", ""),
        re.sub(rf" ({'|'.join(MONTHS)})", "", written),
        "[dates]",
        f"{_month(draft.inspected.first)} {year}",
    )
    fault = inspected_on(draft, rng.choice(forms))
    return fault._replace(places=("opening",), words=None)


def _written(draft: Draft) -> str:
    fact = draft.days_at
    return dict(draft.passages())[fact.place][fact.start : fact.end]


def _span(first: date, last: date, joiner: str) -> str:
    return f"{first.day} {_month_unless(first, last)} {joiner} {day_in_words(last)}".replace(
        "  ", " "
    )


def _month_unless(first: date, last: date) -> str:
    """Name the first day's month where the last day's isn't the same."""
    if first.year != last.year:
        return f"{_month(first)} {first.year}"
    return "" if first.month == last.month else _month(first)


def _month(day: date) -> str:
    return MONTHS[day.month - 1]


def _ordinal(day: date) -> str:
    ending = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day.day, "th")
    return f"{day.day}{ending}"


def _wrong_weekday(day: date, rng: Random) -> str:
    return WEEKDAYS[(day.weekday() + rng.randrange(1, 5)) % 7]


PLANTERS = (
    Planter("weekday-wrong", weekday_wrong),
    Planter("inspection-reversed", inspection_reversed),
    Planter("inspection-too-long", inspection_too_long),
    Planter("date-impossible", date_impossible),
    Planter("date-unclear", date_unclear),
    Planter("inspection-dates-missing", inspection_dates_missing),
)
