"""The rules on addressees and their postcodes, copies, salutation and signatories."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.checks import people
from letters.checks.rule import Given
from letters.letter import Addressee, Signatory
from letters.printed_name import greeting_of
from tests.letters.readings import KIND, a_director, a_letter, a_register, paragraphs, told

WRONG = [("salutation-of-another", "salutation", "blocks")]
UNUSUAL = [("salutation-unusual", "salutation", "warns")]


def found_in(letter, kind=KIND):
    given = Given(kind, a_register())
    return tuple(problem for rule in people.CHECKS for problem in rule.problems(letter, given))


def problems_of(letter, kind=KIND):
    return told(found_in(letter, kind))


@pytest.mark.parametrize(
    ("names", "salutation", "expected"),
    [
        (["Ms Siân Prydderch"], "Dear Ms Prydderch", []),
        (["Ms Siân Prydderch"], "Dear Ms Prydderch,", []),
        (["Ms Siân Prydderch"], "Dear Siân", []),
        (["Ms Siân Prydderch"], "Dear Siân Prydderch", []),
        (["Ms Siân Prydderch"], "Dear Ms Siân Prydderch", []),
        (["Ms Siân Prydderch"], "Dear Ms Pryderch", WRONG),
        (["Ms Siân Prydderch"], "Dear Ms Siân", WRONG),
        (["Ms Siân Prydderch"], "Dear Mr Prydderch", WRONG),
        (["Ms Siân Prydderch"], "Dear Mr Cooper", WRONG),
        (["Ms Siân Prydderch"], "Dear Ms", WRONG),
        (["Ms Siân Prydderch"], "Dear Sir", WRONG),
        (["Ms Siân Prydderch"], "Dear Sir or Madam", WRONG),
        (["Ms Siân Prydderch"], "Dear Siân Pryderch", WRONG),
        (["Ms Siân Prydderch"], "Dear Jane Quick", WRONG),
        (["Ms Siân Prydderch"], "Dear Prydderch", UNUSUAL),
        (["Ms Siân Prydderch"], "Dear Sian", UNUSUAL),
        (["Ms Siân Prydderch"], "Dear Sian Prydderch", UNUSUAL),
        (["Ms Siân Prydderch"], "Dear colleague", UNUSUAL),
        (["Ms Siân Prydderch"], "Dear", UNUSUAL),
        (["Ms Siân Prydderch"], "To Ms Prydderch", UNUSUAL),
        (["Debbie Barnes"], "Dear Ms Barnes", []),
        (["Professor Declan O’Brien"], "Dear Professor O'Brien", []),
        (["Prof. Declan O’Brien"], "Dear Professor O’Brien,", []),
        (["Dr Sara Heath OBE"], "Dear Dr Heath", []),
        (["Mr Jan van der Berg"], "Dear Mr van der Berg", []),
        (["Mr Jan van der Berg"], "Dear Mr Berg", []),
        (["Councillor Mrs Sheila Clarke MBE"], "Dear Councillor Clarke", []),
        (["Cllr Mrs Sheila Clarke MBE"], "Dear Mrs Clarke", []),
        (["Sir John Ash"], "Dear Sir John", []),
        (["Sir John Ash"], "Dear Sir Paul", WRONG),
        (["Ms Ann Ash", "Mr Tom Birch"], "Dear Ms Ash and Mr Birch", []),
        (["Ms Ann Ash", "Mr Tom Birch"], "Dear Ms Ash", []),
        (["Ms Ann Ash", "Mr Tom Birch"], "Dear Ms Ash and Mr Cole", WRONG),
        (["Ms Ann Ash", "Mr Tom Birch"], "Dear Ann and Tom", []),
        (["Ms Ann Ash", "Mr Tom Birch"], "Dear Ann and Jane", UNUSUAL),
        (["Ms Ann Ash", "Mr Tom Birch"], "Dear local partnership", []),
        (["Ms Ann Ash", "Mr Tom Birch"], "Dear Westmere Safeguarding Partnership", []),
        (["Ms Ann Ash", "Mr Tom Birch"], "Dear Colleagues", []),
        (["Ms Ann Ash", "Mr Tom Birch"], "Dear Jane", UNUSUAL),
        (["Ms Ann Ash", "Mr Tom Birch"], "Dear Jane Quick", UNUSUAL),
        (["Cher"], "Dear Cher", []),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_salutation(names, salutation, expected):
    letter = a_letter(addressees=tuple(map(a_director, names)), salutation=salutation)
    assert problems_of(letter) == expected


WORDS = st.from_regex(r"[A-ZÀ-Ö][a-zà-ö]{1,8}(['’-][A-Z][a-z]{1,5})?", fullmatch=True)
NAMES = st.builds(
    lambda titles, words, honours: " ".join([*titles, *words, *honours]),
    st.sampled_from([[], ["Mr"], ["Ms"], ["Dr"], ["Dame"], ["Councillor", "Mrs"], ["Professor"]]),
    st.lists(WORDS.filter(lambda word: word not in ("And", "Sir")), min_size=2, max_size=3),
    st.sampled_from([[], ["MBE"], ["CBE", "QC"]]),
)


@given(st.lists(NAMES, min_size=1, max_size=3))
def test_the_greeting_that_is_composed_is_never_another_s(names):
    letter = a_letter(
        addressees=tuple(map(a_director, names)), salutation=f"Dear {greeting_of(names)}"
    )
    assert problems_of(letter) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"addressees": (a_director(role="chief-executive"),)},
            [("addressee-role-missing", "addressees", "blocks")],
            id="a letter that isn't addressed to the Director blocks",
        ),
        pytest.param(
            {"copies": ()},
            [("copy-role-missing", "copies", "blocks")] * 4,
            id="every post that gets no copy is told",
        ),
        pytest.param(
            {"signatories": (Signatory(name="H Elmsley", title="Her Majesty's Inspector"),)},
            [("signatory-unknown", "signatories/1", "blocks")],
            id="a signatory under another printed name blocks",
        ),
        pytest.param(
            {"signatories": (Signatory(name="Tobias Reyne", title="Her Majesty's Inspector"),)},
            [],
            id="any inspector of the register may sign, the apostrophe however it is set",
        ),
        pytest.param(
            {"signatories": (Signatory(name="Tobias Reyne", title="His Majesty's Inspector"),)},
            [("signatory-title", "signatories/1", "blocks")],
            id="His Majesty's Inspector before September 2022 blocks",
        ),
        pytest.param(
            {"signatories": (Signatory(name="Tobias Reyne", title="Inspector"),)},
            [("signatory-title", "signatories/1", "blocks")],
            id="a title that is nobody's blocks",
        ),
    ],
)
def test_people(changes, expected):
    assert problems_of(a_letter(**changes)) == expected


@pytest.mark.parametrize(
    ("day", "title", "is_right"),
    [
        (date(2022, 9, 8), "Her Majesty’s Inspector", True),
        (date(2022, 9, 8), "His Majesty’s Inspector", False),
        (date(2022, 9, 9), "Her Majesty’s Inspector", False),
        (date(2022, 9, 9), "His Majesty’s Inspector", True),
    ],
)
def test_the_title_changes_after_8_september_2022(day, title, is_right):
    letter = a_letter(date=day, signatories=(Signatory(name="Tobias Reyne", title=title),))
    codes = [code for code, *_ in problems_of(letter)]
    assert codes == ([] if is_right else ["signatory-title"])


def test_the_message_names_the_title_to_write():
    letter = a_letter(signatories=(Signatory(name="Tobias Reyne", title="Inspector"),))
    (problem,) = found_in(letter)
    assert problem.message == (
        "On 4 April 2011 Tobias Reyne doesn't sign as “Inspector”. Write: Her Majesty's Inspector."
    )


@pytest.mark.parametrize(
    ("inspected", "day", "words", "is_right"),
    [
        ("8 March 2011", date(2011, 4, 4), "Her Majesty’s Inspectors were A and B.", True),
        ("8 March 2011", date(2011, 4, 4), "His Majesty’s Inspectors were A and B.", False),
        ("11 October 2022", date(2022, 11, 4), "His Majesty's Inspectors were A and B.", True),
        ("11 October 2022", date(2022, 11, 4), "A, Her Majesty’s Inspector, and B.", False),
        ("11 October 2022", date(2022, 11, 4), "Her Majesty’s Inspectorate of Prisons", True),
        ("11 October 2022", date(2022, 11, 4), "Her Majesty’s Chief Inspector", True),
        ("7 September 2022", date(2022, 10, 4), "Her Majesty’s Inspectors were A and B.", True),
        ("7 September 2022", date(2022, 10, 4), "His Majesty’s Inspectors were A and B.", True),
    ],
)
def test_inspectors_are_styled_in_the_opening_as_of_the_visit_or_the_letter(
    inspected, day, words, is_right
):
    title = "Her Majesty’s Inspector" if day < date(2022, 9, 9) else "His Majesty’s Inspector"
    letter = a_letter(
        date=day,
        opening=paragraphs(f"The visit was on {inspected}. {words}"),
        signatories=(Signatory(name="Tobias Reyne", title=title),),
    )
    expected = [] if is_right else [("signatory-title", "opening/1", "blocks")]
    assert problems_of(letter) == expected


@pytest.mark.parametrize(
    ("lines", "is_right"),
    [
        (("Conway Street", "Birkenhead", "CH41 4FD"), True),
        (("High Street", "London E8 1GQ"), True),
        (("Town Hall", "W1A 1AA"), True),
        (("Town Hall", "London", "EC2P 2EJ"), True),
        (("Town Hall", "M1 2WD", "Manchester"), True),
        (("Box SH1201", "Shire Hall", "CB3 0AP"), True),
        (("PO Box 290", "Brighton Street"), True),
        (("6 Brixton Hill", "London"), True),
        ((), True),
        (("Conway Street", "Birkenhead", "CH414FD"), False),
        (("Conway Street", "Birkenhead", "CH41  4FD"), False),
        (("Conway Street", "Birkenhead", "CH41-4FD"), False),
        (("Conway Street", "Birkenhead", "CH41 4F"), False),
        (("Conway Street", "Birkenhead", "CH41 FD4"), False),
        (("Conway Street", "Birkenhead", "CH41 4fd"), False),
        (("Conway Street", "Birkenhead", "CH4I 4FD"), False),
        (("Conway Street", "Birkenhead", "CH41 OFD"), False),
        (("Conway Street", "Birkenhead", "CH41 4FD."), False),
        (("Conway Street", "CH41", "Birkenhead"), False),
        (("KT1 1EU", "High Street", "KT1 1E"), False),
        (("KT1 1E", "High Street", "KT1 1EU"), False),
        (("Suite B2", "KT1 1EU"), True),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, tuple) else None,
)
def test_postcodes(lines, is_right):
    letter = a_letter(
        addressees=(Addressee(role="director", name="Ms Siân Prydderch", lines=lines),)
    )
    expected = [] if is_right else [("postcode-malformed", "addressees/1", "warns")]
    assert problems_of(letter) == expected


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"salutation": "Dear Mr Cooper,"}, "Mr Cooper"),
        ({"signatories": (Signatory(name="Tobias Reyne", title="Inspector"),)}, "Inspector"),
        (
            {"signatories": (Signatory(name="H Elmsley", title="Her Majesty’s Inspector"),)},
            "H Elmsley",
        ),
        (
            {
                "addressees": (
                    Addressee(role="director", name="Ms Siân Prydderch", lines=("A", "B1 1A")),
                )
            },
            "B1 1A",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_words_at_fault_are_pointed_at(changes, words):
    letter = a_letter(**changes)
    (problem,) = found_in(letter)
    assert letter.texts_at(problem.place)[problem.start : problem.end] == words
