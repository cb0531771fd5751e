"""The rules on numbers and addresses of persons. All of them are invented or reserved."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from letters.checks.privacy import birth_date, home_address, nhs_number, telephone_number
from letters.letter import Addressee, Letterhead
from tests.letters.checking import cases, found_in, words_found
from tests.letters.readings import a_letter, paragraphs


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "in one run": ("The record 9434765919 was read.", ["9434765919"]),
            "in three groups": ("The record 943 476 5919 was read.", ["943 476 5919"]),
            "with hyphens": ("(943-476-5919)", ["943-476-5919"]),
            "said to be one, though the last digit doesn't fit": (
                "NHS number: 943 476 5910.",
                ["943 476 5910"],
            ),
            "the last digit doesn't fit": ("The record 943 476 5910 was read.", []),
            "a telephone number": ("Ring 0300 123 1231 or 01632 960983.", []),
            "eleven digits": ("The record 94347659190 was read.", []),
            "ten times the same digit": ("The record 0000000000 was read.", []),
        }
    ),
)
def test_nhs_number(text, expected):
    assert words_found(nhs_number, text) == expected


@given(st.from_regex(r"[1-9][0-9]{8}", fullmatch=True), st.sampled_from(["", " ", "-"]))
def test_the_last_digit_fits_or_none_does(nine, sign):
    assume(len(set(nine)) > 1)
    total = sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True))
    fitting = {10: [], 11: ["0"]}.get(11 - total % 11, [str(11 - total % 11)])

    begun = sign.join((nine[:3], nine[3:6], nine[6:]))
    text = "; ".join(f"{begun}{last}" for last in range(10))

    assert [number[-1] for number in words_found(nhs_number, text)] == fitting


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "born on a day": ("A child, born on 3 May 2012, waited.", ["born on 3 May 2012"]),
            "born with the day alone": ("He was born 3rd May 2012.", ["born 3rd May 2012"]),
            "born somewhere on a day": (
                "Born in Westmere on the 3rd of May 2012.",
                ["Born in Westmere on the 3rd of May 2012"],
            ),
            "DOB in figures": ("DOB 03/05/2012.", ["DOB 03/05/2012"]),
            "DOB with a colon and dots": ("DOB: 03.05.12", ["DOB: 03.05.12"]),
            "d.o.b. in brackets": ("One child (d.o.b. 3 May 2012).", ["d.o.b. 3 May 2012"]),
            "date of birth": ("Date of birth: 3 May 2012.", ["birth: 3 May 2012"]),
            "the month first": ("She was born May 3, 2012.", ["born May 3, 2012"]),
            "as a computer writes it": ("DOB 2012-05-03", ["DOB 2012-05-03"]),
            "a small b": (
                "The youngest (b. 3 May 2012) and (b. 03/05/12).",
                ["b. 3 May 2012", "b. 03/05/12"],
            ),
            "the day of a birthday": ("She turned 16 on 3 May 2012.", ["turned 16 on 3 May 2012"]),
            "a birthday without its year": ("His birthday is 3 May.", ["birthday is 3 May"]),
            "a month cut short": ("DOB 3 Sept 2012", ["DOB 3 Sept 2012"]),
            "those born since a day": ("Children born since 1 April 2019 are seen.", []),
            "a year": ("Children born in 2012 are at school.", []),
            "another sentence's day": ("She was born at home. On 3 May 2012 we met.", []),
            "a service that came to be": ("The team met on 3 May 2012.", []),
        }
    ),
)
def test_birth_date(text, expected):
    assert words_found(birth_date, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "house, street, town and postcode": (
                "They live at 12 Mill Lane, Port Ashby, PA1 3QX now.",
                ["12 Mill Lane, Port Ashby, PA1 3QX"],
            ),
            "without commas": (
                "At 7a High Street Westmere WM1 2AB.",
                ["7a High Street Westmere WM1 2AB"],
            ),
            "a house with its number's sign": (
                "At No. 7, Queens Gardens.",
                ["No. 7, Queens Gardens"],
            ),
            "a high street": ("At 176 High Street we met.", ["176 High Street"]),
            "a green": ("At 72 The Green, Stoneleigh.", ["72 The Green"]),
            "courts of law": ("In 12 Family Court and 3 Crown Court cases.", []),
            "a flat": ("At Flat 3, 12 Mill Lane we met.", ["Flat 3, 12 Mill Lane"]),
            "house and street alone": ("At 12 St John’s Road we met.", ["12 St John’s Road"]),
            "a street by another name, with its postcode": (
                "At 4 The Paddocks, WM12AB we met.",
                ["4 The Paddocks, WM12AB"],
            ),
            "a postcode alone": ("The area WM1 2AB is poor.", ["WM1 2AB"]),
            "two addresses": (
                "From 1 Mill Lane to 2 Mill Lane they went.",
                ["1 Mill Lane", "2 Mill Lane"],
            ),
            "the letterhead's": ("Write to Lantern House, 12 Quay Street, PA2 3QX.", []),
            "an addressee's": ("We met at 4 Weir Lane in the town.", []),
            "a year before a name": ("In 2019 Mill Lane was opened.", []),
            "a count before a name": (
                "The 12 Family Court cases, and 16 Public Law Outline plans.",
                [],
            ),
            "half of a postcode": ("The areas WM1 and PA12 are poor.", []),
        }
    ),
)
def test_home_address(text, expected):
    letter = a_letter(
        letterhead=Letterhead(
            organisation="Ofsted", lines=("Lantern House", "12 Quay Street", "PA2 3QX")
        ),
        addressees=(Addressee(role="director", name="Ms Siân Prydderch", lines=("4 Weir Lane",)),),
        closing=paragraphs(text),
    )

    assert [words for _, words in found_in(home_address, letter)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "a mobile": ("Ring 07700 900123 at once.", ["07700 900123"]),
            "in one run": ("Ring 07700900123.", ["07700900123"]),
            "of a town, in brackets": ("Ring (01632) 960983.", ["(01632) 960983"]),
            "of London": ("Ring 020 7946 0018.", ["020 7946 0018"]),
            "with hyphens": ("Ring 0117-496-0345.", ["0117-496-0345"]),
            "from abroad": ("Ring +44 7700 900123.", ["+44 7700 900123"]),
            "from abroad, with the nought": ("Ring +44 (0)20 7946 0018.", ["+44 (0)20 7946 0018"]),
            "the letterhead's": ("Ring 0300 123 1231.", []),
            "a date in figures": ("On 03/05/2012 and 03.05.2012 we met.", []),
            "a sum": ("It cost £01234567890 or 1,012,345,678.", []),
            "emergencies": ("They rang 999 and 101.", []),
        }
    ),
)
def test_telephone_number(text, expected):
    head = Letterhead(organisation="Ofsted", lines=("T 0300 1231231",))

    letter = a_letter(letterhead=head, closing=paragraphs(text))

    assert [words for _, words in found_in(telephone_number, letter)] == expected


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (nhs_number, "943 476 5919"),
        (birth_date, "born on 3 May 2012"),
        (home_address, "12 Mill Lane"),
        (telephone_number, "07700 900123"),
    ],
    ids=["NHS numbers", "birth dates", "home addresses", "telephone numbers"],
)
def test_subject_and_headings_are_looked_at_and_addressees_are_not(check, text):
    addressee = Addressee(role="director", name="Ms Siân Prydderch", lines=(text,))
    letter = a_letter(subject=f"Visit {text}", addressees=(addressee,))

    found = [place for place, _ in found_in(check, letter)]

    # An addressee's own postal address may be said again.
    assert found == ([] if check is home_address else ["subject"])
