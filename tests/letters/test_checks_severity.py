"""Which of the rules on words and persons stop a letter, and which only ask for a look."""

from __future__ import annotations

from letters.checks import (
    acronyms,
    addresses,
    alike,
    characters,
    earlier_areas,
    lists,
    persons,
    privacy,
    repetition,
    spelling,
    standard,
    wording,
)

MODULES = (
    *(acronyms, addresses, alike, characters, earlier_areas, lists),
    *(persons, privacy, repetition, spelling, standard, wording),
)
CHECKS = [check for module in MODULES for check in module.CHECKS]
BLOCKING = {
    "birth-date",
    "character-not-printable",
    "earlier-area-unanswered",
    "email-address-printed",
    "home-address",
    "nhs-number",
    "placeholder",
    "telephone-number",
    "valediction-wrong",
}
WARNING = {
    "acronym-misspelt",
    "acronym-undefined",
    "acronym-unused",
    "bracketed-text",
    "doubled-word",
    "finding-repeated",
    "list-punctuation",
    "person-named",
    "small-number",
    "spelling-american",
    "standard-paragraph-altered",
    "template-markup",
    "text-of-another-letter",
    "web-address-malformed",
}


def test_what_blocks_and_what_warns():
    assert {check.code for check in CHECKS if check.is_blocking} == BLOCKING
    assert {check.code for check in CHECKS if not check.is_blocking} == WARNING


def test_a_code_is_one_checks():
    assert len(CHECKS) == len(BLOCKING | WARNING)


def test_each_says_what_it_finds_and_where_its_rule_comes_from():
    for check in CHECKS:
        assert check.summary.endswith("."), check.code
        assert check.source, check.code
