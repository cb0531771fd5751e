"""Faults of what a letter must say, or says twice: power, summary, grade, counts."""

from __future__ import annotations

import re
from random import Random

from letters.letter import Passage
from tests.checks_measured.annual_reviews import annual_review
from tests.checks_measured.draft import Draft
from tests.checks_measured.fault import (
    Fault,
    Planter,
    prose,
    with_sentence,
    with_words,
)

BASES = r"section \d+ of the|ILACS|inspection of local authority children|joint targeted area"
VAGUE_BASES = (
    "This visit was carried out in line with our usual framework.",
    "It was carried out under the relevant legislation.",
    "The inspection was carried out under the Act.",
    "The methodology was the one that we publish on our website.",
    "We carried out this visit in the usual way.",
    "The visit followed our published guidance.",
    "It was undertaken in accordance with the law.",
    "The visit took place as part of our regular work.",
    "Inspectors followed the usual procedures.",
)
UNLAWFUL_BASES = (
    "This visit was carried out under ‹section 138 of the Education and Inspections Act 2006›.",
    "The inspection was carried out under ‹section 5 of the Education Act 2005›.",
    "We visited under ‹section 80 of the Children Act 1989›.",
    "It was conducted under ‹section 163 of the Education Act 2002›.",
    "This visit was carried out under ‹section 138 of the Education & Inspections Act 2006›.",
    "The inspection took place under ‹s138 of the Education and Inspections Act 2006›.",
    "It was carried out under the ‹Education and Inspections Act 2006, section 138›.",
    "This visit was conducted under ‹section 17 of the Children Act 1989›.",
    "We visited under ‹section 138 of the Education and Inspections Act, 2006›.",
    "We inspected under ‹section 135 of the Education and Inspections Act 2006›.",
)
CALLED = {
    "areas-for-priority-action": "areas for priority action",
    "needs-to-improve": "areas for improvement",
    "areas-for-development": "areas for development",
    "strengths": "areas of strength",
    "satisfactory-practice": "areas of satisfactory practice",
}
"""What stands in a section, as sentences call it."""
GRADES = ("performs excellently", "performs well", "performs adequately", "performs poorly")
NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
COUNTED = ("case records", "children’s files", "children’s case files", "supervision records")
COUNTS = (
    (
        "Inspectors sampled {n} {what}.",
        "Of the ‹{m} {what}› that inspectors sampled, most were up to date.",
    ),
    (
        "During the visit, {n} {what} were seen.",
        "The quality of the ‹{m} {what}› seen was variable.",
    ),
    (
        "Inspectors looked at {n} {what}.",
        "In all ‹{m} {what}› that inspectors looked at, children’s views were clear.",
    ),
    (
        "In total, {n} {what} were reviewed.",
        "A minority of the ‹{m} {what}› reviewed lacked analysis.",
    ),
    (
        "Inspectors read {n} {what} in depth.",
        "Children’s wishes were recorded in most of the ‹{m} {what}› that inspectors read.",
    ),
    (
        "A total of {n} {what} was examined.",
        "Chronologies were missing from half of the ‹{m} {what}› examined.",
    ),
    (
        "We considered {n} {what}.",
        "Few of the ‹{m} {what}› considered show reflective supervision.",
    ),
    (
        "Inspectors looked closely at {n} {what}.",
        "Inspectors found gaps in a third of the ‹{m} {what}› that they looked at.",
    ),
    ("The visit covered {n} {what}.", "All but two of the ‹{m} {what}› had a chronology."),
)


def statutory_basis_missing(draft: Draft, rng: Random) -> Fault | None:
    if not _has_basis(draft):
        return None
    opening = []
    for passage in draft.reading.opening:
        if not re.search(BASES, passage.text):
            opening.append(passage)
            continue
        if "joint targeted" in passage.text:
            text = re.sub(r"joint targeted area inspection( \(JTAI\))?", "inspection", passage.text)
        else:
            sentences = re.split(r"(?<=[a-z0-9)]\.) ", passage.text)
            text = " ".join(each for each in sentences if not re.search(BASES, each))
        if text:
            opening.append(passage.model_copy(update={"text": text}))
    if rng.random() < 0.5:
        opening.append(Passage(style="paragraph", text=rng.choice(VAGUE_BASES)))
    reading = draft.reading_with(opening=tuple(opening))
    return Fault(reading, ("opening",), "no basis, or a vague one")


