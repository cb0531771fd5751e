"""The rule on the statutory basis, by kind and by day."""

from __future__ import annotations

from datetime import date

import pytest

from letters.checks import check_letter
from tests.letters.readings import KIND, a_letter, a_register, an_opening, paragraphs, told

MISSING = [("statutory-basis-missing", "opening", "blocks")]
UNLAWFUL = [("statutory-basis-unlawful", "opening", "blocks")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(an_opening("8 March 2011"), [], id="the power of the day is lawful"),
        pytest.param(
            {"opening": paragraphs("The inspection took place on 8 March 2011.")},
            MISSING,
            id="an opening without a power blocks",
        ),
        pytest.param(
            {
                "opening": paragraphs("The inspection took place on 8 March 2011."),
                "closing": paragraphs("See section 138 of the Education and Inspections Act 2006."),
            },
            MISSING,
            id="a power named only in the closing doesn't count",
        ),
        pytest.param(
            an_opening(
                "8 March 2011", basis="section 136 of the Education and Inspections Act 2006"
            ),
            UNLAWFUL,
            id="another section blocks",
        ),
        pytest.param(
            an_opening("8 March 2011", basis="section 138 of the Children Act 1989"),
            UNLAWFUL,
            id="another Act blocks",
        ),
        pytest.param(
            {
                "closing": paragraphs(
                    "Enquiries under section 47 of the Children Act 1989 are led well."
                )
            },
            [],
            id="another Act in a finding is no claim to a power",
        ),
        pytest.param(
            an_opening("2 April 2007") | {"date": date(2007, 5, 1)},
            [],
            id="the power is lawful from its commencement",
        ),
        pytest.param(
            an_opening("30 March 2007") | {"date": date(2007, 5, 1)},
            UNLAWFUL,
            id="the power is unlawful before its commencement",
        ),
        pytest.param(
            an_opening("17 July 2012") | {"date": date(2012, 8, 14)},
            [],
            id="the power is lawful on its last day",
        ),
        pytest.param(
            an_opening("18 July 2012") | {"date": date(2012, 8, 14)},
            UNLAWFUL,
            id="the power is unlawful from the day of its repeal",
        ),
        pytest.param(
            an_opening("16 to 19 July 2012") | {"date": date(2012, 8, 14)},
            [],
            id="the first inspection day decides",
        ),
    ],
)
def test_statutory_basis(changes, expected):
    letter = a_letter(**changes)
    assert told(check_letter(letter, kind=KIND, register=a_register())) == expected


def test_the_message_names_the_lawful_power():
    letter = a_letter(**an_opening("8 March 2011", basis="section 138 of the Children Act 1989"))
    (problem,) = check_letter(letter, kind=KIND, register=a_register())
    assert problem.message == (
        "Such an inspection was not carried out under section 138 of the Children Act 1989 on "
        "that day. On 8 March 2011 it was section 138 of the Education and Inspections Act 2006."
    )


def test_a_kind_without_a_power_asks_for_none():
    kind = KIND.model_copy(update={"statutory_basis": ()})
    letter = a_letter(opening=paragraphs("The inspection took place on 8 March 2011."))
    assert check_letter(letter, kind=kind, register=a_register()) == ()
