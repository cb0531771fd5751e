"""The rules on the authority's name, and on the names of others."""

from __future__ import annotations

import pytest

from letters.checks import authorities
from letters.checks.rule import Given
from letters.letter import Addressee, Authority, Copy, Section
from tests.letters.readings import KIND, WESTMERE, a_letter, a_register, paragraphs, told

VARIES = ["authority-name-varies"]
ANOTHER = ["authority-of-another"]


def an_authority(name: str, short_name: str) -> Authority:
    code = short_name.casefold().replace(" ", "-").replace("&", "and").replace("’", "")
    return Authority(code=code, name=name, short_name=short_name)


BOROUGH = an_authority("Westmere Metropolitan Borough Council", "Westmere")
CITY = an_authority("Aldham City Council", "Aldham")
COUNTY = an_authority("Norfordshire County Council", "Norfordshire")
PLAIN = an_authority("Norfordshire Council", "Norfordshire")
LONDON = an_authority("London Borough of Eastwick", "Eastwick")
ROYAL = an_authority("Royal Borough of Queenston upon Thames", "Queenston upon Thames")
SAINT = an_authority("St Helias Council", "St Helias")
HYPHENED = an_authority("Stockwell-on-Trees Borough Council", "Stockwell-on-Trees")
JOINED = an_authority("Telbridge & Wreck Council", "Telbridge & Wreck")
CAPITAL = an_authority("City of London", "City of London")
INITIALS = an_authority("Bourneham, Church and Poolton Council", "BCP")
WORD = an_authority("Reading Borough Council", "Reading")
FOUR = an_authority("Kent County Council", "Kent")
FIVE = an_authority("Leeds City Council", "Leeds")
SIX = an_authority("Sefton Council", "Sefton")


def found_in(letter, *others: Authority):
    register = a_register(authorities=(letter.authority, *others))
    given = Given(KIND, register)
    return tuple(problem for rule in authorities.CHECKS for problem in rule.problems(letter, given))


def a_letter_about(authority: Authority, text: str, **changes):
    return a_letter(
        **{
            "authority": authority,
            "addressees": (Addressee(role="director", name="Ms Siân Prydderch"),),
            "subject": "Inspection of contact, referral and assessment arrangements",
            "closing": paragraphs(text),
            "copies": (),
            **changes,
        }
    )


def words_found(authority: Authority, text: str, *others: Authority) -> list[tuple[str, str]]:
    letter = a_letter_about(authority, text)
    return [
        (problem.code, letter.texts_at(problem.place)[problem.start : problem.end])
        for problem in found_in(letter, *others)
    ]


@pytest.mark.parametrize(
    ("authority", "text"),
    [
        pytest.param(BOROUGH, "Westmere Metropolitan Borough Council has a plan.", id="the name"),
        pytest.param(BOROUGH, "Westmere’s staff work for Westmere.", id="the short name"),
        pytest.param(BOROUGH, "Westmere Council has a plan.", id="the short name and Council"),
        pytest.param(BOROUGH, "Westmere Metropolitan Borough has one.", id="without Council"),
        pytest.param(BOROUGH, "Focused visit to WESTMERE", id="capitals"),
        pytest.param(BOROUGH, "See www.westmere.gov.uk/plans or a@westmere.gov.uk.", id="a link"),
        pytest.param(BOROUGH, "The Westmere Safeguarding Board meets.", id="a board's name"),
        pytest.param(CITY, "Children in care in Aldham City are proud.", id="the city"),
        pytest.param(LONDON, "The London Borough of Eastwick and Eastwick Council.", id="London"),
        pytest.param(LONDON, "Staff of the Borough of Eastwick.", id="the borough of"),
        pytest.param(ROYAL, "The Royal Borough of Queenston upon Thames.", id="a royal borough"),
        pytest.param(SAINT, "St Helias’ staff live in St Helias.", id="a possessive of an s"),
        pytest.param(JOINED, "Telbridge and Wreck, or Telbridge & Wreck.", id="and for &"),
        pytest.param(CAPITAL, "The City of London is in London.", id="a name without a type"),
        pytest.param(INITIALS, "BCP and Bourneham, Church and Poolton Council.", id="initials"),
        pytest.param(WORD, "Staff are reading to children.", id="a name that is a word"),
        pytest.param(BOROUGH, "Westward, mere children of the west.", id="other words"),
        pytest.param(BOROUGH, "We met Anna Westmore.", id="a person's surname"),
        pytest.param(COUNTY, "Norfordshire County has grown.", id="the county"),
        pytest.param(LONDON, "Staff of Eastwick Borough.", id="the borough behind the name"),
        pytest.param(BOROUGH, "Of all Boroughs, this one is good.", id="a type, misspelt or not"),
        pytest.param(FOUR, "Ken met us in the tent.", id="a word of three letters"),
        pytest.param(FIVE, "Leads are good. Leads are seen to.", id="a word at a beginning"),
        pytest.param(FIVE, "Staff in Meeds wait.", id="another first letter of a short name"),
        pytest.param(FIVE, "Staff in Luads wait.", id="two slips in a short name"),
        pytest.param(SIX, "Section is good.", id="a word like it at a beginning"),
        pytest.param(SIX, "They met Section and Section.", id="a word like it, used again"),
    ],
)
def test_forms_of_the_name_that_agree_with_the_register(authority, text):
    assert words_found(authority, text, WESTMERE) == []


