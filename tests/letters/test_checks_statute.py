"""The rules on the power under which an inspection is carried out, by kind and by day."""

from __future__ import annotations

from datetime import date

import pytest

from letters.checks import statute
from letters.checks.rule import Given
from letters.kind import Framework, StatutoryBasis
from tests.letters.readings import KIND, a_letter, a_register, an_opening, paragraphs, told

MISSING = [("statutory-basis-missing", "opening", "blocks")]
UNLAWFUL = [("statutory-basis-unlawful", "opening/1", "blocks")]

EDUCATION_ACT = "section 138 of the Education and Inspections Act 2006"
VISITS = Framework(name="inspection of local authority children's services", since=date(2018, 1, 1))
VISIT = KIND.model_copy(update={"statutory_basis": (), "frameworks": (VISITS,)})
JOINT = KIND.model_copy(
    update={
        "statutory_basis": (StatutoryBasis(act="Children Act 2004", section="20"),),
        "frameworks": (Framework(name="joint targeted area inspection", since=date(2016, 2, 1)),),
    }
)


def problems_of(letter, kind=KIND):
    given = Given(kind, a_register())
    return tuple(problem for rule in statute.CHECKS for problem in rule.problems(letter, given))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(an_opening("8 March 2011"), [], id="the power of the day is lawful"),
        pytest.param(
            an_opening(
                "8 March 2011", basis="section 138(1) of the Education and Inspections Act 2006"
            ),
            [],
            id="a paragraph of the section is lawful",
        ),
        pytest.param(
            an_opening("8 March 2011", basis="s. 138 of the Education and Inspections Act 2006"),
            [],
            id="the section may be shortened",
        ),
        pytest.param(
            {"opening": paragraphs("The inspection took place on 8 March 2011.")},
            MISSING,
            id="an opening without a power blocks",
        ),
        pytest.param(
            {
                "opening": paragraphs("The inspection took place on 8 March 2011."),
                "closing": paragraphs(f"See {EDUCATION_ACT}."),
            },
            MISSING,
            id="a power named only in the closing doesn't count",
        ),
        pytest.param(
            an_opening("8 March 2011", basis="section 138 of the Education and Inspections Act"),
            MISSING,
            id="an Act without its year is none",
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
            an_opening(
                "8 March 2011", basis="section 138 of the Education and Inspections Act 2007"
            ),
            UNLAWFUL,
            id="the Act of another year blocks",
        ),
        pytest.param(
            {
                "opening": paragraphs(
                    f"The inspection took place on 8 March 2011 under {EDUCATION_ACT}. We saw "
                    "enquiries under section 47 of the Children Act 1989."
                )
            },
            [],
            id="another Act that the opening only speaks of is no claim to a power",
        ),
        pytest.param(
            {
                "opening": paragraphs(
                    "The inspection took place on 8 March 2011. It was made under section 47 "
                    f"of the Children Act 1989. See {EDUCATION_ACT}, too."
                )
            },
            UNLAWFUL,
            id="an unlawful power that is claimed blocks, though the lawful one is spoken of",
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
def test_a_kind_with_a_section_of_an_act(changes, expected):
    assert told(problems_of(a_letter(**changes))) == expected


FRAMEWORK = "The visit was in line with the inspection of local authority children’s services."


@pytest.mark.parametrize(
    ("day", "words", "expected"),
    [
        pytest.param("8 March 2021", FRAMEWORK, [], id="the framework in use is named"),
        pytest.param("8 March 2021", FRAMEWORK.upper(), [], id="in whatever case"),
        pytest.param("8 March 2021", "It went well.", MISSING, id="no framework is named"),
        pytest.param(
            "8 March 2017", "It went well.", [], id="none is asked for before it was in use"
        ),
        pytest.param("8 March 2017", FRAMEWORK, [], id="naming it early is no fault"),
        pytest.param(
            "8 March 2021",
            f"{FRAMEWORK} It was carried out under {EDUCATION_ACT}.",
            UNLAWFUL,
            id="a section that the kind doesn't know is claimed beside it",
        ),
        pytest.param(
            "8 March 2021",
            f"{FRAMEWORK} We looked at children under section 20 of the Children Act 1989.",
            [],
            id="a section is spoken of beside it",
        ),
    ],
)
def test_a_kind_with_a_framework_only(day, words, expected):
    letter = a_letter(opening=paragraphs(f"The visit was on {day}. {words}"))
    assert told(problems_of(letter, VISIT)) == expected


@pytest.mark.parametrize(
    ("day", "words", "expected"),
    [
        pytest.param("8 March 2021", "under section 20 of the Children Act 2004", [], id="the Act"),
        pytest.param("8 March 2021", "a joint targeted area inspection", [], id="the framework"),
        pytest.param("8 March 2021", "a good one", MISSING, id="neither"),
        pytest.param(
            "8 March 2021", "under section 20 of the Children Act 1989", UNLAWFUL, id="another Act"
        ),
        pytest.param(
            "8 March 2015",
            "a joint targeted area inspection",
            UNLAWFUL,
            id="the framework before it was in use",
        ),
    ],
)
def test_a_kind_with_a_section_or_a_framework(day, words, expected):
    letter = a_letter(opening=paragraphs(f"The inspection took place on {day}, {words}."))
    assert told(problems_of(letter, JOINT)) == expected


def test_the_message_names_the_lawful_power_and_points_at_the_words():
    letter = a_letter(**an_opening("8 March 2011", basis="section 138 of the Children Act 1989"))
    (problem,) = problems_of(letter)
    assert problem.message == (
        "Such an inspection was not carried out under section 138 of the Children Act 1989 on "
        "that day. On 8 March 2011 it was section 138 of the Education and Inspections Act 2006."
    )
    words = letter.texts_at(problem.place)[problem.start : problem.end]
    assert words == "section 138 of the Children Act 1989"


def test_the_message_says_where_no_power_is_known():
    letter = a_letter(opening=paragraphs("The inspection took place on 8 March 2013."))
    (problem,) = problems_of(letter)
    assert problem.message == (
        "The opening doesn't say by which power the inspection was carried out. The kind's file "
        "knows no power for such inspections on 8 March 2013: see whether the days are right, or "
        "add the power to the file."
    )


def test_a_kind_without_a_power_asks_for_none():
    kind = KIND.model_copy(update={"statutory_basis": (), "frameworks": ()})
    letter = a_letter(opening=paragraphs("The inspection took place on 8 March 2011."))
    assert problems_of(letter, kind) == ()
