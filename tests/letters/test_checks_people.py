"""The rules on addressees, copies, salutation and signatories."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.checks import check_letter
from letters.checks.people import salutation_of_another
from letters.letter import Signatory
from letters.printed_name import greeting_of
from tests.letters.readings import KIND, a_director, a_letter, a_register, told

WRONG = [("salutation-of-another", "salutation", "blocks")]
UNUSUAL = [("salutation-unusual", "salutation", "warns")]


def problems_of(letter, kind=KIND):
    return told(check_letter(letter, kind=kind, register=a_register()))


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
        (["Ms Siân Prydderch"], "Dear Sian", UNUSUAL),
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
        (["Ms Ann Ash", "Mr Tom Birch"], "Dear local partnership", []),
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
    assert tuple(salutation_of_another(letter)) == ()


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
    (problem,) = check_letter(letter, kind=KIND, register=a_register())
    assert problem.message == (
        "On 4 April 2011 Tobias Reyne doesn't sign as “Inspector”. Write: Her Majesty's Inspector."
    )
