"""What changed between two letters is told word by word, and no word gets lost in the telling."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

import letters.difference
from letters.difference import changed_parts, changed_recipients
from letters.letter import Letter
from letters.recipient import FrozenRecipient
from tests.builders import DIRECTOR, a_letter, a_paragraph, a_section, an_item

SHOWN = {"kept": "{}", "removed": "[-{}-]", "added": "[+{}+]"}


def told(before: Letter, after: Letter) -> dict[str, list[str]]:
    """The changed parts, each passage as one line."""
    return {
        part.title: [
            " ".join(SHOWN[run.fate].format(run.words) for run in passage.runs)
            for passage in part.passages
        ]
        for part in changed_parts(before, after)
    }


def with_opening(*texts: str) -> Letter:
    return a_letter(opening=tuple(a_paragraph(text) for text in texts))


STRENGTHS = a_section("Strengths", an_item("Children are seen."))
DEVELOPMENT = a_section("Areas for development", an_item("Records are thin."))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(a_letter(), a_letter(), {}, id="the same letter has not changed"),
        pytest.param(
            with_opening("We read nine files."),
            with_opening("We read ten files."),
            {"Opening": ["We read [-nine-] [+ten+] files."]},
            id="a word is replaced",
        ),
        pytest.param(
            with_opening("We read  nine files."),
            with_opening("We read nine files."),
            {},
            id="a space more is no other word",
        ),
        pytest.param(
            with_opening("One stays.", "We read nine files."),
            with_opening("One stays.", "A new one comes.", "We read ten files."),
            {"Opening": ["One stays.", "[+A new one comes.+]", "We read [-nine-] [+ten+] files."]},
            id="a paragraph comes before one that is reworded",
        ),
        pytest.param(
            with_opening("Wholly other words stood here.", "Last."),
            with_opening("Nothing of that remains now.", "Last."),
            {
                "Opening": [
                    "[-Wholly other words stood here.-] [+Nothing of that remains now.+]",
                    "Last.",
                ]
            },
            id="a paragraph gives way to another",
        ),
        pytest.param(
            with_opening("Staff are kind to children."),
            with_opening("The office keeps records that are thin.", "Nobody asked."),
            {
                "Opening": [
                    "[-Staff are kind to children.-]",
                    "[+The office keeps records that are thin.+]",
                    "[+Nobody asked.+]",
                ]
            },
            id="a word in common makes no two paragraphs one",
        ),
        pytest.param(
            a_letter(sections=(STRENGTHS, DEVELOPMENT)),
            a_letter(sections=(DEVELOPMENT,)),
            {"Strengths": ["[-Strengths-]", "[-Children are seen.-]"]},
            id="a section is left out",
        ),
        pytest.param(
            a_letter(sections=(DEVELOPMENT,)),
            a_letter(sections=(STRENGTHS, DEVELOPMENT)),
            {"Strengths": ["[+Strengths+]", "[+Children are seen.+]"]},
            id="a section comes in",
        ),
        pytest.param(
            a_letter(sections=(STRENGTHS,)),
            a_letter(sections=(STRENGTHS.model_copy(update={"heading": "What is strong"}),)),
            {"What is strong": ["[-Strengths-] [+What is strong+]", "Children are seen."]},
            id="a section gets another heading",
        ),
        pytest.param(
            a_letter(date=date(2011, 3, 14)),
            a_letter(date=date(2011, 3, 15)),
            {"Date": ["[-14-] [+15+] March 2011"]},
            id="the date is another",
        ),
        pytest.param(
            a_letter(),
            a_letter(addressees=(DIRECTOR.model_copy(update={"lines": DIRECTOR.lines[:1]}),)),
            {
                "Addressed to": [
                    DIRECTOR.name,
                    DIRECTOR.lines[0],
                    *(f"[-{line}-]" for line in DIRECTOR.lines[1:]),
                ]
            },
            id="lines of the address are left out",
        ),
        pytest.param(
            a_letter(salutation="Dear Ms Thornbury", valediction="Yours sincerely"),
            a_letter(salutation="Dear Madam", valediction="Yours faithfully"),
            {
                "Salutation": ["Dear [-Ms Thornbury-] [+Madam+]"],
                "Valediction": ["Yours [-sincerely-] [+faithfully+]"],
            },
            id="greeting and ending change together",
        ),
        pytest.param(
            a_letter(sections=(STRENGTHS, DEVELOPMENT)),
            a_letter(sections=(DEVELOPMENT, STRENGTHS)),
            {
                "Order of the sections": [
                    *("Letterhead", "Date", "Addressed to", "Salutation", "Subject", "Opening"),
                    *("[+Areas for development+]", "Strengths", "[-Areas for development-]"),
                    *("Closing", "Valediction", "Signed by", "Copy list"),
                ]
            },
            id="sections change places",
        ),
    ],
)
def test_each_change_is_told_where_it_stands(
    before: Letter, after: Letter, expected: dict[str, list[str]]
) -> None:
    assert told(before, after) == expected


passages = st.lists(
    st.lists(st.sampled_from(["we", "read", "nine", "files", "of", "children"]), min_size=1).map(
        lambda words: a_paragraph(" ".join(words))
    ),
    max_size=6,
).map(tuple)


@pytest.mark.parametrize("most", [0, 10_000], ids=["too long to compare", "compared"])
@given(old=passages, new=passages)
def test_no_word_is_lost_and_none_invented(
    most: int, old: tuple[object, ...], new: tuple[object, ...]
) -> None:
    before, after = a_letter(opening=old), a_letter(opening=new)
    limits = letters.difference.MOST_PASSAGE_PAIRS, letters.difference.MOST_WORD_PAIRS
    letters.difference.MOST_PASSAGE_PAIRS = letters.difference.MOST_WORD_PAIRS = most
    try:
        parts = changed_parts(before, after)
    finally:
        letters.difference.MOST_PASSAGE_PAIRS, letters.difference.MOST_WORD_PAIRS = limits

    if [p.text for p in before.opening] == [p.text for p in after.opening]:
        assert parts == ()
        return
    runs = [run for part in parts for passage in part.passages for run in passage.runs]
    for letter, fates in ((before, {"kept", "removed"}), (after, {"kept", "added"})):
        assert " ".join(run.words for run in runs if run.fate in fates) == " ".join(
            passage.text for passage in letter.opening
        )


def a_recipient(name: str, email: str, role: str = "director") -> FrozenRecipient:
    return FrozenRecipient(id=role, role=role, name=name, email=email, salt="salt")


ADA = a_recipient("Ada Thornbury", "ada@westmere.example")
IDRIS = a_recipient("Idris Vale", "idris@westmere.example", role="chief-executive")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param((ADA, IDRIS), (IDRIS, ADA), (), id="another order is no change"),
        pytest.param((ADA, IDRIS), (ADA,), (("removed", IDRIS),), id="someone no longer gets it"),
        pytest.param((ADA,), (ADA, IDRIS), (("added", IDRIS),), id="someone gets it now"),
        pytest.param(
            (ADA,),
            (a_recipient("Ada Thornbury", "a.thornbury@westmere.example"),),
            (("readdressed", a_recipient("Ada Thornbury", "a.thornbury@westmere.example")),),
            id="the address is another",
        ),
        pytest.param(
            (ADA,),
            (a_recipient("Ada Thornbury", "Ada@Westmere.example"),),
            (),
            id="capitals make no other address",
        ),
    ],
)
def test_changed_recipients_are_told(
    before: tuple[FrozenRecipient, ...],
    after: tuple[FrozenRecipient, ...],
    expected: tuple[tuple[str, FrozenRecipient], ...],
) -> None:
    assert changed_recipients(before, after) == expected