@pytest.mark.parametrize(
    ("authority", "text", "words"),
    [
        pytest.param(
            BOROUGH,
            "The Westmere Metropolitan Borough Borough knows.",
            "Westmere Metropolitan Borough Borough",
            id="Borough for Council",
        ),
        pytest.param(
            BOROUGH, "Westmere City Council knows.", "Westmere City Council", id="City for Borough"
        ),
        pytest.param(
            BOROUGH,
            "Westmere Borough Council knows.",
            "Westmere Borough Council",
            id="a type left out",
        ),
        pytest.param(
            PLAIN,
            "The Norfordshire County Council knows.",
            "Norfordshire County Council",
            id="a type too many",
        ),
        pytest.param(
            ROYAL,
            "The London Borough of Queenston upon Thames knows.",
            "London Borough of Queenston upon Thames",
            id="another borough before the name",
        ),
        pytest.param(SAINT, "Children in St Helia’s wait.", "St Helia’s", id="an apostrophe"),
        pytest.param(SAINT, "Children in St. Helias wait.", "St. Helias", id="a full stop"),
        pytest.param(
            HYPHENED,
            "Children in Stockwell on Trees wait.",
            "Stockwell on Trees",
            id="hyphens left out",
        ),
        pytest.param(BOROUGH, "Children in westmere wait.", "westmere", id="no capital"),
        pytest.param(BOROUGH, "Children in Westmre wait.", "Westmre", id="a letter left out"),
        pytest.param(BOROUGH, "Children in Wesstmere wait.", "Wesstmere", id="a letter added"),
        pytest.param(BOROUGH, "Children in Westmare wait.", "Westmare", id="a letter changed"),
        pytest.param(BOROUGH, "Children in Wetsmere wait.", "Wetsmere", id="two letters swapped"),
        pytest.param(BOROUGH, "Children in Wstmerre wait.", "Wstmerre", id="two slips"),
        pytest.param(BOROUGH, "Children in estmere wait.", "estmere", id="the first one left out"),
        pytest.param(BOROUGH, "Children in eWstmere wait.", "eWstmere", id="the first two swapped"),
        pytest.param(BOROUGH, "Westmree’s staff wait.", "Westmree", id="at a sentence's beginning"),
        pytest.param(
            HYPHENED,
            "Children in Stockwel-on-Trees wait.",
            "Stockwel-on-Trees",
            id="a letter of a part",
        ),
        pytest.param(BOROUGH, "Children in Wesstmerre wait.", "Wesstmerre", id="two letters added"),
        pytest.param(BOROUGH, "Wstmerre’s staff wait.", "Wstmerre", id="two slips at a beginning"),
        pytest.param(
            BOROUGH, "Children in eWstmre wait.", "eWstmre", id="an odd capital, two slips"
        ),
        pytest.param(BOROUGH, "Children in Vestmere wait.", "Vestmere", id="another first letter"),
        pytest.param(BOROUGH, "Children in vestmere wait.", "vestmere", id="a small first letter"),
        pytest.param(BOROUGH, "The Young Westmeere team.", "Westmeere", id="behind a long name"),
        pytest.param(BOROUGH, "The Young wEstmere team.", "wEstmere", id="behind an odd capital"),
        pytest.param(FOUR, "Children in Kemt wait.", "Kemt", id="a short name, within a sentence"),
        pytest.param(FIVE, "Children in Leads wait.", "Leads", id="a word within a sentence"),
        pytest.param(SIX, "Children in Defton wait.", "Defton", id="a first letter of six"),
        pytest.param(SIX, "Children in Saftun wait.", "Saftun", id="two slips in six letters"),
        pytest.param(SIX, "Sfeton’s staff wait.", "Sfeton", id="a swap in six letters"),
        pytest.param(LONDON, "Eastwick City knows.", "Eastwick City", id="City for London Borough"),
        pytest.param(CAPITAL, "The City of Loondon knows.", "Loondon", id="of a generic word"),
        pytest.param(
            INITIALS,
            "Bourneam, Church and Poolton Council knows.",
            "Bourneam",
            id="of a name with initials",
        ),
    ],
)
def test_forms_of_the_name_that_don_t_agree(authority, text, words):
    assert words_found(authority, text) == [("authority-name-varies", words)]


