"""Faults of authorities: their names, another's name, the address."""

from __future__ import annotations

import re
from random import Random

from tests.checks_measured.draft import Draft
from tests.checks_measured.fault import Fault, Planter, chosen, misspelt, with_sentence, with_words

WORKS_FOR = (
    "Staff told inspectors that they enjoy working for {}.",
    "Social workers are proud to work for {}.",
    "{} has invested significantly in its workforce.",
    "Children in {} benefit from this work.",
    "Leaders in {} know their services well.",
    "Foster carers in {} feel valued.",
    "The virtual school in {} is effective.",
    "Most agency staff choose to stay in {}.",
    "{}’s quality assurance framework is embedded.",
    "Care leavers from {} spoke warmly of their advisers.",
    "Practice across {} is variable.",
    "Schools in {} report good support.",
    "Officers from {} attend regularly.",
    "Partners describe {} as a good place to work.",
)


def authority_name_varies(draft: Draft, rng: Random) -> Fault:
    short = draft.authority.short_name
    council = draft.authority.name
    variants = []
    if "-" in short:
        variants.append(short.replace("-", " "))
    if " " in short:
        *before, last = short.split()
        variants += [short.replace(" ", "-"), " ".join((*before, misspelt(last, rng)))]
    if short.startswith("St "):
        variants.append(short[:-1] + "’s")
    longest = max(short.split(), key=len)
    if longest.isalpha() and not longest.isupper():
        variants += [short.replace(longest, misspelt(longest, rng)) for _ in range(2)]
    for right, wrong in (
        ("County Council", "City Council"),
        ("City Council", "Borough Council"),
        ("Metropolitan Borough Council", "City Council"),
        ("Borough Council", "County Council"),
    ):
        if right in council:
            variants.append(council.replace(right, wrong))
            break
    wrong_name = rng.choice(variants or ["Bournemouth, Christchurch and Pool Council"])
    found = chosen(draft, rng, rf"\b{re.escape(short)}\b(?! (?:Council|City|County|Borough))")
    if found and rng.random() < 0.6:
        return with_words(draft, found[0], *found[1].span(), wrong_name)
    return with_sentence(draft, rng, rng.choice(WORKS_FOR).format(f"‹{wrong_name}›"))


def authority_of_another(draft: Draft, rng: Random) -> Fault:
    others = [
        each
        for each in draft.register.authorities
        if each.code != draft.authority.code and each.short_name not in draft.authority.name
    ]
    other = rng.choice(others)
    name = rng.choice((other.short_name, other.short_name, other.name))
    short = draft.authority.short_name
    found = chosen(draft, rng, rf"\b{re.escape(short)}\b(?! (?:Council|City|County|Borough))")
    if found and rng.random() < 0.6:
        return with_words(draft, found[0], *found[1].span(), name)
    if rng.random() < 0.2:
        subject = f"Focused visit to {name} children’s services"
        return Fault(draft.reading_with(subject=subject), ("subject",), subject)
    return with_sentence(draft, rng, rng.choice(WORKS_FOR).format(f"‹{name}›"))


def postcode_malformed(draft: Draft, rng: Random) -> Fault | None:
    pattern = re.compile(r"\b([A-Z]{1,2})(\d[\dA-Z]?) (\d)([A-Z]{2})$")
    found = [
        (at, number, match)
        for at, addressee in enumerate(draft.reading.addressees)
        for number, line in enumerate(addressee.lines)
        if (match := pattern.search(line))
    ]
    if not found:
        return None
    at, number, match = found[-1]
    area, district, sector, unit = match.groups()
    slips = [
        f"{area}{district} {sector}{unit[0]}",
        f"{area}{district} {unit[0]}{sector}{unit[1]}",
        f"{area}{district}{sector} {unit}",
        f"{area}{district} {sector}{unit}Road",
        f"{area} {district} {sector}{unit}{rng.choice('ABDEFG')}",
        f"{area}{district} O{unit}" if sector == "0" else f"{area}{district} {sector}{unit[0]}0",
        f"{area}{district} {sector}{sector}{unit}",
        f"{area}{district.replace('1', 'I')} {sector}{unit}" if "1" in district else "",
    ]
    wrong = rng.choice([slip for slip in slips if slip])
    addressees = list(draft.reading.addressees)
    lines = list(addressees[at].lines)
    lines[number] = lines[number].replace(match[0], wrong)
    addressees[at] = addressees[at].model_copy(update={"lines": tuple(lines)})
    return Fault(draft.reading_with(addressees=tuple(addressees)), ("addressees",), wrong)


PLANTERS = (
    Planter("authority-name-varies", authority_name_varies),
    Planter("authority-of-another", authority_of_another),
    Planter("postcode-malformed", postcode_malformed),
)
