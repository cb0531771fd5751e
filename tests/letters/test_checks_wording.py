"""The rules on the words: valediction, placeholders, markup, brackets, doubled words."""

from __future__ import annotations

import pytest

from letters.checks import check_letter
from letters.letter import Addressee, Copy, Section, Signatory
from tests.letters.readings import KIND, a_letter, a_register, paragraphs, told


def problems_of(letter):
    return told(check_letter(letter, kind=KIND, register=a_register()))


@pytest.mark.parametrize(
    ("valediction", "is_right"),
    [
        ("Yours sincerely", True),
        ("Yours sincerely,", True),
        ("Your sincerely", False),
        ("Yours faithfully", False),
        ("Yours Sincerely", False),
        ("Yours", False),
    ],
)
def test_valediction(valediction, is_right):
    expected = [] if is_right else [("valediction-wrong", "valediction", "blocks")]
    assert problems_of(a_letter(valediction=valediction)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The area(s) identified will be inspected again.", ["placeholder"]),
        ("We thank [name] for the help.", ["placeholder"]),
        ("We thank [Insert the Director's name] for the help.", ["placeholder"]),
        ("We read XX files and xxx records.", ["placeholder", "placeholder"]),
        ("The rating is TBC.", ["placeholder"]),
        ("The rating is tbc.", ["placeholder"]),
        ("We thank «Name» for the help.", ["placeholder"]),
        ("It was done by ____ in May.", ["placeholder"]),
        ("Really ??", ["placeholder"]),
        ("Will it last?", []),
        ("The inspectors (two) met the police (once).", []),
        ("Mr Maxx read 20 files in 2010 under the X-case rules.", []),
        ("{{ 7*7 }}", ["template-markup"]),
        ("See [x](https://a.example) for more.", ["bracketed-text"]),
        ("{% raw %} and {{ name }}", ["template-markup"]),
        ("<script>alert(1)</script>", ["template-markup"]),
        ("Fewer than 5 (<5) files, and 3 < 4 > 2.", []),
        ("“[The social worker] listens,” a parent said.", ["bracketed-text"]),
        ("Staff know that that matters.", ["doubled-word"]),
        ("The the same text.", ["doubled-word"]),
        ("Staff had had training.", []),
        ("On 20 20 files were seen.", []),
        ("It is is so, so it is.", ["doubled-word"]),
        ("They say so. So do we.", []),
        ("Their is is; Zoë Zoë.", ["doubled-word", "doubled-word"]),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_unfinished_words(text, expected):
    blocks = {"placeholder": "blocks"}
    assert problems_of(a_letter(closing=paragraphs(text))) == [
        (code, "closing/1", blocks.get(code, "warns")) for code in expected
    ]


OPEN = "[name]"
ADDRESSEE = Addressee(role="director", name="Ms Siân Prydderch", lines=("Director", OPEN))
COPY = Copy(role="department", name="Martin Ashgrove", line=f"Martin Ashgrove, {OPEN}")
HEADED = Section(key="x", heading=OPEN, passages=paragraphs("Found."))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"addressees": (ADDRESSEE,)}, "addressees/1"),
        ({"salutation": f"Dear {OPEN}"}, "salutation"),
        ({"subject": f"Inspection in {OPEN}"}, "subject"),
        ({"opening": paragraphs("We inspected.", f"We thank {OPEN}.")}, "opening/2"),
        ({"sections": (HEADED,)}, "x"),
        ({"closing": paragraphs(f"We thank {OPEN}.")}, "closing/1"),
        ({"signatories": (Signatory(name="Tobias Reyne", title=OPEN),)}, "signatories/1"),
        ({"copies": (COPY,)}, "copies/1"),
    ],
)
def test_every_printed_text_is_looked_at(changes, place):
    found = [problem for problem in problems_of(a_letter(**changes)) if problem[0] == "placeholder"]
    assert found == [("placeholder", place, "blocks")]