def test_a_word_that_is_used_again_is_no_slip_of_a_short_name():
    text = "The Section is good, as Section 22 says."
    assert words_found(an_authority("Sefton Council", "Sefton"), text) == []


def test_a_neighbour_s_name_is_no_slip():
    other = an_authority("Westmare Council", "Westmare")
    assert words_found(BOROUGH, "Children in Westmare wait.", other) == [
        ("authority-of-another", "Westmare")
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Aldham City Council has a plan.", id="the name"),
        pytest.param("Staff enjoy working for Aldham.", id="the short name in a sentence"),
        pytest.param("Aldham has sustained its investment.", id="the short name before a sentence"),
        pytest.param("In Aldham, leaders know this.", id="after a preposition with a capital"),
        pytest.param("Children’s services in Aldham’s schools.", id="a possessive"),
        pytest.param("Leaders of Aldham Borough know this.", id="another type"),
        pytest.param("Aldham children’s services are good.", id="its children's services"),
        pytest.param("The London Borough of Aldham.", id="a borough"),
    ],
)
def test_another_authority_s_name_is_worth_a_look(text):
    assert [code for code, _ in words_found(BOROUGH, text, CITY)] == ANOTHER


@pytest.mark.parametrize(
    ("authority", "text", "other"),
    [
        pytest.param(BOROUGH, "Westmere is good.", CITY, id="the authority's own name"),
        pytest.param(BOROUGH, "The Greater Aldham area is large.", CITY, id="a region"),
        pytest.param(BOROUGH, "Research by Aldham University helps.", CITY, id="a university"),
        pytest.param(BOROUGH, "They met at Great Aldham House.", CITY, id="a house"),
        pytest.param(BOROUGH, "Greater Aldham is large.", CITY, id="a region at the beginning"),
        pytest.param(BOROUGH, "They spoke to Mayor Aldham about it.", CITY, id="a person"),
        pytest.param(BOROUGH, "The Aldham-based team is good.", CITY, id="a compound"),
        pytest.param(BOROUGH, "A conference in Aldham was held.", CITY, id="a conference there"),
        pytest.param(BOROUGH, "The neighbouring area of Aldham helps.", CITY, id="a neighbour"),
        pytest.param(
            BOROUGH, "The Aldham and Westmere Combined Authority.", CITY, id="a body of both"
        ),
        pytest.param(
            BOROUGH, "Reading and writing are taught.", WORD, id="a word at the beginning"
        ),
        pytest.param(BOROUGH, "Progress in reading is good.", WORD, id="a word"),
        pytest.param(
            an_authority("Aldhamshire Council", "Aldhamshire"),
            "Aldhamshire is good.",
            CITY,
            id="a name within the authority's own",
        ),
    ],
)
def test_names_that_stand_for_no_other_authority(authority, text, other):
    assert words_found(authority, text, other) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"subject": "Focused visit to Aldham"},
            [("authority-of-another", "subject", "warns")],
            id="the subject",
        ),
        pytest.param(
            {"sections": (Section(key="x", heading="Work in Aldham", passages=paragraphs("A.")),)},
            [("authority-of-another", "x", "warns")],
            id="a heading",
        ),
        pytest.param(
            {
                "addressees": (
                    Addressee(role="director", name="Ms A Aldham", lines=("Aldham City Council",)),
                )
            },
            [("authority-of-another", "addressees/1", "warns")],
            id="the council in an address",
        ),
        pytest.param(
            {
                "addressees": (
                    Addressee(
                        role="director", name="Ms A Aldham", lines=("12 High Road", "Aldham")
                    ),
                )
            },
            [],
            id="a place in an address, and a person's name, are no authority",
        ),
        pytest.param(
            {
                "addressees": (
                    Addressee(role="director", name="Ms Ash", lines=("Westmre Council",)),
                )
            },
            [("authority-name-varies", "addressees/1", "warns")],
            id="the authority's name in its address",
        ),
        pytest.param(
            {
                "copies": (
                    Copy(role="x", name="Ann Aldham", line="Ann Aldham, Westmere City Council"),
                )
            },
            [("authority-name-varies", "copies/1", "warns")],
            id="a line of the copy list, but for the name",
        ),
    ],
)
def test_every_text_that_may_name_authorities_is_looked_at(changes, expected):
    letter = a_letter_about(BOROUGH, "It was good.", **changes)
    assert told(found_in(letter, CITY)) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "Children in Westmre wait.",
            "“Westmre” doesn't agree with the register's “Westmere Metropolitan Borough Council”. "
            "Write the name as it is there.",
            id="the register's name",
        ),
        pytest.param(
            "Children in Aldham wait.",
            "“Aldham” is another authority (Aldham City Council); the letter is about Westmere "
            "Metropolitan Borough Council. See whether it is meant.",
            id="which other one it is",
        ),
    ],
)
def test_the_message_says(text, message):
    (problem,) = found_in(a_letter_about(BOROUGH, text), CITY)
    assert problem.message == message
