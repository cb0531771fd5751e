"""The rules on the words: valediction, placeholders, markup, brackets."""

from __future__ import annotations

import pytest

from letters.checks.wording import (
    body_texts,
    bracketed_text,
    placeholders,
    template_markup,
    valediction,
)
from letters.letter import Addressee, Copy, Letterhead, Section, Signatory
from tests.letters.checking import cases, found_in, words_found
from tests.letters.readings import a_letter, paragraphs


@pytest.mark.parametrize(
    ("written", "is_right"),
    [
        ("Yours sincerely", True),
        ("Yours sincerely,", True),
        ("Your sincerely", False),
        ("Yours faithfully", False),
        ("Yours Sincerely", False),
        ("Yours", False),
    ],
)
def test_valediction(written, is_right):
    expected = [] if is_right else [("valediction", written)]
    assert found_in(valediction, a_letter(valediction=written)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "a choice of one or several was left": ("The area(s) named below.", ["area(s)"]),
            "children were left to be counted": ("We saw the child(ren).", ["child(ren)"]),
            "a name was left open": ("We thank [name] for the help.", ["[name]"]),
            "a name of something was left open": (
                "In [Name of authority].",
                ["[Name of authority]"],
            ),
            "an instruction in brackets is left": (
                "We thank [Insert the Director's name] for it.",
                ["[Insert the Director's name]"],
            ),
            "an instruction in round brackets is left": (
                "It is (delete as appropriate) so.",
                ["(delete as appropriate)"],
            ),
            "crosses stand for numbers": ("XX files and xxx records.", ["XX", "xxx"]),
            "crosses stand for a date": ("On xx/xx/xxxx we met.", ["xx/xx/xxxx"]),
            "crosses stand for a year": ("In 20XX we met.", ["20XX"]),
            "something is to be confirmed": ("The rating is TBC.", ["TBC"]),
            "it is to be confirmed in lower case": ("The rating is tbc.", ["tbc"]),
            "a mail merge's field is left": ("We thank «Name» for it.", ["«Name»"]),
            "a line to write on is left": ("It was done by ____ in May.", ["____"]),
            "question marks stand for words": ("Really ??", ["??"]),
            "a form's date with its month in words": ("On DD Month YYYY.", ["DD Month YYYY"]),
            "two things to choose from": ("In [month/year].", ["[month/year]"]),
            "what a form calls a field": (
                "The [first name surname] or [LA name].",
                ["[first name surname]", "[LA name]"],
            ),
            "a line of an address": ("[Address line 1]", ["[Address line 1]"]),
            "a field in round brackets": ("We saw (number) files.", ["(number)"]),
            "a field in angle brackets": ("See <insert name>.", ["<insert name>"]),
            "a drafting note": ("[DN: check figure]", ["[DN: check figure]"]),
            "something is to be added": (
                "[to be added] (rate to be confirmed)",
                ["[to be added]", "(rate to be confirmed)"],
            ),
            "a letter for a number": ("There are [N] vacancies.", ["[N]"]),
            "points stand for words": ("…… of children, ..... of plans.", ["……", "....."]),
            "a field in capitals": ("In NAME OF AUTHORITY we met.", ["NAME OF AUTHORITY"]),
            "not known": ("It has N/K families.", ["N/K"]),
            "an insertion in a quotation is none": ("‘[The director] listens.’", []),
            "a form's date is left": ("On dd/mm/yyyy we met.", ["dd/mm/yyyy"]),
            "a form's prompt is left": (
                "Click or tap here to enter text now.",
                ["Click or tap here to enter text"],
            ),
            "a form's choice is left": ("Choose an item.", ["Choose an item"]),
            "a broken reference of Word is left": (
                "See Error! Reference source not found.",
                ["Error! Reference source not found"],
            ),
            "a title was left to be chosen": ("Tell Mr/Mrs Ash.", ["Mr/Mrs"]),
            "a verb was left to be chosen": ("The plans is/are late.", ["is/are"]),
            "a question is none": ("Will it last?", []),
            "brackets around words are none": ("The inspectors (two) met (once).", []),
            "names with crosses are none": ("Mr Maxx read 20 files in 2010.", []),
            "a possessive is no choice of verbs": ("His and/or her file.", []),
        }
    ),
)
def test_placeholders(text, expected):
    assert words_found(placeholders, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "a template's value": ("{{ 7*7 }}", ["{{ 7*7 }}"]),
            "a template's statement, told once a passage": ("{% raw %} {{ name }}", ["{% raw %}"]),
            "a name in braces": ("Dear {name}, hello.", ["{name}"]),
            "a tag": ("<script>alert(1)</script>", ["<script>"]),
            "signs of per cent": ("Leaders in %AUTHORITY% met.", ["%AUTHORITY%"]),
            "per cent": ("From 43% to 82% and 10%.", []),
            "a field of Word": ("{ MERGEFIELD Name } has", ["{ MERGEFIELD Name }"]),
            "a lonely brace": ("It is } so.", ["}"]),
            "underscores": ("This is __very__ good.", ["__"]),
            "a heading's sign": ("## Next steps", ["## "]),
            "a line break as programs write it": (r"It is.\nSo.", [r"\n"]),
            "a number's sign": ("Case #3 and C# files.", []),
            "signs of emphasis": ("This is **very** good.", ["**"]),
            "an entity": ("Kent &amp; Sussex.", ["&amp;"]),
            "signs of comparison are none": ("Fewer than 5 (<5) files, and 3 < 4 > 2.", []),
            "an ampersand is none": ("Fire & Rescue Services", []),
        }
    ),
)
def test_template_markup(text, expected):
    assert words_found(template_markup, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    cases(
        {
            "a link": ("See [x](https://a.example) for more.", ["[x]"]),
            "an insertion": ("“[The social worker] listens.”", ["[The social worker]"]),
            "a placeholder is told as that alone": ("We thank [name] for it.", []),
            "round brackets are right": ("We met (once).", []),
        }
    ),
)
def test_bracketed_text(text, expected):
    assert words_found(bracketed_text, text) == expected


