"""The truth about the real letters holds of the letters, and a wrong truth is told.

The letters lie outside the repository; where they are missing, `conftest`
keeps this file from being collected.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from truth_of import (
    LETTERS,
    TRUTH,
    Expected,
    ExpectedFootnote,
    ExpectedSection,
    TruthWrong,
    expected_of,
    register_of,
)

from letters.letter import Addressee, Passage, Signatory
from letters.reading import CopyLine

ALL = sorted(path.stem for path in LETTERS.glob("*.txt"))

LETTER = """\
Inspectorate  1 Long Row

4 April 2011
Ms Ada Thornbury, Director
Weir House,
Westmere
Dear Ms Thornbury
Visit to
Westmere
We came on 1 April 2011, as
                         2
planned.1
   What is good
 ◼ It is well-
   founded.
 - It is kind.
1
  Under the Act.
We shall co-
me again.
Yours sincerely
Rowan Pike   Idris Vale
Inspector    Auditor
Copy: Bo Lane, Clerk
"""

TRUE = """\
kind = "visit"
authority = "westmere"
authority_name = "9"
date = 2011-04-04
date_line = "3"
letterhead = ["1"]
furniture = ["11"]
addressees = [{ role = "director", name = "4@0-16", lines = ["4@18-26", "5-6"] }]
salutation = "7"
subject = "8-9"
opening = ["p 10,12"]
closing = ["p 19-20"]
valediction = "21"
signatories = [
    { name = "22@0-10", title = "23@0-9" },
    { name = "22@13-23", title = "23@13-20", organisation = "24@15-20" },
]
copies_label = "24@0-5"
copies = [{ role = "clerk", name = "24@6-13", line = "24@6-13" }]
hyphens = { "14" = "keep", "19" = "drop" }
footnotes = [{ lines = "17-18", section = 0 }]