def statutory_basis_unlawful(draft: Draft, rng: Random) -> Fault:
    written = re.compile(r"section (\d+) of the ([\w ]+?Act) (\d{4})")
    for place, text in draft.passages("opening"):
        if match := written.search(text):
            section, act, year = match.groups()
            slips = (
                f"section {section[::-1]} of the {act} {year}",
                f"section {section}{rng.randrange(1, 9)} of the {act} {year}",
                f"section {section} of the {act} {int(year) - rng.choice((1, 2, 15))}",
                f"section {section} of the Local Government Act {year}",
            )
            return with_words(draft, place, *match.span(), rng.choice(slips))
    return with_sentence(draft, rng, rng.choice(UNLAWFUL_BASES), among=draft.passages("opening"))


def summary_contradicts(draft: Draft, rng: Random) -> Fault | None:
    sentences = []
    for key, what in CALLED.items():
        if draft.kind.section(key) is None:
            continue
        section = draft.section(key)
        says_none = section is not None and [p.style for p in section.passages] == ["paragraph"]
        if section is None or says_none:
            sentences += [
                f"Inspectors identified ‹two {what}›, which are set out below.",
                f"This visit identified ‹{what}›.",
                f"We found one {what.replace('areas', 'area')}.",
            ]
        else:
            count = sum(each.style == "item" for each in section.passages)
            sentences += [f"There are ‹no {what}›.", f"Inspectors did not identify ‹any {what}›."]
            if 1 < count < 10:
                wrong = rng.choice([n for n in range(2, 11) if n != count])
                sentences += [
                    f"Inspectors identified ‹{NUMBERS[wrong - 2]} {what}›, which are listed below.",
                    f"The {NUMBERS[wrong - 2]} {what} are set out below.",
                ]
    summary = "headline-findings" if "headline-findings" in draft.keys else "opening"
    among = [each for each in draft.passages(summary) if re.match(r"[A-Z].*\.$", each.text)]
    fault = with_sentence(draft, rng, rng.choice(sentences), among=among[-1:])
    return fault._replace(words=None)


def grade_missing(draft: Draft, rng: Random) -> Fault | None:
    sound = annual_review(draft, f"{draft.authority.name} {rng.choice(GRADES[:3])}.")
    if sound is None:
        return None
    name = draft.authority.name
    wrong = rng.choice(
        (
            f"{name}’s services for children have continued to improve over the year.",
            f"{name} performs satisfactorily.",
            f"The grade for {name} is good.",
            f"{name} is judged to be outstanding.",
            f"{name} [grade].",
            f"{name} performs well. In some areas, it performs adequately.",
            f"{name} performs excellently in its support for care leavers and performs poorly "
            "elsewhere.",
            f"{name} perfoms well.",
        )
    )
    planted = annual_review(draft, wrong)
    assert planted is not None
    return Fault(planted, ("", "judgement"), wrong, sound=sound)


def count_told_twice(draft: Draft, rng: Random) -> Fault | None:
    first, second = rng.choice(COUNTS)
    count = rng.randrange(12, 70)
    told = {
        "n": count,
        "m": count + rng.choice((-4, -2, -1, 1, 2, 3, 10)),
        "what": rng.choice(COUNTED),
    }
    place, text = draft.passages("opening")[-1]
    sound = draft.with_text(place, f"{text} {first.format(**told)}")
    changed = Draft(draft.letter, sound, draft.kind, draft.register)
    among = [each for each in prose(changed) if not each.place.startswith("opening/")]
    fault = with_sentence(changed, rng, second.format(**told), among=among)
    return fault._replace(sound=sound, places=(*fault.places, place), words=None)


def _has_basis(draft: Draft) -> bool:
    day = draft.inspected.first
    is_due = any(each.covers(day) for each in (*draft.kind.statutory_basis, *draft.kind.frameworks))
    return is_due and any(re.search(BASES, text) for _, text in draft.passages("opening"))


PLANTERS = (
    Planter("statutory-basis-missing", statutory_basis_missing),
    Planter("statutory-basis-unlawful", statutory_basis_unlawful),
    Planter("summary-contradicts", summary_contradicts),
    Planter("grade-missing", grade_missing),
    Planter("count-told-twice", count_told_twice),
)
