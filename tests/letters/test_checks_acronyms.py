"""The rules on acronyms: spelt out once, used afterwards, always the same."""

from __future__ import annotations

import pytest

from letters.checks.acronyms import (
    MOST_USES,
    acronym_misspelt,
    acronym_undefined,
    acronym_unused,
)
from tests.letters.checking import cases, found_in, words_found
from tests.letters.readings import a_letter, paragraphs

HUB = "the multi-agency safeguarding hub (MASH)"


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "never spelt out, told at its first place": (
                "The CADT answers. The CADT listens.",
                ["CADT"],
            ),
            "its plural is never spelt out": ("Thresholds applied by IROs are high.", ["IROs"]),
            "spelt out before": (f"In {HUB} we met. The MASH works.", []),
            "spelt out after": ("The MASH (multi-agency safeguarding hub) works.", []),
            "spelt out without brackets": ("A common assessment framework, CAF, is used.", []),
            "its words stand elsewhere, without it": (
                "Norfolk Safeguarding Children Partnership met. The NSCP works.",
                ["NSCP"],
            ),
            "introduced by words of its own": ("‘The Children’s Hub’ (CHUB) helps. CHUB.", []),
            "a programme's name": ("The PAUSE programme helps.", []),
            "a programme's name that stands alone, too": (
                "The PAUSE project. PAUSE helps.",
                ["PAUSE"],
            ),
            "what everybody knows": ("HMI, the NHS, GPs, the DfE and COVID-19; a SMART plan.", []),
            "words in capitals are no acronym": ("VERY BAD WORK INDEED", []),
            "Roman numbers are none": ("Part II and Part XIV.", []),
            "the references of letters are none": (
                "Our letter (CRA-WESTMERE-2011-03-08), and ANR-WEST-DURHAM-2011 too.",
                [],
            ),
            "addresses are none": (
                "Ask ProtectionOfChildren@ofsted.example or TEAM@a.example.",
                [],
            ),
        }
    ),
)
def test_undefined(text, expected):
    assert words_found(acronym_undefined, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "introduced and never used": (f"In {HUB} we met.", ["MASH"]),
            "a reference in brackets": ("Our letter (ANR-WESTMERE-2011) said so.", []),
            "its plural introduced and never used": ("Personal advisers (PAs) help.", ["PAs"]),
            "what everybody knows, if it is introduced": (
                "The Department for Education (DfE) knows.",
                ["DfE"],
            ),
            "introduced and used": (f"In {HUB} we met. The MASH works.", []),
            "its plural introduced, itself used": ("Personal advisers (PAs) help. A PA came.", []),
            "the framework's own acronym": (
                "In line with the inspection of local authority children’s services (ILACS) "
                "framework.",
                [],
            ),
            "once, and not in brackets": ("The CADT answers.", []),
        }
    ),
)
def test_unused(text, expected):
    assert words_found(acronym_unused, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "two letters swapped": (f"In {HUB} we met. The MSAH works.", ["MSAH"]),
            "one letter other": (f"In {HUB} we met. The MESH works.", ["MESH"]),
            "one letter missing": (f"In {HUB} we met. The MAH works.", ["MAH"]),
            "one letter too many": (f"In {HUB} we met. The MASHH works.", ["MASHH"]),
            "wherever it stands": (f"In {HUB} we met. MSAH. MSAH.", ["MSAH", "MSAH"]),
            "where it is introduced, by those after it": (
                "The family learning team (FTL) helps. FLT. FLT.",
                ["FTL"],
            ),
            "where it is introduced and never used, by its words": (
                "The reunification and placement stability team (RASP) helps.",
                ["RASP"],
            ),
            "where it is introduced and used once, by its use": (
                "The Domestic Abuse Local Partnership Board (DALB) met. DALN.",
                ["DALN"],
            ),
            "a letter short, where its words have that letter": (
                "In line with the inspection of local authority children’s services (LACS).",
                ["LACS"],
            ),
            "a letter short where it is introduced, by those after it": (
                "The multi-agency safeguarding hub (MAS) works. MASH. MASH.",
                ["MAS"],
            ),
            "one that the field knows": ("In line with the ILCAS framework.", ["ILCAS"]),
            "two that are both spelt out": (
                "The National Probation Service (NPS) and the Norfolk Partnership Board (NPB). "
                "NPS. NPB.",
                [],
            ),
            "one that is spelt out with capitals": (
                "The Norfolk Community Safety Partnership (NCSP) met, and the Norfolk "
                "Safeguarding Children Partnership. NCSP. NSCP.",
                [],
            ),
            "names by other words than their letters": (
                "‘The Children’s Hub’ (CHUB), the specialist complex safeguarding team (SHINE), a "
                "family advocacy restorative engagement group (FLARE).",
                [],
            ),
            "two letters are too few to tell": ("General practitioners (GPs); the PA.", []),
        }
    ),
)
def test_misspelt(text, expected):
    assert words_found(acronym_misspelt, text) == expected


def test_one_that_is_misspelt_is_not_told_as_undefined_too():
    text = f"In {HUB} we met. The MSAH works."

    assert words_found(acronym_undefined, text) == []


def test_words_of_another_passage_count():
    letter = a_letter(
        opening=paragraphs(f"In {HUB} we met on 8 March 2011."), closing=paragraphs("The MASH.")
    )

    assert found_in(acronym_undefined, letter) == []
    assert found_in(acronym_unused, letter) == []


def test_of_a_page_full_of_acronyms_the_first_are_told():
    text = "We use " + " ".join(
        f"Q{chr(65 + i // 26 % 26)}{chr(65 + i % 26)}{chr(65 + i // 676)}W"
        for i in range(2 * MOST_USES)
    )

    assert len(words_found(acronym_undefined, text)) == MOST_USES