[[sections]]
heading = "13"
level = 2
key = "strengths"
passages = ["i 14-15", "i 16"]
"""


def expect(folder: Path, *changes: tuple[str, str], letter: str = LETTER) -> Expected:
    """Load the truth about a small letter, with some of its words changed."""
    true = TRUE
    for old, new in changes:
        assert old in true
        true = true.replace(old, new)
    digest = sha256(LETTER.encode()).hexdigest()
    (folder / "small.txt").write_text(letter, encoding="utf-8")
    (folder / "small.toml").write_text(f'sha256 = "{digest}"\n{true}', encoding="utf-8")
    return expected_of("small", truths=folder, letters=folder)


def test_each_part_is_the_words_at_its_place(tmp_path: Path) -> None:
    note = "1 Under the Act."

    expected = expect(tmp_path)

    assert expected == Expected(
        letter="small",
        kind="visit",
        authority="westmere",
        day=expected.day,
        date="4 April 2011",
        addressees=(
            Addressee(
                role="director", name="Ms Ada Thornbury", lines=("Director", "Weir House, Westmere")
            ),
        ),
        salutation="Dear Ms Thornbury",
        subject="Visit to Westmere",
        opening=(
            Passage(style="paragraph", text="We came on 1 April 2011, as planned.1"),
            Passage(style="paragraph", text=note),
        ),
        sections=(
            ExpectedSection(
                key="strengths",
                heading="What is good",
                level=2,
                passages=(
                    Passage(style="item", text="It is well-founded."),
                    Passage(style="item", text="It is kind."),
                ),
            ),
        ),
        closing=(Passage(style="paragraph", text="We shall come again."),),
        valediction="Yours sincerely",
        signatories=(
            Signatory(name="Rowan Pike", title="Inspector"),
            Signatory(name="Idris Vale", title="Auditor"),
        ),
        organisations=("", "Clerk"),
        copies=(CopyLine(role="clerk", name="Bo Lane", line="Bo Lane"),),
        footnotes=(ExpectedFootnote(section=0, text=note),),
        leftovers=("Inspectorate 1 Long Row", "2"),
    )
    assert str(expected.day) == "2011-04-04"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            ('furniture = ["11"]', "furniture = []"),
            "small:11: has no place: '2'.",
            id="a line that is nowhere",
        ),
        pytest.param(
            ('"4@18-26", ', ""),
            "small:4: has no place: 'Director'.",
            id="half a line that is nowhere",
        ),
        pytest.param(
            ('"i 16"', '"i 16", "i 16"'), "small:16: stands in two places.", id="a line used twice"
        ),
        pytest.param(
            ("4@18-26", "4@15-26"), "small:4: stands in two places.", id="characters used twice"
        ),
        pytest.param(
            ('"14" = "keep", ', ""),
            "small:14: say whether the hyphen is kept or dropped.",
            id="a hyphen that isn't spoken of",
        ),
        pytest.param(
            ('"14" = "keep"', '"14" = "keep", "15" = "drop"'),
            "small: hyphens join nothing in lines [15].",
            id="a hyphen that isn't there",
        ),
        pytest.param(('"7"', '"seven"'), "small: 'seven' is no range.", id="a range of letters"),
        pytest.param(('"7"', '"99"'), "small: there is no line 99.", id="a line past the end"),
        pytest.param(
            ("4@18-26", "4@18-27"), "small:4: has no character 27.", id="a character past the end"
        ),
        pytest.param(('"7"', '"2"'), "small: nothing stands at '2'.", id="a blank line"),
        pytest.param(
            ('"i 16"', '"16"'), "small: '16' says neither p nor i.", id="a passage of no style"
        ),
        pytest.param(
            ('"i 14-15", "i 16"', '"i 16", "i 14-15"'),
            "small:14: stands before line 16.",
            id="passages in another order than the letter's",
        ),
        pytest.param(
            ("2011-04-04", "2011-04-05"),
            "small: 2011-04-05 isn't '4 April 2011'.",
            id="a date that isn't the letter's",
        ),
    ],
)
def test_a_wrong_truth_is_told(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(TruthWrong) as wrong:
        expect(tmp_path, change)

    assert str(wrong.value) == message


def test_a_letter_that_was_changed_is_told(tmp_path: Path) -> None:
    with pytest.raises(TruthWrong) as wrong:
        expect(tmp_path, letter=LETTER.replace("kind", "fair"))

    assert str(wrong.value) == "small: the letter isn't the one that the truth was made of."


def test_a_letter_may_be_without_a_date(tmp_path: Path) -> None:
    undated = ('date = 2011-04-04\ndate_line = "3"\nletterhead = ["1"]', 'letterhead = ["1", "3"]')

    expected = expect(tmp_path, undated)

    assert (expected.day, expected.date) == (None, "")


def test_a_footnote_can_belong_to_the_closing(tmp_path: Path) -> None:
    expected = expect(tmp_path, ("section = 0", "section = 2"))

    assert [passage.text for passage in expected.closing] == [
        "We shall come again.",
        "1 Under the Act.",
    ]


def test_every_letter_has_its_truth() -> None:
    assert sorted(path.stem for path in TRUTH.glob("*.toml")) == ALL


@pytest.mark.parametrize("letter", ALL)
def test_every_word_of_a_letter_has_one_place(letter: str) -> None:
    assert expected_of(letter).letter == letter


def test_the_register_knows_all_who_stand_in_the_letters() -> None:
    register = register_of()

    for expected in map(expected_of, ALL):
        assert register.authority(expected.authority) is not None
        for role, name in (
            *((one.role, one.name) for one in expected.addressees),
            *((one.role, one.name) for one in expected.copies),
        ):
            contact = register.contact(expected.authority, role, name)
            assert contact is not None
            assert contact.email is not None
            assert contact.email.endswith("@example.org")
        for signatory in expected.signatories:
            assert register.inspector_named(signatory.name) is not None


def test_the_register_names_each_authority_once_and_in_full() -> None:
    register = register_of()

    names = {authority.code: authority.name for authority in register.authorities}
    assert len(names) == len(register.authorities) == 35
    assert names["bcp"] == "Bournemouth, Christchurch and Poole Council"
    assert names["hackney"] == "London Borough of Hackney"  # two letters name it differently
    assert names["darlington"] == "Darlington Borough Council"  # as no letter does
    short_names = {authority.short_name for authority in register.authorities}
    assert {"BCP", "Isle of Wight", "Kingston upon Thames"} <= short_names
