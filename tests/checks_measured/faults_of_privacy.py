"""Faults of privacy in figures: numbers, days of birth, addresses. All are invented."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from letters.letter import day_in_words
from tests.checks_measured.draft import Draft
from tests.checks_measured.fault import Fault, Planter, with_closing, with_sentence

NHS_SENTENCES = (
    "In one case (NHS number ‹{}›), the child had not been seen.",
    "For one child, NHS no. ‹{}›, the plan was out of date.",
    "Inspectors raised concerns about the record ‹{}›.",
    "The case of a child (‹{}›) was brought to the attention of managers.",
    "One child’s health record, ‹{}›, had been mislaid.",
    "The record of one child (NHS: ‹{}›) was incomplete.",
    "Health staff knew the child under ‹{}›.",
    "Under number ‹{}›, no assessment was found.",
    "One boy’s NHS number (‹{}›) was shared in error.",
    "The child’s number, ‹{}›, was in the wrong record.",
    "Her NHS number is ‹{}›.",
    "See record NHS-‹{}›.",
)
BORN = (
    "One child, born on ‹{day}›, had not been seen alone.",
    "Inspectors looked at the record of a boy (DOB ‹{figures}›).",
    "A girl (d.o.b. ‹{figures}›) waited too long for her assessment.",
    "The oldest child (born ‹{day}›) lives with her grandparents.",
    "For one child, whose date of birth is ‹{day}›, the plan was out of date.",
    "A baby who was born on ‹{day}› was placed with foster carers.",
    "One young person (date of birth: ‹{figures}›) remains in custody.",
    "His brother’s birthday is ‹{day}›.",
    "Twins born ‹{figures}› were placed apart.",
    "He was born prematurely on ‹{day}›.",
    "One girl – DoB ‹{figures}› – had no plan.",
    "A child, birth date ‹{figures}›, was missed.",
    "She turned 16 on ‹{day}› and became homeless.",
    "The youngest sibling (b. ‹{figures}›) was seen at home.",
    "His date of birth, ‹{day}›, was recorded wrongly.",
    "The child was born in hospital on ‹{day}›.",
    "A girl with the date of birth ‹{figures}› was not seen.",
    "His twin sister was born on ‹{day}› as well.",
    "Born on ‹{day}›, she came into care at six weeks.",
    "The baby (born on ‹{figures}›) is thriving.",
    "One boy (D.O.B: ‹{figures}›) was excluded.",
)
STREETS = (
    "Elm Road",
    "Mill Lane",
    "Station Road",
    "Victoria Street",
    "The Crescent",
    "Church Close",
    "Oak Avenue",
    "Park Drive",
    "Queens Gardens",
    "High Street",
    "Manor Way",
    "The Green",
    "Beech Grove",
    "Rose Walk",
    "St John’s Road",
    "Kings Parade",
    "London Road",
    "Castle Hill",
    "Willow Way",
    "Abbey Terrace",
)
TOWNS = (
    "Newtown",
    "Ashby",
    "Kirkham",
    "Redcliffe",
    "Marlow",
    "Eastfield",
    "Harwich",
    "Stoneleigh",
    "Brackley",
    "Westgate",
    "Norbury",
    "Holt",
)
LIVED = (
    "The family lives at ‹{}›.",
    "Inspectors visited the home at ‹{}›.",
    "A child placed at ‹{}› had not been visited for six weeks.",
    "One family (‹{}›) has been known to the service for years.",
    "The unregistered home at ‹{}› has now closed.",
    "She was moved to her aunt’s flat, ‹{}›, without an assessment.",
    "He lives with his father in ‹{}›.",
    "The children were found alone at ‹{}›.",
    "Police attended ‹{}› on three occasions.",
    "The placement (‹{}›) is not registered.",
    "She stays with friends at ‹{}›.",
    "The mother’s address is ‹{}›.",
    "Two children were moved to ‹{}›.",
    "Neighbours of ‹{}› had raised concerns.",
    "The foster home is at ‹{}›.",
)
NUMBERS = (
    "0161 496 0123",
    "07700 900123",
    "+44 20 7946 0018",
    "(0151) 496 0000",
    "01632 960123",
    "020 7946 0999",
    "+44 (0)1632 960 456",
    "0303 123 4567",
    "01632-960-123",
    "0808 157 0192",
    "07700900982",
    "07700 900 456",
    "+447700900123",
    "0113 496 0999",
    "(020) 7946 0958",
    "01632 960 001",
    "+44 161 4960123",
    "0117-496-0042",
    "07700-900-777",
    "0800 123 4567",
    "01865 496 000",
    "+44(0)7700900555",
    "0141 496 0777",
    "07700 900-321",
    "020-7946-0321",
    "(01632) 960555",
    "0345 678 9000",
)
CALLS = (
    "Please ring the lead inspector on ‹{}›.",
    "The social worker can be reached on ‹{}›.",
    "If you have any questions, please contact me (‹{}›).",
    "Tel: ‹{}›",
    "The out-of-hours team’s number is ‹{}›.",
    "Call the team on ‹{}›.",
    "Her mobile number is ‹{}›.",
    "For advice, phone ‹{}›.",
    "T: ‹{}›",
    "Telephone ‹{}› to discuss this letter.",
    "Ring ‹{}› for details.",
    "The helpline is ‹{}›.",
    "Phone: ‹{}›",
    "His father can be called on ‹{}›.",
)


def nhs_number(draft: Draft, rng: Random) -> Fault:
    number = _nhs_number(rng)
    forms = (
        number,
        f"{number[:3]} {number[3:6]} {number[6:]}",
        f"{number[:3]}-{number[3:6]}-{number[6:]}",
    )
    return with_sentence(draft, rng, rng.choice(NHS_SENTENCES).format(rng.choice(forms)))


def birth_date(draft: Draft, rng: Random) -> Fault:
    day = draft.day - timedelta(days=rng.randrange(200, 17 * 365))
    figures = rng.choice(("{:%d/%m/%Y}", "{:%d/%m/%y}", "{:%d.%m.%Y}", "{:%d-%m-%Y}")).format(day)
    figures = rng.choice((figures, figures, day_in_words(day)))
    sentence = rng.choice(BORN).format(day=day_in_words(day), figures=figures)
    return with_sentence(draft, rng, sentence)


def home_address(draft: Draft, rng: Random) -> Fault:
    number, street, town = rng.randrange(1, 180), rng.choice(STREETS), rng.choice(TOWNS)
    addresses = (
        f"{number} {street}",
        f"{number} {street}, {town}",
        f"{number}a {street}, {town} NT{number % 19 + 1} 4QZ",
        f"Flat {number % 9 + 1}, {number} {street}",
        f"Flat {number % 9 + 1}, {street.split()[0]} House, {town}, NT3 2BB",
        f"No. {number}, {street}",
    )
    return with_sentence(draft, rng, rng.choice(LIVED).format(rng.choice(addresses)))


def telephone_number(draft: Draft, rng: Random) -> Fault:
    sentence = rng.choice(CALLS).format(rng.choice(NUMBERS))
    return (
        with_closing(draft, sentence) if rng.random() < 0.6 else with_sentence(draft, rng, sentence)
    )


def _nhs_number(rng: Random) -> str:
    """Make up an NHS number whose check digit is right (NHS Data Dictionary: modulus 11)."""
    while True:
        digits = [9, *(rng.randrange(10) for _ in range(8))]
        weighed = sum(
            digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)
        )
        check = 11 - weighed % 11
        if check != 10:
            return "".join(map(str, (*digits, check % 11)))


PLANTERS = (
    Planter("nhs-number", nhs_number),
    Planter("birth-date", birth_date),
    Planter("home-address", home_address),
    Planter("telephone-number", telephone_number),
)
