"""Slips of the pen: words twice, American spelling, the ends of a list's items."""

from __future__ import annotations

import re
from random import Random

from letters.letter import Passage
from tests.checks_measured.draft import Draft
from tests.checks_measured.fault import (
    Fault,
    Planter,
    matches,
    prose,
    with_sentence,
    with_words,
)

AMERICAN = {
    "behaviour": "behavior",
    "organisation": "organization",
    "prioritis": "prioritiz",
    "recognis": "recogniz",
    "analyse": "analyze",
    "programme": "program",
    "centre(?=s?\\b)": "center",
    "centred": "centered",
    "fulfil(?=s?\\b|ment)": "fulfill",
    "minimis": "minimiz",
    "utilis": "utiliz",
    "neighbour": "neighbor",
    "specialis(?=e|ing|ation)": "specializ",
    "summaris": "summariz",
    "emphasis(?=e|ing)": "emphasiz",
    "scrutinis": "scrutiniz",
    "formalis": "formaliz",
    "mobilis": "mobiliz",
    "skilful": "skillful",
    "counselling": "counseling",
    "defence": "defense",
    "cancelled": "canceled",
    "labour": "labor",
    "favour": "favor",
    "colour": "color",
    "honour": "honor",
    "individualis": "individualiz",
    "stabilis": "stabiliz",
    "realis(?=e|ing|ation)": "realiz",
    "criminalis": "criminaliz",
    "ageing": "aging",
    "enrol(?=s?\\b|ment)": "enroll",
    "rigour": "rigor",
    "travelling": "traveling",
    "modelling": "modeling",
    "endeavour": "endeavor",
    "mum": "mom",
    "paediatric": "pediatric",
}
AMERICAN_SENTENCES = (
    "Practitioners ‹recognize› risk quickly.",
    "Staff use a range of tools to ‹analyze› need.",
    "The ‹center› offers a wide range of support.",
    "The ‹program› is valued by parents.",
    "Support for challenging ‹behavior› is effective.",
    "Families ‹enroll› in the course without delay.",
    "Leaders have ‹prioritized› this work.",
    "Partners in ‹neighboring› authorities share learning.",
    "The team is ‹skeptical› about this.",
    "Practitioners feel ‹honored› by this feedback.",
    "Plans were ‹canceled› at short notice.",
    "The ‹counselor› visits weekly.",
    "Leaders ‹apologized› for this delay.",
    "Partners ‹utilize› the tool well.",
    "The ‹catalog› of services is clear.",
    "Thresholds are ‹standardized› across teams.",
    "Children’s ‹behavioral› needs are understood.",
    "The ‹organization› of the service has changed.",
    "Records are ‹digitized›.",
    "Staff feel ‹valorized›.",
    "The ‹theater› group is popular.",
    "Children are ‹enrolled› and ‹traveled› together.",
    "The plan was ‹finalized› late.",
    "The hub is ‹colorful›.",
    "Risks are not ‹trivialized›.",
    "Young people are not ‹criminalized›.",
    "Support is ‹personalized›.",
    "The panel ‹scrutinizes› decisions.",
)
WORD = re.compile(r"(?<![\w’-])[A-Za-z]{1,9}(?![\w’-])")


def doubled_word(draft: Draft, rng: Random) -> Fault:
    place, text = rng.choice(prose(draft))
    match = rng.choice([each for each in WORD.finditer(text) if each[0] not in ("had", "that")])
    again = f"{match[0]} {match[0].lower() if rng.random() < 0.5 else match[0]}"
    if rng.random() < 0.15:  # two words, as where lines were typed anew
        following = re.match(r" [A-Za-z]{2,9}\b", text[match.end() :])
        if following:
            end = match.end() + following.end()
            pair = text[match.start() : end]
            return with_words(draft, place, match.start(), end, f"{pair} {pair}")
    return with_words(draft, place, *match.span(), again)


def spelling_american(draft: Draft, rng: Random) -> Fault:
    found = [
        (place, match, american)
        for british, american in AMERICAN.items()
        for place, match in matches(draft, rf"\b{british}\w*")
    ]
    if not found or rng.random() < 0.1:
        return with_sentence(draft, rng, rng.choice(AMERICAN_SENTENCES))
    places = {match[0]: (place, match, american) for place, match, american in found}
    place, match, american = places[rng.choice(sorted(places))]
    stem = next(british for british, other in AMERICAN.items() if other == american)
    plain = re.sub(rf"^{stem}", american, match[0])
    return with_words(draft, place, *match.span(), plain)


def list_punctuation(draft: Draft, rng: Random) -> Fault | None:
    lists = []
    areas = (("opening", draft.reading.opening), *zip(draft.keys, _passages(draft), strict=True))
    for key, passages in areas:
        items = [
            (f"{key}/{number}", each.text)
            for number, each in enumerate(passages, start=1)
            if each.style == "item"
        ]
        ends = {text[-1] for _, text in items[:-1]}
        if len(items) > 2 and len(ends) == 1:
            lists.append(items)
    if not lists:
        return None
    items = rng.choice(lists)
    place, text = rng.choice(items[:-1])
    others = tuple(where for where, _ in items)
    wrong = text.rstrip(".;,") + rng.choice(("", "", ";", ",", ".."))
    if text[-1] not in ".;,":
        wrong = text + rng.choice((".", ";", ","))
    return Fault(draft.with_text(place, wrong), others, f"…{wrong[-12:]}")


def _passages(draft: Draft) -> list[tuple[Passage, ...]]:
    return [section.passages for section in draft.reading.sections]


PLANTERS = (
    Planter("doubled-word", doubled_word),
    Planter("spelling-american", spelling_american),
    Planter("list-punctuation", list_punctuation),
)
