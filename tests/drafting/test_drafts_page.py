"""docs/drafts.md says how a draft is written: its example is one, its table is complete."""

from __future__ import annotations

import re
from pathlib import Path

from desk.command_line import app
from letters.kind import Kind
from tasks.drafting.markdown.reader import read_markdown
from tests.letters.readings import KINDS, composed

PAGE = (Path(__file__).parents[2] / "docs" / "drafts.md").read_text("utf-8")


def test_the_example_is_read_and_only_its_gaps_are_told():
    (example,) = re.findall(r"```markdown\n(.*?)```", PAGE, re.DOTALL)

    reading = read_markdown(example, source="example.md", kinds=tuple(KINDS.values()))
    problems = composed(reading).problems

    assert [s.heading for s in reading.sections] == [
        "Headline findings",
        "What needs to improve",
    ]
    # Its opening only says what belongs there.
    assert {p.code for p in problems if p.is_blocking} == {
        "inspection-dates-missing",
    }


def test_each_key_of_a_kind_is_explained():
    told = set(re.findall(r"^\|([^|]+)\|", PAGE, re.MULTILINE))
    named = {name.strip("[]") for cell in told for name in re.findall(r"`([^`]+)`", cell)}
    assert named == set(Kind.model_fields) - {"id"}


def test_each_verb_that_it_names_is_one():
    verbs = {command.callback.__name__ for command in app.registered_commands if command.callback}
    assert set(re.findall(r"^    letters ([a-z]+)", PAGE, re.MULTILINE)) <= verbs
