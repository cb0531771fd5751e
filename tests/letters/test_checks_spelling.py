"""The rule on spelling: British, with -ise."""

from __future__ import annotations

import pytest

from letters.checks.rule import Given
from letters.checks.spelling import spelling_american
from tests.letters.checking import cases, words_found
from tests.letters.readings import KIND, a_letter, a_register, paragraphs


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "analyze": ("They analyze risk and analyzed it.", ["analyze", "analyzed"]),
            "behavior": ("His behavior and Behaviors.", ["behavior", "Behaviors"]),
            "center and its forms": ("A child-centered center.", ["centered", "center"]),
            "program": ("A training program and programs.", ["program", "programs"]),
            "judgment": ("Their judgment is sound.", ["judgment"]),
            "-ize and its forms": (
                "To organize, recognizing, prioritization, realizable, organizational.",
                ["organize", "recognizing", "prioritization", "realizable", "organizational"],
            ),
            "one l": (
                "Traveled far, counseling, a counselor.",
                ["Traveled", "counseling", "counselor"],
            ),
            "two l": ("To fulfill a skillful plan.", ["fulfill", "skillful"]),
            "defense and offense": ("A defense of the offense.", ["defense", "offense"]),
            "license as a noun": ("On a license granted.", ["license"]),
            "practiced": ("It is practiced, and they are practicing.", ["practiced", "practicing"]),
            "pediatric": ("The pediatrician came.", ["pediatrician"]),
            "British spelling": (
                "Behaviour, centre, programme, judgement, organise, travelled, fulfil, defence.",
                [],
            ),
            "words that have z by right": (
                "The size of a prize; seized, resized, a maize field.",
                [],
            ),
            "words with ize in them": (
                "Citizens of Elizabeth Street, wizened, on the horizon.",
                [],
            ),
            "programming, and a computer program": ("Programming a computer program.", []),
            "a court's judgment": ("The court’s earlier judgment was read.", []),
            "license as a verb": ("They license homes; licensed homes.", []),
            "words in capitals are names": ("The BEHAVIOR tool.", []),
            "American words that are British, too": ("Practice is focused and learned.", []),
        }
    ),
)
def test_american_spelling(text, expected):
    assert words_found(spelling_american, text) == expected


@pytest.mark.parametrize(
    ("american", "british"),
    [
        ("analyze", "analyse"),
        ("Behavior", "Behaviour"),
        ("centering", "centring"),
        ("counselors", "counsellors"),
        ("licenses", "licences"),
        ("prioritization", "prioritisation"),
    ],
)
def test_the_british_spelling_is_proposed(american, british):
    letter = a_letter(closing=paragraphs(f"These {american}, no {american}."))
    messages = {each.message for each in spelling_american.find(letter, Given(KIND, a_register()))}
    assert messages == {f"“{american}” is the American spelling. Write “{british}”."}