OPEN = "[name]"
ADDRESSEE = Addressee(role="director", name="Ms Siân Prydderch", lines=("Director", OPEN))
COPY = Copy(role="department", name="Martin Ashgrove", line=f"Martin Ashgrove, {OPEN}")
HEADED = Section(key="x", heading=OPEN, passages=paragraphs("Found."))


def test_what_the_office_wrote_is_not_looked_at():
    letterhead = Letterhead(organisation="Ofsted", lines=("Room XX",))

    assert found_in(placeholders, a_letter(letterhead=letterhead, valediction="XX")) == []


def test_the_body_is_subject_headings_and_passages():
    letter = a_letter()

    places = [place for place, _ in body_texts(letter)]

    assert places == [
        "subject",
        *(section.key for section in letter.sections),
        *(place for place, _ in letter.passages()),
    ]


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    cases(
        {
            "an addressee's lines": ({"addressees": (ADDRESSEE,)}, "addressees/1", ""),
            "the salutation": ({"salutation": f"Dear {OPEN}"}, "salutation", OPEN),
            "the subject": ({"subject": f"Inspection in {OPEN}"}, "subject", OPEN),
            "the opening": ({"opening": paragraphs("We came.", f"To {OPEN}.")}, "opening/2", OPEN),
            "a heading": ({"sections": (HEADED,)}, "x", OPEN),
            "the closing": ({"closing": paragraphs(f"We thank {OPEN}.")}, "closing/1", OPEN),
            "a signatory's title": (
                {"signatories": (Signatory(name="Tobias Reyne", title=OPEN),)},
                "signatories/1",
                "",
            ),
            "the copy list": ({"copies": (COPY,)}, "copies/1", OPEN),
        }
    ),
)
def test_every_printed_text_is_looked_at(changes, place, words):
    assert found_in(placeholders, a_letter(**changes)) == [(place, words)]
