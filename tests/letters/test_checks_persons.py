"""The rules on persons: none named of whom is told, none so few that one knows them."""

from __future__ import annotations

import pytest

from letters.checks.persons import person_named, small_number
from letters.letter import Signatory
from tests.letters.checking import cases, found_in, words_found
from tests.letters.readings import a_letter, paragraphs


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "a child called by name": ("Child A, called Jamie Smith, waited.", ["Jamie Smith"]),
            "a girl of an unusual name": ("A girl named Xanthe was not seen.", ["Xanthe"]),
            "a child set off by commas": ("One child, Xanthe Quill, waited.", ["Xanthe Quill"]),
            "a child in brackets": ("The boy (Xavi Quill) waited.", ["Xavi Quill"]),
            "a social worker": ("The worker, Xanthe Quill, knows him.", ["Xanthe Quill"]),
            "somebody in brackets": ("The officer (Xanthe Quill) came.", ["Xanthe Quill"]),
            "somebody and her post": ("Xanthe Quill, a team manager, said so.", ["Xanthe Quill"]),
            "somebody and his brothers": ("Xavi Quill and his brothers came.", ["Xavi Quill"]),
            "an Irish name": ("We read of Sophie O’Connor-Quill.", ["Sophie O’Connor-Quill"]),
            "a Scottish name": ("We read of Grace McQuill.", ["Grace McQuill"]),
            "somebody and her sister": ("We saw that Xanthe and her sister came.", ["Xanthe"]),
            "a surname that is a place": (
                "We met Jamie Green and Kelly Hall.",
                ["Jamie Green", "Kelly Hall"],
            ),
            "a team's leader": ("A team led by Xanthe Quill helps.", ["Xanthe Quill"]),
            "a forename that is a word, with a surname": ("We met Grace Quill.", ["Grace Quill"]),
            "a forename that is a word, alone": ("By the Grace of all, and Hope.", []),
            "a place of such a name": ("At Victoria Park and Grace House.", []),
            "part of an e-mail address": ("Ask Kelly.Quill@a.example.", []),
            "a common forename": ("We read Tyler’s file.", ["Tyler"]),
            "a common forename and a surname": ("We read of Aisha Khan-Reid.", ["Aisha Khan-Reid"]),
            "a forename at the beginning": ("Jamie was referred.", ["Jamie"]),
            "one name, told once": ("Jamie came. Jamie went.", ["Jamie"]),
            "a title": ("The mother, Mrs Quill, was not told.", ["Mrs Quill"]),
            "the director": ("We thank Ms Prydderch and Siân Prydderch.", []),
            "a member of the register": ("Councillor Noreen Fairhurst spoke.", []),
            "inspectors": ("The inspectors were Neil Ash, HMI, and Louise Elm, HMI.", []),
            "Her Majesty's Inspector": ("Kate Ash, Her Majesty’s Inspector, came.", []),
            "a centre of that name": ("The Brandon Centre, Sarah’s Law, the Thomas Trust.", []),
            "a saint": ("The St Martin ward and Saint Helen school.", []),
            "services called something": ("A service called Family Solutions helps.", []),
            "services with capitals": ("The child, Operation Encompass says, is seen.", []),
            "places": ("Children in Cheshire West and Milton Keynes.", []),
        }
    ),
)
def test_person_named(text, expected):
    assert words_found(person_named, text) == expected


def test_a_childs_forename_may_be_an_inspectors_too():
    signatory = Signatory(name="Sophie Quill", title="Her Majesty’s Inspector")
    letter = a_letter(signatories=(signatory,), closing=paragraphs("Sophie saw Sophie Quill."))

    assert found_in(person_named, letter) == [("closing/1", "Sophie")]


def test_somebody_of_the_directors_surname_is_another_person():
    letter = a_letter(closing=paragraphs("Child A, called Tyler Prydderch, waited."))

    assert found_in(person_named, letter) == [("closing/1", "Tyler Prydderch")]


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "two in a place": ("Two children in residential care waited.", ["Two children in"]),
            "in figures": ("There were 3 children placed far away.", ["3 children placed"]),
            "one with something rare": (
                "One child with a rare illness waited.",
                ["One child with"],
            ),
            "adjectives between": (
                "Four unaccompanied young girls aged 15 came.",
                ["Four unaccompanied young girls aged"],
            ),
            "a verb between": (
                "Five families were recently housed in hotels.",
                ["Five families were recently housed"],
            ),
            "a state after a verb": (
                "Three care leavers are currently detained.",
                ["Three care leavers are currently detained"],
            ),
            "a part of a group": (
                "Two of the eleven children in the unit moved.",
                ["Two of the eleven children in"],
            ),
            "fewer than five": (
                "Fewer than five children at the home waited.",
                ["Fewer than five children at"],
            ),
            "six": ("Six children in residential care waited.", []),
            "many": ("Eighty children in residential care waited.", []),
            "several of whom little is told": ("Two children waited.", ["Two children"]),
            "several with something that makes them known": (
                "Two unaccompanied asylum-seeking girls live there.",
                ["Two unaccompanied asylum-seeking girls"],
            ),
            "one of whom little is told": ("One child waited.", []),
            "several who said something": ("Two girls said so.", ["Two girls"]),
            "carers": ("Three foster carers resigned.", ["Three foster carers"]),
            "families": ("Two sets of parents wrote.", ["Two sets of parents"]),
            "one who speaks": ("One young person who spoke to us said so.", []),
            "whom inspectors met": ("We spoke by telephone with five parents who waited.", []),
            "one who said": ("One care leaver said that it is unfair.", []),
            "a rate": ("One child in five waited; one in five children with plans.", []),
            "an age": ("Children aged five children with; under five children in.", []),
            "workers": ("Two child in need co-ordinators help.", []),
            "homes": ("Three new children’s homes in the area opened.", []),
            "teams": ("Two family hubs in the area opened.", []),
            "a footnote's number before an Act": ("2 The Children Act 2004 says so.", []),
            "a reference": ("(Outcome 1, children in care.)", []),
        }
    ),
)
def test_small_number(text, expected):
    assert words_found(small_number, text) == expected
