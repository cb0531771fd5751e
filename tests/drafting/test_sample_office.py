"""The sample office: a register and one draft that goes through without a word of complaint."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from letters.compose import compose
from letters.facts import find_facts
from letters.letter import Letter, Letterhead
from letters.recipient import Recipient
from tasks.drafting.kind_files import load_kinds
from tasks.drafting.markdown.reader import read_markdown
from tasks.drafting.register_files import load_register
from tasks.templating import render_string

OFFICE = Path(str(files("config") / "sample_office"))


def the_sample() -> tuple[Letter, tuple[Recipient, ...]]:
    (draft,) = OFFICE.glob("*.md")
    composition = compose(
        read_markdown(draft.read_text(encoding="utf-8"), source=draft.name),
        register=load_register(OFFICE),
        kinds=load_kinds(files("config") / "kinds"),
        letterhead=Letterhead(organisation="Inspectorate of Children’s Services"),
        render_standard=render_string,
        find_facts=find_facts,
    )
    assert composition.problems == ()
    assert composition.doubts_cleared == ()
    assert composition.letter is not None
    return composition.letter, composition.recipients


def test_the_sample_draft_has_no_problem_and_needs_no_standard_words():
    letter, _ = the_sample()
    assert (letter.reference, letter.sample, letter.composed) == (
        "CRA-WESTMERE-2011-03-08",
        True,
        (),
    )


def test_the_sample_letter_goes_to_the_director_and_four_copies():
    _, recipients = the_sample()
    assert [recipient.id for recipient in recipients] == [
        *("director", "chief-executive", "safeguarding-board-chair", "lead-member", "department"),
    ]
    assert {recipient.email.rpartition(".")[2] for recipient in recipients} == {"example"}


def test_the_sample_letter_is_as_long_as_such_letters_are():
    letter, _ = the_sample()
    assert [(section.key, 5 <= len(section.passages) <= 9) for section in letter.sections] == [
        ("strengths", True),
        ("satisfactory-practice", True),
        ("areas-for-development", True),
    ]
    assert 1_000 <= sum(len(text.split()) for _, text in letter.passages()) <= 1_250


def test_what_inspectors_counted_is_found():
    letter, _ = the_sample()
    assert [
        (fact.value["number"], fact.value["of"]) for fact in letter.facts if fact.kind == "count"
    ] == [("54", "children’s files"), ("2", "private fostering files"), ("12", "supervision files")]
